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
NO_TIME = [row["hcpcs"] for row in reference.rows("anesthesia_service") if row["kind"] == "no_time_code"]
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
    *(row(code, "100.00", status_indicator="J") for code in (*NO_TIME, "ANEST")),
    *(row(code, "60.00", global_days="ZZZ") for code in OF_GROUP),
    *(row(each["hcpcs"], "90.00", pctc_indicator="4", **HEART) for each in SISTERS),
    *(row(code, "30.00", pctc_indicator="3", **HEART) for each in SISTERS for code in each["technical"]),
    row("WHOLE", "90.00", pctc_indicator="4", **HEART),
    *made_up.diagnostic("FAM01", "68.00", "476.00", **IN_FAMILY_01),
    *made_up.diagnostic("FAM02", "102.00", "340.00", **IN_FAMILY_01),
    *made_up.diagnostic("CAPR1", "20.00", "80.00", ("90.00", "70.00"), status_indicator="R"),
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
    "add_on_of_group", "anesthesia_service", "assistant", "bilateral", "coinsurance", "conversion_factor", "cosurgery",
    "mips", "multiple_procedure", "opps_cap", "participation", "place_of_service", "provider_type", "reduced_service",
    "return_to_surgery", "sequestration", "split_care", "status_indicator", "technical_component", "technical_sister",
)  # fmt: skip
OF_EVERY_LINE = {"conversion_factor", "mips", "sequestration"}
MIPS = [ClaimRules(mips_percent="-3"), ClaimRules(mips_percent="3")]


@cache
def table() -> pl.DataFrame:
    rows = list({(each["hcpcs"], each["modifier"]): each for each in [*made_up.ROWS, *OWN_ROWS]}.values())
    return Rvu.validate(pl.DataFrame(rows, infer_schema_length=None).select(Rvu.column_names()), cast=True)


def schedule() -> FeeSchedule:
    """The made-up schedule with a code for each indicator, base units and an anesthesia factor."""
    codes = [*NO_TIME, "ANEST", "STATJ"]
    units = pl.DataFrame({"hcpcs": codes, "base_units": [5] * len(codes)})
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
    for modifier in ("54", "55", "56", "78", "52", "62", "66", "80", "81", "82", "AS", "50", "22", "33", "PT"):
        add(f"SURG1 {modifier}", billed_amount=None)
    for code in codes:
        modifier = MODIFIER_OF.get(code[:4], "78" if code.startswith("GL") else "")
        add(f"{code} {modifier}", "VISIT", billed_amount=None)
        if code not in OF_SISTERS:
            add(code, units=2, billed_amount=None)
    for modifier in ("AA", "QZ", "QK", "QX", "QY", "AD"):
        add(f"ANEST {modifier}", billed_amount=None)
    add(*["SURG1"] * 7, billed_amount=None)
    pairs = (
        "ENDO1 ENDO2", "ENDO1 BASE1", "IMG01 IMG02", "FAM01 FAM02", "CARD1 CARD2", "OPHT1 OPHT2", "THER1 THER2",
        "CARD1 WHOLE", *(f"CARD1 {each['hcpcs']}" for each in SISTERS),
    )  # fmt: skip
    for pair in pairs:
        add(*pair.split(), billed_amount=None)
    add("VISIT", participating=False, billed_amount=None)
    add("XRAY1 FX", billed_amount=None)
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
    return name == "multiple_procedure" and own["rank"] == 1 and own["rule"] != "surgery" and own["value"] == "100"


def is_only_cited(name: str, own: Mapping[str, Any]) -> bool:
    """Whether a row is a receipt's source and no more: MIPS's bounds are for information, a family's base is all of it.

    Of every other row what it says must be obeyed: that a receipt cites it is not enough.
    """
    return name == "mips" or own.get("rule") == "endoscopy"


@pytest.mark.parametrize(("name", "day"), [(name, day) for name in TABLES for day in days(name)], ids=str)
def test_every_row_is_obeyed_or_told(name, day, monkeypatch):
    rules = MIPS if name == "mips" else [ClaimRules()]
    frame = lines(day) if name not in OF_EVERY_LINE else lines(day).head(40)  # what every line turns on
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
        [made for each in own for made in line(f"XRAY1 {each['modifier']}", claim=[rows.index(each)],
                                               date_of_service=each["effective_from"], billed_amount=None)]
    )  # fmt: skip
    span = [ReleaseDays(schedule(), date(2009, 1, 1), LAST_FACTOR)]
    usual = ClaimPricer(span).price(frame).rows()
    with_rows(monkeypatch, "modifier", tuple({**each, "value": "37"} if each in own else each for each in rows))
    other = ClaimPricer(span).price(frame).rows()
    assert own
    assert [each for each, one, two in zip(own, usual, other, strict=True) if one == two] == []


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
