"""The page's inputs as a file: what its address holds, and the volumes as they were dropped in."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from feecalc.errors import InvalidValue
from feecalc.ui.pages.bridge.address import ADDRESS
from feecalc.ui.pages.bridge.form import MOST_MB, VOLUME, VOLUME_TO
from feecalc.ui.shared.problems import error_box
from feecalc.ui.shared.scenario_files import load_box, save_button
from feecalc.ui.shared.uploads import Upload, taken

_PAGE, _VERSION = "bridge", 1
_LOADED = "bridge_loaded"
_MOST_SAVED = 5 * 2**20  # bytes of a volume, which a saved file holds half as large again
_PARAMETERS, _NAME, _CONTENT = "asked", "name", "base64"


def load(remarks: list[str]) -> DeltaGenerator:
    """Draw the box for a saved file and take it over once. Draw it before the widgets, whose state it sets."""
    box = st.popover("Save or load", icon=":material/folder_open:")
    with box, error_box():
        found = load_box(_PAGE, _VERSION, key="bridge_load")
        mark = None if found is None else hash(json.dumps(found))
        if found is not None and st.session_state.get(_LOADED) != mark:
            remarks += _take(found)
        st.session_state[_LOADED] = mark
    return box


def save(box: DeltaGenerator) -> None:
    """Draw the button that saves, in the box of ``load``, once the widgets have their state."""
    state = st.session_state
    files = {key: state[key] for key in (VOLUME, VOLUME_TO) if key in state}
    with box:
        if any(file.size > _MOST_SAVED for file in files.values()):
            st.caption("The volume is too large to save with these settings; keep its file.")
            return
        parameters = ADDRESS.write({key: state[key] for key in ADDRESS.keys if key in state})
        save_button(_PAGE, _VERSION, {_PARAMETERS: parameters} | {key: _written(file) for key, file in files.items()},
                    key="bridge_save")  # fmt: skip


def _written(upload: Upload) -> dict[str, str]:
    return {_NAME: upload.name, _CONTENT: base64.b64encode(upload.content).decode()}


def _take(found: Mapping[str, Any]) -> list[str]:
    """Set the widgets and files; returns what of the file was left out. Raises InvalidValue."""
    parameters = found.get(_PARAMETERS)
    if not isinstance(parameters, dict) or VOLUME not in found:
        raise InvalidValue("the saved file lacks the page's settings or the volume; save it again on this page")
    files = {key: _file(found[key]) for key in (VOLUME, VOLUME_TO) if key in found}
    wanted, left_out = ADDRESS.read({str(name): str(text) for name, text in parameters.items()})
    for key in (*ADDRESS.keys, VOLUME, VOLUME_TO):
        st.session_state.pop(key, None)
    st.session_state.update(dict(ADDRESS.defaults) | wanted | files)
    return [remark.replace("The address asks for", "The saved file asks for") for remark in left_out]


def _file(saved: Any) -> Upload:
    if not isinstance(saved, dict) or not all(isinstance(saved.get(name), str) for name in (_NAME, _CONTENT)):
        raise InvalidValue("the volume in the saved file is incomplete; save it again on this page")
    try:
        content = base64.b64decode(saved[_CONTENT], validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidValue("the volume in the saved file cannot be read; save it again on this page") from error
    return taken(saved[_NAME], content, MOST_MB)
