"""How sure is sure: the thresholds of an inference, from reference/contract_inference.toml."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from feecalc import reference


@dataclass(frozen=True)
class Thresholds:
    """What is asked of an inference before it is called sure; units and evidence stand in the table."""

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
        """Return the thresholds of a day. Raises MissingRule."""
        value = {row["threshold"]: Decimal(row["value"]) for row in reference.rows_on("contract_inference", day)}
        return cls(
            sure=value["sure"],
            services=int(value["services"]),
            explained=value["explained"],
            of_a_code=float(value["of_a_code"]),
            nats=float(value["nats"]),
            exact=float(value["exact"]),
            exact_share=float(value["exact_share"]),
            sequestration=float(value["sequestration"]),
            carve_out=float(value["carve_out"]),
        )
