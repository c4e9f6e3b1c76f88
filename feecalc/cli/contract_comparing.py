"""``feecalc contract compare``: offers side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from feecalc.cli.contract_options import (
    ROWS_SHOWN,
    ClaimsOption,
    ContractsArgument,
    ForRowsDateOption,
    LocalityOption,
    OutputOption,
    RbcsOption,
    ReleasedOption,
    ReportOption,
    RowsOption,
    VolumeOption,
    contract_argument,
    opened_practice,
    refuse_same,
)
from feecalc.cli.options import QpOption
from feecalc.cli.output import JsonOption, print_json, print_table, say, show, wrapped
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    from feecalc.contracts.comparing import Comparison

def register(contract: typer.Typer) -> None:
    """Add the command to the group."""
    epilog = "Example: feecalc contract compare now.toml offer.toml --volume volume.csv"
    contract.command("compare", epilog=epilog)(compare)


def compare(
    contracts: ContractsArgument,
    volume: VolumeOption = None,
    claims: ClaimsOption = None,
    locality: LocalityOption = None,
    release: ReleasedOption = None,
    date: ForRowsDateOption = None,
    qp: QpOption = False,
    rbcs: RbcsOption = None,
    output: OutputOption = None,
    report: ReportOption = None,
    rows: RowsOption = ROWS_SHOWN,
    as_json: JsonOption = False,
) -> None:
    """Offers side by side: what each pays, which codes win and lose against the first, what its clauses cost.

    The cost of a clause that is not a rate is what the offer would pay more if Medicare's own way stood there.
    """
    from feecalc.contracts.comparing import compare as compare_offers

    if len(contracts) < 2:
        raise InvalidValue("give two contracts or more: the one in force first, then the offers")
    refuse_same(output, volume, claims, *contracts, report=report)
    terms = [contract_argument(path) for path in contracts]
    practice = opened_practice(volume, claims, locality=locality, release=release, date=date, qp=qp, rbcs=rbcs)
    told = len(practice.notices)
    found = compare_offers(terms, practice)
    for notice in practice.notices[told:]:
        say(wrapped(notice))
    if output is not None:
        from feecalc.cli.writing import write_table

        write_table(found.by("hcpcs", "modifier", "setting", "category"), output)
    if report is not None:
        from feecalc.cli.contract_premises import premises
        from feecalc.files.atomic_write import atomic_write
        from feecalc.report.comparison import comparison_report

        page = comparison_report(found, premises(practice, volume or claims, locality), practice.notices)
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
    amounts = {f"offer_{each}_amount": f"offer {each}" for each in range(1, many + 1)}
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
        show("What clauses that are not a rate cost (below 0: they bring money)")
        if found.costs["cost_amount"].null_count():
            show("A dash: a volume has no sessions to tell it; give --claims.")
        print_table(found.costs, {"offer": "offer", "payer": "payer", "what": "clause", "cost_amount": "costs"})
