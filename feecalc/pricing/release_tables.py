"""The tables of one release, opened: rows found, figures as integers, localities by name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Self

import polars as pl

from feecalc import reference
from feecalc.errors import InvalidValue, NotInstalled, UnknownCode, UnknownModifier
from feecalc.money import FACTOR_PLACES, INDEX_PLACES, exact
from feecalc.pricing.places.locality import NATIONAL, Locality, find, localities_of
from feecalc.pricing.qp_rows import QpRows
from feecalc.pricing.release import ReleaseIdentity
from feecalc.pricing.rules.conversion_factor import (
    QP,
    anesthesia_conversion_factor,
    conversion_factor,
    has_qp_track,
)
from feecalc.pricing.rules.work_gpci_floor import Floor, Unfloored

if TYPE_CHECKING:
    from feecalc.pricing.arrays import RvuArrays

_CODE = re.compile(r"[0-9A-Z]{5}")
_MODIFIER = re.compile(r"([0-9A-Z]{2})?")
_GLOBAL = ""
_INDICES = ("work_gpci", "work_gpci_unfloored", "pe_gpci", "mp_gpci")
ANESTHESIA_FACTOR = "anesthesia_conversion_factor"
QP_ANESTHESIA_FACTOR = "qp_anesthesia_conversion_factor"  # CMS prints none by locality


@dataclass(frozen=True)
class ReleaseTables:
    """Hold the tables of one release and the identity of the release. Shapes and units: ``feecalc.tables``.

    ``anesthesia``, ``base_units`` and ``counties`` are None where the release, or the person, has none. ``localities``
    has the work index without the floor from another release of the year where this one does not print it, and
    ``unfloored`` says from which. ``rvu`` are the rows of everybody but QPs, ``rvu_qp`` the QPP member's, None where
    the release has no such member. ``printed`` is None but in what ``of_track`` gives for QPs: whether each row is the
    QPP member's own.
    """

    release: ReleaseIdentity
    rvu: pl.DataFrame
    localities: pl.DataFrame
    anesthesia: pl.DataFrame | None = None
    base_units: pl.DataFrame | None = None
    counties: pl.DataFrame | None = None
    rvu_qp: pl.DataFrame | None = None
    unfloored: Unfloored = field(default_factory=Unfloored)
    printed: pl.Series | None = None
    qps_apart: bool = False  # QPs have rows of their own whatever the year: ``rvu_qp``, which is then whole

    @property
    def printed_rows(self) -> list[pl.DataFrame]:
        """Return the relative value tables as CMS printed them: everybody's, and the QPP member's if any."""
        return [self.rvu] if self.rvu_qp is None else [self.rvu, self.rvu_qp]

    def of_track(self, *, qp: bool) -> Self:
        """Return the tables with the rows that price QPs in ``rvu``, or these tables where one track is for all."""
        return self._of_qps if qp and (self.has_qp_track or self.qps_apart) else self

    @cached_property
    def _of_qps(self) -> Self:
        if self.printed is not None:
            return self
        found = QpRows.of(self.rvu, self.rvu_qp, self.release.first_date_of_service)
        return replace(self, rvu=found.rvu, printed=found.printed)

    def source_of_row(self, position: int) -> str:
        """Return the member and the line that a row of ``rvu`` was read from: "PPRRVU2026_Oct_QPP.csv, row 7077"."""
        own = self.printed is not None and bool(self.printed[position])
        return f"{self.release.member('rvu_qp' if own else 'rvu')}, row {self.rvu['source_line'][position]}"

    def scaled_to_qp(self, position: int) -> str:
        """Say that the OPPS relative values of a QP's row are scaled, and by what; "" where they are as printed."""
        if self.printed is None or self.printed[position]:
            return ""
        factor = conversion_factor(self.release.first_date_of_service, qp=True).value
        printed, lacks = self.rvu["conversion_factor"][position], "the QPP member has no such row"
        if self.rvu_qp is None:
            lacks = "the release holds no QPP member"
        return (
            f"{lacks}: the OPPS relative values are those of {self.release.member('rvu')} x {printed} / {factor}, "
            "rounded to two decimals"
        )

    def find_locality(self, text: str) -> Locality:
        """Return the locality named by a key or a name. Raises UnknownLocality, AmbiguousLocality."""
        return find(self.all_localities, text, self.release.name)

    def rows(self, hcpcs: str) -> pl.DataFrame:
        """Return the rows of one code, the global one first. Raises InvalidValue and UnknownCode."""
        return self.rvu[self.positions(hcpcs)]

    def positions(self, hcpcs: str) -> list[int]:
        """Return the positions of a code's rows. Raises InvalidValue and UnknownCode."""
        code = hcpcs.strip().upper()
        if not _CODE.fullmatch(code):
            raise InvalidValue(
                f"{hcpcs[:40]!r} is not a code; a HCPCS or CPT code has five letters and digits, such as 99213"
            )
        found = self._positions(code)
        if not found:
            raise UnknownCode(self._unknown(code))
        return found

    def _positions(self, code: str) -> list[int]:
        return (self.rvu["hcpcs"] == code).arg_true().to_list()

    def row_index(self, hcpcs: str, modifier: str) -> int:
        """Return the position of one row. Raises InvalidValue, UnknownCode and UnknownModifier."""
        positions = self.positions(hcpcs)
        code, wanted = hcpcs.strip().upper(), modifier.strip().upper()
        if not _MODIFIER.fullmatch(wanted):
            raise InvalidValue(f"{modifier[:20]!r} is not a modifier; a modifier has two letters or digits, such as 26")
        found = [self.rvu["modifier"][position] for position in positions]
        if wanted not in found:
            named = ", ".join(name or "none (the global service)" for name in found)
            what = f"modifier {wanted}" if wanted else "no modifier"
            raise UnknownModifier(f"{code} has no row with {what} in {self.release.name}; its rows: {named}")
        return positions[found.index(wanted)]

    def position(self, hcpcs: str, modifier: str) -> int | None:
        """Return the position of a row that may not be there."""
        for position in self._positions(hcpcs):
            if self.rvu["modifier"][position] == modifier:
                return position
        return None

    def holds(self, hcpcs: str, modifier: str) -> bool:
        """Return whether the release has a row for the code and modifier."""
        return self.position(hcpcs.strip().upper(), modifier.strip().upper()) is not None

    @property
    def has_qp_track(self) -> bool:
        """Return whether QPs have a conversion factor of their own in the release's year."""
        return has_qp_track(self.release.first_date_of_service)

    @cached_property
    def all_localities(self) -> list[Locality]:
        """Return every payment locality of the release."""
        return localities_of(self.localities)

    @cached_property
    def arrays(self) -> RvuArrays:
        """Return the relative value table as arrays, for pricing many rows at once."""
        from feecalc.pricing.arrays import RvuArrays  # numpy is not waited for where one service is priced

        return RvuArrays(self.rvu)

    def rows_of_localities(self, places: Sequence[Locality]) -> pl.DataFrame:
        """Return the GPCI rows of these localities, in their order."""
        return self.localities[[self._at_locality[place.mac, place.locality] for place in places]]

    @cached_property
    def _at_locality(self) -> dict[tuple[str, str], int]:
        return {(place.mac, place.locality): index for index, place in enumerate(self.all_localities)}

    def national(self, day: date) -> Self:
        """Return the release with the nation as its one locality, for services of ``day``.

        Its MAC, number and state are "", every index is 1, and its anesthesia factors are the national ones, with that
        of QPs beside everybody else's where they have one.
        """
        place = {"mac": "", "locality": "", "state": "", "locality_name": NATIONAL}
        one = exact(10**INDEX_PLACES, INDEX_PLACES)
        localities = pl.DataFrame(
            {name: [value] for name, value in {**place, **dict.fromkeys(_INDICES, one)}.items()},
            schema={name: kind for name, kind in self.localities.schema.items() if name in (*place, *_INDICES)},
        )
        factors = {ANESTHESIA_FACTOR: _national_factor(day), QP_ANESTHESIA_FACTOR: _national_factor(day, qp=True)}
        kinds = dict.fromkeys(place, pl.String) | dict.fromkeys(factors, pl.Decimal(12, FACTOR_PLACES))
        anesthesia = pl.DataFrame({name: [value] for name, value in {**place, **factors}.items()}, schema=kinds)
        return replace(self, localities=localities, anesthesia=anesthesia)

    def of_codes(self, codes: Collection[str]) -> Self:
        """Return the release with the rows of these codes only."""

        def some(rows: pl.DataFrame) -> pl.DataFrame:
            return rows.filter(pl.col("hcpcs").is_in(list(codes)))

        return replace(self, rvu=some(self.rvu), rvu_qp=None if self.rvu_qp is None else some(self.rvu_qp))

    def of_localities(self, places: Sequence[Locality]) -> Self:
        """Return the release with these localities only."""
        return replace(self, localities=self.rows_of_localities(places))

    def work_index_source(self, mac: str, locality: str, label: str, floor: Floor) -> str:
        """Return the file of a locality's work index, with or without the floor, and why it has it or not."""
        elsewhere = "" if floor.applies else self.unfloored.where(mac, locality)
        file = f"work GPCI without the floor: {elsewhere}" if elsewhere else self.release.member("gpci")
        return f"{file}, {label}; {floor.note} ({floor.source})"

    def anesthesia_factor(self, place: Locality) -> str:
        """Return a locality's printed anesthesia factor. [USD per unit]  Raises NotInstalled without the ANES file."""
        if self.anesthesia is None:
            raise NotInstalled(
                f"{self.release.name} was built without its ANES file, so {place.label} has no anesthesia conversion "
                "factor here; build the release from a zip that holds ANES, or leave the locality out for the national "
                "amount"
            )
        found = self.anesthesia.filter((pl.col("mac") == place.mac) & (pl.col("locality") == place.locality))
        if not found.height:
            raise NotInstalled(
                f"no anesthesia conversion factor for {place.label} in {self.release.member('anesthesia')}"
            )
        return str(found["anesthesia_conversion_factor"][0])

    def _place(self, place: Locality | str) -> Locality:
        return self.find_locality(place) if isinstance(place, str) else place

    def _unknown(self, code: str) -> str:
        if self.release.starter:
            return (
                f"no code {code} in the starter data of {self.release.name}, which holds "
                f"{self.rvu['hcpcs'].n_unique()} "
                f"services; load the whole release: feecalc fetch {self.release.name}, or feecalc build with its zip"
            )
        near = difflib.get_close_matches(code, self.rvu["hcpcs"].unique(maintain_order=True).to_list(), n=3, cutoff=0.8)
        hint = f"; near it: {', '.join(near)}" if near else ""
        return f"no code {code} in {self.release.name}{hint}; check the code and the release (feecalc releases)"


def _national_factor(day: date, *, qp: bool = False) -> Decimal | None:
    """Return the nation's anesthesia factor; None where none is known, or none for QPs alone. [USD per unit]"""
    tracks = {row["track"] for row in reference.rows_on("anesthesia_conversion_factor", day)}
    if not (QP in tracks if qp else tracks - {QP}):
        return None
    return Decimal(anesthesia_conversion_factor(day, qp=qp).value)
