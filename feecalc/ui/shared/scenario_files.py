"""A page's inputs, saved to a file and loaded again: JSON with the page's name and version, checked when it is read.

::

    with st.popover("Save or load"):
        save_button("forecast", VERSION, {"volume": ..., "growth": "0.02"}, key="forecast_save")
        loaded = load_box("forecast", VERSION, key="forecast_load")
    if loaded is not None: ...      # a dict, of the shape this page wrote; its cells are still a person's text
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from feecalc.errors import InvalidValue
from feecalc.ui.shared.uploads import Upload, upload_box

_MOST_MB = 8
_KIND = "feecalc scenario"


def save_button(page: str, version: int, inputs: Mapping[str, Any], *, key: str) -> None:
    """Draw the button that downloads the inputs. Values: text, numbers, days, Decimals, lists and mappings of them."""
    st.download_button(
        "Save to a file", lambda: written(page, version, inputs), f"feecalc-{page}.json", "application/json",
        key=key, on_click="ignore", icon=":material/save:",
    )  # fmt: skip


def load_box(
    page: str, version: int, *, key: str, label: str = "Load a saved scenario"
) -> dict[str, Any] | None:
    """Return the inputs of a file that ``save_button`` wrote, None until one is dropped in. Raises InvalidValue."""
    given = upload_box(label, ["json"], key, most_mb=_MOST_MB)
    return None if given is None else read(given, page, version)


def written(page: str, version: int, inputs: Mapping[str, Any]) -> bytes:
    """Return the file's bytes. Decimals and days are text in it."""
    document = {"kind": _KIND, "page": page, "version": version, "inputs": dict(inputs)}
    return (json.dumps(document, indent=1, ensure_ascii=False, default=_plain) + "\n").encode()


def read(upload: Upload, page: str, version: int) -> dict[str, Any]:
    """Return the inputs of a file. Raises InvalidValue where it is not one of this page and version."""
    try:
        document = json.loads(upload.content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InvalidValue(f"{upload.name} is not a scenario saved here: it cannot be read as JSON") from error
    if not isinstance(document, dict) or document.get("kind") != _KIND or not isinstance(document.get("inputs"), dict):
        raise InvalidValue(f"{upload.name} is not a scenario saved here; choose a file that this page's button saved")
    if document.get("page") != page:
        raise InvalidValue(f"{upload.name} was saved on another page ({str(document.get('page'))[:40]}); load it there")
    if document.get("version") != version:
        raise InvalidValue(f"{upload.name} was saved by another version of this page and cannot be read by this one")
    inputs: dict[str, Any] = document["inputs"]
    return inputs


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a scenario file holds no {type(value).__name__}")
