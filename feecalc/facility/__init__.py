"""OPPS and ASC: what the facility is paid for a case or for claim lines, what is packaged, what the patient owes.

``FacilitySchedule`` prices; ``open_facility`` makes one from what is installed.
"""

from feecalc.facility.opening import open_facility
from feecalc.facility.result import FacilityLine, FacilityPrice
from feecalc.facility.schedule import FacilitySchedule, price_facility_claims

__all__ = ["FacilityLine", "FacilityPrice", "FacilitySchedule", "open_facility", "price_facility_claims"]
