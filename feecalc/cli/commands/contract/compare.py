"""``feecalc contract compare``: offers side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feecalc.cli.commands.contract.practice import contract_argument, opened_practice
from feecalc.cli.terminal.contract_options import ROWS_SHOWN, ContractsArgument, PracticeOptions, RowsOption
from feecalc.cli.terminal.options import JsonOption, OutputOption, add_command
from feecalc.cli.terminal.output import print_json, print_table, say, show, wrapped
from feecalc.cli.terminal.output_files import PAGES, check_table, refuse_clashes, refuse_other_endings, write_table
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    from feecalc.contracts.comparing import Comparison
    from feecalc.contracts.practice import ClaimPractice, VolumePractice
    from feecalc.pricing.release import ReleaseIdentity


def register(contract: typer.Typer) -> None:
    """Add the command to the group."""
    epilog = "Example: feecalc contract compare now.toml offer.toml --volume volume.csv"
    add_command(contract, "compare", compare, example=epilog)


def compare(
    contracts: ContractsArgument,
    *,
    over: PracticeOptions,
    output: OutputOption = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write a report to print or send: .html.")
    ] = None,
    rows: RowsOption = ROWS_SHOWN,
    as_json: JsonOption = False,
) -> None:
    """Compare what offers pay, code by code, clause by clause.

    Gains and losses are against the first contract. The cost of a clause other than a rate is how much more the
    offer would pay by Medicare's own rule.
    """
    from feecalc.contracts.comparing import compare as compare_offers

    if len(contracts) < 2:
        raise InvalidValue("give two contracts or more: the one in force first, then the offers")
    check_table(output)
    refuse_other_endings(report, PAGES, "report")
    offers = {f"offer {number}": path for number, path in enumerate(contracts, start=1)}
    refuse_clashes({**offers, **over.files}, {"--output": output, "--report": report})
    terms = [contract_argument(path) for path in contracts]
    practice = opened_practice(over)
    already = len(practice.notices)
    found = compare_offers(terms, practice)
    for notice in practice.notices[already:]:
        say(wrapped(notice))
    if output is not None:
        write_table(found.by("hcpcs", "modifier", "setting", "category"), output)
    if report is not None:
        from feecalc.files.atomic_write import atomic_write
        from feecalc.report.comparison import comparison_report

        page = comparison_report(found, _premises(practice, over), practice.notices)
        with atomic_write(report) as temporary:
            temporary.write_bytes(page)
    if as_json:
        print_json(_compared(found, practice.notices))
        return
    _show_comparison(found, rows)
    for written in (output, report):
        if written is not None:
            show(f"{written}: written")


def _compared(found: Comparison, notices: list[str]) -> dict[str, Any]:
    return {
        "offers": found.offers(),
        "categories": found.by("category"),
        "codes": found.by("hcpcs", "modifier"),
        "clauses": found.costs,
        "notices": notices,
    }


def _show_comparison(found: Comparison, rows: int) -> None:
    offers = found.offers().with_row_index("offer", offset=1)
    headings = {
        "offer": "offer", "payer": "payer", "contract_amount": "pays", "change_amount": "change",
        "effective_percent": "% of Medicare", "lost_amount": "low charges", "unpaid_units": "no amount",
    }  # fmt: skip
    print_table(offers, headings)
    many = len(found.summaries)
    amounts = {f"offer_{number}_amount": f"offer {number}" for number in range(1, many + 1)}
    show()
    categories = found.by("category").select("category", *amounts)
    print_table(categories, {"category": "category"} | amounts)
    if any(categories.null_count().row(0)):
        show("A dash: not priced, the offer has no amount for it; in a change it counts as nothing.")
    for offer in range(2, many + 1):
        moved = found.winners_and_losers(offer)
        name = f"change_{offer}_amount"
        for what, part in (
            ("gains", moved.filter(moved[name] > 0)),
            ("loses", moved.filter(moved[name] < 0).reverse()),
        ):
            if part.height:
                show()
                show(f"Offer {offer} {what} against offer 1 on {part.height} codes")
                columns = {"hcpcs": "code", "modifier": "modifier", "offer_1_amount": "offer 1"}
                print_table(part.head(rows), columns | {f"offer_{offer}_amount": f"offer {offer}", name: "change"})
    if found.costs.height:
        show()
        show("Cost of the clauses that are not a rate (below 0: they bring in money)")
        if found.costs["cost_amount"].null_count():
            show("A dash: a volume does not show which services share a session; give --claims.")
        print_table(found.costs, {"offer": "offer", "payer": "payer", "what": "clause", "cost_amount": "costs"})


def _premises(practice: VolumePractice | ClaimPractice, options: PracticeOptions) -> dict[str, str]:
    """Return what the report's figures are of, label and value, as ``comparison_report`` takes them."""
    from feecalc.contracts.practice import VolumePractice
    from feecalc.pricing.rules.conversion_factor import conversion_factor

    path = options.volume or options.claims
    name = "" if path is None else path.name
    elsewhere = f", {options.locality} where none is named" if options.locality else ""
    if isinstance(practice, VolumePractice):
        pricer = practice.pricer
        qp = pricer.qp and pricer.schedule.has_qp_track
        factor = conversion_factor(pricer.medicare_day, qp=qp)
        return {
            "Volume": name,
            "Release": _named(pricer.schedule.release),
            "Day priced": pricer.medicare_day.isoformat(),
            "Conversion factor": f"${factor.value} per RVU" + (" (qualifying APM participant)" if qp else ""),
            "Where": "each row's own locality" + elsewhere,
        }
    days = practice.lines.days
    releases = [_named(schedule.release) for schedule in practice.lines.opened.schedules]
    return {
        "Claims": name,
        "Days of service": "none could be read" if days is None else f"{days[0]} to {days[1]}",
        "Releases": "; ".join(releases),
        "Conversion factor": "Medicare's on each line's day",
        "Where": "each line's own locality" + elsewhere,
    }


def _named(release: ReleaseIdentity) -> str:
    return f"{release.name}, from {release.first_date_of_service}" + (", starter data" if release.starter else "")
