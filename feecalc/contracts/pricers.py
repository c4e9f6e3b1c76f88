"""The pricers of ``paying.pricers``, by the name that other packages know."""

from feecalc.contracts.paying.pricers import NATIONAL, national_schedule, pricer_of_day, pricer_with_factor

__all__ = ["NATIONAL", "national_schedule", "pricer_of_day", "pricer_with_factor"]
