"""``feecalc fetch``: releases and other CMS files from cms.gov, or a mirror, downloaded and installed."""

from __future__ import annotations

import os
import sys
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feecalc.cli.terminal.arguments import bounded
from feecalc.cli.terminal.options import JsonOption, add_command
from feecalc.cli.terminal.output import print_json, say, show
from feecalc.cli.terminal.progress import download_progress
from feecalc.cli.terminal.shell import WRONG_USAGE
from feecalc.errors import DownloadError, FeeCalcError, InvalidValue, StoreError, UnknownRelease

if TYPE_CHECKING:
    from feecalc.ingest.cms_files import KnownFile
    from feecalc.ingest.releases import KnownRelease
    from feecalc.ingest.store import Snapshot, Store


def register(app: typer.Typer) -> None:
    """Add the command ``fetch``."""
    examples = "Examples: feecalc fetch RVU26C; feecalc fetch --latest; feecalc fetch opps 2026-01 asc 2026-01"
    add_command(app, "fetch", fetch, example=examples)


def fetch(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RELEASE",
            help="RVU26C or 2026C; or a kind of file and its quarter, as opps 2026-01 (OPPS-20261). "
            "Kinds: opps, apc, opps_rule, asc, ncci_pair, ncci_pair_hospital, mue, mue_hospital, add_on.",
            show_default=False,
        ),
    ] = None,
    year: Annotated[
        int | None,
        typer.Option("--year", metavar="YYYY", help="Every release, or every file of the kinds named, of this year."),
    ] = None,
    latest: Annotated[
        bool, typer.Option("--latest", help="The newest release, or file of the kinds named, that is in force.")
    ] = False,
    origin: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="ADDRESS_OR_FOLDER",
            help="Mirror, or folder of zips, to use in place of cms.gov. FEECALC_CMS_URL does the same.",
        ),
    ] = None,
    accept_ama_license: Annotated[
        bool, typer.Option("--accept-ama-license", help="Accept the AMA's license terms for CPT without a prompt.")
    ] = False,
    no_build: Annotated[bool, typer.Option("--no-build", help="Download only; install nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Download CMS's files and install them.

    They are releases, OPPS, ASC and NCCI files and more. Each is installed whole or not at all, and not downloaded
    again while CMS's file is the same.
    """
    from feecalc.ingest.fetch.license import require_acceptance
    from feecalc.ingest.store import Store

    wanted = _wanted(names or [], year, latest=latest)
    store = Store()
    require_acceptance(store.home, accept=accept_ama_license, prompt=_ask if _at_a_terminal() else None)
    place = origin or os.environ.get("FEECALC_CMS_URL", "").strip() or None
    done: list[dict[str, Any]] = []
    failed: list[tuple[str, FeeCalcError]] = []
    for release in wanted:
        try:
            done.append(_fetched(release, store, place, no_build=no_build, as_json=as_json, first=not done))
        except StoreError:
            raise  # the disk is full or shut: the next one meets the same
        except FeeCalcError as error:
            begins = release.first_date_of_service
            if isinstance(error, DownloadError) and year is not None and begins is not None and begins > date.today():
                say(f"{release.name} is not there yet; it prices services from {begins}")
            else:
                failed.append((release.name, error))
    if len(wanted) == 1 and failed:
        raise failed[0][1]
    if as_json:
        problems = [{"release": name, "type": type(why).__name__, "message": str(why)} for name, why in failed]
        print_json({"releases": done, "failed": problems})
    for _, why in failed:
        say(f"feecalc: {why}")
    if failed:
        say(f"feecalc: {len(failed)} of {len(wanted)} releases failed: {', '.join(name for name, _ in failed)}")
        raise typer.Exit(WRONG_USAGE)


def _wanted(names: list[str], year: int | None, *, latest: bool) -> list[KnownRelease | KnownFile]:
    """Return the releases and files to fetch, oldest first, none twice."""
    from feecalc.ingest.cms_files import files_of, newest_files, requested_files
    from feecalc.ingest.releases import known_release, known_releases

    words = requested_files(bounded(names, "releases"))
    files = list(words.files)
    for kind in words.kinds:
        if year is None and not latest:
            raise InvalidValue(f"say of when: feecalc fetch {kind} 2026-01, or --year 2026, or --latest")
        files += files_of(kind, str(year)) if year is not None else []
        files += newest_files(kind, date.today()) if latest else []
    chosen = {known_release(name).name for name in words.others}
    if year is not None and not words.kinds:
        of_year = {release.name for release in known_releases() if release.year == year}
        if not of_year:
            raise UnknownRelease(f"no release of {year} is known (feecalc releases lists all)")
        chosen |= of_year
    if latest and not words.kinds:
        chosen.add(latest_release(date.today()).name)
    if not chosen and not files:
        raise InvalidValue("say what to fetch: a release as RVU26C, a file as opps 2026-01, --year 2026, or --latest")
    releases = [release for release in known_releases() if release.name in chosen]
    return [*releases, *sorted(dict.fromkeys(files), key=lambda file: file.first_date_of_service)]


def latest_release(today: date) -> KnownRelease:
    """Return the newest known release whose first date of service is not after today. Raises UnknownRelease."""
    from feecalc.ingest.releases import known_releases, release_in_force

    begun = [day for release in known_releases() if (day := release.first_date_of_service) is not None and day <= today]
    if not begun:
        raise UnknownRelease(f"no known release had begun by {today}; feecalc releases lists them")
    return release_in_force(max(begun))


def _fetched(
    release: KnownRelease | KnownFile, store: Store, place: str | None, *, no_build: bool, as_json: bool, first: bool
) -> dict[str, Any]:
    from feecalc.ingest.cms_files import KnownFile
    from feecalc.ingest.fetch.download import download_release
    from feecalc.ingest.home import downloads_folder

    file = release if isinstance(release, KnownFile) else None

    with download_progress(release.name) as progress:
        got = download_release(
            release.name,
            release.address,
            downloads_folder(store.home),
            addresses=release.addresses,
            origin=place,
            page=release.page,
            zip_name=file.zip_name if file is not None else None,
            progress=progress,
            report=say,
        )
    about: dict[str, Any] = {
        "release": release.name,
        "path": got.path,
        "address": got.address,
        "sha256": got.sha256,
        "retrieved": got.retrieved,
    }
    if no_build:
        state = "unchanged" if got.from_cache else "downloaded"
        if not as_json:
            show(f"{release.name} {state}: {got.path}")
        return {**about, "state": state}
    if _is_installed(store, None if file else release.name, got.sha256):
        if not as_json:
            show(f"{release.name} is already installed from the same file, unchanged since (sha256 {got.sha256})")
        return {**about, "state": "unchanged"}
    from feecalc.cli.commands.build import more_checks, show_manifest
    from feecalc.ingest.build import build

    provenance = {
        "address": got.address,
        "retrieved": got.retrieved,
        "etag": got.etag,
        "last_modified": got.last_modified,
    }
    try:
        installed = build(
            got.path,
            store=store,
            release=None if file else release.name,
            provenance=provenance,
            more_checks=more_checks(),
            report=say,
        )
    except FeeCalcError:
        say(f"feecalc: the zip of {release.name} is kept in {got.path}")
        raise
    for manifest in installed:
        if not as_json:
            show_manifest(manifest, first=first)
    return {**about, "state": "installed", "installed": [manifest.as_dict() for manifest in installed]}


def _is_installed(store: Store, release: str | None, sha256: str) -> bool:
    """Return whether the release, or all that was built of a file's zip, is there, undamaged, from these bytes."""

    def found(now: Snapshot) -> bool:
        manifests = now.manifests() if release is None else [now.manifest(release)]
        same = [manifest for manifest in manifests if manifest is not None and manifest.source["sha256"] == sha256]
        for manifest in same:
            now.read_tables(manifest.name, manifest.tables)
        return bool(same)

    try:
        return store.read_at_once(found)
    except StoreError as error:
        say(f"feecalc: {error}")
        return False


def _at_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _ask(notice: str) -> bool:
    say(notice)
    return typer.confirm("Do you accept these terms?", err=True)
