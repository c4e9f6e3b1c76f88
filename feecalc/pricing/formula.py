"""The fee schedule amount. Source: SSA 1848(b)(1); RVU25D.pdf, page 2; Pub. 100-04 ch. 12 sec. 20.

Every argument is a scaled integer (``scale``): a Python int, a numpy array of int64, or a polars expression of Int64.
The three are the same formula and give the same cents.
"""

from __future__ import annotations

from typing import Any

from feecalc.money import FACTOR_PLACES, INDEX_PLACES, MONEY_PLACES, PERCENT_PLACES, RVU_PLACES

# One cent in units of RVU x index x factor: 10^(2 + 3 + 4 - 2).
UNITS_PER_CENT = 10 ** (RVU_PLACES + INDEX_PLACES + FACTOR_PLACES - MONEY_PLACES)

_WHOLE = 100 * 10**PERCENT_PLACES


def setting_free(work: Any, work_gpci: Any, mp: Any, mp_gpci: Any) -> Any:
    """Return work and malpractice times their indices: the same in both settings. [10^-5 RVU]"""
    return work * work_gpci + mp * mp_gpci


def adjusted_rvus(work: Any, work_gpci: Any, pe: Any, pe_gpci: Any, mp: Any, mp_gpci: Any) -> Any:
    """Return total relative value units, each part times its index. [10^-5 RVU]"""
    return setting_free(work, work_gpci, mp, mp_gpci) + pe * pe_gpci


def cents(adjusted: Any, conversion_factor: Any) -> Any:
    """Return adjusted RVUs times the conversion factor, rounded once, halves up: as CMS rounds. [cents]

    Equal to every amount of CMS's payment amount file PFREV4_2025; rounding halves to even is not.
    """
    return (adjusted * conversion_factor + UNITS_PER_CENT // 2) // UNITS_PER_CENT


def percent_cents(adjusted: Any, conversion_factor: Any, percent: int) -> Any:
    """Return a percent of the amount before it is rounded, rounded once, halves up. [cents]

    ``percent``: in hundredths of a percent. It is how CMS takes the limiting charge: reference/participation.toml.
    """
    unit = UNITS_PER_CENT * _WHOLE
    return (adjusted * conversion_factor * percent + unit // 2) // unit
