"""The proof: CMS's own printed amounts computed again, row by row, when a button is pressed."""

from __future__ import annotations

import polars as pl
import streamlit as st

from feecalc.conformance import Report, StandIn, run
from feecalc.ui.pages.data.inventory import Inventory
from feecalc.ui.shared.exports import downloads
from feecalc.ui.shared.figures import money_table
from feecalc.ui.shared.uploads import as_path, upload_box
from feecalc.ui.shared.words import plain, sentence

_REPORT = "data_report"
_NEWEST = "the newest that fits"
_SHOWN = 200  # differing rows on the page


def show(found: Inventory) -> None:
    """Choose what to compare, press the button, read the counts."""
    st.markdown(
        "CMS prints amounts: OPPSCAP in a release's zip, the payment amount file (PFREV, PFALL), and the csv of the "
        "PFS look-up tool. Each of them is computed again from the relative values and compared to the cent."
    )
    if not found.releases:
        lacking = "Install a release first: the starter data holds a selection of services only."
        st.info(lacking, icon=":material/inventory_2:")
        return
    release = st.selectbox("Release", [_NEWEST, *found.releases], key="data_proof_release")
    given = upload_box(
        "A payment amount, look-up or OPPSCAP file of CMS's (without one: the OPPSCAP of the release)",
        ("zip", "txt", "csv", "xlsx"),
        "data_proof_upload",
    )
    if st.button("Compute every row again", type="primary", icon=":material/fact_check:"):
        named = None if release == _NEWEST else release
        st.session_state.pop(_REPORT, None)
        with st.spinner("Computing every printed amount again"):
            if given is None:
                st.session_state[_REPORT] = run(named)
            else:
                with as_path(given) as path:
                    st.session_state[_REPORT] = run(named, (path,))
    report: Report | None = st.session_state.get(_REPORT)
    if report is not None:
        _show(report)


def _show_stand_in(found: StandIn) -> None:
    """Show what the build of a release without printed amounts checked, and that this is no proof."""
    st.warning(
        plain(f"{found.release} came without OPPSCAP: none of CMS's amounts was compared, and nothing is proven."),
        icon=":material/help:",
    )
    table = pl.DataFrame([check.as_dict() for check in found.checks])
    if table.height:
        headings = {"check": "Checked instead", "rows": "Rows", "outcome": "Outcome", "detail": "What"}
        money_table(table, headings, key="data_stand_in", alt=f"what the build of {found.release} checked")
    for words in found.not_proven:
        st.caption(plain(f"Not proven: {words}."))
    st.caption(plain(found.advice))


def _show(report: Report) -> None:
    for notice in report.notices:
        st.caption(plain(sentence(notice)))
    if report.stand_in is not None:
        _show_stand_in(report.stand_in)
    for number, proof in enumerate(report.comparisons):
        count = proof.count
        summary = f"{proof.source} against {proof.release}: {count.equal:,} of {count.rows:,} rows are equal"
        own = f", {count.cms_differences:,} CMS printed by other figures" if proof.own_differences else ""
        if proof.agrees:
            st.success(plain(f"{summary}{own}, and none differs."), icon=":material/verified:")
        else:
            st.error(plain(f"{summary}{own}; {count.different:,} differ."), icon=":material/error:")
        counts = {"rows, both settings": count, **proof.by_setting}
        counts |= {f"status {status}": of_status for status, of_status in proof.by_status.items()}
        table = pl.DataFrame([{"what": name, **counted.as_dict()} for name, counted in counts.items()])
        headings = {
            "what": "Compared", "rows": "Rows", "equal": "Equal",
            **({"cms_differences": "CMS's own"} if proof.own_differences else {}),
            "different": "Different", "not_computable": "Not computable",
        }  # fmt: skip
        money_table(table, headings, key=f"data_proof_{number}", alt=summary)
        for known in proof.own_differences:
            st.caption(plain(f"{known.words}. {sentence(known.source)}"))
        for reason, rows in proof.reasons.items():
            st.caption(plain(f"Not computable, {rows:,} rows: {reason}"))
        for note in proof.notes:
            st.caption(plain(note))
        if proof.differing.height:
            names = {name: name.replace("_", " ") for name in proof.differing.columns}
            money_table(
                proof.differing.head(_SHOWN), names, key=f"data_differing_{number}", alt=f"{count.different} rows"
            )
            name = f"different-{proof.release}"
            downloads(proof.differing, name, {"Compared": summary}, key=f"data_differing_files_{number}")
