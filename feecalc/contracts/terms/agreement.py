"""The payer of a contract and the days it is in force; and a note, which changes no amount."""

from __future__ import annotations

from typing import ClassVar

from feecalc.contracts.fields import DatedSection, Section, Words
from feecalc.contracts.terms.cells import Cell, FormBox, FormPart, InputKind, day
from feecalc.contracts.terms.term import Term


class AgreementKeys(DatedSection):
    """The payer and the days of a contract."""

    payer: Words


class NoteKeys(Section):
    """A note beside the terms."""

    note: str | None = None


class Agreement(Term[AgreementKeys]):
    """The payer and the days the contract is in force; without a day it has no end, or no beginning."""

    name = "agreement"
    section = AgreementKeys
    cells: ClassVar = {
        "payer": Cell("the payer's name", box=FormBox("Payer", FormPart.HEAD, longest=200, empty="", width=2)),
        "effective_from": Cell("first day, 2026-01-01", day, box=FormBox("From", FormPart.HEAD, kind=InputKind.DAY)),
        "effective_to": Cell("last day", day, box=FormBox("To", FormPart.HEAD, kind=InputKind.DAY)),
    }


class Note(Term[NoteKeys]):
    """A note to the reader."""

    name = "note"
    section = NoteKeys
    cells: ClassVar = {"note": Cell("anything")}
