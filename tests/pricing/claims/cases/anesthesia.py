"""Anesthesia: sessions, add-on codes, minutes and modifiers. The factor is 22.39; base units are CMS's."""

from pricing.claims.cases.form import NO, Cases, denied, is_, line, pays

CASES = Cases()
case = CASES.add
_SESSION = "sec. 50.E"

# professional 7: (7 + 125 / 15 = 8.3) x 22.39 = 15.3 x 22.39 = 342.567. The other line alone: (6 + 2.0) x 22.39.
case("professional 7: two anesthetics of one session", _SESSION,
     (line("00790", "AA", minutes=95), pays("342.57", fee_schedule_amount="342.57")),
     (line("00840", "AA", minutes=30), denied("bundled", "97", fee_schedule_amount="179.12")))
# 51 says so, and changes nothing; the lower code first, and of three codes one payment: (7 + 140 / 15 = 9.3) x 22.39.
case("the highest base wherever it stands", _SESSION,
     (line("00840", "AA", "51", minutes=30), denied("bundled", "97")),
     (line("00790", "AA", minutes=95), pays("364.96")),
     (line("01952", "AA", minutes=15), denied("bundled", "97")))
# Equal base units: the first line. (7 + 60 / 15 = 4.0) x 22.39 = 246.29.
case("the same code twice", _SESSION,
     (line("00790", "QZ", minutes=40), pays("246.29")), (line("00790", "QZ", minutes=20), denied("bundled", "97")))
# 342.57 x 50 percent = 171.285.
case("a session under medical direction", "sec. 50.C and 50.E",
     (line("00790", "QK", minutes=95), pays("171.29")), (line("00840", "QK", minutes=30), denied("bundled", "97")))
# The directing physician and the directed anesthetist of one case are two: (7 + 6.0) x 22.39 = 291.07, each half of it.
case("a physician and an anesthetist", "sec. 50.C",
     (line("00790", "QY", minutes=90), pays("145.54")), (line("00790", "QX", minutes=90), pays("145.54")))
# Two groups, two days: (7 + 2.0) x 22.39 = 201.51 and (6 + 2.0) x 22.39 = 179.12.
case("another physician's anesthetic", _SESSION,
     (line("00790", "AA", minutes=30, billing_npi="1"), pays("201.51")),
     (line("00840", "AA", minutes=30, billing_npi="2"), pays("179.12")))
case("another session of the day", "assumed",
     (line("00790", "AA", minutes=30), pays("201.51")), (line("00840", "AA", "59", minutes=30), pays("179.12")))
# Supervision pays 3 units for each procedure: 67.17.
case("supervised procedures", "sec. 50.D",
     (line("00790", "AD", minutes=95), pays("67.17")), (line("00840", "AD", minutes=30), pays("67.17")))
# 01996 is no anesthetic of the session: 3 x 22.39.
case("daily management beside an anesthetic", "sec. 50.G",
     (line("00790", "AA", minutes=30), pays("201.51")), (line("01996"), pays("67.17")))
# professional 8: (5 + 4.0) x 22.39 = 201.51; the add-on 1 unit of base, for each unit: 22.39 and 3 x 22.39 = 67.17.
case("professional 8: a burn's add-on code", "PM B-03-017",
     (line("01952", "AA", minutes=60), pays("201.51")), (line("01953", "AA"), pays("22.39")))
case("professional 8: three units of it", "PM B-03-017; that units multiply is assumed",
     (line("01952", "AA", minutes=60), pays("201.51")),
     (line("01953", "AA", units=3), pays("67.17", fee_schedule_amount="67.17")))
# 3 x (22.39 x 50 percent = 11.195 -> 11.20) = 33.60.
case("three units under medical direction", "PM B-03-017; sec. 50.C",
     (line("01953", "QK", units=3), pays("33.60", fee_schedule_amount="67.17")))
case("units that do not multiply", "named switch",
     (line("01953", "AA", units=3), pays("22.39")), options={"anesthesia_add_on_units": False})
# Labor and a cesarean: (5 + 120 / 15) x 22.39 = 291.07, and (2 + 45 / 15) x 22.39 = 111.95; 01969 (5 + 3.0) = 179.12.
case("labor, then a cesarean", "PM B-03-017: the obstetrical exception",
     (line("01967", "AA", minutes=120), pays("291.07")), (line("01968", "QK", minutes=45), pays("55.98")))
case("labor, then a hysterectomy", "PM B-03-017: the obstetrical exception",
     (line("01967", "AA", minutes=120), pays("291.07")), (line("01969", "AA", minutes=45), pays("179.12")))
# professional 9: units of 95 are minutes: 95 / 15 = 6.3; (7 + 6.3) x 22.39 = 297.787.
case("professional 9: minutes in the units", "ch. 26 sec. 10.4, item 24G",
     (line("00790", "AA", units=95), pays("297.79", fee_schedule_amount="297.79")))
case("minutes beside the units", "ch. 26 sec. 10.4, item 24G",
     (line("00790", "AA", units=7, minutes=95), pays("297.79")))
case("minutes in the units of a session", _SESSION,
     (line("00790", "AA", units=95), pays("342.57")), (line("00840", "AA", units=30), denied("bundled", "97")))
case("one unit is no minute", "sec. 50.G", (line("00790", "AA"), is_("minutes_missing")))
case("units of daily management are no minutes", "sec. 50.G", (line("01996", units=30), pays("67.17")))
# professional 13: without a modifier in full; two that exclude each other are refused.
case("professional 13: no modifier", "sec. 50.I", (line("00790", minutes=95), pays("297.79")))
case("professional 13: two modifiers", "sec. 50.I", (line("00790", "QK", "QX", minutes=95), is_(NO)),
     (line("00790", "QZ", "AA", minutes=95), is_(NO)))
# A line without minutes is in no session: the other is by itself, (6 + 2.0) x 22.39.
case("a line of the session without minutes", "sec. 50.G",
     (line("00790", "AA"), is_("minutes_missing")), (line("00840", "AA", minutes=30), pays("179.12")))
