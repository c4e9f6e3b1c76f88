"""Who is one physician: groups, specialties, co-surgeons and assistants (professional cases 3 and 4)."""

from __future__ import annotations

from datetime import date
from typing import Any

from pricing.claims.cases.form import Cases, denied, line, pays

CASES = Cases()
case = CASES.add
ONE_PHYSICIAN = "Pub. 100-04 ch. 12 sec. 30.6.5, 40.8.B"


def by(npi: str, specialty: str = "", group: str = "G") -> dict[str, Any]:
    return {"billing_npi": group, "rendering_npi": npi, "specialty": specialty}


# --- Specialties ------------------------------------------------------------------------------------------------------
# Professional case 4: 1,043.48 and 500.00, each in full; the same as one physician's, 50 percent of 500.00.
case("two specialties of a group do not rank together", ONE_PHYSICIAN,
     (line("SURG1", **by("11", "20")), pays("1043.48", rank=1)),
     (line("SURG5", **by("12", "14")), pays("500.00", rank=1)))
case("one specialty of a group is one physician", ONE_PHYSICIAN,
     (line("SURG1", **by("11", "20")), pays("1043.48", rank=1)),
     (line("SURG5", **by("12", "20")), pays("250.00", rank=2)))
case("a code without its zero is the same", ONE_PHYSICIAN,
     (line("SURG1", **by("11", "02")), pays("1043.48")), (line("SURG5", **by("12", " 2")), pays("250.00")))
case("one taxonomy is one specialty", ONE_PHYSICIAN,
     (line("SURG1", **by("11", "207X00000X")), pays("1043.48")),
     (line("SURG5", **by("12", "207x00000x")), pays("250.00")))
case("physicians of unknown specialty do not rank together", ONE_PHYSICIAN,
     (line("SURG1", **by("11")), pays("1043.48")), (line("SURG5", **by("12")), pays("500.00")))
case("known and unknown do not rank together", ONE_PHYSICIAN,
     (line("SURG1", **by("11", "20")), pays("1043.48")), (line("SURG5", **by("12")), pays("500.00")))
case("one specialty of two groups is two physicians", ONE_PHYSICIAN,
     (line("SURG1", **by("11", "20")), pays("1043.48")), (line("SURG5", **by("12", "20", "H")), pays("500.00")))
case("an NPI is one physician whatever is known", ONE_PHYSICIAN,
     (line("SURG1", **by("11")), pays("1043.48")), (line("SURG5", **by("11")), pays("250.00")))
# The specialty stands on a line of another day of the beneficiary: 12 is of 20 there, as 11 is.
case("a specialty on any line of the patient", ONE_PHYSICIAN,
     (line("SURG1", beneficiary_id="B", **by("11", "20")), pays("1043.48")),
     (line("SURG5", beneficiary_id="B", **by("12")), pays("250.00")),
     (line("SURG4", beneficiary_id="B", date_of_service=date(2025, 7, 2), **by("12", "20")), pays("1000.00")))
# Two specialties of one NPI: of none surely, and still one physician: 1,000.00, half of 922.90, half of 500.00.
case("an NPI of two specialties", ONE_PHYSICIAN,
     (line("SURG1", **by("11", "20")), pays("1043.48")), (line("SURG5", **by("12", "20")), pays("250.00")),
     (line("SURG4", **by("12", "14")), pays("1000.00")), (line("SURG3", **by("12")), pays("461.45")))
# A surgeon's own two rank (500.00 at half), his colleague's by itself.
case("each surgeon's own procedures rank", "sec. 40.8.B",
     (line("SURG1", **by("11", "20")), pays("1043.48")), (line("SURG5", **by("11")), pays("250.00")),
     (line("SURG4", **by("12", "14")), pays("1000.00")))
case("no billing NPI: the rendering one is the group", ONE_PHYSICIAN,
     (line("SURG1", **by("11", "20", "")), pays("1043.48")), (line("SURG5", **by("12", "20", "")), pays("500.00")))
# --- A line without an NPI: the only one that its claim names ---------------------------------------------------------
# Beside 1,043.48 of the same physician 922.90 is second, 461.45, and 500.00 third, 250.00.
NPI_OF_CLAIM = "sec. 30.6.5; professional case 4 with a blank"
case("a rendering NPI missing on one line", NPI_OF_CLAIM, (line("SURG1", **by("11", "20")), pays("1043.48", rank=1)),
     (line("SURG5", **by("")), pays("250.00", rank=3)), (line("SURG3", **by("", "20")), pays("461.45", rank=2)))
case("a billing NPI missing on one line", NPI_OF_CLAIM, (line("SURG1", **by("11", group="")), pays("1043.48")),
     (line("SURG5", **by("11")), pays("250.00")))
case("both missing on one line", NPI_OF_CLAIM, (line("SURG1", **by("11")), pays("1043.48")),
     (line("SURG5", **by("", group="")), pays("250.00")))
case("two rendering NPIs: a blank is of neither surely", NPI_OF_CLAIM,
     (line("SURG1", **by("11", "20")), pays("1043.48")), (line("SURG4", **by("12", "14")), pays("1000.00")),
     (line("SURG5", **by("")), pays("500.00")))
case("another claim's NPI says nothing", NPI_OF_CLAIM,
     (line("SURG1", beneficiary_id="B", **by("11", "20")), pays("1043.48")),
     (line("SURG5", beneficiary_id="B", claim_id="C", **by("")), pays("500.00")))
# Two patients' claims of one number: the second one's names nobody, and its 500.00 and 922.90 are one physician's.
case("another patient's NPI says nothing", NPI_OF_CLAIM,
     (line("SURG1", beneficiary_id="B", **by("11", "20")), pays("1043.48")),
     (line("SURG5", beneficiary_id="C", **by("")), pays("250.00")),
     (line("SURG3", beneficiary_id="C", **by("")), pays("922.90")))
# The visit and the status T line are of one physician: TINJ1 is part of it.
case("status T with a blank NPI", NPI_OF_CLAIM,
     (line("TINJ1", **by("")), denied("bundled", "97")), (line("VISIT", **by("11")), pays("100.00")))
case("a specialty missing on one line, and no rendering NPI", NPI_OF_CLAIM,
     (line("SURG1", **by("", "20")), pays("1043.48")), (line("SURG5", **by("")), pays("250.00")))
case("a specialty of another NPI is not taken", NPI_OF_CLAIM,
     (line("SURG1", **by("11", "20")), pays("1043.48")), (line("SURG5", **by("12")), pays("500.00")))
# Therapy of one group, one line without its billing NPI: 30.00 in full beside 36.00, as above.
case("therapy with a blank billing NPI", NPI_OF_CLAIM, (line("THER1", "GP", **by("11", "65")), pays("30.00")),
     (line("THER2", "GO", **by("12", "67", "")), pays("36.00")))
# --- Critical care of a group -----------------------------------------------------------------------------------------
# The colleague's first hour stands on a claim of his own: alone the further time is paid.
case("critical care after a colleague's first hour", "sec. 30.6.12(I)", (line("99292"), pays("110.00")))
case("another add-on alone is not", "NCCI policy manual ch. 1 sec. R",
     (line("99292"), pays("110.00")), (line("ADDON"), denied("add_on_without_primary", "234")))
# --- What looks at one physician, and what at the group ---------------------------------------------------------------
# No pair of sides between two physicians: 200.00 each, not 200.00 + 100.00.
case("sides of two physicians are no pair", "sec. 40.7", (line("MINO2", "RT", **by("11", "20")), pays("200.00")),
     (line("MINO2", "LT", **by("12", "14")), pays("200.00")))
# ENDO1 310.02 and ENDO2 275.12 of one family (base 200.00): of two physicians both in full.
case("endoscopies of two physicians", "sec. 40.6.C", (line("ENDO1", **by("11", "10")), pays("310.02")),
     (line("ENDO2", **by("12", "06")), pays("275.12")))
case("status T beside a colleague's visit", "RVU25D.pdf, status T", (line("TINJ1", **by("11", "11")), pays("25.00")),
     (line("VISIT", **by("12", "06")), pays("100.00")))
# Therapy of all disciplines of a group is one: THER1 30.00 beside THER2 36.00, as of one therapist.
case("therapy of two disciplines of a group", "ch. 5 sec. 10.7", (line("THER1", "GP", **by("11", "65")), pays("30.00")),
     (line("THER2", "GO", **by("12", "67")), pays("36.00")))
# MM7442's example: 68 x 95 percent + 476 = 540.60 beside 102 + 340 x 50 percent = 272.00, for the whole group.
case("images of two physicians of a group", "ch. 12 sec. 40.6; CR 9647",
     (line("IMG01", **by("11", "30")), pays("540.60")), (line("IMG02", **by("12", "94")), pays("272.00")))
# --- Co-surgeons and assistants ---------------------------------------------------------------------------------------
# Professional case 3: 62.5 percent of 1,000.00 for each.
for name, one, two in (
    ("of unknown specialty", by("11"), by("12")), ("of two specialties", by("11", "20"), by("12", "14")),
    ("of one specialty", by("11", "20"), by("12", "20")), ("without NPIs", {}, {}), ("of one NPI", by("11"), by("11")),
):  # fmt: skip
    case(f"two co-surgeons {name}", "sec. 40.8.B", (line("SURG4", "62", **one), pays("625.00", rank=1)),
         (line("SURG4", "62", **two), pays("625.00", rank=1)))
# The surgeon's own 500.00 ranks with his 625.00: 250.00.
case("a co-surgeon's own procedure", "secs. 40.6.A, 40.8.B", (line("SURG4", "62"), pays("625.00")),
     (line("SURG4", "62"), pays("625.00")), (line("SURG5"), pays("250.00")))
# Two codes of two co-surgeons: each 625.00, and 500.00 x 62.5 percent = 312.50, halved 156.25.
case("two codes of two co-surgeons", "secs. 40.6.A, 40.8.B", (line("SURG4", "62"), pays("625.00", rank=1)),
     (line("SURG5", "62"), pays("156.25", rank=2)), (line("SURG4", "62"), pays("625.00", rank=1)),
     (line("SURG5", "62"), pays("156.25", rank=2)))
# 62 on one line alone: no two surgeons are said; 312.50 ranks second, 156.25.
case("62 on one line of a code", "sec. 40.8.B", (line("SURG4", "62"), pays("625.00")),
     (line("SURG5", "62"), pays("156.25")))
# Each side of each surgeon: 1,000.00 and 500.00 of a pair, x 62.5 percent: 625.00 and 312.50, for both.
case("both sides of two co-surgeons", "secs. 40.7, 40.8.B", (line("SURG4", "62", "RT"), pays("625.00")),
     (line("SURG4", "62", "LT"), pays("312.50")), (line("SURG4", "62", "RT"), pays("625.00")),
     (line("SURG4", "62", "LT"), pays("312.50")))
# 16 percent of 1,043.48 = 166.9568 -> 166.96, and of 1,000.00: two assistants, each by himself.
case("two assistants of one specialty", "sec. 40.6.A", (line("SURG1", "80", **by("13", "20")), pays("166.96", rank=1)),
     (line("SURG4", "80", **by("14", "20")), pays("160.00", rank=1)))
