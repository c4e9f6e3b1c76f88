"""The page's inputs saved to a file and loaded again: volume, contracts, fee tables, and by which Medicare."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from feecalc.errors import FeeCalcError, InvalidValue
from feecalc.ui.pages.contracts import address, offers
from feecalc.ui.pages.contracts.priced import Inputs
from feecalc.ui.shared import scenario_files
from feecalc.ui.shared.pickers import BY_DAY, BY_RELEASE
from feecalc.ui.shared.problems import problem
from feecalc.ui.shared.uploads import Upload, taken

_PAGE, _VERSION = "contracts", 1
_LOADED, _SEEN = "contracts_loaded", "contracts_loaded_seen"
_MOST_FEES = 12
_VOLUME = "contracts_volume"


def draw(inputs: Inputs) -> None:
    """Draw the button that saves and the box that loads."""
    saved = {
        "volume": _file(inputs.volume),
        "contracts": [offer.text for offer in offers.kept()],
        "fees": [_file(table) for table in inputs.fees],
        "release": "" if inputs.day else inputs.opened.schedule.release.name,
        "date": inputs.day,
        "place": inputs.place or "",
        "qp": inputs.qp,
    }
    scenario_files.save_button(_PAGE, _VERSION, saved, key="contracts_save")
    try:
        given = scenario_files.load_box(_PAGE, _VERSION, key="contracts_load", label="Load saved contracts")
    except FeeCalcError as error:
        problem(error)
        return
    if given is None:
        st.session_state.pop(_SEEN, None)
        return
    mark = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()
    if st.session_state.get(_SEEN) == mark:
        return
    st.session_state[_SEEN], st.session_state[_LOADED] = mark, given
    st.rerun()


def take_loaded() -> list[str]:
    """Put what was loaded in place before the widgets are drawn. Returns what is wrong with it, in a sentence."""
    given = st.session_state.pop(_LOADED, None)
    if given is None:
        return []
    try:
        _take(given)
    except FeeCalcError as error:
        return [f"Nothing was loaded: {error}"]
    return ["Loaded."]


def _take(given: Mapping[str, Any]) -> None:
    """Take a loaded file. Raises a FeeCalcError where it cannot be taken, and then nothing is changed."""
    texts, listed = given.get("contracts"), given.get("fees", [])
    if not isinstance(texts, list) or not 1 <= len(texts) <= offers.MOST or not isinstance(listed, list):
        raise InvalidValue(f"key contracts: it is not a list of one to {offers.MOST} contracts")
    if len(listed) > _MOST_FEES:
        raise InvalidValue(f"key fees: more than {_MOST_FEES} fee tables")
    volume, tables = _upload(given.get("volume"), "volume"), [_upload(table, "fees") for table in listed]
    checked = [taken("contract.toml", str(text).encode(errors="replace"), offers.MOST_MB) for text in texts]
    day, place = given.get("date"), given.get("place")
    try:
        on = date.fromisoformat(day) if isinstance(day, str) and day else None
    except ValueError:
        raise InvalidValue(f"key date: {str(day)[:20]!r} is not a day, written YYYY-MM-DD") from None
    for table in tables:
        offers.keep_fees(table)
    for contract in checked:
        offers.read(contract.content.decode())
    offers.put([contract.content.decode() for contract in checked])
    state = st.session_state
    state[_VOLUME] = volume
    state[address.PLACE] = place[:60] if isinstance(place, str) else ""
    state[address.QP] = given.get("qp") is True
    state[address.WHEN.by] = BY_DAY if on else BY_RELEASE
    state[address.WHEN.day if on else address.WHEN.release] = on or str(given.get("release"))
    for key in (address.TODAY, address.CHOSEN, address.LOOKED):
        state.pop(key, None)


def _file(upload: Upload) -> dict[str, str]:
    return {"name": upload.name, "content": base64.b64encode(upload.content).decode()}


def _upload(saved: object, key: str) -> Upload:
    if not isinstance(saved, dict) or not isinstance(saved.get("content"), str):
        raise InvalidValue(f"key {key}: there is no file in it")
    try:
        content = base64.b64decode(saved["content"], validate=True)
    except (binascii.Error, ValueError):
        raise InvalidValue(f"key {key}: its content is not base64") from None
    return taken(str(saved.get("name")), content)
