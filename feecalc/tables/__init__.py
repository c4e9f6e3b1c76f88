"""Schemas of CMS's tables: columns, types, key, row rules. Figures are exact decimals, never floats.

``ingest`` fills these tables from CMS's files and the store keeps them as Parquet; ``pricing``, ``facility`` and
``edits`` read them. Codes are text with their zeros. "" is a blank CMS cell: modifier "" is the global service.
"""

from __future__ import annotations

import dataframely as dy

from feecalc.tables import edits, facility, professional
from feecalc.tables.cells import HCPCS, LOCALITY, MAC
from feecalc.tables.professional import (
    Anesthesia,
    BaseUnits,
    County,
    Gpci,
    OppsCap,
    PaymentAmount,
    Rvu,
    Zip5,
    ZipPlus4,
)

__all__ = [
    "HCPCS",
    "LOCALITY",
    "MAC",
    "SCHEMAS",
    "Anesthesia",
    "BaseUnits",
    "County",
    "Gpci",
    "OppsCap",
    "PaymentAmount",
    "Rvu",
    "Zip5",
    "ZipPlus4",
]

SCHEMAS: dict[str, type[dy.Schema]] = {**professional.SCHEMAS, **facility.SCHEMAS, **edits.SCHEMAS}
