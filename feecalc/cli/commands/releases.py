"""``feecalc releases``: every release known, which are installed, and taking one out."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from feecalc.cli.terminal.options import JsonOption, add_command
from feecalc.cli.terminal.output import WIDTH, print_json, print_table, quoted, say, show
from feecalc.errors import InvalidValue, NotInstalled, StoreError

if TYPE_CHECKING:
    from feecalc.ingest.manifest import Manifest
    from feecalc.ingest.releases import KnownRelease
    from feecalc.ingest.store import Store


_MOST_ADDRESSES = 20  # that are named below the table
_HERE = "here"
_CMS = "www.cms.gov"


def register(app: typer.Typer) -> None:
    """Add the command ``releases``."""
    add_command(app, "releases", releases, example="Examples: feecalc releases RVU26D; feecalc releases --year 2026")


def releases(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]",
            help="Show one that is installed: its files, the checks it passed, what was new or different in it.",
            show_default=False,
        ),
    ] = None,
    year: Annotated[int | None, typer.Option("--year", metavar="YYYY", help="Only releases of this year.")] = None,
    installed: Annotated[bool, typer.Option("--installed", help="Only what is installed.")] = False,
    remove: Annotated[
        list[str] | None,
        typer.Option(
            "--remove", metavar="NAME", help="Remove an installed release or other CMS file; may be repeated."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List CMS's releases, and which are installed.

    Every relative value release since 2009 with its first day; then other CMS files (ZIP codes, OPPS, ASC, NCCI). With
    a NAME, what is known of it: files, checks, and what was new or different, with counts.
    """
    from feecalc.ingest.releases import known_releases, unlisted_release
    from feecalc.ingest.store import Store

    store = Store()
    if names and (remove or installed or year is not None):
        raise InvalidValue("a NAME goes with --json only; to take one away: feecalc releases --remove NAME")
    if names:
        _tell(store, names, as_json=as_json)
        return
    if remove:
        _remove(store, remove, as_json=as_json)
        return
    here, damaged = _installed(store)
    known = {release.name: release for release in known_releases()}
    rows = [_row(release, here.get(release.name)) for release in known.values()]
    strange = [m for m in here.values() if m.kind == "release" and m.name not in known]
    rows += [_row(unlisted_release(m.name, m.year, m.first_date_of_service), m) for m in strange]
    others = [_other_row(m) for m in sorted(here.values(), key=lambda m: m.age) if m.kind != "release"]
    rows = [row for row in rows if year in (None, row["year"]) and (row["installed"] or not installed)]
    others = [row for row in others if year in (None, row["year"])]
    if not rows and not others and not damaged and year is not None and not installed:
        years = sorted({release.year for release in known.values()})
        raise InvalidValue(f"no release of {year} is known; releases are known for {years[0]} to {years[-1]}")
    if as_json:
        print_json({"home": store.home, "releases": rows, "other_files": others, "damaged": damaged})
        return
    for problem in damaged.values():
        say(f"feecalc: {problem}")
    _show(rows, others, store)


def _tell(store: Store, names: list[str], *, as_json: bool) -> None:
    """Print what is kept of installed entries: members, checks and their counts, notes."""
    from feecalc.cli.commands.build import show_manifest
    from feecalc.ingest.releases import known_release

    there = {name.upper(): name for name in store.names()}
    found = []
    for name in dict.fromkeys(names):
        wanted = there.get(name.strip().upper()) or _as_release(name)
        manifest = store.manifest(wanted)
        if manifest is None:
            known_release(wanted)  # raises where there is none to fetch
            raise NotInstalled(
                f"{wanted} is not installed in {store.home} (feecalc releases lists what is); "
                f"load it with feecalc fetch {wanted}, or feecalc build FILE"
            )
        found.append(manifest)
    if as_json:
        print_json({"home": store.home, "entries": [manifest.as_dict() for manifest in found]})
        return
    for manifest in found:
        show_manifest(manifest, first=manifest is found[0], kept=True)


def _show(rows: list[dict[str, Any]], others: list[dict[str, Any]], store: Store) -> None:
    shown = [
        {
            **row,
            "first_date_of_service": row["first_date_of_service"] or "not known",
            "installed": row["built"][:10] if row["installed"] else "",
            "corrects": row["corrects"] or "",
            "source": row["source"] or "",
            "seen": _briefly(_best_seen(row["addresses"])) if row["addresses"] else "",
        }
        for row in rows
    ]
    headings = {
        "name": "release",
        "first_date_of_service": "first day",
        "seen": "address seen",
        "installed": "installed",
        "corrects": "corrects",
        "source": "built from",
    }
    if shown:
        print_table(shown, headings, width=_width())
    if others:
        show()
        print_table(others, {"name": "other file", "what": "what", "rows": "rows", "source": "built from"})
    count = sum(1 for row in rows if row["installed"])
    many = "release" if len(rows) == 1 else "releases"
    _show_addresses(rows)
    show(f"\n{len(rows)} {many}, {count} installed, in\n{store.home}")


def _show_addresses(rows: list[dict[str, Any]]) -> None:
    """Print the names of the zips on cms.gov, where there are few; else how to see them."""
    named = [
        {"name": row["name"], "zip": _zip(address["address"]), "seen": f"{address['how']} {_briefly(address, ', ')}"}
        for row in rows
        for address in row["addresses"]
    ]
    if not named:
        return
    show()
    if len(named) > _MOST_ADDRESSES:
        show("address seen: where, and if known when, the newest address of a zip was seen;")
        show("feecalc releases --year YYYY names the zips")
        return
    print_table(named, {"name": "release", "zip": "zips, the newest first", "seen": "address seen"}, width=_width())


def _zip(address: str) -> str:
    """Return the zip's name on cms.gov; an address elsewhere, as of a mirror, in full."""
    from feecalc.ingest.fetch.names import file_name

    return file_name(address) if urlsplit(address).hostname == _CMS else address


def _best_seen(addresses: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the address that it was fetched from here, else the newest one."""
    return next((address for address in addresses if address["where"] == _HERE), addresses[0])


def _briefly(seen: dict[str, Any], between: str = " ") -> str:
    """Return where and when an address was seen."""
    return between.join(part for part in (seen["where"], seen["when"]) if part)


def _width() -> int:
    """Return the columns of the terminal; as many as a table may have where there is none."""
    return min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)


def _installed(store: Store) -> tuple[dict[str, Manifest], dict[str, str]]:
    """Return what is installed by name, and what is damaged: one bad folder does not hide the others."""
    here: dict[str, Manifest] = {}
    damaged: dict[str, str] = {}
    for name in store.names():
        try:
            manifest = store.manifest(name)
        except StoreError as error:
            damaged[name] = str(error)
        else:
            if manifest is not None:
                here[name] = manifest
    return here, damaged


def _row(release: KnownRelease, manifest: Manifest | None) -> dict[str, Any]:
    return {
        "name": release.name,
        "year": release.year,
        "first_date_of_service": release.first_date_of_service,
        "corrects": release.corrects,
        "installed": manifest is not None,
        "built": manifest and manifest.built,
        "source": manifest and manifest.source["name"],
        "sha256": manifest and manifest.source["sha256"],
        "address": release.address or None,
        "addresses": _addresses(release, manifest),
    }


def _addresses(release: KnownRelease, manifest: Manifest | None) -> list[dict[str, Any]]:
    """Return where the release's zip was seen, the newest file first, and where it was fetched from here."""
    known = [
        {"address": address.address, "how": address.how, "where": address.where, "when": address.when or None}
        for address in release.addresses
    ]
    own = (manifest.source.get("address") if manifest else None) or ""
    if manifest is None or not own.startswith(("http://", "https://")):
        return known
    here = {"address": own, "how": "fetched", "where": _HERE, "when": (manifest.source.get("retrieved") or "")[:10]}
    if own in [known_address["address"] for known_address in known]:
        return [here if known_address["address"] == own else known_address for known_address in known]
    return [here, *known]


def _other_row(manifest: Manifest) -> dict[str, Any]:
    from feecalc.ingest.assembly.kinds import OTHER_WORDS

    return {
        "name": manifest.name,
        "year": manifest.year,
        "first_date_of_service": manifest.first_date_of_service,
        "kind": manifest.kind,
        "what": OTHER_WORDS.get(manifest.kind, manifest.kind),
        "rows": sum(int(table["rows"]) for table in manifest.tables.values()),
        "built": manifest.built,
        "source": manifest.source["name"],
        "sha256": manifest.source["sha256"],
    }


def _remove(store: Store, names: list[str], *, as_json: bool) -> None:
    there = {name.upper(): name for name in store.names()}
    wanted = [there.get(name.strip().upper()) or _as_release(name) for name in names]
    for name in dict.fromkeys(wanted):
        store.remove(name)
        say(f"{name} is no longer installed")
    if as_json:
        print_json({"removed": list(dict.fromkeys(wanted))})


def _as_release(text: str) -> str:
    from feecalc.ingest.releases import release_name

    try:
        return release_name(text)
    except InvalidValue as error:
        raise InvalidValue(f"{quoted(text)} is neither installed nor a release; feecalc releases lists them") from error
