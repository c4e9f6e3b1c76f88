"""Facility payment under OPPS and in ASCs: of a case or of claim lines, with packaging and patient responsibility.

``FacilitySchedule`` prices; ``open_facility`` opens one from the installed files.
"""

from feecalc.facility.opening import open_facility
from feecalc.facility.result import FacilityLine, FacilityPrice
from feecalc.facility.schedule import FacilitySchedule, price_facility_claims

__all__ = ["FacilityLine", "FacilityPrice", "FacilitySchedule", "open_facility", "price_facility_claims"]
