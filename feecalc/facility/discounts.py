"""Modifiers and multiple procedure discounts of facility lines.

Sources: CMS's IOCE user guide v25.1 (discounting formulas); Pub. 100-04 ch. 14 sec. 40.5;
reference/facility_payment.toml and reference/facility_modifier.toml. ``factor`` is the multiple of the adjusted rate
that is paid for the line. With U units and D the share of a further procedure:

========================  ==================  =======================
line                      highest of the day  another
========================  ==================  =======================
U units                   1 + D x (U - 1)     D x U
bilateral (OPPS)          1 + D               2 x D
ended early (OPPS)        T                   T
========================  ==================  =======================

T is the share of a procedure that ended early. Lines that are not discounted are paid U, bilateral ones 2 x U, one that
ended early T (in an ASC T x U, and it is not ranked).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from feecalc import reference
from feecalc.errors import MissingRule
from feecalc.facility.amounts import ADJUSTED_CENT, adjusted
from feecalc.facility.lines import MODIFIERS
from feecalc.facility.notes import question, together
from feecalc.facility.rules import WHOLE, Rules, rules_on
from feecalc.pricing.rules import cost_share

TERMINATED, BILATERAL, ONE_SIDE_PAID = "terminated", "bilateral", "one_side_paid"
OFF_CAMPUS, IMAGING, DEVICE_CREDIT, NOT_DISCOUNTED = "off_campus", "imaging", "device_credit", "not_discounted"
RURAL_SOLE_COMMUNITY = "rural_sole_community"


def with_modifiers(lines: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return lines with the effects of their modifiers.

    Adds terminated, off_campus, imaging, device_credit (10^-4, null for most), bilateral, one_side_paid,
    not_discounted, ranks_on, no_device, and modifier_note and modifier_asked (what is asked of them). Of two modifiers
    of one kind the lower percent applies. ``ranks_on``: the line is still ranked among multiple procedures.
    """
    given = line_modifiers(lines)
    effects = _effects(given, rules)

    def share_of(kind: str) -> pl.Expr:
        return pl.col("share").filter(pl.col("kind") == kind)

    flags = (BILATERAL, ONE_SIDE_PAID, NOT_DISCOUNTED)
    by_row = effects.group_by("row").agg(
        share_of(TERMINATED).min().alias(TERMINATED),
        share_of(OFF_CAMPUS).min().alias(OFF_CAMPUS),
        share_of(IMAGING).min().alias(IMAGING),
        share_of(DEVICE_CREDIT).max().alias(DEVICE_CREDIT),
        *((pl.col("kind") == kind).any().alias(kind) for kind in flags),
        ((pl.col("kind") == OFF_CAMPUS) & (pl.col("exempt") != "")).any().alias("exempts"),
        pl.col("further_discount").all().alias("ranks_on"),
        (~pl.col("device_part").all()).alias("no_device"),
    )
    lines = lines.join(by_row, on="row", how="left", maintain_order="left").with_columns(
        pl.col(*flags, "exempts", "no_device").fill_null(False), pl.col("ranks_on").fill_null(True)
    )
    return lines.join(modifier_notes(given, effects, rules), on="row", how="left", maintain_order="left")


def _effects(given: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return the modifiers that change their line, with their rules. ``given``: as ``line_modifiers``."""
    has_apc = "apc" in given.columns
    return given.join(rules.modifiers, on="modifier").filter(
        (pl.col("first") == "") | pl.col("hcpcs").is_between(pl.col("first"), pl.col("last")),
        ~pl.col("hcpcs").is_in(pl.col("but")),
        (pl.col("of_apc") == "") | (pl.col("of_apc") == pl.col("apc")).fill_null(False) if has_apc else pl.lit(True),
        (pl.col("exempt") == "") | ~pl.col(RURAL_SOLE_COMMUNITY).fill_null(False),
    )


def modifiers_asked(lines: pl.DataFrame, setting: str, day: date) -> pl.DataFrame:
    """Return what is asked of the modifiers of lines that nothing prices. Shape: as ``modifier_notes``."""
    try:
        rules = rules_on(setting, day)
    except MissingRule:  # before the first day of the rules
        return pl.DataFrame(schema={"row": pl.UInt32, "modifier_note": pl.String, "modifier_asked": pl.String})
    given = line_modifiers(lines)
    return modifier_notes(given, _effects(given, rules), rules)


def line_modifiers(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the modifiers of the lines that have any. Shape: [line, modifier]: row, hcpcs, units, modifier, apc ..."""
    index = [name for name in ("row", "hcpcs", "units", "apc", RURAL_SOLE_COMMUNITY) if name in lines.columns]
    return (
        lines.filter(pl.any_horizontal(pl.col(name) != "" for name in MODIFIERS))
        .unpivot(MODIFIERS, index=index, value_name="modifier")
        .filter(pl.col("modifier") != "")
    )


def modifier_notes(given: pl.DataFrame, effects: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return what is asked of the lines' modifiers. Shape: row, modifier_note, and modifier_asked with names, remedies.

    ``given``: as ``line_modifiers``; ``effects``: those of them that change the line. A modifier that nothing here
    knows, and one for imaging or the patient's share on a code that it is not for, is said too. Source:
    reference/facility_modifier_question.toml.
    """
    unknown = given.filter(~pl.col("modifier").is_in(rules.known_modifiers.implode()))
    imaging = rules.modifiers.filter(pl.col("kind") == IMAGING)["modifier"].unique()
    idle = given.filter(pl.col("modifier").is_in(imaging.implode())).join(effects, on=["row", "modifier"], how="anti")
    not_for_code = pl.format("modifier {} is not for this code: it changed nothing", "modifier")
    nobody_knows = pl.format("modifier {} is none that feecalc knows: it changed nothing", "modifier")
    said = [
        _asked(unknown, "unknown_modifier", nobody_knows),
        *(
            _asked(found, "idle_modifier", not_for_code)
            for found in (idle, cost_share.without_effect(given, rules.day))
        ),
    ]
    for rule in reference.rows_on("facility_modifier_question", rules.day, setting=rules.setting):
        found = given.filter(pl.col("modifier").is_in(rule["modifiers"]))
        if rule["beside"]:
            found = found.join(given.filter(pl.col("modifier").is_in(rule["beside"])), on="row", how="semi")
        if rule["several_units"]:
            found = found.filter(pl.col("units") > 1)
        said.append(_asked(found, rule["kind"], pl.lit(rule["said"]), rule["remedy"]))
    texts = pl.concat(said).unique(maintain_order=True)
    whole = question(pl.col("kind"), pl.col("said"), pl.col("remedy"))
    return texts.group_by("row").agg(
        pl.col("said").unique(maintain_order=True).str.join("; ").alias("modifier_note"),
        together(whole).alias("modifier_asked"),
    )


def _asked(lines: pl.DataFrame, kind: str, text: pl.Expr, remedy: str = "") -> pl.DataFrame:
    return lines.select(
        "row", text.alias("said"), pl.lit(kind).alias("kind"), pl.lit(remedy).alias("remedy")
    )


def payment_order() -> list[pl.Expr]:
    """Return sort keys for lines with equal rates: those that no modifier reduces first, then in the lines' order."""
    return [-pl.col(TERMINATED).fill_null(WHOLE), -pl.col(OFF_CAMPUS).fill_null(WHOLE), pl.col("line"), pl.col("row")]


def with_factor(lines: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Return lines with ``ranks``, ``first`` (the highest of its claim and day) and ``factor``. [10^-4]

    Columns: paid, discounted, not_discounted, once (one amount whatever the units), terminated (10^-4, null for most),
    bilateral, units, and those of ``amounts.adjusted``; billed_cents in an ASC, which ranks by the lower of charge and
    rate.
    """
    ranks = pl.col("paid") & pl.col("discounted")
    units = pl.col("units").cast(pl.Int64)
    rank_amount = adjusted() * pl.coalesce("terminated", WHOLE).cast(pl.Int128)
    if rules.setting == "asc":
        charge = pl.col("billed_cents").cast(pl.Int128) * ADJUSTED_CENT * WHOLE // units.clip(1)
        rank_amount = pl.min_horizontal(rank_amount, charge)
    highest = (
        lines.filter(ranks)
        .select("row", "line", "claim_id", "date_of_service", rank_amount.alias("height"))
        .sort("height", "line", "row", descending=[True, False, False])
        .unique(["claim_id", "date_of_service"], keep="first", maintain_order=True)
    )
    first = pl.col("row").is_in(highest["row"].implode())
    lines = lines.with_columns(ranks.alias("ranks"), first.alias("first"))
    further = rules.further_procedure
    in_full = pl.col("first") | pl.col("not_discounted")
    more_units = (
        pl.when("not_discounted")
        .then(WHOLE * units)
        .when("first")
        .then(WHOLE + further * (units - 1))
        .otherwise(further * units)
    )
    bilateral = pl.when(in_full).then(WHOLE + further).otherwise(2 * further)
    ranked = (
        pl.when(pl.col("terminated").is_not_null())
        .then("terminated")
        .when("bilateral")
        .then(bilateral)
        .otherwise(more_units)
    )
    terminated_alone = pl.col("terminated") * (units if rules.setting == "asc" else 1)
    undiscounted = (
        pl.when(pl.col("terminated").is_not_null())
        .then(terminated_alone)
        .when("once")
        .then(WHOLE)
        .when("bilateral")
        .then(2 * WHOLE * units)
        .otherwise(WHOLE * units)
    )
    return lines.with_columns(pl.when("ranks").then(ranked).otherwise(undiscounted).cast(pl.Int64).alias("factor"))
