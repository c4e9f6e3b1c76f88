"""Fetching from CMS and dropping in files, each on a button, and what came of the last run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import streamlit as st

from feecalc.errors import InvalidValue
from feecalc.ingest.assembly.kinds import OTHER_WORDS
from feecalc.ingest.cms_files import KnownFile, known_files
from feecalc.ingest.fetch import license
from feecalc.ingest.home import home_folder
from feecalc.ingest.releases import KnownRelease, known_releases, release_name
from feecalc.ui.pages.data import installing
from feecalc.ui.pages.data.installing import Outcome
from feecalc.ui.pages.data.inventory import Inventory
from feecalc.ui.shared import problems
from feecalc.ui.shared.uploads import MOST_MB, upload_box
from feecalc.ui.shared.words import long_day, one_line, plain

_OUTCOME = "data_outcome"
_ENDINGS = ("zip", "csv", "txt", "xlsx", "gz")
_MEGABYTE = 2**20


def show_last_outcome() -> None:
    """What the run before this one installed or refused; shown once more at each rerun until another run."""
    outcome: Outcome | None = st.session_state.get(_OUTCOME)
    if outcome is None:
        return
    for manifest in outcome.installed:
        rows = ", ".join(f"{table}: {int(about['rows']):,} rows" for table, about in manifest.tables.items())
        failed = sum(1 for check in manifest.checks if check["failed"] and check["severity"] != "note")
        checked = f"{len(manifest.checks)} checks" + (f", {failed} with warnings" if failed else ", none failed")
        told = f"{manifest.name} is installed from {manifest.source['name']} ({rows}; {checked})."
        st.success(plain(told), icon=":material/check_circle:")
        for note in manifest.notes:
            st.caption(plain(note))
    for name, why in outcome.refused:
        problems.problem(f"{name} was not installed: {why}")
    for sentence in outcome.said:
        st.caption(plain(sentence))


def fetch(found: Inventory) -> None:
    """Choose, accept the terms once, press the button."""
    st.markdown("A release or file is downloaded from cms.gov when the button is pressed, and at no other time.")
    wanted = {**_releases(found), **_files(found)}
    if not wanted:
        st.info("All that is known is installed.", icon=":material/check:")
        return
    name = st.selectbox(
        "What to fetch", list(wanted), format_func=lambda each: _named(wanted[each]), key="data_fetch",
        filter_mode="contains",
    )  # fmt: skip
    agreed = _licence()
    if st.button("Fetch and install", type="primary", disabled=not agreed, icon=":material/download:"):
        if not license.accepted(home_folder()):
            license.record_acceptance(home_folder(), "button")
        bar = st.progress(0.0, text=plain(f"Asking for {name}"))

        def tell(done: int, total: int | None) -> None:
            share = min(done / total, 1.0) if total else 0.0
            of = f" of {total / _MEGABYTE:,.1f}" if total else ""
            bar.progress(share, text=plain(f"{name}: {done / _MEGABYTE:,.1f}{of} MB"))

        with st.spinner("Downloading, checking and installing"):
            _run(lambda: installing.fetched(wanted[name], tell))


def drop() -> None:
    """A zip or table of CMS's that the person has downloaded in a browser."""
    st.markdown(
        "Drop in a zip or table as CMS publishes it: a release (rvu26c.zip), ZIP codes, OPPS, ASC or NCCI files. It is "
        "checked, and installed whole or not at all."
    )
    given = upload_box("A file of CMS's", _ENDINGS, "data_upload", help=f"At most {MOST_MB} MB")
    with st.expander("If its name does not say which release it is, or a warning stands against it"):
        named = st.text_input("Release", key="data_name", placeholder="RVU26C", max_chars=16)
        warnings = st.checkbox("Install in spite of warnings that touch no price", key="data_warnings")
    if st.button("Check and install", type="primary", disabled=given is None, icon=":material/inventory:"):
        if given is None:
            raise InvalidValue("drop in a file first")
        release = release_name(named) if named.strip() else None
        with st.spinner("Checking and installing"):
            _run(lambda: installing.built(given, release=release, allow_warnings=warnings))


def _run(work: Callable[[], Outcome]) -> None:
    """Run, keep what came of it, and draw the page anew, as other releases are there now."""
    st.session_state.pop(_OUTCOME, None)
    st.session_state[_OUTCOME] = work()
    st.rerun()


def _licence() -> bool:
    """Whether the AMA's notice is accepted, before or now."""
    if license.accepted(home_folder()):
        st.caption("The AMA's terms on CPT were accepted on this computer.")
        return True
    with st.container(border=True):
        st.markdown("**Terms on CPT**")
        st.text(license.NOTICE)
        return st.checkbox("I have read the terms and accept them", key="data_licence")


def _releases(found: Inventory) -> dict[str, KnownRelease | KnownFile]:
    """Known releases that have begun and are not installed, the newest first."""
    begun = [
        each
        for each in reversed(known_releases())
        if each.name not in found.here and (each.first_date_of_service or date.min) <= date.today()
    ]
    return {each.name: each for each in begun}


def _files(found: Inventory) -> dict[str, KnownRelease | KnownFile]:
    begun = [each for each in known_files() if each.first_date_of_service <= date.today()]
    newest_first = sorted(begun, key=lambda each: each.first_date_of_service, reverse=True)
    return {each.name: each for each in newest_first if each.name not in found.here}


def _named(wanted: KnownRelease | KnownFile) -> str:
    begins = wanted.first_date_of_service
    since = f", from {long_day(begins)}" if begins else ""
    if isinstance(wanted, KnownFile):
        return one_line(f"{wanted.name}: {OTHER_WORDS.get(wanted.kind, wanted.kind)}{since}")
    return f"{wanted.name}: physician fee schedule{since}"
