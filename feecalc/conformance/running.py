"""Run the proof: which printed tables, against which installed release, and what stands in where none is printed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

import polars as pl

from feecalc.conformance.comparison import Checked, Comparison, ReleaseSource, Report, StandIn
from feecalc.conformance.recompute import lookup_amounts, oppscap, payment_amounts
from feecalc.errors import InvalidValue, NotInstalled
from feecalc.ingest.checks import CheckResult
from feecalc.ingest.manifest import Manifest
from feecalc.ingest.releases import known_release, known_releases, release_name
from feecalc.ingest.store import Snapshot, Store

PAYMENT_AMOUNT = "payment_amount"
OPPSCAP = "oppscap"
LOOKUP_AMOUNT = "lookup_amount"
_COMPARED = {PAYMENT_AMOUNT: payment_amounts, OPPSCAP: oppscap, LOOKUP_AMOUNT: lookup_amounts}
_FACTOR = "conversion_factor"
_AMOUNT_TABLES = ("rvu", "gpci")  # what an amount is recomputed from
# The checks that a wrong figure could fail; the manifest's others say that the tables have their columns and keys.
_CHECKS_OF_FIGURES = {
    "totals": "row totals add up",
    "conversion_factor": "factor of the dated rule",
    "gpci_localities": "indices are sane",
    "gpci_year": "indices of the year",
    "work_floor": "work index floor",
    "modifiers": "global = 26 + TC",
    "anesthesia_factor": "anesthesia factor",
}
_OPPSCAP_CHECK = "oppscap_amounts"
_ROWS_IN_SAMPLE = 10


@dataclass(frozen=True)
class _Printed:
    """Hold a table of CMS's printed amounts.

    ``year`` None where the file does not say. ``factors``: the conversion factors it prints beside its amounts, none
    where it prints none. ``sha256``: of the file, "" of a table that is installed.
    """

    table: str
    frame: pl.DataFrame
    source: str
    year: int | None
    factors: tuple[Decimal, ...] = ()
    sha256: str = ""


def run(release: str | None = None, files: Sequence[Path] = (), *, store: Store | None = None) -> Report:
    """Recompute every row of ``files``, or of the OPPSCAP table a release was built with, and compare.

    Without ``release``: a file is compared with the newest installed release of the year, and the conversion factor, it
    prints, and without files the newest installed release that holds an OPPSCAP table is taken; the report's notices
    say which. Of a named release without an OPPSCAP table the report tells what its build checked in place of a proof.
    Raises NotInstalled for a release that has not been built here, InvalidValue for a file that holds no printed
    amounts, prints another year than the release, or does not say its year (OPPSCAP) with no release named.
    """
    store = store or Store()
    if not files:
        manifest, own, notices = store.read_at_once(lambda now: _with_oppscap(now, release))
        if own is None:
            return Report((), (), stand_in(manifest), (_source(manifest),))
        printed = _Printed(OPPSCAP, own.tables[OPPSCAP], _member(manifest, OPPSCAP), manifest.year)
        return Report((_comparison(own, printed),), notices, None, (_source(manifest),))
    named = None if release is None else store.read_at_once(lambda now: _opened(now, _installed(now, release)))
    chosen: dict[tuple[object, ...], tuple[_Opened, str]] = {}  # opened once, so that a report is of one build
    comparisons, said, used = [], [], []
    for path in files:
        for printed in _printed_tables(path):
            if named is not None:
                opened = _same_year(named, printed)
            else:
                key = (printed.year, printed.factors)
                if key not in chosen:
                    chosen[key] = store.read_at_once(partial(_chosen, printed=printed))
                opened, how = chosen[key]
                notice = f"{printed.source} prints {how}"
                said += [notice] if notice not in said else []
            used += [opened.manifest] if opened.manifest not in used else []
            comparisons.append(_comparison(opened, printed))
    return Report(tuple(comparisons), tuple(said), None, tuple(map(_source, used)))


@dataclass(frozen=True)
class _Opened:
    """Hold a release and its tables, all of one build."""

    manifest: Manifest
    tables: Mapping[str, pl.DataFrame]


def _opened(now: Snapshot, manifest: Manifest, *more: str) -> _Opened:
    return _Opened(manifest, now.read_tables(manifest.name, (*_AMOUNT_TABLES, *more)))


def _comparison(opened: _Opened, printed: _Printed) -> Comparison:
    manifest, tables = opened.manifest, {table: opened.tables[table] for table in _AMOUNT_TABLES}
    day = manifest.first_date_of_service or date(manifest.year, 1, 1)
    compare = _COMPARED[printed.table]
    found = compare(tables, printed.frame, release=manifest.name, day=day, source=printed.source)
    return replace(found, sha256=printed.sha256)


def _source(manifest: Manifest) -> ReleaseSource:
    return ReleaseSource(
        release=manifest.name,
        first_date_of_service=str(manifest.first_date_of_service or ""),
        name=str(manifest.source["name"]),
        sha256=str(manifest.source["sha256"]),
        address=manifest.source.get("address") or "",
        built=manifest.built,
        built_by=manifest.feecalc_version,
    )


def _printed_tables(path: Path) -> Iterator[_Printed]:
    """Yield the tables of printed amounts in a file, zip or folder, each in every form CMS ships it in."""
    from feecalc.ingest.files.archive import open_sources
    from feecalc.ingest.files.conversion import quick_family, read_table

    found = 0
    for source in open_sources(path):
        for member in source.members:
            if quick_family(member) not in _COMPARED:
                continue
            read = read_table(member)
            if read is not None and read.table in _COMPARED:
                found += 1
                year = _year(read.frame, read.member, read.facts.get("year"))
                digest = hashlib.sha256(member.read()).hexdigest()
                yield _Printed(read.table, read.frame, read.member, year, _factors(read.frame), digest)
    if not found:
        raise InvalidValue(
            f"{path}: holds neither a payment amount file (PFREV, PFALL) nor OPPSCAP nor a csv of the PFS look-up; "
            "to load a release: feecalc build"
        )


def _year(frame: pl.DataFrame, member: str, named: str | None) -> int | None:
    """Return the year a payment amount file prints on every row, or a look-up's name says; OPPSCAP has none."""
    if "year" not in frame.columns:
        return None if named is None else int(named)
    years = sorted(frame["year"].unique().to_list())
    if len(years) != 1:
        raise InvalidValue(f"{member} prints amounts of {len(years)} years ({years}); compare one year at a time")
    return int(years[0])


def _factors(frame: pl.DataFrame) -> tuple[Decimal, ...]:
    if _FACTOR not in frame.columns:
        return ()
    return tuple(frame[_FACTOR].drop_nulls().unique().sort().to_list())


def _installed(now: Snapshot, text: str) -> Manifest:
    name = release_name(text)
    manifest = now.manifest(name)
    if manifest is None:
        known_release(name)  # an unknown name is said to be unknown, with the nearest ones
        raise NotInstalled(f"{name} is not installed; get it with: feecalc fetch {name}, or feecalc build ITS_ZIP")
    return manifest


def _with_oppscap(now: Snapshot, release: str | None) -> tuple[Manifest, _Opened | None, tuple[str, ...]]:
    """Return the release to prove by its own OPPSCAP, opened where it has one, and how it was chosen."""
    if release is not None:
        named = _installed(now, release)
        return named, _opened(now, named, OPPSCAP) if OPPSCAP in named.tables else None, ()
    holding = [manifest for manifest in now.manifests("release") if OPPSCAP in manifest.tables]
    if not holding:
        raise NotInstalled(
            "no installed release holds OPPSCAP, the amounts to compare with; load one with: feecalc fetch RVU25D, "
            "or name a release and a file: feecalc conformance --release 2025D FILE"
        )
    notice = f"compared with {holding[-1].name}, the newest installed release that holds OPPSCAP"
    return holding[-1], _opened(now, holding[-1], OPPSCAP), (notice,)


def _same_year(opened: _Opened, printed: _Printed) -> _Opened:
    manifest = opened.manifest
    if printed.year not in (None, manifest.year):
        raise InvalidValue(
            f"{printed.source} prints amounts of {printed.year}, but {manifest.name} prices services of "
            f"{manifest.year}; name a release of {printed.year}"
        )
    return opened


def _chosen(now: Snapshot, printed: _Printed) -> tuple[_Opened, str]:
    """Return the newest installed release of the year and the factor the file prints, and how it was chosen."""
    if printed.year is None and not printed.factors:
        raise InvalidValue(f"{printed.source} does not say which release it belongs to; name it with --release")
    said = " at ".join(
        [
            *([f"amounts of {printed.year}"] if printed.year is not None else ["amounts"]),
            *([f"a conversion factor of {' and '.join(map(str, printed.factors))}"] if printed.factors else []),
        ]
    )
    fitting = [manifest for manifest in now.manifests("release") if _fits(manifest, printed)]
    known = [release.name for release in known_releases() if release.year == printed.year]
    if not fitting:
        wanted = known[-1] if known else "one of that year"
        raise NotInstalled(
            f"{printed.source} prints {said} and no release of that {_what(printed)} is installed; get one with: "
            f"feecalc fetch {wanted}, or feecalc build ITS_ZIP"
        )
    newest = fitting[-1]
    how = f"{said}: compared with {newest.name}, the newest installed release of that {_what(printed)}"
    if known and newest.name != known[-1] and not printed.factors:
        how += f" ({known[-1]} is the newest known); name another with --release"
    elif printed.factors:
        how += "; name another quarter with --release"
    return _opened(now, newest), how


def _what(printed: _Printed) -> str:
    """Return what a release is chosen by."""
    named = {"year": printed.year is not None, "factor": bool(printed.factors)}
    return " and ".join(name for name, is_there in named.items() if is_there)


def _fits(manifest: Manifest, printed: _Printed) -> bool:
    if printed.year not in (None, manifest.year):
        return False
    facts = [manifest.facts.get(table, {}) for table in ("rvu", "rvu_qp")]
    own = {Decimal(fact[_FACTOR]) for fact in facts if _FACTOR in fact}
    return not printed.factors or bool(own & set(printed.factors))


def _member(manifest: Manifest, table: str) -> str:
    return str(manifest.tables[table].get("member") or f"{table} of {manifest.name}")


def stand_in(manifest: Manifest) -> StandIn:
    """Return the checks of figures that an installed release passed, as its manifest keeps them."""
    checks = tuple(
        Checked(
            check=_CHECKS_OF_FIGURES[_kind_of_check(check["check"])],
            rows=check["checked"],
            failed=check["failed"],
            words=str(check.get("detail", "")),
            made=check["severity"] != "note",
        )
        for check in manifest.checks
        if _kind_of_check(check["check"]) in _CHECKS_OF_FIGURES
    )
    return StandIn(manifest.name, checks, tuple(_not_proven(manifest, checks)))


def _kind_of_check(check: str) -> str:
    """Return ``conversion_factor`` for the check of one track's factor too."""
    return next((name for name in _CHECKS_OF_FIGURES if check == name or check.startswith(f"{name}_")), check)


def _not_proven(manifest: Manifest, checks: tuple[Checked, ...]) -> list[str]:
    found = [
        f"that the amounts are those CMS computed: {manifest.name} came without OPPSCAP, so not one was compared",
        "that each relative value and index is the one CMS published: a figure that is wrong in both its row and its "
        "total, or an index that is wrong and near 1, passes every check",
    ]
    unmade = [check.check for check in checks if not check.made]
    if unmade:
        found.append(f"what could not be checked: {', '.join(unmade)}")
    return found


def oppscap_check(frames: Mapping[str, pl.DataFrame], release_name: str) -> CheckResult:
    """Check that every OPPSCAP amount equals the recomputed one.

    Rows that cannot be computed are named and do not fail; nor do rows that CMS is known to have printed by other
    figures than the release's, where those meet them to the cent.
    """
    if "oppscap" not in frames:
        return CheckResult(_OPPSCAP_CHECK, "note", 0, 0, "the release holds no OPPSCAP to recompute")
    found = oppscap(
        frames,
        frames["oppscap"],
        release=release_name,
        day=_first_day_of(release_name),
        source=f"OPPSCAP of {release_name}",
    )
    count = found.count
    detail = f"{count.equal:,} of {count.rows:,} rows equal in both settings when recomputed"
    for own in found.own_differences:
        detail += f"; {own.words}"
    if count.not_computable:
        why = "; ".join(f"{reason} ({rows:,} rows)" for reason, rows in found.reasons.items())
        detail += f", {count.not_computable:,} not computable: {why}"
    sample = tuple(
        {name: str(value) for name, value in row.items()} for row in found.differing.head(_ROWS_IN_SAMPLE).to_dicts()
    )
    checked = count.rows - count.not_computable
    return CheckResult(_OPPSCAP_CHECK, "error", checked, count.different, detail, sample)


def _first_day_of(release_name: str) -> date:
    """Return the first day the release prices; of one newer than the list of known ones, the first of its year."""
    known = {release.name: release.first_date_of_service for release in known_releases()}
    return known.get(release_name) or date(2000 + int(release_name[3:5]), 1, 1)
