"""Policies from TOML: those that come with feecalc, and a person's own file or folder."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from feecalc.edits.policies.models import SECTIONS, checked, one_of
from feecalc.edits.policies.policy import DiagnosisList, Policy
from feecalc.errors import DuplicateKey, InvalidValue, UnreadableFile
from feecalc.reference import Row

_MOST_BYTES = 2**22
_SHARED = "common.toml"
_KEYED = {"region": "key", "kind": "key", "diagnosis_list": "key", "documentation": "key"}
_ONE_A_DAY = ("coverage", "included", "per_day", "code")
_COVERAGE_RULES = ("not_covered", "appeal_only")


@cache
def shipped_policies() -> tuple[Policy, ...]:
    """Return the policies that come with feecalc, by the name of their file."""
    folder = files("feecalc.reference").joinpath("coverage")
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".toml")), key=lambda path: path.name)
    return tuple(
        policy_of(tomllib.loads(path.read_text(encoding="utf-8")), path.name) for path in paths if path.name != _SHARED
    )


def read_policies(path: Path) -> tuple[Policy, ...]:
    """Return the policies of a TOML file, or of every TOML file of a folder.

    Raises InvalidValue (naming file, table and key), UnreadableFile, DuplicateKey.
    """
    if not path.exists():
        raise InvalidValue(f"{path}: no such file or folder; give a policy as TOML, or a folder of them")
    found = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not found:
        raise InvalidValue(f"{path}: no policy here; a folder of policies holds files NAME.toml")
    policies = tuple(policy_of(read_toml(each), each.name) for each in found)
    keys = [policy.key for policy in policies]
    for key in keys:
        if keys.count(key) > 1:
            raise DuplicateKey(f"{path}: {keys.count(key)} policies have the key {key!r}; give each its own")
    return policies


def with_policies(own: tuple[Policy, ...], shipped: tuple[Policy, ...] | None = None) -> tuple[Policy, ...]:
    """Return a person's policies beside the shipped ones; one with a shipped key takes its place."""
    keys = {policy.key for policy in own}
    given = shipped_policies() if shipped is None else shipped
    return (*own, *(policy for policy in given if policy.key not in keys))


def read_toml(path: Path) -> dict[str, Any]:
    """Return a TOML file's tables. Raises InvalidValue, UnreadableFile."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidValue(f"{path}: cannot be read ({error.strerror}); give a policy file") from error
    if len(content) > _MOST_BYTES:
        raise UnreadableFile(f"{path}: more than {_MOST_BYTES:,} bytes, which no policy has")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnreadableFile(f"{path}: not TOML in UTF-8 ({error})") from error


def policy_of(tables: Mapping[str, Any], where: str) -> Policy:
    """Make a policy of the tables of its file. Raises InvalidValue and DuplicateKey, naming the table and the key."""
    for name in tables:
        if name not in SECTIONS or name == "side":
            one_of(where, name, name, set(SECTIONS) - {"side"})
    if "policy" not in tables:
        raise InvalidValue(f"{where}: the table [policy] is missing; give it key, name, effective_from and source")
    head = checked(f"{where}, [policy]", "policy", tables["policy"])
    for key in ("effective_from", "source"):
        if key not in head:
            raise InvalidValue(f"{where}, [policy]: the key {key!r} is missing")
    sections = {
        name: _rows(where, name, rows, head) for name, rows in tables.items() if name not in ("policy", "rule")
    }
    policy = Policy(head, sections, (), _rules(where, tables.get("rule", []), head))
    _check_words(where, policy)
    lists = tuple(
        DiagnosisList(head_of, tuple(row for row in policy.rows("diagnosis") if row["list"] == head_of["key"]))
        for head_of in policy.rows("diagnosis_list")
    )
    return Policy(head, sections, lists, policy.rules)


def _rows(where: str, section: str, rows: Any, head: Row) -> tuple[Row, ...]:
    if not isinstance(rows, list):
        raise InvalidValue(f"{where}, {section}: write [[{section}]], with two brackets, before each row")
    dated = {"effective_from": head["effective_from"], "source": head["source"]}
    if "effective_to" in head:
        dated["effective_to"] = head["effective_to"]
    found = tuple(dated | checked(_at(where, section, place), section, row) for place, row in enumerate(rows, 1))
    key = _KEYED.get(section)
    for place, row in enumerate(found, 1):
        again = [other for other in found[: place - 1] if _same_time(row, other)]
        if key and any(other[key] == row[key] for other in again):
            raise DuplicateKey(f"{_at(where, section, place)}, key {key!r}: {row[key]!r} stands twice for one day")
        twice = {code for other in again for code in other.get("codes", ())} & set(row.get("codes", ()))
        if section in _ONE_A_DAY and twice:
            raise DuplicateKey(f"{_at(where, section, place)}, key 'codes': {min(twice)} stands twice for one day")
    return found


def _same_time(row: Row, other: Row) -> bool:
    """Return whether two rows can speak of one line: their days and contractors overlap."""
    apart = (
        row["effective_from"] > other.get("effective_to", date.max)
        or other["effective_from"] > row.get("effective_to", date.max)
        or ("macs" in row and "macs" in other and not set(row["macs"]) & set(other["macs"]))
        or ("macs" in row and "not_macs" in other and set(row["macs"]) <= set(other["not_macs"]))
        or ("not_macs" in row and "macs" in other and set(other["macs"]) <= set(row["not_macs"]))
    )
    return not apart


def _rules(where: str, rows: Any, head: Row) -> tuple[Row, ...]:
    """Return the shared wordings, each replaced where the policy words the rule of that name."""
    shared = shared_rows("rule")
    own = _rows(where, "rule", rows, head)
    for place, row in enumerate(own, 1):
        one_of(_at(where, "rule", place), "rule", row["rule"], {each["rule"] for each in shared})
    worded = {row["rule"] for row in own}
    return (*own, *(row for row in shared if row["rule"] not in worded))


@cache
def shared_rows(section: str) -> tuple[Row, ...]:
    """Return the rows that all policies share: the wordings of ``rule``, the ``side`` of modifiers."""
    text = files("feecalc.reference").joinpath("coverage", _SHARED).read_text(encoding="utf-8")
    return tuple(
        checked(_at(_SHARED, section, place), section, row) for place, row in enumerate(tomllib.loads(text)[section], 1)
    )


def _check_words(where: str, policy: Policy) -> None:
    """Check that the file has every region, kind, purpose, list and rule that a row names."""
    regions = set(policy.region_names())
    kinds = {row["key"] for row in policy.rows("kind")}
    purposes = purposes_of(policy)
    lists = {row["key"] for row in policy.rows("diagnosis_list")}
    named = [
        ("code", "region", regions),
        ("code", "kind", kinds),
        ("coverage", "rule", set(_COVERAGE_RULES)),
        ("levels", "kinds", kinds),
        ("sessions", "purpose", purposes),
        ("required_modifier", "purpose", purposes),
        ("diagnosis", "list", lists),
        ("diagnosis", "regions", regions),
        ("documentation", "purposes", purposes),
    ]
    for section in ("region", "kind", "code"):
        if not policy.rows(section):
            raise InvalidValue(f"{where}: no [[{section}]]; a policy names its regions, kinds and codes")
    for section, key, known in named:
        for place, row in enumerate(policy.rows(section), 1):
            words = row.get(key, [])
            for word in words if isinstance(words, list) else [words]:
                one_of(_at(where, section, place), key, word, known)


def purposes_of(policy: Policy) -> set[str]:
    """Return every purpose that a session of the policy may have."""
    keys = ("purpose", "purpose_with_modifier", "purpose_without_modifier")
    return {row[key] for row in policy.rows("kind") for key in keys if key in row}


def _at(where: str, section: str, place: int) -> str:
    return f"{where}, [[{section}]] number {place}"
