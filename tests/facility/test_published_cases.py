"""A facility's bills at CMS's published national rates of October 2025 and of 2026, each amount reckoned by hand.

The rates are those of Addendum B of October 2025, the APC rates of 2026, and ASC Addenda AA, BB and FF. "Facility 6"
and its like name the case of a bill that was paid wrong before.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from facility.entries import apc, install, opps

from feecalc.facility import open_facility, price_facility_claims
from feecalc.facility.case import CaseLine, case_lines
from feecalc.facility.hospital.exclusions import with_exclusions
from feecalc.facility.rules import modifiers_on, rules_on
from feecalc.ingest.store import Store

D = Decimal
OCTOBER, APRIL = date(2025, 10, 1), date(2026, 4, 1)
_FEE = pl.Decimal(12, 2)


def addendum_b():
    """Code, status, APC, rate; a minimum copayment of a fifth, or 0 of a preventive service."""
    rows = [
        ("71046", "Q3", "5521", "88.05"), ("70450", "Q3", "5522", "106.34"), ("72148", "Q3", "5523", "241.72"),
        ("29881", "J1", "5113", "3244.61"), ("0446T", "T", "1561", "3250.50"), ("63650", "J1", "5462", "6562.90"),
        ("96413", "S", "5694", "331.69"), ("G0463", "J2", "5012", "128.87"), ("G0105", "T", "5311", "911.71"),
        ("G0260", "T", "5442", "692.52"), ("99213", "B", "", None), ("27096", "B", "", None), ("77067", "A", "", None),
        ("15271", "T", "5054", "1829.23"), ("Q4101", "N", "", None), ("97110", "A", "", None), ("80053", "A", "", None),
        ("0266T", "S", "1580", "45000.50"), ("10060", "T", "5051", "190.00"), ("11042", "T", "5052", "390.00"),
        ("G0422", "S", "5771", "122.00"),
    ]  # fmt: skip
    cells = [
        (code, status, group, None, rate and D(rate), D(0) if code == "G0105" else None,
         rate and (D(0) if code == "G0105" else D(rate) / 5), None, None)
        for code, status, group, rate in rows
    ]  # fmt: skip
    kinds = {name: pl.Decimal(22, 12) if kind.is_decimal() else kind for name, kind in opps().schema.items()}
    return pl.DataFrame(cells, schema=kinds, orient="row")


def later_rates():
    """APC rates of 2026: no row for the New Technology APC 1580, as CMS's file has none."""
    rows = [("S", "5694", "337.46"), ("T", "5053", "755.08"), ("J1", "5113", "3300.00"), ("T", "5054", "1900.00")]
    cells = [(status, group, None, D(rate), None, D(rate) / 5, None, None) for status, group, rate in rows]
    kinds = {name: pl.Decimal(22, 12) if kind.is_decimal() else kind for name, kind in apc().schema.items()}
    return pl.DataFrame(cells, schema=kinds, orient="row")


def devices(*rows):
    """Addendum FF: code, indicator, APC, rate by the ASC's method, device's percent and amount."""
    names = ("hcpcs", "payment_indicator", "apc", "opps_payment_rate", "device_offset_rate", "device_offset_amount")
    wide = pl.Decimal(22, 12)
    kinds = dict(zip(names, (pl.String, pl.String, pl.String, wide, wide, wide), strict=True))
    return pl.DataFrame(rows, schema=kinds, orient="row")


def physician_rows():
    indicators = {"72148": "0", "10060": "1", "11042": "3", "27096": "1", "G0260": "9"}
    return pl.DataFrame({"hcpcs": list(indicators), "bilateral_indicator": list(indicators.values())}).with_columns(
        modifier=pl.lit("")
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("published"))
    install(store, "opps", OCTOBER, addendum_b())
    install(store, "asc_device_offset", OCTOBER, devices(
        ("63650", "J8", "5462", D("6765.39"), D("0.4635"), D("3135.76")),
    ))  # fmt: skip
    install(store, "asc", OCTOBER, pl.DataFrame(
        [("63650", "N", "J8", None, D("5084.25")), ("29881", "Y", "A2", None, D("1579.16")),
         ("64635", "Y", "G2", None, D("924.93")), ("64493", "Y", "G2", None, D("477.94")),
         ("G0260", "Y", "A2", None, D("371.75"))],
        schema={"hcpcs": pl.String, "multiple_procedure": pl.String, "payment_indicator": pl.String,
                "payment_weight": pl.Decimal(14, 4), "payment_rate": _FEE}, orient="row",
    ))  # fmt: skip
    install(store, "apc", APRIL, later_rates())
    install(store, "asc_device_offset", APRIL, devices(
        ("64654", "J8", "1580", D("45000.50"), D("0.8457"), D("38056.92")),
        ("15271", "G2", "5053", D("755.08"), D("0"), D("0")),
        ("99998", "J8", "1999", D("10.00"), D("0.9"), D("9.00")),
    ))  # fmt: skip
    install(store, "asc_ancillary", APRIL, pl.DataFrame(
        [("Q4101", "S2", None, D("127.14"), None), ("70001", "Z2", None, D("40"), None)],
        schema={"hcpcs": pl.String, "payment_indicator": pl.String, "payment_weight": pl.Decimal(14, 4),
                "payment_rate": _FEE, "adjusted_copayment": _FEE}, orient="row",
    ))  # fmt: skip
    return store


@pytest.fixture(scope="module")
def price(store):
    """Price a case, codes as typed: 71046-FX, Q4101x20."""
    opened = {day: open_facility(store, day) for day in (OCTOBER, APRIL)}

    def of(setting, *codes, day=OCTOBER, **more):
        return opened[day].price(case_lines(codes), setting, **more)

    return of


@pytest.fixture(scope="module")
def paid(price):
    def of(setting, *codes, **more):
        return [line.facility_amount for line in price(setting, *codes, **more).lines]

    return of


@pytest.mark.parametrize(
    ("code", "amount"),
    [
        ("71046-FX", "70.44"),  # 88.05 x 0.80
        ("71046-FY", "79.25"),  # 88.05 x 0.90 = 79.245, half up
        ("70450-CT", "90.39"),  # 106.34 x 0.85 = 90.389
        ("71046", "88.05"), ("70450-FX", "85.07"),  # 106.34 x 0.80 = 85.072
    ],
)  # fmt: skip
def test_imaging_is_reduced_on_film_and_on_old_equipment(paid, code, amount):
    """Facility 6: Pub. 100-04 ch. 4 sec. 20.6.13 to 20.6.15."""
    assert paid("opps", code) == [D(amount)]


def test_the_reduced_rate_is_rounded_before_the_wage_index(price):
    # 106.34 x 0.85 = 90.389, so 90.39; x (0.6 x 0.9 + 0.4) = 84.9666; the patient a fifth: 84.97 - 67.98
    line = price("opps", "70450-CT", wage_index=D("0.9")).lines[0]
    assert (line.facility_amount, line.copayment) == (D("84.97"), D("16.99"))
    assert [step.value for step in line.steps if step.name == "modifier CT"] == ["90.39"]


def test_what_a_modifier_of_imaging_is_not_for_is_said(price):
    """CT on a plain film, FX on a visit: nothing changes, and it is said."""
    film, visit = price("opps", "71046-CT").lines[0], price("opps", "G0463-FX").lines[0]
    assert (film.facility_amount, visit.facility_amount) == (D("88.05"), D("128.87"))
    assert "modifier CT is not for this code" in film.note
    assert "modifier FX is not for this code" in visit.note


@pytest.mark.parametrize(
    ("setting", "code", "said"),
    [
        ("opps", "71046-ZZ", "modifier ZZ is none that feecalc knows"),
        ("opps", "71046-26", "question: 26 is the physician's part"),
        ("asc", "29881-26", "question: 26 is the physician's part"),
        ("opps", "10060-80", "question: the line carries a modifier of the physician's bill"),
        ("asc", "29881-54", "question: the line carries a modifier of the physician's bill"),
        ("asc", "29881-62", "question: the line carries a modifier of the physician's bill"),
        ("asc", "29881-50", "question: modifier 50 is not an ASC's way"),
        ("opps", "71046-FX-FY", "IOCE edit 102"),
        ("opps", "10060-73-50", "IOCE edit 37"),
        ("opps", "10060-52x2", "IOCE edit 37"),
        ("opps", "10060-50x2", "IOCE edit 74"),
        ("opps", "70450-CT-FX", "CT beside FX or FY"),
        ("opps", "G0463-PO-PN", "PO beside PN or ER"),
        ("asc", "63650-FB-FC", "FB and FC on one line"),
    ],
)
def test_every_modifier_is_known_or_said(price, setting, code, said):
    """Facility 6: unknown modifiers, 26, 50 and the physician's own on a facility's line."""
    plain = price(setting, code.split("-", maxsplit=1)[0]).lines[0]
    line = price(setting, code).lines[0]
    assert said in line.note
    assert said not in plain.note


def test_a_known_modifier_without_effect_is_not_remarked(price):
    assert "modifier" not in price("opps", "10060-RT-59").lines[0].note


def test_both_sides_only_of_codes_that_have_two(tmp_path, price):
    """Facility 6: 50 on an MRI. Bilateral indicators of the physician file: 72148 0, 10060 (T) 1, 11042 3."""
    unknown = price("opps", "72148-50").lines[0]
    assert "bilateral indicator of the code is not known here" in unknown.note
    store = Store(tmp_path)
    install(store, "opps", OCTOBER, addendum_b())
    install(store, "release", OCTOBER, physician_rows(), table="rvu", name="RVU25D")
    schedule = open_facility(store, OCTOBER, ("opps",))

    def line(*codes):
        return schedule.price(case_lines(codes), "opps").lines[0]

    assert line("72148-50").facility_amount == D("241.72")
    assert "the code is paid once, and 50 says both sides" in line("72148-50").note
    assert line("10060-50").facility_amount == D("285.00")  # T: 190 x 1.5
    assert "50" not in line("10060-50").note
    # G0260 has 9 in the physician file, which does not pay it, and stands for 27096 (1): 692.52 x 1.5 = 1,038.78
    assert (line("G0260-50").facility_amount, "50" in line("G0260-50").note) == (D("1038.78"), False)
    assert "modifier 50" in {step.name for step in line("10060-50").steps}
    assert "modifier 50" not in {step.name for step in line("72148-50").steps}


def test_procedures_repeated_or_unrelated_are_not_halved(paid, price):
    """Facts of discounting: 76, 77, 78 and 79 lift it (IOCE user guide). 390 in full, 190 at half, or in full."""
    assert paid("opps", "11042", "10060") == [D("390.00"), D("95.00")]
    for modifier in ("76", "77", "78", "79"):
        line = price("opps", "11042", f"10060-{modifier}").lines[1]
        assert line.facility_amount == D("190.00")
        assert ("times paid", "not discounted") in {(step.name, step.detail) for step in line.steps}
    assert paid("opps", "11042-79", "10060") == [D("390.00"), D("95.00")]
    assert paid("opps", "11042", "10060-50") == [D("390.00"), D("190.00")]  # both sides, 2 x 0.5
    assert paid("opps", "11042", "10060-50-79") == [D("390.00"), D("285.00")]  # 1.5


def test_a_new_technology_service_is_left_out_of_the_comprehensive_payment(price, paid):
    """Facility 7: 3,244.61 + 3,250.50 = 6,495.11."""
    case = price("opps", "29881", "0446T")
    assert [line.facility_amount for line in case.lines] == [D("3244.61"), D("3250.50")]
    assert case.facility_amount == D("6495.11")


def test_preventive_services_mammography_and_therapy_are_left_out(price):
    """Facility 7, siblings: G0105 (no copayment in Addendum B) is paid, and owes nothing; 77067, 97110 elsewhere."""
    lines = price("opps", "29881", "G0105", "77067", "97110-GP", "97110", "80053", "96413").lines
    assert [line.pricing_status for line in lines] == [
        "priced", "priced", "other_schedule", "other_schedule", "not_modeled", "not_modeled", "packaged",
    ]  # fmt: skip
    assert (lines[1].facility_amount, lines[1].copayment) == (D("911.71"), D("0.00"))


def test_what_is_left_out_by_apc_and_since_when():
    """New Technology APCs 1491 to 1599 and 1901 to 1908, from January 1, 2019."""
    line = pl.DataFrame(
        {"hcpcs": "0446T", "apc": "1561", "indicator": "T", "coinsurance": 1, "coinsurance_of": 5, "beside_apc": "5113",
         **dict.fromkeys(("modifier_1", "modifier_2", "modifier_3", "modifier_4"), "")}
    )  # fmt: skip
    rules = rules_on("opps", OCTOBER)

    def left_out(group, day=OCTOBER):
        return with_exclusions(line.with_columns(apc=pl.lit(group)), replace(rules, day=day))["left_out"].item()

    assert left_out("1490") is left_out("1600") is left_out("1900") is left_out("1909") is None
    assert {left_out(group) for group in ("1491", "1599", "1901", "1908")} == {"a New Technology APC"}
    assert left_out("1561", date(2018, 12, 31)) is None
    assert left_out("1561", date(2019, 1, 1)) == "a New Technology APC"


def test_drug_administration_off_campus_from_2026(price, paid):
    """Facility 8: 337.46 x 0.40 = 134.984; the patient 134.98 - 107.98. In 2025 in full."""
    line = price("opps", "96413-PO", day=APRIL).lines[0]
    assert (line.facility_amount, line.copayment) == (D("134.98"), D("27.00"))
    assert "--rural-sole-community" in line.note
    assert paid("opps", "96413-PO") == [D("331.69")]
    assert paid("opps", "96413", day=APRIL) == [D("337.46")]
    assert paid("opps", "15271-PO", day=APRIL) == [D("755.08")]  # another APC


def test_a_visit_off_campus(paid):
    # 128.87 x 0.40 = 51.548
    assert paid("opps", "G0463-PO") == [D("51.55")]


def test_a_rural_sole_community_hospital_is_not_reduced_by_po_and_gets_more(paid):
    # 42 CFR 419.43(g): 337.46 x 1.071 = 361.41966; 128.87 x 1.071 = 138.01977
    assert paid("opps", "96413-PO", day=APRIL, rural_sole_community=True) == [D("361.42")]
    assert paid("opps", "G0463-PO", rural_sole_community=True) == [D("138.02")]


def test_an_off_campus_department_that_is_not_excepted(paid):
    # 911.71 is preventive and not reduced; intensive cardiac rehabilitation in full from 2024; 128.87 x 0.40
    assert paid("opps", "G0105-PN", "G0422-PN") == [D("911.71"), D("122.00")]
    assert paid("opps", "G0463-PN") == [D("51.55")]


def test_skin_substitutes_are_paid_apart_in_2026(price):
    """Facility 8a: 127.14 x 20 = 2,542.80 beside the application's 755.08; the area's wages change the latter alone."""
    case = price("opps", "15271", "Q4101x20", day=APRIL, wage_index=D("0.9"))
    # 755.08 x 0.94 = 709.7752
    assert [line.facility_amount for line in case.lines] == [D("709.78"), D("2542.80")]
    rates = [step.source for line in case.lines for step in line.steps if step.name == "national rate"]
    assert rates == ["APC-20262", "ASC_ANCILLARY-20262"]
    assert price("opps", "15271", "Q4101x20").lines[1].pricing_status == "packaged"  # 2025


def test_beside_a_comprehensive_service_a_skin_substitute_is_not_modeled(price):
    assert price("opps", "29881", "Q4101x20", day=APRIL).lines[1].pricing_status == "not_modeled"


def test_a_code_that_only_the_device_file_names(price):
    """Facility 8b: 64654 in New Technology APC 1580, 45,000.50; the patient the inpatient deductible of 2026, 1,736."""
    line = price("opps", "64654", day=APRIL).lines[0]
    assert (line.apc, line.indicator, line.facility_amount) == ("1580", "S", D("45000.50"))
    assert line.copayment == D("1736.00")
    rate = next(step for step in line.steps if step.name == "national rate")
    assert rate.source == "ASC_DEVICE_OFFSET-20262"
    assert price("opps", "99998", day=APRIL).lines[0].pricing_status == "no_rate"  # no New Technology APC


def test_a_device_procedure_that_ended_before_anesthesia(price, paid):
    """Facility 13. OPPS: 6,562.90 x (1 - 0.4635) / 2: device 3,041.90, (6,562.90 - 3,041.90) / 2 = 1,760.50.

    ASC: (5,084.25 - 3,135.76) / 2 = 974.245.
    """
    assert paid("opps", "63650-73") == [D("1760.50")]
    assert "OPPS Addendum P, which is not read, may differ" in price("opps", "63650-73").lines[0].note
    assert paid("opps", "63650-52") == [D("3281.45")]
    assert paid("opps", "63650-74") == [D("6562.90")]
    assert paid("asc", "63650-73") == [D("974.25")]
    assert paid("asc", "63650-74") == [D("5084.25")]


@pytest.mark.parametrize(
    ("service", "reduced", "factor", "amount"),
    [
        ("63650-73", "3521.00", "0.5", "1760.50"),  # 6,562.90 less the device's 3,041.90
        ("71046-FX", "70.44", "1", "70.44"),  # 88.05 x 80 percent
        ("G0463-PN", "51.55", "1", "51.55"),  # 128.87 x 40 percent = 51.548
        ("71046-PN", "35.22", "1", "35.22"),  # 88.05 x 40 percent
        ("10060-50", None, "1.5", "285.00"),  # 190.00 in both columns
    ],
)
def test_the_rate_shown_times_the_factor_is_the_amount(store, service, reduced, factor, amount):
    """At a wage index of 1: what stands in a user's file multiplies to what is paid."""
    code, modifier = service.split("-")
    line = {"claim_id": "1", "line": 1, "units": 1, "hcpcs": code, "modifier_1": modifier, "setting": "opps"}
    claims = pl.DataFrame([{**line, "date_of_service": OCTOBER, "wage_index": D(1)}])
    (found,) = price_facility_claims(claims, [open_facility(store, OCTOBER, ("opps",))]).to_dicts()
    assert (found["reduced_rate"], found["facility_amount"]) == (None if reduced is None else D(reduced), D(amount))
    assert found["payment_factor"] == D(factor)
    assert (found["reduced_rate"] or found["national_rate"]) * found["payment_factor"] == found["facility_amount"]


def test_credit_for_a_device(paid):
    # 5,084.25 - 3,135.76; 5,084.25 - 1,567.88; beside 73 a credit is ignored
    assert paid("asc", "63650-FB") == [D("1948.49")]
    assert paid("asc", "63650-FC") == [D("3516.37")]
    assert paid("asc", "63650-73-FB") == [D("974.25")]


def test_without_the_device_file_that_is_said(tmp_path):
    store = Store(tmp_path)
    install(store, "opps", OCTOBER, addendum_b())
    line = open_facility(store, OCTOBER, ("opps",)).price([CaseLine("63650", ("73",))], "opps").lines[0]
    assert line.facility_amount == D("3281.45")
    assert "Addendum FF is not installed" in line.note


def claim(store, *lines):
    rows = [
        {"claim_id": "1", "line": number, "date_of_service": OCTOBER, "setting": "asc", "units": 1, **line}
        for number, line in enumerate(lines, start=1)
    ]
    frame = pl.DataFrame(rows, schema_overrides={"billed_amount": _FEE}, infer_schema_length=None)
    return price_facility_claims(frame, [open_facility(store, OCTOBER)])


def test_several_procedures_rank_by_the_lower_of_charge_and_rate_and_are_halved_last(store):
    """Facility 9: 29881 charged 400 (rate 1,579.16), 64635 charged 5,000 (924.93): 924.93 + 400 / 2 = 1,124.93."""
    found = claim(
        store, {"hcpcs": "29881", "modifier_1": "RT", "billed_amount": D(400)},
        {"hcpcs": "64635", "modifier_1": "RT", "billed_amount": D(5000)},
    )  # fmt: skip
    assert found["facility_amount"].to_list() == [D("200.00"), D("924.93")]
    assert found["facility_amount"].sum() == D("1124.93")


def test_the_charge_is_set_against_all_units(store):
    # 64493 x 2 at 477.94: 955.88, charged 900: 450 a unit; the first in full, the second at half: 450 + 225
    found = claim(store, {"hcpcs": "64493", "units": 2, "billed_amount": D(900)})
    assert found["facility_amount"].to_list() == [D("675.00")]


def test_charges_above_the_rates_change_nothing(store):
    # 477.94 + 477.94 / 2 = 716.91
    lines = [{"hcpcs": "64493", "modifier_1": side, "billed_amount": D(5000)} for side in ("RT", "LT")]
    assert claim(store, *lines)["facility_amount"].to_list() == [D("477.94"), D("238.97")]


def test_reduced_lines_do_not_rank_whatever_they_charge(store):
    # 52: half of 1,579.16, charged 700; it takes no part, and 64635 is in full
    found = claim(
        store, {"hcpcs": "29881", "modifier_1": "52", "billed_amount": D(700)},
        {"hcpcs": "64635", "billed_amount": D(5000)},
    )  # fmt: skip
    assert found["facility_amount"].to_list() == [D("700.00"), D("924.93")]


@pytest.mark.parametrize(("setting", "code"), [("opps", "99213"), ("opps", "27096"), ("asc", "27096")])
def test_the_code_of_the_facilitys_own_bill_is_named(price, setting, code):
    """Facility 11."""
    wanted = {"99213": "G0463", "27096": "G0260"}[code]
    assert f"bills {wanted} for it" in price(setting, code).lines[0].reason


@pytest.mark.parametrize(
    ("modifier", "day", "code", "share"),
    [
        ("CT", date(2015, 12, 31), "70450", None), ("CT", date(2016, 1, 1), "70450", 9500),
        ("CT", date(2016, 12, 31), "70450", 9500), ("CT", date(2017, 1, 1), "70450", 8500),
        ("CT", OCTOBER, "70449", None), ("CT", OCTOBER, "70498", 8500), ("CT", OCTOBER, "70499", None),
        ("FX", date(2016, 12, 31), "71046", None), ("FX", date(2017, 1, 1), "71046", 8000),
        ("FY", date(2017, 12, 31), "71046", None), ("FY", date(2018, 1, 1), "71046", 9300),
        ("FY", date(2022, 12, 31), "71046", 9300), ("FY", date(2023, 1, 1), "71046", 9000),
        ("PN", date(2017, 12, 31), "G0422", None), ("PN", date(2023, 12, 31), "G0422", 4000),
        ("PN", date(2024, 1, 1), "G0422", None), ("PN", date(2024, 1, 1), "10060", 4000),
        ("PO", date(2019, 12, 31), "G0463", None), ("PO", date(2020, 1, 1), "G0463", 4000),
        ("PO", OCTOBER, "96413", None),
    ],
)  # fmt: skip
def test_the_first_and_last_days_of_what_reduces_a_rate(modifier, day, code, share):
    """Pub. 100-04 ch. 4 sec. 20.6.11 to 20.6.15, in ten-thousandths."""
    rows = modifiers_on("opps", day).filter(pl.col("modifier") == modifier)
    meant = rows.filter(
        (pl.col("first") == "") | pl.lit(code).is_between("first", "last"), ~pl.lit(code).is_in(pl.col("but")),
        pl.col("of_apc").is_in(["", "5694"]),
    )  # fmt: skip
    assert meant["share"].to_list() == ([] if share is None else [share])


def test_a_rural_sole_community_hospital_is_apart_from_2023():
    assert modifiers_on("opps", date(2022, 12, 31)).filter(modifier="PO")["exempt"].to_list() == [""]
    assert modifiers_on("opps", date(2023, 1, 1)).filter(modifier="PO")["exempt"].to_list() == ["rural_sole_community"]


def test_drug_administration_is_four_apcs_from_2026():
    found = modifiers_on("opps", date(2026, 1, 1)).filter(pl.col("modifier") == "PO", pl.col("of_apc") != "")
    assert found["of_apc"].sort().to_list() == ["5691", "5692", "5693", "5694"]
    assert modifiers_on("opps", date(2025, 12, 31)).filter(modifier="PO")["of_apc"].to_list() == [""]
