"""Who bills, and who pays."""

from decimal import Decimal

from pricing.claims.cases.form import Cases, line, pays

CASES = Cases()
case = CASES.add

# --- Who bills, and who pays ------------------------------------------------------------------------------------------
# 100 allowed: 20.00 the patient's; 80.00 less 1.60.
case("a hundred dollars", "ch. 1 sec. 30; sequestration", (line("VISIT"),
     pays("100.00", patient_share="20.00", medicare_paid="78.40", sequestration="1.60",
           contractual_adjustment=None, carc="")))
# First Coast's example: 100.00, 50.00 to the deductible: 40.00 less 0.80; the patient 50.00 + 10.00.
case("First Coast's example of sequestration", "medicare.fcso.com, Federal sequestration payment reductions",
     (line("VISIT", deductible_left=Decimal("50.00")),
      pays("100.00", patient_share="60.00", medicare_paid="39.20", sequestration="0.80")))
case("all to the deductible", "BBEDCA 251A", (line("VISIT", deductible_left=Decimal("257.00")),
     pays("100.00", patient_share="100.00", medicare_paid="0.00", sequestration="0.00")))
# 150.00 left before the claim, said on both lines: 100.00 of the first, 50.00 of the second: 50.00 x 20 percent more.
case("a deductible that the first line does not use up", "SSA 1833(b)",
     (line("VISIT", deductible_left=Decimal("150.00")),
      pays("100.00", patient_share="100.00", medicare_paid="0.00", sequestration="0.00")),
     (line("VISIT", deductible_left=Decimal("150.00")),
      pays("100.00", patient_share="60.00", medicare_paid="39.20", sequestration="0.80")))
# Said on one line only, it is the claim's all the same; the preventive line is free of it; the denied one takes none.
case("a deductible said once", "SSA 1833(b)(1)",
     (line("VISIT", "33"), pays("100.00", patient_share="0.00", medicare_paid="98.00", sequestration="2.00")),
     (line("VISIT", deductible_left=Decimal("30.00")),
      pays("100.00", patient_share="44.00", medicare_paid="54.88", sequestration="1.12")),
     (line("VISIT"), pays("100.00", patient_share="20.00", medicare_paid="78.40", sequestration="1.60")))
# AAPC's and the contractors' nonparticipating example: 95.00, 50.00 to the deductible, 80 percent of 45.00 = 36.00,
# less 0.72.
case("nonparticipating", "SSA 1848(a)(3); sequestration example of 95.00",
     (line("VISIT", participating=False, deductible_left=Decimal("50.00")),
     pays("95.00", patient_share="59.00", medicare_paid="35.28", sequestration="0.72")))
case("a nurse practitioner", "SSA 1833(a)(1)(O)",
     (line("VISIT", provider_type="np", participating=False), pays("85.00")))
# 1,000.00 x 80 at 16 percent = 160.00, then 85 percent.
case("an 80 of a nurse practitioner", "SSA 1833(a)(1)(O)", (line("SURG4", "80", provider_type="np"), pays("136.00")))
# The reduction first, then the percent: 500.00 x 50 percent x 85 percent = 212.50.
case("multiple and a practitioner", "sec. 110", (line("SURG1", provider_type="pa"), pays("886.96")),
     (line("SURG5", provider_type="pa"), pays("212.50")))
# Lower of billed and allowed: 90.00; and 150.00 billed leaves 50.00, CARC 45.
case("billed below", "SSA 1848(a)(1)",
     (line("VISIT", billed_amount=Decimal("90.00")), pays("90.00", contractual_adjustment="0.00", carc="")))
case("billed above", "SSA 1848(a)(1)",
     (line("VISIT", billed_amount=Decimal("150.00")), pays("100.00", contractual_adjustment="50.00", carc="45")))
# 33: no cost share: 100.00 less 2.00. PT on a visit does nothing: 50.00 and 20 percent of 50.00; 40.00 less 0.80.
case("33", "SSA 1833(b)(1)",
     (line("VISIT", "33", deductible_left=Decimal("50.00")),
      pays("100.00", patient_share="0.00", medicare_paid="98.00")))
case("PT on a visit", "MM7012; ch. 18 sec. 60.1.1",
     (line("VISIT", "PT", deductible_left=Decimal("50.00")),
      pays("100.00", patient_share="60.00", medicare_paid="39.20")))
# MIPS of -9 percent: 80.00 - 7.20 = 72.80, less 1.456 -> 1.46.
case("MIPS", "SSA 1848(q)(6)",
     (line("VISIT"), pays("100.00", patient_share="20.00", medicare_paid="71.34", sequestration="1.46")),
     options={"mips_percent": "-9"})
case("no sequestration", "named switch",
     (line("VISIT"), pays("100.00", medicare_paid="80.00", sequestration="0.00")), options={"sequestration": False})
