"""Several imaging services of a day, the OPPS cap, and old equipment."""

from pricing.claims.cases.form import NO, Cases, is_, line, pays

CASES = Cases()
case = CASES.add

# --- Diagnostic imaging: sec. 40.6, ch. 13 sec. 20.2; PC 95 percent from 2017 (MM9647) --------------------------------
# IMG01 68.00 + 476.00, IMG02 102.00 + 340.00. TC: 476.00, 340.00 x 50 percent = 170.00. PC: 102.00, 68.00 x 95 percent
# = 64.60. IMG01: 544.00 - 3.40 = 540.60; IMG02: 442.00 - 170.00 = 272.00. Together 812.60.
case("two globals", "ch. 13 sec. 20.2", (line("IMG01"), pays("540.60", rank=1)),
     (line("IMG02"), pays("272.00", rank=2)))
case("two technical components", "ch. 13 sec. 20.2", (line("IMG02", "TC"), pays("170.00", rank=2)),
     (line("IMG01", "TC"), pays("476.00")))
case("two professional components", "ch. 13 sec. 20.2", (line("IMG01", "26"), pays("64.60", rank=2)),
     (line("IMG02", "26"), pays("102.00")))
# The global's PC of 68.00 is second to 102.00; its TC is alone: 544.00 - 3.40.
case("a global with a 26 of the same family", "ch. 13 sec. 20.2", (line("IMG01"), pays("540.60", rank=1)),
     (line("IMG02", "26"), pays("102.00", rank=1)))
# Two units: PC 68.00 + 64.60, TC 476.00 + 238.00 = 846.60.
case("two units of a global", "ch. 13 sec. 20.2", (line("IMG01", units=2), pays("846.60")))
# A separate session: 442.00 stays whole and does not rank.
case("59 lifts the reduction", "ch. 13 sec. 20.2", (line("IMG01"), pays("544.00", rank=1)),
     (line("IMG02", "59"), pays("442.00", rank=None)))
# Both knees: PC 50.00 + 47.50, TC 200.00 + 100.00 = 397.50.
case("50 on an image of indicator 3", "secs. 40.6, 40.7", (line("IMGB3", "50"), pays("397.50", bilateral_factor="2")))
# A hospital's patient: the 26 rows only, 102.00 and 64.60; the TC is the hospital's.
case("imaging in a hospital", "ch. 13 sec. 20.2.1",
     (line("IMG01", place="22"), pays("64.60", fee_schedule_amount="68.00")),
     (line("IMG02", place="22"), pays("102.00", fee_schedule_amount="102.00")),
     (line("IMG01", "TC", place="22"), is_("technical_component_facility")))
# 52 takes half of each part: PC 34.00 x 95 percent = 32.30, TC 476.00 x 50 percent = 238.00 first: 272.00 - 1.70.
case("52 and imaging", "assumed 50 percent; ch. 13 sec. 20.2", (line("IMG01", "52"), pays("270.30")),
     (line("IMG02"), pays("272.00")))
# Before 2017 the PC was paid at 75 percent: see the amounts of 2012 in test_worked_examples.

# --- OPPS cap: DRA 5102(b), after the reductions; FX, FY, CT: after the cap -------------------------------------------
# CAP01 50.00 + 250.00, ceilings 150.00 and 100.00 (TC). CAP02 20.00 + 80.00, ceilings 90.00 and 70.00.
case("the cap alone", "DRA 5102(b)", (line("CAP02"), pays("90.00", opps_cap="90.00", fee_schedule_amount="100.00")))
case("the cap on a TC", "DRA 5102(b)", (line("CAP02", "TC"), pays("70.00", opps_cap="70.00")))
case("no cap on a 26", "DRA 5102(b)", (line("CAP02", "26"), pays("20.00", opps_cap=None)))
case("the cap by unit", "DRA 5102(b)", (line("CAP02", units=3), pays("270.00", opps_cap="270.00")))
# Second to 476.00: TC 125.00, above its ceiling of 100.00; PC 50.00 second to 68.00: 47.50.
# 300.00 - 125.00 - 2.50 = 172.50; less 125.00 - 100.00 = 147.50.
case("reduced, then capped", "DRA 5102(b); ch. 13 sec. 20.2", (line("IMG01"), pays("544.00")),
     (line("CAP01"), pays("147.50")))
# TC line: 125.00, then 100.00.
case("a TC reduced, then capped", "DRA 5102(b)", (line("IMG01", "TC"), pays("476.00")),
     (line("CAP01", "TC"), pays("100.00")))
# XRAY1 and 70450 10.00 + 40.00: FX 50.00 - 8.00; TC 32.00; FY 36.00; CT 34.00.
case("FX on a global", "SSA 1848(b)(9)(A); MM9727", (line("XRAY1", "FX"), pays("42.00")))
case("FX on a TC", "SSA 1848(b)(9)(A); MM9727", (line("XRAY1", "TC", "FX"), pays("32.00")))
case("FY on a TC", "MM10188: 10 percent from 2023", (line("XRAY1", "TC", "FY"), pays("36.00")))
case("CT on a global", "SSA 1834(p): 15 percent from 2017", (line("70450", "CT"), pays("44.00")))
case("CT on a TC", "SSA 1834(p): 15 percent from 2017", (line("70450", "TC", "CT"), pays("34.00")))
# 70551 and 71046 are not of the list: nothing is taken of 10.00 + 40.00. FX has no list: 50.00 - 8.00.
case("CT on an MRI", "ch. 13 sec. 20.2.4", (line("70551", "CT"), pays("50.00")))
case("CT on the TC of an X-ray", "ch. 13 sec. 20.2.4", (line("71046", "TC", "CT"), pays("40.00")))
case("CT beside FX on an MRI", "ch. 13 sec. 20.2.4", (line("70551", "CT", "FX"), pays("42.00")))
# FX before FY: 40.00 -> 32.00 -> 28.80.
case("FX and FY", "MM10188", (line("XRAY1", "TC", "FY", "FX"), pays("28.80")))
case("FX on a 26", "MM9727", (line("XRAY1", "26", "FX"), is_(NO)))
case("FX on a visit", "MM9727", (line("VISIT", "FX"), is_(NO)))
# After the cap: 70.00 x 80 percent; a global 90.00 - (70.00 - 56.00).
case("FX after the cap, TC", "MM9727: the lower of the two amounts", (line("CAP02", "TC", "FX"), pays("56.00")))
case("FX after the cap, global", "MM9727: the lower of the two amounts", (line("CAP02", "FX"), pays("76.00")))
# 147.50 as above (74160 has CAP01's amounts), of which TC 100.00: CT takes 15.00.
case("CT after reduction and cap", "SSA 1834(p); DRA 5102(b)", (line("IMG01"), pays("544.00")),
     (line("74160", "CT"), pays("132.50")))
# URODY 100.00 + 300.00 is surgery (indicator 2) with a technical part. Second to 1,043.48: the TC 150.00, 80 percent
# 120.00; the global 200.00, of which 150.00 TC loses 30.00.
case("FX on a TC that ranks as surgery", "MM9727; sec. 40.6", (line("SURG1"), pays("1043.48")),
     (line("URODY", "TC", "FX"), pays("120.00")))
case("FX on a global that ranks as surgery", "MM9727; sec. 40.6", (line("SURG1"), pays("1043.48")),
     (line("URODY", "FX"), pays("170.00")))
# In a hospital the physician is paid the 26 part, and FX takes nothing of it.
case("FX on a global in a hospital", "ch. 13 sec. 20.2.1", (line("XRAY1", "FX", place="22"), pays("10.00")))
