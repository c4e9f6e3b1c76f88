"""Medicare physician fees, exact to the cent and explained step by step.

``feecalc.open_schedule("2026C").price(hcpcs, place_of_service="11", locality="Miami, FL").allowed_amount`` is an exact
``Decimal``; README shows it at work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feecalc.errors import FeeCalcError

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from feecalc.pricing.schedule import FeeSchedule

__version__ = "0.1.0"
__all__ = ["FeeCalcError", "__version__", "open_schedule"]


def open_schedule(release: str | None = None, *, day: date | None = None, home: Path | None = None) -> FeeSchedule:
    """The fee schedule of a release (``"2026C"``), of the one in force on ``day``, or the newest installed.

    ``home`` is the folder of installed releases, by default the person's own. What should be known of the choice (it is
    starter data, a newer release is in force) comes as a warning. Raises a FeeCalcError that says what to do.
    """
    import warnings

    from feecalc import installed

    opened = installed.open_schedule(release, day=day, home=home)
    for notice in opened.notices:
        warnings.warn(notice, stacklevel=2)
    return opened.schedule
