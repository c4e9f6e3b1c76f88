"""What always holds of the engine, whatever the lines: their order, their file, their number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from pricing.claims.random_claims import Claims

from feecalc import reference
from feecalc.ingest.build import build
from feecalc.ingest.store import Store
from feecalc.installed import open_schedule
from feecalc.pricing.claims.batches import price_claims, stand_together, whole_patients
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.results import COLUMNS
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.schedule import FeeSchedule

CLAIMS = 1500
HALF_A_MILLION = 500_000
KEY = ["claim_id", "line"]


@pytest.fixture(scope="module")
def schedule() -> FeeSchedule:
    return open_schedule("2026C", home=Path("no-such-folder")).schedule


@pytest.fixture(scope="module")
def claims(schedule) -> pl.DataFrame:
    return Claims(schedule, seed=41).frame(CLAIMS)


@pytest.fixture(scope="module")
def priced(schedule, claims) -> pl.DataFrame:
    return schedule.price_claims(claims.lazy()).collect()


def by_key(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(*KEY, *COLUMNS).sort(KEY)


def test_lines_keep_their_order_and_their_columns(claims, priced):
    assert priced.columns == [*claims.columns, *COLUMNS]
    assert_frame_equal(priced.select(claims.columns), claims)


def test_a_second_run_is_identical(schedule, claims, priced):
    assert_frame_equal(schedule.price_claims(claims.lazy()).collect(), priced)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_asked_for_by_itself_is_the_same(schedule, claims, priced, column):
    """What a column needs is worked out without the others."""
    found = schedule.price_claims(claims.lazy()).select(*KEY, column).collect()
    assert_frame_equal(found, priced.select(*KEY, column))


def test_lines_can_be_chosen_by_a_column_that_is_not_kept(schedule, claims, priced):
    found = schedule.price_claims(claims.lazy()).filter(pl.col("rank") == 2).select("allowed_amount").collect()
    assert_frame_equal(found, priced.filter(pl.col("rank") == 2).select("allowed_amount"))


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_lines_and_of_claims_does_not_matter(schedule, claims, priced, seed):
    shuffled = claims.sample(fraction=1.0, shuffle=True, seed=seed)
    found = schedule.price_claims(shuffled.lazy()).collect()
    assert_frame_equal(found.select(claims.columns), shuffled)  # lines apart from their claim keep their places too
    assert_frame_equal(by_key(found), by_key(priced))


@pytest.mark.parametrize("lines", [1, 7, 400])
def test_small_batches_part_no_patient(schedule, claims, priced, lines):
    together = claims.sort("beneficiary_id", "claim_id", "line")
    pricer = ClaimPricer([ReleaseDays.of_year(schedule)])
    found = price_claims(together.lazy(), pricer, lines=lines).collect()
    assert_frame_equal(by_key(found), by_key(priced))


def test_a_patient_without_a_beneficiary_is_the_claim():
    """A batch's lines of one claim are one run, also where no line names a beneficiary."""
    lines = pl.DataFrame({"claim_id": ["A", "A", "B", "B", "B", "C"]})
    batches = whole_patients(lines[each : each + 2] for each in range(0, 6, 2))
    assert [batch["claim_id"].to_list() for batch in batches] == [["A", "A"], ["B", "B", "B"], ["C"]]
    assert stand_together(lines.lazy())
    assert not stand_together(pl.LazyFrame({"claim_id": ["A", "B", "A"]}))


def test_splitting_by_claim_and_joining_is_the_whole(schedule, claims):
    alone = claims.with_columns(pl.lit("").alias("beneficiary_id"))
    odd = pl.col("claim_id").str.slice(-1).cast(pl.Int64) % 2 == 1
    halves = [schedule.price_claims(alone.filter(each).lazy()).collect() for each in (odd, ~odd)]
    assert_frame_equal(by_key(pl.concat(halves)), by_key(schedule.price_claims(alone.lazy()).collect()))


def test_no_reduction_raises_an_amount(priced):
    """Each rule takes off, or takes nothing; a cent a unit is what rounding may add."""
    sides = pl.col("bilateral_factor").fill_null(1).cast(pl.Float64)
    most = pl.col("fee_schedule_amount").cast(pl.Float64) * sides + 0.005 * pl.col("units") + 0.001
    wrong = priced.filter((pl.col("pricing_status") == "priced") & (pl.col("allowed_amount").cast(pl.Float64) > most))
    # the other line of a pair may be given what the first one's charge left of the amount for both
    assert wrong.filter(pl.col("bilateral_factor").is_null()).height == 0


FACTORS = (
    "units_factor", "bilateral_factor", "modifier_factor", "mppr_factor", "cap_factor", "film_factor",
    "practitioner_factor", "participation_factor", "charge_factor",
)  # fmt: skip


def product(row: dict[str, Any], names: Sequence[str], of: Decimal) -> Decimal:
    for name in names:
        of *= row[name] if row[name] is not None else 1
    return of


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("seed", [41, 43])
def test_factors_multiply_to_the_amount(schedule, seed, together):
    """Every factor is in a column, of every line: who bills, film, caps and the charge too."""
    pricer = ClaimPricer([ReleaseDays.of_year(schedule)], ClaimRules(pair_charges_together=together))
    claims = Claims(schedule, seed=seed).frame(CLAIMS)
    found = claims.hstack(pricer.price(claims)).filter(pl.col("pricing_status") == "priced").to_dicts()
    for row in found:
        amount = product(row, FACTORS, row["fee_schedule_amount"])
        # sides, three modifiers and the parts of an image are rounded for each unit, then two percents of the line
        rounding = Decimal("0.025") * row["units"] + Decimal("0.01")
        if row["charge_factor"] is not None:
            assert row["billed_amount"] is not None, row
            rounding *= max(1, row["charge_factor"])
        assert abs(amount - row["allowed_amount"]) <= rounding, row
    by_charge = [row["charge_factor"] for row in found if row["charge_factor"] is not None]
    assert 100 < len(by_charge) < len(found) / 10
    assert (max(by_charge) > 1) == together  # the other side has what is left of both charges
    for name in FACTORS:
        assert any(row[name] not in (None, 1) for row in found), name


def test_factors_multiply_to_the_payment(schedule, claims):
    """What is left of the allowed amount for Medicare, x its factor, less sequestration, is what it pays."""
    pricer = ClaimPricer([ReleaseDays.of_year(schedule)], ClaimRules(mips_percent="-4.5"))
    found = pricer.price(claims).filter(pl.col("pricing_status") == "priced").to_dicts()
    for row in found:
        part = product(row, ["medicare_factor"], row["allowed_amount"] - row["patient_share"])
        assert abs(part - row["medicare_paid"] - row["sequestration"]) <= Decimal("0.01"), row  # two percents
    assert {row["medicare_factor"] for row in found} == {Decimal("0.955"), Decimal("0.81175")}  # 85 x 95.5 percent


def test_nothing_is_paid_without_a_reason(priced):
    """Professional 12: an amount of 0.00 says why, whichever rule or line made it so."""
    nothing = priced.filter(pl.col("allowed_amount") == 0)
    assert nothing.height > 20
    assert nothing.filter(pl.col("reason").cast(pl.String).fill_null("") == "").select(KEY).rows() == []


def dollars(whole: np.ndarray) -> pl.Series:
    return pl.Series(whole).cast(pl.Decimal(12, 0)).cast(pl.Decimal(12, 2))


def any_lines(schedule: FeeSchedule, lines: int, seed: int) -> pl.DataFrame:
    """Random lines over all codes, modifiers and places, with words no list holds among them."""
    draw = np.random.default_rng(seed)
    places = schedule.localities.select("mac", "locality").rows()

    def words(listed: list[str], junk: list[str], share: float) -> pl.Series:
        known = np.array(listed, dtype=object)[draw.integers(0, len(listed), lines)]
        odd = np.array(junk, dtype=object)[draw.integers(0, len(junk), lines)]
        return pl.Series(np.where(draw.random(lines) < share, odd, known).tolist(), dtype=pl.String)

    modifiers = [""] * 300 + sorted({row["modifier"] for row in reference.rows("modifier")})
    at = draw.integers(0, len(places), lines)
    first = date(schedule.release.year, 1, 1)
    return pl.DataFrame(
        {
            "claim_id": pl.Series(np.sort(draw.integers(0, lines // 3, lines))).cast(pl.String),
            "line": pl.Series(np.arange(lines) % 50 + 1, dtype=pl.Int32),
            "date_of_service": pl.Series([first], dtype=pl.Date).gather(np.zeros(lines, np.uint32))
            + pl.select(pl.duration(days=pl.Series(draw.integers(-3, 368, lines)))).to_series(),
            "hcpcs": words(schedule.rvu["hcpcs"].unique().sort().to_list(), ["", "00000", "99213 ", "X"], 0.01),
            **{f"modifier_{each}": words(modifiers, ["!!", "26 ", "q"], 0.005) for each in range(1, 5)},
            "place_of_service": words([f"{each:02}" for each in range(1, 100)], ["", "1", "XX"], 0.01),
            "mac": pl.Series([places[each][0] for each in at]),
            "locality": pl.Series([places[each][1] for each in at]),
            "units": pl.Series(draw.choice([1, 1, 1, 1, 2, 3, 7, 0, -4, 9999, 10000], lines), dtype=pl.Int32),
            "billed_amount": dollars(draw.integers(-500, 10**7, lines)),
            "provider_type": words(["physician", "np", "csw", "pt"], ["", "wizard"], 0.01),
            "participating": pl.Series(draw.random(lines) < 0.9),
            "qp": pl.Series(draw.random(lines) < 0.3),
            "minutes": pl.Series(draw.integers(-10, 4000, lines), dtype=pl.Int32),
            "postoperative_days": pl.Series(draw.integers(-2, 120, lines), dtype=pl.Int32),
            "deductible_left": dollars(draw.integers(-5, 300, lines)),
        }
    )


def every_line_has_a_status(schedule: FeeSchedule, lines: int) -> None:
    found = schedule.price_claims(any_lines(schedule, lines, seed=8).lazy()).collect()
    assert found.height == lines
    assert found["pricing_status"].null_count() == 0
    priced = found["pricing_status"] == "priced"
    amounts = found.filter(priced).select("allowed_amount", "medicare_paid", "patient_share")
    assert amounts.null_count().row(0) == (0, 0, 0)
    assert (found.filter(~priced)["reason"] != "").all()
    paid = pl.col("medicare_paid") + pl.col("patient_share") + pl.col("sequestration")
    assert found.filter(priced & (found["allowed_amount"] >= 0)).filter(paid > pl.col("allowed_amount")).height == 0
    assert found["pricing_status"].n_unique() > 12


def test_any_lines_at_all(schedule):
    every_line_has_a_status(schedule, 20_000)


def test_half_a_million_lines_of_a_whole_release(cms, tmp_path):
    store = Store(tmp_path)
    build(cms / "zips" / "rvu26c.zip", store=store)
    every_line_has_a_status(open_schedule("2026C", home=tmp_path).schedule, HALF_A_MILLION)


def test_numbers_that_do_not_fit_are_refused_on_their_line(schedule):
    """A line too large to read stops no run."""
    line = {
        "claim_id": ["A", "B", "C"],
        "line": [1, 1, 1],
        "date_of_service": [date(2026, 7, 15)] * 3,
        "hcpcs": ["99213"] * 3,
        "place_of_service": ["11"] * 3,
        "mac": ["09102"] * 3,
        "locality": ["04"] * 3,
        "units": [1, 3_000_000_000, 1],
        "billed_amount": ["200.00", "200.00", "99999999999999.00"],
    }
    found = schedule.price_claims(pl.LazyFrame(line)).collect()
    assert found["pricing_status"].to_list() == ["priced", "invalid_units", "invalid_billed_amount"]
