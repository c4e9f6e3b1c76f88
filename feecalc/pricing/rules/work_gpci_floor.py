"""The floor under the work index: an act of Congress with an end date. Source: SSA 1848(e)(1)(E) and (G).

Releases print the index with the floor in it; a few print the one without beside it. That one is a fact of the year and
not of the release, so it is taken from any release of the year that prints it, where the two agree in what both print.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from feecalc import reference
from feecalc.errors import InvalidValue
from feecalc.money import INDEX_PLACES, scaled, whole

UNFLOORED = "work_gpci_unfloored"
_KEY = ["mac", "locality"]
_IN_BOTH = {"work_gpci": "work", "pe_gpci": "practice expense", "mp_gpci": "malpractice"}
_NAMED = 3

Key = tuple[str, str]  # MAC and locality number


@dataclass(frozen=True)
class Floor:
    """Say whether the floor is applied, and why."""

    applies: bool
    note: str
    source: str


@dataclass(frozen=True)
class PrintedIndices:
    """Hold a GPCI table that prints both work indices; ``source`` names it, as "GPCI2026.csv of RVU26B"."""

    source: str
    gpci: pl.DataFrame


@dataclass(frozen=True)
class Unfloored:
    """Find the work indices without the floor that a release does not print itself.

    ``sources``: by locality. ``differences``: of localities for which none was found, what keeps another release's from
    being used. ``release``: the one that does not print them.
    """

    release: str = "this release"
    sources: Mapping[Key, str] = field(default_factory=dict)
    differences: Mapping[Key, str] = field(default_factory=dict)

    def where(self, mac: str, locality: str) -> str:
        """Return where a locality's index without the floor comes from, "" where the release prints it."""
        return self.sources.get((mac, locality), "")

    @property
    def source(self) -> str:
        """Return where they come from: "GPCI2026.csv of RVU26B"; "" where nothing was taken from elsewhere."""
        counted = Counter(self.sources.values()).most_common()
        (first, _), others = counted[0] if counted else ("", 0), counted[1:]
        return first + "".join(
            f", and for {many} {'locality' if many == 1 else 'localities'} {source}" for source, many in others
        )

    @property
    def notices(self) -> tuple[str, ...]:
        """Return the notices for prices without the floor."""
        if not self.sources:
            return ()
        told = f"work GPCI without the floor: {self.source} ({self.release} prints only the index with the floor)"
        lacking = [f"{mac}-{number} ({why})" for (mac, number), why in self.differences.items()]
        return (f"{told}; not for {_listed(lacking)}" if lacking else told,)


def work_gpci_floor(day: date, *, wanted: bool = True) -> Floor:
    """Return the national floor on ``day``, and whether it is applied: only where it is in force and wanted."""
    rows = reference.rows_on("work_gpci_floor", day, state=None)
    if not rows:
        return Floor(
            False, f"no act of Congress holds the work GPCI floor on {day}", "feecalc/reference: work_gpci_floor"
        )
    (row,) = rows
    if not wanted:
        return Floor(False, f"the work GPCI floor of {row['value']} is left out, as asked", row["source"])
    return Floor(True, f"the work GPCI floor of {row['value']} is in force", row["source"])


def with_unfloored(
    gpci: pl.DataFrame, others: Iterable[PrintedIndices], release: str
) -> tuple[pl.DataFrame, Unfloored]:
    """Return the GPCI table of ``release`` with the index without the floor from ``others`` where it has none.

    ``others`` are of the same year, the first before the next. A locality's is taken where the other prints the same
    indices for it: work with the floor, practice expense and malpractice.
    """
    sources: dict[Key, str] = {}
    differences: dict[Key, list[str]] = {}
    remaining = iter(others)  # each is read as it is asked for: none where the release prints both itself
    while gpci[UNFLOORED].null_count() and (other := next(remaining, None)) is not None:
        theirs = other.gpci.select(*_KEY, *(pl.col(name).alias(f"their_{name}") for name in (*_IN_BOTH, UNFLOORED)))
        same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"their_{name}")) for name in _IN_BOTH)
        taken = pl.when(same).then(pl.col(f"their_{UNFLOORED}")).alias("taken")
        joined = gpci.join(theirs, on=_KEY, how="left", maintain_order="left").with_columns(taken)
        for row in joined.iter_rows(named=True):  # a hundred localities
            key = row["mac"], row["locality"]
            if row[UNFLOORED] is None and row["taken"] is not None:
                sources[key] = other.source
            elif row[UNFLOORED] is None:
                differences.setdefault(key, []).append(_difference(row, other.source))
        gpci = joined.with_columns(pl.coalesce(UNFLOORED, "taken").alias(UNFLOORED)).select(gpci.columns)
    left = {key: "; ".join(said) for key, said in differences.items() if key not in sources}
    return gpci, Unfloored(release, sources, left)


def work_indices(
    gpci: pl.DataFrame, day: date, *, floor: Floor, unfloored: Unfloored | None = None
) -> pl.Series:
    """Return the work index of each row of ``gpci``, with or without the floor. [thousandths]

    A file that prints only the floored index says nothing of what lies under it: without the floor, rows above it are
    as printed, rows of a state with a floor of its own too, and a row at the floor, whose index without it was found
    nowhere (``with_unfloored``), raises InvalidValue.
    """
    printed = gpci["work_gpci"]
    if floor.applies:
        return scaled(printed, INDEX_PLACES)
    own_floor = {row["state"] for row in reference.rows_on("work_gpci_floor", day) if "state" in row}
    national = [whole(row["value"], INDEX_PLACES) for row in reference.rows("work_gpci_floor") if "state" not in row]
    known = (
        gpci[UNFLOORED].is_not_null()
        | (scaled(printed, INDEX_PLACES) > max(national))
        | gpci["state"].is_in(list(own_floor))
    )
    if not known.all():
        raise InvalidValue(_unknown(gpci.filter(~known), day, unfloored or Unfloored()))
    return scaled(gpci[UNFLOORED].fill_null(printed), INDEX_PLACES)


def _difference(row: Mapping[str, object], source: str) -> str:
    if row["their_work_gpci"] is None:
        return f"{source} has no such locality"
    differing = [
        f"{words} {row[name]} here and {row[f'their_{name}']}"
        for name, words in _IN_BOTH.items()
        if row[name] != row[f"their_{name}"]
    ]
    return f"{', '.join(differing)} in {source}" if differing else f"{source} prints none for it"


def _unknown(rows: pl.DataFrame, day: date, unfloored: Unfloored) -> str:
    """Return what is said where the index without the floor was found nowhere, and what to do."""
    named = [f"{mac}-{number} {name}" for mac, number, name in rows.select(*_KEY, "locality_name").iter_rows()]
    told = (
        f"the work GPCI without the floor cannot be told for {_listed(named, 1)}: {unfloored.release} prints only the "
        "index with the floor in it"
    )
    why = [unfloored.differences[key] for key in rows.select(_KEY).iter_rows() if key in unfloored.differences]
    wanted = f"a release of {day.year} that prints both"
    if why:
        told += f", and another release's is not used where the two differ ({_listed(list(dict.fromkeys(why)))})"
        wanted += " and agrees with it"
    else:
        told += f", and no other release of {day.year} that prints both is installed or in the starter data"
    return f"{told}. Leave the floor in, or install {wanted}, if CMS has published one"


def _listed(texts: list[str], most: int = _NAMED) -> str:
    more = len(texts) - most
    return ", ".join(texts[:most]) + (f" and {more} {'other' if more == 1 else 'others'}" if more > 0 else "")
