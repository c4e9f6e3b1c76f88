"""A release of 2026 in the form in which CMS publishes it, written from tables: nonQPP and QPP members, GPCI, LOCCO ...

The form is that of RVU26D (headers and rows of its members were seen): two relative value members of 32 columns, a GPCI
of seven whose work index is headed with ***, LOCCO as a spreadsheet alone. RVU26A and the first RVU26B print eight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl

from cms_shaped.amounts import oppscap_csv, oppscap_rows
from cms_shaped.releases import FACTOR_2026, release_zip
from cms_shaped.rows import MONTHS, Area, Service

_FIELDS = {
    "hcpcs": "hcpcs", "modifier": "modifier", "status_indicator": "status", "work_rvu": "work",
    "pe_rvu_nonfacility": "pe_nonfacility", "pe_rvu_facility": "pe_facility", "mp_rvu": "mp",
    "na_indicator_nonfacility": "na_nonfacility", "na_indicator_facility": "na_facility", "pctc_indicator": "pctc",
    "global_days": "global_days", "preoperative_rate": "pre", "intraoperative_rate": "intra",
    "postoperative_rate": "post", "mppr_indicator": "mppr", "bilateral_indicator": "bilateral",
    "assistant_indicator": "assistant", "cosurgeon_indicator": "cosurgeon", "team_indicator": "team",
    "pricing_indicator": "pricing", "endoscopic_base": "endoscopic_base", "supervision_indicator": "supervision",
    "calculation_flag": "calculation_flag", "imaging_family": "imaging_family",
    "opps_pe_rvu_nonfacility": "opps_pe_nonfacility", "opps_pe_rvu_facility": "opps_pe_facility",
    "opps_mp_rvu": "opps_mp",
}  # fmt: skip


def services_of(rvu: pl.DataFrame) -> list[Service]:
    """The rows of a relative value table, without its descriptions."""
    return [
        Service(**{_FIELDS[name]: str(value) for name, value in row.items()}, description="")
        for row in rvu.select(list(_FIELDS)).iter_rows(named=True)
    ]


def areas_of(gpci: pl.DataFrame) -> list[Area]:
    """The localities of a GPCI table; counties and anesthesia factors are made up, each state named once."""
    named: set[str] = set()
    areas = []
    for row in gpci.iter_rows(named=True):
        state = row["state"] if row["state"] not in named else ""
        named.add(row["state"])
        indices = [str(row[name]) for name in ("work_gpci", "pe_gpci", "mp_gpci")]
        unfloored = str(row["work_gpci_unfloored"] or row["work_gpci"])
        place = [row["mac"], row["locality"], row["state"], row["locality_name"]]
        areas.append(Area(*place, *indices, unfloored, state, row["locality_name"], "ALL COUNTIES", "20.00"))
    return areas


def published_zip(
    folder: Path,
    release: str,
    rvu: pl.DataFrame,
    gpci: pl.DataFrame,
    *,
    without: Sequence[str] = (),
    changed: dict[str, bytes] | None = None,
) -> Path:
    """Write ``rvu26d.zip`` of these rows and localities; ``without`` and ``changed`` as ``release_zip``."""
    services, areas = [replace(row, pricing="9") for row in services_of(rvu)], areas_of(gpci)
    capped = [row for row in services if row.status == "A" and Decimal(row.opps_pe_nonfacility) > 0 and _binds(row)]
    cap = {f"OPPSCAP_{MONTHS[release[2]][1].title()}.csv": oppscap_csv(oppscap_rows(capped, areas, factor=FACTOR_2026))}
    members = cap | (changed or {})
    return release_zip(folder, release, services=services, areas=areas, without=without, changed=members)


def _binds(row: Service) -> bool:
    """Whether the cap is below the fee where every index is 1: CMS lists the rows of status A on which it binds."""
    return Decimal(row.opps_pe_nonfacility) + Decimal(row.opps_mp) < Decimal(row.pe_nonfacility) + Decimal(row.mp)
