"""``feecalc contract price``, ``test`` and ``template``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feecalc.cli.commands.contract.practice import contract_argument, opened_practice, taxonomy_option
from feecalc.cli.terminal.contract_options import ROWS_SHOWN, ContractArgument, PracticeOptions, RbcsOption, RowsOption
from feecalc.cli.terminal.options import JsonOption, OutputOption, add_command
from feecalc.cli.terminal.output import (
    counted,
    money,
    one_line,
    print_json,
    print_table,
    say,
    show,
    show_large,
    wrapped,
)
from feecalc.cli.terminal.output_files import check_table, refuse_clashes, write_table
from feecalc.cli.terminal.shell import NO_ANSWER
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    import polars as pl

    from feecalc.contracts.contract import Contract
    from feecalc.contracts.practice import ClaimPractice, VolumePractice
    from feecalc.contracts.summary import Summary


def register(contract: typer.Typer) -> None:
    """Add the commands to the group."""
    add_command(
        contract, "price", price, example="Example: feecalc contract price gulf.toml --volume volume.csv -o priced.csv"
    )
    add_command(contract, "test", run_own_tests, example="Example: feecalc contract test gulf.toml")
    add_command(contract, "template", template, example="Example: feecalc contract template gulf.xlsx")


def price(
    contract: ContractArgument,
    *,
    over: PracticeOptions,
    output: OutputOption = None,
    rows: RowsOption = ROWS_SHOWN,
    as_json: JsonOption = False,
) -> None:
    """Price a contract over a volume or claims.

    Amounts are by category and code, and as a percent of Medicare. Medicare's amount is the current one in each row's
    own locality, before the billed charge is applied as a ceiling. Codes whose charge is below what the contract
    allows are listed with what that costs. Codes without an amount are listed, and are in no total.
    """
    from feecalc.contracts.summary import Summary

    terms = contract_argument(contract)
    check_table(output)
    refuse_clashes({"the contract": contract, **over.files}, {"--output": output})
    practice = opened_practice(over)
    already = len(practice.notices)
    codes = _priced(terms, practice, output)
    summary = Summary(terms, codes)
    for notice in practice.notices[already:]:
        say(wrapped(notice))
    if as_json:
        print_json(_document(summary, practice.notices))
    else:
        _show(summary, rows)
        if output is not None:
            show(f"{output}: written")
    if not summary.totals["units"] or summary.totals["contract_amount"] is None:
        raise typer.Exit(NO_ANSWER)


def _priced(terms: Contract, practice: VolumePractice | ClaimPractice, output: Path | None) -> pl.DataFrame:
    from feecalc.contracts.practice import VolumePractice

    if output is None:
        return practice.codes(terms)
    if isinstance(practice, VolumePractice):
        import polars as pl

        found = practice.rows(terms)
        write_table(found.with_columns(pl.col(pl.Categorical).cast(pl.String)), output)
        return practice.codes(terms)
    return practice.write(terms, output)


def _document(summary: Summary, notices: list[str]) -> dict[str, Any]:
    return {
        "payer": summary.contract.payer,
        **summary.totals,
        "categories": summary.by_category(),
        "codes": summary.by_code(),
        "low_charges": summary.low_charges(),
        "unpaid": summary.unpaid(),
        "notices": notices,
    }


def _show(summary: Summary, rows: int) -> None:
    totals = summary.totals
    paid = totals["contract_amount"]
    show_large(f"{money(paid)}  {one_line(summary.contract.payer)} pays for {totals['units']:,} units")
    show()
    effective = summary.effective_percent
    if effective is not None:
        show(f"{effective:,} % of current Medicare, over the codes that both price")
    print_table(summary.by_category(), _columns("category"))
    show()
    codes = summary.by_code()
    print_table(codes.head(rows), _columns("hcpcs", "modifier") | {"basis": "by"})
    if codes.height > rows:
        show(f"and {codes.height - rows:,} more codes (--rows)")
    low = summary.low_charges()
    if low.height:
        show()
        cost = f"cost {money(totals['lost_amount'])}" if totals["lost_amount"] else "cost nothing: it pays them in full"
        show(wrapped(f"Charges below what the contract allows {cost}"))
        names = {
            "hcpcs": "code",
            "modifier": "modifier",
            "setting": "setting",
            "below_units": "units",
            "lost_amount": "lost",
        }
        print_table(low.head(rows), names)
    unpaid = summary.unpaid()
    if unpaid.height:
        show()
        named = ", ".join(sorted(set(unpaid["hcpcs"]))[:ROWS_SHOWN])
        show(
            wrapped(
                f"No amount, counted as nothing: {counted(totals['unpaid_units'], 'unit')} of "
                f"{counted(unpaid['hcpcs'].n_unique(), 'code')} ({named})"
            )
        )


def _columns(*keys: str) -> dict[str, str]:
    named = {"hcpcs": "code"}
    return {key: named.get(key, key) for key in keys} | {
        "units": "units",
        "medicare_amount": "Medicare",
        "contract_amount": "contract",
        "effective_percent": "%",
    }


def run_own_tests(contract: ContractArgument, rbcs: RbcsOption = None, as_json: JsonOption = False) -> None:
    """Run a contract's own [[test]] lines.

    Exit with code 1 if a test does not pay the amount it states.
    """
    from feecalc.contracts.testing import run_tests

    terms = contract_argument(contract)
    tested, notices = run_tests(terms, taxonomy=taxonomy_option(rbcs))
    for notice in notices:
        say(wrapped(notice))
    failed = [test for test in tested if not test.passed]
    if as_json:
        rows = [{**vars(test), "passed": test.passed} for test in tested]
        print_json({"payer": terms.payer, "tests": rows, "failed": len(failed), "notices": notices})
    else:
        table = [
            {
                "test": test.number,
                "what": test.name,
                "must pay": test.expected,
                "pays": test.found,
                "by": test.basis,
                "": "ok" if test.passed else "FAILS",
            }
            for test in tested
        ]
        if table:
            print_table(table)
        show(f"{len(tested)} tests, {len(failed)} failed")
        for test in failed:
            if test.reason:
                show(wrapped(f"{test.number}: {test.reason}"))
    if failed or not tested:
        raise typer.Exit(NO_ANSWER)


def template(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it: .xlsx to fill in, or .toml.")],
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="CONTRACT", help="Contract (.toml or .xlsx) to convert, in place of an empty one."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write an empty contract, or convert one (.toml, .xlsx).

    The spreadsheet has a sheet for the terms and one each for categories, carve-outs and tests; every command reads it.
    """
    from feecalc.contracts.files.reading import read_contract
    from feecalc.contracts.files.workbook import write_contract

    if file.exists():
        raise InvalidValue(f"{file} is there already; give another name")
    write_contract(None if source is None else read_contract(source), file)
    if as_json:
        print_json({"written": file})
    else:
        show(f"{file}: written; fill it in, then feecalc contract test {one_line(file)}")
