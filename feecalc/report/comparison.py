"""The report of contract offers side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from feecalc.contracts.comparing import Comparison
from feecalc.report.page import Cell, Page, Section, Table, as_html, cells
from feecalc.report.words import cents, more_cents, percent

_MOST_CODES = 25  # that gain, and that lose, by offer


def comparison_report(
    found: Comparison,
    facts: Mapping[str, str],
    notices: Sequence[str] = (),
    *,
    title: str = "Offers side by side",
    on: date | None = None,
) -> bytes:
    """One HTML file (UTF-8), whole in itself, to print or to send. ``on``: the day it is written, by default today.

    ``facts``: label and value of what the amounts are of (volume, release, locality, factor); they stand below every
    table too. The first offer is the one that the others are held against.
    """
    offers = found.offers()
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
        sections=[*_notices(notices), _offers(found, offers), *_codes(found), *_clauses(found)],
        written=on or date.today(),
    )
    return as_html(page)


def _notices(notices: Sequence[str]) -> list[Section]:
    notes = [Cell(each[:1].upper() + each[1:]) for each in dict.fromkeys(notices)]
    return [Section("What to know first", notes=notes)] if notes else []


def _offers(found: Comparison, offers: pl.DataFrame) -> Section:
    rows = [
        cells(
            f"{number}. {row['payer']}", cents(row["contract_amount"]), more_cents(row["change_amount"]),
            percent(row["effective_percent"]), cents(row["lost_amount"]), f"{row['unpaid_units']:,}",
        )
        for number, row in enumerate(offers.to_dicts(), 1)
    ]  # fmt: skip
    headings = ("offer", "pays", "change", "of Medicare", "lost to low charges", "units without an amount")
    many = range(1, offers.height + 1)
    categories = [cells(name, *map(cents, amounts)) for name, *amounts in _by_category(found, many).iter_rows()]
    return Section(
        "Offers",
        "What each pays for the whole volume; the change is from the first. A dash: not priced, the offer has no "
        "amount for it; in a change it counts as nothing.",
        [
            Table("In all", headings, rows),
            Table("By category", ("category", *(f"offer {each}" for each in many)), categories),
        ],
    )


def _by_category(found: Comparison, many: range) -> pl.DataFrame:
    return found.by("category").select("category", *(f"offer_{each}_amount" for each in many))


def _codes(found: Comparison) -> list[Section]:
    """Return a section for each further offer: the codes that gain and lose most."""
    sections = []
    for offer in range(2, len(found.summaries) + 1):
        moved, name = found.winners_and_losers(offer), f"change_{offer}_amount"
        parts = (("gain", moved.filter(pl.col(name) > 0)), ("lose", moved.filter(pl.col(name) < 0).reverse()))
        blocks = [
            Table(
                f"{part.height:,} codes {what}" + (f", the {_MOST_CODES} most" if part.height > _MOST_CODES else ""),
                ("code", "modifier", "offer 1", f"offer {offer}", "change"),
                [
                    cells(code, modifier, cents(first), cents(other), more_cents(change))
                    for code, modifier, first, other, change in part.head(_MOST_CODES).iter_rows()
                ],
                left=2,
            )
            for what, part in parts
            if part.height
        ]
        payer = found.summaries[offer - 1].contract.payer
        sections.append(Section(f"Offer {offer} against the first: {payer}", blocks=blocks, new_page=True))
    return [each for each in sections if each.blocks]


def _clauses(found: Comparison) -> list[Section]:
    """Return what the terms that are not a rate cost."""
    rows = [
        cells(f"{row['offer']}. {row['payer']}", row["what"], cents(row["cost_amount"]))
        for row in found.costs.to_dicts()
    ]
    if not rows:
        return []
    lead = "Below 0 a clause brings money; a dash: a volume has no sessions to tell it, claims have."
    return [Section("Clauses", lead, [Table("What they cost", ("offer", "clause", "costs"), rows, left=2)])]
