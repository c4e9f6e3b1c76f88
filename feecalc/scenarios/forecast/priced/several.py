"""What the rules for several procedures of a day leave of each code's amount, by a practice's own claims.

A volume's units are priced each alone. How often a code stands beside another on a day no volume says; claims do: of
each code what its lines are allowed with those rules, over what they are allowed without them.

Source of the rules: reference/multiple_procedure.toml.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from feecalc import reference
from feecalc.money import MONEY_PLACES, rounded, scaled
from feecalc.pricing.arrays import Whole
from feecalc.pricing.claims.batches import priced_batches
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.schedule import FeeSchedule
from feecalc.scenarios.basket.pricer import pricer_of
from feecalc.scenarios.basket.terms import Terms
from feecalc.scenarios.given_in import as_given_in

WHOLE = 10**4
_ALLOWED, _NO_RULE = "allowed_amount", "none"


@dataclass(frozen=True)
class Kept:
    """``codes``: hcpcs, lines, alone and together (cents), kept (ten-thousandths). ``file`` names the claims."""

    file: str
    codes: pl.DataFrame

    def of(self, hcpcs: pl.Series) -> Whole:
        """The share of each row's code, whole where the claims have none. [ten-thousandths]  Shape: [row]."""
        kept = self.codes.select("hcpcs", "kept")
        asked = hcpcs.to_frame("hcpcs").join(kept, on="hcpcs", how="left", maintain_order="left")
        return asked["kept"].fill_null(WHOLE).to_numpy()


def kept_by(claims: pl.LazyFrame, schedule: FeeSchedule, file: str) -> Kept:
    """The shares of a file of claim lines by a release, its bills and missing primaries set aside.

    Shape of the claims: ``feecalc.pricing.claims.columns``. Raises MissingColumn.
    """
    rules = ClaimRules(lower_of_billed=False, add_on_needs_primary=False)
    terms, results = Terms(schedule), (_ALLOWED,)
    apart = replace(rules, surgery=False, endoscopy=False, imaging=False, therapy=False, diagnostic=False)
    by_itself = pricer_of(schedule, apart, None)
    batches = priced_batches(as_given_in(claims, terms), pricer_of(schedule, rules, None), results=results)
    parts = [
        priced.select(
            "hcpcs",
            pl.lit(1, pl.Int64).alias("lines"),
            scaled(by_itself.price(priced.drop(results), results)[_ALLOWED], MONEY_PLACES).alias("alone"),
            scaled(priced[_ALLOWED], MONEY_PLACES).alias("together"),
        ).drop_nulls()
        for priced in batches
    ]
    schema = {"hcpcs": pl.String, "lines": pl.Int64, "alone": pl.Int64, "together": pl.Int64}
    lines = pl.concat([pl.DataFrame(schema=schema), *parts])
    codes = lines.group_by("hcpcs", maintain_order=True).sum().filter(pl.col("alone") > 0)
    kept = rounded(WHOLE * pl.col("together"), pl.col("alone"))
    return Kept(file, codes.with_columns(kept.alias("kept")))


def may_be_reduced(schedule: FeeSchedule, hcpcs: pl.Series) -> bool:
    """Whether a rule for several procedures may reach one of the codes."""
    day = schedule.release.day(None)
    rules = reference.rows_on("multiple_procedure", day)
    indicators = {row["mppr_indicator"] for row in rules if row["rule"] != _NO_RULE}
    held = schedule.rvu.filter(pl.col("mppr_indicator").is_in(sorted(indicators)))
    return bool(hcpcs.is_in(held["hcpcs"].implode()).any())


def shared(cents: Whole, kept: Whole) -> Whole:
    """Cents times their share, rounded once, halves up. Shape: [row]."""
    found: Whole = rounded(cents * kept, WHOLE)
    return found


__all__ = ["WHOLE", "Kept", "kept_by", "may_be_reduced", "shared"]
