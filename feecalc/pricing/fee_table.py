"""The fee table: every row, or the chosen codes, in every locality or the chosen ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from feecalc.money import PERCENT_PLACES, money, whole
from feecalc.pricing.arrays import Flags, Indices, Integers
from feecalc.pricing.grid import fees, opps_amounts
from feecalc.pricing.places.locality import Locality
from feecalc.pricing.rules.conversion_factor import conversion_factor
from feecalc.pricing.rules.opps_cap import capped_rows, under_ceilings
from feecalc.pricing.rules.participation import limiting_charge
from feecalc.pricing.rules.status import priced_rows
from feecalc.pricing.rules.technical_component import paid_rows
from feecalc.pricing.rules.work_gpci_floor import work_gpci_floor

if TYPE_CHECKING:
    from feecalc.pricing.release_tables import ReleaseTables

COLUMNS = (
    "hcpcs", "modifier", "mac", "locality", "state", "status_indicator", "nonfacility_amount", "facility_amount",
    "nonfacility_uncapped_amount", "facility_uncapped_amount", "limiting_charge",
)  # fmt: skip
NOTE_COLUMNS = ("nonfacility_notes", "facility_notes")
_OFFICE_PATIENT = "none"
_FACILITY_PATIENT = "hospital_inpatient"


def fee_table(
    schedule: ReleaseTables,
    day: date,
    *,
    codes: Sequence[str] | None,
    localities: Sequence[Locality] | None,
    qp: bool,
    gpci_floor: bool,
    notes: bool = False,
) -> pl.DataFrame:
    """Return amounts by row and locality. [USD, decimals with two places; null where not priced]

    Shape: ``COLUMNS``; rows in the release's order, localities within. With ``notes`` also ``NOTE_COLUMNS``: what each
    amount should be read with, null for nothing. ``nonfacility_amount`` is what the physician is paid in an office,
    ``facility_amount`` what he is paid for a hospital inpatient: both after the OPPS cap and the technical component
    rule. The uncapped two are as CMS's payment amount files print them, technical components included.
    ``limiting_charge`` is of the nonfacility amount before that is rounded, as CMS takes it.
    Errors as ``FeeSchedule.price``.
    """
    chosen = _chosen(schedule, codes)
    places = schedule.localities if localities is None else schedule.rows_of_localities(localities)
    floor = work_gpci_floor(day, wanted=gpci_floor)
    indices = Indices.of(places, day, floor, schedule.unfloored)
    factor = conversion_factor(day, qp=qp).scaled
    priced = priced_rows(schedule.arrays, day)[chosen]
    columns = schedule.arrays.columns.rows(chosen)
    percent = whole(limiting_charge(day).percent, PERCENT_PLACES)
    uncapped = fees(columns, indices, factor, percent)
    rows = np.flatnonzero(capped_rows(schedule.arrays, day)[chosen])
    ceilings = opps_amounts(columns.rows(rows), indices, factor, percent)
    assert uncapped.percent is not None
    assert ceilings.percent is not None
    keys = schedule.rvu[chosen].select("hcpcs", "modifier", "status_indicator", "pctc_indicator")
    of_office = _Paid.of(keys, priced, _OFFICE_PATIENT, day)
    of_facility = _Paid.of(keys, priced, _FACILITY_PATIENT, day)
    office = of_office.amounts(under_ceilings(uncapped.nonfacility, rows, ceilings.nonfacility))
    facility = of_facility.amounts(under_ceilings(uncapped.facility, rows, ceilings.facility))
    limit = of_office.amounts(under_ceilings(uncapped.percent, rows, ceilings.percent))
    amounts = (
        (office, of_office.is_paid),
        (facility, of_facility.is_paid),
        (uncapped.nonfacility, priced),
        (uncapped.facility, priced),
        (limit, of_office.is_paid),
    )
    across = places.select("mac", "locality", "state")
    grid = keys.drop("pctc_indicator").join(across, how="cross", maintain_order="left_right")
    named = zip(COLUMNS[-len(amounts) :], amounts, strict=True)
    fees_of_all = grid.with_columns(_shown(name, cents, paid, places.height) for name, (cents, paid) in named)
    if not notes:
        return fees_of_all.select(COLUMNS)
    texts = _notes(schedule, chosen, day)
    settings = zip(NOTE_COLUMNS, texts, (of_office.is_paid, of_facility.is_paid), strict=True)
    return fees_of_all.select(
        *COLUMNS,
        *(pl.lit(_repeated(text, paid, places.height)).alias(name) for name, text, paid in settings),
    )


def _notes(schedule: ReleaseTables, chosen: Integers, day: date) -> list[list[str]]:
    """Return the notes that each row gives in an office, and for a hospital inpatient, as a claim line says them."""
    from feecalc.pricing.claims.arrays.vocabulary import Vocabulary
    from feecalc.pricing.claims.eras.era import Era
    from feecalc.pricing.claims.outcomes import Outcomes
    from feecalc.pricing.rules.by_row import NotesByPlace
    from feecalc.pricing.rules.order import notes_text
    from feecalc.pricing.rules.place_of_service import FACILITY, NONFACILITY, Places

    era = Era(day, schedule, Vocabulary.of([schedule]), Outcomes(), gpci_floor=True)
    kinds, bits = era.look_up(Places).kinds[1], era.look_up(NotesByPlace).bits
    wanted = ((NONFACILITY, _OFFICE_PATIENT), (FACILITY, _FACILITY_PATIENT))
    return [[notes_text(row) for row in bits[kinds.index(kind)][chosen].tolist()] for kind in wanted]


def _repeated(texts: list[str], paid: Flags, across: int) -> pl.Series:
    """Return each row's text where it is paid, for every locality."""
    kept = [text if is_paid and text else None for text, is_paid in zip(texts, paid.tolist(), strict=True)]
    listed = list(dict.fromkeys(kept))
    numbers = pl.Series([listed.index(text) for text in kept], dtype=pl.UInt32).to_numpy()
    return pl.Series(listed, dtype=pl.Categorical()).gather(np.repeat(numbers, across))


def _chosen(schedule: ReleaseTables, codes: Sequence[str] | None) -> Integers:
    if codes is None:
        return np.arange(schedule.rvu.height)
    positions = dict.fromkeys(position for code in codes for position in schedule.positions(code))
    return np.array(list(positions), np.int64)


@dataclass(frozen=True)
class _Paid:
    """Hold what the technical component rule makes of rows for a kind of patient. Shape of each: [row]."""

    paid_by: Integers  # position of the row whose amount is paid
    is_paid: Flags

    @classmethod
    def of(cls, keys: pl.DataFrame, priced: Flags, patient: str, day: date) -> _Paid:
        """Apply the rule to rows, each code's together: ``keys`` are their columns."""

        def is_row(pctc_indicator: str, modifier: str) -> Flags:
            return ((keys["pctc_indicator"] == pctc_indicator) & (keys["modifier"] == modifier)).to_numpy()

        def row_of_component(modifier: str) -> Integers:
            others = keys.select("hcpcs", "modifier").with_row_index("row").filter(pl.col("modifier") == modifier)
            found = keys.select("hcpcs").join(others, on="hcpcs", how="left", maintain_order="left")
            return found["row"].cast(pl.Int64).fill_null(-1).to_numpy()

        paid_by, denied_by = paid_rows(patient, day, is_row, row_of_component, priced)
        return cls(paid_by, priced & (denied_by < 0))

    def amounts(self, cents: Integers) -> Integers:
        """Return what each row pays, written into ``cents``. Shape: [row, locality]."""
        moved = np.flatnonzero(self.paid_by != np.arange(len(self.paid_by)))
        cents[moved] = cents[self.paid_by[moved]]
        return cents


def _shown(name: str, cents: Integers, paid: Flags, across: int) -> pl.Expr:
    """Return cents as a column of dollars, null in the rows that are not paid."""
    column = pl.lit(pl.Series(cents.reshape(-1)))
    if not paid.all():
        column = pl.when(pl.lit(pl.Series(np.repeat(paid, across)))).then(column)
    return money(column).alias(name)
