"""Lines that others decide, and rows that cannot be priced."""

from datetime import date
from decimal import Decimal

from pricing.claims.cases.form import NO, Cases, denied, is_, line, pays

CASES = Cases()
case = CASES.add

# --- Lines that others decide -----------------------------------------------------------------------------------------
case("T alone", "RVU25D.pdf, status T", (line("TINJ1"), pays("25.00")), (line("TINJ2"), pays("30.00")))
case("T beside a visit", "RVU25D.pdf, status T", (line("TINJ1", billed_amount=Decimal("40.00")),
     denied("bundled", "97", contractual_adjustment="40.00", medicare_paid="0.00", fee_schedule_amount="25.00")),
     (line("VISIT"), pays("100.00")))
case("T beside a line without a price", "RVU25D.pdf, status T", (line("TINJ1"), pays("25.00")),
     (line("NONC1"), is_("noncovered")),
     (line("VISIT", "50"), is_(NO)))
case("T beside another physician's visit", "RVU25D.pdf: the same provider",
     (line("TINJ1", billing_npi="1"), pays("25.00")),
     (line("VISIT", billing_npi="2"), pays("100.00")))
case("an add-on alone", "NCCI policy manual ch. I", (line("ADDON"), denied("add_on_without_primary", "234")))
case("an add-on whose primary is denied", "NCCI policy manual ch. I", (line("NONC1"), is_("noncovered")),
     (line("ADDON"), denied("add_on_without_primary", "234")))
case("an add-on whose primary does not take its modifier", "NCCI policy manual ch. I", (line("VISIT", "50"), is_(NO)),
     (line("ADDON"), denied("add_on_without_primary", "234")))
case("an add-on with another physician's primary", "agreed", (line("VISIT", billing_npi="1"), pays("100.00")),
     (line("ADDON", billing_npi="2"), pays("50.00")))
case("an add-on on another day", "NCCI policy manual ch. I", (line("VISIT"), pays("100.00")),
     (line("ADDON", date_of_service=date(2025, 7, 2)), denied("add_on_without_primary", "234")))
case("an add-on is never reduced", "sec. 40.6.A", (line("SURG5"), pays("500.00")),
     (line("ADDON", units=3), pays("150.00", rank=None)))

# --- Rows that cannot be priced ---------------------------------------------------------------------------------------
case("status letters", "RVU25D.pdf, Attachment A", (line("BUND1"), is_("bundled")), (line("NONC1"), is_("noncovered")),
     (line("CONT1"), is_("contractor_priced")))
case("GY and GZ", "ch. 1 sec. 60", (line("VISIT", "GY"), is_("noncovered")),
     (line("VISIT", "GZ"), is_("not_necessary")),
     (line("VISIT", "GA"), pays("100.00")))
case("bad rows", "agreed",
     (line("VISIT", date_of_service=None), is_("invalid_date", setting=None, release=None)),
     (line("VISIT", date_of_service=date(2024, 7, 1)), is_("no_release", release=None)),
     (line("NOPE1"), is_("unknown_code")), (line("VISIT", "ZZ"), is_("unknown_modifier")),
     (line("VISIT", place="59"), is_("unknown_place_of_service", setting=None)),
     (line("VISIT", locality="77"), is_("unknown_locality")), (line("VISIT", units=0), is_("invalid_units")),
     (line("VISIT", units=10_000), is_("invalid_units")),
     (line("VISIT", billed_amount=Decimal("-1.00")), is_("invalid_billed_amount")),
     (line("VISIT", provider_type="wizard"), is_("unknown_provider_type")),
     (line("VISIT", "26"), is_(NO)), (line("IMG01", "26", "TC"), is_(NO)),
     (line("VISIT", place="07"), is_("not_under_fee_schedule", setting="not_priced")))
# Bad rows of a claim change nothing for the good ones.
case("a bad row beside good ones", "agreed", (line("SURG1", units=0), is_("invalid_units")),
     (line("SURG5"), pays("500.00", rank=1)))
