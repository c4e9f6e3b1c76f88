"""Policies made of the tables of their files: those that come with feecalc, and what a person's own file says.

``feecalc/files/policy_files.py`` reads a person's files.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from feecalc.edits.policies.models import (
    SECTIONS,
    AnyRow,
    Code,
    CodeRow,
    Coverage,
    Diagnosis,
    Documentation,
    Head,
    Included,
    Interval,
    Kind,
    Levels,
    ListHead,
    NotTogether,
    OneRegion,
    PerDay,
    PolicyRow,
    Region,
    RequiredBefore,
    RequiredModifier,
    Rule,
    Sessions,
    Side,
    Sites,
    checked,
    one_of,
    section_of,
)
from feecalc.edits.policies.policy import DiagnosisList, Policy
from feecalc.errors import DuplicateKey, InvalidValue

_SHARED = "common.toml"
_KEYED = (Region, Kind, ListHead, Documentation)
_ONE_A_DAY = (Coverage, Included, PerDay, Code)
_COVERAGE_RULES = ("not_covered", "appeal_only")
_TOGETHER_RULES = ("not_together", "sedation")
_REGION_RULES = ("", "one_region_elsewhere")


@cache
def shipped_policies() -> tuple[Policy, ...]:
    """Return the policies that come with feecalc, by the name of their file."""
    folder = files("feecalc.reference").joinpath("coverage")
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".toml")), key=lambda path: path.name)
    return tuple(
        policy_of(tomllib.loads(path.read_text(encoding="utf-8")), path.name) for path in paths if path.name != _SHARED
    )


def with_policies(own: tuple[Policy, ...], shipped: tuple[Policy, ...] | None = None) -> tuple[Policy, ...]:
    """Return a person's policies beside the shipped ones; one with a shipped key takes its place."""
    keys = {policy.key for policy in own}
    given = shipped_policies() if shipped is None else shipped
    return (*own, *(policy for policy in given if policy.key not in keys))


def policy_of(tables: Mapping[str, Any], where: str) -> Policy:
    """Make a policy of the tables of its file. Raises InvalidValue and DuplicateKey, naming the table and the key."""
    for name in tables:
        if name not in SECTIONS or SECTIONS[name] is Side:
            one_of(where, name, name, {name for name, model in SECTIONS.items() if model is not Side})
    if "policy" not in tables:
        raise InvalidValue(f"{where}: the table [policy] is missing; give it key, name, effective_from and source")
    head = checked(f"{where}, [policy]", Head, tables["policy"])
    sections = {
        SECTIONS[name]: _rows(where, SECTIONS[name], rows, head)
        for name, rows in tables.items()
        if SECTIONS[name] not in (Head, Rule)
    }
    policy = Policy(head, sections, (), _rules(where, tables.get("rule", []), head))
    _check_words(where, policy)
    entries = policy.rows(Diagnosis)
    lists = tuple(
        DiagnosisList(list_head, tuple(row for row in entries if row.list == list_head.key))
        for list_head in policy.rows(ListHead)
    )
    return Policy(head, sections, lists, policy.rules)


def diagnosis_list_of(head: ListHead, entries: Iterable[Diagnosis], where: str) -> DiagnosisList:
    """Make a list of diagnoses of its rows. Raises InvalidValue where nothing on it supports a code."""
    dated = tuple(row.within(head) for row in entries)
    if not any(row.supports for row in dated):
        raise InvalidValue(f"{where}: no diagnosis here supports anything; give at least one with supports = true")
    return DiagnosisList(head, dated)


def _rows(where: str, model: type[AnyRow], rows: Any, head: Head) -> tuple[AnyRow, ...]:
    section = section_of(model)
    if not isinstance(rows, list):
        raise InvalidValue(f"{where}, {section}: write [[{section}]], with two brackets, before each row")
    found = tuple(checked(_at(where, model, place), model, row).within(head) for place, row in enumerate(rows, 1))
    for place, row in enumerate(found, 1):
        beside = [other for other in found[: place - 1] if row.may_meet(other)]
        at = _at(where, model, place)
        if isinstance(row, _KEYED) and any(isinstance(other, _KEYED) and other.key == row.key for other in beside):
            raise DuplicateKey(f"{at}, key 'key': {row.key!r} stands twice for one day")
        if isinstance(row, _ONE_A_DAY):
            codes = {code for other in beside if isinstance(other, CodeRow) for code in other.codes}
            if twice := codes & set(row.codes):
                raise DuplicateKey(f"{at}, key 'codes': {min(twice)} stands twice for one day")
    return found


def _rules(where: str, rows: Any, head: Head) -> tuple[Rule, ...]:
    """Return the shared wordings, each replaced where the policy words the rule of that name."""
    shared = shared_rows(Rule)
    own = _rows(where, Rule, rows, head)
    for place, row in enumerate(own, 1):
        one_of(_at(where, Rule, place), "rule", row.rule, {wording.rule for wording in shared})
    worded = {row.rule for row in own}
    return (*own, *(row for row in shared if row.rule not in worded))


@cache
def _shared_tables() -> dict[str, Any]:
    return tomllib.loads(files("feecalc.reference").joinpath("coverage", _SHARED).read_text(encoding="utf-8"))


def shared_rows(model: type[AnyRow]) -> tuple[AnyRow, ...]:
    """Return the rows that all policies share: the wordings of rules (``Rule``), the sides of modifiers (``Side``)."""
    rows = enumerate(_shared_tables()[section_of(model)], 1)
    return tuple(checked(_at(_SHARED, model, place), model, row) for place, row in rows)


def _check_words(where: str, policy: Policy) -> None:
    """Check that the file has every region, kind, purpose, list and rule that a row names."""
    regions = set(policy.region_names())
    kinds = {row.key for row in policy.rows(Kind)}
    purposes = policy.purposes()
    lists = {row.key for row in policy.rows(ListHead)}
    named: list[tuple[type[PolicyRow], str, set[str]]] = [
        (Code, "region", regions),
        (Code, "kind", kinds),
        (OneRegion, "region", regions),
        (OneRegion, "rule", set(_REGION_RULES)),
        (Coverage, "rule", set(_COVERAGE_RULES)),
        (NotTogether, "rule", set(_TOGETHER_RULES)),
        (NotTogether, "with_kinds", kinds),
        (Levels, "kinds", kinds),
        (Sites, "kinds", kinds),
        (Sessions, "purpose", purposes),
        (Interval, "purpose", purposes),
        (RequiredBefore, "purpose", purposes),
        (RequiredBefore, "before", purposes),
        (RequiredModifier, "purpose", purposes),
        (Diagnosis, "list", lists),
        (Diagnosis, "regions", regions),
        (Documentation, "purposes", purposes),
    ]
    for model in (Region, Kind, Code):
        if not policy.rows(model):
            raise InvalidValue(f"{where}: no [[{section_of(model)}]]; a policy names its regions, kinds and codes")
    for row_model, key, known in named:
        for place, row in enumerate(policy.rows(row_model), 1):
            words = getattr(row, key) or []
            for word in words if isinstance(words, list) else [words]:
                one_of(_at(where, row_model, place), key, word, known)


def _at(where: str, model: type[PolicyRow], place: int) -> str:
    return f"{where}, [[{section_of(model)}]] number {place}"
