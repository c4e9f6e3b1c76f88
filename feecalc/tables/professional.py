"""Schemas of the physician fee schedule's tables: relative values, indices, localities, anesthesia, amounts."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from feecalc.tables.cells import HCPCS, INDICATOR, LOCALITY, MAC, MODIFIER, amount, index, rvu


class Rvu(dy.Schema):
    """Relative value units and payment indicators by code and modifier. Source: PPRRVU.

    An indicator that no rule knows yet is kept, and noted when the release is built.
    """

    hcpcs = dy.String(primary_key=True, regex=HCPCS)
    modifier = dy.String(primary_key=True, regex=MODIFIER)
    description = dy.String()
    status_indicator = dy.String(regex=INDICATOR, min_length=1)
    not_used_for_medicare = dy.String()
    work_rvu = rvu()
    pe_rvu_nonfacility = rvu()
    na_indicator_nonfacility = dy.String(regex=INDICATOR)
    pe_rvu_facility = rvu()
    na_indicator_facility = dy.String(regex=INDICATOR)
    mp_rvu = rvu()
    total_rvu_nonfacility = rvu()
    total_rvu_facility = rvu()
    pctc_indicator = dy.String(regex=INDICATOR)
    global_days = dy.String(regex=r"^([0-9A-Z]{3})?$")
    preoperative_rate = dy.Decimal(4, 2, min=0)
    intraoperative_rate = dy.Decimal(4, 2, min=0)
    postoperative_rate = dy.Decimal(4, 2, min=0)
    mppr_indicator = dy.String(regex=INDICATOR)
    bilateral_indicator = dy.String(regex=INDICATOR)
    assistant_indicator = dy.String(regex=INDICATOR)
    cosurgeon_indicator = dy.String(regex=INDICATOR)
    team_indicator = dy.String(regex=INDICATOR)
    pricing_indicator = dy.String(regex=INDICATOR)  # "" before 2026, when the column came
    endoscopic_base = dy.String(regex=r"^([0-9A-Z]{5})?$")
    conversion_factor = dy.Decimal(8, 4, min=0)  # USD per RVU, as printed on the row
    supervision_indicator = dy.String(max_length=2)
    calculation_flag = dy.String(regex=INDICATOR)
    imaging_family = dy.String(regex=INDICATOR)
    opps_pe_rvu_nonfacility = rvu()
    opps_pe_rvu_facility = rvu()
    opps_mp_rvu = rvu()
    source_line = dy.Int32(min=1)  # the line, or spreadsheet row, of the member it was read from


class Gpci(dy.Schema):
    """Geographic practice cost indices by locality. Source: GPCI (addendum E)."""

    mac = dy.String(primary_key=True, regex=MAC)
    locality = dy.String(primary_key=True, regex=LOCALITY)
    state = dy.String(regex=r"^[A-Z]{2}$")
    locality_name = dy.String(min_length=1)
    work_gpci = index()  # as published, the floor of the year in it
    work_gpci_unfloored = dy.Decimal(6, 3, min=0, nullable=True)  # null where the file prints only the other
    pe_gpci = index()
    mp_gpci = index()

    @dy.rule()
    def floor_never_lowers(cls) -> pl.Expr:
        """Return whether the work GPCI with the floor is at least the one without."""
        return pl.col("work_gpci_unfloored").is_null() | (pl.col("work_gpci") >= pl.col("work_gpci_unfloored"))


class OppsCap(dy.Schema):
    """Amounts after the OPPS cap, by code and locality. Source: OPPSCAP. [USD]"""

    hcpcs = dy.String(primary_key=True, regex=HCPCS)
    modifier = dy.String(primary_key=True, regex=MODIFIER)
    status_indicator = dy.String(regex=r"^[A-Z]$")
    mac = dy.String(primary_key=True, regex=MAC)
    locality = dy.String(primary_key=True, regex=LOCALITY)
    facility_amount = amount()
    nonfacility_amount = amount()


class Anesthesia(dy.Schema):
    """Anesthesia conversion factors by locality. Source: ANES. [USD per unit]"""

    mac = dy.String(primary_key=True, regex=MAC)
    locality = dy.String(primary_key=True, regex=LOCALITY)
    locality_name = dy.String(min_length=1)
    anesthesia_conversion_factor = dy.Decimal(8, 2, min=0)


class County(dy.Schema):
    """The counties of each locality, in CMS's words. Source: LOCCO."""

    mac = dy.String(primary_key=True, regex=MAC)
    locality = dy.String(primary_key=True, regex=LOCALITY)
    state_name = dy.String(min_length=1)  # repeated on every row; CMS prints it on the first of a state
    fee_schedule_area = dy.String(min_length=1)
    counties = dy.String(min_length=1)


class Zip5(dy.Schema):
    """Localities by ZIP code. Source: ZIP5."""

    zip = dy.String(primary_key=True, regex=r"^\d{5}$")
    state = dy.String(regex=r"^[A-Z]{2}$")
    mac = dy.String(regex=MAC)
    locality = dy.String(regex=LOCALITY)
    rural_indicator = dy.String(regex=r"^[RB]?$")  # "" urban, R rural, B super rural
    plus_four_flag = dy.String(regex=r"^[01]$")  # 1: the ZIP is split, ZIP+4 decides
    year_quarter = dy.String(regex=r"^\d{5}$")


class ZipPlus4(dy.Schema):
    """Localities by ZIP+4, with the years in force. Source: ZIP9, or the decoded ZIP+4 file."""

    zip = dy.String(primary_key=True, regex=r"^\d{5}$")
    plus_four = dy.String(primary_key=True, regex=r"^(\d{4})?$")  # "" the whole ZIP
    mac = dy.String(primary_key=True, regex=MAC)
    locality = dy.String(primary_key=True, regex=LOCALITY)
    first_year = dy.Int16(primary_key=True, min=1990)
    last_year = dy.Int16(min=1990)  # 9999: still holds


class BaseUnits(dy.Schema):
    """Anesthesia base units by code. Source: CMS's anesthesia base units file."""

    hcpcs = dy.String(primary_key=True, regex=HCPCS)
    base_units = dy.Int16(min=0)


class PaymentAmount(dy.Schema):
    """Amounts that CMS computed, without the OPPS cap, by code and locality. Source: PFREV, PFALL. [USD]

    The files repeat rows, so it has no key.
    """

    year = dy.Int16(min=1990)
    mac = dy.String(regex=MAC)
    locality = dy.String(regex=LOCALITY)
    hcpcs = dy.String(regex=HCPCS)
    modifier = dy.String(regex=MODIFIER)
    nonfacility_amount = amount()
    facility_amount = amount()
    pctc_indicator = dy.String()
    status_indicator = dy.String(regex=r"^[A-Z]$")
    mppr_indicator = dy.String()
    therapy_nonfacility_amount = amount()
    therapy_facility_amount = amount()
    opps_indicator = dy.String()
    opps_nonfacility_amount = amount()
    opps_facility_amount = amount()


class LookupAmount(dy.Schema):
    """Amounts of CMS's PFS look-up tool by code and locality. Source: the csv it downloads. [USD]

    The OPPS cap is not applied. Null: not paid in that setting (NA), or the file does not have the column. Users
    combine such files, so there is no key.
    """

    hcpcs = dy.String(regex=HCPCS)
    modifier = dy.String(regex=MODIFIER)
    mac_locality = dy.String(regex=r"^\d{7}$")  # contractor and locality in one; 0000000 is the nation
    status_indicator = dy.String(regex=r"^[A-Z]?$")
    nonfacility_amount = amount(nullable=True)
    facility_amount = amount(nullable=True)
    nonfacility_limiting_charge = amount(nullable=True)
    facility_limiting_charge = amount(nullable=True)
    conversion_factor = dy.Decimal(8, 4, min=0, nullable=True)  # USD per RVU
    opps_nonfacility_amount = amount(nullable=True)
    opps_facility_amount = amount(nullable=True)


SCHEMAS: dict[str, type[dy.Schema]] = {
    "rvu": Rvu,
    "rvu_qp": Rvu,  # the QPP member's rows
    "gpci": Gpci,
    "oppscap": OppsCap,
    "anesthesia": Anesthesia,
    "county": County,
    "zip5": Zip5,
    "zip_plus4": ZipPlus4,
    "base_units": BaseUnits,
    "payment_amount": PaymentAmount,
    "lookup_amount": LookupAmount,
}
