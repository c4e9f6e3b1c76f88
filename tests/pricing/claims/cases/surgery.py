"""Several surgeries, surgeons and assistants, split care, reduced and repeated services."""

from datetime import date

from pricing.claims.cases.form import NO, Cases, is_, line, pays

CASES = Cases()
case = CASES.add

# --- Multiple surgery: sec. 40.6 --------------------------------------------------------------------------------------
# The contractor's example of 1,043.48, 1,010.60 and 922.90 (standard pricing): 100, 50, 50 percent.
case("three surgeries, a contractor's example", "sec. 40.6.C; MAC standard pricing example",
     (line("SURG1"), pays("1043.48", rank=1, mppr_factor="1")),
     (line("SURG3"), pays("461.45", rank=3, mppr_factor="0.5")),
     (line("SURG2"), pays("505.30", rank=2, mppr_factor="0.5")))
# Modifier 51 on the wrong line changes nothing: 50 percent of 500.00 is 250.00.
case("51 is informational", "sec. 40.6.B", (line("SURG4", "51"), pays("1000.00")), (line("SURG5"), pays("250.00")))
# Each unit is a procedure: 200.00 + 2 x 100.00 = 400.00 (three units are not both sides).
case("units rank each", "sec. 40.6", (line("MINO2", units=3), pays("400.00", fee_schedule_amount="600.00", rank=1)))
# 200.00 ranks first, then 3 x 80.00 at 50 percent = 120.00.
case("units below another code", "sec. 40.6", (line("MINO3", units=3), pays("120.00")), (line("MINO2"), pays("200.00")))
# Seven procedures: 1,043.48; the other six at 50 percent, the sixth and seventh too: 6 x 250.00 = 1,500.00.
case("a sixth procedure is not below 50 percent", "sec. 40.6.C",
     (line("SURG5", units=6), pays("1500.00")), (line("SURG1"), pays("1043.48")))
# Equal amounts: the lower line number first.
case("ties go by line number", "agreed", (line("SURG5", line=2), pays("250.00", rank=2)),
     (line("SURG5", line=1), pays("500.00", rank=1)))
# Ranked in the setting: 600.00 in a facility is less than 922.90.
case("ranked by the setting's fee", "sec. 40.6.C; 20.4.2", (line("SURG4", place="22"), pays("300.00")),
     (line("SURG3", place="22"), pays("922.90", setting="facility")))
# A visit is not surgery: no part in the ranking.
case("a visit is not ranked", "sec. 40.6", (line("VISIT"), pays("100.00", rank=None, mppr_factor=None)),
     (line("SURG5"), pays("500.00")))
# Two physicians (billing NPI), and two days: each by itself.
case("another physician is another group", "sec. 40.6.A", (line("SURG1", billing_npi="1"), pays("1043.48")),
     (line("SURG5", billing_npi="2"), pays("500.00")))
case("another day is another group", "sec. 40.6.A", (line("SURG1"), pays("1043.48")),
     (line("SURG5", date_of_service=date(2025, 7, 2)), pays("500.00")))
# The same beneficiary on two claims is one patient; another claim without a beneficiary is not.
case("claims of one beneficiary are one group", "sec. 40.6.A",
     (line("SURG1", claim_id="A", beneficiary_id="B"), pays("1043.48")),
     (line("SURG5", claim_id="C", beneficiary_id="B"), pays("250.00")),
     (line("SURG5", claim_id="D", beneficiary_id=""), pays("500.00")))
# A line without a price takes no part: 1,000.00 of TEAM and of a bundled code do not push 500.00 down.
case("lines without a price do not rank", "sec. 40.6", (line("BUND1"), is_("bundled")),
     (line("TEAM1", "66"), is_("by_report")), (line("SURG5"), pays("500.00", rank=1)))

# --- Co-surgeons, assistants, teams: secs. 40.8, 20.4.3 ---------------------------------------------------------------
# 62.5 percent of 1,000.00.
case("62", "sec. 40.8", (line("SURG4", "62"), pays("625.00", modifier_factor="0.625")))
case("62 where the code has none", "sec. 40.8.D", (line("VISIT", "62"), is_("cosurgery_not_paid", carc="54")))
case("66 is by report", "sec. 40.8", (line("TEAM1", "66"), is_("by_report")))
# SURG4 has team indicator 0, MINO2 co-surgeon indicator 0: the first bill in full, and no later one. Both sides of one
# surgeon are 150 percent of 200.00, in two lines.
case("66 where the code has no team", "sec. 40.8.C.4", (line("SURG4", "66"), pays("1000.00")),
     (line("SURG4", "66"), is_("cosurgery_not_paid", carc="54")))
case("66 on a visit", "sec. 40.8.D", (line("VISIT", "66"), is_("cosurgery_not_paid", carc="54")))
case("62 where the code allows one surgeon", "sec. 40.8.C.4", (line("MINO2", "62", billing_npi="1"), pays("200.00")),
     (line("MINO2", "62", billing_npi="2"), is_("cosurgery_not_paid", carc="54")))
case("one surgeon's two sides", "sec. 40.8.C.4", (line("MINO2", "62", "RT"), pays("200.00")),
     (line("MINO2", "62", "LT"), pays("100.00")))
# 1,000.00 x 150 percent = 1,500.00; x 62.5 percent = 937.50.
case("62 and bilateral", "secs. 40.7, 40.8", (line("SURG4", "62", "50"), pays("937.50", modifier_factor="0.625")))
# 62.5 percent of 1,010.60 = 631.625, halves up 631.63; x 50 percent = 315.815 -> 315.82.
case("62 and multiple", "secs. 40.6, 40.8", (line("SURG1"), pays("1043.48")), (line("SURG2", "62"), pays("315.82")))
# The ranking is before 62: 1,043.48 stays first though 62.5 percent of it, 652.175 -> 652.18, is below 1,010.60.
case("62 does not change the ranking", "sec. 40.6.C", (line("SURG1", "62"), pays("652.18", rank=1)),
     (line("SURG2"), pays("505.30", rank=2)))
# 16 percent of 1,000.00; AS: 85 percent of that, 136.00.
case("80", "sec. 20.4.3", (line("SURG4", "80"), pays("160.00", modifier_factor="0.16")))
case("81 and 82 pay alike", "sec. 20.4.3", (line("SURG4", "81", billing_npi="1"), pays("160.00")),
     (line("SURG4", "82", billing_npi="2"), pays("160.00")))
case("AS", "sec. 20.4.3; 110.2", (line("SURG4", "AS"), pays("136.00", modifier_factor="0.136")))
# AS has the 85 percent in it already: a PA's 1,000.00 is 136.00, not 115.60.
case("AS of a physician assistant", "sec. 110.2", (line("SURG4", "AS", provider_type="pa"), pays("136.00")))
case("an assistant that is never paid", "RVU25D.pdf, assistant indicator 1",
     (line("ASST1", "80"), is_("assistant_not_paid", carc="54")))
# 16 percent of 700.00.
case("an assistant with documentation", "RVU25D.pdf, assistant indicator 0", (line("ASST0", "82"), pays("112.00")))
case("an assistant where the concept does not apply", "RVU25D.pdf, indicator 9", (line("SIDE9", "80"), is_(NO)))
# The assistant's lines rank among themselves: 16 percent of 1,043.48 = 166.9568 -> 166.96; of 1,010.60 = 161.696 ->
# 161.70, half 80.85. The surgeon's own: 1,043.48 and 505.30.
case("assistant and multiple", "secs. 20.4.3, 40.6",
     (line("SURG1"), pays("1043.48", rank=1)), (line("SURG2"), pays("505.30", rank=2)),
     (line("SURG1", "80"), pays("166.96", rank=1)), (line("SURG2", "80"), pays("80.85", rank=2)))
# 1,000.00 x 150 percent x 16 percent = 240.00.
case("assistant and bilateral", "secs. 20.4.3, 40.7", (line("SURG4", "80", "50"), pays("240.00")))
# The surgeon's RT and the assistant's LT are no pair: 500.00, and 16 percent of 500.00 = 80.00.
case("a surgeon's side and an assistant's are no pair", "agreed",
     (line("SURG5", "RT"), pays("500.00", bilateral_factor=None)),
     (line("SURG5", "LT", "80"), pays("80.00", bilateral_factor=None)))

# --- Split care, reduced and returned: secs. 40.2, 40.4 ---------------------------------------------------------------
# 1,000.00: 10 + 70 percent; 20; 10.
case("54", "sec. 40.4", (line("SURG4", "54"), pays("800.00", modifier_factor="0.8")))
case("55", "sec. 40.4", (line("SURG4", "55"), pays("200.00")))
case("56", "sec. 40.4", (line("SURG4", "56"), pays("100.00")))
# The manual's 42145: 17 percent, 60 of 90 and 30 of 90 days: 170.00 x 60/90 = 113.33, x 30/90 = 56.67.
case("55 by days, the surgeon", "sec. 40.4, example 42145",
     (line("PAL42", "55", postoperative_days=60), pays("113.33", patient_share="22.67")))
case("55 by days, the other", "sec. 40.4, example 42145", (line("PAL42", "55", postoperative_days=30), pays("56.67")))
# The postoperative amount is rounded, then divided: 9 percent of 1,174.97 = 105.7473 -> 105.75; x 25/90 = 29.375.
case("55 by days rounds twice", "sec. 40.4: the postoperative allowed amount by the number of days",
     (line("POST9", "55", postoperative_days=25), pays("29.38")))
# 4 of 10 days of 30.00.
case("55 by days of a 10-day global", "sec. 40.4", (line("TEN10", "55", postoperative_days=4), pays("12.00")))
case("55 with more days than there are", "sec. 40.4",
     (line("TEN10", "55", postoperative_days=11), is_("invalid_postoperative_days")))
case("54 on a 000 global", "sec. 40.4", (line("MINO2", "54"), is_(NO)))
case("54 on a code without shares", "sec. 40.4", (line("RADIO", "54"), is_(NO)))
case("54 and 55 on one line", "agreed", (line("SURG4", "54", "55"), is_(NO)))
# Units with 54 and 56 are neither days nor procedures: the parts of one procedure come to no more than its 1,000.00.
# 10 + 70 percent: 800.00; 10 percent: 100.00; the manual's 42145: 9 + 74 percent: 830.00.
PARTS = "secs. 40.1.D, 40.4.A: the parts never pass the whole"
case("54 with 70 units", PARTS, (line("SURG4", "54", units=70), pays("800.00", rank=1)))
case("56 with 3 units", PARTS, (line("SURG4", "56", units=3), pays("100.00", rank=1)))
case("54 with 60 units beside its 55", PARTS, (line("PAL42", "54", units=60), pays("830.00")),
     (line("PAL42", "55", units=60), pays("113.33")))
# 80 percent of 1,000.00, second to 1,043.48: 400.00, whatever the units.
case("54 with units, second", PARTS, (line("SURG1"), pays("1043.48")),
     (line("SURG4", "54", units=2), pays("400.00", rank=2)))
# Without them units are procedures still: 1,000.00 and half of 1,000.00.
case("units of a whole procedure", "sec. 40.6.C.1", (line("SURG4", units=2), pays("1500.00")))
# 78: the intraoperative 70 percent of 500.00; 000 in full; a global without shares in full.
case("78", "sec. 40.4", (line("SURG5", "78"), pays("350.00", modifier_factor="0.7")))
case("78 on a 000 global", "sec. 40.4", (line("MINO2", "78"), pays("200.00", modifier_factor=None)))
# Ranked by 1,043.48 and 1,010.60; 70 percent of 1,010.60 = 707.42, half 353.71.
case("78 and multiple", "secs. 40.4.C, 40.6.D", (line("SURG1"), pays("1043.48")),
     (line("SURG2", "78"), pays("707.42", rank=None, mppr_factor=None)))
# 80 percent of 1,000.00 second to 1,043.48: 400.00.
case("54 and multiple", "secs. 40.4, 40.6", (line("SURG1", "54"), pays("834.78")),
     (line("SURG4", "54"), pays("400.00")))
# 54 and 62: 800.00 x 62.5 percent = 500.00.
case("54 and 62", "secs. 40.4, 40.8", (line("SURG4", "62", "54"), pays("500.00", modifier_factor="0.5")))
# 52: half, an assumption of its own name.
case("52", "assumed 50 percent", (line("SURG4", "52"), pays("500.00")))
# 53: its own row, or the contractor's.
case("53 with a row", "sec. 30.1", (line("SCOP3", "53"), pays("60.00")))
case("53 without a row", "sec. 30.1", (line("SURG4", "53"), is_("contractor_priced")))

# --- Rules that meet on one claim: professional cases 1, 2, 5 --------------------------------------------------------
# Case 1, sec. 40.4.B: the surgeon's own 60 of 90 days beside his operation. 1,000.00 x (0.09 + 0.74) = 830.00; the
# share of 170.00, x 60/90 = 113.33. One procedure: neither is ranked second.
case("54 and 55 of one surgeon are one procedure", "sec. 40.4.B", (line("PAL42", "54"), pays("830.00", rank=1)),
     (line("PAL42", "55", postoperative_days=60), pays("113.33", rank=1, mppr_factor="1")))
# Beside a higher surgery both parts are second: 1,043.48; 830.00 x 0.5 = 415.00; 113.33 x 0.5 = 56.665 -> 56.67.
case("both parts of a second procedure are halved", "secs. 40.4.B, 40.6.C", (line("SURG1"), pays("1043.48")),
     (line("PAL42", "54"), pays("415.00", rank=2)),
     (line("PAL42", "55", postoperative_days=60), pays("56.67", rank=2)))
# The care in two spans of 60 and 30 days: 113.33 and 56.67, and the operation in full.
case("care in two spans is of the one procedure", "sec. 40.4.B", (line("PAL42", "54"), pays("830.00")),
     (line("PAL42", "55", postoperative_days=60), pays("113.33", rank=1)),
     (line("PAL42", "55", postoperative_days=30), pays("56.67", rank=1)))
# Care of two codes: two procedures. 1,010.60 x 0.2 = 202.12; 922.90 x 0.2 = 184.58, x 0.5 = 92.29.
case("care of two procedures ranks", "secs. 40.4, 40.9", (line("SURG2", "55"), pays("202.12", rank=1)),
     (line("SURG3", "55"), pays("92.29", rank=2)))
# A side that was operated on and the care of the other: no pair of sides. 1,000.00 x 0.8 = 800.00; the care ranks
# second, 1,000.00 x 0.2 x 0.5 = 100.00.
case("the operation on one side and the care of the other", "secs. 40.4, 40.7",
     (line("SURG4", "54", "RT"), pays("800.00")), (line("SURG4", "55", "LT"), pays("100.00", rank=2)))
# Both sides, operated and cared for, on four lines: 800.00 and half of it; 200.00 and half of it.
case("both sides with their care", "secs. 40.4, 40.7", (line("SURG4", "54", "RT"), pays("800.00", rank=1)),
     (line("SURG4", "54", "LT"), pays("400.00", rank=1)), (line("SURG4", "55", "RT"), pays("200.00", rank=1)),
     (line("SURG4", "55", "LT"), pays("100.00", rank=1)))
# A second operation on the same code and side is a procedure of its own, its care goes with the first.
case("two operations and one care", "secs. 40.4, 40.6", (line("SURG5", "54"), pays("400.00", rank=1)),
     (line("SURG5", "54", "76"), pays("200.00", rank=2)), (line("SURG5", "55"), pays("100.00", rank=1)))
# Case 2: 70 in the units of a 55 line are days. Here 1,000.00 x 0.17 = 170.00, x 70/90 = 132.22.
case("units of 55 are days of care", "Palmetto on modifier 55 (February 14, 2023)",
     (line("PAL42", "55", units=70), pays("132.22", fee_schedule_amount="1000.00", rank=1)))
# All 90 days are the share and no more; a ninety-first is not of the period.
case("the whole period pays the share", "sec. 40.4.A", (line("PAL42", "55", units=90), pays("170.00")))
case("more days in the units than there are", "sec. 40.4.A",
     (line("PAL42", "55", units=91), is_("invalid_postoperative_days")))
# Where the days are given the units are not read: 170.00 x 30/90 = 56.67.
case("units beside days", "sec. 40.4", (line("PAL42", "55", units=30, postoperative_days=30), pays("56.67")))
# Case 5: two codes on one return, each its intraoperative 70 percent: 1,043.48 -> 730.436, 730.44; 500.00 -> 350.00.
case("two codes with 78", "sec. 40.4.C", (line("SURG1", "78"), pays("730.44", rank=None)),
     (line("SURG5", "78"), pays("350.00", rank=None)))
# Among surgery of the same session that is no return, the others rank without it.
case("79 beside 78", "secs. 40.4.C, 40.6.C", (line("SURG5", "78"), pays("350.00")),
     (line("SURG4", "79"), pays("1000.00", rank=1)), (line("SURG3", "79"), pays("461.45", rank=2)))
# The bilateral rule does not also apply: 70 percent of one side, by any way to write two sides but two lines.
case("78 and both sides", "sec. 40.4.C", (line("SURG5", "78", "50"), pays("350.00", bilateral_factor="1")))
case("78 on two lines of two sides", "sec. 40.4.C", (line("SURG5", "78", "RT"), pays("350.00")),
     (line("SURG5", "78", "LT"), pays("350.00")))
# Endoscopies of a return are not merged: each pays in full (000 days).
case("endoscopies with 78", "secs. 40.4.C, 40.6.D", (line("ENDO1", "78"), pays("310.02", rank=None)),
     (line("ENDO2", "78"), pays("275.12", rank=None)))
