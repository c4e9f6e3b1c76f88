"""What a remittance would say of a line, in the standard codes: each part of what is billed and not paid has its own.

The parts are cut where the rules stand, from the charge down to what Medicare pays: each rule's part is what it takes
off what was left of the charge. A rule that raises an amount takes nothing, and a charge below the fee is not reduced
twice; so the parts add up to the charge less Medicare's payment. Source: reference/claim_adjustment.toml.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from feecalc import money, reference
from feecalc.money import MONEY_PLACES
from feecalc.pricing.arrays import Integers
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays.trail import Trail
from feecalc.pricing.claims.columns import MODIFIERS
from feecalc.pricing.claims.priced import Followed, Priced
from feecalc.pricing.rules import mips
from feecalc.pricing.rules.receipt_steps import usd

COLUMN = "adjustments"
_TABLE = "claim_adjustment"
_BILLED, _OPPS_CAP, _BILATERAL = "billed", "opps_cap", "bilateral"
_OF_ONE_LINE = ("endoscopy", "surgery", "therapy", "imaging", "cardiovascular", "ophthalmology")
_OF_PART = ("film", "computed_radiography", "old_tomograph")
_OF_BILLER = ("practitioner", "nonparticipating", _BILLED)
_OF_MEDICARE = ("therapy_assistant", mips.RAISES, mips.LOWERS)
_PARTS = ("reduction", "patient_share", "payment")
_KIND = np.int16  # sorted quickly; room for 15 codes of parts
_NO_LIMIT = np.iinfo(np.int64).max
Piece = tuple[str, Integers | None, Integers]  # a key of the reference table, positions (None: all), cents of each
_Taken = tuple[str, Integers, Integers]


@dataclass(frozen=True)
class Adjustment:
    """Hold what a remittance would say of a part of the bill: group and codes, with this project's words. [USD]"""

    group: str
    carc: str
    rarc: str
    name: str
    amount: Decimal | None

    @property
    def code(self) -> str:
        """Return the group and the codes, as CO-237 N775."""
        return _written(self.group, self.carc, self.rarc)


@dataclass(frozen=True)
class Code:
    """Name a group with its reason and remark code."""

    group: str
    carc: str
    rarc: str

    @property
    def text(self) -> str:
        """Return the group and the codes, as CO-237 N775."""
        return _written(self.group, self.carc, self.rarc) if self.carc else ""


NO_CODE = Code("", "", "")


@cache
def codes() -> tuple[Code, ...]:
    """Return the codes of the parts of a priced line, each once, in the table's order."""
    return tuple(dict.fromkeys(code_of_key().values()))


@cache
def code_of_key() -> dict[str, Code]:
    """Return the code of each part of a priced line, by its key."""
    return {row["key"]: _code(row) for kind in _PARTS for row in _rows(kind)}


@cache
def contractual_codes() -> frozenset[Code]:
    """Return the codes of what nobody pays: reductions of the charge."""
    return frozenset(_code(row) for row in _rows("reduction"))


def contractual() -> Code:
    """Return the code of what is billed above the fee: it is not known where no charge is given."""
    return code_of_key()[_BILLED]


def status_codes(statuses: Sequence[str]) -> list[Code]:
    """Return the code of each status, ``NO_CODE`` where a remittance's is not known."""
    by_status = {row["key"]: _code(row) for row in _rows("status")}
    return [by_status.get(status, NO_CODE) for status in statuses]


def code_of(kind: str, key: str) -> Code:
    """Return the code of one row: of an edit's lines that its rule does not name, or a part of a facility's bill."""
    return _code(_row(kind, key))


def denied_by_edits(lines: pl.DataFrame) -> dict[str, pl.Series]:
    """Return the columns group and adjustments of lines that edits deny: their rules name the other codes.

    ``lines``: carc, rarc ("" for none), billed, date_of_service, and modifiers as far as there are any.
    """
    has_code, group = pl.col("carc") != "", group_of_denial(lines)
    remark = pl.when(pl.col("rarc") != "").then(pl.lit(" ") + pl.col("rarc")).otherwise(pl.lit(""))
    text = pl.concat_str("group", pl.lit("-"), "carc", remark, pl.lit(" "), pl.col("billed").cast(pl.String))
    found = lines.with_columns(group=pl.when(has_code).then(group).otherwise(pl.lit(""))).select(
        "group", **{COLUMN: pl.when(has_code & (pl.col("billed") > 0)).then(text)}
    )
    return found.to_dict()


def group_of_denial(lines: pl.DataFrame) -> pl.Expr:
    """Return the group of each denied line, by carc, date_of_service and the modifiers there are.

    Source: reference/denial_group.toml.
    """
    group = pl.lit(_row("edit", "denied_by_edit")["group"])
    modifiers = [name for name in MODIFIERS if name in lines.columns]

    def carries(listed: Sequence[str]) -> pl.Expr:
        found = (pl.col(name).cast(pl.String).is_in(listed).fill_null(False) for name in modifiers)
        return pl.any_horizontal(pl.lit(False), *found)

    for row in reference.rows("denial_group"):
        meant = pl.col("carc").is_in(row["carcs"]) & ~carries(row["unless"])
        meant &= pl.col("date_of_service").is_between(row["effective_from"], row.get("effective_to", date.max))
        if row["modifiers"]:
            meant &= carries(row["modifiers"])
        group = pl.when(meant.fill_null(False)).then(pl.lit(row["group"])).otherwise(group)
    return group


def texts(status: Integers, billed: Integers, whole: Sequence[Code], parts: Mapping[int, Integers]) -> pl.Series:
    """Return each line's adjustments as one text, as CO-45 1544.64; CO-59 227.68; null where none is known.

    ``whole``: the code by status of a line that is not priced. ``parts``: those of the priced ones, by their numbers in
    ``codes``. Lines with the same codes are written together, the amounts of each code at once.
    """
    if not len(status):
        return pl.Series(COLUMN, [], dtype=pl.String)
    is_priced = status == outcomes.PRICED
    alone = list(dict.fromkeys(whole))
    of_status = np.array([-1 - alone.index(code) if code.carc else 0 for code in whole], _KIND)
    kind = np.where(~is_priced & (billed > 0), of_status[status], _KIND(0))
    for number, cents in parts.items():
        kind[is_priced & (cents != 0)] += 1 << number
    order = np.argsort(kind, kind="stable")
    in_order = kind[order]
    first = np.flatnonzero(np.diff(in_order, prepend=in_order[:1] - 1))
    found = [pl.Series([], dtype=pl.String)]
    for start, end in zip(first, [*first[1:], len(order)], strict=True):
        at, held = order[start:end], int(in_order[start])
        if held < 0:
            of_lines = [(alone[-1 - held], billed)]
        else:
            of_lines = [(code, parts[number]) for number, code in enumerate(codes()) if held >> number & 1]
        found.append(_text([(code.text, cents[at]) for code, cents in of_lines], len(at)))
    place = np.empty(len(order), np.uint32)
    place[order] = np.arange(len(order), dtype=np.uint32)
    return pl.concat(found).gather(place).alias(COLUMN)


def _text(parts: Sequence[tuple[str, Integers]], lines: int) -> pl.Series:
    if not parts:
        return pl.repeat(None, lines, dtype=pl.String, eager=True)
    cents = pl.DataFrame({f"{number}": amounts for number, (_, amounts) in enumerate(parts)})
    written: list[pl.Expr] = []
    for number, (code, _) in enumerate(parts):
        amount = pl.col(f"{number}").cast(pl.Int128).reinterpret(dtype=pl.Decimal(18, MONEY_PLACES)).cast(pl.String)
        written += [pl.lit(f"{'; ' if number else ''}{code} "), amount]
    return cents.select(pl.concat_str(written)).to_series()


def pieces(priced: Priced, trail: Trail) -> Iterator[Piece]:
    """Yield the parts of what is billed and not paid, of the lines of one era; those of lines not priced mean nothing.

    Where no charge is given the parts whose code is that of a charge above the fee are left out.
    """
    lines, allowed, shares = priced.lines, priced.allowed, priced.shares
    is_given, own, code = lines.billed >= 0, contractual(), code_of_key()
    left = np.where(is_given, np.maximum(lines.billed, allowed), _NO_LIMIT)
    amount, reached = allowed.copy(), allowed.copy()
    for key, at, taken in reversed(list(_taken(priced, trail))):
        amount[at] += taken
        before = np.minimum(np.maximum(reached[at], amount[at]), left[at])
        part, reached[at] = before - reached[at], before
        key = key if key in code else _BILLED
        yield key, at, part if code[key] != own else np.where(is_given[at], part, 0)
    yield _BILLED, None, np.where(is_given, lines.billed - reached, 0)
    yield "deductible", None, shares.deductible
    yield "coinsurance", None, shares.coinsurance
    for station in trail.stations:
        if station.rule in _OF_MEDICARE:
            yield station.rule, station.at, station.before - station.after
    yield "sequestration", None, shares.sequestration


def _taken(priced: Priced, trail: Trail) -> Iterator[_Taken]:
    """Yield what each rule takes off the lines, from the fee to what is allowed, in their order. [cents of a line]

    Below 0 where a rule raises an amount.
    """
    decided, at = priced.decided, priced.looked_at
    of_procedures = [
        (station.rule, station.at, (station.before - station.after) * station.figures["procedures"])
        for station in trail.stations
        if "procedures" in station.figures
    ]
    of_lines = [
        (station.rule, station.at, station.before - station.after)
        for station in trail.stations
        if station.rule in _OF_ONE_LINE
    ]
    bilateral = priced.fee[at] - decided.sides * decided.procedures
    rest = np.zeros(len(priced.lines), np.int64)
    rest[at] = priced.fee[at] - bilateral - decided.several
    for _, some, taken in (*of_procedures, *of_lines):
        rest[some] -= taken
    yield _BILATERAL, at, bilateral
    yield from of_procedures
    yield _BILLED, at, rest[at]  # sides that stand apart are rounded each by itself
    yield from of_lines
    yield _OPPS_CAP, at, decided.above_cap
    for rules in (_OF_PART, _OF_BILLER):
        for station in trail.stations:
            if station.rule in rules:
                yield station.rule, station.at, station.before - station.after


def adjustments(
    results: Mapping[str, Any], billed: Decimal | None, followed: Followed | None, status: int
) -> tuple[Adjustment, ...]:
    """Return the adjustments of a line, one a row of the reference table.

    ``followed``: None where no release prices it.
    """
    if results["pricing_status"] != "priced":
        rows = [row for row in _rows("status") if row["key"] == results["pricing_status"] and row["carc"]]
        charge = billed if billed is not None and billed > 0 else None  # one that can be read
        return tuple(_adjustment(row, charge) for row in rows)
    if followed is None or status != outcomes.PRICED:
        return ()
    found = {key: usd(int(cents[followed.line])) for key, cents in followed.parts.items() if cents[followed.line]}
    return tuple(_adjustment(row, found[row["key"]]) for kind in _PARTS for row in _rows(kind) if row["key"] in found)


def by_code(adjusted: Sequence[Adjustment]) -> list[Adjustment]:
    """Return the adjustments of one code as one, as a remittance has them: the name tells its parts."""
    found: dict[str, list[Adjustment]] = {}
    for each in adjusted:
        found.setdefault(each.code, []).append(each)
    place = {code.text: number for number, code in enumerate(codes())}
    return [_together(found[code]) for code in sorted(found, key=lambda code: place.get(code, 0))]


def _together(parts: Sequence[Adjustment]) -> Adjustment:
    first, *more = parts
    if not more:
        return first
    amounts = [each.amount for each in parts if each.amount is not None]
    name = "; ".join(f"{each.name} {money.usd(each.amount)}" for each in parts if each.amount is not None)
    return Adjustment(first.group, first.carc, first.rarc, name, sum(amounts, Decimal(0)))


def _rows(kind: str) -> list[reference.Row]:
    return [row for row in reference.rows(_TABLE) if row["kind"] == kind]


def _row(kind: str, key: str) -> reference.Row:
    (row,) = (row for row in _rows(kind) if row["key"] == key)
    return row


def _code(row: reference.Row) -> Code:
    return Code(row["group"], row["carc"], row["rarc"]) if row["carc"] else NO_CODE


def _written(group: str, carc: str, rarc: str) -> str:
    return f"{group}-{carc} {rarc}" if rarc else f"{group}-{carc}"


def _adjustment(row: reference.Row, amount: Decimal | None) -> Adjustment:
    return Adjustment(row["group"], row["carc"], row["rarc"], row["name"], amount)
