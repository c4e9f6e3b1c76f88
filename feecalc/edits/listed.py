"""The one list of the edits, and which of their rules is reported where several say the same of a line.

``EDITS`` look at a line and its neighbors. ``ADD_ONS`` follow, as a primary that another edit denies does not count;
``POLICY_EDITS`` are the kinds of rules that a coverage policy may hold; ``UNPAID`` hands on what pricing refuses, and
``QUESTIONS`` what it assumed; ``PHYSICIANS`` asks what would follow if physicians of a group were one.
A new edit is one file, its line here, its rows in reference/edit_rule.toml, its tests.
"""

from __future__ import annotations

from functools import cache

from feecalc.edits.coding import (
    authorization,
    complexity,
    duplicates,
    laterality,
    modifiers,
    notices,
    other_bill,
    physicians,
    questions,
    required_modifiers,
    technical,
    unpaid,
    visits,
    visits_of_day,
    without_npi,
)
from feecalc.edits.edit import Edit
from feecalc.edits.ncci import add_ons, pairs, units
from feecalc.edits.policies import diagnoses, limits, services, sessions
from feecalc.edits.policies.edit import PolicyEdit
from feecalc.reference import rows as rows_of

EDITS: tuple[Edit, ...] = (
    duplicates.EDIT,  # first: what it denies is counted by none of the others
    pairs.EDIT, units.EDIT, modifiers.EDIT, visits.EDIT, complexity.EDIT, laterality.EDIT, technical.EDIT,
    required_modifiers.EDIT, other_bill.EDIT, notices.EDIT, authorization.EDIT, visits_of_day.EDIT, without_npi.EDIT,
)  # fmt: skip
OF_PHYSICIANS: tuple[Edit, ...] = (
    visits.EDIT, complexity.EDIT, visits_of_day.EDIT, without_npi.EDIT,
)  # no facility's bill  # fmt: skip
ADD_ONS: tuple[str, ...] = add_ons.RULES
POLICY_EDITS: tuple[PolicyEdit, ...] = (
    *services.EDITS, *limits.EDITS, *sessions.EDITS, *diagnoses.EDITS,
)  # fmt: skip
UNPAID: tuple[str, ...] = unpaid.RULES
QUESTIONS: tuple[str, ...] = questions.RULES
PHYSICIANS: tuple[str, ...] = physicians.RULES

_PAIRS = ("ncci_pair", "ncci_pair_never", "ncci_pair_same_modifier")
_UNITS_OF_A_DAY = ("mue_day", "mue_day_evidence", "mue_zero")
_SECOND_VISIT = (
    *_PAIRS, "mue_line", *_UNITS_OF_A_DAY, "duplicate_line", "visit_with_minor", "visit_with_major",
)  # fmt: skip
_WITH_SWITCHES = ("edit_pair_modifier", "edit_unit")  # tables whose rows may be left out
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
    "ncci_pair": (_INCLUDED,),
    "ncci_pair_never": (_INCLUDED,),
    "ncci_pair_same_modifier": (_INCLUDED,),
    "ncci_pair_same_site": (_INCLUDED,),
    "ncci_pair_column_1": (_INCLUDED,),
    "ncci_pair_undated": (_INCLUDED,),
    "ncci_pair_unknown_indicator": (_INCLUDED,),
    "add_on_unknown_type": (_INCLUDED,),
    "add_on_in_hospital": (_INCLUDED,),
    "visit_with_minor": _PAIRS,
    "visit_with_major": _PAIRS,
    "visit_wrong_modifier_minor": _PAIRS,
    "visit_again": _SECOND_VISIT,
    "visit_again_other_problem": _SECOND_VISIT,
    "visit_again_of_group": _SECOND_VISIT,
    "sides_on_two_lines": _UNITS_OF_A_DAY,
    "notice_on_file": (  # a notice shifts no liability for what NCCI denies
        "manipulation_with_notice", "manipulation_active_with_notice", *_PAIRS, "mue_line", *_UNITS_OF_A_DAY,
    ),
    "digit_twice": ("duplicate_line", "duplicate_suspect"),
    "mue_zero": (
        "facility_code_on_professional_bill", "status_noncovered", "status_bundled", "status_not_valid",
        "status_reporting", "status_deleted",
    ),
    "both_sides_by_units": ("mue_line", *_UNITS_OF_A_DAY),
}  # fmt: skip


def rules() -> tuple[str, ...]:
    """Return every rule that some edit finds."""
    listed: tuple[Edit | PolicyEdit, ...] = (*EDITS, *POLICY_EDITS)
    return (*(rule for edit in listed for rule in edit.rules), *ADD_ONS, *UNPAID, *QUESTIONS, *PHYSICIANS)


def switches() -> tuple[str, ...]:
    """Return what a person can leave out: the rules that look at lines by themselves, and what some only assume."""
    listed: tuple[Edit | PolicyEdit, ...] = (*EDITS, *POLICY_EDITS)
    assumed = {row["switch"] for table in _WITH_SWITCHES for row in rows_of(table) if "switch" in row}
    return tuple(sorted(assumed | {rule for edit in listed for rule in edit.rules}))


@cache
def turn(rule: str) -> int:
    """Return 0 for a rule that yields to none; a rule that yields comes after each that it yields to."""
    return 1 + max(turn(stronger) for stronger in YIELDS[rule]) if rule in YIELDS else 0
