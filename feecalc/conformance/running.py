"""The comparisons of one run: which printed tables, against which installed release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from feecalc.conformance.comparison import Comparison, Report
from feecalc.conformance.recompute import oppscap, payment_amounts
from feecalc.errors import InvalidValue, NotInstalled
from feecalc.ingest.releases import known_release, known_releases, release_name
from feecalc.ingest.store import Manifest, Snapshot, Store

PAYMENT_AMOUNT = "payment_amount"
OPPSCAP = "oppscap"
_AMOUNT_TABLES = ("rvu", "gpci")  # what an amount is recomputed from


@dataclass(frozen=True)
class _Printed:
    """A table of CMS's printed amounts; ``year`` None where the file does not say."""

    table: str
    frame: pl.DataFrame
    source: str
    year: int | None


def run(release: str | None = None, files: Sequence[Path] = (), *, store: Store | None = None) -> Report:
    """Recompute every row of ``files``, or of the OPPSCAP table a release was built with, and compare.

    Without ``release``: a payment amount file is compared with the newest installed release of the year it prints, and
    without files the newest installed release that holds an OPPSCAP table is taken; the report's notices say which.
    Raises NotInstalled for a release that has not been built here or holds no OPPSCAP table, InvalidValue for a file
    that holds neither table, prints another year than the release, or does not say its year (OPPSCAP) with no release
    named.
    """
    store = store or Store()
    if not files:
        opened, notices = store.read_at_once(lambda now: _with_oppscap(now, release))
        source = _member(opened.manifest, OPPSCAP)
        printed = _Printed(OPPSCAP, opened.tables[OPPSCAP], source, opened.manifest.year)
        return Report((_comparison(opened, printed),), notices)
    named = None if release is None else store.read_at_once(lambda now: _opened(now, _installed(now, release)))
    of_year: dict[int | None, _Opened] = {}  # opened once, so that a report is of one build
    comparisons, said = [], []
    for path in files:
        for printed in _printed_tables(path):
            if named is not None:
                comparisons.append(_comparison(_same_year(named, printed), printed))
                continue
            if printed.year not in of_year:
                of_year[printed.year] = store.read_at_once(partial(_newest_of_year, printed=printed))
            opened = of_year[printed.year]
            notice = _year_notice(opened.manifest, printed)
            said += [notice] if notice not in said else []
            comparisons.append(_comparison(opened, printed))
    return Report(tuple(comparisons), tuple(said))


@dataclass(frozen=True)
class _Opened:
    """A release and its tables, all of one build."""

    manifest: Manifest
    tables: Mapping[str, pl.DataFrame]


def _opened(now: Snapshot, manifest: Manifest, *more: str) -> _Opened:
    return _Opened(manifest, now.read_tables(manifest.name, (*_AMOUNT_TABLES, *more)))


def _comparison(opened: _Opened, printed: _Printed) -> Comparison:
    manifest, tables = opened.manifest, {table: opened.tables[table] for table in _AMOUNT_TABLES}
    day = manifest.first_date_of_service or date(manifest.year, 1, 1)
    compare = payment_amounts if printed.table == PAYMENT_AMOUNT else oppscap
    return compare(tables, printed.frame, release=manifest.name, day=day, source=printed.source)


def _printed_tables(path: Path) -> Iterator[_Printed]:
    """The tables of printed amounts in a file, zip or folder, each in every form CMS ships it in."""
    from feecalc.ingest.files.archive import open_sources
    from feecalc.ingest.files.conversion import quick_family, read_table

    found = 0
    for source in open_sources(path):
        for member in source.members:
            if quick_family(member) not in (PAYMENT_AMOUNT, OPPSCAP):
                continue
            read = read_table(member)
            if read is not None and read.table in (PAYMENT_AMOUNT, OPPSCAP):
                found += 1
                yield _Printed(read.table, read.frame, read.member, _year(read.frame, read.member))
    if not found:
        raise InvalidValue(
            f"{path}: holds neither a payment amount file (PFREV, PFALL) nor OPPSCAP; to load a release: feecalc build"
        )


def _year(frame: pl.DataFrame, member: str) -> int | None:
    """The year a payment amount file prints on every row; OPPSCAP prints none."""
    if "year" not in frame.columns:
        return None
    years = sorted(frame["year"].unique().to_list())
    if len(years) != 1:
        raise InvalidValue(f"{member} prints amounts of {len(years)} years ({years}); compare one year at a time")
    return int(years[0])


def _installed(now: Snapshot, text: str) -> Manifest:
    name = release_name(text)
    manifest = now.manifest(name)
    if manifest is None:
        known_release(name)  # an unknown name is said to be unknown, with the nearest ones
        raise NotInstalled(f"{name} is not installed; get it with: feecalc fetch {name}, or feecalc build ITS_ZIP")
    return manifest


def _with_oppscap(now: Snapshot, release: str | None) -> tuple[_Opened, tuple[str, ...]]:
    if release is not None:
        named = _installed(now, release)
        if OPPSCAP not in named.tables:
            raise NotInstalled(
                f"{named.name} was built without an OPPSCAP member, so it has nothing to be compared with; "
                "name a payment amount file (PFREV, PFALL) or an OPPSCAP file"
            )
        return _opened(now, named, OPPSCAP), ()
    holding = [manifest for manifest in now.manifests("release") if OPPSCAP in manifest.tables]
    if not holding:
        raise NotInstalled(
            "no installed release holds OPPSCAP, the amounts to compare with; load one with: feecalc fetch RVU25D, "
            "or name a release and a file: feecalc conformance --release 2025D FILE"
        )
    notice = f"compared with {holding[-1].name}, the newest installed release that holds OPPSCAP"
    return _opened(now, holding[-1], OPPSCAP), (notice,)


def _same_year(opened: _Opened, printed: _Printed) -> _Opened:
    manifest = opened.manifest
    if printed.year not in (None, manifest.year):
        raise InvalidValue(
            f"{printed.source} prints amounts of {printed.year}, but {manifest.name} prices services of "
            f"{manifest.year}; name a release of {printed.year}"
        )
    return opened


def _newest_of_year(now: Snapshot, printed: _Printed) -> _Opened:
    if printed.year is None:
        raise InvalidValue(f"{printed.source} does not say which release it belongs to; name it with --release")
    of_year = [manifest for manifest in now.manifests("release") if manifest.year == printed.year]
    if not of_year:
        known = _known_of_year(printed.year)
        wanted = known[-1] if known else f"a release of {printed.year}"
        raise NotInstalled(
            f"{printed.source} prints amounts of {printed.year} and no release of that year is installed; "
            f"get one with: feecalc fetch {wanted}, or feecalc build ITS_ZIP"
        )
    return _opened(now, of_year[-1])


def _year_notice(newest: Manifest, printed: _Printed) -> str:
    known = _known_of_year(newest.year)
    notice = (
        f"{printed.source} prints amounts of {printed.year}: compared with {newest.name}, "
        "the newest installed release of that year"
    )
    if known and newest.name != known[-1]:
        notice += f" ({known[-1]} is the newest known); name another with --release"
    return notice


def _known_of_year(year: int) -> list[str]:
    return [release.name for release in known_releases() if release.year == year]


def _member(manifest: Manifest, table: str) -> str:
    return str(manifest.tables[table].get("member") or f"{table} of {manifest.name}")
