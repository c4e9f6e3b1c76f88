"""What a payer did with each line, from the columns of a remittance report."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from feecalc.errors import InvalidValue, MissingColumn
from feecalc.files import cells
from feecalc.files.headings import by_usual_names, listed_headings, looked_for, shown
from feecalc.files.line_tables import PaidLine, checked, columns_of
from feecalc.files.opening import kept_name

ALLOWED, PAID, PATIENT, REASON = "payer_allowed", "payer_paid", "patient_amount", "payer_reason"
_AMOUNTS = (ALLOWED, PAID, PATIENT)


def paid_columns(headings: Sequence[str], taken: Sequence[str] = ()) -> dict[str, str]:
    """Return our names of a remittance's columns, and the headings of a file that bear them.

    ``taken`` are headings that are known to be a claim's. Raises MissingColumn, InvalidValue.
    """
    found = by_usual_names(headings, "paid_column_name", taken)
    for name, bearing in found.items():
        exact = [heading for heading in bearing if heading == name]
        if len(bearing) > 1 and not exact:
            listed = ", ".join(map(shown, bearing))
            raise InvalidValue(f"{len(bearing)} columns could be {name}: {listed}; rename the one that is not")
        found[name] = exact or bearing
    if ALLOWED not in found and PAID not in found:
        raise MissingColumn(
            f"no column says what the payer allowed or paid. Looked for:\n  {looked_for(ALLOWED, itself=False)}\n  "
            f"{looked_for(PAID, itself=False)}\nThe file's headings: {listed_headings(headings)}"
        )
    return {name: bearing[0] for name, bearing in found.items()}


def with_paid(lines: pl.DataFrame, columns: dict[str, str]) -> pl.DataFrame:
    """Return the lines with the columns of the table ``PaidLine``, null where the file has none.

    ``payer_amount`` is what the payer allowed, or else what it paid and left to the patient. [USD]
    """
    kinds = lines.schema
    read = {
        name: cells.money(kept_name(columns[name]), kinds[kept_name(columns[name])])
        if name in columns
        else pl.lit(None, cells.MONEY)
        for name in _AMOUNTS
    }
    reason = cells.text(kept_name(columns[REASON])) if REASON in columns else pl.lit("")
    together = pl.col(PAID) + pl.col(PATIENT).fill_null(0)
    amount = pl.coalesce(pl.col(ALLOWED), together).cast(columns_of(PaidLine)["payer_amount"])
    named = lines.with_columns(*(cell.alias(name) for name, cell in read.items()), reason.alias(REASON))
    return checked(PaidLine, named.with_columns(amount.alias("payer_amount")), "the remittance")
