"""Taking an installed release or file out of the store, after a second press."""

from __future__ import annotations

import streamlit as st

from feecalc.ingest.assembly.kinds import OTHER_WORDS
from feecalc.ingest.home import downloads_folder
from feecalc.ingest.store import Store
from feecalc.ui.pages.data.inventory import Inventory
from feecalc.ui.shared.words import long_day, one_line, plain

_WHICH, _DONE = "data_remove", "data_removed"
_RELEASE = "release"


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
        "What to remove", names, index=None, key=_WHICH, format_func=lambda each: _named(each, found),
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


def _named(name: str, found: Inventory) -> str:
    manifest = found.here.get(name)
    if manifest is None:
        return f"{name}: cannot be read"
    what = "physician fee schedule" if manifest.kind == _RELEASE else OTHER_WORDS.get(manifest.kind, manifest.kind)
    begins = manifest.first_date_of_service
    return one_line(f"{name}: {what}" + (f", from {long_day(begins)}" if begins else ""))


def _what_goes(name: str, found: Inventory) -> str:
    """What is lost, what is kept, and what answers then."""
    manifest = found.here.get(name)
    rows = sum(int(table["rows"]) for table in manifest.tables.values()) if manifest else 0
    told = [f"The {rows:,} rows read from {manifest.source['name']} go." if manifest else f"All of {name} goes."]
    zipped = downloads_folder(Store().home) / f"{name}.zip"
    told.append(
        f"The zip that was fetched stays in {zipped.parent}, to install it again from."
        if zipped.is_file()
        else "To have it again, fetch it or drop the file in."
    )
    if found.releases[:1] == [name]:
        then = found.releases[1] if len(found.releases) > 1 else "the starter data, a selection of services,"
        told.append(f"Where no release is named, {then} answers then.")
    told.append("Your own files, scenarios and contracts are not touched.")
    return "\n".join(told)
