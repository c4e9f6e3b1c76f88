"""Composite APCs at CMS's national rates of 2025 (Addenda A and B), each amount reckoned by hand.

Ultrasound 76700 and 76770 106.34 each, together APC 8004 at 306.50. CT 70450 and 70486 106.34, 70460 178.02 with
contrast: together 8005 at 224.55, with contrast 8006 at 435.12. MRI 72148 and 72141 241.72, 72149 357.13: 8007 at
540.27, 8008 at 854.83. Mental health 90834 160.67, 90853 92.50: at most 8010 at 408.55 a day. A fifth is the patient's.
"""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from facility.entries import apc, install, opps

from feecalc.facility import open_facility, price_facility_claims
from feecalc.facility.case import CaseLine
from feecalc.ingest.store import Store

D = Decimal
DAY = date(2025, 10, 1)
CODES = [
    ("76700", "Q3", "5522", "106.34"), ("76770", "Q3", "5522", "106.34"), ("70450", "Q3", "5522", "106.34"),
    ("70486", "Q3", "5522", "106.34"), ("70460", "Q3", "5571", "178.02"), ("72148", "Q3", "5523", "241.72"),
    ("72141", "Q3", "5523", "241.72"), ("72149", "Q3", "5572", "357.13"), ("71046", "Q3", "5521", "88.05"),
    ("90834", "Q3", "5823", "160.67"), ("90853", "Q3", "5822", "92.50"), ("94762", "Q3", "5721", "156.46"),
    ("99291", "J2", "5041", "842.61"), ("29881", "J1", "5113", "3244.61"), ("10003", "S", "5003", "50.00"),
    ("30001", "Q1", "5003", "50.00"), ("30003", "Q3", "5003", "50.00"), ("30004", "Q3", "5003", "50.00"),
]  # fmt: skip
COMPOSITES = [
    ("S", "8004", "306.50"), ("S", "8005", "224.55"), ("S", "8006", "435.12"), ("S", "8007", "540.27"),
    ("S", "8008", "854.83"), ("S", "8010", "408.55"),
]  # fmt: skip


def _table(rows, like):
    kinds = {name: pl.Decimal(22, 12) if kind.is_decimal() else kind for name, kind in like.schema.items()}
    cells = [(*row[:-1], None, D(row[-1]), None, D(row[-1]) / 5, None, None) for row in rows]
    return pl.DataFrame(cells, schema=kinds, orient="row")


def schedule_in(folder, *, with_rates=True, sides=()):
    store = Store(folder)
    install(store, "opps", DAY, _table(CODES, opps()))
    of_codes = list(dict.fromkeys((status, group, rate) for _, status, group, rate in CODES))
    install(store, "apc", DAY, _table([*of_codes, *(COMPOSITES if with_rates else [])], apc()))
    if sides:
        rows = pl.DataFrame(sides, schema=["hcpcs", "bilateral_indicator"], orient="row")
        install(store, "release", DAY, rows.with_columns(modifier=pl.lit("")), table="rvu", name="RVU25D")
    return open_facility(store, DAY, ("opps",))


@pytest.fixture(scope="module")
def schedule(tmp_path_factory):
    return schedule_in(tmp_path_factory.mktemp("composites"))


def priced(schedule, *codes):
    def line(text):
        code, _, units = text.partition(" x")
        hcpcs, *modifiers = code.split("-")
        return CaseLine(hcpcs, tuple(modifiers), int(units or 1))

    return schedule.price([line(text) for text in codes], "opps", day=DAY).lines


def amounts(schedule, *codes):
    lines = priced(schedule, *codes)
    return [str(line.facility_amount) if line.pricing_status == "priced" else line.pricing_status for line in lines]


@pytest.mark.parametrize(
    ("codes", "found"),
    [
        (("76700",), ["106.34"]),  # one alone: its own APC
        (("76700", "76770"), ["306.50", "packaged"]),  # 8004, more than 212.68 apart
        (("70450", "70486"), ["224.55", "packaged"]),  # 8005
        (("70486", "70450"), ["224.55", "packaged"]),  # the first line is paid
        (("70450", "70460"), ["435.12", "packaged"]),  # one with contrast: 8006
        (("72148", "72141"), ["540.27", "packaged"]),  # 8007
        (("72148", "72149"), ["854.83", "packaged"]),  # 8008
        (("70450 x2",), ["224.55"]),  # units count, and one is paid
        (("70450", "70450-76"), ["224.55", "packaged"]),  # lines of one code count
        (("70450", "72148"), ["106.34", "241.72"]),  # two families
        (("70450", "72148", "70486"), ["224.55", "241.72", "packaged"]),
        (("70450", "70486", "72148", "72141"), ["224.55", "packaged", "540.27", "packaged"]),  # two composites a day
        (("70450", "70486-52"), ["106.34", "53.17"]),  # ended early: no part of it, and half of 106.34
        (("70450-73", "70486", "70460"), ["53.17", "435.12", "packaged"]),
        (("70450", "71046"), ["106.34", "88.05"]),  # a chest film is no CT scan, though of status Q3
        (("70450", "70486-CT"), ["190.87", "packaged"]),  # 85 percent of 224.55, whichever line says CT
        (("70450-PN", "70486"), ["89.82", "packaged"]),  # 40 percent of 224.55
        (("70450", "70486", "29881"), ["packaged", "packaged", "3244.61"]),  # a comprehensive payment takes all
        (("70450", "70486", "30001"), ["224.55", "packaged", "packaged"]),  # and Q1 is packaged beside S
        (("70450", "30001"), ["106.34", "packaged"]),
    ],
)
def test_imaging(schedule, codes, found):
    assert amounts(schedule, *codes) == found


@pytest.mark.parametrize(
    ("codes", "found"),
    [
        (("90834", "90853"), ["160.67", "92.50"]),  # 253.17 is less than 408.55
        (("90834", "90853", "90834-59"), ["408.55", "packaged", "packaged"]),  # 413.84 is more
        (("90834 x3",), ["408.55"]),  # 482.01
        (("90834 x2",), ["321.34"]),
        (("90834", "70450", "90853"), ["160.67", "106.34", "92.50"]),
    ],
)
def test_mental_health(schedule, codes, found):
    assert amounts(schedule, *codes) == found


@pytest.mark.parametrize(
    ("codes", "found"),
    [
        (("99291", "71046"), ["842.61", "packaged"]),
        (("99291", "71046-59"), ["842.61", "88.05"]),
        (("99291", "71046", "70450-XE"), ["842.61", "88.05", "106.34"]),  # on any line of the claim
        (("99291", "94762-59"), ["842.61", "packaged"]),  # it does not heed 59
        (("99291", "70450"), ["842.61", "106.34"]),  # no part of critical care
        (("94762", "71046"), ["156.46", "88.05"]),  # without critical care each is paid
    ],
)
def test_critical_care(schedule, codes, found):
    assert amounts(schedule, *codes) == found


def test_what_is_said_of_it(schedule):
    first, second = priced(schedule, "70450", "70486")
    assert (first.apc, first.copayment) == ("8005", D("44.91"))
    assert first.note.startswith("paid as composite APC 8005: one payment for 70450, 70486 of the day; ")
    assert second.reason == (
        "packaged into the composite payment for 70450: CT scans of a day are one payment (APC 8005)"
    )
    (rate,) = [step for step in first.steps if step.name == "national rate"]
    assert rate.detail == "of composite APC 8005: 70450, 70486"
    assert "IOCE" in rate.source


def test_without_its_rate_it_is_not_priced_and_the_dollars_are_said(tmp_path):
    """Addendum A is not installed, and no other file has a composite's rate: 106.34 + 106.34 = 212.68 apart."""
    schedule = schedule_in(tmp_path, with_rates=False)
    lines = priced(schedule, "70450", "70486")
    assert [line.pricing_status for line in lines] == ["not_modeled"] * 2
    assert lines[0].reason == (
        "CT scans of a day are one payment (APC 8005), of which no rate is installed (OPPS Addendum A: feecalc build); "
        "apart they would be 212.68 USD"
    )
    assert amounts(schedule, "70450") == ["106.34"]
    assert amounts(schedule, "90834") == ["160.67"]
    assert amounts(schedule, "90834", "90853") == ["not_modeled"] * 2
    said = priced(schedule, "90834", "90853")[0].reason
    assert "are at most one payment (APC 8010)" in said
    assert "253.17 USD" in said  # 160.67 + 92.50


def test_codes_of_no_known_composite_are_not_guessed(schedule):
    assert amounts(schedule, "30003", "30004") == ["not_modeled"] * 2
    assert "Addendum M" in priced(schedule, "30003", "30004")[0].reason
    assert amounts(schedule, "30003", "10003") == ["50.00", "50.00"]


def test_both_sides_of_a_code_that_has_two_are_two(tmp_path):
    """70450 is made to have two sides here: 50 counts as two units, and the composite is paid once."""
    schedule = schedule_in(tmp_path, sides=[("70450", "3"), ("70486", "0")])
    assert amounts(schedule, "70450-50") == ["224.55"]
    assert amounts(schedule, "70486-50") == ["106.34"]


def test_days_and_claims_are_apart(schedule):
    """Composites are of a day of a claim; a denied line is no part of one, nor has it any effect."""

    def paid(*rows):
        lines = pl.DataFrame(
            [{"claim_id": "1", "line": place, "date_of_service": DAY, "setting": "opps", "units": 1, **row}
             for place, row in enumerate(rows)],
            infer_schema_length=None,
        )  # fmt: skip
        return price_facility_claims(lines, [schedule])["facility_amount"].to_list()

    one, two = {"hcpcs": "70450"}, {"hcpcs": "70486"}
    assert paid(one, two) == [D("224.55"), None]
    assert paid(one, {**two, "date_of_service": date(2025, 10, 2)}) == [D("106.34"), D("106.34")]
    assert paid(one, {**two, "claim_id": "2"}) == [D("106.34"), D("106.34")]
    assert paid({**one, "denied_because": ""}, {**two, "denied_because": "no"}) == [D("106.34"), None]
    assert paid({**one, "wage_index": D("1.2")}, {**two, "wage_index": D("1.2")})[0] == D("251.50")
    # 224.55 x (0.6 x 1.2 + 0.4) = 251.496
