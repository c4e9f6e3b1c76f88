"""The whole of it as files: the scenario saved, for the command line, every cell, the pictures."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import partial

import polars as pl
import streamlit as st

from feecalc.files.toml import toml_text
from feecalc.scenarios.forecast.tables import fan_table, revenue_table, timeline_table, tornado_table, written_table
from feecalc.ui.pages.forecast.draft import saved
from feecalc.ui.pages.forecast.draft.files import bundle
from feecalc.ui.pages.forecast.form import Inputs
from feecalc.ui.pages.forecast.form.sheet import EVENT_KINDS
from feecalc.ui.pages.forecast.outcome import Outcome
from feecalc.ui.shared import scenario_files
from feecalc.ui.shared.exports import downloads
from feecalc.ui.shared.words import readable


def export_row(inputs: Inputs, found: Outcome, facts: Mapping[str, str]) -> None:
    """Draw one row of buttons for the scenario as a whole; a further export of all of it has its button here."""
    st.markdown("##### All of it as a file")
    with st.container(horizontal=True):
        settings = {"years": inputs.years, "draws": inputs.draws, "seed": inputs.seed, "release": found.release}
        st.download_button(
            "Report to print (HTML)", partial(_report, found), "forecast.html", "text/html", key="forecast_report",
            on_click="ignore", icon=":material/print:", help="One page with the tables and pictures.",
        )  # fmt: skip
        scenario_files.save_button(
            saved.PAGE, saved.VERSION, saved.inputs(inputs.tables, inputs.volumes, inputs.contracts, settings),
            key="forecast_save",
        )  # fmt: skip
        st.download_button(
            "For the command line (zip)", partial(_bundle, inputs, found.release), "scenario.zip", "application/zip",
            key="forecast_zip", on_click="ignore", icon=":material/terminal:",
            help=f"scenario.toml, its volume and contracts. {_command(inputs)} gives these numbers.",
        )  # fmt: skip
        st.download_button(
            "Pictures (PNG)", partial(_png, found), "forecast.png", "image/png", key="forecast_png",
            on_click="ignore", icon=":material/image:", help="Revenue by payer, the odds, what moves it.",
        )  # fmt: skip
        if found.scenario.event:
            st.download_button(
                "Timeline (PNG)", partial(_timeline_png, inputs, found), "forecast-events.png", "image/png",
                key="forecast_timeline_png", on_click="ignore", icon=":material/timeline:",
            )  # fmt: skip
    st.caption("Every cell of the plan and its alternatives (year, payer, category, location):")
    cells = written_table([found.base, *(other.forecast for other in found.compared)])
    downloads(cells.with_columns(pl.col("year").cast(pl.String)), "forecast-cells", facts, key="forecast_cells")


def _command(inputs: Inputs) -> str:
    return f"feecalc forecast scenario.toml --years {inputs.years} --draws {inputs.draws} --seed {inputs.seed}"


def _bundle(inputs: Inputs, release: str) -> bytes:
    return bundle(toml_text({"release": release, **inputs.scenario_tables}), inputs.volumes, inputs.contracts)


def _report(found: Outcome) -> bytes:
    from feecalc.report.scenario import scenario_report

    return scenario_report(found.plan, found.base, found.compared, found.moved, found.draws, found.notices)


def _png(found: Outcome) -> bytes:
    from feecalc.charts.forecast_figure import forecast_figure

    tables = {
        "revenue": revenue_table(found.base, "payer"),
        "fan": fan_table(found.base, found.draws),
        "tornado": tornado_table(found.moved),
    }
    buffer = io.BytesIO()
    title = f"{found.scenario.practice.name}: {found.scenario.name}"
    forecast_figure(tables, title).savefig(buffer, format="png")
    return buffer.getvalue()


def _timeline_png(inputs: Inputs, found: Outcome) -> bytes:
    from feecalc.charts.forecast import timeline_figure

    buffer = io.BytesIO()
    table = in_plain_words(timeline_table(found.scenario, inputs.years))
    timeline_figure(table, f"{found.scenario.practice.name}: events").savefig(buffer, format="png")
    return buffer.getvalue()


def in_plain_words(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table with names and kinds as a person reads them."""
    return table.with_columns(readable(pl.col("event")), pl.col("kind").replace(EVENT_KINDS))
