"""A whole release, and the zip of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from cms_shaped.amounts import oppscap_csv, oppscap_rows
from cms_shaped.containers import zip_of
from cms_shaped.localities import anes_csv, gpci_csv, locco_csv
from cms_shaped.relative_values import pprrvu_csv
from cms_shaped.rows import AREAS, MONTHS, SERVICES, Area, Service


def release_members(
    release: str = "25D", services: Sequence[Service] = SERVICES, areas: Sequence[Area] = AREAS
) -> dict[str, bytes]:
    """The csv members of a release, named as CMS names them, whole and free of contradictions.

    From 2026 there are a nonQPP and a QPP relative value file, 32 columns, and GPCI has 8.
    """
    year, (month, short) = 2000 + int(release[:2]), MONTHS[release[2]]
    two_tracks = year >= 2026
    factors = {2026: "33.4009", 2025: "32.3465", 2023: "33.8872", 2022: "34.6062"}
    factor = factors[year]
    shaped = {"year": year, "month": month, "pricing_column": two_tracks}
    if two_tracks:
        relative = {
            f"PPRRVU{year}_{short.title()}_nonQPP.csv": pprrvu_csv(services, factor=factor, **shaped),
            f"PPRRVU{year}_{short.title()}_QPP.csv": pprrvu_csv(services, factor="33.5675", **shaped),
        }
    else:
        relative = {f"PPRRVU{year}_{short.title()}.csv": pprrvu_csv(services, factor=factor, **shaped)}
    return relative | {
        f"GPCI{year}.csv": gpci_csv(areas, year=year, columns=8 if two_tracks else 7),
        f"OPPSCAP_{short.title()}.csv": oppscap_csv(oppscap_rows(services, areas, factor=factor)),
        f"ANES{year}.csv": anes_csv(areas),
        f"{release[:2]}LOCCO.csv": locco_csv(areas, year=year),
        f"RVU{release}.pdf": b"%PDF-1.4 not read",
    }


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
