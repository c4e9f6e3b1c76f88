"""What a check answers of a line, and of a claim: it will be denied, reduced or questioned; it was looked at and
nothing was found; or it was not looked at, why, and what would mend that.

A line that could not be priced as it is written was not looked at, whatever was found of its claim's other lines. What
is told of it comes from reference/edit_gap.toml.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from feecalc.edits.coding import authorization
from feecalc.edits.coding.unpaid import rule_of_status
from feecalc.edits.denials import Denials
from feecalc.edits.lines.codes import Bill
from feecalc.edits.lines.modifier_uses import MODIFIERS
from feecalc.edits.ncci import add_ons
from feecalc.edits.policies.documentation import not_looked_at
from feecalc.edits.severity import DENIES, REDUCES, WARNS
from feecalc.edits.tables import KINDS, OF_HOSPITALS, EditTables, kind_and_quarter
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.grouping import only_of_claim
from feecalc.reference import Row, rows

DENIED, REDUCED, QUESTIONED = "denied", "reduced", "questioned"
NOT_LOOKED_AT, NOTHING_FOUND = "not looked at", "nothing found"
ANSWERS = (DENIED, REDUCED, QUESTIONED, NOT_LOOKED_AT, NOTHING_FOUND)  # of a claim: the first that a line of it has
ANSWER = pl.Enum(ANSWERS)
OF_SEVERITY = {DENIES: DENIED, REDUCES: REDUCED, WARNS: QUESTIONED}
ANSWERED: dict[str, pl.DataType | type[pl.DataType]] = {
    "row": pl.UInt32, "claim_id": pl.String, "line": pl.Int32, "answer": ANSWER,
}  # fmt: skip
GAPS: dict[str, pl.DataType | type[pl.DataType]] = {
    "row": pl.UInt32, "claim_id": pl.String, "line": pl.Int32, "why": pl.String, "remedy": pl.String,
}  # fmt: skip
_TABLE = "edit_gap"
_UNREADABLE = "unreadable"  # of a line whose cells a file reader could not read
_CODES_NAMED = 12  # in a sentence
_EDIT_OF = {"ncci_pair": "ncci pairs", "mue": "medically unlikely units"}


@dataclass(frozen=True)
class Answers:
    """What is answered of a batch.

    ``lines``: one row a line, columns of ``ANSWERED``; ``claim``: whose claim each is of: two patients' claims of one
    name are two. ``gaps``: one row a line and reason why it was not looked at, columns of ``GAPS``. ``beyond``: what no
    claim file tells, sentences. ``no_policy``: the codes that no coverage policy speaks of.
    """

    lines: pl.DataFrame
    claim: pl.Series
    gaps: pl.DataFrame
    beyond: tuple[str, ...] = ()
    no_policy: frozenset[str] = frozenset()

    @property
    def claims(self) -> pl.DataFrame:
        """Return the answer of each patient's claim, the worst of its lines'. Shape: [claim]: claim_id, answer, lines,
        not_looked_at (lines of it)."""
        not_seen = pl.col("answer") == NOT_LOOKED_AT
        seen = self.lines.with_columns(
            not_seen=not_seen | pl.col("row").is_in(self.gaps["row"].unique().implode()),
        )
        by_claim = seen.group_by(self.claim.alias("claim"), maintain_order=True).agg(
            pl.col("claim_id").first(), pl.col("answer").min(), pl.len().alias("lines"),
            pl.col("not_seen").sum().alias("not_looked_at"),
        )  # fmt: skip
        return by_claim.drop("claim")

    @property
    def of_claim(self) -> pl.Series:
        """Return the answer of each line's claim. Shape: [line]."""
        return self.lines.select(pl.col("answer").min().over(self.claim.alias("claim"))).to_series()


def answered(lines: pl.DataFrame, results: pl.DataFrame, found: pl.DataFrame, edits: Denials) -> Answers:
    """Return what is answered of each line of a batch.

    ``results``: of pricing, with pricing_status and reason; ``found``: the findings, with ``row``.
    """
    gaps = _gaps(lines, results, edits)
    numbered = lines.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"),
        *(pl.col(name).cast(ANSWERED[name]) for name in ("claim_id", "line")),
    )
    of_finding = pl.col("severity").cast(pl.String).replace_strict(OF_SEVERITY, return_dtype=ANSWER)
    worst = found.select("row", answer=of_finding)
    lacking = gaps.select("row", answer=pl.lit(NOT_LOOKED_AT, ANSWER))
    by_line = pl.concat([worst, lacking]).group_by("row").agg(pl.col("answer").min())
    answers = numbered.join(by_line, on="row", how="left", maintain_order="left")
    answers = answers.with_columns(pl.col("answer").fill_null(pl.lit(NOTHING_FOUND, ANSWER)))
    beside = numbered[gaps["row"]].select("claim_id", "line")
    codes = {code for policy in edits.known_policies for code in policy.codes()}
    others = frozenset(lines["hcpcs"].cast(pl.String).drop_nulls().unique()) - codes
    found_gaps = gaps.hstack(beside).select(*GAPS)
    return Answers(answers.select(*ANSWERED), _claims(lines), found_gaps, _beyond(lines, found, edits), others)


def _claims(lines: pl.DataFrame) -> pl.Series:
    """Return whose claim each line is of; a blank patient is the only one its claim names."""
    named = lines.select(
        pl.col("claim_id").fill_null(""),
        only_of_claim("beneficiary_id", ["claim_id"]) if "beneficiary_id" in lines.columns else pl.lit(""),
    )
    return named.hash_rows()


def _gaps(lines: pl.DataFrame, results: pl.DataFrame, edits: Denials) -> pl.DataFrame:
    """Return why lines were not looked at. Shape: [line x reason]: row, why, remedy."""
    parts = [
        _unread(results, edits.bill), _missed_by_policies(lines, edits), _before_units(lines, edits.tables),
        _without_contractor(lines, edits),
    ]  # fmt: skip
    return pl.concat(parts).unique(maintain_order=True).sort("row", maintain_order=True)


def _gap_rows(subject: str) -> list[Row]:
    return [row for row in rows(_TABLE) if row["subject"] == subject]


def _gap_frame(row: pl.Series, why: str, remedy: str) -> pl.DataFrame:
    places = row.cast(pl.UInt32).alias("row").to_frame()
    return places.with_columns(pl.lit(why, pl.String).alias("why"), pl.lit(remedy, pl.String).alias("remedy"))


def _unread(results: pl.DataFrame, bill: Bill) -> pl.DataFrame:
    """Return the lines that pricing could not read as they are written, or has no rate or rule for.

    Those that an edit hands on are findings.
    """
    remedies = {row["pricing_status"]: row["remedy"] for row in _gap_rows("status")}
    unread = sorted((outcomes.WRONG | {_UNREADABLE} | remedies.keys()) - rule_of_status(bill).keys())
    told = results.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"),
        pl.col("pricing_status").cast(pl.String),
        pl.col("reason").cast(pl.String).alias("why"),
    ).filter(pl.col("pricing_status").is_in(unread))
    remedy = pl.col("pricing_status").replace_strict(remedies, default=remedies[""], return_dtype=pl.String)
    return told.select("row", "why", remedy=remedy)


def _missed_by_policies(lines: pl.DataFrame, edits: Denials) -> pl.DataFrame:
    """Return the lines of which a policy could not look at something that the lines, or a list, would tell."""
    policies = edits.known_policies
    codes = {code for policy in policies for code in policy.codes()}
    numbered = lines.drop("row", strict=False).with_row_index("row")
    meant = numbered.filter(pl.col("hcpcs").cast(pl.String).is_in(codes))
    if not meant.height:
        return _gap_frame(pl.Series([], dtype=pl.UInt32), "", "")
    details = {row["what"]: row["detail"] for row in _gap_rows("policy")}
    missed = not_looked_at(meant, policies, edits.history).filter(pl.col("what").is_in(list(details)))
    detail = pl.col("what").replace_strict(details, return_dtype=pl.String)
    return missed.select(
        "row", why=pl.concat_str("policy", pl.lit(": "), detail), remedy=_as_sentence(pl.col("mend"))
    )


def _as_sentence(text: pl.Expr) -> pl.Expr:
    return pl.concat_str(text.str.slice(0, 1).str.to_uppercase(), text.str.slice(1), pl.lit("."))


def _before_units(lines: pl.DataFrame, tables: EditTables) -> pl.DataFrame:
    """Return the lines of days before the oldest file of unlikely units, where there is a file."""
    row = next(iter(_gap_rows("list")))
    begins = None if tables.units is None else tables.units["effective_from"].min()
    if begins is None:
        return _gap_frame(pl.Series([], dtype=pl.UInt32), "", "")
    early = lines.select((pl.col("date_of_service") < begins).fill_null(False)).to_series().arg_true()
    return _gap_frame(early, row["detail"], row["remedy"])


def _without_contractor(lines: pl.DataFrame, edits: Denials) -> pl.DataFrame:
    """Return the lines whose service some contractors alone review, where no contractor is given."""
    (row,) = _gap_rows("contractor")
    at = authorization.without_contractor(lines, edits.sources)
    return _gap_frame(at, row["detail"], row["remedy"])


def _beyond(lines: pl.DataFrame, found: pl.DataFrame, edits: Denials) -> tuple[str, ...]:
    """Return what no claim file tells and a line of the batch turns on, a sentence each."""
    of_contractor = [] if edits.tables.add_ons is None else add_ons.of_contractor(lines["hcpcs"], edits.tables.add_ons)
    names = [name for name in MODIFIERS if name in lines.columns]
    ruled = set(found["rule"].unique())
    said = []
    for row in _gap_rows("beyond"):
        carried = bool(names and row["modifiers"]) and lines.select(
            pl.any_horizontal(pl.col(name).is_in(row["modifiers"]).any() for name in names)
        ).item()
        if row.get("add_ons") == "contractor":
            if of_contractor:
                said.append(f"{row['detail'].format(codes=', '.join(of_contractor))}. {row['remedy']}")
        elif carried or ruled & set(row["rules"]):
            said.append(f"{row['detail']}. {row['remedy']}")
    return tuple(said)


def looked_at_by(edits: Denials) -> tuple[str, ...]:
    """Return what the lines were looked at by, in words, with the quarter of each list."""
    quarters, own = _quarters(edits.tables.files), edits.tables.of_hospitals
    by = []
    for edit in edits.checked:
        kind = next((kind for kind, name in _EDIT_OF.items() if name == edit.name), None)
        by.append(edit.name if kind is None else _with_quarter(kind, quarters, of_hospitals=kind in own))
    if edits.tables.add_ons is not None:
        by.append(_with_quarter("add_on", quarters))
    return (*by, *(f"coverage policy {policy.name}" for policy in edits.known_policies))


def lists_missing(tables: EditTables) -> tuple[str, ...]:
    """Return the names of the lists of CMS that are not installed."""
    there = {"ncci_pair": tables.pairs, "mue": tables.units, "add_on": tables.add_ons}
    return tuple(KINDS[kind] for kind in KINDS if kind in there and there[kind] is None)


def _quarters(files: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in files:
        if named := kind_and_quarter(name):
            found.setdefault(named[0], []).append(named[1])
    return found


def _with_quarter(kind: str, quarters: dict[str, list[str]], *, of_hospitals: bool = False) -> str:
    listed = sorted(set(quarters.get(OF_HOSPITALS[kind] if of_hospitals else kind, ())))
    words = f"hospitals' {KINDS[kind]}" if of_hospitals else KINDS[kind]
    if not listed:
        return words
    return f"{words} of {listed[0]}" + (f" to {listed[-1]}" if len(listed) > 1 else "")


def without_policy(codes: Iterable[str]) -> str:
    """Return the sentence on the codes that no coverage policy here speaks of."""
    listed = sorted(code for code in codes if code)
    more = f" and {len(listed) - _CODES_NAMED:,} more" if len(listed) > _CODES_NAMED else ""
    named = f"{', '.join(listed[:_CODES_NAMED])}{more}"
    return f"diagnosis and frequency were not checked for {named}: feecalc has no coverage policy for them"
