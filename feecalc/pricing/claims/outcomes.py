"""Why a line has the amount it has: pricing statuses as small numbers, and the words they stand for."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

import numpy as np

PRICED = 0
KIND = np.int32  # of an array of outcomes: a reason may name an amount, which is a place's own

_PLACE = "no such place of service is in use on the date of service"
_KNOWN = (
    ("priced", ""),
    ("invalid_date", "the date of service is missing or cannot be read"),
    ("no_release", "no release that is open here prices the date of service"),
    ("unknown_code", "the release that is open here has no such code"),
    ("unknown_modifier", "a modifier is not one the rules know on the date of service"),
    ("unknown_place_of_service", _PLACE),
    ("unknown_locality", "the release has no such payment locality, or none is given"),
    ("invalid_units", "units must be a whole number from 1 to 9,999"),
    ("invalid_billed_amount", "a billed amount cannot be below 0"),
    ("unknown_provider_type", "the provider type is not one the rules know on the date of service"),
    (
        "invalid_postoperative_days",
        "days of postoperative care (with modifier 55 units above 1 are days) must lie within the global period",
    ),
    ("modifier_does_not_apply", "a modifier does not apply to this code: see its indicators in the release"),
    ("contractor_priced", "the Medicare contractor sets the price of a service discontinued or reduced like this"),
    ("noncovered", "billed with a modifier that says the service is not covered"),
    ("not_necessary", "billed with a modifier that says the service is not reasonable and necessary"),
    ("by_report", "a surgical team is paid by report: the contractor decides"),
    ("assistant_not_paid", "Medicare does not pay an assistant at this surgery"),
    ("bundled", "the fee of the other side covers both sides"),
    ("bundled", "the base endoscopy is part of the other endoscopy of its family"),
    ("bundled", "paid only where nothing else under the fee schedule is paid that day"),
    ("add_on_without_primary", "an add-on code is paid only beside a primary service, and none is paid that day"),
    ("denied_by_edit", "an edit denies the line: feecalc check says which, and what to do"),
    ("minutes_missing", "An anesthesia service is paid by its time too: give its minutes, 1 to 2,880."),
    (
        "base_units_missing",
        "An anesthesia service is paid by base and time units, and no base units are loaded for this code: load CMS's "
        "base units file with feecalc build FILE.",
    ),
    (
        "not_computable",
        "The release holds no anesthesia conversion factor for this locality and participant: CMS prints none of QPs "
        "by locality, and those of everybody else in its ANES file.",
    ),
    (
        "bundled",
        "the anesthesia of a session is one payment: the line of the highest base units has the time of all",
    ),
)  # fmt: skip
(
    _,
    INVALID_DATE,
    NO_RELEASE,
    UNKNOWN_CODE,
    UNKNOWN_MODIFIER,
    UNKNOWN_PLACE_OF_SERVICE,
    UNKNOWN_LOCALITY,
    INVALID_UNITS,
    INVALID_BILLED_AMOUNT,
    UNKNOWN_PROVIDER_TYPE,
    INVALID_POSTOPERATIVE_DAYS,
    MODIFIER_DOES_NOT_APPLY,
    CONTRACTOR_DECIDES,
    NONCOVERED,
    NOT_NECESSARY,
    BY_REPORT,
    ASSISTANT_NOT_PAID,
    OTHER_SIDE_INCLUDED,
    ENDOSCOPIC_BASE_INCLUDED,
    PAID_ONLY_ALONE,
    ADD_ON_WITHOUT_PRIMARY,
    DENIED_BY_EDIT,
    MINUTES_MISSING,
    BASE_UNITS_MISSING,
    NO_ANESTHESIA_FACTOR,
    IN_ANOTHER_ANESTHETIC,
) = range(len(_KNOWN))
# Decided by another line, or by an edit: the line itself could have been priced, and what it pays is nothing.
BY_ANOTHER_LINE = (
    OTHER_SIDE_INCLUDED, ENDOSCOPIC_BASE_INCLUDED, PAID_ONLY_ALONE, ADD_ON_WITHOUT_PRIMARY, DENIED_BY_EDIT,
    IN_ANOTHER_ANESTHETIC,
)  # fmt: skip

# What is wrong with a line as it was written, or is missing to price it; every other status is Medicare's own answer.
WRONG = frozenset(
    _KNOWN[number][0]
    for number in (
        *range(INVALID_DATE, CONTRACTOR_DECIDES), MINUTES_MISSING, BASE_UNITS_MISSING, NO_ANESTHESIA_FACTOR
    )
)  # fmt: skip


_ADDING = Lock()  # batches are priced side by side


@dataclass
class Outcomes:
    """Number pairs of pricing status and reason: the ones above, then those of the release's rows as they are met."""

    pairs: list[tuple[str, str]] = field(default_factory=lambda: list(_KNOWN))
    _number: dict[tuple[str, str], int] = field(default_factory=dict)

    def number(self, pricing_status: str, reason: str) -> int:
        """Return the number of a pair that a row's status, place or indicator gives."""
        pair = (pricing_status, reason)
        with _ADDING:
            if pair not in self._number:
                self._number[pair] = len(self.pairs)
                self.pairs.append(pair)
            return self._number[pair]
