"""A draft saved to a file and loaded again, with the volumes and contracts it names."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from feecalc.errors import InvalidValue
from feecalc.scenarios.scenario.reading import scenario_of
from feecalc.ui.pages.forecast.draft.state import OFF, Draft, Tables, scenario_tables
from feecalc.ui.pages.forecast.form.sheet import PagePlaces
from feecalc.ui.shared.uploads import Upload, taken

PAGE, VERSION = "forecast", 1
SETTINGS = ("years", "draws", "seed", "release")
_TEXT, _BINARY = "text", "base64"
_MOST_FILES = 50


def inputs(
    tables: Tables, volumes: Mapping[str, Upload], contracts: Mapping[str, Upload], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a file of the page holds."""
    return {
        "scenario": tables,
        "volumes": {name: _written(upload) for name, upload in volumes.items()},
        "contracts": {name: _written(upload) for name, upload in contracts.items()},
        **{name: settings.get(name) for name in SETTINGS},
    }


def draft_of(content: Mapping[str, Any]) -> Draft:
    """Return the draft of a file. Raises InvalidValue where its scenario cannot be read."""
    tables = content.get("scenario")
    if not isinstance(tables, dict):
        raise InvalidValue("the file holds no scenario; choose one that this page's button saved")
    try:
        _check(tables)
    except (RecursionError, TypeError, AttributeError) as error:
        raise InvalidValue("the file's scenario is not of the shape this page saves") from error
    volumes, contracts = ({name: _read(name, file) for name, file in _files(content, key)} for key in
                          ("volumes", "contracts"))  # fmt: skip
    return Draft("a saved scenario", tables, volumes, contracts)


def settings_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return years, draws, seed and release, those that are of their kind."""
    kinds = {name: str if name == "release" else int for name in SETTINGS}
    return {name: content[name] for name, kind in kinds.items() if type(content.get(name)) is kind}


def _check(tables: Tables) -> None:
    """Check the scenario as it is, and each row that is off by itself. Raises InvalidValue."""
    kept = scenario_tables(tables)
    scenario_of(kept, PagePlaces(kept))
    for what in ("event", "alternative"):
        for row in tables.get(what, ()):
            if row.get(OFF):
                alone = {key: value for key, value in row.items() if key != OFF}
                alone_tables = tables | {"event": [], "alternative": []} | {what: [alone | {"without": []}]}
                if what == "event":
                    alone_tables[what] = [alone]
                scenario_of(alone_tables, PagePlaces(alone_tables))


def _files(content: Mapping[str, Any], key: str) -> list[tuple[str, Any]]:
    given = content.get(key, {})
    if not isinstance(given, dict) or len(given) > _MOST_FILES:
        raise InvalidValue(f"the file's {key} are not of the shape this page saves")
    return list(given.items())


def _written(upload: Upload) -> dict[str, str]:
    try:
        text = upload.content.decode()
    except UnicodeDecodeError:
        return {_BINARY: base64.b64encode(upload.content).decode()}
    return {_TEXT: text}


def _read(name: str, content: Any) -> Upload:
    wrong = InvalidValue(f"the file {name[:80]!r} within the saved scenario cannot be read")
    if not isinstance(content, dict):
        raise wrong
    if isinstance(content.get(_TEXT), str):
        upload = taken(name, content[_TEXT].encode("utf-8", "replace"))
    elif isinstance(content.get(_BINARY), str):
        try:
            upload = taken(name, base64.b64decode(content[_BINARY], validate=True))
        except binascii.Error as error:
            raise wrong from error
    else:
        raise wrong
    if upload.name != name:
        raise wrong
    return upload
