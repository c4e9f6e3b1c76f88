"""What a facility's patient pays of a service by its code, its modifiers, and the others of its claim and day.

The terms are those of the physician's bill (feecalc/pricing/rules/cost_share.py): a preventive service is free of the
coinsurance, and a screening that turned into treatment (PT) has its own. What the file itself prints as free stays so.
Source: Pub. 100-04 ch. 18 sec. 1.3 and 60.1.1; ASC Addenda AA and BB, note 3; 42 CFR 419.41.
"""

from __future__ import annotations

import polars as pl

from feecalc.facility.rules import WHOLE, Rules
from feecalc.pricing.rules.cost_share import GENERAL, terms_of_lines, terms_on


def with_cost_share(lines: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return the lines with the coinsurance of their terms, and the terms: share_because, share_source, deductible.

    Columns: coinsurance, coinsurance_of, hcpcs, modifiers, claim_id, date_of_service.
    """
    terms = terms_on(rules.day)
    listed = pl.DataFrame(
        {
            "share_rate": [term.rate for term in terms.listed],
            "deductible": [term.deductible for term in terms.listed],
            "share_because": [term.because for term in terms.listed],
            "share_source": [term.source for term in terms.listed],
        }
    )
    found = pl.concat([lines, listed[terms_of_lines(lines, terms)]], how="horizontal")
    differs = (pl.col("share_rate") != terms.listed[GENERAL].rate) & (pl.col("coinsurance") != 0)
    return found.with_columns(
        pl.when(differs).then("share_rate").otherwise("coinsurance").alias("coinsurance"),
        pl.when(differs).then(WHOLE).otherwise("coinsurance_of").alias("coinsurance_of"),
    )


def with_mark(lines: pl.DataFrame, is_marked: pl.Expr) -> pl.DataFrame:
    """Return the lines with the terms that the file's own mark says, where no term of the code does."""
    new = is_marked & (pl.col("share_because") == "")
    said = {
        "share_because": pl.lit("no coinsurance and no deductible by the file's mark **"),
        "share_source": pl.format("{}, note 3", "listed_in"),
        "deductible": pl.lit(False),
    }
    return lines.with_columns(pl.when(new).then(text).otherwise(name).alias(name) for name, text in said.items())
