"""Endoscopies of one family and of several."""

from pricing.claims.cases.form import Cases, denied, line, pays

CASES = Cases()
case = CASES.add

# --- Endoscopy: sec. 40.6.C -------------------------------------------------------------------------------------------
# 310.02 + (275.12 - 200.00) + (270.13 - 200.00) = 455.27; the base pays nothing.
case("a family and its base", "sec. 40.6.C; AAPC thread 138405",
     (line("BASE1"), denied("bundled", "97", mppr_factor="0", rank=None)), (line("ENDO3"), pays("70.13", rank=1)),
     (line("ENDO1"), pays("310.02", rank=1)), (line("ENDO2"), pays("75.12", rank=1)))
# 374.56 + 285.98 - 255.40 = 405.14.
case("two of a family", "sec. 40.6.C", (line("ENDO4"), pays("374.56")), (line("ENDO5"), pays("30.58", rank=1)))
# One endoscopy with its base: the base is in it.
case("one of a family with its base", "sec. 40.6.C", (line("ENDO4"), pays("374.56")),
     (line("BASE2"), denied("bundled", "97")))
# A base without a member of its family is surgery: 255.40, and 200.00 at 50 percent.
case("two bases alone are surgery", "sec. 40.6.C", (line("BASE1"), pays("100.00")), (line("BASE2"), pays("255.40")))
# Single endoscopies of two families are surgery: 374.56 + 155.01.
case("unrelated endoscopies", "sec. 40.6.C", (line("ENDO4"), pays("374.56")), (line("ENDO1"), pays("155.01", rank=2)))
# Two units: 310.02 + 110.02 = 420.04.
case("two units of one endoscopy", "sec. 40.6.C", (line("ENDO1", units=2), pays("420.04")))
# Family 455.27 below 500.00: each line half, 155.01, 37.56, 35.065 -> 35.07.
case("a family below a surgery", "secs. 40.6.C", (line("SURG5"), pays("500.00", rank=1)),
     (line("ENDO1"), pays("155.01", rank=2)), (line("ENDO2"), pays("37.56")), (line("ENDO3"), pays("35.07")))
# Family one 310.02 + 75.12 = 385.14 below family two's 405.14: 374.56 + 30.58; 155.01 + 37.56; the surgery of 200.00
# comes third: 100.00.
case("two families and a surgery", "secs. 40.6.C",
     (line("ENDO1"), pays("155.01", rank=2)), (line("ENDO2"), pays("37.56", rank=2)),
     (line("ENDO4"), pays("374.56", rank=1)), (line("ENDO5"), pays("30.58", rank=1)),
     (line("MINO2"), pays("100.00", rank=3)))
# The family's sum outranks 374.56 where no member does: 310.02 + 75.12 = 385.14; half of 374.56 is 187.28.
case("a family ranks by its sum", "sec. 40.6.C", (line("ENDO4"), pays("187.28", rank=2)),
     (line("ENDO1"), pays("310.02", rank=1)), (line("ENDO2"), pays("75.12", rank=1)))
# An assistant's base is 16 percent too: 16 percent of 374.56 = 59.9296 -> 59.93; 16 percent of 285.98 = 45.7568 ->
# 45.76, less 16 percent of 255.40 = 40.864 -> 40.86: 4.90.
case("an assistant at two endoscopies", "secs. 20.4.3, 40.6.C", (line("ENDO4", "80"), pays("59.93")),
     (line("ENDO5", "80"), pays("4.90")))
# Both sides: 300.00 x 150 percent = 450.00 in full, 240.00 - 100.00; by fee, so ENDO6 leads anyway.
case("a bilateral endoscopy in a family", "secs. 40.6.C, 40.7", (line("ENDO6", "50"), pays("450.00")),
     (line("ENDO7"), pays("140.00")))
# The pair is one procedure of 360.00, less 100.00, off its first line: 240.00 - 100.00 and 120.00.
case("an RT/LT pair in a family", "secs. 40.6.C, 40.7", (line("ENDO6"), pays("300.00")),
     (line("ENDO7", "RT"), pays("140.00")), (line("ENDO7", "LT"), pays("120.00")))
