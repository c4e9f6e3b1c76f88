"""A claim line as it was given, the releases and rules it is priced by, and what it is allowed to say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from pricing.claims.oracle_rules import ZERO, cents, of

from feecalc import reference
from feecalc.pricing.schedule import FeeSchedule

Order = tuple[Any, ...]

ASSISTANTS = ("80", "81", "82", "AS")
DISTINCT = ("59", "XE", "XP", "XS", "XU")
SPLIT_CARE = ("54", "55", "56")
ANESTHESIA = ("AA", "QK", "QX", "QY", "QZ", "AD")
ANOTHER_SESSION = (*DISTINCT, "76", "77", "78")
NO_TIME, OWN_TIME = ("01953", "01995", "01996"), ("01968", "01969")  # sec. 50.G; PM B-03-017
EQUIPMENT = ("FX", "FY", "CT")  # in the order they are taken: MM9727, MM10188
SISTERS = {  # PC/TC 4: the codes of the technical part
    "93000": ("93005",), "93015": ("93017",), "93040": ("93041",), "93224": ("93225", "93226"),
    "93241": ("93242", "93243"), "93245": ("93246", "93247"), "93268": ("93270", "93271"), "93784": ("93786", "93788"),
}  # fmt: skip
READERS = {  # PC/TC 4: the codes of the professional part
    "93000": ("93010",), "93015": ("93016", "93018"), "93040": ("93042",), "93224": ("93227",), "93241": ("93244",),
    "93245": ("93248",), "93268": ("93272",), "93784": ("93790",), "77089": ("77092",), "94014": ("94016",),
    "96931": ("96933",), "96934": ("96936",), "G0403": ("G0405",),
}  # fmt: skip
THERAPY = ("GN", "GO", "GP")  # with one of these a service is therapy, under a plan of care
# Which two modifiers contradict each other on one line: ch. 12 secs. 40.2.A, 40.4.B, 40.8.A; the rest is assumed.
CONTRADICTIONS = frozenset(
    frozenset(pair.split("+"))
    for pair in (
        "54+55", "54+56", "55+56", "58+78", "58+79", "78+79", "54+78", "55+78", "56+78", "62+66", "26+TC", "76+77",
        "22+52", "22+53", "52+53", "52+55", "52+56", "53+55", "53+56", "54+80", "54+81", "54+82", "54+AS", "55+80",
        "55+81", "55+82", "55+AS", "56+80", "56+81", "56+82", "56+AS", "62+80", "62+81", "62+82", "62+AS", "66+80",
        "66+81", "66+82", "66+AS", "54+26", "54+TC", "55+26", "55+TC", "56+26", "56+TC", "62+26", "62+TC", "66+26",
        "66+TC", "AA+AD", "AA+QK", "AA+QX", "AA+QY", "AA+QZ", "AD+QK", "AD+QX", "AD+QY", "AD+QZ", "QK+QX", "QK+QY",
        "QK+QZ", "QX+QY", "QX+QZ", "QY+QZ",
    )
)
rows_on = cache(reference.rows_on)
row_on = cache(reference.row_on)
KNOWN_MODIFIERS = frozenset([
    "22", "23", "24", "25", "26", "27", "33", "50", "51", "52", "53", "54", "55", "56", "57", "58", "59",
    "62", "66", "76", "77", "78", "79", "80", "81", "82", "91", "93", "95", "AA", "AD", "AQ", "AS", "CO", "CQ",
    "CT", "E1", "E2", "E3", "E4", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "FA", "FS", "FX",
    "FY", "GA", "GN", "GO", "GP", "GT", "GX", "GY", "GZ", "KX", "LC", "LD", "LM", "LT", "PT", "Q0", "Q1",
    "QK", "QW", "QX", "QY", "QZ", "RC", "RI", "RT", "T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9",
    "TA", "TC", "XE", "XP", "XS", "XU",
])  # fmt: skip
OTHER_FACTOR, QP_FACTOR, HUNDREDTH = Decimal("33.4009"), Decimal("33.5675"), Decimal("0.01")  # CY 2026 final rule
FIRST_DAY = {"CT": date(2016, 1, 1), "FX": date(2017, 1, 1), "FY": date(2018, 1, 1)}


@dataclass(frozen=True)
class Options:
    """The switches. ``mips_percent`` is of Medicare's part, negative for a cut."""

    two_units_both_sides: bool = True
    mips_percent: str | None = None
    pair_charges_together: bool = True
    sequestration: bool = True
    anesthesia_add_on_units: bool = True
    bonus_after_sequestration: bool = True
    known_modifiers: Callable[[date], frozenset[str] | set[str]] | None = None


class Refused(Exception):
    """The line has no price: its status."""


@dataclass(eq=False)
class Line:
    """A claim line on its way to a price. Lines are themselves, never equal."""

    given: Mapping[str, Any]
    order: Order
    modifiers: list[str]
    status: str = ""
    schedule: FeeSchedule | None = None
    book: Book | None = None
    place: Mapping[str, Any] | None = None
    rows: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    billed_component: str = ""
    component: str = ""
    locality: Mapping[str, Any] | None = None
    factor: Decimal = Decimal(0)
    unit_fee: Decimal = ZERO
    is_anesthesia: bool = False
    base_units: int | None = None
    anesthesia_factor: Decimal = ZERO
    sides: str = "one"  # one, both (150), double (200), second (of a pair: 50)
    procedures: int = 1
    bilateral: Decimal | None = None
    partner: Line | None = None  # the other side, where both rank as one procedure
    other_side: Line | None = None  # of the first line of a pair: its second
    pays: list[Decimal] = field(default_factory=list)  # unit by unit
    technical: list[Decimal] | None = None  # the reduced technical part, unit by unit
    professional: list[Decimal] | None = None  # the reduced professional part, unit by unit
    before_charge: Decimal = ZERO  # what the charge is compared with
    paid_by_charge_of: Line | None = None  # of a second side that its charge alone pays: the first
    on_the_schedule: Decimal = ZERO  # what the line pays before who bills is looked at
    reduced: list[bool] = field(default_factory=list)
    ranks: list[int] = field(default_factory=list)
    in_a_rule: bool = False
    by_another: bool = False
    is_base: bool = False  # the base of a family of endoscopies, in their payment
    ceiling: Decimal | None = None
    terms: tuple[int, bool] = (20, True)  # percent of coinsurance, and whether the deductible is taken

    @property
    def day(self) -> date:
        return self.given["date_of_service"]

    @property
    def row(self) -> Mapping[str, Any]:
        return self.rows[self.component]

    @property
    def units(self) -> int:
        """With 55 the units are days of care (paper claims), never procedures; nor are an anesthetic's its minutes.

        Sec. 40.4.A: the parts of a procedure (54, 56 too) are never more than its fee.
        """
        by_unit = self.book_options.anesthesia_add_on_units and self.row["hcpcs"] == "01953"
        is_time = self.is_anesthesia and (not by_unit or self.asked_anesthesia == "AD")
        return 1 if self.has(*SPLIT_CARE) or is_time else self.given["units"]

    @property
    def own_minutes(self) -> int | None:
        """The minutes: as given, else the units above 1 (ch. 26 sec. 10.4, item 24G)."""
        given, units = self.given.get("minutes"), self.given["units"]
        return given if given is not None or units == 1 else units

    @property
    def in_session(self) -> bool:
        """Whether other anesthetics of the session are in its payment, or it in theirs (ch. 12 sec. 50.E)."""
        by_itself = (*NO_TIME, *OWN_TIME)
        return (
            self.is_anesthesia
            and self.row["hcpcs"] not in by_itself
            and self.asked_anesthesia != "AD"
            and not self.has(*ANOTHER_SESSION)
        )

    def anesthesia_fee(self, minutes: int | None) -> Decimal:
        """Base and time units times the factor, the time in tenths of a unit."""
        if self.asked_anesthesia == "AD":
            return cents(3 * self.anesthesia_factor)
        units = Decimal(self.base_units or 0)
        if self.row["hcpcs"] not in NO_TIME:
            units += (Decimal(minutes or 0) / 15).quantize(Decimal("0.1"), ROUND_HALF_UP)
        return cents(units * self.anesthesia_factor)

    @property
    def care_days(self) -> int | None:
        """The days of postoperative care: as given, else the units above 1."""
        given, units = self.given.get("postoperative_days"), self.given["units"]
        return given if given is not None or units == 1 else units

    @property
    def setting(self) -> str | None:
        return self.place["setting"] if self.place else None

    @property
    def rate(self) -> str | None:
        """Whose practice expense is paid: sec. 20.4.2, last paragraph, therapy as in an office wherever it is given."""
        is_therapy = not self.is_anesthesia and (self.row["mppr_indicator"] == "5" or self.has(*THERAPY))
        return "nonfacility" if is_therapy else self.setting

    @property
    def assistant(self) -> bool:
        return self.has(*ASSISTANTS)

    @property
    def priced(self) -> bool:
        return self.status == "priced"

    @property
    def mppr(self) -> str:
        """Add-on codes are never reduced (sec. 40.6.A: ZZZ)."""
        return "" if self.is_anesthesia or self.row["global_days"] == "ZZZ" else self.row["mppr_indicator"]

    @property
    def asked_anesthesia(self) -> str:
        return next((each for each in self.modifiers if each in ANESTHESIA), "")

    def has(self, *modifiers: str) -> bool:
        return any(each in self.modifiers for each in modifiers)

    def fee(self, row: Mapping[str, Any], pe_share: Fraction = Fraction(1)) -> Decimal:
        """The fee schedule amount of a row here: 42 CFR 414.20, rounded once."""
        pe = row[f"pe_rvu_{self.rate}"]
        return self._amount(row["work_rvu"], Fraction(pe) * pe_share, row["mp_rvu"])

    def cap(self, row: Mapping[str, Any]) -> Decimal | None:
        """The OPPS amount of a row here, or None where there is no ceiling: DRA 5102(b)."""
        pe, mp = row[f"opps_pe_rvu_{self.rate}"], row["opps_mp_rvu"]
        kind = (row["status_indicator"], row["pctc_indicator"], row["modifier"])
        held = kind in {("A", "1", ""), ("A", "1", "TC"), ("R", "1", ""), ("R", "1", "TC"), ("A", "3", "")}
        if not held or row["opps_pe_rvu_nonfacility"] + row["opps_pe_rvu_facility"] + mp == 0:
            return None
        if self.factor == QP_FACTOR:  # the hospital's dollars are the same for QPs; no QPP member here: the ratio
            pe, mp = ((each * OTHER_FACTOR / QP_FACTOR).quantize(HUNDREDTH, ROUND_HALF_UP) for each in (pe, mp))
        return self._amount(row["work_rvu"], pe, mp)

    def _amount(self, work: Decimal, pe: Decimal | Fraction, mp: Decimal) -> Decimal:
        assert self.locality is not None
        at = self.locality
        each = ((work, at["work_gpci"]), (pe, at["pe_gpci"]), (mp, at["mp_gpci"]))
        return cents(sum(Fraction(rvu) * Fraction(index) for rvu, index in each) * Fraction(self.factor))

    def both_sides(self, amount: Decimal) -> Decimal:
        """Step 3, ch. 12 sec. 40.7: what one procedure of ``amount`` is with its sides."""
        if self.sides == "both":
            return of(amount, 150)
        if self.sides == "second":
            return of(amount, 150) - amount
        return amount * 2 if self.sides == "double" else amount

    def percents(self) -> list[Fraction]:
        """Step 4 as percentages, in order: (anesthesia,) split care, 78, 52, 62, assistant."""
        row, found = self.row, []
        pre, intra, post = (Fraction(row[f"{when}operative_rate"]) * 100 for when in ("pre", "intra", "post"))
        if self.is_anesthesia and self.asked_anesthesia in ("QK", "QX", "QY"):
            found.append(Fraction(50))  # sec. 50
        if self.has("54"):
            found.append(pre + intra)  # sec. 40.4
        if self.has("55"):
            found.append(post)
            if (days := self.care_days) is not None:
                found.append(Fraction(days * 100, int(row["global_days"])))
        if self.has("56"):
            found.append(pre)
        if self.has("78") and row["global_days"] in ("010", "090") and pre + intra + post:
            found.append(intra)  # sec. 40.4.C: the intraoperative share; 000 in full
        if self.has("52"):
            found.append(Fraction(50))
        if self.has("62") and row["cosurgeon_indicator"] != "0":
            found.append(Fraction("62.5"))  # sec. 40.8
        if self.assistant:
            found.append(Fraction("13.6") if self.has("AS") else Fraction(16))  # sec. 20.4.3; 85 x 16 for AS
        return found

    @property
    def book_options(self) -> Options:
        assert self.book is not None
        return self.book.options

    def after_percents(self, amount: Decimal) -> Decimal:
        for percent in self.percents():
            amount = of(amount, percent)
        return amount

    def whole(self, amount: Decimal) -> Decimal:
        """Steps 3 and 4."""
        return self.after_percents(self.both_sides(amount))

    def technical_fee(self) -> Decimal | None:
        """The fee of the technical part of one unit as the line is paid, or None where there is none, or none known."""
        row = self.row
        if self.component == "TC" or (self.component == "" and row["pctc_indicator"] == "3"):
            return self.unit_fee
        if self.component != "":
            return None
        if row["pctc_indicator"] == "1":
            return self.fee(self.rows["TC"]) if "TC" in self.rows else None
        if row["pctc_indicator"] == "4":
            assert self.book is not None
            others = [self.book.of(self.schedule, code).get("") for code in SISTERS.get(row["hcpcs"], ())]
            if others and all(others):
                return sum((self.fee(other) for other in others if other), ZERO)
        return None


    def professional_fee(self) -> Decimal | None:
        """The fee of the professional part of one unit of a global service, or None where none is known."""
        if self.row["pctc_indicator"] == "1":
            return self.fee(self.rows["26"]) if "26" in self.rows else None
        assert self.book is not None
        readers = [self.book.of(self.schedule, code).get("") for code in READERS.get(self.row["hcpcs"], ())]
        return sum((self.fee(row) for row in readers if row), ZERO) if readers and all(readers) else None

    @property
    def bonus_part(self) -> str:
        """What of the line has a shortage area bonus: ch. 12 sec. 90.4.5.A and B."""
        if self.is_anesthesia:
            return "whole" if self.has("AA", "AD", "GC", "QK", "QY") else "none"
        if self.component in ("26", "TC"):
            return "whole" if self.component == "26" else "none"
        indicator = self.row["pctc_indicator"]
        return "whole" if indicator in "0268" else "professional" if indicator in "14" else "none"


class Book:
    """The schedules as plain rows."""

    def __init__(self, schedules: Mapping[str, FeeSchedule] | FeeSchedule, options: Options) -> None:
        self.options = options
        self.pinned = schedules if isinstance(schedules, FeeSchedule) else None
        self.schedules = {} if isinstance(schedules, FeeSchedule) else dict(schedules)
        self._rows: dict[int, dict[str, dict[str, Mapping[str, Any]]]] = {}
        self._places: dict[int, dict[tuple[str, str], Mapping[str, Any]]] = {}
        for schedule in [self.pinned] if self.pinned else self.schedules.values():
            assert schedule is not None
            by_code: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
            for row in schedule.rvu.iter_rows(named=True):
                by_code[row["hcpcs"]][row["modifier"]] = row
            self._rows[id(schedule)] = by_code
            self._places[id(schedule)] = {
                (row["mac"], row["locality"]): row for row in schedule.localities.iter_rows(named=True)
            }

    def on(self, day: date) -> FeeSchedule | None:
        """The schedule of a day: the pinned one in its year, or the release in force where it is here."""
        if self.pinned is not None:
            return self.pinned if self.pinned.release.year == day.year else None
        begun = [
            row
            for row in reference.rows("release")
            if row["year"] == day.year and (first := row.get("first_date_of_service")) is not None and first <= day
        ]
        latest = max((row["first_date_of_service"] for row in begun), default=None)
        standing = [row for row in begun if row["first_date_of_service"] == latest]
        corrected = {row.get("corrects") for row in standing}
        names = [row["release"] for row in standing if row["release"] not in corrected]
        return self.schedules.get(names[0]) if len(names) == 1 else None

    def of(self, schedule: FeeSchedule | None, hcpcs: str) -> dict[str, Mapping[str, Any]]:
        return self._rows[id(schedule)].get(hcpcs, {})

    def at(self, schedule: FeeSchedule | None, mac: str, locality: str) -> Mapping[str, Any] | None:
        return self._places[id(schedule)].get((mac, locality))

    def knows(self, modifier: str, day: date) -> bool:
        if self.options.known_modifiers is not None:
            return modifier in self.options.known_modifiers(day)
        return modifier in KNOWN_MODIFIERS and day >= FIRST_DAY.get(modifier, date.min)


def text_of(given: Mapping[str, Any], name: str) -> str:
    return (given.get(name) or "").strip().upper()
