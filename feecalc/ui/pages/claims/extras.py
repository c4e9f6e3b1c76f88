"""What a check may be given beside the claims: earlier sessions, coverage policies, a list of diagnoses, whose bill."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import streamlit as st

from feecalc.edits.lines.codes import Bill
from feecalc.runs.edit_tables import PROFESSIONAL, EditWishes, open_policies
from feecalc.ui.shared.uploads import Upload, as_path, kept_box
from feecalc.ui.shared.words import one_line, plain

_TABLES, _TOML, _LISTS = ("csv", "txt", "tsv", "xlsx", "parquet"), ("toml",), ("csv", "toml")
_MOST_MB = 2  # of a policy or a list, which a person writes
_BILLS: dict[Bill, str] = {PROFESSIONAL: "A physician's", "asc": "A surgery center's own"}


@dataclass(frozen=True)
class Extras:
    """Files beside the claim file. ``list_for``: the key of the policy that ``diagnoses`` is for, "" for the only one
    with lists."""

    history: Upload | None = None
    policy: Upload | None = None
    diagnoses: Upload | None = None
    list_for: str = ""
    bill: Bill = PROFESSIONAL

    @property
    def mark(self) -> tuple[str, ...]:
        """Changes with what is given (for the key of a cached result)."""
        given = [each.name + each.digest if each else "" for each in (self.history, self.policy, self.diagnoses)]
        return (*given, self.list_for, self.bill)


def ask() -> Extras:
    """Draw the widgets. Raises a FeeCalcError for a policy that cannot be read."""
    with st.expander("For the check: history, policies, diagnoses"):
        history = kept_box(
            "Earlier sessions", _TABLES, "claims_history",
            help="Lines of before with the columns beneficiary_id, date_of_service and hcpcs. The claim file needs "
            "beneficiary_id too.",
        )  # fmt: skip
        policy = kept_box(
            "A coverage policy of your own", _TOML, "claims_policy", most_mb=_MOST_MB,
            help="A TOML file. It is taken beside feecalc's own, or in the place of the one with its key.",
        )  # fmt: skip
        diagnoses = kept_box(
            "Your contractor's list of diagnoses", _LISTS, "claims_diagnoses", most_mb=_MOST_MB,
            help="CSV with a column code (and supports, yes or no), or TOML.",
        )  # fmt: skip
        names = _policies(policy, "" if policy is None else policy.name + policy.digest)
        list_for = ""
        if diagnoses is not None:
            list_for = st.selectbox(
                "The list is for the policy", list(names), format_func=names.__getitem__, key="claims_list_for"
            )
        bill = st.selectbox("Whose claims", list(_BILLS), format_func=_BILLS.__getitem__, key="claims_bill")
        st.caption(plain("Policies checked: " + "; ".join(names.values())))
    return Extras(history, policy, diagnoses, list_for, bill)


@contextmanager
def as_wishes(extras: Extras) -> Iterator[EditWishes]:
    """The files as ``feecalc check`` takes them: as paths, for as long as they are read."""
    with ExitStack() as files:
        history, policy, diagnoses = (
            None if each is None else files.enter_context(as_path(each))
            for each in (extras.history, extras.policy, extras.diagnoses)
        )
        key = f"{extras.list_for}=" if extras.list_for else ""
        yield EditWishes(
            () if policy is None else (policy,),
            () if diagnoses is None else (f"{key}{diagnoses}",),
            history,
            extras.bill,
        )


@st.cache_data(max_entries=8, show_spinner=False)
def _policies(_policy: Upload | None, mark: str) -> dict[str, str]:
    """The policies that are checked, key to name, those with lists of diagnoses first."""
    with as_wishes(Extras(policy=_policy)) as wishes:
        opened = sorted(open_policies(wishes), key=lambda each: not each.diagnosis_lists)
    return {each.key: one_line(each.name) for each in opened}
