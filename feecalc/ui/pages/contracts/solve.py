"""The view of what a term must be: a target by slider or number, the term that may move, and what reaches it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

import polars as pl
import streamlit as st

from feecalc.contracts.contract import Contract
from feecalc.contracts.solving import Solution
from feecalc.errors import InvalidValue
from feecalc.money import MONEY_PLACES, rounded_to, signed_usd
from feecalc.money import usd as money
from feecalc.ui.pages.contracts import address, offers, priced
from feecalc.ui.pages.contracts.form import facts, pick_contract
from feecalc.ui.pages.contracts.offers import Offer
from feecalc.ui.pages.contracts.priced import Inputs, Now, Solved, Wanted
from feecalc.ui.pages.contracts.side_by_side import waterfall
from feecalc.ui.pages.contracts.terms import file_name, keep
from feecalc.ui.shared.address import settle
from feecalc.ui.shared.exports import downloads
from feecalc.ui.shared.figures import facts_line, money_table
from feecalc.ui.shared.words import one_line, plain, sentence

_REACH = {
    address.CHANGE: "A percent more than now", address.EFFECTIVE: "A percent of Medicare", address.REVENUE: "A revenue",
}  # fmt: skip
_WHAT = {
    address.CATEGORY: "Percents of categories", address.PERCENT: "The percent for all other services",
    address.CARVE_OUT: "The carve-out of a code", address.ESCALATOR: "The yearly increase",
}  # fmt: skip
_CENT = Decimal("0.01")
_MOST_CHANGE, _MOST_EFFECTIVE = (-30, 50), (50, 250)  # percent: the ends of sliders; a number may lie outside
_LONGEST = 20  # characters of a number


def show(inputs: Inputs) -> None:
    """Draw the boxes, solve, and show the answer. Raises a FeeCalcError for what cannot be reached, and why."""
    offer = pick_contract("The contract that is to pay the target.")
    contract = offers.read(offer.text)
    now = priced.paid_now(inputs, inputs.key, offer.text)
    one, two = st.columns(2)
    with one:
        reach, value = _target(offer, now)
    with two:
        wanted = _wanted(contract, reach, value)
    found = priced.solved(inputs, inputs.key, offer.text, wanted, repr(wanted))
    _answer(found, wanted, facts(inputs) | {"Contract": offers.label(offer)})
    _take(found, offer)


def _target(offer: Offer, now: Now) -> tuple[str, Decimal]:
    """Return the target. The number decides; the slider writes it. Raises InvalidValue."""
    reach = st.radio("To pay", list(_REACH), format_func=_REACH.__getitem__, key=address.REACH)
    if reach == address.CHANGE:
        label, low, high, begins = "Percent more than now", *_MOST_CHANGE, Decimal(3)
    elif reach == address.EFFECTIVE:
        label, low, high = "Percent of current Medicare", *_MOST_EFFECTIVE
        begins = now.effective_percent or Decimal(100)
    else:
        label, low, high, begins = "Revenue, USD", int(now.low), int(now.high), now.revenue
    number = f"contracts_{reach}_number_{offer.number}"
    state = st.session_state
    state.setdefault(number, f"{begins:,}" if reach == address.REVENUE else f"{begins}")
    try:
        value = min(max(int(_number(state[number], signed=reach == address.CHANGE)), low), high)
    except InvalidValue:
        value = low
    st.text_input(
        label, key=number, max_chars=_LONGEST, help="Two decimals at most.", on_change=draw_slider_anew, args=(number,)
    )
    if low < high:
        slider = slider_key(number)
        state.setdefault(slider, value)  # the whole number next to it
        st.slider(
            f"{label}, by slider", low, high, key=slider, on_change=take_slid, args=(number, slider),
            label_visibility="collapsed",
        )  # fmt: skip
    st.caption(plain(f"Now: {money(now.revenue)}" + _percent_now(now)))
    return reach, _number(state[number], signed=reach == address.CHANGE)


def _percent_now(now: Now) -> str:
    return "" if now.effective_percent is None else f", {now.effective_percent} % of current Medicare"


def slider_key(number: str) -> str:
    """Return the key of the slider beside a box of a number: one of its own for every number typed."""
    return f"{number}_slider_{st.session_state.get(f'{number}_turn', 0)}"


def draw_slider_anew(number: str) -> None:
    """Have the slider drawn where the number typed stands."""
    turn = f"{number}_turn"
    st.session_state[turn] = st.session_state.get(turn, 0) + 1


def take_slid(number: str, slider: str) -> None:
    """Write the slider's number into the box, if no number was typed since it was drawn.

    A browser that is slow to draw sends the slider of an earlier number once more, which would undo what was typed.
    """
    if slider == slider_key(number):
        st.session_state[number] = f"{st.session_state[slider]:,}"


def _number(text: str, *, signed: bool) -> Decimal:
    """Return a number of at most two decimals. Raises InvalidValue."""
    bare = text.strip().removeprefix("$").removesuffix("%").replace(",", "").strip()
    try:
        found = Decimal(bare)
        if found.is_finite() and found == rounded_to(found, MONEY_PLACES) and (signed or found >= 0):
            return found
    except InvalidOperation:
        pass
    raise InvalidValue(
        f"{one_line(text)!r} is not a number of at most two decimals" + ("" if signed else ", 0 or more")
    )


def _wanted(contract: Contract, reach: str, value: Decimal) -> Wanted:
    """Return which term may move. Raises InvalidValue where nothing is chosen."""
    names = list(dict.fromkeys(category.name for category in contract.category))
    ways = [what for what in _WHAT if what != address.CATEGORY or names]
    settle(address.WHAT, ways, ways[0], "")
    what = st.radio("By changing", ways, format_func=_WHAT.__getitem__, key=address.WHAT)
    if what == address.CATEGORY:
        before = st.session_state.get(address.CATEGORIES) or []
        st.session_state[address.CATEGORIES] = [name for name in before if name in names] or names[:1]
        chosen = st.multiselect("Categories", names, key=address.CATEGORIES, format_func=one_line)
        points = st.toggle(
            "The same points more for each", key=address.POINTS, help="In place of one percent for all of them."
        )
        return Wanted(reach, value, what, tuple(chosen), points)
    if what == address.CARVE_OUT:
        code = st.text_input("Code", key=address.CODE, placeholder="64493, or with its modifier 64493-50", max_chars=8)
        place = st.text_input("Place of service", key=address.CODE_POS, placeholder="everywhere", max_chars=2)
        if not code.strip():
            raise InvalidValue("give the code whose fixed amount is to be found")
        return Wanted(reach, value, what, code=code.strip().upper(), place_of_service=place.strip() or None)
    if what == address.ESCALATOR:
        first_applied = contract.escalator.first_applied if contract.escalator else None
        if first_applied is not None:
            st.caption(plain(f"First applied on {first_applied}, as the contract says."))
            return Wanted(reach, value, what)
        first = st.date_input("First applied on", None, key=address.FIRST_APPLIED, format="YYYY-MM-DD")
        if not isinstance(first, date):
            raise InvalidValue("give the day on which the increase is first applied; the contract names none")
        return Wanted(reach, value, what, first_applied=first)
    return Wanted(reach, value, what)


def _answer(found: Solved, wanted: Wanted, about: dict[str, str]) -> None:
    """Show what the term must be, what is paid then, and whether that is exact to the cent."""
    solution, offers_now = found.solution, found.beside.offers()
    before, totals = offers_now.row(0, named=True), offers_now.row(1, named=True)
    best = solution.nearest
    boxes = (
        (sentence(solution.what), _shown(best.values[0], solution.unit),
         "" if solution.now is None else f"now {_shown(solution.now, solution.unit)}"),
        ("Pays then", money(totals["contract_amount"]), signed_usd(totals["change_amount"])),
        ("Of current Medicare", _percent(totals["effective_percent"]), f"now {_percent(before['effective_percent'])}"),
    )  # fmt: skip
    for column, (label, figure, beside) in zip(st.columns(3), boxes, strict=True):
        column.metric(
            plain(label), plain(figure), plain(beside), border=True, delta_color="off", delta_arrow="off"
        )
    _exactness(solution, wanted)
    facts_line(about)
    if solution.exact is None:
        _nearest(solution, about)
    st.markdown("##### From today to the solved contract")
    waterfall(found.beside, 2, "Now", "Then")


def _percent(value: Decimal | None) -> str:
    return "–" if value is None else f"{value:,} %"


def _exactness(solution: Solution, wanted: Wanted) -> None:
    """Show whether the target is met to the cent; a percent of Medicare is of what Medicare prices too."""
    of = "" if wanted.reach != address.EFFECTIVE else " for what Medicare prices too"
    target = f"{money(solution.target)}{of}"
    if solution.exact is not None:
        st.success(plain(f"That pays the target, {target}, to the cent."), icon=":material/check_circle:")
        return
    st.info(
        plain(f"No value of two decimals pays {target} to the cent; the nearest is shown."), icon=":material/info:"
    )
    if solution.by_category is not None:
        pairs = zip(solution.categories, solution.by_category.values, strict=True)
        percents = ", ".join(f"{one_line(name)} {value} %" for name, value in pairs)
        st.success(plain(f"To the cent with percents that differ: {percents}. The figures are of these."),
                   icon=":material/check_circle:")  # fmt: skip


def _nearest(solution: Solution, about: dict[str, str]) -> None:
    """Show the values just below and above the target."""
    rows = [
        {"side": side, "value": _shown(point.values[0], solution.unit), "pays": point.revenue, "off": point.off}
        for side, point in (("below", solution.below), ("above", solution.above))
        if point is not None
    ]
    table = pl.DataFrame(rows, schema_overrides={"pays": pl.Decimal(18, 2), "off": pl.Decimal(18, 2)})
    headings = {"side": "", "value": "Value", "pays": "Pays", "off": "Off by"}
    money_table(table, headings, key="contracts_nearest", alt="The values nearest to the target, and what they pay")
    downloads(table, "contract-solved", about, key="contracts_nearest_files")


def _shown(value: Decimal, unit: str) -> str:
    return money(value) if unit == "USD" else f"{value:+} points" if unit == "points" else f"{value} %"


def _take(found: Solved, offer: Offer) -> None:
    """Draw the buttons that put the solution into a contract."""
    with st.container(horizontal=True):
        st.button(
            "Put it into the contract", key="contracts_solved_put", on_click=offers.change,
            args=(offer.number, found.text), icon=":material/edit_note:",
        )  # fmt: skip
        st.button(
            "Keep it as a new offer", key="contracts_solved_keep", on_click=keep, args=(found.text,),
            icon=":material/add:",
        )  # fmt: skip
        st.download_button(
            "Download that contract", found.text, file_name(offers.read(found.text)), "application/toml",
            key="contracts_solved_file", on_click="ignore", icon=":material/download:", type="tertiary",
        )  # fmt: skip
