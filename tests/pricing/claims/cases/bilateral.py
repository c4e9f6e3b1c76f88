"""Both sides, alone and beside other surgery."""

from decimal import Decimal

from pricing.claims.cases.form import NO, Cases, denied, is_, line, pays

CASES = Cases()
case = CASES.add

# --- Bilateral: sec. 40.7 ---------------------------------------------------------------------------------------------
# 150 percent of 115.04 = 172.56.
case("50 on indicator 1", "sec. 40.7.C", (line("MINO1", "50"), pays("172.56", bilateral_factor="1.5")))
case("RT and LT on one line", "sec. 40.7", (line("MINO1", "RT", "LT"), pays("172.56", bilateral_factor="1.5")))
# Two units of a first-level code: both sides (RVU25D.pdf, indicator 1: "or with a 2 in the units field").
case("two units are both sides", "RVU25D.pdf, bilateral indicator 1",
     (line("MINO1", units=2), pays("172.56", fee_schedule_amount="230.08", rank=1)))
# Switched off they are two procedures: 115.04 + 57.52 = 172.56; with 80.00: 80.00 + 40.00.
case("two units are two procedures where switched", "named switch", (line("MINO3", units=2), pays("120.00")),
     options={"two_units_both_sides": False})
# 59, 76 say two procedures: 115.04 + 57.52 = 172.56; beside 200.00: 57.52 + 57.52 = 115.04.
case("two units with 59 are two procedures", "sec. 40.6; 40.7", (line("MINO2"), pays("200.00")),
     (line("MINO1", "59", units=2), pays("115.04", bilateral_factor=None)))
# Two lines: 115.04 and 172.56 - 115.04 = 57.52.
case("RT and LT on two lines", "sec. 40.7.C",
     (line("MINO1", "RT"), pays("115.04", bilateral_factor="1", rank=1)),
     (line("MINO1", "LT"), pays("57.52", bilateral_factor="0.5", rank=1)))
# Half of 0.5: R(150% of 922.90) = 1,384.35 = 922.90 + 461.45.
case("the first line is the lower number", "agreed",
     (line("SURG3", "LT", line=2), pays("461.45")), (line("SURG3", "RT", line=1), pays("922.90")))
# Indicators 0 and 2 (the manual's 125.00): both sides are one fee.
case("50 on indicator 0", "sec. 40.7.C", (line("SIDE0", "50"), pays("125.00", bilateral_factor="1")))
case("50 on indicator 2", "sec. 40.7.C", (line("SIDE2", "50"), pays("125.00")))
# RVU25D.pdf's example: charges of 100.00 and 100.00, the fee of 125.00 is for both sides and below 200.00. Line by line
# its first line is held by its own charge: 100.00 and nothing; together the second line takes the 25.00 left.
case("the 125 dollar example, each line by its charge", "RVU25D.pdf, bilateral indicator 0",
     (line("SIDE0", "LT", billed_amount=Decimal("100.00")), pays("100.00")),
     (line("SIDE0", "RT", billed_amount=Decimal("100.00")), denied("bundled", "97", contractual_adjustment="100.00")),
     options={"pair_charges_together": False})
case("the 125 dollar example, charges together", "RVU25D.pdf, bilateral indicator 0",
     (line("SIDE0", "LT", billed_amount=Decimal("100.00")), pays("100.00")),
     (line("SIDE0", "RT", billed_amount=Decimal("100.00")), pays("25.00", contractual_adjustment="75.00")),
     options={"pair_charges_together": True})
case("the 125 dollar example on one line", "RVU25D.pdf, bilateral indicator 0",
     (line("SIDE0", "50", billed_amount=Decimal("200.00")), pays("125.00", contractual_adjustment="75.00")))
# 150 percent: 172.56 for charges of 100.00 and 100.00: 100.00 and 72.56; 120.00 and 40.00 hold it at 160.00.
case("charges of a pair of sides together", "RVU25D.pdf, bilateral indicator 1",
     (line("MINO1", "LT", billed_amount=Decimal("100.00")), pays("100.00")),
     (line("MINO1", "RT", billed_amount=Decimal("100.00")), pays("72.56")),
     options={"pair_charges_together": True})
case("charges of a pair below 150 percent", "RVU25D.pdf, bilateral indicator 1",
     (line("MINO1", "LT", billed_amount=Decimal("120.00")), pays("120.00")),
     (line("MINO1", "RT", billed_amount=Decimal("40.00")), pays("40.00")),
     options={"pair_charges_together": True})
case("RT and LT lines on indicator 2", "RVU25D.pdf, bilateral indicator 2",
     (line("SIDE2", "RT"), pays("125.00", bilateral_factor="1")),
     (line("SIDE2", "LT"), denied("bundled", "97", bilateral_factor="0")))
# RVU25D.pdf names two units for indicators 2 and 3 too, not for 0: 125.00; 2 x 80.00; 2 x 125.00.
case("two units on indicator 2", "RVU25D.pdf, bilateral indicator 2",
     (line("SIDE2", units=2), pays("125.00", bilateral_factor="1", fee_schedule_amount="250.00")))
case("two units on indicator 3", "RVU25D.pdf, bilateral indicator 3",
     (line("SIDE3", units=2), pays("160.00", bilateral_factor="2")))
case("two units on indicator 0", "RVU25D.pdf, bilateral indicator 0",
     (line("SIDE0", units=2), pays("250.00", bilateral_factor=None)))
# Indicator 3: each side in full, 2 x 80.00.
case("50 on indicator 3", "sec. 40.7.C", (line("SIDE3", "50"), pays("160.00", bilateral_factor="2")))
case("RT and LT lines on indicator 3", "sec. 40.7", (line("SIDE3", "RT"), pays("80.00")),
     (line("SIDE3", "LT"), pays("80.00")))
case("50 on indicator 9", "RVU25D.pdf, bilateral indicator 9", (line("SIDE9", "50"), is_(NO)))
case("RT and LT say nothing on indicator 9", "RVU25D.pdf", (line("SIDE9", "RT", "LT"), pays("90.00")))
# 50 with two units: two procedures of 172.56: 172.56 + 86.28.
case("50 with two units", "sec. 40.7; 40.6", (line("MINO1", "50", units=2), pays("258.84", rank=1)))
# An add-on is never both sides by its units: 2 x 50.00; with 50 it is 75.00.
case("two units of an add-on are two", "RULES: never an each-additional code", (line("SURG5"), pays("500.00")),
     (line("ADDON", units=2), pays("100.00", mppr_factor=None)))
case("an add-on with 50", "sec. 40.7", (line("SURG5"), pays("500.00")), (line("ADDON", "50"), pays("75.00")))

# --- Bilateral and multiple: sec. 40.7.C, bilateral first -------------------------------------------------------------
# A contractor's example: 115.04 x 150 percent = 172.56, second: 86.28 (medicarebillingandcoding.blogspot.com, 2011).
case("bilateral ranks by 150 percent", "sec. 40.7.C; MAC example 29345-50",
     (line("MINO1", "50"), pays("86.28", rank=2)),
     (line("MINO2"), pays("200.00", rank=1)))
# 150 percent of 922.90 = 1,384.35 is above 1,043.48, whose half is 521.74.
case("both sides overtake a dearer code", "sec. 40.7.C", (line("SURG1"), pays("521.74", rank=2)),
     (line("SURG3", "50"), pays("1384.35", rank=1)))
# The pair as one procedure: 115.04 + 57.52 = 172.56 below 200.00, so 57.52 + 28.76.
case("an RT/LT pair ranks as one", "sec. 40.7.C",
     (line("MINO1", "RT"), pays("57.52", rank=2)), (line("MINO1", "LT"), pays("28.76", rank=2)),
     (line("MINO2"), pays("200.00", rank=1)))
# The pair above: 80.00 + 40.00 = 120.00 beats 115.04, which alone would beat 80.00.
case("an RT/LT pair overtakes", "sec. 40.7.C",
     (line("MINO3", "RT"), pays("80.00")), (line("MINO3", "LT"), pays("40.00")),
     (line("MINO1"), pays("57.52", rank=2)))
# A third line of one side stands alone: pair 200.00 + 100.00, then 200.00 at 50 percent.
case("a pair and one side more", "agreed", (line("MINO2", "RT"), pays("200.00")), (line("MINO2", "LT"), pays("100.00")),
     (line("MINO2", "RT"), pays("100.00", rank=2)))
