"""ZIP code to payment locality, by CMS's ZIP5 file and, where a ZIP code is split, its ZIP+4 file."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from feecalc.errors import InvalidValue, NotInstalled, SplitZip, UnknownZip

_ZIP = re.compile(r"(\d{5})(?:-?(\d{4}))?")
_SPLIT = "1"
_WHOLE = ""


@dataclass(frozen=True)
class ZipLocality:
    """Hold the locality of a ZIP code and the file that says so."""

    zip: str
    mac: str
    locality: str
    source: str


@dataclass(frozen=True)
class ZipDirectory:
    """Find localities in the installed ZIP files. Either may be missing; ``*_name`` is what the person loaded."""

    zip5: pl.DataFrame | None = None
    zip5_name: str = ""
    zip_plus4: pl.DataFrame | None = None
    zip_plus4_name: str = ""

    def locality_of(self, text: str, year: int) -> ZipLocality:
        """Return the locality of ``33133`` or ``33133-1234`` for a year of service.

        Raises InvalidValue, NotInstalled, UnknownZip, and SplitZip with the localities a split ZIP code lies in.
        """
        match = _ZIP.fullmatch(text.strip())
        if match is None:
            raise InvalidValue(f"{text[:20]!r} is not a ZIP code; write 33133 or 33133-1234")
        code, plus_four = match[1], match[2]
        if self.zip5 is None and self.zip_plus4 is None:
            raise NotInstalled(
                "no ZIP code file is installed; load CMS's ZIP5 file (Zip Code to Carrier Locality on cms.gov): "
                "feecalc build ZIP5_file"
            )
        return (
            self._by_zip5(code, plus_four, year) if self.zip5 is not None else self._by_plus_four(code, plus_four, year)
        )

    def _by_zip5(self, code: str, plus_four: str | None, year: int) -> ZipLocality:
        assert self.zip5 is not None
        found = self.zip5.filter(pl.col("zip") == code)
        if not found.height:
            raise UnknownZip(f"no ZIP code {code} in {self.zip5_name}; check it, or give the locality")
        row = found.row(0, named=True)
        if row["plus_four_flag"] != _SPLIT:
            return ZipLocality(code, row["mac"], row["locality"], self.zip5_name)
        if self.zip_plus4 is None:
            raise SplitZip(
                f"ZIP code {code} lies in more than one locality: its ZIP+4 decides, and no ZIP+4 file is installed "
                f"(feecalc build ZIP9_file); {self.zip5_name} prints {row['mac']}-{row['locality']} for most of it. "
                "Or give the locality"
            )
        return self._by_plus_four(code, plus_four, year)

    def _by_plus_four(self, code: str, plus_four: str | None, year: int) -> ZipLocality:
        if self.zip_plus4 is None:
            raise NotInstalled("no ZIP+4 file is installed; load it: feecalc build ZIP9_file")
        rows = self.zip_plus4.filter(
            (pl.col("zip") == code) & (pl.col("first_year") <= year) & (pl.col("last_year") >= year)
        )
        if not rows.height:
            raise UnknownZip(f"no ZIP code {code} for {year} in {self.zip_plus4_name}; check it, or give the locality")
        places = rows.select("mac", "locality").unique().sort("mac", "locality").rows()
        if len(places) == 1:
            mac, locality = places[0]
            return ZipLocality(code, mac, locality, self.zip_plus4_name)
        if plus_four is None:
            named = ", ".join(f"{mac}-{locality}" for mac, locality in places)
            raise SplitZip(
                f"ZIP code {code} lies in {len(places)} localities ({named}): give ZIP+4 ({code}-1234) or the locality"
            )
        exact = rows.filter(pl.col("plus_four") == plus_four)
        chosen = exact if exact.height else rows.filter(pl.col("plus_four") == _WHOLE)
        if chosen.height != 1:
            raise UnknownZip(
                f"no ZIP+4 {code}-{plus_four} for {year} in {self.zip_plus4_name}; check it, or give the locality"
            )
        mac, locality = chosen.select("mac", "locality").row(0)
        return ZipLocality(f"{code}-{plus_four}", mac, locality, self.zip_plus4_name)
