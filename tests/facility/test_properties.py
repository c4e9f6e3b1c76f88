"""What must always hold of a facility's claims."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import polars as pl
from facility.entries import DAY, ancillary, asc, opps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feecalc.facility import price_facility_claims

CODES = sorted({*opps()["hcpcs"], *asc()["hcpcs"], *ancillary()["hcpcs"], "60001", "99999"})
LINE = st.fixed_dictionaries(
    {
        "claim_id": st.sampled_from("AB"),
        "date_of_service": st.sampled_from([DAY, date(2026, 5, 4)]),
        "hcpcs": st.sampled_from(CODES),
        "setting": st.sampled_from(["asc", "opps"]),
        "units": st.integers(0, 4),
        "cbsa": st.sampled_from(["", "11111", "22222", "01", "99999"]),
        "modifier_1": st.sampled_from(["", "50", "52", "73", "74", "76", "PN", "FC", "RT", "ZZ"]),
        "modifier_2": st.sampled_from(["", "", "50", "73", "FB"]),
    }
)
LINES = st.lists(LINE, min_size=1, max_size=12)
AMOUNTS = ("facility_amount", "medicare_amount", "copayment")
RUN = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def priced(schedule, rows):
    frame = pl.DataFrame([{"line": number, **row} for number, row in enumerate(rows)], infer_schema_length=None)
    return price_facility_claims(frame, [schedule])


@RUN
@given(LINES)
def test_every_line_has_an_amount_or_a_reason(schedule, rows):
    found = priced(schedule, rows)
    assert found.height == len(rows)
    for line in found.iter_rows(named=True):
        paid = line["pricing_status"] == "priced"
        assert all((line[name] is not None) == paid for name in AMOUNTS), line
        assert paid == (line["reason"] == ""), line
        if paid:
            assert line["medicare_amount"] + line["copayment"] == line["facility_amount"]
            assert line["copayment"] >= 0
            assert line["medicare_amount"] >= 0


@RUN
@given(LINES, st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_total(schedule, rows, random):
    where = {(row["claim_id"], row["setting"]): row["cbsa"] for row in rows}  # a claim is of one facility
    rows = [{**row, "cbsa": where[row["claim_id"], row["setting"]]} for row in rows]
    moved = list(rows)
    random.shuffle(moved)
    assert priced(schedule, rows)["facility_amount"].sum() == priced(schedule, moved)["facility_amount"].sum()


@RUN
@given(LINES)
def test_claims_do_not_touch_each_other(schedule, rows):
    whole = priced(schedule, rows)
    apart = [
        priced(schedule, [row for row in rows if row["claim_id"] == name])
        for name in "AB"
        if any(row["claim_id"] == name for row in rows)
    ]
    assert whole["facility_amount"].sum() == sum((each["facility_amount"].sum() for each in apart), Decimal(0))


@RUN
@given(LINES)
def test_the_columns_multiply_to_the_amount(schedule, rows):
    """An independent reckoning of the amount from what is told of the line; code pairs and credits apart."""
    labor = {"asc": Decimal("0.5"), "opps": Decimal("0.6")}
    for line in priced(schedule, rows).iter_rows(named=True):
        given = {line["modifier_1"], line["modifier_2"]}
        if line["facility_amount"] is None or given & {"FB", "FC"} or "code pair" in line["note"]:
            continue
        rate, device = line["national_rate"], line["device_amount"] or Decimal(0)
        if line["hcpcs"] == "20001" and "73" in given:
            rate -= 600
        off_campus = "PN" in given and line["setting"] == "opps" and line["wage_index_applied"] is not None
        off_campus &= line["hcpcs"] != "10006"  # without coinsurance: PN leaves preventive services alone
        if off_campus:
            rate = (rate * Decimal("0.4")).quantize(Decimal("0.01"), ROUND_HALF_UP)
        share, index = labor[line["setting"]], line["wage_index_applied"]
        weight = Decimal(1) if index is None else share * index + 1 - share
        exact = ((rate - device) * weight + device) * line["payment_factor"]
        if "complexity" in line["note"]:
            continue  # the rate told is the printed one of the raised APC
        assert line["facility_amount"] == exact.quantize(Decimal("0.01"), ROUND_HALF_UP), line


@RUN
@given(LINES)
def test_packaged_lines_added_change_no_amount_of_others(schedule, rows):
    added = [{**row, "hcpcs": "10004", "modifier_1": "", "modifier_2": ""} for row in rows[:2]]
    before, after = priced(schedule, rows), priced(schedule, [*rows, *added])
    assert before["facility_amount"].to_list() == after.head(len(rows))["facility_amount"].to_list()
