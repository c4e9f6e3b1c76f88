"""The several-line rules over amounts, and the dated percentages: literals with their section, in Decimal.

They take amounts, so that a published example can be put to them as it is printed. Money is in dollars.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import floor
from typing import Any

ZERO = Decimal("0.00")
Percent = Fraction | Decimal | str | int


def cents(amount: Decimal | Fraction) -> Decimal:
    """To the cent, halves away from zero."""
    exact = Fraction(amount)
    whole = floor(abs(exact) * 100 + Fraction(1, 2))
    return Decimal(whole if exact >= 0 else -whole).scaleb(-2)


@lru_cache(1 << 16)
def of(amount: Decimal, percent: Percent) -> Decimal:
    """``percent`` of an amount, rounded once."""
    return cents(Fraction(amount) * Fraction(percent) / 100)


@dataclass(frozen=True)
class Procedure:
    """One procedure, one unit: what it is ranked by and, where modifiers make that differ, what is paid for it."""

    amount: Decimal
    line: Any = 0
    paid: Decimal | None = None

    @property
    def pays(self) -> Decimal:
        return self.amount if self.paid is None else self.paid


@dataclass(frozen=True)
class Ranked:
    """What a rule makes of a procedure."""

    rank: int
    percent: Fraction
    paid: Decimal


def _in_order(procedures: Sequence[Procedure]) -> list[int]:
    return sorted(range(len(procedures)), key=lambda at: (-procedures[at].amount, procedures[at].line))


def surgery(procedures: Sequence[Procedure]) -> list[Ranked]:
    """Ch. 12 sec. 40.6.C: 100 percent of the highest, 50 of every other; from the sixth by report, not below."""
    found: dict[int, Ranked] = {}
    for rank, at in enumerate(_in_order(procedures), start=1):
        percent = Fraction(100 if rank == 1 else 50)
        found[at] = Ranked(rank, percent, of(procedures[at].pays, percent))
    return [found[at] for at in range(len(procedures))]


def parts(procedures: Sequence[Procedure], percent: Percent) -> list[Ranked]:
    """The technical, or the professional, parts of a day's tests: the highest in full, ``percent`` of every other.

    Ch. 12 sec. 40.6 and ch. 13 sec. 20.2 (imaging); MM7848 (cardiovascular 75, ophthalmology 80).
    """
    found: dict[int, Ranked] = {}
    for rank, at in enumerate(_in_order(procedures), start=1):
        share = Fraction(100 if rank == 1 else percent)
        found[at] = Ranked(rank, share, of(procedures[at].pays, share))
    return [found[at] for at in range(len(procedures))]


@dataclass(frozen=True)
class Endoscopy:
    """One endoscopy of a family: its fee, the amount it would pay alone, and the family's base."""

    fee: Decimal
    amount: Decimal
    base: Decimal
    line: Any = 0


def endoscopy(members: Sequence[Endoscopy]) -> list[Decimal]:
    """Ch. 12 sec. 40.6.C: the highest in full, every other less the base procedure, which pays nothing itself."""
    highest = min(range(len(members)), key=lambda at: (-members[at].fee, members[at].line))
    return [
        each.amount if at == highest else max(ZERO, each.amount - each.base) for at, each in enumerate(members)
    ]


@dataclass(frozen=True)
class TherapyUnit:
    """One unit of therapy: its PE RVU, its fee, what it pays in full and with the PE reduced."""

    pe_rvu: Decimal
    fee: Decimal
    full: Decimal
    reduced: Decimal
    line: Any = 0


def therapy(units: Sequence[TherapyUnit]) -> list[Ranked]:
    """Ch. 5 sec. 10.7: the unit of the highest PE in full, ties to the highest fee; PE reduced on every other unit."""
    found: dict[int, Ranked] = {}
    order = sorted(range(len(units)), key=lambda at: (-units[at].pe_rvu, -units[at].fee, units[at].line))
    for rank, at in enumerate(order, start=1):
        found[at] = Ranked(rank, Fraction(100), units[at].full if rank == 1 else units[at].reduced)
    return [found[at] for at in range(len(units))]


def imaging_technical(day: date) -> int:
    """DRA 5102(a), then ACA 3135(b)."""
    return 75 if day < date(2010, 7, 1) else 50


def imaging_professional(day: date) -> int:
    """CY 2012 final rule; Consolidated Appropriations Act, 2016 sec. 502 (MM9647)."""
    if day < date(2012, 1, 1):
        return 100
    return 75 if day < date(2017, 1, 1) else 95


def therapy_practice_expense(day: date) -> Fraction:
    """PPTRA 2010 for offices; ATRA 2012 sec. 633."""
    if day < date(2011, 1, 1):
        return Fraction(1)
    return Fraction("0.80") if day < date(2013, 4, 1) else Fraction("0.50")


def diagnostic_technical(mppr: str, day: date) -> int:
    """MM7848, from 2013."""
    return 100 if day < date(2013, 1, 1) else {"6": 75, "7": 80}[mppr]


def equipment_percent(modifier: str, day: date) -> int:
    """SSA 1848(b)(9) (FX, FY) and 1834(p) (CT)."""
    if modifier == "FX":
        return 80
    if modifier == "FY":
        return 93 if day < date(2023, 1, 1) else 90
    return 95 if day < date(2017, 1, 1) else 85


# Ch. 13 sec. 20.2.4: CT takes nothing of another code.
TOMOGRAPHY = (
    (70450, 70498), (71250, 71275), (72125, 72133), (72191, 72194), (73200, 73206), (73700, 73706), (74150, 74178),
    (74261, 74263), (75571, 75574),
)  # fmt: skip


def is_tomography(code: str) -> bool:
    return code.isdigit() and any(first <= int(code) <= last for first, last in TOMOGRAPHY)


def sequestration_percent(day: date) -> int:
    """BCA 2011, CARES Act sec. 3709, Pub. L. 117-7, Pub. L. 117-71."""
    for first, percent in ((date(2022, 7, 1), 2), (date(2022, 4, 1), 1), (date(2020, 5, 1), 0), (date(2013, 4, 1), 2)):
        if day >= first:
            return percent
    return 0


def screening_coinsurance(day: date) -> int:
    """Modifier PT: Consolidated Appropriations Act, 2021 sec. 122."""
    for first, percent in ((2030, 0), (2027, 10), (2023, 15)):
        if day.year >= first:
            return percent
    return 20


# Ch. 18 sec. 1.3, 60.1.1 and the sections of each service: who pays neither coinsurance nor deductible, and since when.
FREE_SINCE = {
    date(2009, 1, 1): "G0008 G0009",
    date(2011, 1, 1): "G0402 G0438 G0439 G0101 Q0091 P3001 G0124 G0141 G0104 G0105 G0121 76977 77078 77080 77081 77085 "
    "G0130 97802 97803 97804 G0270 G0271 G0010",
    date(2011, 10, 14): "G0442 G0443 G0444",
    date(2011, 11, 8): "G0445 G0446",
    date(2011, 11, 29): "G0447",
    date(2015, 1, 1): "77063 G0473",
    date(2015, 2, 5): "G0296 G0297",
    date(2016, 10, 1): "99406 99407",
    date(2017, 1, 1): "76706",
    date(2018, 1, 1): "00812 77067 G0513 G0514",
    date(2020, 12, 11): "90480 M0201",
    date(2021, 1, 1): "71271",
    date(2024, 9, 30): "G0011 G0012 G0013",
    date(2025, 1, 1): "74263",
}
FULL = (  # whatever 33 says
    "G0403", "G0404", "G0405", "G0102", "77065", "77066", "G0279", "G0108", "G0109", "G0117", "G0118", "90471", "90472",
)  # fmt: skip
COINSURANCE_ALONE = ("G0106", "G0120")
OF_A_WELLNESS_VISIT = ("99497", "99498", "G0136")


def is_screening_code(code: str, day: date) -> bool:
    """Where PT belongs: MM7012 (10000 to 69999), ch. 18 sec. 60.1.1 (sedation, anesthesia), MM8874 (00810 before)."""
    of_surgery = len(code) == 5 and code.isdigit() and 10000 <= int(code) <= 69999
    anesthesia = "00811" if day.year >= 2018 else "00810" if day.year >= 2015 else None
    return of_surgery or code == anesthesia or (code in ("99153", "G0500") and day.year >= 2017)


def cost_share(
    code: str, modifiers: Sequence[str], day: date, beside: Sequence[str], *, turned: bool
) -> tuple[int, bool]:
    """Percent of coinsurance, and whether the deductible is taken.

    ``beside``: codes of the claim and day; ``turned``: whether a line of them has PT on a code where it belongs.
    """
    free = any(day >= first and code in codes.split() for first, codes in FREE_SINCE.items())
    with_visit = "33" in modifiers and any(each in ("G0438", "G0439") for each in beside)
    of_visit = code in OF_A_WELLNESS_VISIT and (code != "G0136" or 2024 <= day.year <= 2025)
    if free or (of_visit and with_visit):
        return 0, False
    if code in FULL or of_visit:
        return 20, True
    if code in COINSURANCE_ALONE:
        return 20, False
    if "PT" in modifiers and is_screening_code(code, day):  # sec. 60.1.1: reported with only PT
        return screening_coinsurance(day), False
    if "33" in modifiers:
        return 0, False
    surgical = len(code) == 5 and code.isdigit() and 10000 <= int(code) <= 69999
    if turned and surgical:
        return screening_coinsurance(day), False
    return 20, True
