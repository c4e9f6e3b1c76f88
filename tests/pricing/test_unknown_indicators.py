"""A status letter or an indicator of a relative value row that the rules do not know: said, and no rule guessed.

CMS may add one with any release: the other rows price as before.
"""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from pricing.claims import made_up

from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays

DAY = date(2025, 7, 1)


def schedule(code, **indicators):
    """The made-up schedule with other indicators on a code's rows."""
    made = made_up.schedule()
    of_code = pl.col("hcpcs") == code
    rvu = made.rvu.with_columns(
        pl.when(of_code).then(pl.lit(value)).otherwise(name).alias(name) for name, value in indicators.items()
    )
    return replace(made, rvu=rvu)


def claim(made, *codes):
    rows = [
        {
            "claim_id": "1", "line": number, "date_of_service": DAY, "hcpcs": code.split("-")[0],
            "place_of_service": "11", "mac": made_up.MAC, "locality": made_up.LOCALITY, "units": 1,
            "modifier_1": code.partition("-")[2],
        }
        for number, code in enumerate(codes, 1)
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema_overrides={"line": pl.Int32, "units": pl.Int32})
    priced = ClaimPricer([ReleaseDays.of_year(made)]).price(frame)
    return priced.select(pl.col("pricing_status", "reason").cast(pl.String), "allowed_amount").rows()


def test_a_status_letter_that_is_new_prices_nothing_and_stops_nothing():
    made = schedule("SURG1", status_indicator="K")
    said = "Status indicator K is not one that feecalc's rules know: not priced."
    (status, reason, amount), other = claim(made, "SURG1", "SURG2")
    assert (status, reason, amount) == ("unknown_indicator", said, None)
    assert str(other[2]) == "1010.60"  # alone: the other does not rank
    price = made.price("SURG1", place_of_service="11", day=DAY)
    assert (price.pricing_status, price.reason, price.allowed_amount) == ("unknown_indicator", said, None)
    assert price.steps[0].value == "K, not known to feecalc's rules"
    assert made.price("SURG2", place_of_service="11", day=DAY).pricing_status == "priced"
    assert made.price("SURG1", "50", place_of_service="11", day=DAY).pricing_status == "unknown_indicator"


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("mppr_indicator", "8", "mppr_indicator '8'"),
        ("pctc_indicator", "A", "pctc_indicator 'A'"),
        ("bilateral_indicator", "5", "bilateral_indicator '5'"),
        ("global_days", "030", "global_days '030'"),
        ("imaging_family", "77", "imaging_family '77'"),
        ("team_indicator", "", "team_indicator ''"),
    ],
)
def test_an_indicator_that_is_new_is_said_of_the_amount(column, value, words):
    made = schedule("SURG1", **{column: value})
    (status, reason, amount), other = claim(made, "SURG1", "SURG2")
    assert (status, str(amount)) == ("priced", "1043.48")
    assert "an indicator of the code's row in the release is not one that feecalc's rules know" in reason
    assert "rules know" not in other[1]
    price = made.price("SURG1", place_of_service="11", day=DAY)
    assert any(note.startswith(f"{words} of {made.release.name} is not one") for note in price.notes)
    assert "rules know" in claim(made, "SURG1")[0][1]  # also where the line stands alone


@pytest.mark.parametrize(
    ("column", "modifier"),
    [("bilateral_indicator", "50"), ("cosurgeon_indicator", "62"), ("assistant_indicator", "80")],
)
def test_a_modifier_that_hangs_on_an_unknown_indicator_is_not_priced(column, modifier):
    ((status, reason, amount),) = claim(schedule("SURG1", **{column: "5"}), f"SURG1-{modifier}")
    assert (status, amount) == ("unknown_indicator", None)
    assert "whether a modifier is paid for this code is not one that feecalc's rules know" in reason


def test_the_known_ones_leave_no_note():
    made = made_up.schedule()
    assert all("rules know" not in reason for _, reason, _ in claim(made, "SURG1", "MINO1", "SIDE9"))
