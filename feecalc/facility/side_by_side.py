"""A case's sites as tables: what each is made of, and its lines beside one another."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from feecalc.facility.columns import ASC, OPPS
from feecalc.facility.sites import Site

NAMES = {"office": "Office", ASC: "Surgery center", OPPS: "Hospital"}
PHYSICIAN, FACILITY, PATIENT = "Physician", "Facility", "Patient"
NO_BILL = "no facility bill"
_Columns = dict[str, pl.DataType]
_TEXT, _USD = pl.String(), pl.Decimal(18, 2)


def parts(sites: Sequence[Site]) -> pl.DataFrame:
    """What a picture of the sites holds. Shape: [site, part]: site, part, amount (USD), whole; only known amounts.

    ``whole``: the site's total, null where a part of it has no price.
    """
    rows = [
        (NAMES[site.site], part, amount, site.total)
        for site in sites
        for part, amount in (
            (PHYSICIAN, site.physician_amount),
            (FACILITY, site.facility_amount if site.site in (ASC, OPPS) else None),
            (PATIENT, site.patient_share),
        )
        if amount is not None
    ]
    schema: _Columns = {"site": _TEXT, "part": _TEXT, "amount": _USD, "whole": _USD}
    return pl.DataFrame(rows, schema=schema, orient="row")


def totals(sites: Sequence[Site]) -> pl.DataFrame:
    """Shape: [site]: site, place_of_service, physician_amount, facility_amount, total, patient_share, reason. [USD]"""
    rows = [
        (NAMES[site.site], site.place_of_service, site.physician_amount,
         site.facility_amount if site.site in (ASC, OPPS) else None, site.total, site.patient_share, site.reason)
        for site in sites
    ]  # fmt: skip
    amounts = dict.fromkeys(("physician_amount", "facility_amount", "total", "patient_share"), _USD)
    schema: _Columns = {"site": _TEXT, "place_of_service": _TEXT, **amounts, "reason": _TEXT}
    return pl.DataFrame(rows, schema=schema, orient="row")


def lines(sites: Sequence[Site]) -> pl.DataFrame:
    """Each line at each site. Shape: [line, payee, site]: code, paid_to, site, amount [USD], status, reason.

    A facility's line without an amount says so in ``status``: packaged, excluded, not installed ...
    """
    rows: list[tuple[str, str, str, Decimal | None, str, str]] = []
    for number in range(len(sites[0].lines)):
        for site in sites:
            line, name = site.lines[number], NAMES[site.site]
            rows.append(
                (line.label, PHYSICIAN, name, line.physician_amount, line.physician_status, line.physician_reason)
            )
            status = line.facility_status or NO_BILL
            rows.append((line.label, FACILITY, name, line.facility_amount, status, line.facility_reason))
    schema: _Columns = {
        "code": _TEXT, "paid_to": _TEXT, "site": _TEXT, "amount": _USD, "status": _TEXT,
        "reason": _TEXT,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def steps(site: Site) -> pl.DataFrame:
    """How the facility's amount of each line was made. Shape: [step]: code, step, detail, value, source."""
    priced = site.facility.lines if site.facility is not None else ()
    rows = [
        (line.label, step.name, step.detail, f"{step.value} {step.unit}".strip(), step.source)
        for line in priced
        for step in line.steps
    ]
    return pl.DataFrame(rows, schema=["code", "step", "detail", "value", "source"], orient="row")
