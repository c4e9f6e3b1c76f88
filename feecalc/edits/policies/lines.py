"""The lines a policy speaks of: what each is in the policy's terms, on which sides, and to what purpose.

Only these lines are looked at further. A patient is the beneficiary where one is given, else the claim. A session is
what was done in one region for one patient on one day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from feecalc.edits.policies.loading import shared_rows
from feecalc.edits.policies.models import AnyRow, Code, CodeRow, Kind, OneRegion, PolicyRow, Side
from feecalc.edits.policies.policy import DiagnosisList, Policy, in_force
from feecalc.errors import MissingColumn
from feecalc.pricing.claims.grouping import patient_text

SESSION = ("patient", "date_of_service", "region", "kind")
PATIENT_DAY = ("patient", "date_of_service")
_NEEDED = ("claim_id", "date_of_service", "hcpcs")
_NEEDED_OF_HISTORY = ("beneficiary_id", "date_of_service", "hcpcs")
_TEXTS = (
    "claim_id",
    "beneficiary_id",
    "billing_npi",
    "mac",
    "place_of_service",
    "purpose",
    "prior_authorization",
    "modifier_1",
    "modifier_2",
    "modifier_3",
    "modifier_4",
)
_MODIFIERS = tuple(name for name in _TEXTS if name.startswith("modifier_"))
_DIAGNOSIS = "diagnosis_"
_SECTION_ROW = "section_row"


def require(lines: pl.DataFrame, history: pl.DataFrame | None) -> None:
    """Raise MissingColumn for what the policies cannot do without."""
    for what, frame, needed in (("claim lines", lines, _NEEDED), ("history lines", history, _NEEDED_OF_HISTORY)):
        missing = [] if frame is None else [name for name in needed if name not in frame.columns]
        if frame is not None and missing:
            raise MissingColumn(f"{what} lack the column {missing[0]}; they have {', '.join(frame.columns)}")


@dataclass(frozen=True)
class PolicyTables:
    """A policy's look-up tables by code, made once for all batches; ``history``: lines of earlier, paid sessions."""

    policy: Policy
    history: pl.DataFrame | None = None

    @cached_property
    def codes(self) -> pl.Series:
        """Return every code that the policy speaks of."""
        return pl.Series(self.policy.codes(), dtype=pl.String)

    @cached_property
    def sections(self) -> dict[type[PolicyRow], pl.DataFrame]:
        """Return the rows of the sections that name codes, one a code.

        Shape: hcpcs, the row's place, days, contractors.
        """
        return {
            model: _by_code(self.policy.rows(model))
            for model in self.policy.sections
            if issubclass(model, CodeRow) and self.policy.rows(model)
        }

    @cached_property
    def procedures(self) -> pl.DataFrame:
        """Return what each procedure code is: ``sections[Code]`` with region, kind, level and each_further."""
        rows = self.policy.rows(Code)
        terms = pl.DataFrame(
            {
                _SECTION_ROW: pl.Series(range(len(rows)), dtype=pl.Int32),
                "region": [row.region for row in rows],
                "kind": [row.kind for row in rows],
                "level": pl.Series([row.level for row in rows], dtype=pl.Int64),
                "each_further": [row.each_further for row in rows],
            }
        )
        return self.sections[Code].join(terms, on=_SECTION_ROW)

    @cached_property
    def diagnoses(self) -> tuple[tuple[DiagnosisList, pl.DataFrame], ...]:
        """Return the lists of diagnoses, each with its entries, one a code and region."""
        regions = list(self.policy.region_names())
        return tuple((listed, _entries(listed, regions)) for listed in self.policy.diagnosis_lists)

    @cached_property
    def earlier(self) -> pl.DataFrame | None:
        """Return the procedures of the history, without rows. Blank beneficiaries are left out."""
        if self.history is None:
            return None
        known = self.history.filter(pl.col("beneficiary_id").fill_null("") != "")
        return _procedures(_named(known.drop("row", strict=False).with_row_index("row"), self), self)


@dataclass(frozen=True)
class PolicyLines:
    """The lines of a batch that a policy speaks of. ``batch``: lines with ``row``, their place."""

    batch: pl.DataFrame
    tables: PolicyTables

    @property
    def policy(self) -> Policy:
        """Return the policy."""
        return self.tables.policy

    @cached_property
    def lines(self) -> pl.DataFrame:
        """Return the lines with a code of the policy, on a day and of a contractor for which it holds. Shape: [line].

        Text columns are filled; added: ``patient`` and the joints of the line by side (right, left, unsided).
        """
        return _named(self.batch, self.tables).filter(in_force(self.policy.head))

    @cached_property
    def procedures(self) -> pl.DataFrame:
        """Return the lines that are procedures of a region. Shape: [line], in the lines' order.

        Added: region, kind, level, each_further, ``joined`` (the place of the row by which codes of two regions are
        one region, else null), and ``purpose`` with ``reading`` (how it is known).
        """
        return _procedures(self.lines, self.tables)

    @property
    def earlier(self) -> pl.DataFrame:
        """Return the procedures of earlier sessions."""
        earlier = self.tables.earlier
        return self.procedures.clear() if earlier is None else earlier

    def by_row(self, model: type[AnyRow]) -> Iterator[tuple[AnyRow, pl.DataFrame]]:
        """Yield the rows of a section that names codes, with the lines a row is in force for, where there are some."""
        table = self.tables.sections.get(model)
        if table is None:
            return
        met = rows_in_force(self.lines.join(table, on="hcpcs", maintain_order="left"))
        rows = self.policy.rows(model)
        for (number,), lines in sorted(met.partition_by(_SECTION_ROW, as_dict=True, include_key=False).items()):
            yield rows[number], lines

    def region_name(self) -> pl.Expr:
        """Return the region's name, for a sentence."""
        names = self.policy.region_names()
        return pl.col("region").replace_strict(names, default=pl.col("region"), return_dtype=pl.String)


def has_modifier(*modifiers: str) -> pl.Expr:
    """Return whether the line carries one of the modifiers."""
    return pl.any_horizontal(pl.col(name).is_in(modifiers) for name in _MODIFIERS)


def first_of(modifiers: list[str]) -> pl.Expr:
    """Return the first of the line's modifiers that is one of these, else null."""
    return pl.coalesce(pl.when(pl.col(name).is_in(modifiers)).then(pl.col(name)) for name in _MODIFIERS)


def diagnosis_columns(lines: pl.DataFrame) -> list[str]:
    """Return the lines' columns of diagnoses, in their order."""
    return [name for name in lines.columns if name.startswith(_DIAGNOSIS)]


def _by_code(rows: tuple[CodeRow, ...]) -> pl.DataFrame:
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "hcpcs": pl.String, _SECTION_ROW: pl.Int32, "first": pl.Date, "last": pl.Date,
        "macs": pl.List(pl.String), "not_macs": pl.List(pl.String),
    }  # fmt: skip
    listed = [
        (code, place, row.effective_from, row.effective_to, row.macs, row.not_macs)
        for place, row in enumerate(rows)
        for code in dict.fromkeys(row.codes)
    ]
    return pl.DataFrame(listed, schema, orient="row")


def rows_in_force(met: pl.DataFrame) -> pl.DataFrame:
    """Return the lines, of those joined with rows, whose row holds for the line's day and contractor.

    The row's columns (first, last, macs, not_macs) are left out.
    """
    mac = pl.col("mac")
    lines_in_force = met.filter(
        pl.col("date_of_service").is_between("first", "last"),
        pl.col("macs").is_null() | pl.col("macs").list.contains(mac),
        pl.col("not_macs").is_null() | ~pl.col("not_macs").list.contains(mac),
    )
    return lines_in_force.drop("first", "last", "macs", "not_macs")


def _named(lines: pl.DataFrame, tables: PolicyTables) -> pl.DataFrame:
    """Return the lines with a code of the policy, on any day and of any contractor: how a history is read."""
    named = lines.filter(pl.col("hcpcs").cast(pl.String).is_in(tables.codes.implode()))
    blank = pl.lit("", pl.String)
    kept = [name for name in named.columns if name.startswith(_DIAGNOSIS) or name == "row"]
    units = pl.col("units") if "units" in named.columns else pl.lit(1)
    sides = _sides()
    unsided = ~(sides["right"] | sides["left"])
    return (
        named.lazy()
        .select(
            *kept,
            "date_of_service",
            pl.col("hcpcs").cast(pl.String),
            units.cast(pl.Int64).fill_null(0).alias("units"),
            *(
                (pl.col(name).cast(pl.String).fill_null("") if name in named.columns else blank).alias(name)
                for name in _TEXTS
            ),
        )
        .with_columns(
            patient=patient_text(pl.col("beneficiary_id"), pl.col("claim_id")),
            purpose=pl.col("purpose").str.strip_chars().str.to_lowercase(),
            right=pl.when(sides["right"]).then("units").otherwise(0),
            left=pl.when(sides["left"]).then("units").otherwise(0),
            unsided=pl.when(unsided).then("units").otherwise(0),
        )
        .filter(pl.col("date_of_service").is_not_null())
        .collect()
    )


def _sides() -> dict[str, pl.Expr]:
    return {
        side: has_modifier(*(row.modifier for row in shared_rows(Side) if side in row.sides))
        for side in ("right", "left")
    }


def _procedures(lines: pl.DataFrame, tables: PolicyTables) -> pl.DataFrame:
    met = lines.join(tables.procedures, on="hcpcs", maintain_order="left")
    return _with_purpose(_joined(rows_in_force(met).drop(_SECTION_ROW).sort("row"), tables.policy), tables.policy)


def _joined(lines: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Return the lines with the region that the codes of two regions are in together, and the row that says so."""
    joined, region, kinds = pl.lit(None, pl.Int32), pl.col("region"), policy.rows(OneRegion)
    for codes in dict.fromkeys(frozenset(row.codes) for row in kinds):
        together = _alone_together(lines, codes)
        if not len(together):
            continue
        for place, row in enumerate(kinds):
            if codes == frozenset(row.codes):
                here = pl.col("row").is_in(together.implode()) & in_force(row)
                joined = pl.when(here).then(pl.lit(place, pl.Int32)).otherwise(joined)
                region = pl.when(here).then(pl.lit(row.region)).otherwise(region)
    return lines.with_columns(joined=joined, region=region)


def _alone_together(lines: pl.DataFrame, codes: frozenset[str]) -> pl.Series:
    """Return the rows of the codes that are all there for a patient's day, each once, and no other of their kind."""
    key, sides = (*PATIENT_DAY, "kind"), ("right", "left", "unsided")
    own = lines.filter(pl.col("hcpcs").is_in(codes))
    of_code = own.group_by(*key, "hcpcs").agg(pl.len(), most=pl.max_horizontal(pl.col(side).sum() for side in sides))
    days = of_code.group_by(key).agg(pl.col("len").sum(), codes=pl.len(), most=pl.col("most").max())
    days = days.filter(pl.col("codes") == len(codes), pl.col("most") <= 1)
    if not days.height:
        return own["row"].clear()
    billed = lines.join(days, on=key, how="semi").group_by(key).len(name="billed")
    alone = days.join(billed, on=key).filter(pl.col("billed") == pl.col("len"))
    return own.join(alone, on=key, how="semi")["row"]


def _with_purpose(lines: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Return a line's own word, else the one word of its session, else as the policy's kind reads the session."""
    purposes = sorted(policy.purposes())
    given = pl.when(pl.col("purpose").is_in(purposes)).then(pl.col("purpose"))
    if lines["purpose"].is_in(purposes).any():
        lines = lines.with_columns(given=given)
        agreed = pl.col("given").drop_nulls().n_unique().over(SESSION) == 1
        of_session = pl.when(agreed).then(pl.col("given").max().over(SESSION))
        lines = lines.with_columns(given=pl.coalesce("given", of_session))
    else:
        lines = lines.with_columns(given=pl.lit(None, pl.String))
    purpose, reading = pl.lit(None, pl.String), pl.lit(None, pl.String)
    for row in policy.rows(Kind):
        here = (pl.col("kind") == row.key) & in_force(row)
        if row.purpose is not None or row.modifier is None:
            purpose = pl.when(here).then(pl.lit(row.purpose)).otherwise(purpose)
            reading = pl.when(here).then(pl.lit("by its code")).otherwise(reading)
            continue
        marked = has_modifier(row.modifier).any().over(SESSION)
        with_it, without = pl.lit(row.purpose_with_modifier), pl.lit(row.purpose_without_modifier)
        read = pl.when(marked).then(with_it).otherwise(without)
        how = (
            pl.when(pl.col("given").is_not_null())
            .then(pl.lit("as the file says"))
            .when(marked)
            .then(pl.lit(f"read from modifier {row.modifier} in the session"))
            .otherwise(pl.lit(f"read so because no line of the session carries modifier {row.modifier}"))
        )
        purpose = pl.when(here).then(pl.coalesce("given", read)).otherwise(purpose)
        reading = pl.when(here).then(how).otherwise(reading)
    return lines.with_columns(purpose=purpose, reading=reading)


def _entries(diagnoses: DiagnosisList, regions: list[str]) -> pl.DataFrame:
    """Return the entries of a list of diagnoses, one a code and region."""
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "code": pl.String,
        "for_region": pl.List(pl.String),
        "supports": pl.Boolean,
        "and_below": pl.Boolean,
        "first": pl.Date,
        "last": pl.Date,
        "macs": pl.List(pl.String),
        "not_macs": pl.List(pl.String),
    }
    listed = [
        (
            code.replace(".", ""),
            row.regions or regions,
            row.supports,
            row.and_below,
            row.effective_from,
            row.effective_to,
            row.macs,
            row.not_macs,
        )
        for row in diagnoses.entries
        for code in row.codes
    ]
    entries = pl.DataFrame(listed, schema=schema, orient="row").explode("for_region")
    return entries.with_columns(length=pl.col("code").str.len_chars())
