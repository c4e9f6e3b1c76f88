"""Schemas of the facility tables: OPPS and ASC addenda, ranks and complexity, device pairs, wage indices.

Amounts are national and unadjusted, in dollars, with every printed decimal; null is a cell that is blank or not a
figure. An APC has four digits. An indicator is kept as printed, even a new one; its meaning is decided where a line is
priced.
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from feecalc.tables.cells import ANY_INDICATOR, HCPCS, MODIFIER, figure, index_figure, share, source_line

APC = r"^(\d{4})?$"  # "" where the code has none
CBSA = r"^(\d{2}|\d{5})$"  # two digits are the rural area of a state


def _unread() -> dy.String:
    """Return the column type of a row's cells that are not figures, by column and text: ``payment_rate 'TBD'``."""
    return dy.String()


class Opps(dy.Schema):
    """OPPS payment by code: status indicator, APC, rate and copayment. Source: Addendum B. [USD]"""

    hcpcs = dy.String(primary_key=True, regex=HCPCS)
    status_indicator = dy.String(regex=ANY_INDICATOR)
    apc = dy.String(regex=APC)
    relative_weight = figure()
    payment_rate = figure()
    copayment = figure()
    minimum_copayment = figure()
    ira_coinsurance_rate = share()
    adjusted_copayment = figure()
    unread = _unread()
    source_line = source_line()


class Apc(dy.Schema):
    """OPPS payment by APC. Source: Addendum A, or the rate table of CMS's pricer. [USD]"""

    apc = dy.String(primary_key=True, regex=r"^\d{4}$")
    status_indicator = dy.String(regex=ANY_INDICATOR)
    relative_weight = figure()
    payment_rate = figure()
    copayment = figure()
    minimum_copayment = figure()
    ira_coinsurance_rate = share()
    adjusted_copayment = figure()
    unread = _unread()
    source_line = source_line()


class ComprehensiveRank(dy.Schema):
    """Ranks that decide which of a claim's comprehensive codes is primary. Source: Addendum J, ranks. [USD]"""

    hcpcs = dy.String(primary_key=True, regex=HCPCS)
    status_indicator = dy.String(regex=ANY_INDICATOR)
    apc = dy.String(regex=APC)
    apc_geometric_mean_cost = figure()
    claims = dy.Int64(min=0, nullable=True)
    single_unit_claims = dy.Int64(min=0, nullable=True)
    geometric_mean_cost = figure()
    rank = dy.Int32(min=1)  # 1 goes before 2
    deleted_code = dy.String()  # "D" or as CMS marks a code deleted since
    source_line = source_line()


class ComplexityAdjustment(dy.Schema):
    """Pairs of codes that raise the APC of the primary one. Source: Addendum J, complexity adjustments."""

    primary_hcpcs = dy.String(primary_key=True, regex=HCPCS)
    primary_status_indicator = dy.String(regex=ANY_INDICATOR)
    primary_apc = dy.String(regex=APC)
    secondary_hcpcs = dy.String(primary_key=True, regex=HCPCS)
    secondary_status_indicator = dy.String(regex=ANY_INDICATOR)
    secondary_apc = dy.String(regex=APC)  # "" for an add-on code
    adjusted_hcpcs = dy.String(regex=HCPCS)  # CMS's own name for the pair
    adjusted_apc = dy.String(regex=r"^\d{4}$")
    source_line = source_line()


class OppsWageIndex(dy.Schema):
    """Wage index by area (CBSA, or a state's rural area), for hospitals. Source: IPPS and OPPS pricer files."""

    cbsa = dy.String(primary_key=True, regex=CBSA)
    name = dy.String(min_length=1)
    wage_index = index_figure()  # null where the area has no hospital of its own
    wage_index_reclassified = index_figure()
    imputed_floor = index_figure()  # null where the area has none
    source_line = source_line()


class AscWageIndex(dy.Schema):
    """Wage index by area (CBSA, or a state's rural area), for ambulatory surgical centers.

    For 2025, CMS prints more than one index for some areas and does not say to whom each applies: ``ordinal`` counts
    them. An area without hospitals has none.
    """

    cbsa = dy.String(primary_key=True, regex=CBSA)
    ordinal = dy.Int16(primary_key=True, min=1)
    name = dy.String(min_length=1)
    wage_index = index_figure()
    source_line = source_line()


class Asc(dy.Schema):
    """ASC payment of covered procedures. Source: Addendum AA. [USD]"""

    hcpcs = dy.String(primary_key=True, regex=HCPCS)
    mark = dy.String()  # "**": a preventive service without coinsurance; "" for most
    multiple_procedure = dy.String(regex=ANY_INDICATOR)  # Y: discounted unless it is the highest of the day
    payment_indicator = dy.String(regex=ANY_INDICATOR)
    payment_weight = figure()
    payment_rate = figure()
    unread = _unread()
    source_line = source_line()


class AscAncillary(dy.Schema):
    """ASC payment of ancillary services, drugs and devices. Source: Addendum BB. [USD]"""

    hcpcs = dy.String(primary_key=True, regex=HCPCS)
    mark = dy.String()  # as Addendum AA's; "***": a non-opioid for pain
    payment_indicator = dy.String(regex=ANY_INDICATOR)
    payment_weight = figure()
    payment_rate = figure()
    adjusted_copayment = figure()  # after the Inflation Reduction Act
    pass_through_expires = dy.String(regex=ANY_INDICATOR)  # "*": within the year
    unread = _unread()
    source_line = source_line()


class AscExcluded(dy.Schema):
    """Surgical procedures that Medicare does not pay in an ASC. Source: Addendum EE."""

    hcpcs = dy.String(primary_key=True, regex=HCPCS)
    source_line = source_line()


class AscDeviceOffset(dy.Schema):
    """Device offsets: the device's part of a procedure. Source: Addendum FF. [USD; shares of 1]

    ``opps_payment_rate`` is the rate that the offset is a share of, before rounding and adjustment: not what OPPS pays.
    """

    hcpcs = dy.String(primary_key=True, regex=HCPCS)
    payment_indicator = dy.String(regex=ANY_INDICATOR)
    apc = dy.String(regex=APC)
    apc_device_offset_rate = share()
    opps_payment_rate = figure()
    device_offset_rate = share()
    device_offset_amount = figure()
    source_line = source_line()


class AscCodePair(dy.Schema):
    """Pairs of a device and the procedure that implants it, with the share by which the procedure's rate is offset."""

    device_hcpcs = dy.String(primary_key=True, regex=HCPCS)
    procedure_hcpcs = dy.String(primary_key=True, regex=HCPCS)
    device_modifier = dy.String(primary_key=True, regex=MODIFIER)
    procedure_modifier = dy.String(primary_key=True, regex=MODIFIER)
    percent_multiplier = figure(nullable=False)
    effective_from = dy.Date(primary_key=True)
    effective_to = dy.Date(nullable=True)
    source_line = source_line()

    @dy.rule()
    def ends_on_or_after_first_day(cls) -> pl.Expr:
        """Return whether the last day is not before the first."""
        return pl.col("effective_to").is_null() | (pl.col("effective_to") >= pl.col("effective_from"))


SCHEMAS: dict[str, type[dy.Schema]] = {
    "opps": Opps,
    "apc": Apc,
    "comprehensive_rank": ComprehensiveRank,
    "complexity_adjustment": ComplexityAdjustment,
    "opps_wage_index": OppsWageIndex,
    "asc_wage_index": AscWageIndex,
    "asc": Asc,
    "asc_ancillary": AscAncillary,
    "asc_excluded": AscExcluded,
    "asc_device_offset": AscDeviceOffset,
    "asc_code_pair": AscCodePair,
}
