"""Where a service is given: whole tests and therapy in facilities, and the bonus of a shortage area."""

from decimal import Decimal

from pricing.claims.cases.form import NO, Cases, is_, line, pays

CASES = Cases()
case = CASES.add

# --- Whole tests of a facility's patient: professional case 10 --------------------------------------------------------
OF_FACILITY = "technical_component_facility"
for place in ("19", "21", "22", "23", "31"):
    case(f"a whole test in place {place}", "ch. 13 sec. 20.2.1; RVU25D.pdf, PC/TC 4",
         (line("93000", place=place), is_(OF_FACILITY)), (line("93015", place=place), is_(OF_FACILITY)),
         (line("93224", place=place), is_(OF_FACILITY)), (line("93005", place=place), is_(OF_FACILITY)),
         (line("93010", place=place), pays("8.00")))
case("a whole test of no facility's patient", "RVU25D.pdf, PC/TC 4", (line("93000", place="11"), pays("20.00")))
case("a whole test in a nursing facility without a Part A stay", "ch. 26 sec. 10.5, code 32",
     (line("93000", place="32"), pays("20.00")))

# --- Therapy by place: professional case 11 ---------------------------------------------------------------------------
# SWALL: 85.00 in an office, 58.00 in a facility. Under a plan of care it is therapy: 85.00 in every place.
RATE = "sec. 20.4.2, last paragraph"
for modifier in ("GN", "GO", "GP"):
    case(f"a service under a plan of care ({modifier}) in a center", RATE,
         (line("SWALL", modifier, place="24"), pays("85.00", fee_schedule_amount="85.00", setting="nonfacility")))
case("the same service without a plan of care", RATE, (line("SWALL", place="24"), pays("58.00")))
case("therapy of a resident", RATE, (line("SWALL", "GN", place="31"), pays("85.00")),
     (line("THER1", "GP", place="31"), pays("40.00")))
case("therapy in a nursing facility", RATE, (line("SWALL", "GN", place="32"), pays("85.00")))
# THER9 would be 30.00 in a facility: always therapy, 40.00. Half of its PE of 20.00 is off on the second unit: 30.00.
case("a code that is always therapy", f"{RATE}; ch. 5 sec. 10.7", (line("THER9", place="24", units=2), pays("70.00")))

# --- The bonus of a shortage area: professional case 14; ch. 12 sec. 90.4 ---------------------------------------------
PAID = "sec. 90.4.4: of the amount actually paid"
# 100.00: the patient 20.00; 80.00 less 1.60 of sequestration: 78.40, 10 percent 7.84. Left out: 10 percent of 80.00.
case("a bonus", PAID, (line("VISIT", "AQ"), pays("100.00", medicare_paid="78.40", patient_share="20.00", bonus="7.84")))
case("a bonus before sequestration", PAID, (line("VISIT", "AQ"), pays("100.00", medicare_paid="78.40", bonus="8.00")),
     options={"bonus_after_sequestration": False})
case("no bonus without the modifier", "sec. 90.4.1", (line("VISIT"), pays("100.00", bonus=None)))
# 50.00 to the deductible: 40.00 less 0.80; nothing is paid on the second line's whole deductible.
case("a bonus of what is paid, not approved", PAID,
     (line("VISIT", "AQ", deductible_left=Decimal("50.00")), pays("100.00", medicare_paid="39.20", bonus="3.92")))
case("no bonus where the deductible takes all", PAID,
     (line("VISIT", "AQ", deductible_left=Decimal("257.00")), pays("100.00", medicare_paid="0.00", bonus="0.00")))
# Nonparticipating: 95.00; 76.00 less 1.52 = 74.48.
case("a bonus of a nonparticipating physician", "sec. 90.4.4: assigned or not",
     (line("VISIT", "AQ", participating=False), pays("95.00", medicare_paid="74.48", bonus="7.45")))
case("no bonus of a nurse practitioner", "sec. 90.4.2: physicians",
     (line("VISIT", "AQ", provider_type="np"), pays("85.00", bonus="0.00")))
# XRAY1: 50.00 = 10.00 + 40.00. 50.00 pays 39.20; a fifth of it is 7.84, 10 percent 0.784. 26 alone pays 7.84.
PARTS = "sec. 90.4.5.A"
case("a bonus of a global service", PARTS, (line("XRAY1", "AQ"), pays("50.00", medicare_paid="39.20", bonus="0.78")))
case("a bonus of the professional component", PARTS,
     (line("XRAY1", "26", "AQ"), pays("10.00", medicare_paid="7.84", bonus="0.78")))
case("no bonus of the technical component", PARTS, (line("XRAY1", "TC", "AQ"), pays("40.00", bonus="0.00")))
case("a global service in a hospital is its professional component", PARTS,
     (line("XRAY1", "AQ", place="22"), pays("10.00", bonus="0.78")))
# 93000: 20.00 = 12.00 + 8.00. 15.68 x 8 / 20 = 6.272, 10 percent 0.6272. 93005 has PC/TC 3, THER1 7.
case("a bonus of a whole test", PARTS, (line("93000", "AQ"), pays("20.00", medicare_paid="15.68", bonus="0.63")))
case("no bonus of technical work or therapy", PARTS, (line("93005", "AQ"), pays("12.00", bonus="0.00")),
     (line("THER1", "AQ"), pays("40.00", bonus="0.00")))
case("a whole test with two professional parts is returned", PARTS, (line("93015", "AQ"), is_(NO)),
     (line("93016", "AQ"), pays("22.00")), (line("93018", "AQ"), pays("15.00")))
# IMG02 340.00 + 102.00 beside IMG01 476.00 + 68.00: the second's parts pay 170.00 and, IMG02's reading being higher,
# 102.00 in full: 272.00. 272.00 - 54.40 = 217.60 - 4.35 = 213.25; x 102 / 272 = 79.96875, 10 percent 7.996875.
# IMG01: 476.00 + 95 percent of 68.00 = 540.60; 432.48 - 8.65 = 423.83; x 64.60 / 540.60 = 50.6463, 10 percent 5.06463.
case("a bonus of the reading that imaging's rule leaves", f"{PARTS}; sec. 40.6",
     (line("IMG01", "AQ"), pays("540.60", medicare_paid="423.83", bonus="5.06")),
     (line("IMG02", "AQ"), pays("272.00", medicare_paid="213.25", bonus="8.00")))
# CAP02: 20.00 + 80.00, capped at 90.00: the reading keeps its 20.00. 72.00 - 1.44 = 70.56 x 20 / 90 = 15.68.
case("the ceiling is on the technical part", f"{PARTS}; DRA 5102(b)",
     (line("CAP02", "AQ"), pays("90.00", medicare_paid="70.56", bonus="1.57")))
# Split care: 54 without, 55 with AQ: 100.00 of 500.00, 80.00 - 1.60 = 78.40.
case("a bonus of the care in the area alone", "sec. 40.2.D", (line("SURG5", "54"), pays("400.00", bonus=None)),
     (line("SURG5", "55", "AQ"), pays("100.00", bonus="7.84")))
# URODY, 100.00 + 300.00, second to SURG1: both parts at half. 200.00: 160.00 - 3.20 = 156.80; x 50 / 200 = 39.20.
case("a bonus of a test that ranks as surgery", f"{PARTS}; sec. 40.6.C", (line("SURG1"), pays("1043.48")),
     (line("URODY", "AQ"), pays("200.00", medicare_paid="156.80", bonus="3.92")))
# Both sides of XRAY1, one fee of 50.00, billed at 30.00 each: 30.00 and 20.00. 24.00 - 0.48 = 23.52 x 10 / 50 = 4.704;
# 16.00 - 0.32 = 15.68 x 10 / 50 = 3.136.
THIRTY = Decimal("30.00")
case("a bonus of the other side", f"{PARTS}; RVU25D.pdf, bilateral indicator 0",
     (line("XRAY1", "RT", "AQ", billed_amount=THIRTY), pays("30.00", medicare_paid="23.52", bonus="0.47")),
     (line("XRAY1", "LT", "AQ", billed_amount=THIRTY), pays("20.00", medicare_paid="15.68", bonus="0.31")))
# The schedule has no row of 93790, the reading of 93784: its part is not known, and that is no 0.00.
case("a bonus of a part that is not known", PARTS, (line("93784", "AQ"), pays("50.00", bonus=None)))
