"""The choices a person has where the manual leaves an order or a rounding open, or a payer differs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ClaimRules:
    """Which rules are applied. The defaults are Medicare's; what is assumed is named in reference/."""

    two_units_are_both_sides: bool = True
    reduced_service: bool = True  # 52 at the assumed percent; without it 52 is the contractor's
    surgery: bool = True
    endoscopy: bool = True
    imaging: bool = True
    therapy: bool = True
    diagnostic: bool = True  # cardiovascular and ophthalmology
    opps_cap: bool = True
    add_on_needs_primary: bool = True
    lower_of_billed: bool = True
    pair_charges_together: bool = True  # the charges for both sides against the amount for both
    participation: bool = True
    practitioner_percent: bool = True
    deductible: bool = True
    coinsurance: bool = True
    sequestration: bool = True
    gpci_floor: bool = True
    surgery_percents: tuple[str, ...] = ()  # a payer's own, of the first procedure, the second, ... and all after them
    both_sides_percent: str = ""  # a payer's own, where Medicare pays more than one side and less than two
    assistant_percent: str = ""  # a payer's own, of the surgeon's fee
    mips_percent: str = "0"  # of Medicare's part, as the practice was told; may be negative
