"""A whole release, and the zip of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from cms_shaped.amounts import CENT, oppscap_csv, oppscap_rows
from cms_shaped.containers import zip_of
from cms_shaped.localities import anes_csv, gpci_csv, locco_csv, locco_xlsx
from cms_shaped.relative_values import pprrvu_csv
from cms_shaped.rows import AREAS, MONTHS, SERVICES, Area, Service

FACTOR_2026, QP_FACTOR_2026 = "33.4009", "33.5675"  # CY 2026 PFS final rule, as the two members print them
PAID = ("A", "C", "R", "T")  # the statuses of the rows that the QPP member holds


def release_members(
    release: str = "25D", services: Sequence[Service] = SERVICES, areas: Sequence[Area] = AREAS
) -> dict[str, bytes]:
    """The csv members of a release, named as CMS names them, whole and free of contradictions.

    From 2026 there are a nonQPP and a QPP relative value file of 32 columns, each with OPPS columns of its own, and
    LOCCO is a spreadsheet alone; GPCI has 8 columns in RVU26A and 7, with *** on a heading, in the later ones.
    """
    year, (month, short) = 2000 + int(release[:2]), MONTHS[release[2]]
    two_tracks = year >= 2026
    factors = {2026: FACTOR_2026, 2025: "32.3465", 2023: "33.8872", 2022: "34.6062"}
    factor = factors[year]
    shaped = {"year": year, "month": month, "pricing_column": two_tracks}
    if two_tracks:
        relative = {
            f"PPRRVU{year}_{short.title()}_nonQPP.csv": pprrvu_csv(services, factor=factor, **shaped),
            f"PPRRVU{year}_{short.title()}_QPP.csv": pprrvu_csv(of_qps(services), factor=QP_FACTOR_2026, **shaped),
        }
    else:
        relative = {f"PPRRVU{year}_{short.title()}.csv": pprrvu_csv(services, factor=factor, **shaped)}
    both = release == "26A"
    places = {
        f"GPCI{year}.csv": gpci_csv(areas, year=year, columns=8 if both else 7, footnote="***" if two_tracks else ""),
        f"OPPSCAP_{short.title()}.csv": oppscap_csv(oppscap_rows(services, areas, factor=factor)),
        f"ANES{year}.csv": anes_csv(areas, national="20.4976" if two_tracks else "20.3178"),
    }
    if two_tracks:
        places[f"{release[:2]}LOCCO.xlsx"] = locco_xlsx(areas, year=year)
    else:
        places[f"{release[:2]}LOCCO.csv"] = locco_csv(areas, year=year)
    return relative | places | {f"RVU{release}.pdf": b"%PDF-1.4 not read"}


def of_qps(services: Sequence[Service]) -> list[Service]:
    """The rows of the QPP member, as those of October 2026 stand to their nonQPP rows.

    The rows that are not paid are left out, PRIC IND is 1 for 9, and the OPPS columns are the same dollars over the QP
    factor: x 33.4009 / 33.5675, rounded to two decimals.
    """
    ratio = Decimal(FACTOR_2026) / Decimal(QP_FACTOR_2026)

    def scaled(value: str) -> str:
        return str((Decimal(value) * ratio).quantize(CENT, ROUND_HALF_UP))

    return [
        replace(
            row,
            pricing="1",
            opps_pe_nonfacility=scaled(row.opps_pe_nonfacility),
            opps_pe_facility=scaled(row.opps_pe_facility),
            opps_mp=scaled(row.opps_mp),
        )
        for row in services
        if row.status in PAID
    ]


def release_zip(
    folder: Path,
    release: str = "25D",
    *,
    services: Sequence[Service] = SERVICES,
    areas: Sequence[Area] = AREAS,
    without: Sequence[str] = (),
    changed: Mapping[str, bytes] | None = None,
) -> Path:
    """Write ``rvu25d.zip`` into ``folder``; members whose names start with one of ``without`` are left out, those of
    ``changed`` take the place of, or are added to, the rest."""
    members = release_members(release, services, areas) | dict(changed or {})
    kept = {name: content for name, content in members.items() if not name.startswith(tuple(without))}
    path = folder / f"rvu{release.lower()}.zip"
    path.write_bytes(zip_of(kept))
    return path
