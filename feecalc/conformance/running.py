"""The comparisons of one run: which printed tables, against which installed release."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from feecalc.conformance.comparison import Comparison, Report
from feecalc.conformance.recompute import oppscap, payment_amounts
from feecalc.errors import InvalidValue, NotInstalled
from feecalc.ingest.releases import known_release, known_releases, release_name
from feecalc.ingest.store import Manifest, Store

PAYMENT_AMOUNT = "payment_amount"
OPPSCAP = "oppscap"


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
    named = None if release is None else _installed(store, release)
    if not files:
        manifest, notices = _with_oppscap(store, named)
        printed = _Printed(OPPSCAP, store.read(manifest.name, OPPSCAP), _member(manifest, OPPSCAP), manifest.year)
        return Report((_comparison(store, manifest, printed),), notices)
    comparisons, said = [], []
    for path in files:
        for printed in _printed_tables(path):
            manifest, notices = (_same_year(named, printed), ()) if named else _by_year(store, printed)
            said += [notice for notice in notices if notice not in said]
            comparisons.append(_comparison(store, manifest, printed))
    return Report(tuple(comparisons), tuple(said))


def _comparison(store: Store, manifest: Manifest, printed: _Printed) -> Comparison:
    tables = {table: store.read(manifest.name, table) for table in ("rvu", "gpci")}
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


def _installed(store: Store, text: str) -> Manifest:
    name = release_name(text)
    manifest = store.manifest(name)
    if manifest is None:
        known_release(name)  # an unknown name is said to be unknown, with the nearest ones
        raise NotInstalled(f"{name} is not installed; get it with: feecalc fetch {name}, or feecalc build ITS_ZIP")
    return manifest


def _with_oppscap(store: Store, named: Manifest | None) -> tuple[Manifest, tuple[str, ...]]:
    if named is not None:
        if OPPSCAP not in named.tables:
            raise NotInstalled(
                f"{named.name} was built without an OPPSCAP member, so it has nothing to be compared with; "
                "name a payment amount file (PFREV, PFALL) or an OPPSCAP file"
            )
        return named, ()
    holding = [manifest for manifest in store.manifests("release") if OPPSCAP in manifest.tables]
    if not holding:
        raise NotInstalled(
            "no installed release holds OPPSCAP, the amounts to compare with; load one with: feecalc fetch RVU25D, "
            "or name a release and a file: feecalc conformance --release 2025D FILE"
        )
    return holding[-1], (f"compared with {holding[-1].name}, the newest installed release that holds OPPSCAP",)


def _same_year(manifest: Manifest, printed: _Printed) -> Manifest:
    if printed.year not in (None, manifest.year):
        raise InvalidValue(
            f"{printed.source} prints amounts of {printed.year}, but {manifest.name} prices services of "
            f"{manifest.year}; name a release of {printed.year}"
        )
    return manifest


def _by_year(store: Store, printed: _Printed) -> tuple[Manifest, tuple[str, ...]]:
    if printed.year is None:
        raise InvalidValue(f"{printed.source} does not say which release it belongs to; name it with --release")
    of_year = [manifest for manifest in store.manifests("release") if manifest.year == printed.year]
    known = [release.name for release in known_releases() if release.year == printed.year]
    if not of_year:
        wanted = known[-1] if known else f"a release of {printed.year}"
        raise NotInstalled(
            f"{printed.source} prints amounts of {printed.year} and no release of that year is installed; "
            f"get one with: feecalc fetch {wanted}, or feecalc build ITS_ZIP"
        )
    newest = of_year[-1]
    notice = (
        f"{printed.source} prints amounts of {printed.year}: compared with {newest.name}, "
        "the newest installed release of that year"
    )
    if known and newest.name != known[-1]:
        notice += f" ({known[-1]} is the newest known); name another with --release"
    return newest, (notice,)


def _member(manifest: Manifest, table: str) -> str:
    return str(manifest.tables[table].get("member") or f"{table} of {manifest.name}")
