"""Which rule speaks where several say the same of a line: the one that knows more, and so tells what to do."""

from __future__ import annotations

from functools import cache

_PAIRS = ("ncci_pair", "ncci_pair_never")
_UNITS_OF_A_DAY = ("mue_day", "mue_day_evidence")
_INCLUDED = "included_service"  # of a coverage policy: the service is part of another, and is to be taken off
# A rule, and those that say the same of a line with more knowledge: where one of these is found, the rule is silent.
YIELDS: dict[str, tuple[str, ...]] = {
    "add_on_unpaired": (
        "add_on_without_primary", "add_on_with_wrong_primary", "add_on_alone", "add_on_primary_denied", _INCLUDED,
    ),
    "add_on_without_primary": (_INCLUDED,),
    "add_on_with_wrong_primary": (_INCLUDED,),
    "add_on_alone": (_INCLUDED,),
    "add_on_primary_denied": (_INCLUDED,),
    "add_on_contractor_accepts": (*_PAIRS, _INCLUDED),
    "add_on_contractor_defines": (_INCLUDED,),
    "ncci_pair": (_INCLUDED,),
    "ncci_pair_never": (_INCLUDED,),
    "ncci_pair_same_site": (_INCLUDED,),
    "ncci_pair_undated": (_INCLUDED,),
    "ncci_pair_unknown_indicator": (_INCLUDED,),
    "add_on_unknown_type": (_INCLUDED,),
    "visit_with_minor": _PAIRS,
    "visit_with_major": _PAIRS,
    "sides_on_two_lines": _UNITS_OF_A_DAY,
    "both_sides_by_units": ("mue_line", *_UNITS_OF_A_DAY),
}  # fmt: skip


@cache
def turn(rule: str) -> int:
    """0 for a rule that yields to none; a rule that yields comes after each that it yields to."""
    return 1 + max(turn(stronger) for stronger in YIELDS[rule]) if rule in YIELDS else 0
