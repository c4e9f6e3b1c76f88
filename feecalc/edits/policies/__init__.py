"""Coverage policies: what a payer covers, as data, and what that says of claim lines.

``find`` judges lines by policies, ``documentation`` lists what the record must show, ``unchecked`` says what could not
be judged. ``read_policies`` and ``read_diagnosis_list`` take a person's own.
"""

from feecalc.edits.policies.checking import find
from feecalc.edits.policies.documentation import documentation, unchecked
from feecalc.edits.policies.lists import read_diagnosis_list
from feecalc.edits.policies.loading import read_policies, shipped_policies, with_policies
from feecalc.edits.policies.policy import DiagnosisList, Policy

__all__ = [
    "DiagnosisList",
    "Policy",
    "documentation",
    "find",
    "read_diagnosis_list",
    "read_policies",
    "shipped_policies",
    "unchecked",
    "with_policies",
]
