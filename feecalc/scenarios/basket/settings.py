"""A basket by setting: the services as they are given, and all of them in an office, a hospital, a surgical center."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.money import money
from feecalc.pricing.claims.columns import named_service
from feecalc.pricing.places.locality import Locality
from feecalc.pricing.schedule import FeeSchedule
from feecalc.scenarios.basket.prices import SERVICE, services_of, unit_prices

AS_GIVEN = "as given"


@dataclass(frozen=True)
class BySetting:
    """A basket by setting: what the physician is paid, not the facility. [USD]

    ``settings``: setting, place_of_service ("" as given), amount (of the services priced there), services and units
    priced, same_services_amount (of those that every setting prices), difference (of that, from the volume as given).
    ``services``: ``SERVICE``, service, units, then a column a setting of amounts of all units, null where not priced.
    """

    release: str
    settings: pl.DataFrame
    services: pl.DataFrame


def basket_across_settings(
    schedule: FeeSchedule,
    volume: pl.DataFrame,
    *,
    locality: Locality | str | None = None,
    qp: bool = False,
    gpci_floor: bool = True,
) -> BySetting:
    """Price a volume as given and wholly in each setting, in one locality or where none is given in the nation.

    Errors as ``basket_across_localities``.
    """
    day = schedule.release.day(None)
    place = schedule.find_locality(locality) if isinstance(locality, str) else locality
    services = services_of(volume, by_place=False).with_columns(
        pl.lit(place.mac if place else "").alias("mac"), pl.lit(place.locality if place else "").alias("locality")
    )
    settings = {AS_GIVEN: ""} | {
        row["name"]: row["place_of_service"] for row in reference.rows_on("basket_setting", day)
    }
    units = services["units"].to_numpy()
    found = [
        unit_prices(
            schedule,
            services.with_columns(pl.lit(code).alias("place_of_service")) if code else services,
            day,
            qp=qp,
            gpci_floor=gpci_floor,
        )
        for code in settings.values()
    ]
    same = np.logical_and.reduce([priced.priced for priced in found])
    rows = pl.DataFrame(
        {
            "setting": list(settings),
            "place_of_service": list(settings.values()),
            "amount": [int(units @ priced.cents) for priced in found],
            "services": [int(priced.priced.sum()) for priced in found],
            "units": [int(units[priced.priced].sum()) for priced in found],
            "same_services_amount": [int(units[same] @ priced.cents[same]) for priced in found],
        }
    ).with_columns((pl.col("same_services_amount") - pl.col("same_services_amount").first()).alias("difference"))
    by_service = services.select(
        *SERVICE,
        named_service(),
        "units",
        *(
            pl.when(pl.lit(pl.Series(priced.priced))).then(money(pl.lit(pl.Series(units * priced.cents)))).alias(name)
            for name, priced in zip(settings, found, strict=True)
        ),
    )
    amounts = ("amount", "same_services_amount", "difference")
    return BySetting(schedule.release.name, rows.with_columns(money(pl.col(name)) for name in amounts), by_service)
