"""Two localities side by side: what each index makes of the difference between them."""

from __future__ import annotations

import polars as pl

from feecalc.errors import UnknownLocality
from feecalc.scenarios.basket.localities import Compared

_ROWS = {"work_part": "Work", "pe_part": "Practice expense", "mp_part": "Malpractice"}
_INDICES = {"work_part": "work_gpci", "pe_part": "pe_gpci", "mp_part": "mp_gpci"}
_MONEY = pl.Decimal(18, 2)


def side_by_side(compared: Compared, first: str, second: str) -> pl.DataFrame:
    """Where two places' amounts differ. [USD]

    Shape: part (National amount, Work, Practice expense, Malpractice, Amount), first_index, second_index (null where
    there is none), first, second, difference (second less first). The parts of each place sum to its amount, and so do
    the differences. ``first`` and ``second`` are keys (09102-04). Raises UnknownLocality.
    """
    one, two = (_row(compared, key) for key in (first, second))
    national = compared.national_amount
    rows: list[tuple[object, ...]] = [("National amount", None, None, national, national)]
    rows += [(name, one[_INDICES[part]], two[_INDICES[part]], one[part], two[part]) for part, name in _ROWS.items()]
    rows += [("Amount", None, None, one["amount"], two["amount"])]
    names = ("part", "first_index", "second_index", "first", "second")
    kinds = (pl.String, pl.Decimal(6, 3), pl.Decimal(6, 3), _MONEY, _MONEY)
    table = pl.DataFrame(rows, schema=dict(zip(names, kinds, strict=True)), orient="row")
    return table.with_columns((pl.col("second") - pl.col("first")).cast(_MONEY).alias("difference"))


def _row(compared: Compared, key: str) -> dict[str, object]:
    mac, _, locality = key.partition("-")
    found = compared.places.filter((pl.col("mac") == mac) & (pl.col("locality") == locality))
    if not found.height:
        raise UnknownLocality(f"no locality {key} in {compared.release}; choose one of the list")
    return found.row(0, named=True)
