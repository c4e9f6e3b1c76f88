"""A facility's own bill for the edits: its lines by the facility's rates and lists, not the physicians'."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from feecalc.edits.bill_pricer import QUESTION, QUESTIONS, BillPricer
from feecalc.edits.lines.codes import Bill
from feecalc.edits.pricing import DENIED_BY_EDIT
from feecalc.errors import NotInstalled
from feecalc.facility.lines import ASC, OPPS, with_bills
from feecalc.facility.notes import ASKED, questions_of
from feecalc.facility.opening import open_facility, quarter
from feecalc.facility.schedule import FacilitySchedule, price_facility_claims
from feecalc.ingest.store import Store
from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims.arrays.vocabulary import Vocabulary
from feecalc.pricing.claims.columns import present
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import Eras, ReleaseDays
from feecalc.pricing.claims.grouping import Groups, without_physicians
from feecalc.pricing.claims.results import COLUMNS, SCHEMA
from feecalc.reference import rows as rows_of

SETTINGS: dict[str, str] = {"asc": ASC, "hospital": OPPS}
_PACKAGED = "packaged"
_MOST_LINES = 200  # of a claim that is priced once more for each line asked of
_WHOLE = "hospital"  # whose claims may be paid as a whole
_NOTHING = pl.lit(0, dtype=SCHEMA["allowed_amount"])


@dataclass(frozen=True)
class FacilityBillPricer:
    """Price a facility's lines, at the national rates. ``physicians``: the engine whose releases the edits look at.

    A line marked ``denied`` is left out of its claim and pays 0, as with the physicians' engine. What is packaged pays
    0.00; a line that has no amount has none.
    """

    physicians: ClaimPricer
    bill: Bill
    schedules: tuple[FacilitySchedule, ...]

    @property
    def notes_column(self) -> str:
        """Return the column of the questions of each line."""
        return QUESTIONS

    @property
    def releases(self) -> Sequence[ReleaseDays]:
        """Return the physicians' releases."""
        return self.physicians.releases

    @property
    def eras(self) -> Eras:
        """Return the eras of the physicians' releases."""
        return self.physicians.eras

    @property
    def words(self) -> Vocabulary:
        """Return the codes that the physicians' releases know."""
        return self.physicians.words

    def price(
        self,
        claims: pl.DataFrame,
        columns: Sequence[str] = COLUMNS,
        together: Groups | None = None,
        code: Integers | None = None,
    ) -> pl.DataFrame:
        """Return the results of a batch, row for row. Shape: ``columns``, of ``results.COLUMNS``. [USD]"""
        lines = without_physicians(present(claims)).with_columns(setting=pl.lit(SETTINGS[self.bill]))
        denied = np.zeros(lines.height, np.bool_)
        if "denied" in lines.columns:
            denied = lines["denied"].fill_null(False).to_numpy()
        kept = np.flatnonzero(~denied)
        place = np.full(lines.height, len(kept))
        place[kept] = np.arange(len(kept))
        results = price_facility_claims(lines[kept], self.schedules, asked=True)
        priced = results.select(_questions(results[ASKED]), **_results())
        nothing = {"pricing_status": DENIED_BY_EDIT, "reason": "denied by an edit", "allowed_amount": 0}
        last = pl.DataFrame({name: [nothing.get(name)] for name in priced.columns}, priced.schema, strict=False)
        found = pl.concat([priced, last])[place]
        known = found.columns
        empty = [pl.lit(None, dtype=SCHEMA[name]).alias(name) for name in COLUMNS if name not in known]
        return found.with_columns(*empty).select(
            pl.col(name).cast(SCHEMA[name]) if name in SCHEMA else name for name in columns
        )

    def at_stake(self, lines: pl.DataFrame, results: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
        """Return the results with ``allowed_amount`` of some rows being what their denial takes from the claim.

        Of a comprehensive payment that is the claim's amount less what is paid without the line; of other lines, and
        in claims of very many lines, their own amount. ``lines``, ``results``: row for row; ``rows``: places in them.
        """
        if self.bill != _WHOLE:
            return results
        own_lines = without_physicians(present(lines)).with_columns(setting=pl.lit(SETTINGS[self.bill]))
        numbered = with_bills(own_lines).with_row_index("at")
        numbered = numbered.filter(pl.len().over("claim_id") <= _MOST_LINES)
        asked = numbered.filter(pl.col("at").is_in(rows.implode()))
        beside = asked.select("claim_id", pl.col("at").alias("row")).join(numbered, on="claim_id")
        each = pl.col("row").cast(pl.String).alias("claim_id")  # a claim of its own for every row asked of
        whole = price_facility_claims(beside.with_columns(each), self.schedules)
        own = pl.col("at") == pl.col("row")
        comprehensive = whole.filter(own & pl.col("indicator").is_in(_comprehensive()))["row"]
        left = beside.filter(pl.col("row").is_in(comprehensive.implode()))
        without = price_facility_claims(left.filter(~own).with_columns(each), self.schedules)
        total = pl.col("facility_amount").sum()
        taken = (
            whole.filter(pl.col("row").is_in(comprehensive.implode())).group_by("row").agg(total.alias("before"))
            .join(without.group_by("row").agg(total.alias("after")), on="row", how="left")
            .select("row", taken=pl.max_horizontal(pl.col("before") - pl.col("after").fill_null(0), _NOTHING))
        )  # fmt: skip
        place = pl.DataFrame({"row": pl.arange(results.height, dtype=pl.UInt32, eager=True)})
        taken_of = place.join(taken, on="row", how="left", maintain_order="left")["taken"]
        amount = pl.coalesce(taken_of.cast(SCHEMA["allowed_amount"]), "allowed_amount")
        return results.with_columns(amount.alias("allowed_amount"))


def _comprehensive() -> list[str]:
    """Return the status indicators under which one line holds the payment of the claim."""
    return sorted({row["code"] for row in rows_of("opps_status_indicator") if row["pays"].startswith("comprehensive")})


def _questions(asked: pl.Series) -> pl.Series:
    """Return what is asked of each line, as ``bill_pricer.QUESTIONS``."""
    each = questions_of(asked).select("row", pl.struct("kind", note="said", mend="remedy").alias(QUESTIONS))
    of_line = each.group_by("row").agg(QUESTIONS)
    rows = pl.DataFrame({"row": pl.int_range(len(asked), dtype=pl.UInt32, eager=True)})
    return rows.join(of_line, on="row", how="left", maintain_order="left")[QUESTIONS].cast(pl.List(QUESTION))


def _results() -> dict[str, pl.Expr]:
    """Return the columns that a facility's results say."""
    status, amount = pl.col("pricing_status"), pl.col("facility_amount")
    allowed = pl.when(status == _PACKAGED).then(_NOTHING).otherwise(amount)
    shown = pl.concat_str([pl.col("indicator"), pl.col("apc")], separator=" ").str.strip_chars()
    named = (status != "priced") & (shown != "")
    return {
        "setting": pl.lit("facility"),
        "fee_schedule_amount": allowed,
        "allowed_amount": allowed,
        "medicare_paid": pl.when(status == _PACKAGED).then(_NOTHING).otherwise("medicare_amount"),
        "patient_share": pl.when(status == _PACKAGED).then(_NOTHING).otherwise("copayment"),
        "pricing_status": status,
        "reason": pl.when(named).then(pl.format("{} ({})", "reason", shown)).otherwise("reason"),
        "carc": pl.lit(""),
        "rarc": pl.lit(""),
    }


def bill_pricer(physicians: ClaimPricer, bill: Bill, schedules: tuple[FacilitySchedule, ...]) -> BillPricer:
    """Return who prices a kind of bill."""
    return physicians if bill not in SETTINGS else FacilityBillPricer(physicians, bill, schedules)


def open_rates(bill: Bill, days: Iterable[date], home: Path | None = None) -> tuple[FacilitySchedule, ...]:
    """Open the rates of a facility's bill for the quarters of some days; of one that is not installed there is none."""
    if bill not in SETTINGS:
        return ()
    store, found = Store(home), []
    for begins in sorted({quarter(day)[0] for day in days}):
        with suppress(NotInstalled):  # the lines of the quarter say so
            found.append(open_facility(store, begins, (SETTINGS[bill],)))
    return tuple(found)
