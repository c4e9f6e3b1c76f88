"""The answer of the page Site of service: three totals, the picture, the lines, how each amount was made."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import streamlit as st

from feecalc.charts.service import sites_chart
from feecalc.facility.case import CaseLine
from feecalc.facility.schedule import FacilitySchedule
from feecalc.facility.sites import (
    FACILITY,
    NAMES,
    NO_BILL,
    PATIENT,
    PHYSICIAN,
    Site,
    compare_sites,
    lines_table,
    parts_table,
    steps_table,
)
from feecalc.money import usd
from feecalc.pricing.places.locality import Locality
from feecalc.runs.facility_edits import edits_of_case
from feecalc.ui.pages.sites.form import Inputs
from feecalc.ui.shared import figures
from feecalc.ui.shared.exports import downloads
from feecalc.ui.shared.figures import facts_line, money_table, picture, place_fact, release_facts
from feecalc.ui.shared.opening import OpenedRelease, Stamp
from feecalc.ui.shared.problems import in_page_words
from feecalc.ui.shared.words import one_line, plain, sentence

_STEPS = {"code": "Code", "step": "Step", "value": "Value", "detail": "What was done", "source": "Source"}
_NO_TOTAL = "no total"


def show(inputs: Inputs, now: Stamp) -> None:
    """Compare and show. Raises a FeeCalcError for a case that cannot be compared."""
    schedule = inputs.opened.schedule
    sites, said = _compared(
        inputs.opened, inputs.facility, inputs.locality, tuple(inputs.case), inputs.cbsa, inputs.index, inputs.day,
        schedule.release.name, inputs.locality.key if inputs.locality else "", now,
    )  # fmt: skip
    facts = {
        "Case": ", ".join(line.label for line in inputs.case),
        **release_facts(schedule.release, inputs.day),
        **{f"Physician, {key.lower()}": text for key, text in place_fact(inputs.locality).items()},
        "Facility": _area_of(sites, inputs),
        "Date of service": str(inputs.day),
    }
    name = "sites-" + "-".join(line.label.replace(" ", "") for line in inputs.case)[:60]
    _cards(sites)
    facts_line(facts)
    st.caption(
        "Before the Part B deductible. The patient's share is within the payments, not beside them. The places of "
        "service are 11 (office), 24 (ambulatory surgery center) and 22 (hospital outpatient department)."
    )
    _picture(sites)
    _lines(sites, facts, name)
    _reasons(sites, inputs.facility)
    for text in said:
        st.caption(sentence(text))
    _steps(sites)


@st.cache_data(max_entries=64, show_spinner="Pricing the three sites")
def _compared(
    _opened: OpenedRelease,
    _facility: FacilitySchedule,
    _locality: Locality | None,
    case: tuple[CaseLine, ...],
    cbsa: str,
    index: Decimal | None,
    day: date,
    release: str,
    locality: str,
    now: Stamp,
) -> tuple[tuple[Site, ...], tuple[str, ...]]:
    """Return the sites, and what is said of the edits applied."""
    edits = edits_of_case(case, day, Path(now[0]))
    sites = compare_sites(
        _opened.schedule, _facility, case, locality=_locality, cbsa=cbsa, wage_index=index, day=day,
        denials=edits.denied,
    )  # fmt: skip
    return sites, edits.said


def _cards(sites: tuple[Site, ...]) -> None:
    """Draw a card a site: what all of it costs, and the patient's part."""
    for column, site in zip(st.columns(len(sites)), sites, strict=True):
        total = plain(usd(site.total)) if site.total is not None else _NO_TOTAL
        share = f"patient {usd(site.patient_share)}" if site.patient_share is not None else None
        column.metric(
            f"{NAMES[site.site]} ({site.place_of_service})", total, share, border=True, delta_color="off",
            delta_arrow="off",
        )  # fmt: skip


def _picture(sites: tuple[Site, ...]) -> None:
    """Draw a bar for each site with a total: one of the physician's part alone would look cheaper than it is."""
    lacking = [NAMES[site.site].lower() for site in sites if site.total is None]
    table = parts_table([site for site in sites if site.total is not None])
    if not table.is_empty():
        words = "; ".join(
            f"{site} {part.lower()} {usd(amount)}"
            for site, part, amount in table.select("site", "part", "amount").iter_rows()
        )
        words = f"Physician and facility payments by site: {words}"
        picture(sites_chart, table, (PHYSICIAN, FACILITY), PATIENT, alt=words)
    if lacking and not table.is_empty():
        st.caption(f"Not in the picture, as part of what is paid there is not known: {', '.join(lacking)}.")


def _lines(sites: tuple[Site, ...], facts: dict[str, str], name: str) -> None:
    """Draw every line, and what of it is packaged: a word where there is no amount."""
    st.markdown("##### Line by line")
    table = lines_table(sites)
    rows: dict[tuple[str, str], list[str]] = {}
    for number, line in enumerate(sites[0].lines):
        by_site = [site.lines[number] for site in sites]
        rows[f"{line.label}", PHYSICIAN] = [_cell(cell.physician_amount, cell.physician_status) for cell in by_site]
        rows[f"{line.label}", FACILITY] = [
            _cell(cell.facility_amount, cell.facility_status or NO_BILL) for cell in by_site
        ]
    rows["Together", PHYSICIAN] = [_cell(site.physician_amount, "not priced") for site in sites]
    rows["Together", FACILITY] = [
        NO_BILL if site.site == "office" else _cell(site.facility_amount, "not priced") for site in sites
    ]
    rows["Patient's share", ""] = [_cell(site.patient_share, "not known") for site in sites]
    names = [NAMES[site.site] for site in sites]
    shown = pl.DataFrame(
        [(code, paid_to, *cells) for (code, paid_to), cells in rows.items()],
        schema=["code", "paid_to", *names],
        orient="row",
    )
    config = {
        "code": st.column_config.TextColumn("Code", width=110),
        "paid_to": st.column_config.TextColumn("Paid to", width="small"),
        **{name: st.column_config.TextColumn(name, alignment="right") for name in names},
    }
    figures.show_table(
        shown, column_config=config, hide_index=True, width="stretch", key="sites_lines",
        height=35 * (shown.height + 1) + 3,
        alt="Each code of the case: what physician and facility get at each site, or why nothing",
    )  # fmt: skip
    if "packaged" in table["status"]:
        st.caption("Packaged: the facility's payment for it is part of its payment for the other services.")
    downloads(table, name, facts, key="sites_files")


def _reasons(sites: tuple[Site, ...], facility: FacilitySchedule) -> None:
    """Show why a site has no total, and its notes; the notice above names what is not installed."""
    for site in sites:
        missing = facility.missing.get(site.site)
        reason = site.reason if missing is None else site.reason.removesuffix(missing).removesuffix("; ")
        if reason:
            st.warning(plain(in_page_words(f"{NAMES[site.site]}: {reason}")), icon=":material/block:")
    for note in dict.fromkeys(f"{NAMES[site.site]}: {sentence(text)}" for site in sites for text in site.notes):
        st.caption(plain(in_page_words(note)))


def _steps(sites: tuple[Site, ...]) -> None:
    """Show how the facility's amounts were computed, step by step."""
    for site in sites:
        if site.facility is None:
            continue
        with st.expander(f"How the {NAMES[site.site].lower()}'s amount was made"):
            words = f"The steps to the amounts of the {NAMES[site.site].lower()}"
            money_table(steps_table(site), _STEPS, key=f"sites_steps_{site.site}", alt=words)
            st.caption(plain("Sources: " + ", ".join(dict.fromkeys(site.facility.entries.values()))))


def _cell(amount: Decimal | None, status: str) -> str:
    return status.replace("_", " ") if amount is None else usd(amount)


def _area_of(sites: tuple[Site, ...], inputs: Inputs) -> str:
    if inputs.index is not None:
        return f"wage index {inputs.index}"
    area = next((site.facility.area for site in sites if site.facility is not None and site.facility.area), None)
    return "national rates" if area is None else one_line(area.label)
