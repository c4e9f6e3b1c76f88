"""A fee schedule made up for tests: every fee is a round amount, chosen to be worked by hand.

Its one locality has a work index of 1.000 and PE and MP indices of 0.001, so that relative values of two decimals reach
every amount to the cent at 2025's factor of 32.3465: a fee of 100.00 is 3.09153 RVU.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

import polars as pl

from feecalc.pricing.release import ReleaseIdentity
from feecalc.pricing.schedule import FeeSchedule
from feecalc.tables import Gpci, Rvu

MAC, LOCALITY = "99901", "01"
DAY = date(2025, 7, 1)
_FACTOR = Decimal("32.3465")
# Of CMS's base units file; the factor is Miami's of 2025.
BASE_UNITS = {
    "00790": 7, "00811": 4, "00812": 3, "00840": 6, "01952": 5, "01953": 1, "01967": 5, "01968": 2, "01969": 5,
    "01996": 3,
}  # fmt: skip
PREVENTIVE = {
    "G0439": "147.09", "G0105": "300.00", "G0102": "20.00", "G0106": "200.00", "99497": "80.00", "77067": "130.00",
    "G0117": "60.00", "99407": "30.00",
}  # fmt: skip
ANESTHESIA_FACTOR = Decimal("22.3900")
_HUNDREDTH, _FINEST = Decimal("0.01"), Decimal("0.00001")


def _relative(amount: str) -> Decimal:
    return (Decimal(amount) / _FACTOR).quantize(_FINEST, ROUND_HALF_UP)


def row(
    hcpcs: str,
    fee: str,
    *,
    facility: str | None = None,
    modifier: str = "",
    practice_expense: str | None = None,
    cap: str | None = None,
    **indicators: Any,
) -> dict[str, Any]:
    """One row whose fee is ``fee`` in an office and ``facility`` (by default the same) in a facility.

    ``practice_expense``: that much of the fee, in dollars, is PE. ``cap``: the OPPS amount.
    """
    amounts = [_relative(each) for each in (fee, facility or fee)]
    if practice_expense is not None:
        pe = (_relative(practice_expense) * 1000).quantize(_HUNDREDTH)
        pe_nonfacility = pe_facility = pe
        rest = amounts[0] - pe / 1000
        work = rest.quantize(_HUNDREDTH, ROUND_DOWN)
        mp = (rest - work) * 1000
    else:
        lowest = min([*amounts, *([_relative(cap)] if cap else [])])
        work, mp = (lowest / 2).quantize(_HUNDREDTH, ROUND_DOWN), Decimal(0)
        pe_nonfacility, pe_facility = ((each - work) * 1000 for each in amounts)
    opps = (_relative(cap) - work) * 1000 if cap else Decimal(0)
    figures = {
        "work_rvu": work, "pe_rvu_nonfacility": pe_nonfacility, "pe_rvu_facility": pe_facility, "mp_rvu": mp,
        "total_rvu_nonfacility": work + pe_nonfacility + mp, "total_rvu_facility": work + pe_facility + mp,
        "opps_pe_rvu_nonfacility": opps, "opps_pe_rvu_facility": opps, "opps_mp_rvu": Decimal(0),
        "conversion_factor": _FACTOR,
        "preoperative_rate": Decimal(0), "intraoperative_rate": Decimal(0), "postoperative_rate": Decimal(0),
    }  # fmt: skip
    texts = {
        "hcpcs": hcpcs, "modifier": modifier, "description": "Made up", "status_indicator": "A",
        "not_used_for_medicare": "", "na_indicator_nonfacility": "", "na_indicator_facility": "",
        "pctc_indicator": "0", "global_days": "XXX", "mppr_indicator": "0", "bilateral_indicator": "0",
        "assistant_indicator": "0", "cosurgeon_indicator": "0", "team_indicator": "0", "pricing_indicator": "",
        "endoscopic_base": "", "supervision_indicator": "09", "calculation_flag": "0", "imaging_family": "99",
        "source_line": 1,
    }  # fmt: skip
    return {**texts, **figures, **indicators}


def diagnostic(hcpcs: str, professional: str, technical: str, caps: tuple[str, str] | None = None, **indicators: Any):
    """A diagnostic test as three rows: the whole, its 26 and its TC. ``caps``: of the whole and of the TC."""
    whole = str(Decimal(professional) + Decimal(technical))
    both = {"pctc_indicator": "1", **indicators}
    return [
        row(hcpcs, whole, cap=caps and caps[0], **both),
        row(hcpcs, professional, modifier="26", **both),
        row(hcpcs, technical, modifier="TC", cap=caps and caps[1], **both),
    ]




def _rates(pre: str, intra: str, post: str) -> dict[str, Decimal]:
    names = ("preoperative_rate", "intraoperative_rate", "postoperative_rate")
    return dict(zip(names, map(Decimal, (pre, intra, post)), strict=True))


_MAJOR: dict[str, Any] = {
    "global_days": "090", "mppr_indicator": "2", "bilateral_indicator": "1", "assistant_indicator": "2",
    "cosurgeon_indicator": "1", **_rates("0.10", "0.70", "0.20"),
}  # fmt: skip
_MINOR: dict[str, Any] = {"global_days": "000", "mppr_indicator": "2", "bilateral_indicator": "1"}
_SCOPE: dict[str, Any] = {"global_days": "000", "mppr_indicator": "3", "assistant_indicator": "2"}
_IMAGE: dict[str, Any] = {"mppr_indicator": "4", "imaging_family": "88"}

# Ten dollars less of practice expense in a facility.
_LESS_IN_FACILITY = {"pe_rvu_facility": (_relative("10.00") * 1000).quantize(_HUNDREDTH)}

ROWS = [
    row("SURG1", "1043.48", **_MAJOR),
    row("SURG2", "1010.60", **_MAJOR),
    row("SURG3", "922.90", **_MAJOR),
    row("SURG4", "1000.00", facility="600.00", **_MAJOR),
    row("SURG5", "500.00", **_MAJOR),
    row("PAL42", "1000.00", **{**_MAJOR, **_rates("0.09", "0.74", "0.17")}),
    row("POST9", "1174.97", **{**_MAJOR, **_rates("0.09", "0.82", "0.09")}),
    row("TEN10", "300.00", **{**_MAJOR, "global_days": "010", **_rates("0.10", "0.80", "0.10")}),
    row("RADIO", "800.00", **{**_MAJOR, **_rates("0.00", "0.00", "0.00")}),
    row("MINO1", "115.04", **_MINOR),
    row("MINO2", "200.00", **_MINOR),
    row("MINO3", "80.00", **_MINOR),
    row("SIDE0", "125.00"),
    row("SIDE2", "125.00", bilateral_indicator="2"),
    row("SIDE3", "80.00", bilateral_indicator="3"),
    row("SIDE9", "90.00", bilateral_indicator="9", assistant_indicator="9", cosurgeon_indicator="9"),
    row("ASST1", "700.00", **{**_MAJOR, "assistant_indicator": "1"}),
    row("ASST0", "700.00", **{**_MAJOR, "assistant_indicator": "0"}),
    row("TEAM1", "700.00", **{**_MAJOR, "team_indicator": "1"}),
    row("BASE1", "200.00", **{**_SCOPE, "mppr_indicator": "2"}),
    row("ENDO1", "310.02", endoscopic_base="BASE1", **_SCOPE),
    row("ENDO2", "275.12", endoscopic_base="BASE1", **_SCOPE),
    row("ENDO3", "270.13", endoscopic_base="BASE1", **_SCOPE),
    row("BASE2", "255.40", **{**_SCOPE, "mppr_indicator": "2"}),
    row("ENDO4", "374.56", endoscopic_base="BASE2", **_SCOPE),
    row("ENDO5", "285.98", endoscopic_base="BASE2", **_SCOPE),
    row("BASE3", "100.00", **{**_SCOPE, "mppr_indicator": "2", "bilateral_indicator": "1"}),
    row("ENDO6", "300.00", endoscopic_base="BASE3", bilateral_indicator="1", **_SCOPE),
    row("ENDO7", "240.00", endoscopic_base="BASE3", bilateral_indicator="1", **_SCOPE),
    row("SCOP3", "120.00", **{**_SCOPE, "mppr_indicator": "2"}),
    row("SCOP3", "60.00", modifier="53", **{**_SCOPE, "mppr_indicator": "2"}),
    *diagnostic("IMG01", "68.00", "476.00", **_IMAGE),
    *diagnostic("IMG02", "102.00", "340.00", **_IMAGE),
    *diagnostic("IMGB3", "50.00", "200.00", **_IMAGE, bilateral_indicator="3"),
    *diagnostic("CAP01", "50.00", "250.00", ("150.00", "100.00"), **_IMAGE),
    *diagnostic("CAP02", "20.00", "80.00", ("90.00", "70.00")),
    *diagnostic("XRAY1", "10.00", "40.00"),
    *diagnostic("71046", "10.00", "40.00"),
    *diagnostic("70450", "10.00", "40.00", **_IMAGE),
    *diagnostic("70551", "10.00", "40.00", **_IMAGE),
    *diagnostic("74160", "50.00", "250.00", ("150.00", "100.00"), **_IMAGE),
    *diagnostic("URODY", "100.00", "300.00", global_days="000", mppr_indicator="2"),
    *diagnostic("CARD1", "77.00", "427.00", mppr_indicator="6"),
    *diagnostic("CARD2", "65.00", "148.00", mppr_indicator="6"),
    row("93000", "20.00", mppr_indicator="6", pctc_indicator="4"),
    row("93005", "12.00", mppr_indicator="6", pctc_indicator="3"),
    row("93010", "8.00", pctc_indicator="2"),
    row("93015", "90.00", mppr_indicator="6", pctc_indicator="4"),
    row("93016", "22.00", pctc_indicator="2"),
    row("93017", "53.00", mppr_indicator="6", pctc_indicator="3"),
    row("93018", "15.00", pctc_indicator="2"),
    row("93224", "100.00", mppr_indicator="6", pctc_indicator="4"),
    row("93225", "30.00", mppr_indicator="6", pctc_indicator="3"),
    row("93226", "40.00", mppr_indicator="6", pctc_indicator="3"),
    *diagnostic("OPHT1", "46.00", "92.00", mppr_indicator="7"),
    *diagnostic("OPHT2", "23.00", "53.00", mppr_indicator="7"),
    *diagnostic("OPHT3", "11.11", "22.22", mppr_indicator="7", bilateral_indicator="3"),
    row("93784", "50.00", mppr_indicator="6", pctc_indicator="4"),
    row("93786", "11.13", mppr_indicator="6", pctc_indicator="3"),
    row("93788", "20.03", mppr_indicator="6", pctc_indicator="3"),
    row("THER1", "40.00", practice_expense="20.00", mppr_indicator="5", pctc_indicator="7"),
    row("THER2", "36.00", practice_expense="24.00", mppr_indicator="5", pctc_indicator="7"),
    row("THER3", "30.00", practice_expense="24.00", mppr_indicator="5", pctc_indicator="7"),
    {**row("THER9", "40.00", practice_expense="20.00", mppr_indicator="5"), **_LESS_IN_FACILITY},
    row("SWALL", "85.00", facility="58.00", pctc_indicator="7"),
    row("ADDON", "50.00", global_days="ZZZ", bilateral_indicator="1"),
    row("99292", "110.00", global_days="ZZZ"),  # critical care after a colleague's first hour
    row("VISIT", "100.00", facility="70.00", bilateral_indicator="9"),
    *(row(code, fee) for code, fee in PREVENTIVE.items()),
    row("45385", "500.00", **{**_MINOR, "bilateral_indicator": "0"}),
    row("45380", "400.00", **{**_MINOR, "bilateral_indicator": "0"}),
    *(row(code, "0.00", status_indicator="J", mppr_indicator="9") for code in BASE_UNITS),
    row("TINJ1", "25.00", status_indicator="T"),
    row("TINJ2", "30.00", status_indicator="T"),
    row("BUND1", "40.00", status_indicator="B"),
    row("NONC1", "40.00", status_indicator="N"),
    row("CONT1", "0.00", status_indicator="C"),
]


def schedule() -> FeeSchedule:
    """The schedule, named MADEUP, for services of 2025: of tables checked once, with nothing looked up in it yet."""
    return replace(_checked())


@cache
def _checked() -> FeeSchedule:
    rvu = pl.DataFrame(ROWS, infer_schema_length=None).select(Rvu.column_names())
    place = {
        "mac": [MAC], "locality": [LOCALITY], "state": ["AL"], "locality_name": ["NOWHERE"],
        "work_gpci": [Decimal("1.000")], "work_gpci_unfloored": [Decimal("1.000")],
        "pe_gpci": [Decimal("0.001")], "mp_gpci": [Decimal("0.001")],
    }  # fmt: skip
    units = pl.DataFrame({"hcpcs": list(BASE_UNITS), "base_units": list(BASE_UNITS.values())})
    factor = {"mac": [MAC], "locality": [LOCALITY], "anesthesia_conversion_factor": [ANESTHESIA_FACTOR]}
    return FeeSchedule(
        ReleaseIdentity("MADEUP", 2025, date(2025, 1, 1), "made up", "0" * 64),
        Rvu.validate(rvu, cast=True),
        Gpci.validate(pl.DataFrame(place), cast=True),
        base_units=units,
        anesthesia=pl.DataFrame(factor, schema_overrides={"anesthesia_conversion_factor": pl.Decimal(12, 4)}),
    )
