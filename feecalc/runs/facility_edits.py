"""The edits of a facility's lines before they are priced: NCCI pairs, unlikely units, duplicates, coverage policies.

A denied line is not paid, and neither packages nor discounts others. What is not installed is said, never passed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from feecalc.edits.checking import check_policies
from feecalc.edits.coding import duplicates
from feecalc.edits.denials import found_in_turn
from feecalc.edits.edit import findings
from feecalc.edits.lines.codes import Bill, Sources
from feecalc.edits.lines.lines import EditLines
from feecalc.edits.ncci import pairs, units
from feecalc.edits.severity import DENIES
from feecalc.edits.tables import EditTables, Missing, has_lists_of_hospitals, open_edit_tables
from feecalc.errors import NotInstalled
from feecalc.facility.case import CaseLine
from feecalc.facility.code_pairs import facility_code
from feecalc.facility.lines import ASC, BILL_OF_SETTING, OPPS, PLACES_OF_SERVICE
from feecalc.ingest.store import Store
from feecalc.installed import open_schedule
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.grouping import without_physicians
from feecalc.pricing.schedule import FeeSchedule

PROFESSIONAL = "professional"
_BILLS: dict[str, Bill] = {**BILL_OF_SETTING, PROFESSIONAL: "professional"}
_NCCI = (pairs.EDIT, units.EDIT)
_OF_A_CLAIM = (duplicates.EDIT, *_NCCI)  # a case is no bill: what stands twice in it is done twice
_NOT_USED = "add_on"  # the kind of list that a facility's lines are not looked at by here


@dataclass(frozen=True)
class FacilityEdits:
    """Edits opened for lines. ``tables``: None where no release answers, and then nothing is looked at.

    ``said``: by which files lines are looked at, and what lacks. ``of_hospitals``: the tables of a hospital's lines,
    where any of the hospitals' own lists is installed; else ``tables`` serve all.
    """

    tables: EditTables | None
    schedule: FeeSchedule | None
    said: tuple[str, ...]
    of_hospitals: EditTables | None = None

    def denied(self, lines: pl.DataFrame, setting: str) -> pl.Series:
        """Return why each line is denied, "" where it is not. Columns: those of ``feecalc.facility.lines.REQUIRED``.

        ``setting``: asc, opps, or professional for the physician's lines.
        """
        none = pl.Series("denied_because", [""] * lines.height, dtype=pl.String)
        if self.tables is None or self.schedule is None or not lines.height:
            return none
        tables = self.of_hospitals if setting == OPPS and self.of_hospitals is not None else self.tables
        batch = _as_claims(lines, setting)
        is_claim = "billed_amount" in batch.columns and batch["billed_amount"].is_not_null().any()
        release = self.schedule
        sources = Sources(tables, (release,), bill=_BILLS[setting], only=batch["hcpcs"].unique())
        own = EditLines.of(batch, sources.codes, ClaimPricer([ReleaseDays.of_year(release)]).eras)
        made = [(edit, edit.prepare(sources)) for edit in (_OF_A_CLAIM if is_claim else _NCCI)]
        look_ups = [(edit, look_up) for edit, look_up in made if look_up is not None]
        found, own = found_in_turn(look_ups, own, tables.left_out, denials_only=True)
        worded = pl.concat([findings(found, own.frame), check_policies(batch)])
        denials = worded.filter(pl.col("severity") == DENIES).unique("row", keep="first", maintain_order=True)
        by_row = denials.select("row", pl.col("detail").alias("why"))
        numbered = lines.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"))
        reasons = numbered.join(by_row, on="row", how="left", maintain_order="left")["why"]
        return reasons.fill_null("").alias("denied_because")


def open_facility_edits(
    first: date, last: date | None = None, codes: pl.Series | None = None, home: Path | None = None
) -> FacilityEdits:
    """Open the edits for days of service. ``codes``: of all lines, where these are few. Raises StoreError."""
    store, end = Store(home), first if last is None else last
    tables, of_hospitals = open_edit_tables(store, end, first, codes), None
    if has_lists_of_hospitals(store):
        of_hospitals = open_edit_tables(store, end, first, codes, bill="hospital")
    try:
        schedule = open_schedule(day=end, home=home).schedule
    except NotInstalled:
        try:
            schedule = open_schedule(home=home).schedule
        except NotInstalled as error:
            return FacilityEdits(None, None, (f"no edits were applied: {error}",))
    used = _used(tables)
    lacks = tables.missing
    if of_hospitals is None:
        by = f"{', '.join(used)} (the practitioners' files; a hospital's own may differ), " if used else ""
    else:
        by = f"{', '.join(used)} (physicians and surgery centers), " if used else ""
        by += f"{', '.join(_used(of_hospitals))} (hospitals), "
        lacks = tuple(dict.fromkeys([*lacks, *of_hospitals.missing]))
    used_here = (text for text in lacks if not (isinstance(text, Missing) and text.kind == _NOT_USED))
    said = (f"edits applied: {by}coverage policies, exact duplicates of a claim's lines", *used_here)
    return FacilityEdits(tables, schedule, said, of_hospitals)


def _used(tables: EditTables) -> list[str]:
    return [name for name in tables.files if name.startswith(("NCCI_PAIR", "MUE"))]


def edits_of_case(case: Sequence[CaseLine], day: date, home: Path | None = None) -> FacilityEdits:
    """Open the edits for the lines of a case, and for the codes that a facility bills in their place."""
    codes = [line.hcpcs for line in case]
    own = [code for each in codes for setting in (ASC, OPPS) if (code := facility_code(each, setting, day))]
    return open_facility_edits(day, codes=pl.Series([*codes, *own], dtype=pl.String), home=home)


def _as_claims(lines: pl.DataFrame, setting: str) -> pl.DataFrame:
    """Return the lines in the columns of claims."""
    columns = [
        pl.lit("").alias(name) if name not in lines.columns else pl.col(name)
        for name in ("mac", "locality", "place_of_service")
    ]
    batch = without_physicians(lines.with_columns(columns).drop("row", strict=False))
    if setting in PLACES_OF_SERVICE:
        batch = batch.with_columns(pl.lit(PLACES_OF_SERVICE[setting]).alias("place_of_service"))
    return batch
