"""The one list of the edits, and which of their rules is reported where several say the same of a line.

``EDITS`` look at a line and its neighbors. ``ADD_ONS`` follow, as a primary that another edit denies does not count;
``POLICY_EDITS`` are the kinds of rules that a coverage policy may hold; ``UNPAID`` hands on what pricing refuses.
A new edit is one file, its line here, its rows in reference/edit_rule.toml, its tests.
"""

from __future__ import annotations

from functools import cache

from feecalc.edits.coding import complexity, laterality, modifiers, technical, unpaid, visits
from feecalc.edits.edit import Edit
from feecalc.edits.ncci import add_ons, pairs, units
from feecalc.edits.policies import diagnoses, limits, services, sessions
from feecalc.edits.policies.edit import PolicyEdit

EDITS: tuple[Edit, ...] = (
    pairs.EDIT, units.EDIT, modifiers.EDIT, visits.EDIT, complexity.EDIT, laterality.EDIT, technical.EDIT,
)  # fmt: skip
ADD_ONS: tuple[str, ...] = add_ons.RULES
POLICY_EDITS: tuple[PolicyEdit, ...] = (
    *services.EDITS, *limits.EDITS, *sessions.EDITS, *diagnoses.EDITS,
)  # fmt: skip
UNPAID: tuple[str, ...] = unpaid.RULES

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


def rules() -> tuple[str, ...]:
    """Return every rule that some edit finds."""
    listed: tuple[Edit | PolicyEdit, ...] = (*EDITS, *POLICY_EDITS)
    return (*(rule for edit in listed for rule in edit.rules), *ADD_ONS, *UNPAID)


@cache
def turn(rule: str) -> int:
    """Return 0 for a rule that yields to none; a rule that yields comes after each that it yields to."""
    return 1 + max(turn(stronger) for stronger in YIELDS[rule]) if rule in YIELDS else 0
