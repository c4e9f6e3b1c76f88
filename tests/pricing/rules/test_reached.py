"""Every row of the reference tables that the rules read, and every note, is reached by some claim line.

A row is changed, and some line must then be paid, decided or told another way on a day the row is in force. The lines
are of a schedule made up for it, with a code for each indicator; its amounts are worked by hand in ``claims.cases``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import polars as pl
import pytest
from pricing.claims import made_up
from pricing.claims.made_up import LOCALITY, MAC, row
from pricing.claims.random_claims import claims_frame

from feecalc import reference
from feecalc.errors import MissingRule
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.explanation import explain
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.rules import opps_cap, status
from feecalc.pricing.rules.order import NOTES
from feecalc.pricing.schedule import FeeSchedule
from feecalc.tables import Rvu

LAST_FACTOR = max(row["effective_to"] for row in reference.rows("conversion_factor"))
PLACES = [row["code"] for row in reference.rows("place_of_service")]
LETTERS = [row["code"] for row in reference.rows("status_indicator")]
SISTERS = reference.rows("technical_sister")
OF_GROUP = [code for row in reference.rows("add_on_of_group") for code in row["codes"]]
SHARED = {row["codes"][0] for row in reference.rows("cost_share") if "codes" in row}
OF_SHARE = {
    (first, row["modifier"]) for row in reference.rows("cost_share") for first, _ in row.get("spans", ())
}  # codes on which a modifier of the share belongs
NO_TIME = [row["hcpcs"] for row in reference.rows("anesthesia_service") if row["kind"] == "no_time_code"]
OWN_TIME = [row["hcpcs"] for row in reference.rows("anesthesia_service") if row["kind"] == "own_time_code"]
OF_BILLERS = [modifier for row in reference.rows("modifier_of_biller") for modifier in row["modifiers"]]
ANESTHESIA = sorted({*NO_TIME, *OWN_TIME, *made_up.BASE_UNITS, "ANEST", "STATJ"})
OTHER_SCHEDULES = reference.rows("other_schedule")
PERIODS = [row["global_days"] for row in reference.rows("return_to_surgery")]
SIDES = [row["bilateral_indicator"] for row in reference.rows("bilateral")]
ASSISTANTS = [row["assistant_indicator"] for row in reference.rows("assistant") if "assistant_indicator" in row]
COSURGEONS = [row["cosurgeon_indicator"] for row in reference.rows("cosurgery") if "cosurgeon_indicator" in row]
TEAMS = [row["team_indicator"] for row in reference.rows("cosurgery") if "team_indicator" in row]
PARTS_OF_HOSPITALS = sorted({row["pctc_indicator"] for row in reference.rows("technical_component")})
SURGERY: dict[str, Any] = {"mppr_indicator": "2", "global_days": "090"}
SHARES = dict(zip(("preoperative_rate", "intraoperative_rate", "postoperative_rate"),
                  map(Decimal, ("0.10", "0.70", "0.20")), strict=True))  # fmt: skip
HEART: dict[str, Any] = {"mppr_indicator": "6"}
IN_FAMILY_01: dict[str, Any] = {"mppr_indicator": "4", "imaging_family": "01"}
RARE = {"na_indicator_facility": "NA", "na_indicator_nonfacility": "NA"}

THERAPY = [code for row in reference.rows("therapy_place") for code in row.get("codes", [])]
INDICATORS = "0123456789"  # PC/TC
OF_SISTERS = {code for each in SISTERS for code in (each["hcpcs"], *each["technical"])}
MODIFIER_OF = {"BILA": "50", "HELP": "80", "COSU": "62", "GANG": "66"}
OWN_ROWS = [
    *(row(f"STAT{letter}", "50.00", status_indicator=letter) for letter in LETTERS),
    *(row(f"BILA{each}", "100.00", bilateral_indicator=each) for each in SIDES),
    *(row(f"HELP{each}", "100.00", assistant_indicator=each) for each in ASSISTANTS),
    *(row(f"COSU{each}", "100.00", cosurgeon_indicator=each) for each in COSURGEONS),
    *(row(f"GANG{each}", "100.00", team_indicator=each) for each in TEAMS),
    *(row(f"GL{each}", "100.00", global_days=each, **SHARES) for each in PERIODS),
    *(row(f"PART{each}", "100.00", pctc_indicator=each) for each in PARTS_OF_HOSPITALS),
    *(row(code, "100.00", status_indicator="J") for code in ANESTHESIA if code != "STATJ"),
    *(row(each["first"], "10.00", status_indicator="EX"[at % 2]) for at, each in enumerate(OTHER_SCHEDULES)),
    row("NOBAS", "100.00", status_indicator="J"),
    *(row(code, "60.00", global_days="ZZZ") for code in OF_GROUP),
    *(row(code, "80.00") for code in sorted((SHARED | {code for code, _ in OF_SHARE}) - {"00811", "00812"})),
    *(row(each["hcpcs"], "90.00", pctc_indicator="4", **HEART) for each in SISTERS),
    *(row(code, "30.00", pctc_indicator="3", **HEART) for each in SISTERS for code in each["technical"]),
    *(row(code, "40.00", facility="30.00") for code in THERAPY),
    *(row(f"INDI{each}", "100.00", pctc_indicator=each) for each in INDICATORS),
    *(row(code, "20.00", pctc_indicator="2") for each in SISTERS for code in each["professional"]),
    row("WHOLE", "90.00", pctc_indicator="4", **HEART),
    *made_up.diagnostic("FAM01", "68.00", "476.00", **IN_FAMILY_01),
    *made_up.diagnostic("FAM02", "102.00", "340.00", **IN_FAMILY_01),
    *made_up.diagnostic("CAPR1", "20.00", "80.00", ("90.00", "70.00"), status_indicator="R"),
    row("ENDO8", "190.00", endoscopic_base="BASE1", global_days="000", mppr_indicator="3"),
    row("NOPRE", "100.00", **SURGERY, **{**SHARES, "preoperative_rate": Decimal(0)}),
    row("CAPT3", "80.00", cap="70.00", pctc_indicator="3"),
    row("NOPRO", "80.00", pctc_indicator="1"),
    row("RARE1", "80.00", **RARE),
    row("NEW01", "80.00", team_indicator="Z"),
]
# What nobody's claim line turns on, and why.
ELSEWHERE = {
    "limiting_charge": "what may be charged, not what is allowed: the fee table and the price of one service read it",
    "induction": "presence at induction is not said on a claim line: the price of one service reads it",
    "ceiling": "bounds a contractor's price: the conformance check reads it",
    "work_rvu_from_26": "a fact of CMS's printed amounts: the conformance check reads it",
    "locality_alias": "a fact of CMS's printed amounts: the conformance check reads it",
}
TABLES = (
    "add_on_of_group", "anesthesia_service", "assistant", "bilateral", "bonus", "coinsurance", "conversion_factor",
    "cost_share", "cosurgery", "film_code", "mips", "modifier_in_rule", "modifier_of_biller", "modifier_pair",
    "multiple_procedure", "opps_cap", "other_schedule", "participation", "place_of_service", "provider_type",
    "reduced_service", "return_to_surgery", "sequestration", "split_care", "status_indicator", "technical_component",
    "technical_sister", "therapy_place",
)  # fmt: skip
OF_EVERY_LINE = {"conversion_factor", "mips", "sequestration"}
MIPS = [ClaimRules(mips_percent="-3"), ClaimRules(mips_percent="3")]


@cache
def table() -> pl.DataFrame:
    rows = list({(each["hcpcs"], each["modifier"]): each for each in [*made_up.ROWS, *OWN_ROWS]}.values())
    return Rvu.validate(pl.DataFrame(rows, infer_schema_length=None).select(Rvu.column_names()), cast=True)


def schedule() -> FeeSchedule:
    """The made-up schedule with a code for each indicator, base units and an anesthesia factor."""
    units = pl.DataFrame({"hcpcs": ANESTHESIA, "base_units": [5] * len(ANESTHESIA)})
    place = {"mac": [MAC], "locality": [LOCALITY], "anesthesia_conversion_factor": [Decimal("20.0000")]}
    factor = pl.DataFrame(place, schema_overrides={"anesthesia_conversion_factor": pl.Decimal(12, 4)})
    return replace(made_up.schedule(), rvu=table(), base_units=units, anesthesia=factor)


def line(*codes: str, claim: list[int], **more: Any) -> Iterable[dict[str, Any]]:
    """The lines of one claim: "SURG1" or "SURG1 50 LT"."""
    claim[0] += 1
    for number, text in enumerate(codes, start=1):
        code, *modifiers = text.split()
        named = {f"modifier_{at}": each for at, each in enumerate(modifiers, start=1)}
        yield {
            "claim_id": f"C{claim[0]:05}", "line": number, "hcpcs": code, **named, "place_of_service": "11",
            "mac": MAC, "locality": LOCALITY, "units": 1, "minutes": 62, "billed_amount": Decimal("70.00"), **more,
        }  # fmt: skip


def lines(day: date) -> pl.DataFrame:
    """Lines that between them reach every rule. Places, provider types and modifiers: each on a line of its own."""
    found: list[dict[str, Any]] = []
    claim = [0]

    def add(*codes: str, **more: Any) -> None:
        found.extend(line(*codes, claim=claim, **{"date_of_service": day, **more}))

    codes = table()["hcpcs"].unique(maintain_order=True).to_list()
    for code in codes:
        for place in ("11", "22", "31") if code not in OF_SISTERS else ("11",):
            add(code, place_of_service=place)
    add("XRAY1 TC", place_of_service="22")
    for place in PLACES:
        add("VISIT", place_of_service=place)
        for part in PARTS_OF_HOSPITALS:
            add(f"PART{part}", place_of_service=place)
    for kind in sorted({each["provider_type"] for each in reference.rows("provider_type")}):
        add("VISIT", provider_type=kind, billed_amount=None)
        for modifier in OF_BILLERS:
            add(f"SURG1 {modifier}", provider_type=kind, billed_amount=None)
    for modifier in ("54", "55", "56", "78", "52", "62", "66", "80", "81", "82", "AS", "50", "22", "33", "PT"):
        add(f"SURG1 {modifier}", billed_amount=None)
    for code in codes:
        modifier = MODIFIER_OF.get(code[:4], "78" if code.startswith("GL") else "")
        add(f"{code} {modifier}", "VISIT", billed_amount=None)
        if code not in OF_SISTERS:
            add(code, units=2, billed_amount=None)
    for modifier in ("AA", "QZ", "QK", "QX", "QY", "AD"):
        add(f"ANEST {modifier}", billed_amount=None)
        add(f"ANEST {modifier}", "ANEST QX", billed_amount=None)
        add(f"ANEST {modifier}", "ANEST QZ", billed_amount=None)
    for modifier in ("59", "QS", "G8", "G9", "GC"):
        add("ANEST", f"ANEST {modifier}", billed_amount=None)
        add(f"ANEST {modifier}", billed_amount=None)
    add("ANEST QK", "ANEST AA", billed_amount=None)
    add("ANEST AA", units=62, minutes=None, billed_amount=None)
    for code in OWN_TIME:
        add("ANEST AA", f"{code} AA", billed_amount=None)
    add(*["SURG1"] * 7, billed_amount=None)
    pairs = (
        "ENDO1 ENDO2", "ENDO1 BASE1", "IMG01 IMG02", "FAM01 FAM02", "CARD1 CARD2", "OPHT1 OPHT2", "THER1 THER2",
        "CARD1 WHOLE", *(f"CARD1 {each['hcpcs']}" for each in SISTERS),
    )  # fmt: skip
    for pair in pairs:
        add(*pair.split(), billed_amount=None)
    for each in reference.rows("modifier_pair"):
        for one in each["modifiers"]:
            for two in each["beside"]:
                add(f"SURG1 {one} {two}", billed_amount=None)
                add(f"XRAY1 {one} {two}", billed_amount=None)
    add("FAM01 59", "FAM02 59", billed_amount=None)
    add("SURG1 78", "SURG1 78 50", billed_amount=None)
    for npi, code in (("1", "SURG1"), ("2", "SURG2")):
        found.extend(
            {**each, "claim_id": "GROUP", "line": int(npi), "billing_npi": "9", "rendering_npi": npi}
            for each in line(code, claim=claim, date_of_service=day, billed_amount=None)
        )
    add("SURG1 55", units=40, billed_amount=None)
    add("SURG1 54", units=40, billed_amount=None)
    add("VISIT", billed_amount=Decimal("0.00"))
    add("NOPRE 56", billed_amount=None)
    add("ENDO1", "ENDO8", billed_amount=None)
    add("VISIT", participating=False, billed_amount=None)
    for place in ("22", "31", "32"):
        for modifier in ("GN", "GO", "GP"):
            add(f"SURG4 {modifier}", place_of_service=place, billed_amount=None)
        add("THER1", place_of_service=place, billed_amount=None)
        for code in THERAPY:
            add(code, place_of_service=place, billed_amount=None)
    for each in SISTERS:
        add(each["hcpcs"], place_of_service="22")
        add(f"{each['hcpcs']} AQ", billed_amount=None)
    for each in INDICATORS:
        add(f"INDI{each} AQ", billed_amount=None)
    for modifier in ("", "26", "TC"):
        add(f"XRAY1 AQ {modifier}", billed_amount=None)
    for modifier in ("AA", "QZ", "QK", "QY", "AD", "GC"):
        add(f"ANEST AQ {modifier}", billed_amount=None)
    add("VISIT AQ", provider_type="np", billed_amount=None)
    for code in ("70450", "70551", "71046", "XRAY1"):
        for modifier in ("CT", "FX", "FY"):
            add(f"{code} {modifier}", billed_amount=None)
    for given in ("45385 PT", "VISIT CQ", "VISIT QK"):
        add(given, billed_amount=None)
    return claims_frame(found)


def lines_of_cost_share(day: date) -> pl.DataFrame:
    """Lines whose patient's share turns on the code, the modifier, the claim."""
    found: list[dict[str, Any]] = []
    claim, left = [0], {"date_of_service": day, "deductible_left": Decimal("10.00")}
    for code in sorted(SHARED):
        for each in ((code,), (f"{code} 33",), (f"{code} 33", "G0438")):
            found.extend(line(*each, claim=claim, **left))
    for code, modifier in sorted(OF_SHARE):
        found.extend(line(f"{code} {modifier}", claim=claim, **left))
    found.extend(line("45385 PT", "45380", claim=claim, **left))
    return claims_frame(found)


def forget() -> None:
    """Let every table be read anew."""
    reference._rows_on.cache_clear()
    status.status.cache_clear()
    opps_cap._rows.cache_clear()


@pytest.fixture(autouse=True)
def _forget_after():
    yield
    forget()


def pricers(day: date, rules: Iterable[ClaimRules]) -> list[ClaimPricer]:
    return [ClaimPricer([ReleaseDays(schedule(), day, day)], each) for each in rules]


def results(day: date, frame: pl.DataFrame, rules: Iterable[ClaimRules]) -> list[Any]:
    return [each.price(frame).rows() for each in pricers(day, rules)]


def receipts(day: date, frame: pl.DataFrame, rules: Iterable[ClaimRules]) -> list[Any]:
    return [
        [(told.steps, told.payment, told.basis) for told in explain(each, frame)] for each in pricers(day, rules)
    ]


def with_rows(monkeypatch, name: str, rows: tuple[Mapping[str, Any], ...]) -> None:
    """Have the reader give other rows of a table."""
    read = reference.rows
    monkeypatch.setattr(reference, "rows", lambda wanted: rows if wanted == name else read(wanted))
    forget()


def changed(name: str, own: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The row, saying another thing; None for the row left out."""
    if "payment" in own:
        usual = {"assistant": "never", "cosurgery": "by_report" if "team_indicator" in own else "paid"}[name]
        other = {"assistant": "paid", "cosurgery": "not_permitted"}[name]
        return {**own, "payment": other if own["payment"] in (usual, "with_documentation") else usual}
    if name == "return_to_surgery":
        return {**own, "shares": [] if own["shares"] else ["intraoperative"]}
    if name == "other_schedule":
        return {**own, "schedule": "another one"}
    if name == "modifier_in_rule":
        return {**own, "effect": "none"}
    if name == "modifier_pair":
        return {**own, "result": {"refused": "question"}.get(own["result"], "refused"), "basis": ""}
    if name == "bilateral" and not own["applies"]:
        return {**own, "applies": True, "value": "150"}
    if name == "conversion_factor":
        return {**own, "value": "40.0000"}
    return {**own, "value": "37"} if "value" in own else None


def days(name: str) -> dict[date, list[int]]:
    """The rows of a table, by the first day on which each is in force and a factor is known."""
    found: dict[date, list[int]] = {}
    for at, own in enumerate(reference.rows(name)):
        kind = own.get("part") if own.get("part") in ELSEWHERE else own.get("kind")
        if kind not in ELSEWHERE and own["effective_from"] <= LAST_FACTOR and own.get("track") != "qp":
            found.setdefault(own["effective_from"], []).append(at)
    return found


def says_that_nothing_is_taken(name: str, own: Mapping[str, Any]) -> bool:
    """Whether a row of a rule for several lines says that the first, or all, pay in full: what no rule takes."""
    is_read = own.get("rule") in ("surgery", "endoscopy")
    return name == "multiple_procedure" and own["rank"] == 1 and not is_read and own["value"] == "100"


def is_only_cited(name: str, own: Mapping[str, Any]) -> bool:
    """Whether a row is a receipt's source and no more: MIPS's bounds are for information.

    Of every other row what it says must be obeyed: that a receipt cites it is not enough.
    """
    return name == "mips"


@pytest.mark.parametrize(("name", "day"), [(name, day) for name in TABLES for day in days(name)], ids=str)
def test_every_row_is_obeyed_or_told(name, day, monkeypatch):
    rules = MIPS if name == "mips" else [ClaimRules()]
    frame = lines(day) if name not in OF_EVERY_LINE else lines(day).head(40)  # what every line turns on
    if name == "cost_share":
        frame = lines_of_cost_share(day)
    rows, told = reference.rows(name), None
    usual = results(day, frame, rules)
    unread = []
    for at in days(name)[day]:
        other = changed(name, rows[at])
        with monkeypatch.context() as patch:
            with_rows(patch, name, (*rows[:at], *([] if other is None else [other]), *rows[at + 1 :]))
            try:
                if results(day, frame, rules) != usual:
                    continue
            except (MissingRule, ValueError):  # the table contradicts itself, and that is said
                continue
        if says_that_nothing_is_taken(name, rows[at]):
            continue
        if not is_only_cited(name, rows[at]):
            unread.append(dict(rows[at]))
            continue
        if told is None:
            forget()
            told = receipts(day, frame, rules)
        with monkeypatch.context() as patch:
            with_rows(patch, name, (*rows[:at], {**rows[at], "source": "another"}, *rows[at + 1 :]))
            if receipts(day, frame, rules) == told:
                unread.append(dict(rows[at]))
    assert unread == []


def test_every_modifier_is_known_by_its_rows(monkeypatch):
    """A line with each modifier on the first day of each of its rows is decided another way without the rows."""
    rows = [each for each in reference.rows("modifier") if each["effective_from"] <= LAST_FACTOR]
    found: list[dict[str, Any]] = []
    claim = [0]
    for own in rows:
        day = own["effective_from"]
        found.extend(line(f"XRAY1 {own['modifier']}", claim=claim, date_of_service=day, billed_amount=None))
    frame, first, last = claims_frame(found), date(2009, 1, 1), LAST_FACTOR
    priced = ClaimPricer([ReleaseDays(schedule(), first, last)]).price(frame)
    with_rows(monkeypatch, "modifier", ())
    without = ClaimPricer([ReleaseDays(schedule(), first, last)]).price(frame)
    same = [own for own, one, other in zip(rows, priced.rows(), without.rows(), strict=True) if one == other]
    assert same == []


@pytest.mark.parametrize("part", ["technical", "medicare"])
def test_every_percent_of_a_modifier_is_taken(part, monkeypatch):
    """FX, FY and CT of the technical part; CQ and CO of Medicare's part, each on the first day of each of its rows."""
    rows = reference.rows("modifier")
    own = [each for each in rows if each.get("part") == part and "value" in each]
    frame = claims_frame(
        [made for each in own for made in line(f"70450 {each['modifier']}", claim=[rows.index(each)],
                                               date_of_service=each["effective_from"], billed_amount=None)]
    )  # fmt: skip
    span = [ReleaseDays(schedule(), date(2009, 1, 1), LAST_FACTOR)]
    usual = ClaimPricer(span).price(frame).rows()
    with_rows(monkeypatch, "modifier", tuple({**each, "value": "37"} if each in own else each for each in rows))
    other = ClaimPricer(span).price(frame).rows()
    assert own
    assert [each for each, one, two in zip(own, usual, other, strict=True) if one == two] == []


# What documents a row, for a person and on a receipt: that its source is cited is tested above.
DOCUMENTS = {"effective_from", "effective_to", "source", "unit", "basis", "note"}
# Columns that no price is made with, and why they stand there.
NOT_FOR_A_PRICE = {
    ("mips", "value"): "the bounds are for information, and a clinician's own percent is given",
    **dict.fromkeys(
        (("opps_cap", column) for column in ("modifier", "work_rvu_of", "mac", "locality", "gpci_mac")),
        "a fact of CMS's printed amounts: the conformance check looks at it",
    ),
}


class Watched(dict[str, Any]):
    """A row that notes which of its columns are looked at."""

    def __init__(self, row: Mapping[str, Any], looked_at: set[str]) -> None:
        super().__init__(row)
        self.looked_at = looked_at

    def __getitem__(self, column: str) -> Any:
        self.looked_at.add(column)
        return super().__getitem__(column)

    def get(self, column: str, default: Any = None) -> Any:
        self.looked_at.add(column)
        return super().get(column, default)

    def __contains__(self, column: object) -> bool:
        self.looked_at.add(str(column))
        return super().__contains__(column)


def test_every_column_is_looked_at(monkeypatch):
    """A column that nothing looks at where lines are priced and explained, or one service, says nothing."""
    read, looked_at = reference.rows, {name: set() for name in TABLES}
    watched = {name: tuple(Watched(own, looked_at[name]) for own in read(name)) for name in TABLES}
    monkeypatch.setattr(reference, "rows", lambda wanted: watched.get(wanted) or read(wanted))
    forget()
    for pricer in pricers(made_up.DAY, MIPS):
        explain(pricer, lines(made_up.DAY))
    for code in ("VISIT", *NO_TIME):
        schedule().price(code, day=made_up.DAY)
    columns = {(name, column) for name in TABLES for own in watched[name] for column in own if column not in DOCUMENTS}
    unread = {(name, column) for name, column in columns if column not in looked_at[name]}
    assert unread - NOT_FOR_A_PRICE.keys() == set()
    assert NOT_FOR_A_PRICE.keys() - unread == set(), "said to be for no price, and is looked at"


def test_the_limiting_charge_is_in_the_fee_table(monkeypatch):
    own = schedule().table(codes=["VISIT"])["limiting_charge"].item()
    assert own == Decimal("109.25")  # 109.25 percent of 100.00
    rows = reference.rows("participation")
    with_rows(monkeypatch, "participation", tuple({**each, "value": "50"} for each in rows))
    assert schedule().table(codes=["VISIT"])["limiting_charge"].item() == Decimal("50.00")


def test_every_note_is_said_of_some_line():
    day = made_up.DAY
    (pricer,) = pricers(day, [ClaimRules()])
    priced = pricer.price(lines(day)).filter(pl.col("pricing_status") == "priced")
    said = {note for reason in priced["reason"].cast(pl.String).unique() for note in (reason or "").split("; ")}
    unsaid = [note.name for note in Note if not set(NOTES[note].split("; ")) <= said]
    assert unsaid == []


# Rows of remittance codes that no claim line comes to, and why.
NO_LINE = {
    ("status", "anesthesia"): "the letter's own status: an anesthesia line is priced, or says what it lacks",
    ("edit", "denied_by_edit"): "what an edit denies: tests/edits",
    ("edit", "add_on_alone"): "what an edit denies: tests/edits/test_remittance_of_denials.py",
    ("edit", "ancillary_billed_whole"): "what an edit denies: tests/edits/test_technical_in_centers.py",
}
OF_FACILITIES = "facility"  # a kind of rows that each come to a line in tests/facility/test_adjustments.py


def test_every_row_of_remittance_codes_is_given():
    """Each part and each status comes to some line: of the lines above, and of lines made for it."""
    listed = reference.rows("claim_adjustment")
    rows = {(row["kind"], row["key"]): row for row in listed if row["kind"] != OF_FACILITIES}
    found = dict.fromkeys(rows, 0)
    part_of = {(row["name"], row["carc"]): key for key, row in rows.items() if key[0] not in ("status", "edit")}
    day = date(2025, 7, 1)
    wrong = [
        {"date_of_service": None}, {"date_of_service": date(1999, 1, 1)}, {"hcpcs": "00000"}, {"units": 0},
        {"place_of_service": "XX"}, {"locality": "77"}, {"provider_type": "wizard"}, {"billed_amount": Decimal(-1)},
        {"modifier_1": "ZZ"}, {"modifier_1": "GZ"}, {"modifier_1": "GY"}, {"hcpcs": "ANEST", "minutes": None},
        {"hcpcs": "SURG1", "modifier_1": "55", "postoperative_days": 99}, {"hcpcs": "STATJ", "modifier_1": "QK"},
        {"hcpcs": "XRAY1", "modifier_1": "FY"}, {"hcpcs": "70450", "modifier_1": "CT"},
        {"hcpcs": "THER1", "modifier_1": "CQ"}, {"hcpcs": "VISIT", "deductible_left": Decimal(9)},
        {"hcpcs": "NOBAS"},
    ]  # fmt: skip
    one = next(iter(line("VISIT", claim=[0], date_of_service=day)))
    made = claims_frame([{**one, "claim_id": f"W{at}", **each} for at, each in enumerate(wrong)])
    frame = pl.concat([lines(day).with_columns(billed_amount=Decimal("9000.00")), made])
    frame = frame.with_columns(pl.col("billed_amount").cast(pl.Decimal(12, 2)))
    bare = replace(schedule(), anesthesia=None)
    lacking = ClaimPricer([ReleaseDays(bare, day, day)])
    for pricer, some in [*((each, frame) for each in pricers(day, MIPS)), (lacking, frame.filter(hcpcs="ANEST"))]:
        for told in explain(pricer, some):
            status_of = told.results["pricing_status"]
            if status_of != "priced":
                found["status", status_of] += 1
            for part in told.adjustments if status_of == "priced" else ():
                found[part_of[part.name, part.carc]] += 1
    assert {key for key, count in found.items() if not count} == set(NO_LINE)
