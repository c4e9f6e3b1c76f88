"""Fetching from CMS, dropping in files and removing, each on a button, and what came of the last run."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import streamlit as st

from feecalc.conformance import oppscap_check
from feecalc.errors import FeeCalcError, InvalidValue
from feecalc.ingest.assembly.kinds import OTHER_WORDS
from feecalc.ingest.build import Order, build_sources
from feecalc.ingest.cms_files import KnownFile, known_files
from feecalc.ingest.fetch import license
from feecalc.ingest.fetch.download import Download, download_release
from feecalc.ingest.home import downloads_folder, home_folder
from feecalc.ingest.manifest import Manifest
from feecalc.ingest.releases import KnownRelease, known_releases, release_name
from feecalc.ingest.store import Store
from feecalc.ui.pages.data.inventory import Inventory
from feecalc.ui.shared import problems
from feecalc.ui.shared.uploads import MOST_MB, Upload, as_path, upload_box
from feecalc.ui.shared.words import long_day, one_line, plain

_MIRROR = "FEECALC_CMS_URL"  # an address or folder in place of cms.gov, as for the command
_OUTCOME = "data_outcome"
_ENDINGS = ("zip", "csv", "txt", "xlsx", "gz")
_MEGABYTE = 2**20
_WHICH, _DONE = "data_remove", "data_removed"
_RELEASE = "release"


@dataclass
class Outcome:
    """What a run installed, what it refused and why, and its notes."""

    installed: list[Manifest] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def fetched(wanted: KnownRelease | KnownFile, progress: Callable[[int, int | None], None]) -> Outcome:
    """Fetch a release or file and install it. Raises DownloadError, SourceFileError, StoreError.

    Whoever calls has seen to the license first.
    """
    outcome, store = Outcome(), Store()
    file = wanted if isinstance(wanted, KnownFile) else None
    got: Download = download_release(
        wanted.name,
        wanted.address,
        downloads_folder(store.home),
        addresses=wanted.addresses,
        origin=os.environ.get(_MIRROR, "").strip() or None,
        page=wanted.page,
        zip_name=file.zip_name if file else None,
        progress=progress,
        report=outcome.notes.append,
    )
    provenance = {
        "address": got.address, "retrieved": got.retrieved, "etag": got.etag, "last_modified": got.last_modified,
    }  # fmt: skip
    order = Order(
        store,
        None if file else wanted.name,
        provenance=provenance,
        more_checks=(oppscap_check,),
        report=outcome.notes.append,
    )
    for name, result in build_sources(got.path, order):
        _note(outcome, name, result)
    return outcome


def built(upload: Upload, *, release: str | None, allow_warnings: bool) -> Outcome:
    """Check and install what was dropped in; the file itself is not kept."""
    outcome = Outcome()
    with as_path(upload) as path:
        order = Order(
            Store(), release, allow_warnings, more_checks=(oppscap_check,), report=outcome.notes.append
        )
        for name, result in build_sources(path, order):
            _note(outcome, name, result)
    return outcome


def _note(outcome: Outcome, name: str, result: list[Manifest] | FeeCalcError) -> None:
    if isinstance(result, FeeCalcError):
        outcome.refused.append((name, str(result)))
    else:
        outcome.installed += result


def show_last_outcome() -> None:
    """Show what the last run installed or refused, at every rerun until the next run."""
    outcome: Outcome | None = st.session_state.get(_OUTCOME)
    if outcome is None:
        return
    for manifest in outcome.installed:
        rows = ", ".join(f"{table}: {int(about['rows']):,} rows" for table, about in manifest.tables.items())
        failed = sum(1 for check in manifest.checks if check["failed"] and check["severity"] != "note")
        checked = f"{len(manifest.checks)} checks" + (f", {failed} with warnings" if failed else ", none failed")
        sentences = f"{manifest.name} is installed from {manifest.source['name']} ({rows}; {checked})."
        st.success(plain(sentences), icon=":material/check_circle:")
        for note in manifest.notes:
            st.caption(plain(note))
    for name, why in outcome.refused:
        problems.problem(f"{name} was not installed: {why}")
    for sentence in outcome.notes:
        st.caption(plain(sentence))


def fetch(found: Inventory) -> None:
    """Choose, accept the terms once, press the button."""
    st.markdown("A release or file is downloaded from cms.gov when the button is pressed, and at no other time.")
    wanted = {**_releases(found), **_files(found)}
    if not wanted:
        st.info("All that is known is installed.", icon=":material/check:")
        return
    name = st.selectbox(
        "What to fetch", list(wanted), format_func=lambda name: _named(wanted[name]), key="data_fetch",
        filter_mode="contains",
    )  # fmt: skip
    agreed = _license()
    if st.button("Fetch and install", type="primary", disabled=not agreed, icon=":material/download:"):
        if not license.accepted(home_folder()):
            license.record_acceptance(home_folder(), "button")
        bar = st.progress(0.0, text=plain(f"Asking for {name}"))

        def show_progress(done: int, total: int | None) -> None:
            share = min(done / total, 1.0) if total else 0.0
            of = f" of {total / _MEGABYTE:,.1f}" if total else ""
            bar.progress(share, text=plain(f"{name}: {done / _MEGABYTE:,.1f}{of} MB"))

        with st.spinner("Downloading, checking and installing"):
            _run(lambda: fetched(wanted[name], show_progress))


def drop() -> None:
    """Take a zip or table of CMS's that the person has downloaded in a browser."""
    st.markdown(
        "Drop in a zip or table as CMS publishes it: a release (rvu26c.zip), ZIP codes, OPPS, ASC or NCCI files. It is "
        "checked, and installed whole or not at all."
    )
    given = upload_box("A file of CMS's", _ENDINGS, "data_upload", help=f"At most {MOST_MB} MB")
    with st.expander("If its name does not say which release it is, or a warning keeps it from being installed"):
        named = st.text_input("Release", key="data_name", placeholder="RVU26C", max_chars=16)
        warnings = st.checkbox("Install in spite of warnings that touch no price", key="data_warnings")
    if st.button("Check and install", type="primary", disabled=given is None, icon=":material/inventory:"):
        if given is None:
            raise InvalidValue("drop in a file first")
        release = release_name(named) if named.strip() else None
        with st.spinner("Checking and installing"):
            _run(lambda: built(given, release=release, allow_warnings=warnings))


def _run(work: Callable[[], Outcome]) -> None:
    """Run, keep what came of it, and draw the page anew, as other releases are there now."""
    st.session_state.pop(_OUTCOME, None)
    st.session_state[_OUTCOME] = work()
    st.rerun()


def _license() -> bool:
    """Return whether the AMA's notice is accepted, before or now."""
    if license.accepted(home_folder()):
        st.caption("The AMA's terms on CPT were accepted on this computer.")
        return True
    with st.container(border=True):
        st.markdown("**Terms on CPT**")
        st.text(license.NOTICE)
        return st.checkbox("I have read the terms and accept them", key="data_license")


def _releases(found: Inventory) -> dict[str, KnownRelease | KnownFile]:
    """Return known releases that have begun and are not installed, the newest first."""
    begun = [
        release
        for release in reversed(known_releases())
        if release.name not in found.here and (release.first_date_of_service or date.min) <= date.today()
    ]
    return {release.name: release for release in begun}


def _files(found: Inventory) -> dict[str, KnownRelease | KnownFile]:
    begun = [file for file in known_files() if file.first_date_of_service <= date.today()]
    newest_first = sorted(begun, key=lambda file: file.first_date_of_service, reverse=True)
    return {file.name: file for file in newest_first if file.name not in found.here}


def _named(wanted: KnownRelease | KnownFile) -> str:
    begins = wanted.first_date_of_service
    since = f", from {long_day(begins)}" if begins else ""
    if isinstance(wanted, KnownFile):
        return one_line(f"{wanted.name}: {OTHER_WORDS.get(wanted.kind, wanted.kind)}{since}")
    return f"{wanted.name}: physician fee schedule{since}"


def remove(found: Inventory) -> None:
    """Choose what is to go, read what that means, press again. Raises NotInstalled, StoreError."""
    if gone := st.session_state.pop(_DONE, None):
        st.success(plain(f"{gone} is no longer installed."), icon=":material/check_circle:")
    names = [*found.releases, *(name for name in Store().names() if name not in found.releases)]
    if not names:
        return
    st.markdown("##### Remove what is installed")
    if st.session_state.get(_WHICH) not in names:
        st.session_state.pop(_WHICH, None)
    name = st.selectbox(
        "What to remove", names, index=None, key=_WHICH, format_func=lambda name: _named_to_remove(name, found),
        placeholder="Choose a release or file", filter_mode="contains",
    )  # fmt: skip
    if name is None:
        return
    with st.popover(f"Remove {name} …", icon=":material/delete:"):
        st.markdown(plain(_what_goes(name, found)))
        if st.button(f"Yes, remove {name}", key="data_remove_yes", type="primary"):
            Store().remove(name)
            st.session_state[_DONE] = name
            st.rerun()


def _named_to_remove(name: str, found: Inventory) -> str:
    manifest = found.here.get(name)
    if manifest is None:
        return f"{name}: cannot be read"
    what = "physician fee schedule" if manifest.kind == _RELEASE else OTHER_WORDS.get(manifest.kind, manifest.kind)
    begins = manifest.first_date_of_service
    return one_line(f"{name}: {what}" + (f", from {long_day(begins)}" if begins else ""))


def _what_goes(name: str, found: Inventory) -> str:
    """Return what is lost, what is kept, and what answers then."""
    manifest = found.here.get(name)
    rows = sum(int(table["rows"]) for table in manifest.tables.values()) if manifest else 0
    sentences = [f"The {rows:,} rows read from {manifest.source['name']} go." if manifest else f"All of {name} goes."]
    zipped = downloads_folder(Store().home) / f"{name}.zip"
    sentences.append(
        f"The zip that was fetched stays in {zipped.parent}, to install it again from."
        if zipped.is_file()
        else "To have it again, fetch it or drop the file in."
    )
    if found.releases[:1] == [name]:
        then = found.releases[1] if len(found.releases) > 1 else "the starter data, a selection of services,"
        sentences.append(f"Where no release is named, {then} answers then.")
    sentences.append("Your own files, scenarios and contracts are not touched.")
    return "\n".join(sentences)
