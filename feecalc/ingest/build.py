"""From CMS's files to the store: opened, put together, checked, and installed whole or not at all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from feecalc import __version__
from feecalc.errors import CheckFailed, FeeCalcError, InvalidValue, MissingMember, StoreError
from feecalc.ingest.assembly.choice import OTHER_TABLES, RELEASE_TABLES, Choice, Pick, bundles, choose
from feecalc.ingest.assembly.draft import OPTIONAL, REQUIRED, Draft, assemble, read, seen
from feecalc.ingest.checks import CheckResult, MoreChecks, check_release, contract, refusal
from feecalc.ingest.files.archive import READABLE_SUFFIXES, Source, open_sources
from feecalc.ingest.files.conversion import ReadTable
from feecalc.ingest.manifest import Manifest
from feecalc.ingest.releases import known_releases
from feecalc.ingest.store import Store

Say = Callable[[str], object]


@dataclass(frozen=True)
class Order:
    """How a person wants it built."""

    store: Store
    release: str | None = None
    allow_warnings: bool = False
    provenance: Mapping[str, str | None] | None = None  # address, retrieved, etag, last_modified of a download
    more_checks: MoreChecks = ()
    say: Say = lambda text: None


def build(
    path: Path,
    *,
    store: Store,
    release: str | None = None,
    allow_warnings: bool = False,
    provenance: Mapping[str, str | None] | None = None,
    more_checks: MoreChecks = (),
    say: Say = lambda text: None,
) -> list[Manifest]:
    """Build what ``path`` holds (a zip, a folder, a file) and install it; the manifests of what was installed.

    ``provenance``: address, retrieved, etag and last_modified of a download. ``more_checks`` run on the tables beside
    those of checks.py. Of a folder with several zips each is built, and the first error raised after the last of them.
    Raises SourceFileError, InputError, StoreError; what was installed before is then as it was.
    """
    order = Order(store, release, allow_warnings, provenance, more_checks, say)
    outcomes = [outcome for _, outcome in build_each(path, order)]
    for outcome in outcomes:
        if isinstance(outcome, FeeCalcError):
            raise outcome
    return [manifest for outcome in outcomes if not isinstance(outcome, FeeCalcError) for manifest in outcome]


def build_each(path: Path, order: Order) -> Iterator[tuple[str, list[Manifest] | FeeCalcError]]:
    """Build every source at ``path`` for itself: its name, and what was installed or why nothing was."""
    for name, opened in _sources(path):
        try:
            yield name, _built(opened(), order)
        except FeeCalcError as error:
            yield name, error


def _sources(path: Path) -> list[tuple[str, Callable[[], Source]]]:
    """The sources at ``path``, unopened: a bad zip of a folder is not to lose the others."""
    if not path.is_dir():
        return [(path.name, lambda: _single(path))]
    try:
        entries = sorted(each for each in path.iterdir() if each.is_file() and not each.name.startswith((".", "~$")))
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror})") from error
    found = [(entry.name, _opening(entry)) for entry in entries if entry.suffix.lower() == ".zip"]
    loose = [entry for entry in entries if entry.name.lower().endswith(READABLE_SUFFIXES)]
    if loose:
        name = path.resolve().name
        found.append((name, lambda: _together(name, loose)))
    if not found:
        raise InvalidValue(f"{path}: holds no zip, csv, txt or xlsx file")
    return found


def _opening(path: Path) -> Callable[[], Source]:
    return lambda: _single(path)


def _single(path: Path) -> Source:
    (source,) = open_sources(path)
    return source


def _together(name: str, paths: list[Path]) -> Source:
    parts = [_single(path) for path in paths]
    digest = hashlib.sha256("".join(part.sha256 for part in parts).encode())
    return Source(name, digest.hexdigest(), tuple(member for part in parts for member in part.members))


def _built(source: Source, order: Order) -> list[Manifest]:
    choice = choose(source)
    others, of_release = choice.of(*OTHER_TABLES), choice.of(*RELEASE_TABLES)
    if not others and not of_release:
        raise MissingMember(_nothing_known(source, choice))
    installed = []
    if of_release:
        groups = bundles(source.name, choice)
        if order.release is not None and len(groups) > 1:
            raise InvalidValue(
                f"{source.name} holds {len(groups)} releases and --release names one: give it a folder of its own"
            )
        for picks in groups:
            draft = assemble(source, picks, choice, order.release)
            results = check_release(draft, order.more_checks)
            _refuse(source.name, draft, results, allow_warnings=order.allow_warnings)
            installed.append(order.store.write(_manifest(source, draft, results, order), draft.frames, order.say))
    return installed + [_built_other(source, pick, order) for pick in others]


def _nothing_known(source: Source, choice: Choice) -> str:
    if choice.of("payment_amount"):
        return (
            f"{source.name} holds amounts that CMS computed, which are not installed but compared with: "
            "feecalc conformance FILE"
        )
    wanted = "; ".join([*REQUIRED.values(), *OPTIONAL.values(), "ZIP5", "ZIP+4", "anesthesia base units"])
    return f"{source.name}: no table that feecalc knows. Looked for {wanted}. Seen: {seen(source)}"


def _refuse(source: str, draft: Draft, results: list[CheckResult], *, allow_warnings: bool) -> None:
    against = [result for result in results if result.stands_against]
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
    against = [result for result in results if result.stands_against]
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


def _origin(source: Source, order: Order) -> dict[str, Any]:
    known = order.provenance or {}
    where = {name: known.get(name) for name in ("address", "retrieved", "etag", "last_modified")}
    return {
        "source": {"name": source.name, "sha256": source.sha256, **where},
        "built": datetime.now(UTC).isoformat(timespec="seconds"),
        "feecalc_version": __version__,
    }


def _built_other(source: Source, pick: Pick, order: Order) -> Manifest:
    """A ZIP5, ZIP+4 or base units file as an entry of its own."""
    table = read(pick)
    year, quarter = _when(source, pick, table)
    results = contract({pick.table: table.frame})
    if any(result.stands_against for result in results):
        raise CheckFailed(f"{pick.member.name} of {source.name} is refused:\n{refusal(results)}")
    others = ", ".join(pick.passed_over)
    manifest = Manifest(
        name=f"{pick.table.upper()}-{year}{quarter or ''}",
        kind=pick.table,
        year=year,
        first_date_of_service=date(year, 3 * (quarter or 1) - 2, 1),
        tables={pick.table: {"member": pick.member.name}},
        facts={pick.table: dict(table.facts)},
        checks=tuple(result.as_dict() for result in results),
        allowed_warnings=False,
        notes=(
            *([f"{others}: passed over, the same table as {pick.member.name}"] if others else []),
            *(f"{table.member}: {note}" for note in table.notes),
        ),
        **_origin(source, order),
    )
    return order.store.write(manifest, {pick.table: table.frame}, order.say)


def _when(source: Source, pick: Pick, table: ReadTable) -> tuple[int, int | None]:
    """The year, and the quarter where there is one, of a file that belongs to no release."""
    if re.fullmatch(r"\d{4}[1-4]", table.facts.get("year_quarter", "")):
        return int(table.facts["year_quarter"][:4]), int(table.facts["year_quarter"][4])
    if re.fullmatch(r"\d{4}", table.facts.get("year", "")):
        return int(table.facts["year"]), None
    if pick.said.year is not None:
        return pick.said.year, None
    if pick.table == "zip_plus4":  # its rows say from which year on they hold
        newest = table.frame["first_year"].max()
        if isinstance(newest, int):
            return newest, None
    raise InvalidValue(
        f"{pick.member.name} of {source.name} does not say its year; put it into the file's name, "
        f"as in {pick.table}_{datetime.now(UTC).year}{Path(pick.member.name).suffix}"
    )
