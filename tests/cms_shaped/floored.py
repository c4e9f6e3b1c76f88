"""Releases of 2026 as CMS publishes them since May: the work index once, with the floor in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cms_shaped.localities import anes_csv, gpci_csv
from cms_shaped.releases import release_zip
from cms_shaped.rows import AREAS, SERVICES, Area, Service

# GPCI2026.csv of RVU26B: work with the floor, practice expense, malpractice, and work without the floor.
_PRINTED = """
10112|00|1.000|0.875|0.566|0.988
02102|01|1.500|1.065|0.551|1.500
01182|18|1.041|1.183|0.664|1.041
09102|04|1.000|1.041|2.529|0.994
"""
_BY_KEY = {tuple(row.split("|")[:2]): row.split("|")[2:] for row in _PRINTED.split()}
AREAS_2026 = tuple(
    replace(area, work=work, pe=pe, mp=mp, unfloored=unfloored)
    for area in AREAS
    if (area.mac, area.locality) in _BY_KEY
    for work, pe, mp, unfloored in [_BY_KEY[area.mac, area.locality]]
)


def zip_of_2026(
    folder: Path,
    release: str,
    *,
    both: bool,
    areas: Sequence[Area] = AREAS_2026,
    services: Sequence[Service] = SERVICES,
) -> Path:
    """Write ``rvu26d.zip``; with ``both`` its GPCI prints the work index without the floor too."""
    changed = {
        "GPCI2026.csv": gpci_csv(areas, year=2026, columns=8 if both else 7),
        "ANES2026.csv": anes_csv(areas, national="20.4976"),
    }
    return release_zip(folder, release, services=services, areas=areas, changed=changed)
