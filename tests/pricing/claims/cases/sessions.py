"""Cardiovascular and eye tests, and therapy."""

from pricing.claims.cases.form import Cases, line, pays

CASES = Cases()
case = CASES.add

# --- Cardiovascular and ophthalmology: sec. 40.6.C; MM7848 ------------------------------------------------------------
# 77/427 and 65/148: 504.00; 65.00 + 148.00 x 75 percent = 176.00. Together 680.00.
case("cardiovascular, the published table", "MM7848, table", (line("CARD1"), pays("504.00", rank=1)),
     (line("CARD2"), pays("176.00", rank=2)))
case("cardiovascular 26 in full", "MM7848", (line("CARD1", "26"), pays("77.00", rank=None)),
     (line("CARD2"), pays("213.00")))
# 46/92 and 23/53: 138.00; 23.00 + 42.40 = 65.40. Together 203.40.
case("ophthalmology, the published table", "MM7848, table", (line("OPHT1"), pays("138.00")),
     (line("OPHT2"), pays("65.40", mppr_factor="0.8605")))
# Each by itself.
case("cardiovascular and ophthalmology do not meet", "MM7848", (line("CARD2"), pays("213.00")),
     (line("OPHT1"), pays("138.00")))
# 93000's technical part is 93005's 12.00: 75 percent 9.00, so 20.00 - 3.00; 93224's is 30.00 + 40.00 = 70.00.
case("codes with a sister", "RVU25D.pdf, PC/TC indicator 4", (line("93000"), pays("17.00", rank=2)),
     (line("93224"), pays("100.00", rank=1)))
# Below a TC of 148.00: 100.00 - 17.50.
case("a sum of sisters", "RVU25D.pdf, PC/TC indicator 4", (line("93224"), pays("82.50")),
     (line("CARD2", "TC"), pays("148.00")))
# Each side is a procedure: 33.33 x 50 percent = 16.665 -> 16.67 twice; TC 11.11 twice, the second 80 percent of it,
# 8.888 -> 8.89: 33.34 - 2.22. The 26 alone: 11.11 x 50 percent = 5.555 -> 5.56 twice.
case("both sides, 52 and ophthalmology", "MM7848; sec. 40.7", (line("OPHT3", "50", "52"), pays("31.12")))
case("both sides, 52 and a 26", "MM7848; sec. 40.7", (line("OPHT3", "26", "50", "52"), pays("11.12", rank=None)))
# The sisters' sum, then 52: 11.13 + 20.03 = 31.16, half 15.58, x 75 percent = 11.685 -> 11.69, so 25.00 - 3.89.
case("52 and a sum of sisters", "RVU25D.pdf, PC/TC indicator 4", (line("93784", "52"), pays("21.11")),
     (line("CARD2", "TC"), pays("148.00")))
# 93226 40.00 first, 93225 30.00 x 75 percent = 22.50.
case("technical work only", "MM7848", (line("93225"), pays("22.50")), (line("93226"), pays("40.00")))

# --- Therapy: ch. 5 sec. 10.7 -----------------------------------------------------------------------------------------
# THER1 40.00 (PE 20.00), THER2 36.00 (PE 24.00), THER3 30.00 (PE 24.00). Halved: 30.00, 24.00, 18.00.
case("two units of therapy", "ch. 5 sec. 10.7", (line("THER1", "GP", units=2), pays("70.00")))
# The highest PE, not the highest fee: THER2 in full.
case("the highest PE leads", "ch. 5 sec. 10.7", (line("THER1", "GP"), pays("30.00", rank=2)),
     (line("THER2", "GP"), pays("36.00", rank=1)))
# Equal PE: the higher fee, THER2.
case("equal PE goes by fee", "ch. 5 sec. 10.7", (line("THER3"), pays("18.00")), (line("THER2"), pays("36.00")))
# Two disciplines, units: 36.00; 24.00; 3 x 30.00 = 90.00.
case("two disciplines with units", "ch. 5 sec. 10.7", (line("THER1", "GP", units=3), pays("90.00", rank=3)),
     (line("THER2", "GO", units=2), pays("60.00", rank=1)))
case("one unit alone", "ch. 5 sec. 10.7", (line("THER1"), pays("40.00", rank=1, mppr_factor="1")))
# Therapy and surgery do not meet.
case("therapy beside surgery", "ch. 5 sec. 10.7", (line("THER1"), pays("40.00")),
     (line("SURG5"), pays("500.00", rank=1)))
# An assistant's service: 40.00 allowed, patient 8.00, Medicare 32.00 x 85 percent = 27.20, less 0.544 -> 0.54.
case("CQ cuts Medicare's part", "SSA 1834(v)", (line("THER1", "GP", "CQ"),
     pays("40.00", patient_share="8.00", medicare_paid="26.66", sequestration="0.54")))
# Second unit 30.00: patient 6.00, Medicare 24.00 -> 20.40, less 0.408 -> 0.41.
case("CO and the reduction", "SSA 1834(v); ch. 5 sec. 10.7", (line("THER2", "GO"), pays("36.00")),
     (line("THER1", "GO", "CO"), pays("30.00", medicare_paid="19.99", sequestration="0.41")))
