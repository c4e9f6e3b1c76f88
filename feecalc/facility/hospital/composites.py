"""Composite APCs: imaging of one kind on a day, a day's mental health services, and what belongs to critical care.

Sources: CMS's IOCE user guide v25.1 (composite APC, multiple imaging, daily mental health and critical care);
Addendum A has the rates, reference/opps_composite.toml the codes.
"""

from __future__ import annotations

import polars as pl

from feecalc import reference
from feecalc.facility.amounts import A_CENT
from feecalc.facility.hospital.assignment import HospitalTables
from feecalc.facility.lines import MODIFIERS
from feecalc.facility.notes import Note
from feecalc.facility.rules import Rules, within

CANDIDATE = "composite_or_separate"
FIGURES = ("rate", "coinsurance", "coinsurance_of", "relative_weight")
_IMAGING, _MENTAL_HEALTH, _CRITICAL_CARE = "imaging", "mental_health", "critical_care"
_GROUP = ["claim_id", "date_of_service", "family"]
_CENTS = 100


def with_composites(lines: pl.DataFrame, tables: HospitalTables, rules: Rules) -> pl.DataFrame:
    """Return lines with the composite payments of their claims and days.

    Adds ``composite`` (its APC, of all its lines), ``composite_paid`` (of the line that is paid it: its code; that line
    has the APC's figures and the lowest imaging percent of the lines), ``composite_with`` (their codes),
    ``composite_why`` (why a line is not paid by itself) and ``composite_open`` (what a composite pays is not known).
    Columns: those of ``comprehensive.with_primary``, and of the modifiers.
    """
    is_candidate = pl.col("valid") & (pl.col("pays") == CANDIDATE) & pl.col("beside").is_null()
    candidates = lines.filter(is_candidate)
    if not candidates.height:
        return lines.with_columns(
            *(pl.lit(None, pl.String).alias(name) for name in ("composite", "composite_with", "composite_why")),
            *(pl.lit(False).alias(name) for name in ("composite_paid", "composite_open")),
        )
    rows = reference.rows_on("opps_composite", rules.day)
    family = pl.coalesce(*(pl.when(within(row["codes"])).then(pl.lit(place)) for place, row in enumerate(rows)))
    candidates = candidates.with_columns(family.cast(pl.Int32).alias("family"))
    critical = _beside_critical_care(lines, candidates, rows)
    together = candidates.join(critical, on="row", how="anti").filter(pl.col("terminated").is_null())
    decided = pl.concat([critical, _unknown(together), _of_families(together, rows, tables)], how="diagonal")
    lines = lines.join(decided, on="row", how="left", maintain_order="left")
    paid = pl.col("composite_paid").fill_null(False)
    return lines.with_columns(
        pl.when(paid).then("composite").otherwise("apc").alias("apc"),
        *(pl.when(paid).then(f"{name}_composite").otherwise(name).alias(name) for name in FIGURES),
        pl.when(paid).then("imaging_composite").otherwise("imaging").alias("imaging"),
        paid.alias("composite_paid"),
        pl.col("composite_open").fill_null(False),
    ).drop("imaging_composite", *(f"{name}_composite" for name in FIGURES))


def _beside_critical_care(lines: pl.DataFrame, candidates: pl.DataFrame, rows: list[reference.Row]) -> pl.DataFrame:
    """Return the lines that critical care packages. Shape: row, composite_why."""
    parts = [candidates.clear().select("row", pl.lit("").alias("composite_why"))]
    for rule in (row for row in rows if row["kind"] == _CRITICAL_CARE):
        valid = lines.filter("valid")
        care = valid.filter(pl.col("hcpcs").is_in(rule["beside"])).unique("claim_id", keep="first", maintain_order=True)
        apart = valid.filter(pl.any_horizontal(pl.col(name).is_in(rule["modifiers"]) for name in MODIFIERS))
        met = candidates.filter(within(rule["codes"])).join(
            care.select("claim_id", pl.col("hcpcs").alias("care")), on="claim_id"
        )
        is_lifted = pl.col("claim_id").is_in(apart["claim_id"].unique().implode()) & ~pl.col("hcpcs").is_in(rule["but"])
        why = pl.format("packaged beside critical care ({})", "care")
        parts.append(met.filter(~is_lifted).select("row", why.alias("composite_why")))
    return pl.concat(parts)


def _unknown(together: pl.DataFrame) -> pl.DataFrame:
    """Return the lines of which it is not known what they are a composite with. Shape: row, why, open."""
    several = together.filter((pl.len() > 1).over("claim_id", "date_of_service"), pl.col("family").is_null())
    why = "one of several services that may form a composite APC; Addendum M, which tells it, is not read: not modeled"
    return several.select("row", pl.lit(why).alias("composite_why"), composite_open=True)


def _of_families(together: pl.DataFrame, rows: list[reference.Row], tables: HospitalTables) -> pl.DataFrame:
    """Return the lines of a composite. Shape: row, composite and the columns of ``with_composites``, its figures."""
    families = pl.DataFrame(
        [
            {"family": place, "kind": row["kind"], "alone": row["apc"], "contrast": row["contrast_apc"],
             "said": row["said"]}
            for place, row in enumerate(rows) if row["apc"]
        ],
        schema_overrides={"family": pl.Int32},
    )  # fmt: skip
    contrast = pl.any_horizontal(
        (pl.col("family") == place) & (within(row["contrast_apcs"], "apc") if row["contrast_apcs"] else pl.lit(False))
        for place, row in enumerate(rows)
    )
    two_sided = pl.col("bilateral") & pl.col("one_side").is_null()  # the code is sure to have two sides
    counted = pl.col("units").cast(pl.Int128) * pl.when(two_sided).then(2).otherwise(1)
    groups = (
        together.filter(pl.col("family").is_in(families["family"].implode()))
        .sort("line", "row")
        .group_by(_GROUP, maintain_order=True)
        .agg(
            counted.sum().alias("count"),
            (counted * pl.col("rate")).sum().alias("apart"),
            contrast.any().alias("has_contrast"),
            pl.col("row").first().alias("first_row"),
            pl.col("hcpcs").first().alias("first_code"),
            pl.col("hcpcs").unique(maintain_order=True).str.join(", ").alias("composite_with"),
            pl.col("imaging").min().alias("imaging_composite"),
        )
        .join(families, on="family")
        .with_columns(pl.when("has_contrast").then("contrast").otherwise("alone").alias("composite"))
    )
    figures = tables.apcs.select(
        pl.col("apc").alias("composite"), *(pl.col(name).alias(f"{name}_composite") for name in FIGURES)
    )
    rate = pl.col("rate_composite")
    above = (pl.col("kind") == _IMAGING) | (pl.col("apart") > rate)
    groups = groups.join(figures, on="composite", how="left").filter(pl.col("count") > 1, above | rate.is_null())
    one_payment = pl.format(
        "packaged into the composite payment for {}: {} of a day are one payment (APC {})", "first_code", "said",
        "composite",
    )  # fmt: skip
    cents = pl.col("apart") // A_CENT
    dollars = pl.format("{}.{}", cents // _CENTS, (cents % _CENTS).cast(pl.String).str.zfill(2))
    how = pl.when(pl.col("kind") == _IMAGING).then(pl.lit("are")).otherwise(pl.lit("are at most"))
    no_rate = pl.format(
        "{} of a day {} one payment (APC {}), of which no rate is installed (OPPS Addendum A: feecalc build); apart "
        "they would be {} USD", "said", how, "composite", dollars,
    )  # fmt: skip
    first = pl.col("row") == pl.col("first_row")
    return (
        together.select("row", *_GROUP)
        .join(groups, on=_GROUP)
        .select(
            "row", "composite", "composite_with", "imaging_composite",
            (first & rate.is_not_null()).alias("composite_paid"),
            pl.when(rate.is_null()).then(no_rate).when(~first).then(one_payment).alias("composite_why"),
            rate.is_null().alias("composite_open"),
            *(f"{name}_composite" for name in FIGURES),
        )
    )  # fmt: skip


def composite_notes() -> list[Note]:
    """Return the note on a line that is paid a composite."""
    text = pl.format("paid as composite APC {}: one payment for {} of the day", "composite", "composite_with")
    return [("composite", pl.when(pl.col("composite_paid") & pl.col("paid")).then(text))]
