"""Small claim lines for the tests of coverage policies."""

from datetime import date

import polars as pl

SCHEMA = {
    "claim_id": pl.String,
    "line": pl.Int32,
    "date_of_service": pl.Date,
    "hcpcs": pl.String,
    "modifier_1": pl.String,
    "modifier_2": pl.String,
    "place_of_service": pl.String,
    "mac": pl.String,
    "locality": pl.String,
    "units": pl.Int32,
    "beneficiary_id": pl.String,
    "billing_npi": pl.String,
    "diagnosis_1": pl.String,
    "diagnosis_2": pl.String,
    "purpose": pl.String,
}
DAY = date(2026, 3, 2)


def line(hcpcs, *modifiers, **other):
    """One line: a lumbar diagnosis, an office, First Coast's MAC, one patient, unless said."""
    said = {
        "claim_id": "A",
        "line": 1,
        "date_of_service": DAY,
        "hcpcs": hcpcs,
        "place_of_service": "11",
        "mac": "09102",
        "locality": "04",
        "units": 1,
        "beneficiary_id": "P",
        "billing_npi": "1",
        "diagnosis_1": "M47.816",
    }
    for place, modifier in enumerate(modifiers, 1):
        said[f"modifier_{place}"] = modifier
    return said | other


def frame(*lines):
    return pl.DataFrame(list(lines), schema=SCHEMA)


def told(findings):
    """(row, rule) of findings, sorted."""
    return sorted(findings.select("row", "rule").rows())
