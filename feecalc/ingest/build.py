"""Building of CMS's files into the store: opened, assembled, checked, and installed completely or not at all.

A note says when an entry built from other bytes is replaced.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from feecalc import __version__
from feecalc.errors import CheckFailed, FeeCalcError, InvalidValue, MissingMember, StoreError
from feecalc.ingest.assembly.choice import RELEASE_TABLES, Choice, Pick, bundles, choose
from feecalc.ingest.assembly.draft import OPTIONAL, REQUIRED, Draft, assemble, seen
from feecalc.ingest.assembly.identity import named_release
from feecalc.ingest.assembly.kinds import NOT_INSTALLED, OTHER_TABLES, OTHER_WORDS
from feecalc.ingest.assembly.other import read_other
from feecalc.ingest.checks import CheckResult, MoreChecks, check_release, refusal
from feecalc.ingest.fetch.names import latest_update
from feecalc.ingest.files.archive import READABLE_SUFFIXES, Source, nothing_to_build, open_sources
from feecalc.ingest.manifest import Manifest
from feecalc.ingest.releases import known_releases
from feecalc.ingest.store import Store

_MOST_FOLDERS = 500
Report = Callable[[str], object]
_OF_THE_FILE = ("source_line", "line")  # a row's place in its file is not the row's
_SHOWN = 12  # digits of a sha256


@dataclass(frozen=True)
class Order:
    """A user's settings for a build; ``report`` takes messages."""

    store: Store
    release: str | None = None
    allow_warnings: bool = False
    provenance: Mapping[str, str | None] | None = None  # address, retrieved, etag, last_modified of a download
    more_checks: MoreChecks = ()
    report: Report = lambda text: None
    services: str | None = None  # whose edits NCCI's files hold, where nothing else says it


def build(
    path: Path,
    *,
    store: Store,
    release: str | None = None,
    allow_warnings: bool = False,
    provenance: Mapping[str, str | None] | None = None,
    more_checks: MoreChecks = (),
    report: Report = lambda text: None,
) -> list[Manifest]:
    """Build a zip, a folder or a file, install it, and return the manifests of the installed entries.

    ``provenance``: address, retrieved, etag and last_modified of a download. ``more_checks`` run in addition to those
    of checks.py. Every zip of a folder is built, and the first error is raised after the last. Raises SourceFileError,
    InputError, StoreError; earlier installed entries are then unchanged.
    """
    order = Order(store, release, allow_warnings, provenance, more_checks, report)
    outcomes = [outcome for _, outcome in build_sources(path, order)]
    for outcome in outcomes:
        if isinstance(outcome, FeeCalcError):
            raise outcome
    return [manifest for outcome in outcomes if not isinstance(outcome, FeeCalcError) for manifest in outcome]


def build_sources(path: Path, order: Order) -> Iterator[tuple[str, list[Manifest] | FeeCalcError]]:
    """Build every source at ``path`` separately, and yield its name with the manifests installed or the error.

    In a folder, a source without known tables is skipped with a message if another source has some.
    """
    sources = _sources(path, order.report)
    unknown: list[tuple[Source, Choice]] = []
    for name, opened in sources:
        try:
            source = opened()
            choice = choose(source)
            if not choice.of(*OTHER_TABLES, *RELEASE_TABLES):
                unknown.append((source, choice))
                continue
            others = _others(choice, order)
        except FeeCalcError as error:
            yield name, error
            continue
        if choice.of(*RELEASE_TABLES):
            try:
                yield name, _built_releases(source, choice, order)
            except FeeCalcError as error:
                yield name, error
        yield from _built_others(source, others, order)
        yield from choice.damaged.items()
    if len(unknown) == len(sources):
        yield from ((source.name, MissingMember(_nothing_known(source, choice))) for source, choice in unknown)
    else:
        _pass_over(unknown, order)


def _sources(path: Path, report: Report) -> list[tuple[str, Callable[[], Source]]]:
    """Return the sources at ``path``, unopened, so that a bad zip in a folder does not stop the others.

    A folder and its subfolders give each zip, and the other files of each folder together. Links are not followed. Of
    more than one zip of a release the latest update by name is taken, as by ``feecalc fetch --from``.
    """
    if not path.is_dir():
        return [(path.name, lambda: _single(path))]
    sources: list[tuple[str, Callable[[], Source]]] = []
    seen: list[Path] = []
    folders = list(_folders(path))
    older = _older_updates([entry for _, entries in folders for entry in entries], report)
    for folder, entries in folders:
        within = folder.relative_to(path).as_posix()
        inside = "" if within == "." else f"{within}/"
        seen += entries
        zips = [entry for entry in entries if entry.suffix.lower() == ".zip" and entry not in older]
        sources += [(f"{inside}{entry.name}", _opening(entry)) for entry in zips]
        loose = [entry for entry in entries if entry.name.lower().endswith(READABLE_SUFFIXES)]
        if loose:
            name = path.resolve().name if within == "." else within
            others = [entry.name for entry in entries if entry not in loose and entry.suffix.lower() != ".zip"]
            sources.append((name, partial(_together, name, loose, others)))
    if not sources:
        raise InvalidValue(nothing_to_build(path, seen))
    return sources


def _older_updates(entries: list[Path], report: Report) -> set[Path]:
    """Return and report the zips for which a later update of their release is present, by the days in the names."""
    of_release: dict[str, list[Path]] = {}
    for entry in entries:
        name = named_release(entry.name) if entry.suffix.lower() == ".zip" else None
        if name is not None:
            of_release.setdefault(name, []).append(entry)
    older: set[Path] = set()
    for name, zips in of_release.items():
        latest = latest_update([entry.name for entry in zips], name) if len(zips) > 1 else None
        if latest is not None:
            others = [entry for entry in zips if entry.name != latest]
            older.update(others)
            names = ", ".join(entry.name for entry in others)
            report(f"{names}: passed over, {latest} is by its name the later {name}")
    return older


def _folders(path: Path) -> Iterator[tuple[Path, list[Path]]]:
    """Yield a folder and its subfolders with their files; hidden files and programs' leftovers are left out."""

    def unreadable(error: OSError) -> None:
        raise StoreError(f"{error.filename or path}: cannot be read ({error.strerror})") from error

    for count, (folder, inner, names) in enumerate(os.walk(path, onerror=unreadable), 1):
        if count > _MOST_FOLDERS:
            raise InvalidValue(f"{path}: holds more than {_MOST_FOLDERS} folders; name the ones with CMS's files")
        inner[:] = sorted(name for name in inner if not name.startswith((".", "__MACOSX")))
        entries = (Path(folder) / name for name in sorted(names) if not name.startswith((".", "~$")))
        yield Path(folder), [entry for entry in entries if entry.is_file()]


def _opening(path: Path) -> Callable[[], Source]:
    return lambda: _single(path)


def _single(path: Path) -> Source:
    (source,) = open_sources(path)
    return source


def _together(name: str, paths: list[Path], others: list[str]) -> Source:
    parts = [_single(path) for path in paths]
    digest = hashlib.sha256("".join(part.sha256 for part in parts).encode())
    members = tuple(member for part in parts for member in part.members)
    sha256_of = {part.name: part.sha256 for part in parts}
    return Source(name, digest.hexdigest(), members, tuple(others), sha256_of)


def _built_releases(source: Source, choice: Choice, order: Order) -> list[Manifest]:
    groups = bundles(source.name, choice)
    if order.release is not None and len(groups) > 1:
        raise InvalidValue(
            f"{source.name} holds {len(groups)} releases and --release names one: give it a folder of its own"
        )
    installed = []
    for picks in groups:
        draft = assemble(source, picks, choice, order.release)
        results = check_release(draft, order.more_checks)
        _refuse(source.name, draft, results, allow_warnings=order.allow_warnings)
        installed.append(_install(_manifest(source, draft, results, order), draft.frames, order))
    return installed


def _others(choice: Choice, order: Order) -> list[Pick]:
    """Return the picks that become separate entries; report the members that do not, and why."""
    others = choice.of(*OTHER_TABLES)
    for pick in choice.of(*NOT_INSTALLED):
        order.report(f"{pick.member.name} {NOT_INSTALLED[pick.table]}")
    if others and choice.unknown and not choice.of(*RELEASE_TABLES):
        order.report(f"{', '.join(choice.unknown)}: no table that feecalc knows, not read")
    return others


def _built_others(
    source: Source, picks: list[Pick], order: Order
) -> Iterator[tuple[str, list[Manifest] | FeeCalcError]]:
    """Install every file separately, so that a bad one does not stop the others; a source gives an entry once."""
    seen_before: dict[str, str] = {}
    for pick in picks:
        name = pick.where if len(picks) > 1 else source.name
        try:
            manifest, frames = read_other(source, pick, _origin(source, order, pick.member.name), order.services)
            if manifest.name in seen_before:
                raise CheckFailed(
                    f"{source.name}: {seen_before[manifest.name]} and {pick.where} are both {manifest.name}; "
                    "the first was installed. Keep the right one, or give each a folder of its own"
                )
            seen_before[manifest.name] = pick.where
            yield name, [_install(manifest, frames, order)]
        except FeeCalcError as error:
            yield name, error


def _install(manifest: Manifest, frames: Mapping[str, pl.DataFrame], order: Order) -> Manifest:
    """Write the entry, with a note where it replaces one built from other bytes."""
    replaced = replacement_note(order.store, manifest, frames)
    return order.store.write(replace(manifest, notes=(*replaced, *manifest.notes)), frames, order.report)


def _pass_over(strange: list[tuple[Source, Choice]], order: Order) -> None:
    """Report the sources of a folder that have nothing to install."""
    for source, choice in strange:
        if choice.of(*NOT_INSTALLED):
            order.report(_nothing_known(source, choice))
    unknown = [name for source, choice in strange if not choice.of(*NOT_INSTALLED) for name in _names(source)]
    if unknown:
        order.report(f"{', '.join(unknown)}: no table that feecalc knows, not read")


def _names(source: Source) -> list[str]:
    """Return the names of a source for messages: a zip's own name, or those of loose files."""
    return [source.name] if not source.sha256_of else [*source.sha256_of, *source.passed_over]


def _nothing_known(source: Source, choice: Choice) -> str:
    known = choice.of(*NOT_INSTALLED)
    if known:
        return f"{source.name} {NOT_INSTALLED[known[0].table]}"
    wanted = "; ".join([*REQUIRED.values(), *OPTIONAL.values(), *OTHER_WORDS.values()])
    return f"{source.name}: no table that feecalc knows. Looked for {wanted}. Seen: {seen(source)}"


def _refuse(source: str, draft: Draft, results: list[CheckResult], *, allow_warnings: bool) -> None:
    against = [result for result in results if result.is_failure]
    errors = [result for result in against if result.severity == "error"]
    if not errors and (allow_warnings or not against):
        return
    name = draft.release.name
    ways = "" if errors else "\nWarnings only. To install it all the same: feecalc build FILE --allow-warnings"
    corrections = [release.name for release in known_releases() if release.corrects == name]
    if errors and corrections:
        ways = f"\nCMS corrected this release with {corrections[0]}"
    raise CheckFailed(f"{name} from {source} is refused, nothing was installed:\n{refusal(against)}{ways}")


def _manifest(source: Source, draft: Draft, results: list[CheckResult], order: Order) -> Manifest:
    against = [result for result in results if result.is_failure]
    return Manifest(
        name=draft.release.name,
        kind="release",
        year=draft.release.year,
        first_date_of_service=draft.release.first_date_of_service,
        tables={table: {"member": member} for table, member in draft.members.items()},
        facts=draft.facts,
        checks=tuple(result.as_dict() for result in results),
        allowed_warnings=bool(against),
        notes=draft.notes,
        **_origin(source, order),
    )


def _origin(source: Source, order: Order, member: str = "") -> dict[str, Any]:
    """Return the origin for a manifest: the source, or of loose files the one that was read."""
    known = order.provenance or {}
    where = {name: known.get(name) for name in ("address", "retrieved", "etag", "last_modified")}
    of_file = source.sha256_of.get(member)
    name, sha256 = (member, of_file) if of_file else (source.name, source.sha256)
    return {
        "source": {"name": name, "sha256": sha256, **where},
        "built": datetime.now(UTC).isoformat(timespec="seconds"),
        "feecalc_version": __version__,
    }


def replacement_note(store: Store, manifest: Manifest, frames: Mapping[str, pl.DataFrame]) -> tuple[str, ...]:
    """Return a note on the installed entry that ``manifest`` replaces; empty where there is none, or the same file."""
    try:
        before = store.manifest(manifest.name)
    except StoreError:
        return (f"replaces {manifest.name}, which was damaged",)
    if before is None or before.source["sha256"] == manifest.source["sha256"]:
        return ()
    return (f"replaces {_described(before)}: {_differences(store, before, frames)}",)


def _described(manifest: Manifest) -> str:
    source = manifest.source
    edition = manifest.facts.get(manifest.kind, {}).get("edition")
    edition_text = f" ({edition})" if edition else ""
    digits = str(source["sha256"])[:_SHOWN]
    return f"{manifest.name}{edition_text} built {manifest.built[:10]} from {source['name']} (sha256 {digits})"


def _differences(store: Store, before: Manifest, frames: Mapping[str, pl.DataFrame]) -> str:
    """Return in words how the rows differ from those before, by table."""
    differences = []
    for table, frame in frames.items():
        if table not in before.tables:
            differences.append(f"{table} is new")
            continue
        try:
            stored = store.read(before.name, table)
        except StoreError:
            differences.append(f"{table} was damaged")
            continue
        columns = [name for name in frame.columns if name in stored.columns and name not in _OF_THE_FILE]
        old = stored.select(pl.col(name).cast(frame.schema[name], strict=False) for name in columns)
        new = frame.select(columns)
        more = new.join(old, on=columns, how="anti", nulls_equal=True).height
        gone = old.join(new, on=columns, how="anti", nulls_equal=True).height
        columns_changed = [f"column {name} is new" for name in frame.columns if name not in stored.columns]
        columns_changed += [f"column {name} is gone" for name in stored.columns if name not in frame.columns]
        if columns_changed:
            differences.append(f"{table}: {', '.join(columns_changed)}")
        if new.height != old.height and not (more or gone):
            differences.append(f"{table}: {new.height:,} rows where {old.height:,} stood, some of them repeated")
        if more or gone:
            differences.append(
                f"{table}: {more:,} of its {new.height:,} rows are new or changed, {gone:,} of the {old.height:,} "
                "before are gone or changed"
            )
    differences += [f"{table} is gone" for table in before.tables if table not in frames]
    return "; ".join(differences) or "the rows are the same"
