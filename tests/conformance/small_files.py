"""Small files in CMS's shapes to compare releases with. Amounts are worked by hand from the figures of the rows:

    amount = (work x work GPCI + PE x PE GPCI + MP x MP GPCI) x 32.3465, rounded once, halves away from zero

    64493  work 1.52, PE 3.64 nonfacility, 1.05 facility, MP 0.16
      Miami (1.000, 1.027, 2.500)    nonfacility 1.52 + 3.73828 + 0.40  = 5.65828 -> 183.02555 -> 183.03
                                     facility    1.52 + 1.07835 + 0.40  = 2.99835 ->  96.98613 ->  96.99
      Alabama (1.000, 0.869, 0.575)  nonfacility 1.52 + 3.16316 + 0.092 = 4.77516 -> 154.45971 -> 154.46
                                     facility    1.52 + 0.91245 + 0.092 = 2.52445 ->  81.65712 ->  81.66
"""

from __future__ import annotations

from pathlib import Path

from cms_shaped import SERVICES, Service, oppscap_csv, payment_amount_txt, release_zip

from feecalc.conformance import Report
from feecalc.ingest.build import build
from feecalc.ingest.store import Store

MIAMI, ALABAMA, LOS_ANGELES = ("09102", "04"), ("10112", "00"), ("01182", "18")
EQUAL = [
    (*MIAMI, "64493", "  ", "A", "183.03", "96.99"),
    (*MIAMI, "64493", " ", "A", "183.03", "96.99"),  # CMS repeats rows so; each counts
    (*ALABAMA, "64493", "", "A", "154.46", "81.66"),
]

# Figures made up so that each side of the cap is met. Miami (1.000, 1.027, 2.500):
#   71001 TC  fee  5.00 x 1.027 + 0.02 x 2.500 = 5.185 -> 167.71660 -> 167.72
#             OPPS 4.00 x 1.027 + 0.03 x 2.500 = 4.183 -> 135.30541 -> 135.31: the lower
#   71002 TC  the same fee; OPPS 6.00 x 1.027 + 0.03 x 2.500 = 6.237 -> 201.74512: the fee of 167.72 is the lower
#   71003     contractor-priced: the OPPS amount alone, the global row with the work of its 26 row:
#             0.85 + 4.108 + 0.075 = 5.033 -> 162.79993 -> 162.80; TC 4.183 -> 135.31
#             Los Angeles (1.042, 1.194, 0.690), also printed under 01112-18:
#             0.8857 + 4.776 + 0.0207 = 5.6824 -> 183.80575 -> 183.81
IMAGING = {"pctc": "1", "opps_mp": "0.03"}
CAPPED = (
    Service("71001", "TC", "Picture, made up", "A", "0.00", "5.00", "5.00", "0.02", **IMAGING,
            opps_pe_nonfacility="4.00", opps_pe_facility="4.00"),
    Service("71002", "TC", "Picture, made up", "A", "0.00", "5.00", "5.00", "0.02", **IMAGING,
            opps_pe_nonfacility="6.00", opps_pe_facility="6.00"),
    Service("71003", "", "Picture, contractor's", "C", **IMAGING, opps_pe_nonfacility="4.00", opps_pe_facility="4.00"),
    Service("71003", "26", "Picture, contractor's", "A", "0.85", "0.30", "0.30", "0.04", pctc="1"),
    Service("71003", "TC", "Picture, contractor's", "C", **IMAGING, opps_pe_nonfacility="4.00",
            opps_pe_facility="4.00"),
)  # fmt: skip
CAP_ROWS = [
    ["71001", "TC", "A", *MIAMI, "135.31", "135.31"],
    ["71002", "TC", "A", *MIAMI, "167.72", "167.72"],
    ["71003", "", "C", *MIAMI, "162.80", "162.80"],
    ["71003", "", "C", *LOS_ANGELES, "183.81", "183.81"],
    ["71003", "", "C", "01112", "18", "183.81", "183.81"],
    ["71003", "TC", "C", *MIAMI, "135.31", "135.31"],
]


def installed(folder: Path, release: str = "25D", **changes: object) -> Store:
    """A store with one release of the small files."""
    store = Store()
    build(release_zip(folder, release, **changes), store=store)
    return store


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def payment(folder: Path, rows: list[tuple[str, ...]], *, year: int = 2025) -> Path:
    return written(folder, f"PFREV4_{year}.txt", payment_amount_txt(rows, year=year))


def counts(report: Report) -> tuple[int, int, int, int]:
    (comparison,) = report.comparisons
    count = comparison.count
    return count.rows, count.equal, count.different, count.not_computable


def with_cap(folder: Path, rows: list[list[str]]) -> Store:
    return installed(
        folder,
        services=(*SERVICES, *CAPPED),
        changed={"OPPSCAP_Oct.csv": oppscap_csv(rows)},
    )
