"""One service by hand.

Relative values and indices are those of PPRRVU2026_Jul_nonQPP, GPCI2026, PPRRVU2025_Oct and GPCI2025.
"""

import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from feecalc import reference
from feecalc.errors import InvalidValue, UnknownCode, UnknownModifier
from feecalc.pricing.claims.rules import ClaimRules


def money(text):
    return Decimal(text)


# 64493 in 2026: work 1.48, PE 4.08 nonfacility and 0.82 facility, MP 0.14; factor 33.4009, QP 33.5675.
@pytest.mark.parametrize(
    ("asked", "amount"),
    [
        # (1.48 + 4.08 + 0.14) x 33.4009 = 5.70 x 33.4009 = 190.38513
        ({}, "190.39"),
        # (1.48 + 0.82 + 0.14) x 33.4009 = 2.44 x 33.4009 = 81.498196
        ({"place_of_service": "24"}, "81.50"),
        # Miami: 1.48 x 1.000 + 4.08 x 1.041 + 0.14 x 2.529 = 6.08134; x 33.4009 = 203.1222...
        ({"locality": "09102-04"}, "203.12"),
        # without the floor Miami's work index is 0.994: 1.47112 + 4.60134 = 6.07246; x 33.4009 = 202.8256...
        ({"locality": "09102-04", "gpci_floor": False}, "202.83"),
        # QP: 5.70 x 33.5675 = 191.33475
        ({"qp": True}, "191.33"),
        # Alaska's own floor of 1.5 stands without the national one: 2.22 + 4.08 x 1.065 + 0.14 x 0.551 = 6.64234;
        # x 33.4009 = 221.8601...
        ({"locality": "02102-01", "gpci_floor": False}, "221.86"),
    ],
)
def test_a_facet_joint_injection(c26, asked, amount):
    assert c26.price("64493", **asked).allowed_amount == money(amount)


def test_names_find_the_same_locality(c26):
    prices = {
        c26.price("64493", locality=text).allowed_amount for text in ("09102-04", "Miami, FL", "miami", "0910204")
    }
    assert prices == {money("203.12")}


def test_participation(c26):
    # SSA 1848(a)(3): 95 percent of 190.39 = 180.8705; 1848(g)(2)(C): 109.25 percent of 190.39 = 208.001...
    price = c26.price("64493", participating=False)
    assert (price.fee_schedule_amount, price.allowed_amount) == (money("190.39"), money("180.87"))
    assert price.limiting_charge == money("208.00")


@pytest.mark.parametrize(
    ("provider_type", "amount"),
    [
        ("np", "161.83"),  # SSA 1833(a)(1)(O): 85 percent of 190.39 = 161.8315
        ("csw", "142.79"),  # 42 CFR 414.53: 75 percent of 190.39 = 142.7925
        ("cnm", "190.39"),  # 42 CFR 414.54(b): 100 percent from 2011
    ],
)
def test_practitioners_take_assignment(c26, provider_type, amount):
    price = c26.price("64493", provider_type=provider_type, participating=False)
    assert price.allowed_amount == money(amount)
    assert price.limiting_charge is None
    assert any("assignment" in note for note in price.notes)


def test_the_opps_cap_binds(c26):
    # 70496: fee 8.20 x 33.4009 = 273.88738; OPPS columns (1.71 + 5.94 + 0.12) = 7.77 x 33.4009 = 259.524993
    price = c26.price("70496")
    assert (price.fee_schedule_amount, price.opps_cap, price.allowed_amount) == tuple(
        map(money, ("273.89", "259.52", "259.52"))
    )
    # the same in the facility column, where a surgery center's patient is seen
    assert c26.price("70496", place_of_service="24").allowed_amount == money("259.52")
    # its technical component: 5.80 x 33.4009 = 193.72522; 5.34 + 0.03 = 5.37 x 33.4009 = 179.362833
    assert c26.price("70496", "TC").allowed_amount == money("179.36")
    # its professional component has no ceiling: 2.40 x 33.4009 = 80.16216
    assert (c26.price("70496", "26").allowed_amount, c26.price("70496", "26").opps_cap) == (money("80.16"), None)


def test_the_opps_cap_does_not_bind(c26):
    # 72148: fee 5.74 x 33.4009 = 191.721166; OPPS columns 1.44 + 7.79 + 0.12 = 9.35 x 33.4009 = 312.298415
    price = c26.price("72148")
    assert (price.opps_cap, price.allowed_amount) == (money("312.30"), money("191.72"))
    assert not any("cap" in note for note in price.notes)


class TestTechnicalComponentOfAFacilitysPatient:
    """Pub. 100-04 ch. 13 sec. 20.2."""

    def test_it_is_not_paid_to_the_physician(self, c26):
        price = c26.price("77003", "TC", place_of_service="22")
        assert (price.allowed_amount, price.pricing_status) == (None, "technical_component_facility")
        # a claim line that is not paid has no fee, here as in a claim file; the receipt says by which rule
        assert price.fee_schedule_amount is None
        assert (price.steps[-1].name, price.steps[-1].value) == ("technical component", "not paid")

    def test_the_global_service_pays_its_professional_part(self, c26):
        # 77003-26: 0.85 x 33.4009 = 28.390765; the fee is that of the row paid, as on a claim line
        price = c26.price("77003", place_of_service="21")
        assert (price.fee_schedule_amount, price.allowed_amount) == (money("28.39"), money("28.39"))
        assert price.pricing_status == "priced"
        assert any(note.startswith("paid as 77003-26: ") for note in price.notes)

    def test_an_office_and_a_surgery_center_pay_the_whole(self, c26):
        assert c26.price("77003").allowed_amount == money("104.54")
        assert c26.price("77003", place_of_service="24").allowed_amount == money("104.54")

    def test_incident_to_a_physician_is_not_paid_in_a_hospital(self, c26):
        assert c26.price("96372", place_of_service="22").pricing_status == "incident_to_hospital"
        assert c26.price("97110", place_of_service="21").pricing_status == "therapy_hospital"


def test_53_has_its_own_row(c26):
    # 45378-53: 5.67 x 33.4009 = 189.383103
    assert c26.price("45378", "53").allowed_amount == money("189.38")


@pytest.mark.parametrize(
    ("code", "pricing_status"),
    [
        ("99070", "bundled"),
        ("A9270", "noncovered"),
        ("0213T", "contractor_priced"),
        ("36415", "statutorily_excluded"),
        ("J3301", "not_under_fee_schedule"),
        ("01992", "minutes_missing"),
    ],
)
def test_what_is_not_priced_says_why_and_is_never_0(c26, code, pricing_status):
    price = c26.price(code)
    assert price.pricing_status == pricing_status
    assert price.allowed_amount is price.fee_schedule_amount is price.limiting_charge is None
    assert price.reason.endswith(".")


def test_a_place_where_nothing_is_priced_gives_its_own_reason(c26):
    # reference/place_of_service.toml: 05 to 08 are not priced under this schedule
    price = c26.price("64493", place_of_service="7")
    assert (price.pricing_status, price.allowed_amount) == ("not_under_fee_schedule", None)
    assert "Indian Health Service" in price.reason


def test_what_is_not_priced_needs_no_index_that_cannot_be_told(c26):
    """A release that prints only the floored index, asked without the floor at a locality that stands at it."""
    unknown = replace(c26, localities=c26.localities.with_columns(work_gpci_unfloored=pl.lit(None, pl.Decimal(9, 3))))
    with pytest.raises(InvalidValue, match="work GPCI without the floor"):
        unknown.price("64493", locality="09102-04", gpci_floor=False)
    for code, place in (("A9270", "11"), ("0213T", "11"), ("64493", "05")):
        price = unknown.price(code, place_of_service=place, locality="09102-04", gpci_floor=False)
        assert price.allowed_amount is None
        assert price.reason


def test_many_codes_and_places_are_priced_as_each_alone(c26):
    """Codes are added to the engine one by one, from the eleventh on it has all; a new schedule has a new engine."""
    together = replace(c26)
    for code in c26.rvu["hcpcs"].unique(maintain_order=True)[:20]:
        for place, locality in (("11", "09102-04"), ("22", "10112-00"), ("22", None)):
            question = {"place_of_service": place, "locality": locality}
            assert together.price(code, **question) == replace(c26).price(code, **question)


def test_a_code_is_priced_with_its_base_and_sisters_after_others_were(c26):
    """45385 x 2: twice its fee less that of its base 45378 (Pub. 100-04 ch. 12 sec. 40.6.C), whatever came before."""
    base, other = (c26.price(code).allowed_amount for code in ("45378", "45385"))
    for before in ((), ("64493",), ("45378",), ("64493", "99213", "77003")):
        schedule = replace(c26)
        for code in before:
            schedule.price(code)
        assert schedule.price("45385", units=2).allowed_amount == 2 * other - base, before


def test_status_t_is_priced_and_says_its_condition(c26):
    price = c26.price("36591")
    assert price.pricing_status == "priced"
    assert "same day" in price.reason


def test_places_not_priced_by_medicare(c26):
    price = c26.price("99213", place_of_service="06")
    assert (price.allowed_amount, price.pricing_status) == (None, "not_under_fee_schedule")


def test_rarely_done_there_is_said(c26):
    # 27447 is never done in an office: NA, and the printed amount
    price = c26.price("27447")
    assert any(note.startswith("NA") for note in price.notes)
    assert price.allowed_amount is not None


class TestAnesthesia:
    """Pub. 100-04 ch. 12 sec. 50; 5 base units; 2025: national factor 20.3178, Alabama 19.31 (ANES2025)."""

    @pytest.mark.parametrize(
        ("asked", "amount"),
        [
            # 45 minutes are 3.0 units: 8.0 x 20.3178 = 162.5424
            ({"minutes": 45}, "162.54"),
            # 50 minutes are 3.33, so 3.3 units: 8.3 x 20.3178 = 168.63774
            ({"minutes": 50}, "168.64"),
            # Alabama: 8.3 x 19.31 = 160.273
            ({"minutes": 50, "locality": "10112-00"}, "160.27"),
            # medical direction pays half: 160.27 x 50 percent = 80.135, halves up
            ({"minutes": 50, "locality": "10112-00", "modifier": "QK"}, "80.14"),
            ({"minutes": 50, "locality": "10112-00", "modifier": "QZ"}, "160.27"),
            # supervision of more than four: 3 units, 1 more at induction, no time: 4 x 19.31 = 77.24
            ({"locality": "10112-00", "modifier": "AD", "present_at_induction": True}, "77.24"),
            ({"locality": "10112-00", "modifier": "AD"}, "57.93"),
        ],
    )
    def test_units_times_the_factor(self, d25, asked, amount):
        assert d25.price("01992", **asked).allowed_amount == money(amount)

    def test_2026_has_a_factor_for_qps(self, c26):
        # 8.0 x 20.4976 = 163.9808; QP 8.0 x 20.5998 = 164.7984
        assert c26.price("01992", minutes=45).allowed_amount == money("163.98")
        assert c26.price("01992", minutes=45, qp=True).allowed_amount == money("164.80")

    @pytest.mark.parametrize("minutes", [0, -5, 2881])
    def test_minutes_have_bounds(self, d25, minutes):
        with pytest.raises(InvalidValue, match="minutes"):
            d25.price("01992", minutes=minutes)


@pytest.mark.parametrize(
    ("code", "asked", "error", "said"),
    [
        ("64499", {}, UnknownCode, "starter data"),
        ("6449", {}, InvalidValue, "not a code"),
        ("64493; drop", {}, InvalidValue, "not a code"),
        ("64493", {"modifier": "26"}, UnknownModifier, "no row with modifier 26"),
        ("64493", {"modifier": "501"}, InvalidValue, "not a modifier"),
        ("64493", {"place_of_service": "59"}, InvalidValue, "no place of service"),
        ("64493", {"provider_type": "wizard"}, InvalidValue, "known ones"),
        ("64493", {"day": date(2025, 12, 31)}, InvalidValue, "RVU26C prices services of 2026"),
    ],
)
def test_what_cannot_be_asked_is_said(c26, code, asked, error, said):
    with pytest.raises(error, match=said):
        c26.price(code, **asked)


def test_qp_needs_a_year_with_tracks(d25):
    with pytest.raises(InvalidValue, match="2026"):
        d25.price("64493", qp=True)


def test_a_floor_that_the_file_does_not_take_off_is_not_guessed(d25):
    with pytest.raises(InvalidValue, match="cannot be told"):
        d25.price("64493", locality="10112-00", gpci_floor=False)
    # above the floor the printed index is the index itself
    with_floor, without = (d25.price("64493", locality="Manhattan", gpci_floor=floor) for floor in (True, False))
    assert with_floor.allowed_amount == without.allowed_amount


def test_as_dict_is_json_and_exact(c26):
    import json

    record = json.loads(json.dumps(c26.price("64493", locality="Miami, FL").as_dict()))
    assert record["allowed_amount"] == 203.12
    assert record["locality"] == "04"
    assert record["date_of_service"] == "2026-07-01"
    assert len(record["sha256"]) == 64


def by_claims(schedule, code, several, **cells):
    """What ``price_claims`` gives for claims of one line in Miami, its primary service taken as there."""
    lines = [
        {
            "claim_id": str(at), "line": 1, "date_of_service": schedule.release.first_date_of_service, "hcpcs": code,
            "place_of_service": "11", "mac": "09102", "locality": "04", "units": 1,
            **{f"modifier_{number}": modifier for number, modifier in enumerate(modifiers, start=1)}, **cells,
        }
        for at, modifiers in enumerate(several)
    ]  # fmt: skip
    rules = ClaimRules(add_on_needs_primary=False)
    return schedule.price_claims(pl.DataFrame(lines).lazy(), rules).collect().to_dicts()


class TestModifiers:
    # 64493 in Miami: 203.12 (see above); 27447: 19.11 + 11.58 x 1.041 + 4.02 x 2.529 = 41.33136; x 33.4009 = 1,380.50
    @pytest.mark.parametrize(
        ("code", "modifier", "asked", "amount"),
        [
            ("64493", "50", {}, "304.68"),  # ch. 12 sec. 40.7: 150 percent
            ("64493", ["LT", "RT"], {}, "304.68"),
            ("64493", "", {"units": 2}, "304.68"),  # bilateral indicator 1: two units are both sides
            ("64493", "52", {}, "101.56"),  # assumed: 50 percent
            ("64493", "LT", {}, "203.12"),
            ("27447", "62", {}, "862.81"),  # 62.5 percent of 1,380.50: 862.8125
            ("27447", "80", {}, "220.88"),  # 16 percent
            ("27447", "AS", {}, "187.75"),  # 13.6 percent: 187.748
            ("27447", "50,80", {}, "331.32"),  # 150 percent, 2,070.75; 16 percent of it
            ("27447", "55", {}, "289.91"),  # the release's 21 percent: 289.905, halves up
            ("27447", "55", {"postoperative_days": 30}, "96.64"),  # 21 percent x 30 / 90: 96.635, halves up
            ("27447", "80", {"participating": False}, "209.84"),  # 95 percent of 220.88: 209.836
            # 97110: 0.45 + 0.41 x 1.041 + 0.01 x 2.529 = 0.90210, 30.13; with half of PE 0.688695, 23.0030
            ("97110", "", {"units": 3}, "76.13"),
        ],
    )
    def test_by_hand(self, c26, code, modifier, asked, amount):
        price = c26.price(code, modifier, locality="09102-04", **asked)
        assert price.allowed_amount == money(amount), price
        assert Decimal(price.steps[-1].value) == price.allowed_amount

    @pytest.mark.parametrize("code", ["64493", "64494", "27447", "72148", "99213", "97110", "77003"])
    def test_every_modifier_prices_as_a_claim_of_one_line(self, c26, code):
        modifiers = sorted({row["modifier"] for row in reference.rows_on("modifier", date(2026, 7, 1))})
        for modifier, expected in zip(modifiers, by_claims(c26, code, [[each] for each in modifiers]), strict=True):
            try:
                price = c26.price(code, modifier, locality="09102-04")
            except UnknownModifier:  # a component that the code has no row for
                assert expected["pricing_status"] == "modifier_does_not_apply"
                continue
            assert price.pricing_status == expected["pricing_status"], modifier
            if modifier not in ("26", "TC", ""):  # those have a row of their own, and are priced as they were
                assert price.fee_schedule_amount == expected["fee_schedule_amount"], modifier
            assert price.allowed_amount == expected["allowed_amount"], modifier

    @pytest.mark.parametrize("place", ["11", "22", "24", "21"])
    def test_several_at_once(self, c26, place):
        several = [["50", "59"], ["80", "LT"], ["26", "59"], ["TC", "FX"], ["54", "62"]]
        for code in ("64493", "27447", "72148", "97110"):
            found = by_claims(c26, code, several, place_of_service=place, units=2)
            for modifiers, expected in zip(several, found, strict=True):
                price = c26.price(code, modifiers, locality="09102-04", place_of_service=place, units=2)
                assert price.pricing_status == expected["pricing_status"]
                assert price.allowed_amount == expected["allowed_amount"]
                assert (price.modifier, price.units) == (",".join(modifiers), 2)

    def test_without_a_locality_it_is_national(self, c26):
        # 150 percent of 190.39: 285.585, halves up; 109.25 percent of it: 312.0070...
        price = c26.price("64493", "50")
        assert (price.allowed_amount, price.limiting_charge) == (money("285.59"), money("312.01"))
        assert any("national: every index is 1" in step.source for step in price.steps)

    def test_without_the_floor(self, c26):
        # 202.83 above; 150 percent is 304.245, halves up
        assert c26.price("64493", "50", locality="09102-04", gpci_floor=False).allowed_amount == money("304.25")

    def test_one_after_the_other_do_not_mix(self, c26):
        amounts = [
            c26.price("64493", "50", locality=place, gpci_floor=floor).allowed_amount
            for place, floor in ((None, True), ("09102-04", True), ("09102-04", False), (None, True))
        ]
        assert amounts == [money(each) for each in ("285.59", "304.68", "304.25", "285.59")]

    def test_anesthesia_with_a_second_modifier(self, c26):
        # 5 base and 2 time units x 20.4976 = 143.4832; QK pays half of 143.48
        both = c26.price("01992", ["QK", "QS"], minutes=30)
        assert (both.fee_schedule_amount, both.allowed_amount) == (money("143.48"), money("71.74"))

    def test_what_the_patient_pays_less_of_is_noted(self, c26):
        price = c26.price("97110", "CQ")
        assert price.allowed_amount == c26.price("97110").allowed_amount
        assert any("85 percent of Medicare's part" in note for note in price.notes)

    def test_an_add_on_is_priced_and_noted(self, c26):
        assert any("add-on" in note for note in c26.price("64494", "50").notes)

    def test_one_that_does_not_apply_is_no_price(self, c26):
        price = c26.price("99213", "62")
        assert (price.allowed_amount, price.pricing_status) == (None, "cosurgery_not_paid")  # indicator 0: sec. 40.8.D
        assert price.reason

    @pytest.mark.parametrize(
        ("asked", "error", "words"),
        [
            ({"modifier": "ZZ"}, UnknownModifier, "ZZ"),
            ({"modifier": "50,ZZ"}, UnknownModifier, "ZZ"),
            ({"modifier": ["50", "LT", "59", "51", "22"]}, InvalidValue, "at most 4"),
            ({"units": 0}, InvalidValue, "from 1 to 9,999"),
            ({"units": 10_000}, InvalidValue, "from 1 to 9,999"),
            ({"modifier": "50", "place_of_service": "00"}, InvalidValue, "place of service"),
            ({"modifier": "50", "provider_type": "wizard"}, InvalidValue, "provider type"),
        ],
    )
    def test_what_cannot_be_asked(self, c26, asked, error, words):
        with pytest.raises(error, match=words):
            c26.price("64493", **asked)


@pytest.mark.parametrize("asked", ["'64493'", "'64493', ['50', '59'], locality='09102-04', units=2"])
def test_a_price_opens_nothing_that_it_does_not_need(asked):
    """Of the release the rows of one code, and none of the edits, contracts, files of people or pictures."""
    script = (
        "import sys; from feecalc.installed import open_schedule\n"
        "schedule = open_schedule('2026C').schedule\n"
        f"schedule.price({asked})\n"
        "assert 'arrays' not in vars(schedule), 'the whole table was made arrays'\n"
        "others = ('edits', 'contracts', 'facility', 'files', 'runs', 'scenarios', 'charts', 'report', 'ui')\n"
        "opened = [name for name in sys.modules if name.startswith(tuple(f'feecalc.{each}' for each in others))]\n"
        "assert not opened, opened\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
