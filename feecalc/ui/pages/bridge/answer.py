"""The answer of the page Year over year: both totals, the waterfall, the parts, the codes that move most."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import polars as pl
import streamlit as st

from feecalc.charts.waterfall import movers_chart, waterfall_chart
from feecalc.contracts.summary import percent_of
from feecalc.money import signed_usd, usd
from feecalc.pricing.release_terms import Terms
from feecalc.scenarios.bridge.bridge import Bridge, bridge
from feecalc.scenarios.bridge.parts import APART, MEANING
from feecalc.ui.pages.bridge import form
from feecalc.ui.pages.bridge.form import Inputs
from feecalc.ui.shared import problems
from feecalc.ui.shared.exports import downloads
from feecalc.ui.shared.figures import facts_line, money_table
from feecalc.ui.shared.opening import OpenedRelease, Stamp
from feecalc.ui.shared.uploads import Upload
from feecalc.ui.shared.words import one_line, plain, quarter

_MOST_ROWS = 2_000  # of a table on the page; its files hold all
_MOST_BARS = 12
_MOST_NAMED = 4  # localities of a volume
_MOST_REASONS, _MOST_CODES = 8, 12  # shown in full below the rows left out
_KEY = pl.format("{}-{}", "mac", "locality").alias("key")
_PARTS = {"part": "Part, in the order taken", "amount": "Change", "rate": "Of the beginning", "ends": "Revenue after"}
_CODES = {
    "service": "Service", "from_units": "Units", "to_units": "Units after", "from_revenue": "Revenue",
    "to_revenue": "Revenue after", "change": "Change",
}  # fmt: skip
_SHORT = {
    "factor": "Factor", "work": "Work", "pe": "PE", "mp": "MP", "gpci": "GPCI", "cap": "Cap", "rules": "Rules",
    "volume": "Volume", "mix": "Mix", "new_codes": "New", "deleted_codes": "Deleted",
}  # fmt: skip
_LEFT = {"service": "Service", "place_of_service": "Place", "key": "Locality", "from_units": "Units", "reason": "Why"}


def data_notices(inputs: Inputs) -> None:
    """Return what a person must know of the releases, and what to do about it."""
    facts = dict.fromkeys((*inputs.former.notices, *inputs.latter.notices))
    if not facts:
        return
    with st.expander(f"{len(facts)} {'notice' if len(facts) == 1 else 'notices'} of the data", icon=":material/info:"):
        problems.notices(facts)
        if any(opened.schedule.release.starter for opened in (inputs.former, inputs.latter)):
            st.caption("The page Data fetches whole releases, or takes a release's zip from this computer.")


def show(inputs: Inputs, now: Stamp) -> None:
    """Compute the bridge and show it. Raises a FeeCalcError for volumes that cannot be read or priced."""
    place = inputs.where.locality
    found = _bridged(
        inputs.volumes.before, inputs.volumes.after, inputs.former, inputs.latter, _key(inputs), inputs.order,
        inputs.qp, inputs.floors, inputs.factor_to, place.key if place else form.NATIONAL, now,
    )  # fmt: skip
    facts = _facts(inputs, found)
    if found.services.is_empty():
        _left_out(found, nothing=True)
        return
    name = f"bridge-{found.former}-{found.latter}"
    _totals(found)
    facts_line(facts)
    _waterfall(found)
    _parts(found, facts, name)
    _codes(found, facts, name)
    _left_out(found, nothing=False)


def _key(inputs: Inputs) -> tuple[str, ...]:
    """Return the key of the arguments that are not hashed."""
    given = inputs.volumes
    return (given.before.digest, given.after.digest if given.after else "", *inputs.names)


@st.cache_data(max_entries=64, show_spinner="Splitting the change")
def _bridged(
    _before: Upload,
    _after: Upload | None,
    _former: OpenedRelease,
    _latter: OpenedRelease,
    key: tuple[str, ...],
    order: tuple[str, ...],
    qp: bool,
    floors: tuple[bool, bool],
    factor_to: Decimal | None,
    locality: str,
    now: Stamp,
) -> Bridge:
    schedules = _former.schedule, _latter.schedule
    sides = Terms(schedules[0], qp, floors[0]), Terms(schedules[1], qp, floors[1], factor_to)
    before = form.read_volumes(_before, *schedules, locality, now)
    after = None if _after is None else form.read_volumes(_after, *schedules, locality, now)
    return bridge(*sides, before, after, order=order)


def _facts(inputs: Inputs, found: Bridge) -> dict[str, str]:
    """Return what the figures are of: the volume, both releases with their factors, the places."""
    sides = (
        Terms(inputs.former.schedule, inputs.qp, inputs.floors[0]),
        Terms(inputs.latter.schedule, inputs.qp, inputs.floors[1], inputs.factor_to),
    )
    facts = {"Volume": inputs.volumes.name}
    for label, side in zip(("From", "To"), sides, strict=True):
        release = side.schedule.release
        starter = ", starter data" if release.starter else ""
        own = " (as given here)" if side.conversion_factor is not None else ""
        own = " (qualifying APM participant)" if side.tracks_qp and not own else own
        elsewhere = side.schedule.unfloored.source
        of = f" ({elsewhere})" if elsewhere else ""
        floor = "" if side.gpci_floor else f", without the work GPCI floor{of}"
        facts[label] = (
            f"{release.name} ({quarter(release.first_date_of_service)}{starter}), ${side.factor} per RVU{own}{floor}"
        )
    return facts | {"Localities": _places(inputs, found)}


def _places(inputs: Inputs, found: Bridge) -> str:
    """Return the localities of the volume by name, or how many there are."""
    places = inputs.latter.places
    keys = found.services.select(_KEY).to_series().unique(maintain_order=True).to_list()
    if len(keys) > _MOST_NAMED:
        return f"{len(keys)} of the volume"
    return "; ".join(one_line(places[key].label) if key in places else "National" for key in keys)


def _totals(found: Bridge) -> None:
    start, end, change = (found.total(name) for name in ("from_revenue", "to_revenue", "change"))
    former, latter, moved = st.columns(3)
    former.metric(plain(f"Before, {found.former}"), plain(usd(start)), border=True, height="stretch")
    latter.metric(plain(f"After, {found.latter}"), plain(usd(end)), border=True, height="stretch")
    percent = percent_of(change, start)
    rate = None if percent is None else f"{percent:+}% of the beginning"
    moved.metric("Change", plain(signed_usd(change)), rate, border=True, delta_color="off", delta_arrow="off")


def _waterfall(found: Bridge) -> None:
    st.markdown("##### What the change is made of")
    table = found.waterfall
    words = "; ".join(f"{label} {signed_usd(amount)}" for label, amount in table.select("label", "amount").iter_rows())
    st.altair_chart(waterfall_chart(table), width="stretch", alt=f"The change from 0, part after part: {words}")


def _parts(found: Bridge, facts: dict[str, str], name: str) -> None:
    steps = found.steps.with_columns(found.steps["part"].replace(MEANING))
    words = f"The {steps.height} parts of the change from {found.former} to {found.latter}"
    money_table(steps, _PARTS, key="bridge_parts", alt=words, formats={"rate": "percent"})
    change = found.total("change")
    st.caption(
        plain(
            f"The parts add up to the change, {signed_usd(change)}, to the cent; new and deleted codes stand apart. "
            "Amounts are what Medicare allows for each unit by itself on each release's first day."
        )
    )
    downloads(steps, f"{name}-parts", facts, key="bridge_parts_files")


def _codes(found: Bridge, facts: dict[str, str], name: str) -> None:
    """Draw the codes that move most: as bars, and all of them with the parts that change anything."""
    st.markdown("##### Which codes move most")
    codes = found.by_code
    top = codes.head(_MOST_BARS).select("service", "change")
    words = "; ".join(f"{service} {signed_usd(change)}" for service, change in top.head(3).iter_rows())
    st.altair_chart(movers_chart(top), width="stretch", alt=f"Change in revenue by code, the greatest first: {words}")
    moving = found.steps.filter(found.steps["amount"] != 0)["part"].to_list()
    parts = {part: _SHORT[part] for part in (*found.order, *APART) if part in moving}
    notes = {"note": "Note"} if (codes["note"] != "").any() else {}
    words = f"{codes.height} codes, the greatest change first, each with its parts"
    money_table(codes.head(_MOST_ROWS), _CODES | parts | notes, key="bridge_codes", alt=words)
    if codes.height > _MOST_ROWS:
        st.caption(f"The first {_MOST_ROWS:,} of {codes.height:,} codes; the files hold all.")
    downloads(codes, f"{name}-codes", facts, key="bridge_codes_files")


def _left_out(found: Bridge, *, nothing: bool) -> None:
    """Draw the services that lack revenue in one of the two years, each with its reason."""
    count = found.left_out.height
    if not count:
        return
    many = "Nothing can be bridged: " if nothing else ""
    st.warning(
        plain(f"{many}{count} {'row is' if count == 1 else 'rows are'} in neither total: no release prices them, or "
              "one of the two cannot be priced here."),
        icon=":material/block:",
    )  # fmt: skip
    shown = found.left_out.head(_MOST_ROWS).with_columns(_KEY)
    money_table(shown, _LEFT, key="bridge_left_out", alt="Rows left out, each with the reason")
    for reason, codes in _reasons(found):
        st.caption(plain(f"{codes}: {reason}"))


def _reasons(found: Bridge) -> Iterator[tuple[str, str]]:
    """Yield each reason in full, as the table's column cuts it, with the services it is of."""
    services = pl.col("service").unique(maintain_order=True)
    by_reason = found.left_out.group_by("reason", maintain_order=True).agg(services)
    for reason, codes in by_reason.head(_MOST_REASONS).iter_rows():
        more = f" and {len(codes) - _MOST_CODES:,} more" if len(codes) > _MOST_CODES else ""
        yield reason, f"{', '.join(codes[:_MOST_CODES])}{more}"
