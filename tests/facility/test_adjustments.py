"""What a remittance would say of a facility's lines: the parts add up to what is billed and Medicare does not pay."""

from __future__ import annotations

import random
from decimal import Decimal

import polars as pl
import pytest
from facility.entries import DAY, ancillary, asc, opps

from feecalc.facility.adjustments import with_adjustments
from feecalc.facility.lines import complete


@pytest.fixture
def adjusted(claims):
    """The adjustments of the lines of one claim, given as setting, code with modifiers, and charge."""

    def price(setting, *lines):
        rows = []
        for text, charge in lines:
            code, *modifiers = text.split("-")
            given = {"modifier_1": "", **dict(zip(["modifier_1"], modifiers, strict=False))}
            billed = None if charge is None else Decimal(charge)
            rows.append({"hcpcs": code, "setting": setting, "billed_amount": billed, **given})
        found = claims(*({**row, "line": at} for at, row in enumerate(rows, 1)))
        return found["adjustments"].to_list()

    return price


def test_a_procedure_and_what_is_packaged(adjusted):
    """10001 pays 100.00, the patient 20.00 of it: of 350.00 250.00 is above it. 10004 is packaged (N): all 80.00."""
    assert adjusted("opps", ("10001", "350.00"), ("10004", "80.00")) == ["CO-45 250.00; PR-2 20.00", "CO-97 80.00"]


def test_a_second_procedure_at_half(adjusted):
    """10002 at 50 percent is 40.00, the patient 8.00: 60.00 of 100.00 is above what is paid."""
    assert adjusted("opps", ("10001", "100.00"), ("10002", "100.00")) == ["PR-2 20.00", "CO-45 60.00; PR-2 8.00"]


def test_the_rate_is_paid_where_less_is_billed(adjusted):
    """OPPS pays 100.00 for 70.00: 30.00 more than the charge, and 70.00 + 30.00 - 20.00 is Medicare's."""
    assert adjusted("opps", ("10001", "70.00")) == ["CO-94 -30.00; PR-2 20.00"]


def test_without_a_charge_the_patient_s_part_alone_is_known(adjusted):
    assert adjusted("opps", ("10001", None), ("10004", None)) == ["PR-2 20.00", None]


def test_what_opps_refuses_has_no_code(adjusted):
    """Which code Medicare sends for a service that is inpatient only, or on no list, was not found."""
    assert adjusted("opps", ("60001", "90.00"), ("99999", "90.00")) == [None, None]


def test_what_a_center_s_lists_say(adjusted):
    """Pub. 100-04 ch. 14 sec. 60.3: N1 is CO-97 N390; 60.2: a code on no list is CO-8 N95. 10001 pays 100.00."""
    told = adjusted("asc", ("10001", "130.00"), ("10004", "90.00"), ("99999", "50.00"))
    assert told == ["CO-45 30.00; PR-2 20.00", "CO-97 N390 90.00", "CO-8 N95 50.00"]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("excluded", "CO-5 90.00"),  # C5, U5, X5: assumed of Addendum EE
        ("inpatient_only", "CO-5 90.00"),  # C5
        ("deleted", "CO-181 N56 90.00"),  # D5
        ("not_billable", "CO-16 M51 90.00"),  # B5
        ("no_procedure", "CO-16 M51 90.00"),  # sec. 60.2
        ("cost_based", None),
        ("not_installed", None),
    ],
)
def test_what_a_center_s_payment_indicators_refuse(status, told):
    """Pub. 100-04 ch. 14 sec. 60.3, group and codes as printed."""
    given = {"hcpcs": "10001", "setting": "asc", "billed_amount": Decimal("90.00"), "date_of_service": DAY}
    lines = complete(pl.DataFrame([{"claim_id": "1", "line": 1, "units": 1, **given}]))
    priced = lines.select(
        pl.lit(status).alias("pricing_status"),
        *(pl.lit(None, pl.Decimal(18, 2)).alias(name) for name in ("facility_amount", "copayment")),
    )
    assert with_adjustments(lines, priced)["adjustments"].to_list() == [told]


NO_CODE = {"denied_by_edit", "cost_based", "other_schedule", "not_modeled", "contractor_priced", "unknown_setting",
           "not_installed", "invalid_date", "invalid_units", "unknown_indicator"}  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_the_parts_add_up_to_what_is_billed_and_not_paid(claims, seed):
    draw = random.Random(seed)
    codes = [*opps()["hcpcs"], *asc()["hcpcs"], *ancillary()["hcpcs"], "99999"]
    rows = [
        {
            "claim_id": str(draw.randrange(60)), "line": at, "hcpcs": draw.choice(codes),
            "setting": draw.choice(["asc", "opps", "opps", "office"]), "units": draw.choice([1, 1, 1, 2, 3, 0]),
            "billed_amount": Decimal(draw.randrange(1, 300_000)) / 100,
            "modifier_1": draw.choice(["", "", "", "50", "RT", "52", "73", "59", "PT", "GA", "FX"]),
        }
        for at in range(800)
    ]  # fmt: skip
    seen = set()
    for row in claims(*rows).to_dicts():
        parts = [each.rsplit(" ", 1) for each in (row["adjustments"] or "").split("; ") if each]
        seen |= {code for code, _ in parts}
        if not parts:
            paid_as_billed = row["pricing_status"] == "priced" and row["billed_amount"] == row["medicare_amount"]
            assert row["setting"] == "opps" or row["pricing_status"] in NO_CODE or paid_as_billed, row
            continue
        not_paid = row["billed_amount"] - (row["medicare_amount"] or 0)
        assert sum(Decimal(amount) for _, amount in parts) == not_paid, row
        assert all(Decimal(amount) > 0 for code, amount in parts if code != "CO-94"), row
        leading = f"{row['group']}-{row['carc']} {row['rarc']}".strip()
        assert (leading if row["carc"] else "PR-2") == parts[0][0], row
    assert {"CO-45", "CO-94", "PR-2", "CO-97", "CO-97 N390", "CO-8 N95"} <= seen
