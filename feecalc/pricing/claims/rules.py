"""The choices a person has where the manual leaves an order or a rounding open, or a payer differs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ClaimRules:
    """Choose the rules for claim lines. The defaults are Medicare's; what is assumed is named in reference/.

    Parameters
    ----------
    surgery, endoscopy, imaging, therapy, diagnostic : bool
        The multiple procedure payment reductions.
    two_units_are_both_sides, pair_charges_together : bool
        Bilateral services: two units of a service with bilateral indicator 1 are both sides; the charges for both sides
        are held against the amount for both.
    modifier_pairs : bool
        Refusing lines whose modifiers contradict each other, where that is assumed and no text of CMS says so.
    anesthesia_add_on_units : bool
        Paying the base units of an anesthesia add-on code (01953) for each unit, which no text of CMS says.
    assumed_preventive : bool
        Waiving the patient's share of preventive services where no text of CMS that was read says so.
    reduced_service, opps_cap, add_on_needs_primary, lower_of_billed, participation, practitioner_percent : bool
        Modifier 52 at the assumed percent, the OPPS cap on imaging, add-on codes without their primary, the lower of
        the bill and the fee, 95 percent for a nonparticipating physician, 85 percent for a nurse practitioner.
    deductible, coinsurance, sequestration, gpci_floor : bool
        The patient's share, the cut of Medicare's payment, the floor of 1.0 under the work GPCI.
    bonus_after_sequestration : bool
        The shortage area bonus (AQ) is of what is left after sequestration, which is assumed.
    surgery_percents, both_sides_percent, assistant_percent : text
        A payer's own percents in place of Medicare's, such as ``("100", "50", "25")`` or "150"; empty for Medicare's.
    mips_percent : text
        The practice's MIPS adjustment in percent of Medicare's part; may be negative.

    Returns
    -------
    ClaimRules
        Handed to ``price_claims``.

    Source
    ------
    Each rule's section of Pub. 100-04 stands with its row in ``feecalc/reference/``.

    Example
    -------
    >>> import feecalc
    >>> feecalc.ClaimRules(sequestration=False, surgery_percents=("100", "50", "25")).surgery_percents
    ('100', '50', '25')
    """

    two_units_are_both_sides: bool = True
    modifier_pairs: bool = True  # refusals that reference/modifier_pair.toml assumes
    anesthesia_add_on_units: bool = True  # 01953: base units for each unit, which is assumed
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
    assumed_preventive: bool = True  # rows of reference/cost_share.toml that are assumed
    sequestration: bool = True
    bonus_after_sequestration: bool = True  # assumed: no text says which comes first
    gpci_floor: bool = True
    surgery_percents: tuple[str, ...] = ()  # a payer's own, of the first procedure, the second, ... and all after them
    both_sides_percent: str = ""  # a payer's own, where Medicare pays more than one side and less than two
    assistant_percent: str = ""  # a payer's own, of the surgeon's fee
    mips_percent: str = "0"  # of Medicare's part, as the practice was told; may be negative


# What each rule of ClaimRules that can be left out does, for a person who chooses: an option's help, a check box.
RULE_WORDS = {
    "two_units_are_both_sides": "reading two units of a code that may be bilateral as a bilateral procedure",
    "modifier_pairs": "refusing lines whose modifiers contradict each other, where no text of CMS says so",
    "anesthesia_add_on_units": "the assumed base units for each unit of an anesthesia add-on code (01953)",
    "reduced_service": "the assumed percent for modifier 52 (reduced services)",
    "surgery": "multiple procedure payment reduction for surgery",
    "endoscopy": "multiple endoscopy reduction within a family of codes",
    "imaging": "multiple procedure payment reduction for imaging",
    "therapy": "multiple procedure payment reduction for therapy units",
    "diagnostic": "multiple procedure payment reduction for cardiovascular and ophthalmology tests",
    "opps_cap": "the OPPS cap on imaging (no more than the hospital outpatient rate)",
    "add_on_needs_primary": "denial of add-on codes without a primary procedure",
    "lower_of_billed": "the billed charge as a ceiling on the allowed amount",
    "pair_charges_together": "the charges for both sides, added up, as the ceiling for a bilateral procedure",
    "participation": "the reduction for nonparticipating billers",
    "practitioner_percent": "the lower percent for nurse practitioners and other nonphysician practitioners",
    "deductible": "the Part B deductible that the patient still owes",
    "coinsurance": "the patient's coinsurance",
    "assumed_preventive": "the patient's share of preventive services as it is assumed, where no text of CMS was read",
    "sequestration": "sequestration of Medicare's payment",
    "bonus_after_sequestration": "taking the shortage area bonus (AQ) of what is left after sequestration",
    "gpci_floor": "the floor of the work GPCI",
}
