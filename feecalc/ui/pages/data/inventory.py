"""What is installed, what is known, and what each kind of file is for: the tables at the head of the page Data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
import streamlit as st

from feecalc.errors import StoreError
from feecalc.ingest.assembly.kinds import OTHER_WORDS
from feecalc.ingest.home import home_folder
from feecalc.ingest.manifest import Manifest
from feecalc.ingest.releases import known_releases
from feecalc.ingest.starter import services, starter_releases
from feecalc.ingest.store import Store
from feecalc.ui.shared.exports import downloads
from feecalc.ui.shared.figures import money_table
from feecalc.ui.shared.words import plain

_RELEASE = "release"
_FOR: Mapping[str, str] = {
    "zip5": "finding a locality by ZIP code",
    "zip_plus4": "ZIP codes that lie in two localities",
    "base_units": "anesthesia by base units",
    "opps": "the hospital's side of a case",
    "apc": "the hospital's side of a case",
    "comprehensive_rank": "comprehensive APCs",
    "complexity_adjustment": "comprehensive APCs",
    "opps_wage_index": "the hospital's wage area",
    "asc": "the surgery center's side of a case",
    "asc_ancillary": "the surgery center's side of a case",
    "asc_excluded": "the surgery center's side of a case",
    "asc_device_offset": "devices in a surgery center",
    "asc_code_pair": "devices in a surgery center",
    "asc_wage_index": "the surgery center's wage area",
    "ncci_pair": "checking claims: pairs of codes",
    "ncci_pair_hospital": "checking a hospital's bills: pairs of codes",
    "mue": "checking claims: units",
    "mue_hospital": "checking a hospital's bills: units",
    "add_on": "checking claims: add-on codes",
}
_ALL, _HERE = "Every known release", "Only those here"
_SHOWN = "data_shown"


@dataclass(frozen=True)
class Inventory:
    """What is in the store, by name; ``damaged``: a sentence for each entry that cannot be read."""

    here: Mapping[str, Manifest]
    damaged: tuple[str, ...]

    @property
    def releases(self) -> list[str]:
        """Return names of the installed releases, the newest first."""
        own = [release for release in self.here.values() if release.kind == _RELEASE]
        return [release.name for release in sorted(own, key=lambda release: release.age, reverse=True)]


def read_inventory() -> Inventory:
    """Return the store as it is now. A damaged entry does not hide the others."""
    store = Store()
    here: dict[str, Manifest] = {}
    damaged: list[str] = []
    for name in store.names():
        try:
            manifest = store.manifest(name)
        except StoreError as error:
            damaged.append(str(error))
            continue
        if manifest is not None:
            here[name] = manifest
    return Inventory(here, tuple(damaged))


def release_table(found: Inventory) -> pl.DataFrame:
    """Return every release, installed or known, the newest first.

    Shape: name, first_date_of_service (date, null where not known), state (installed, starter data, not installed),
    installed (date, null), source, corrects.
    """
    embedded = {release.name for release in starter_releases()}
    known = {release.name: release for release in known_releases()}
    names = [*known, *(name for name in found.releases if name not in known)]
    rows = []
    for name in names:
        manifest, release = found.here.get(name), known.get(name)
        begins = release.first_date_of_service if release else manifest and manifest.first_date_of_service
        state = "installed" if manifest else "starter data" if name in embedded else "not installed"
        rows.append(
            {
                "name": name,
                "first_date_of_service": begins,
                "state": state,
                "installed": manifest.built[:10] if manifest else None,
                "source": manifest.source["name"] if manifest else None,
                "corrects": release.corrects if release else None,
            }
        )
    kinds = {"first_date_of_service": pl.Date, **dict.fromkeys(("installed", "source", "corrects"), pl.String)}
    return pl.DataFrame(rows, schema_overrides=kinds).sort(
        "first_date_of_service", "name", descending=True, nulls_last=True
    )


def other_table(found: Inventory) -> pl.DataFrame:
    """Return every kind of other CMS file. Shape: what, used for, here (the newest, and how many more), rows."""
    rows = []
    for kind, words in OTHER_WORDS.items():
        own = sorted((entry for entry in found.here.values() if entry.kind == kind), key=lambda entry: entry.age)
        rows.append(
            {
                "what": words,
                "for": _FOR.get(kind, ""),
                "here": _newest(own),
                "rows": sum(int(table["rows"]) for entry in own for table in entry.tables.values()) if own else None,
            }
        )
    return pl.DataFrame(rows, schema_overrides={"rows": pl.Int64})


def _newest(own: list[Manifest]) -> str:
    """Return the newest of them and how many there are beside; they come oldest first."""
    if not own:
        return ""
    return own[-1].name + (f" and {len(own) - 1} older" if len(own) > 1 else "")


def starter_words() -> str:
    """Return what the starter data is, in a sentence."""
    names = ", ".join(release.name for release in starter_releases())
    return (
        f"The starter data comes with feecalc: {services().height} services of {names}, with every locality and its "
        "indices. Amounts of those services are exact."
    )


def show_headline(found: Inventory) -> None:
    """Show which release answers where none is named, and what is missing."""
    newest = found.releases[0] if found.releases else None
    if newest:
        others = len(found.here) - len(found.releases)
        st.subheader(plain(f"{newest} answers: the newest release installed"), anchor=False)
        st.caption(plain(f"{len(found.releases)} releases and {others} other files are installed in {home_folder()}"))
        return
    st.subheader("The starter data answers: no release is installed yet", anchor=False)
    st.markdown(plain(starter_words()))
    st.markdown(
        "What it lacks: all other codes, which a release has (about 19,000 rows); finding a locality by ZIP code; "
        "hospital and surgery center rates; the edits that claims are checked by. Fetch them from CMS or drop in CMS's "
        "files, below."
    )


def show_tables(found: Inventory) -> None:
    """Draw the releases, then the other files, each kind with what it is for."""
    shown = st.segmented_control("Shown", [_HERE, _ALL], default=_ALL, key=_SHOWN, label_visibility="collapsed")
    table = release_table(found)
    if shown == _HERE:
        table = table.filter(pl.col("state") != "not installed")
    headings = {
        "name": "Release", "first_date_of_service": "First day", "state": "Here", "installed": "Installed on",
        "source": "Built from", "corrects": "Corrects",
    }  # fmt: skip
    words = f"{table.height} releases, the newest first; {len(found.releases)} are installed"
    money_table(table, headings, key="data_releases", alt=words)
    downloads(table, "releases", {"Installed in": str(home_folder())}, key="data_releases_files")
    st.markdown("##### Other CMS files")
    st.caption("OPPS, ASC and NCCI files can be fetched; ZIP code and base unit files are dropped in.")
    others = other_table(found)
    words = "Other CMS files, and which of them are installed"
    headings = {"what": "File", "for": "Used for", "here": "Installed", "rows": "Rows"}
    money_table(others, headings, key="data_others", alt=words, height=35 * (others.height + 1) + 3)
