"""Claims worked by hand: for each rule several, and for each pair of rules that meet.

Sections are of CMS Pub. 100-04 ch. 12 unless said. Fees are those of ``made_up``: SURG1 1,043.48, SURG2 1,010.60,
SURG3 922.90 and so on, written out where they are used. Where a product is not whole cents the rounding is shown.
Whoever prices a case must give every named column of every line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from pricing.claims.made_up import DAY, LOCALITY, MAC

MADE_UP, STARTER_2026 = "made up", "RVU26C"


@dataclass(frozen=True)
class Case:
    """Lines, and what each must come to: an allowed amount, a status, or columns by name."""

    name: str
    source: str
    lines: tuple[dict[str, Any], ...]
    expected: tuple[dict[str, Any], ...]
    schedule: str = MADE_UP
    options: dict[str, Any] = field(default_factory=dict)


def line(hcpcs: str, *modifiers: str, units: int = 1, place: str = "11", **more: Any) -> dict[str, Any]:
    """A claim line in canonical columns, numbered later."""
    named = {f"modifier_{at}": "" for at in range(1, 5)}
    named |= {f"modifier_{at}": modifier for at, modifier in enumerate(modifiers, start=1)}
    return {
        "claim_id": "A", "date_of_service": DAY, "hcpcs": hcpcs, **named, "place_of_service": place, "mac": MAC,
        "locality": LOCALITY, "units": units, "billed_amount": None, **more,
    }


def pays(amount: str, **columns: Any) -> dict[str, Any]:
    """A priced line; other columns by name, amounts and factors as text."""
    return {"pricing_status": "priced", "allowed_amount": Decimal(amount), **_exact(columns)}


def is_(status: str, **columns: Any) -> dict[str, Any]:
    """A line without a price."""
    return {"pricing_status": status, "allowed_amount": None, **_exact(columns)}


def denied(status: str, carc: str, **columns: Any) -> dict[str, Any]:
    """A line that another line denies: nothing is paid for it."""
    return {"pricing_status": status, "allowed_amount": Decimal("0.00"), "carc": carc, **_exact(columns)}


def _exact(columns: dict[str, Any]) -> dict[str, Any]:
    texts = {"setting", "release", "carc"}
    return {
        name: Decimal(value) if isinstance(value, str) and name not in texts else value
        for name, value in columns.items()
    }


CASES: list[Case] = []


def case(name: str, source: str, *pairs: tuple[dict[str, Any], dict[str, Any]], **more: Any) -> None:
    """Add a case: pairs of a line and what it comes to. Lines are numbered from 1 unless they say."""
    lines = tuple({"line": at, **each} for at, (each, _) in enumerate(pairs, start=1))
    CASES.append(Case(name, source, lines, tuple(expected for _, expected in pairs), **more))


NO = "modifier_does_not_apply"

# --- Multiple surgery: sec. 40.6 --------------------------------------------------------------------------------------
# The contractor's example of 1,043.48, 1,010.60 and 922.90 (standard pricing): 100, 50, 50 percent.
case("three surgeries, a contractor's example", "sec. 40.6.C; MAC standard pricing example",
     (line("SURG1"), pays("1043.48", rank=1, mppr_factor="1")),
     (line("SURG3"), pays("461.45", rank=3, mppr_factor="0.5")),
     (line("SURG2"), pays("505.30", rank=2, mppr_factor="0.5")))
# Modifier 51 on the wrong line changes nothing: 50 percent of 500.00 is 250.00.
case("51 is informational", "sec. 40.6.B", (line("SURG4", "51"), pays("1000.00")), (line("SURG5"), pays("250.00")))
# Each unit is a procedure: 200.00 + 2 x 100.00 = 400.00 (three units are not both sides).
case("units rank each", "sec. 40.6", (line("MINO2", units=3), pays("400.00", fee_schedule_amount="600.00", rank=1)))
# 200.00 ranks first, then 3 x 80.00 at 50 percent = 120.00.
case("units below another code", "sec. 40.6", (line("MINO3", units=3), pays("120.00")), (line("MINO2"), pays("200.00")))
# Seven procedures: 1,043.48; the other six at 50 percent, the sixth and seventh too: 6 x 250.00 = 1,500.00.
case("a sixth procedure is not below 50 percent", "sec. 40.6.C",
     (line("SURG5", units=6), pays("1500.00")), (line("SURG1"), pays("1043.48")))
# Equal amounts: the lower line number first.
case("ties go by line number", "agreed", (line("SURG5", line=2), pays("250.00", rank=2)),
     (line("SURG5", line=1), pays("500.00", rank=1)))
# Ranked in the setting: 600.00 in a facility is less than 922.90.
case("ranked by the setting's fee", "sec. 40.6.C; 20.4.2", (line("SURG4", place="22"), pays("300.00")),
     (line("SURG3", place="22"), pays("922.90", setting="facility")))
# A visit is not surgery: no part in the ranking.
case("a visit is not ranked", "sec. 40.6", (line("VISIT"), pays("100.00", rank=None, mppr_factor=None)),
     (line("SURG5"), pays("500.00")))
# Two physicians (billing NPI), and two days: each by itself.
case("another physician is another group", "sec. 40.6.A", (line("SURG1", billing_npi="1"), pays("1043.48")),
     (line("SURG5", billing_npi="2"), pays("500.00")))
case("another day is another group", "sec. 40.6.A", (line("SURG1"), pays("1043.48")),
     (line("SURG5", date_of_service=date(2025, 7, 2)), pays("500.00")))
# The same beneficiary on two claims is one patient; another claim without a beneficiary is not.
case("claims of one beneficiary are one group", "sec. 40.6.A",
     (line("SURG1", claim_id="A", beneficiary_id="B"), pays("1043.48")),
     (line("SURG5", claim_id="C", beneficiary_id="B"), pays("250.00")),
     (line("SURG5", claim_id="D", beneficiary_id=""), pays("500.00")))
# A line without a price takes no part: 1,000.00 of TEAM and of a bundled code do not push 500.00 down.
case("lines without a price do not rank", "sec. 40.6", (line("BUND1"), is_("bundled")),
     (line("TEAM1", "66"), is_("by_report")), (line("SURG5"), pays("500.00", rank=1)))

# --- Bilateral: sec. 40.7 ---------------------------------------------------------------------------------------------
# 150 percent of 115.04 = 172.56.
case("50 on indicator 1", "sec. 40.7.C", (line("MINO1", "50"), pays("172.56", bilateral_factor="1.5")))
case("RT and LT on one line", "sec. 40.7", (line("MINO1", "RT", "LT"), pays("172.56", bilateral_factor="1.5")))
# Two units of a first-level code: both sides (RVU25D.pdf, indicator 1: "or with a 2 in the units field").
case("two units are both sides", "RVU25D.pdf, bilateral indicator 1",
     (line("MINO1", units=2), pays("172.56", fee_schedule_amount="230.08", rank=1)))
# Switched off they are two procedures: 115.04 + 57.52 = 172.56; with 80.00: 80.00 + 40.00.
case("two units are two procedures where switched", "named switch", (line("MINO3", units=2), pays("120.00")),
     options={"two_units_both_sides": False})
# 59, 76 say two procedures: 115.04 + 57.52 = 172.56; beside 200.00: 57.52 + 57.52 = 115.04.
case("two units with 59 are two procedures", "sec. 40.6; 40.7", (line("MINO2"), pays("200.00")),
     (line("MINO1", "59", units=2), pays("115.04", bilateral_factor=None)))
# Two lines: 115.04 and 172.56 - 115.04 = 57.52.
case("RT and LT on two lines", "sec. 40.7.C",
     (line("MINO1", "RT"), pays("115.04", bilateral_factor="1", rank=1)),
     (line("MINO1", "LT"), pays("57.52", bilateral_factor="0.5", rank=1)))
# Half of 0.5: R(150% of 922.90) = 1,384.35 = 922.90 + 461.45.
case("the first line is the lower number", "agreed",
     (line("SURG3", "LT", line=2), pays("461.45")), (line("SURG3", "RT", line=1), pays("922.90")))
# Indicators 0 and 2 (the manual's 125.00): both sides are one fee.
case("50 on indicator 0", "sec. 40.7.C", (line("SIDE0", "50"), pays("125.00", bilateral_factor="1")))
case("50 on indicator 2", "sec. 40.7.C", (line("SIDE2", "50"), pays("125.00")))
# RVU25D.pdf's example: charges of 100.00 and 100.00, the fee of 125.00 is for both sides and below 200.00. Line by line
# its first line is held by its own charge: 100.00 and nothing; together the second line takes the 25.00 left.
case("the 125 dollar example, each line by its charge", "RVU25D.pdf, bilateral indicator 0",
     (line("SIDE0", "LT", billed_amount=Decimal("100.00")), pays("100.00")),
     (line("SIDE0", "RT", billed_amount=Decimal("100.00")), denied("bundled", "97", contractual_adjustment="100.00")),
     options={"pair_charges_together": False})
case("the 125 dollar example, charges together", "RVU25D.pdf, bilateral indicator 0",
     (line("SIDE0", "LT", billed_amount=Decimal("100.00")), pays("100.00")),
     (line("SIDE0", "RT", billed_amount=Decimal("100.00")), pays("25.00", contractual_adjustment="75.00")),
     options={"pair_charges_together": True})
case("the 125 dollar example on one line", "RVU25D.pdf, bilateral indicator 0",
     (line("SIDE0", "50", billed_amount=Decimal("200.00")), pays("125.00", contractual_adjustment="75.00")))
# 150 percent: 172.56 for charges of 100.00 and 100.00: 100.00 and 72.56; 120.00 and 40.00 hold it at 160.00.
case("charges of a pair of sides together", "RVU25D.pdf, bilateral indicator 1",
     (line("MINO1", "LT", billed_amount=Decimal("100.00")), pays("100.00")),
     (line("MINO1", "RT", billed_amount=Decimal("100.00")), pays("72.56")),
     options={"pair_charges_together": True})
case("charges of a pair below 150 percent", "RVU25D.pdf, bilateral indicator 1",
     (line("MINO1", "LT", billed_amount=Decimal("120.00")), pays("120.00")),
     (line("MINO1", "RT", billed_amount=Decimal("40.00")), pays("40.00")),
     options={"pair_charges_together": True})
case("RT and LT lines on indicator 2", "RVU25D.pdf, bilateral indicator 2",
     (line("SIDE2", "RT"), pays("125.00", bilateral_factor="1")),
     (line("SIDE2", "LT"), denied("bundled", "97", bilateral_factor="0")))
# RVU25D.pdf names two units for indicators 2 and 3 too, not for 0: 125.00; 2 x 80.00; 2 x 125.00.
case("two units on indicator 2", "RVU25D.pdf, bilateral indicator 2",
     (line("SIDE2", units=2), pays("125.00", bilateral_factor="1", fee_schedule_amount="250.00")))
case("two units on indicator 3", "RVU25D.pdf, bilateral indicator 3",
     (line("SIDE3", units=2), pays("160.00", bilateral_factor="2")))
case("two units on indicator 0", "RVU25D.pdf, bilateral indicator 0",
     (line("SIDE0", units=2), pays("250.00", bilateral_factor=None)))
# Indicator 3: each side in full, 2 x 80.00.
case("50 on indicator 3", "sec. 40.7.C", (line("SIDE3", "50"), pays("160.00", bilateral_factor="2")))
case("RT and LT lines on indicator 3", "sec. 40.7", (line("SIDE3", "RT"), pays("80.00")),
     (line("SIDE3", "LT"), pays("80.00")))
case("50 on indicator 9", "RVU25D.pdf, bilateral indicator 9", (line("SIDE9", "50"), is_(NO)))
case("RT and LT say nothing on indicator 9", "RVU25D.pdf", (line("SIDE9", "RT", "LT"), pays("90.00")))
# 50 with two units: two procedures of 172.56: 172.56 + 86.28.
case("50 with two units", "sec. 40.7; 40.6", (line("MINO1", "50", units=2), pays("258.84", rank=1)))
# An add-on is never both sides by its units: 2 x 50.00; with 50 it is 75.00.
case("two units of an add-on are two", "RULES: never an each-additional code", (line("SURG5"), pays("500.00")),
     (line("ADDON", units=2), pays("100.00", mppr_factor=None)))
case("an add-on with 50", "sec. 40.7", (line("SURG5"), pays("500.00")), (line("ADDON", "50"), pays("75.00")))

# --- Bilateral and multiple: sec. 40.7.C, bilateral first -------------------------------------------------------------
# A contractor's example: 115.04 x 150 percent = 172.56, second: 86.28 (medicarebillingandcoding.blogspot.com, 2011).
case("bilateral ranks by 150 percent", "sec. 40.7.C; MAC example 29345-50",
     (line("MINO1", "50"), pays("86.28", rank=2)),
     (line("MINO2"), pays("200.00", rank=1)))
# 150 percent of 922.90 = 1,384.35 is above 1,043.48, whose half is 521.74.
case("both sides overtake a dearer code", "sec. 40.7.C", (line("SURG1"), pays("521.74", rank=2)),
     (line("SURG3", "50"), pays("1384.35", rank=1)))
# The pair as one procedure: 115.04 + 57.52 = 172.56 below 200.00, so 57.52 + 28.76.
case("an RT/LT pair ranks as one", "sec. 40.7.C",
     (line("MINO1", "RT"), pays("57.52", rank=2)), (line("MINO1", "LT"), pays("28.76", rank=2)),
     (line("MINO2"), pays("200.00", rank=1)))
# The pair above: 80.00 + 40.00 = 120.00 beats 115.04, which alone would beat 80.00.
case("an RT/LT pair overtakes", "sec. 40.7.C",
     (line("MINO3", "RT"), pays("80.00")), (line("MINO3", "LT"), pays("40.00")),
     (line("MINO1"), pays("57.52", rank=2)))
# A third line of one side stands alone: pair 200.00 + 100.00, then 200.00 at 50 percent.
case("a pair and one side more", "agreed", (line("MINO2", "RT"), pays("200.00")), (line("MINO2", "LT"), pays("100.00")),
     (line("MINO2", "RT"), pays("100.00", rank=2)))

# --- Co-surgeons, assistants, teams: secs. 40.8, 20.4.3 ---------------------------------------------------------------
# 62.5 percent of 1,000.00.
case("62", "sec. 40.8", (line("SURG4", "62"), pays("625.00", modifier_factor="0.625")))
case("62 where the code has none", "sec. 40.8", (line("VISIT", "62"), is_(NO)))
case("66 is by report", "sec. 40.8", (line("TEAM1", "66"), is_("by_report")))
case("66 where the code has no team", "sec. 40.8", (line("SURG4", "66"), is_(NO)))
# 1,000.00 x 150 percent = 1,500.00; x 62.5 percent = 937.50.
case("62 and bilateral", "secs. 40.7, 40.8", (line("SURG4", "62", "50"), pays("937.50", modifier_factor="0.625")))
# 62.5 percent of 1,010.60 = 631.625, halves up 631.63; x 50 percent = 315.815 -> 315.82.
case("62 and multiple", "secs. 40.6, 40.8", (line("SURG1"), pays("1043.48")), (line("SURG2", "62"), pays("315.82")))
# The ranking is before 62: 1,043.48 stays first though 62.5 percent of it, 652.175 -> 652.18, is below 1,010.60.
case("62 does not change the ranking", "sec. 40.6.C", (line("SURG1", "62"), pays("652.18", rank=1)),
     (line("SURG2"), pays("505.30", rank=2)))
# 16 percent of 1,000.00; AS: 85 percent of that, 136.00.
case("80", "sec. 20.4.3", (line("SURG4", "80"), pays("160.00", modifier_factor="0.16")))
case("81 and 82 pay alike", "sec. 20.4.3", (line("SURG4", "81", billing_npi="1"), pays("160.00")),
     (line("SURG4", "82", billing_npi="2"), pays("160.00")))
case("AS", "sec. 20.4.3; 110.2", (line("SURG4", "AS"), pays("136.00", modifier_factor="0.136")))
# AS has the 85 percent in it already: a PA's 1,000.00 is 136.00, not 115.60.
case("AS of a physician assistant", "sec. 110.2", (line("SURG4", "AS", provider_type="pa"), pays("136.00")))
case("an assistant that is never paid", "RVU25D.pdf, assistant indicator 1",
     (line("ASST1", "80"), is_("assistant_not_paid", carc="54")))
# 16 percent of 700.00.
case("an assistant with documentation", "RVU25D.pdf, assistant indicator 0", (line("ASST0", "82"), pays("112.00")))
case("an assistant where the concept does not apply", "RVU25D.pdf, indicator 9", (line("SIDE9", "80"), is_(NO)))
# The assistant's lines rank among themselves: 16 percent of 1,043.48 = 166.9568 -> 166.96; of 1,010.60 = 161.696 ->
# 161.70, half 80.85. The surgeon's own: 1,043.48 and 505.30.
case("assistant and multiple", "secs. 20.4.3, 40.6",
     (line("SURG1"), pays("1043.48", rank=1)), (line("SURG2"), pays("505.30", rank=2)),
     (line("SURG1", "80"), pays("166.96", rank=1)), (line("SURG2", "80"), pays("80.85", rank=2)))
# 1,000.00 x 150 percent x 16 percent = 240.00.
case("assistant and bilateral", "secs. 20.4.3, 40.7", (line("SURG4", "80", "50"), pays("240.00")))
# The surgeon's RT and the assistant's LT are no pair: 500.00, and 16 percent of 500.00 = 80.00.
case("a surgeon's side and an assistant's are no pair", "agreed",
     (line("SURG5", "RT"), pays("500.00", bilateral_factor=None)),
     (line("SURG5", "LT", "80"), pays("80.00", bilateral_factor=None)))

# --- Split care, reduced and returned: secs. 40.2, 40.4 ---------------------------------------------------------------
# 1,000.00: 10 + 70 percent; 20; 10.
case("54", "sec. 40.4", (line("SURG4", "54"), pays("800.00", modifier_factor="0.8")))
case("55", "sec. 40.4", (line("SURG4", "55"), pays("200.00")))
case("56", "sec. 40.4", (line("SURG4", "56"), pays("100.00")))
# The manual's 42145: 17 percent, 60 of 90 and 30 of 90 days: 170.00 x 60/90 = 113.33, x 30/90 = 56.67.
case("55 by days, the surgeon", "sec. 40.4, example 42145",
     (line("PAL42", "55", postoperative_days=60), pays("113.33", patient_share="22.67")))
case("55 by days, the other", "sec. 40.4, example 42145", (line("PAL42", "55", postoperative_days=30), pays("56.67")))
# The postoperative amount is rounded, then divided: 9 percent of 1,174.97 = 105.7473 -> 105.75; x 25/90 = 29.375.
case("55 by days rounds twice", "sec. 40.4: the postoperative allowed amount by the number of days",
     (line("POST9", "55", postoperative_days=25), pays("29.38")))
# 4 of 10 days of 30.00.
case("55 by days of a 10-day global", "sec. 40.4", (line("TEN10", "55", postoperative_days=4), pays("12.00")))
case("55 with more days than there are", "sec. 40.4",
     (line("TEN10", "55", postoperative_days=11), is_("invalid_postoperative_days")))
case("54 on a 000 global", "sec. 40.4", (line("MINO2", "54"), is_(NO)))
case("54 on a code without shares", "sec. 40.4", (line("RADIO", "54"), is_(NO)))
case("54 and 55 on one line", "agreed", (line("SURG4", "54", "55"), is_(NO)))
# 78: the intraoperative 70 percent of 500.00; 000 in full; a global without shares in full.
case("78", "sec. 40.4", (line("SURG5", "78"), pays("350.00", modifier_factor="0.7")))
case("78 on a 000 global", "sec. 40.4", (line("MINO2", "78"), pays("200.00", modifier_factor=None)))
# Ranked by 1,043.48 and 1,010.60; 70 percent of 1,010.60 = 707.42, half 353.71.
case("78 and multiple", "secs. 40.4, 40.6", (line("SURG1"), pays("1043.48")), (line("SURG2", "78"), pays("353.71")))
# 80 percent of 1,000.00 second to 1,043.48: 400.00.
case("54 and multiple", "secs. 40.4, 40.6", (line("SURG1", "54"), pays("834.78")),
     (line("SURG4", "54"), pays("400.00")))
# 54 and 62: 800.00 x 62.5 percent = 500.00.
case("54 and 62", "secs. 40.4, 40.8", (line("SURG4", "62", "54"), pays("500.00", modifier_factor="0.5")))
# 52: half, an assumption of its own name.
case("52", "assumed 50 percent", (line("SURG4", "52"), pays("500.00")))
# 53: its own row, or the contractor's.
case("53 with a row", "sec. 30.1", (line("SCOP3", "53"), pays("60.00")))
case("53 without a row", "sec. 30.1", (line("SURG4", "53"), is_("contractor_priced")))

# --- Endoscopy: sec. 40.6.C -------------------------------------------------------------------------------------------
# 310.02 + (275.12 - 200.00) + (270.13 - 200.00) = 455.27; the base pays nothing.
case("a family and its base", "sec. 40.6.C; AAPC thread 138405",
     (line("BASE1"), denied("bundled", "97", mppr_factor="0", rank=None)), (line("ENDO3"), pays("70.13", rank=1)),
     (line("ENDO1"), pays("310.02", rank=1)), (line("ENDO2"), pays("75.12", rank=1)))
# 374.56 + 285.98 - 255.40 = 405.14.
case("two of a family", "sec. 40.6.C", (line("ENDO4"), pays("374.56")), (line("ENDO5"), pays("30.58", rank=1)))
# One endoscopy with its base: the base is in it.
case("one of a family with its base", "sec. 40.6.C", (line("ENDO4"), pays("374.56")),
     (line("BASE2"), denied("bundled", "97")))
# A base without a member of its family is surgery: 255.40, and 200.00 at 50 percent.
case("two bases alone are surgery", "sec. 40.6.C", (line("BASE1"), pays("100.00")), (line("BASE2"), pays("255.40")))
# Single endoscopies of two families are surgery: 374.56 + 155.01.
case("unrelated endoscopies", "sec. 40.6.C", (line("ENDO4"), pays("374.56")), (line("ENDO1"), pays("155.01", rank=2)))
# Two units: 310.02 + 110.02 = 420.04.
case("two units of one endoscopy", "sec. 40.6.C", (line("ENDO1", units=2), pays("420.04")))
# Family 455.27 below 500.00: each line half, 155.01, 37.56, 35.065 -> 35.07.
case("a family below a surgery", "secs. 40.6.C", (line("SURG5"), pays("500.00", rank=1)),
     (line("ENDO1"), pays("155.01", rank=2)), (line("ENDO2"), pays("37.56")), (line("ENDO3"), pays("35.07")))
# Family one 310.02 + 75.12 = 385.14 below family two's 405.14: 374.56 + 30.58; 155.01 + 37.56; the surgery of 200.00
# comes third: 100.00.
case("two families and a surgery", "secs. 40.6.C",
     (line("ENDO1"), pays("155.01", rank=2)), (line("ENDO2"), pays("37.56", rank=2)),
     (line("ENDO4"), pays("374.56", rank=1)), (line("ENDO5"), pays("30.58", rank=1)),
     (line("MINO2"), pays("100.00", rank=3)))
# The family's sum outranks 374.56 where no member does: 310.02 + 75.12 = 385.14; half of 374.56 is 187.28.
case("a family ranks by its sum", "sec. 40.6.C", (line("ENDO4"), pays("187.28", rank=2)),
     (line("ENDO1"), pays("310.02", rank=1)), (line("ENDO2"), pays("75.12", rank=1)))
# An assistant's base is 16 percent too: 16 percent of 374.56 = 59.9296 -> 59.93; 16 percent of 285.98 = 45.7568 ->
# 45.76, less 16 percent of 255.40 = 40.864 -> 40.86: 4.90.
case("an assistant at two endoscopies", "secs. 20.4.3, 40.6.C", (line("ENDO4", "80"), pays("59.93")),
     (line("ENDO5", "80"), pays("4.90")))
# Both sides: 300.00 x 150 percent = 450.00 in full, 240.00 - 100.00; by fee, so ENDO6 leads anyway.
case("a bilateral endoscopy in a family", "secs. 40.6.C, 40.7", (line("ENDO6", "50"), pays("450.00")),
     (line("ENDO7"), pays("140.00")))
# The pair is one procedure of 360.00, less 100.00, off its first line: 240.00 - 100.00 and 120.00.
case("an RT/LT pair in a family", "secs. 40.6.C, 40.7", (line("ENDO6"), pays("300.00")),
     (line("ENDO7", "RT"), pays("140.00")), (line("ENDO7", "LT"), pays("120.00")))

# --- Diagnostic imaging: sec. 40.6, ch. 13 sec. 20.2; PC 95 percent from 2017 (MM9647) --------------------------------
# IMG01 68.00 + 476.00, IMG02 102.00 + 340.00. TC: 476.00, 340.00 x 50 percent = 170.00. PC: 102.00, 68.00 x 95 percent
# = 64.60. IMG01: 544.00 - 3.40 = 540.60; IMG02: 442.00 - 170.00 = 272.00. Together 812.60.
case("two globals", "ch. 13 sec. 20.2", (line("IMG01"), pays("540.60", rank=1)),
     (line("IMG02"), pays("272.00", rank=2)))
case("two technical components", "ch. 13 sec. 20.2", (line("IMG02", "TC"), pays("170.00", rank=2)),
     (line("IMG01", "TC"), pays("476.00")))
case("two professional components", "ch. 13 sec. 20.2", (line("IMG01", "26"), pays("64.60", rank=2)),
     (line("IMG02", "26"), pays("102.00")))
# The global's PC of 68.00 is second to 102.00; its TC is alone: 544.00 - 3.40.
case("a global with a 26 of the same family", "ch. 13 sec. 20.2", (line("IMG01"), pays("540.60", rank=1)),
     (line("IMG02", "26"), pays("102.00", rank=1)))
# Two units: PC 68.00 + 64.60, TC 476.00 + 238.00 = 846.60.
case("two units of a global", "ch. 13 sec. 20.2", (line("IMG01", units=2), pays("846.60")))
# A separate session: 442.00 stays whole and does not rank.
case("59 lifts the reduction", "ch. 13 sec. 20.2", (line("IMG01"), pays("544.00", rank=1)),
     (line("IMG02", "59"), pays("442.00", rank=None)))
# Both knees: PC 50.00 + 47.50, TC 200.00 + 100.00 = 397.50.
case("50 on an image of indicator 3", "secs. 40.6, 40.7", (line("IMGB3", "50"), pays("397.50", bilateral_factor="2")))
# A hospital's patient: the 26 rows only, 102.00 and 64.60; the TC is the hospital's.
case("imaging in a hospital", "ch. 13 sec. 20.2.1",
     (line("IMG01", place="22"), pays("64.60", fee_schedule_amount="68.00")),
     (line("IMG02", place="22"), pays("102.00", fee_schedule_amount="102.00")),
     (line("IMG01", "TC", place="22"), is_("technical_component_facility")))
# 52 takes half of each part: PC 34.00 x 95 percent = 32.30, TC 476.00 x 50 percent = 238.00 first: 272.00 - 1.70.
case("52 and imaging", "assumed 50 percent; ch. 13 sec. 20.2", (line("IMG01", "52"), pays("270.30")),
     (line("IMG02"), pays("272.00")))
# Before 2017 the PC was paid at 75 percent: see the amounts of 2012 in test_worked_examples.

# --- OPPS cap: DRA 5102(b), after the reductions; FX, FY, CT: after the cap -------------------------------------------
# CAP01 50.00 + 250.00, ceilings 150.00 and 100.00 (TC). CAP02 20.00 + 80.00, ceilings 90.00 and 70.00.
case("the cap alone", "DRA 5102(b)", (line("CAP02"), pays("90.00", opps_cap="90.00", fee_schedule_amount="100.00")))
case("the cap on a TC", "DRA 5102(b)", (line("CAP02", "TC"), pays("70.00", opps_cap="70.00")))
case("no cap on a 26", "DRA 5102(b)", (line("CAP02", "26"), pays("20.00", opps_cap=None)))
case("the cap by unit", "DRA 5102(b)", (line("CAP02", units=3), pays("270.00", opps_cap="270.00")))
# Second to 476.00: TC 125.00, above its ceiling of 100.00; PC 50.00 second to 68.00: 47.50.
# 300.00 - 125.00 - 2.50 = 172.50; less 125.00 - 100.00 = 147.50.
case("reduced, then capped", "DRA 5102(b); ch. 13 sec. 20.2", (line("IMG01"), pays("544.00")),
     (line("CAP01"), pays("147.50")))
# TC line: 125.00, then 100.00.
case("a TC reduced, then capped", "DRA 5102(b)", (line("IMG01", "TC"), pays("476.00")),
     (line("CAP01", "TC"), pays("100.00")))
# XRAY1 10.00 + 40.00: FX 50.00 - 8.00; TC 32.00; FY 36.00; CT 34.00.
case("FX on a global", "SSA 1848(b)(9)(A); MM9727", (line("XRAY1", "FX"), pays("42.00")))
case("FX on a TC", "SSA 1848(b)(9)(A); MM9727", (line("XRAY1", "TC", "FX"), pays("32.00")))
case("FY on a TC", "MM10188: 10 percent from 2023", (line("XRAY1", "TC", "FY"), pays("36.00")))
case("CT on a global", "SSA 1834(p): 15 percent from 2017", (line("XRAY1", "CT"), pays("44.00")))
# FX before FY: 40.00 -> 32.00 -> 28.80.
case("FX and FY", "MM10188", (line("XRAY1", "TC", "FY", "FX"), pays("28.80")))
case("FX on a 26", "MM9727", (line("XRAY1", "26", "FX"), is_(NO)))
case("FX on a visit", "MM9727", (line("VISIT", "FX"), is_(NO)))
# After the cap: 70.00 x 80 percent; a global 90.00 - (70.00 - 56.00).
case("FX after the cap, TC", "MM9727: the lower of the two amounts", (line("CAP02", "TC", "FX"), pays("56.00")))
case("FX after the cap, global", "MM9727: the lower of the two amounts", (line("CAP02", "FX"), pays("76.00")))
# 147.50 as above, of which TC 100.00: CT takes 15.00.
case("CT after reduction and cap", "SSA 1834(p); DRA 5102(b)", (line("IMG01"), pays("544.00")),
     (line("CAP01", "CT"), pays("132.50")))
# URODY 100.00 + 300.00 is surgery (indicator 2) with a technical part. Second to 1,043.48: the TC 150.00, 80 percent
# 120.00; the global 200.00, of which 150.00 TC loses 30.00.
case("FX on a TC that ranks as surgery", "MM9727; sec. 40.6", (line("SURG1"), pays("1043.48")),
     (line("URODY", "TC", "FX"), pays("120.00")))
case("FX on a global that ranks as surgery", "MM9727; sec. 40.6", (line("SURG1"), pays("1043.48")),
     (line("URODY", "FX"), pays("170.00")))
# In a hospital the physician is paid the 26 part, and FX takes nothing of it.
case("FX on a global in a hospital", "ch. 13 sec. 20.2.1", (line("XRAY1", "FX", place="22"), pays("10.00")))

# --- Cardiovascular and ophthalmology: sec. 40.6.C; MM7848 ------------------------------------------------------------
# 77/427 and 65/148: 504.00; 65.00 + 148.00 x 75 percent = 176.00. Together 680.00.
case("cardiovascular, the published table", "MM7848, table", (line("CARD1"), pays("504.00", rank=1)),
     (line("CARD2"), pays("176.00", rank=2)))
case("cardiovascular 26 in full", "MM7848", (line("CARD1", "26"), pays("77.00", rank=None)),
     (line("CARD2"), pays("213.00")))
# 46/92 and 23/53: 138.00; 23.00 + 42.40 = 65.40. Together 203.40.
case("ophthalmology, the published table", "MM7848, table", (line("OPHT1"), pays("138.00")),
     (line("OPHT2"), pays("65.40", mppr_factor="0.8605")))
# Each by itself.
case("cardiovascular and ophthalmology do not meet", "MM7848", (line("CARD2"), pays("213.00")),
     (line("OPHT1"), pays("138.00")))
# 93000's technical part is 93005's 12.00: 75 percent 9.00, so 20.00 - 3.00; 93224's is 30.00 + 40.00 = 70.00.
case("codes with a sister", "RVU25D.pdf, PC/TC indicator 4", (line("93000"), pays("17.00", rank=2)),
     (line("93224"), pays("100.00", rank=1)))
# Below a TC of 148.00: 100.00 - 17.50.
case("a sum of sisters", "RVU25D.pdf, PC/TC indicator 4", (line("93224"), pays("82.50")),
     (line("CARD2", "TC"), pays("148.00")))
# Each side is a procedure: 33.33 x 50 percent = 16.665 -> 16.67 twice; TC 11.11 twice, the second 80 percent of it,
# 8.888 -> 8.89: 33.34 - 2.22. The 26 alone: 11.11 x 50 percent = 5.555 -> 5.56 twice.
case("both sides, 52 and ophthalmology", "MM7848; sec. 40.7", (line("OPHT3", "50", "52"), pays("31.12")))
case("both sides, 52 and a 26", "MM7848; sec. 40.7", (line("OPHT3", "26", "50", "52"), pays("11.12", rank=None)))
# The sisters' sum, then 52: 11.13 + 20.03 = 31.16, half 15.58, x 75 percent = 11.685 -> 11.69, so 25.00 - 3.89.
case("52 and a sum of sisters", "RVU25D.pdf, PC/TC indicator 4", (line("93784", "52"), pays("21.11")),
     (line("CARD2", "TC"), pays("148.00")))
# 93226 40.00 first, 93225 30.00 x 75 percent = 22.50.
case("technical work only", "MM7848", (line("93225"), pays("22.50")), (line("93226"), pays("40.00")))

# --- Therapy: ch. 5 sec. 10.7 -----------------------------------------------------------------------------------------
# THER1 40.00 (PE 20.00), THER2 36.00 (PE 24.00), THER3 30.00 (PE 24.00). Halved: 30.00, 24.00, 18.00.
case("two units of therapy", "ch. 5 sec. 10.7", (line("THER1", "GP", units=2), pays("70.00")))
# The highest PE, not the highest fee: THER2 in full.
case("the highest PE leads", "ch. 5 sec. 10.7", (line("THER1", "GP"), pays("30.00", rank=2)),
     (line("THER2", "GP"), pays("36.00", rank=1)))
# Equal PE: the higher fee, THER2.
case("equal PE goes by fee", "ch. 5 sec. 10.7", (line("THER3"), pays("18.00")), (line("THER2"), pays("36.00")))
# Two disciplines, units: 36.00; 24.00; 3 x 30.00 = 90.00.
case("two disciplines with units", "ch. 5 sec. 10.7", (line("THER1", "GP", units=3), pays("90.00", rank=3)),
     (line("THER2", "GO", units=2), pays("60.00", rank=1)))
case("one unit alone", "ch. 5 sec. 10.7", (line("THER1"), pays("40.00", rank=1, mppr_factor="1")))
# Therapy and surgery do not meet.
case("therapy beside surgery", "ch. 5 sec. 10.7", (line("THER1"), pays("40.00")),
     (line("SURG5"), pays("500.00", rank=1)))
# An assistant's service: 40.00 allowed, patient 8.00, Medicare 32.00 x 85 percent = 27.20, less 0.544 -> 0.54.
case("CQ cuts Medicare's part", "SSA 1834(v)", (line("THER1", "GP", "CQ"),
     pays("40.00", patient_share="8.00", medicare_paid="26.66", sequestration="0.54")))
# Second unit 30.00: patient 6.00, Medicare 24.00 -> 20.40, less 0.408 -> 0.41.
case("CO and the reduction", "SSA 1834(v); ch. 5 sec. 10.7", (line("THER2", "GO"), pays("36.00")),
     (line("THER1", "GO", "CO"), pays("30.00", medicare_paid="19.99", sequestration="0.41")))

# --- Lines that others decide -----------------------------------------------------------------------------------------
case("T alone", "RVU25D.pdf, status T", (line("TINJ1"), pays("25.00")), (line("TINJ2"), pays("30.00")))
case("T beside a visit", "RVU25D.pdf, status T", (line("TINJ1", billed_amount=Decimal("40.00")),
     denied("bundled", "97", contractual_adjustment="40.00", medicare_paid="0.00", fee_schedule_amount="25.00")),
     (line("VISIT"), pays("100.00")))
case("T beside a line without a price", "RVU25D.pdf, status T", (line("TINJ1"), pays("25.00")),
     (line("NONC1"), is_("noncovered")),
     (line("VISIT", "62"), is_(NO)))
case("T beside another physician's visit", "RVU25D.pdf: the same provider",
     (line("TINJ1", billing_npi="1"), pays("25.00")),
     (line("VISIT", billing_npi="2"), pays("100.00")))
case("an add-on alone", "NCCI policy manual ch. I", (line("ADDON"), denied("add_on_without_primary", "107")))
case("an add-on whose primary is denied", "NCCI policy manual ch. I", (line("NONC1"), is_("noncovered")),
     (line("ADDON"), denied("add_on_without_primary", "107")))
case("an add-on whose primary does not take its modifier", "NCCI policy manual ch. I", (line("VISIT", "62"), is_(NO)),
     (line("ADDON"), denied("add_on_without_primary", "107")))
case("an add-on with another physician's primary", "agreed", (line("VISIT", billing_npi="1"), pays("100.00")),
     (line("ADDON", billing_npi="2"), pays("50.00")))
case("an add-on on another day", "NCCI policy manual ch. I", (line("VISIT"), pays("100.00")),
     (line("ADDON", date_of_service=date(2025, 7, 2)), denied("add_on_without_primary", "107")))
case("an add-on is never reduced", "sec. 40.6.A", (line("SURG5"), pays("500.00")),
     (line("ADDON", units=3), pays("150.00", rank=None)))

# --- Rows that cannot be priced ---------------------------------------------------------------------------------------
case("status letters", "RVU25D.pdf, Attachment A", (line("BUND1"), is_("bundled")), (line("NONC1"), is_("noncovered")),
     (line("CONT1"), is_("contractor_priced")))
case("GY and GZ", "ch. 1 sec. 60", (line("VISIT", "GY"), is_("noncovered")),
     (line("VISIT", "GZ"), is_("not_necessary")),
     (line("VISIT", "GA"), pays("100.00")))
case("bad rows", "agreed",
     (line("VISIT", date_of_service=None), is_("invalid_date", setting=None, release=None)),
     (line("VISIT", date_of_service=date(2024, 7, 1)), is_("no_release", release=None)),
     (line("NOPE1"), is_("unknown_code")), (line("VISIT", "ZZ"), is_("unknown_modifier")),
     (line("VISIT", place="59"), is_("unknown_place_of_service", setting=None)),
     (line("VISIT", locality="77"), is_("unknown_locality")), (line("VISIT", units=0), is_("invalid_units")),
     (line("VISIT", units=10_000), is_("invalid_units")),
     (line("VISIT", billed_amount=Decimal("-1.00")), is_("invalid_billed_amount")),
     (line("VISIT", provider_type="wizard"), is_("unknown_provider_type")),
     (line("VISIT", "26"), is_(NO)), (line("IMG01", "26", "TC"), is_(NO)),
     (line("VISIT", place="07"), is_("not_under_fee_schedule", setting="not_priced")))
# Bad rows of a claim change nothing for the good ones.
case("a bad row beside good ones", "agreed", (line("SURG1", units=0), is_("invalid_units")),
     (line("SURG5"), pays("500.00", rank=1)))

# --- Who bills, and who pays ------------------------------------------------------------------------------------------
# 100 allowed: 20.00 the patient's; 80.00 less 1.60.
case("a hundred dollars", "ch. 1 sec. 30; sequestration", (line("VISIT"),
     pays("100.00", patient_share="20.00", medicare_paid="78.40", sequestration="1.60",
           contractual_adjustment=None, carc="")))
# First Coast's example: 100.00, 50.00 to the deductible: 40.00 less 0.80; the patient 50.00 + 10.00.
case("First Coast's example of sequestration", "medicare.fcso.com, Federal sequestration payment reductions",
     (line("VISIT", deductible_left=Decimal("50.00")),
      pays("100.00", patient_share="60.00", medicare_paid="39.20", sequestration="0.80")))
case("all to the deductible", "BBEDCA 251A", (line("VISIT", deductible_left=Decimal("257.00")),
     pays("100.00", patient_share="100.00", medicare_paid="0.00", sequestration="0.00")))
# 150.00 left before the claim, said on both lines: 100.00 of the first, 50.00 of the second: 50.00 x 20 percent more.
case("a deductible that the first line does not use up", "SSA 1833(b)",
     (line("VISIT", deductible_left=Decimal("150.00")),
      pays("100.00", patient_share="100.00", medicare_paid="0.00", sequestration="0.00")),
     (line("VISIT", deductible_left=Decimal("150.00")),
      pays("100.00", patient_share="60.00", medicare_paid="39.20", sequestration="0.80")))
# Said on one line only, it is the claim's all the same; the preventive line is free of it; the denied one takes none.
case("a deductible said once", "SSA 1833(b)(1)",
     (line("VISIT", "33"), pays("100.00", patient_share="0.00", medicare_paid="98.00", sequestration="2.00")),
     (line("VISIT", deductible_left=Decimal("30.00")),
      pays("100.00", patient_share="44.00", medicare_paid="54.88", sequestration="1.12")),
     (line("VISIT"), pays("100.00", patient_share="20.00", medicare_paid="78.40", sequestration="1.60")))
# AAPC's and the contractors' nonparticipating example: 95.00, 50.00 to the deductible, 80 percent of 45.00 = 36.00,
# less 0.72.
case("nonparticipating", "SSA 1848(a)(3); sequestration example of 95.00",
     (line("VISIT", participating=False, deductible_left=Decimal("50.00")),
     pays("95.00", patient_share="59.00", medicare_paid="35.28", sequestration="0.72")))
case("a nurse practitioner", "SSA 1833(a)(1)(O)",
     (line("VISIT", provider_type="np", participating=False), pays("85.00")))
# 1,000.00 x 80 at 16 percent = 160.00, then 85 percent.
case("an 80 of a nurse practitioner", "SSA 1833(a)(1)(O)", (line("SURG4", "80", provider_type="np"), pays("136.00")))
# The reduction first, then the percent: 500.00 x 50 percent x 85 percent = 212.50.
case("multiple and a practitioner", "sec. 110", (line("SURG1", provider_type="pa"), pays("886.96")),
     (line("SURG5", provider_type="pa"), pays("212.50")))
# Lower of billed and allowed: 90.00; and 150.00 billed leaves 50.00, CARC 45.
case("billed below", "SSA 1848(a)(1)",
     (line("VISIT", billed_amount=Decimal("90.00")), pays("90.00", contractual_adjustment="0.00", carc="")))
case("billed above", "SSA 1848(a)(1)",
     (line("VISIT", billed_amount=Decimal("150.00")), pays("100.00", contractual_adjustment="50.00", carc="45")))
# 33: no cost share: 100.00 less 2.00. PT in 2025: 15 percent, no deductible: 85.00 less 1.70.
case("33", "SSA 1833(b)(1)",
     (line("VISIT", "33", deductible_left=Decimal("50.00")),
      pays("100.00", patient_share="0.00", medicare_paid="98.00")))
case("PT", "CAA 2021 sec. 122",
     (line("VISIT", "PT", deductible_left=Decimal("50.00")),
      pays("100.00", patient_share="15.00", medicare_paid="83.30")))
# MIPS of -9 percent: 80.00 - 7.20 = 72.80, less 1.456 -> 1.46.
case("MIPS", "SSA 1848(q)(6)",
     (line("VISIT"), pays("100.00", patient_share="20.00", medicare_paid="71.34", sequestration="1.46")),
     options={"mips_percent": "-9"})
case("no sequestration", "named switch",
     (line("VISIT"), pays("100.00", medicare_paid="80.00", sequestration="0.00")), options={"sequestration": False})

# --- CMS's own figures: release RVU26C, July 2026, factor 33.4009; Alabama 10112-00: 1.000, 0.875, 0.566 --------------


def alabama(hcpcs: str, *modifiers: str, **more: Any) -> dict[str, Any]:
    """A line in Alabama in 2026."""
    return line(hcpcs, *modifiers, **{"mac": "10112", "locality": "00", "date_of_service": date(2026, 7, 1), **more})


# 64493: 1.48 + 4.08 x 0.875 + 0.14 x 0.566 = 5.12924; x 33.4009 = 171.3212 -> 171.32; x 150 percent = 256.98.
case("a facet joint on both sides", "sec. 40.7",
     (alabama("64493", "50"), pays("256.98", release="RVU26C")), schedule=STARTER_2026)
# 64635: 3.24 + 10.39 x 0.875 + 0.29 x 0.566 = 12.49539; x 33.4009 = 417.3573 -> 417.36. 64636: 1.13 + 6.29 x 0.875
# + 0.11 x 0.566 = 6.69601; 223.6528 -> 223.65; two further joints 447.30, never reduced. 64493: half of 171.32.
case("radiofrequency, two further joints and an injection", "secs. 40.6, 40.7",
     (alabama("64635"), pays("417.36")), (alabama("64636", units=2), pays("447.30")),
     (alabama("64493"), pays("85.66", rank=2)),
     schedule=STARTER_2026)
# 45385: 4.46 + 10.00 x 0.875 + 0.51 x 0.566 = 13.49866; 450.8674 -> 450.87. 45380: 3.47 + 10.48 x 0.875 + 0.42 x 0.566
# = 12.87772; 430.1275 -> 430.13. Base 45378: 3.18 + 7.73 x 0.875 + 0.41 x 0.566 = 10.17581; 339.8812 -> 339.88.
# 450.87 + 430.13 - 339.88 = 541.12.
case("two colonoscopies and their base", "sec. 40.6.C",
     (alabama("45380"), pays("90.25")), (alabama("45385", "59"), pays("450.87")),
     (alabama("45378"), denied("bundled", "97")),
     schedule=STARTER_2026)
# 97110: 0.45 + 0.41 x 0.875 + 0.01 x 0.566 = 0.81441; 27.2020 -> 27.20; its PE halved 0.45 + 0.205 x 0.875 + 0.00566
# = 0.635035; 21.2107 -> 21.21. 97140: 0.43 + 0.195 x 0.875 + 0.00566 = 0.606285; 20.2504 -> 20.25.
case("three units of therapy", "ch. 5 sec. 10.7", (alabama("97140", "GP"), pays("20.25")),
     (alabama("97110", "GP", units=2), pays("48.41")),
     schedule=STARTER_2026)
