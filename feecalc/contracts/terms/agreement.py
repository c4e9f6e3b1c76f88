"""Whose contract it is and from when to when it holds; and a note, which pays nothing."""

from __future__ import annotations

from typing import ClassVar

from feecalc.contracts.fields import Dated, Section, Words
from feecalc.contracts.terms.cells import Box, Cell, Kind, Part, day
from feecalc.contracts.terms.term import Term


class AgreementKeys(Dated):
    """The payer and the days of a contract."""

    payer: Words


class NoteKeys(Section):
    """Anything a person wants to write beside the terms."""

    note: str | None = None


class Agreement(Term[AgreementKeys]):
    """The payer and the days the contract holds on; without a day it has no end, or no beginning."""

    name = "agreement"
    section = AgreementKeys
    cells: ClassVar = {
        "payer": Cell("the payer's name", box=Box("Payer", Part.HEAD, longest=200, empty="", width=2)),
        "effective_from": Cell("first day, 2026-01-01", day, box=Box("From", Part.HEAD, kind=Kind.DAY)),
        "effective_to": Cell("last day", day, box=Box("To", Part.HEAD, kind=Kind.DAY)),
    }


class Note(Term[NoteKeys]):
    """A note to the reader."""

    name = "note"
    section = NoteKeys
    cells: ClassVar = {"note": Cell("anything")}
