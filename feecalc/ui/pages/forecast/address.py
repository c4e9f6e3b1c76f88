"""What the page Practice forecast keeps in its address: ``?years=3&draws=10000&seed=1&release=RVU26C&by=category``.

The scenario does not stand in it: it is edited on the page, or a file of the person's own.
"""

from __future__ import annotations

from feecalc.scenarios.forecast.result import BY
from feecalc.ui.shared import address
from feecalc.ui.shared.address import Address, Parameter

YEARS, DRAWS, SEED, RELEASE = "forecast_years", "forecast_draws", "forecast_seed", "forecast_release"
GROUP = "forecast_group"
USUAL_YEARS, USUAL_DRAWS, USUAL_SEED = 3, 10_000, 1

ADDRESS = Address(
    "forecast",
    {
        "years": Parameter(YEARS, address.whole(2)),
        "draws": Parameter(DRAWS, address.whole(6)),
        "seed": Parameter(SEED, address.whole(9)),
        "release": Parameter(RELEASE, address.upper(r"RVU[0-9]{2}[0-9A-Z_]{1,10}")),
        "by": Parameter(GROUP, address.text("|".join(BY))),
    },
    defaults={YEARS: USUAL_YEARS, DRAWS: USUAL_DRAWS, SEED: USUAL_SEED, GROUP: BY[0]},
)
