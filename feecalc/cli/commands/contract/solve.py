"""``feecalc contract solve``: the percent, carve-out or escalator at which a contract pays a target."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feecalc.cli.commands.contract.practice import opened_practice
from feecalc.cli.terminal.arguments import code_argument, day_option, modifier_option, two_decimals
from feecalc.cli.terminal.contract_options import ContractArgument, PracticeOptions
from feecalc.cli.terminal.options import JsonOption, add_command
from feecalc.cli.terminal.output import money, one_line, print_json, print_table, show, show_large, wrapped
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    from decimal import Decimal

    from feecalc.contracts.contract import Contract
    from feecalc.contracts.solving import Solution, SolvedValue
    from feecalc.contracts.terms.solvable import SolvableTerm
    from feecalc.contracts.trials import Trials


def register(contract: typer.Typer) -> None:
    """Add the commands to the group."""
    solve_example = "Example: feecalc contract solve gulf.toml --volume volume.csv --revenue 1250000 --category visits"
    add_command(contract, "solve", solve, example=solve_example)


def solve(
    contract: ContractArgument,
    *,
    over: PracticeOptions,
    revenue: Annotated[
        str | None,
        typer.Option(
            "--revenue", metavar="AMOUNT", help="Target: what it must pay in all, in dollars, such as 1250000."
        ),
    ] = None,
    effective: Annotated[
        str | None,
        typer.Option("--effective", metavar="PERCENT", help="Target: the percent of current Medicare it must pay."),
    ] = None,
    change: Annotated[
        str | None,
        typer.Option("--change", metavar="PERCENT", help="Target: percent more than it pays now, 3 or -2.5."),
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option("--category", metavar="NAME", help="Solve for this category's percent; may be repeated."),
    ] = None,
    points: Annotated[
        bool,
        typer.Option(
            "--points", help="Add the same percentage points to each category, in place of one percent for all."
        ),
    ] = False,
    carve_out: Annotated[
        str | None,
        typer.Option("--carve-out", metavar="CODE", help="Solve for the fixed amount of this code: 64493 or 72148-26."),
    ] = None,
    escalator: Annotated[bool, typer.Option("--escalator", help="Solve for the yearly increase.")] = False,
    first_applied: Annotated[
        str | None, typer.Option("--first-applied", metavar="YYYY-MM-DD", help="Date of the first yearly increase.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write the solved contract to this new file: .toml or .xlsx."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find the percent at which a contract pays a target.

    Solves for the percent for all other codes, unless --category, --carve-out or --escalator says otherwise.
    Percents have two decimals, amounts cents; where none of them pays the target to the cent, the nearest below and
    above are shown, and for two or three categories also the different percents that pay it exactly.
    """
    from feecalc.contracts import solving
    from feecalc.contracts.files.reading import read_contract
    from feecalc.contracts.solving import solve as solve_for
    from feecalc.contracts.solving import solve_categories
    from feecalc.contracts.summary import Summary
    from feecalc.contracts.trials import trials_of

    if sum(target is not None for target in (revenue, effective, change)) != 1:
        raise InvalidValue("give one target: --revenue AMOUNT, --effective PERCENT or --change PERCENT")
    if output is not None and (output.suffix.lower() not in (".toml", ".xlsx") or output.exists()):
        raise InvalidValue(f"--output {output}: give a new file that ends in .toml or .xlsx")
    terms = read_contract(contract)
    practice = opened_practice(over)
    trials = trials_of(practice)
    pays = solving.revenue_of(trials)
    if revenue is not None:
        target = two_decimals(revenue, "an amount")
    elif effective is not None:
        pays, medicare = solving.revenue_beside_medicare(trials)
        target = solving.effective_target(two_decimals(effective, "a percent"), medicare)
    else:
        target = solving.changed_target(two_decimals(change or "", "a percent", signed=True), pays(terms))
    if category:
        found = solve_categories(terms, category, target, pays, by_points=points)
    else:
        found = solve_for(terms, _unknown(terms, carve_out, escalator, first_applied, trials), target, pays)
    percent = Summary(terms, practice.codes(found.nearest.contract)).effective_percent
    solved = (found.by_category or found.nearest).contract
    if output is not None:
        from feecalc.contracts.files.workbook import write_contract

        write_contract(solved, output)
    if as_json:
        print_json(_solved(terms, found, percent, practice.notices))
        return
    _show_solution(found, percent)
    if output is not None:
        show(f"{output}: written")


def _unknown(
    terms: Contract, carve_out: str | None, escalator: bool, first_applied: str | None, trials: Trials
) -> SolvableTerm:
    from feecalc.contracts.terms import carve_out as fixed_amount
    from feecalc.contracts.terms import escalator as yearly_rise
    from feecalc.contracts.terms import percent

    if carve_out is not None and escalator:
        raise InvalidValue("give one thing to solve for: --category, --carve-out or --escalator")
    if carve_out is not None:
        code, _, modifier = carve_out.partition("-")
        return fixed_amount.solvable(terms, code_argument(code), modifier_option(modifier))
    if escalator:
        return yearly_rise.solvable(terms, trials.day_of(terms), terms.payer, day_option(first_applied))
    return percent.solvable(terms)


def _solved(terms: Contract, found: Solution, percent: Decimal | None, notices: list[str]) -> dict[str, Any]:
    def point(near: SolvedValue | None) -> dict[str, Any] | None:
        if near is None:
            return None
        return {"values": list(near.values), "revenue": near.revenue, "off": near.off}

    return {
        "payer": terms.payer,
        "solved_for": found.what,
        "unit": found.unit,
        "categories": list(found.categories),
        "target": found.target,
        "now": found.now,
        "revenue_now": found.revenue_now,
        "is_exact": found.exact is not None,
        "exact": point(found.exact),
        "below": point(found.below),
        "above": point(found.above),
        "apart": point(found.by_category),
        "effective_percent": percent,
        "notices": notices,
    }


def _show_solution(found: Solution, percent: Decimal | None) -> None:
    def shown(value: Decimal) -> str:
        return money(value) if found.unit == "USD" else f"{value:+}" if found.unit == "points" else f"{value} %"

    best = found.nearest
    show_large(f"{shown(best.values[0])}  {found.what}, to be paid {money(found.target)}")
    if found.exact is not None:
        show("to the cent")
    else:
        show("No value of two decimals pays it to the cent; the nearest:")
        sides = (("below", found.below), ("above", found.above))
        rows = [
            {"": side, "value": shown(near.values[0]), "pays": near.revenue, "off by": near.off}
            for side, near in sides
            if near is not None
        ]
        print_table(rows)
    if found.now is not None and found.revenue_now is not None:
        show(f"now {shown(found.now)}: {money(found.revenue_now)}")
    if percent is not None:
        show(f"{percent:,} % of current Medicare, over the codes that both price")
    if found.by_category is not None:
        named = zip(found.categories, found.by_category.values, strict=True)
        percents = ", ".join(f"{one_line(name)} {value} %" for name, value in named)
        show(wrapped(f"to the cent with percents that differ: {percents}"))
