"""The report of a comparison of contract offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from feecalc.contracts.comparing import Comparison
from feecalc.report.page import Cell, Page, Section, Table, as_html, cells
from feecalc.report.words import cents, percent, signed_cents

_MOST_CODES = 25  # that gain, and that lose, by offer


def comparison_report(
    comparison: Comparison,
    facts: Mapping[str, str],
    notices: Sequence[str] = (),
    *,
    title: str = "Offers side by side",
    written_on: date | None = None,
) -> bytes:
    """Return a comparison of offers as one self-contained HTML file (UTF-8), to print or send.

    ``facts``: label and value of the basis of the amounts (volume, release, locality, factor), also printed below every
    table. The other offers are compared with the first. ``written_on``: the date of the report, by default today.
    """
    offers = comparison.offers()
    headline = [
        (row["payer"], cents(row["contract_amount"]), f"{percent(row['effective_percent'])} of Medicare")
        for row in offers.to_dicts()[:4]
    ]
    page = Page(
        kind="Contract comparison",
        title=title,
        subtitle=", ".join(offers["payer"].to_list()),
        headline=headline,
        facts=list(facts.items()),
        basis=" · ".join([*facts.values(), "USD"]),
        sections=[*_notices(notices), _offers(comparison, offers), *_codes(comparison), *_clauses(comparison)],
        written=written_on or date.today(),
    )
    return as_html(page)


def _notices(notices: Sequence[str]) -> list[Section]:
    notes = [Cell(notice[:1].upper() + notice[1:]) for notice in dict.fromkeys(notices)]
    return [Section("What to know first", notes=notes)] if notes else []


def _offers(comparison: Comparison, offers: pl.DataFrame) -> Section:
    rows = [
        cells(
            f"{number}. {row['payer']}", cents(row["contract_amount"]), signed_cents(row["change_amount"]),
            percent(row["effective_percent"]), cents(row["lost_amount"]), f"{row['unpaid_units']:,}",
        )
        for number, row in enumerate(offers.to_dicts(), 1)
    ]  # fmt: skip
    headings = ("offer", "pays", "change", "of Medicare", "lost to low charges", "units without an amount")
    numbers = range(1, offers.height + 1)
    categories = [cells(name, *map(cents, amounts)) for name, *amounts in _by_category(comparison, numbers).iter_rows()]
    return Section(
        "Offers",
        "What each offer pays for the whole volume. The change is from the first offer. A dash: not priced, the "
        "offer has no amount for it; in a change it counts as 0.",
        [
            Table("Total", headings, rows),
            Table("By category", ("category", *(f"offer {number}" for number in numbers)), categories),
        ],
    )


def _by_category(comparison: Comparison, numbers: range) -> pl.DataFrame:
    return comparison.by("category").select("category", *(f"offer_{number}_amount" for number in numbers))


def _codes(comparison: Comparison) -> list[Section]:
    """Return a section for each further offer: the codes that gain and lose most."""
    sections = []
    for offer in range(2, len(comparison.summaries) + 1):
        changes, name = comparison.winners_and_losers(offer), f"change_{offer}_amount"
        parts = (("gain", changes.filter(pl.col(name) > 0)), ("lose", changes.filter(pl.col(name) < 0).reverse()))
        blocks = [
            Table(
                f"{part.height:,} codes {direction}"
                + (f", the {_MOST_CODES} most" if part.height > _MOST_CODES else ""),
                ("code", "modifier", "offer 1", f"offer {offer}", "change"),
                [
                    cells(code, modifier, cents(first), cents(offered), signed_cents(change))
                    for code, modifier, first, offered, change in part.head(_MOST_CODES).iter_rows()
                ],
                left=2,
            )
            for direction, part in parts
            if part.height
        ]
        payer = comparison.summaries[offer - 1].contract.payer
        sections.append(Section(f"Offer {offer} against the first: {payer}", blocks=blocks, new_page=True))
    return [section for section in sections if section.blocks]


def _clauses(comparison: Comparison) -> list[Section]:
    """Return the section with the cost of terms that are not a rate, empty where there are none."""
    rows = [
        cells(f"{row['offer']}. {row['payer']}", row["what"], cents(row["cost_amount"]))
        for row in comparison.costs.to_dicts()
    ]
    if not rows:
        return []
    lead = "Below 0, a clause adds revenue. A dash: it needs claims; a volume has no sessions."
    return [Section("Clauses", lead, [Table("What they cost", ("offer", "clause", "costs"), rows, left=2)])]
