"""Who pays of preventive services: by code, modifier, claim and day. Pub. 100-04 ch. 18."""

from datetime import date
from decimal import Decimal

from pricing.claims.cases.form import Cases, line, pays

CASES = Cases()
case = CASES.add
LEFT = {"deductible_left": Decimal("283.00")}
IN_OCTOBER = {"date_of_service": date(2025, 10, 15)}

# professional 6: nothing of 147.09 is the patient's, whatever is left of the deductible; 147.09 less 2 percent, 2.94.
case("professional 6: an annual wellness visit", "ch. 18 sec. 140.5",
     (line("G0439", **LEFT), pays("147.09", patient_share="0.00", medicare_paid="144.15", sequestration="2.94")))
# The deductible is left for the visit of the claim: 100.00 of its 283.00.
case("the deductible beside it", "ch. 18 sec. 140.5",
     (line("G0439", **LEFT), pays("147.09", patient_share="0.00")),
     (line("VISIT", "25"), pays("100.00", patient_share="100.00", medicare_paid="0.00")))
# A screening colonoscopy, a mammogram, tobacco counseling: 300.00, 130.00 and 30.00 less 2 percent.
case("screenings without a share", "ch. 18 sec. 1.3, 20.4, 60.1.1",
     (line("G0105", "KX", **LEFT), pays("300.00", patient_share="0.00", medicare_paid="294.00")),
     (line("77067"), pays("130.00", patient_share="0.00", medicare_paid="127.40")),
     (line("99407"), pays("30.00", patient_share="0.00", medicare_paid="29.40")))
# 20.00 x 20 percent; all of it to the deductible; 33 does not change that; 60.00 of glaucoma screening alike: 12.00.
case("preventive by name, and paid for", "ch. 18 sec. 50.2", (line("G0102"), pays("20.00", patient_share="4.00")))
case("a deductible for it", "ch. 18 sec. 50.2", (line("G0102", **LEFT), pays("20.00", patient_share="20.00")))
case("33 waives nothing there", "ch. 18 sec. 50.2", (line("G0102", "33"), pays("20.00", patient_share="4.00")),
     (line("G0117", "33"), pays("60.00", patient_share="12.00")))
# The deductible alone is waived: 200.00 x 20 percent = 40.00.
case("a barium enema", "ch. 18 sec. 60.1.1", (line("G0106", **LEFT), pays("200.00", patient_share="40.00")))
# With 33 beside a wellness visit of the claim and day free, else 283.00 first, or 80.00 x 20 percent = 16.00.
case("advance care planning with a wellness visit", "MM9271",
     (line("99497", "33", **LEFT), pays("80.00", patient_share="0.00")),
     (line("G0439"), pays("147.09", patient_share="0.00")))
case("advance care planning alone", "MM9271", (line("99497", "33"), pays("80.00", patient_share="16.00")))
case("advance care planning without 33", "MM9271",
     (line("99497"), pays("80.00", patient_share="16.00")), (line("G0439"), pays("147.09", patient_share="0.00")))
case("a wellness visit of another claim", "MM9271",
     (line("99497", "33", beneficiary_id="P"), pays("80.00", patient_share="16.00")),
     (line("G0439", claim_id="B", beneficiary_id="P"), pays("147.09", patient_share="0.00")))
# facility 5, the physician's side: 500.00 x 15 percent = 75.00, the other procedure of the day 400.00 x 50 percent =
# 200.00, of it 30.00; the visit 20.00 and its deductible.
case("facility 5: a screening that turned into treatment", "ch. 18 sec. 60.1.1",
     (line("45385", "PT", **IN_OCTOBER), pays("500.00", patient_share="75.00")),
     (line("45380", **IN_OCTOBER), pays("200.00", patient_share="30.00")),
     (line("VISIT", "25", **IN_OCTOBER), pays("100.00", patient_share="20.00")))
case("its deductible", "ch. 18 sec. 60.1.1",
     (line("45380", **LEFT), pays("200.00", patient_share="30.00")),
     (line("45385", "PT"), pays("500.00", patient_share="75.00")),
     (line("VISIT", "25"), pays("100.00", patient_share="100.00")))
# 33 beside PT: PT decides, 15 percent. PT on a visit is not for it, and reaches no other line: 100.00 of deductible,
# and of 400.00 the 183.00 left of it and 20 percent of 217.00. G0105 is free by its code, and the procedure beside it
# pays 283.00 and 20 percent of 117.00.
case("33 beside PT", "ch. 18 sec. 60.1.1: only PT",
     (line("45385", "33", "PT", **LEFT), pays("500.00", patient_share="75.00")),
     (line("45380"), pays("200.00", patient_share="30.00")))
case("PT before 33", "ch. 18 sec. 60.1.1: only PT",
     (line("45385", "PT", "33", **LEFT), pays("500.00", patient_share="75.00")))
case("PT on a visit beside a procedure", "MM7012; ch. 18 sec. 60.1.1",
     (line("VISIT", "PT", **LEFT), pays("100.00", patient_share="100.00")),
     (line("45380"), pays("400.00", patient_share="226.40")))
case("PT on a screening's own code", "ch. 18 sec. 60.1.1: in place of G0105",
     (line("G0105", "PT", **LEFT), pays("300.00", patient_share="0.00")),
     (line("45380"), pays("400.00", patient_share="306.40")))
case("33 on a visit with PT", "assumed of 33; MM7012",
     (line("VISIT", "33", "PT", **LEFT), pays("100.00", patient_share="0.00")))
# Another claim of the day, and another day of the claim: 20 percent of 200.00 and of 400.00.
case("a procedure of another claim", "ch. 18 sec. 60.1.1",
     (line("45385", "PT", beneficiary_id="P"), pays("500.00", patient_share="75.00")),
     (line("45380", claim_id="B", beneficiary_id="P"), pays("200.00", patient_share="40.00")))
case("a procedure of another day", "ch. 18 sec. 60.1.1",
     (line("45385", "PT"), pays("500.00", patient_share="75.00")),
     (line("45380", **IN_OCTOBER), pays("400.00", patient_share="80.00")))
# (3 + 2.0) x 22.39 = 111.95, free; 00811 with PT (4 + 2.0) x 22.39 = 134.34 x 15 percent = 20.151.
case("anesthesia for a screening", "ch. 18 sec. 60.1.1",
     (line("00812", "QZ", minutes=30, **LEFT), pays("111.95", patient_share="0.00")))
case("anesthesia for one that turned", "ch. 18 sec. 60.1.1",
     (line("00811", "QZ", "PT", minutes=30, **LEFT), pays("134.34", patient_share="20.15")))
case("other anesthesia", "SSA 1833(a)(1)",
     (line("00811", "QZ", minutes=30), pays("134.34", patient_share="26.87")))
