"""Thresholds of an inference, from reference/contract_inference.toml."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from feecalc import reference


@dataclass(frozen=True)
class Thresholds:
    """What an inference must reach to be called sure; units and sources are in the reference table."""

    sure: Decimal
    services: int
    explained: Decimal
    of_a_code: float
    nats: float
    exact: float
    exact_share: float
    sequestration: float
    carve_out: float

    @classmethod
    def on(cls, day: date) -> Thresholds:
        """Return the thresholds in force on a day. Raises MissingRule."""
        values = {row["threshold"]: Decimal(row["value"]) for row in reference.rows_on("contract_inference", day)}
        return cls(
            sure=values["sure"],
            services=int(values["services"]),
            explained=values["explained"],
            of_a_code=float(values["of_a_code"]),
            nats=float(values["nats"]),
            exact=float(values["exact"]),
            exact_share=float(values["exact_share"]),
            sequestration=float(values["sequestration"]),
            carve_out=float(values["carve_out"]),
        )
