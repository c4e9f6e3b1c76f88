"""The rows the writers write unless told otherwise: services of RVU25D, areas of GPCI2025, made-up descriptions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

MONTHS = {"A": ("January", "JAN"), "B": ("April", "APR"), "C": ("July", "JUL"), "D": ("October", "OCT")}


@dataclass(frozen=True)
class Service:
    """One row of PPRRVU. Totals follow from their parts unless given."""

    hcpcs: str
    modifier: str = ""
    description: str = "A service made up for tests"
    status: str = "A"
    work: str = "0.00"
    pe_nonfacility: str = "0.00"
    pe_facility: str = "0.00"
    mp: str = "0.00"
    na_nonfacility: str = ""
    na_facility: str = ""
    pctc: str = "0"
    global_days: str = "XXX"
    pre: str = "0.00"
    intra: str = "0.00"
    post: str = "0.00"
    mppr: str = "0"
    bilateral: str = "0"
    assistant: str = "0"
    cosurgeon: str = "0"
    team: str = "0"
    pricing: str = "9"
    endoscopic_base: str = ""
    supervision: str = "09"
    calculation_flag: str = "0"
    imaging_family: str = "99"
    opps_pe_nonfacility: str = "0.00"
    opps_pe_facility: str = "0.00"
    opps_mp: str = "0.00"
    total_nonfacility: str | None = None
    total_facility: str | None = None

    def total(self, setting: str) -> str:
        """The printed total of ``setting``."""
        given = self.total_facility if setting == "facility" else self.total_nonfacility
        pe = self.pe_facility if setting == "facility" else self.pe_nonfacility
        return given if given is not None else str(Decimal(self.work) + Decimal(pe) + Decimal(self.mp))


@dataclass(frozen=True)
class Area:
    """One locality: its indices, county words and anesthesia factor."""

    mac: str
    locality: str
    state: str
    name: str
    work: str
    pe: str
    mp: str
    unfloored: str
    state_name: str
    area: str
    counties: str
    anesthesia: str


_UNPAID = {"pctc": "9", "mppr": "9", "bilateral": "9", "assistant": "9", "cosurgeon": "9", "team": "9"}

SERVICES = (
    Service("00100", "", "Anesthesia, made up", "J", **_UNPAID),
    Service("27447", "", "Big joint, replaced", "A", "19.60", "15.30", "15.30", "3.98", "NA", "", "0", "090",
            "0.10", "0.69", "0.21", "2", "1", "2", "1"),
    Service("43235", "", "Scope, looking", "A", "2.09", "6.18", "1.29", "0.27", global_days="000", mppr="2",
            assistant="1"),
    Service("43239", "", "Scope, sampling", "A", "2.39", "8.36", "1.42", "0.29", global_days="000", mppr="3",
            assistant="1", endoscopic_base="43235"),
    Service("64493", "", "Low back joint, first", "A", "1.52", "3.64", "1.05", "0.16", global_days="000", mppr="2",
            bilateral="1", assistant="2"),
    Service("64494", "", "Low back joint, second", "A", "1.00", "1.62", "0.42", "0.10", global_days="ZZZ",
            bilateral="1", assistant="2"),
    Service("70551", "", "Head picture", "A", "1.48", "4.41", "4.41", "0.09", "", "NA", "1", mppr="4",
            imaging_family="88", opps_pe_nonfacility="7.96", opps_pe_facility="7.96", opps_mp="0.11"),
    Service("70551", "26", "Head picture", "A", "1.48", "0.53", "0.53", "0.07", pctc="1", mppr="4",
            imaging_family="88"),
    Service("70551", "TC", "Head picture", "A", "0.00", "3.88", "3.88", "0.02", "", "NA", "1", mppr="4",
            imaging_family="88", opps_pe_nonfacility="7.43", opps_pe_facility="7.43", opps_mp="0.04"),
    Service("77003", "", "Needle seen by X-ray", "A", "0.60", "2.44", "2.44", "0.04", "", "NA", "1", "ZZZ"),
    Service("77003", "26", "Needle seen by X-ray", "A", "0.60", "0.21", "0.21", "0.03", pctc="1", global_days="ZZZ"),
    Service("77003", "TC", "Needle seen by X-ray", "A", "0.00", "2.23", "2.23", "0.01", "", "NA", "1", "ZZZ",
            supervision="03"),
    Service("97110", "", 'Exercises, "guided"', "A", "0.45", "0.43", "0.43", "0.01", "", "NA", "7", mppr="5"),
    Service("99070", "", "Supplies, bundled", "B", **_UNPAID),
    Service("99213", "", "Visit, 20 minutes", "A", "1.30", "1.35", "0.57", "0.10"),
    Service("99499", "", "Visit, not listed", "C"),
    Service("A0021", "", "Ride, not Medicare's", "I", **_UNPAID),
    Service("G2211", "", "Visit, added on", "A", "0.33", "0.13", "0.13", "0.02", global_days="ZZZ"),
)  # fmt: skip


def with_figures(lines: str) -> tuple[Service, ...]:
    """Return services of ``SERVICES`` with another year's figures, a line each.

    A line is hcpcs, modifier, work, PE nonfacility, PE facility, MP and, for imaging, the PE and MP used for OPPS. A
    service that is paid nothing is its code alone.
    """
    known = {(row.hcpcs, row.modifier): row for row in SERVICES}
    names = ("work", "pe_nonfacility", "pe_facility", "mp", "opps_pe_nonfacility", "opps_mp")
    found = []
    for line in lines.strip().splitlines():
        hcpcs, modifier, *figures = line.split("|")
        given = dict(zip(names, figures, strict=False))
        if "opps_pe_nonfacility" in given:
            given["opps_pe_facility"] = given["opps_pe_nonfacility"]
        found.append(replace(known[hcpcs, modifier], **given))
    return tuple(found)


def areas_of(lines: str) -> tuple[Area, ...]:
    """Return the localities of lines of cells, in the order of the fields of ``Area``."""
    return tuple(Area(*line.split("|")) for line in lines.strip().splitlines())


AREAS = areas_of("""
10112|00|AL|ALABAMA|1.000|0.869|0.575|1.000|ALABAMA|STATEWIDE|ALL COUNTIES|19.31
02102|01|AK|ALASKA*|1.500|1.081|0.592|1.500|ALASKA|STATEWIDE|ALL COUNTIES|27.86
01182|18|CA|LOS ANGELES-LONG BEACH-ANAHEIM|1.042|1.194|0.690|1.042|CALIFORNIA|LOS ANGELES|LOS ANGELES/ORANGE|21.22
01112|05|CA|SAN FRANCISCO|1.088|1.419|0.445|1.088||SAN FRANCISCO|SAN FRANCISCO/ALAMEDA|22.37
09102|03|FL|FORT LAUDERDALE|1.000|0.998|1.770|0.993|FLORIDA|FORT LAUDERDALE|BROWARD, COLLIER, AND ST. LUCIE|21.33
09102|04|FL|MIAMI|1.000|1.027|2.500|0.994||MIAMI|DADE AND MONROE|22.39
09102|99|FL|REST OF FLORIDA|1.000|0.940|1.467|0.989||REST OF STATE|ALL OTHER COUNTIES|20.73
""")
