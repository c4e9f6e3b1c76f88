"""The bills of surgical centers and hospitals, checked by CMS's own lists: facility cases 1 to 4 and 15.

ASC Addenda AA and BB of October 2025, EE of January 2025; OPPS Addendum B of October 2025; practitioner pairs and
unlikely units of July 2024; RVU25D. National rates, as printed: 64493 477.94, 29881 1,579.16.
"""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

import feecalc
from feecalc.ingest.build import build
from feecalc.ingest.store import Store

DAY = date(2025, 10, 15)
FILES = (
    "zips/rvu25d.zip", "asc/asc_20251001_Addendum_AA.csv", "asc/asc_20251001_Addendum_BB.csv",
    "asc/asc_20250101_Addendum_EE.csv", "opps/October_2025_Web_Addendum_B.csv",
    "opps/2025_NFRM_Addendum_J_rank.txt", "ncci/ptp_practitioner_2024q3.csv.gz", "ncci/mue_practitioner_2024q3.csv",
    "ncci/AOC_V2026Q2-MCR.xlsx",
)  # fmt: skip


@pytest.fixture(scope="module")
def home(cms, tmp_path_factory):
    folder = tmp_path_factory.mktemp("facility-bills")
    for name in FILES:
        build(cms / name, store=Store(folder))
    return folder


@pytest.fixture
def check(home):
    """Check the lines of one claim; return the findings of no coverage policy: (line, rule, severity, dollars)."""

    def checked(*given, bill="asc"):
        rows = []
        for place, text in enumerate(given, 1):
            code, _, units = text.partition(" x")
            hcpcs, *modifiers = code.split("-")
            rows.append({
                "claim_id": "A", "line": place, "date_of_service": DAY, "hcpcs": hcpcs, "units": int(units or 1),
                "place_of_service": "22" if bill == "hospital" else "24", "mac": "09102", "locality": "04",
                **{f"modifier_{number}": word for number, word in enumerate([*modifiers, "", ""][:2], 1)},
            })  # fmt: skip
        lines = pl.DataFrame(rows, schema_overrides={"line": pl.Int32, "units": pl.Int32})
        return feecalc.check_claims(lines, bill=bill, home=home)

    return checked


def rules(findings):
    """What feecalc's policies on facet injections say is not looked at here."""
    own = pl.col("rule").is_in(["authorization_missing", "modifier_missing", "diagnosis_missing", "not_covered"])
    stake = pl.col("amount_at_stake").cast(pl.String)
    return findings.found.filter(~own).select("line", "rule", "severity", stake).rows()


def allowed(findings):
    return [None if each is None else str(each) for each in findings.priced["allowed_amount"]]


def test_both_sides_on_two_lines(check):
    """Facility 1. 477.94, and the second side at half: 238.97."""
    found = check("64493-RT", "64493-LT")
    assert rules(found) == []
    assert allowed(found) == ["477.94", "238.97"]
    assert rules(check("64493 x2")) == []
    third = [rule for _, rule, *_ in rules(check("64493-RT", "64493-LT", "64493-RT"))]
    assert third == ["duplicate_line"]  # the repeat is denied, and counted with no other
    again = [rule for _, rule, *_ in rules(check("64493-RT", "64493-LT", "64493-RT-76"))]
    assert again == ["mue_day"] * 3
    # a physician bills both sides by 50 on one line, and two lines are denied
    assert [rule for _, rule, *_ in rules(check("64493-RT", "64493-LT", bill="professional"))] == ["mue_day"] * 2
    assert [each for each in rules(check("64493-50", bill="professional")) if each[2] == "denies"] == []


def test_an_asc_bill_by_its_own_lists(check):
    """Facility 2. 29881 stopped before anesthesia: half of 1,579.16 is 789.58."""
    stopped = check("29881-RT-73")
    assert (rules(stopped), allowed(stopped)) == ([], ["789.58"])
    packaged = check("63685", "C1767")
    assert rules(packaged) == [(2, "asc_packaged", "warns", "0.00")]  # N1 in Addendum BB
    assert "(N1)" in packaged.found["detail"][0]
    for code, remedy in (("27096", "an ASC bills G0260 for it"), ("99213", "Take 99213 off the ASC's bill")):
        found = check(code)
        assert rules(found) == [(1, "asc_not_listed", "denies", None)]
        assert remedy in found.found["remedy"][0]
    assert rules(check("G0260-RT")) == []


def test_a_third_level_puts_nothing_at_stake(check):
    """Facility 2: 64495 is N1, so that its denial by the coverage policy costs an ASC 0.00; a physician 53.76."""
    findings = check("64493-RT-KX", "64494-RT-KX", "64495-RT-KX").found
    stake = findings.filter(pl.col("rule") == "not_covered")["amount_at_stake"].cast(pl.String)
    assert stake.to_list() == ["0.00"]


def test_drugs_and_contrast_are_no_question(check):
    """Facility 15: J1100 and Q9966 are N1 in Addendum BB, and on a physician's bill another schedule's."""
    for bill in ("asc", "hospital", "professional"):
        assert rules(check("64493-RT", "J1100 x4", "Q9966 x4", bill=bill)) == []


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        (("20930", "22551"), "status_bundled"), (("92015",), "status_noncovered"),
        (("G0463",), "facility_code_on_professional_bill"), (("G0260",), "facility_code_on_professional_bill"),
    ],
)  # fmt: skip
def test_a_code_that_no_physician_is_paid_is_found_once(check, given, rule):
    """Its unlikely edit allows 0 units (G0260's does not), which says less than its status."""
    found = rules(check(*given, bill="professional"))
    assert [each for each in found if each[0] == 1] == [(1, rule, "denies", None)]


def test_the_pairs_of_an_asc(check):
    """Facility 3 and 4. 29875 beside 29881: half of 1,579.16 is 789.58."""
    assert rules(check("29881-RT", "29875-RT")) == [(2, "ncci_pair_same_modifier", "denies", "789.58")]
    assert rules(check("29881-RT", "29875-RT-59")) == [(2, "ncci_pair_same_site", "warns", "789.58")]
    assert rules(check("29881-RT", "29875-LT")) == []
    assert rules(check("29881-RT", "29877-RT-59")) == [(2, "ncci_pair_never", "denies", "789.58")]
    assert (2, "ncci_pair_column_1", "warns", "0.00") in rules(check("20611-RT", "76942"))
    assert (2, "ncci_pair", "denies", "0.00") in rules(check("20611", "76942"))


def test_a_physician_s_injection_with_guidance(check):
    """Facility 3: RT stands on 20611 alone. It passes by the letter; the question has the dollars of 76942-26."""
    found = check("20611-RT", "76942-26", bill="professional")
    assert [each[:3] for each in rules(found)] == [(2, "ncci_pair_column_1", "warns")]
    assert found.found["amount_at_stake"][0] == found.priced["allowed_amount"][1] > 0


def test_a_hospital_bill_by_addendum_b(check):
    assert rules(check("64493-50", bill="hospital")) == []  # one line with 50, as physicians bill it
    for code, instead in (("27096", "G0260"), ("99213", "G0463")):
        found = check(code, bill="hospital")
        rule = "visit_on_hospital_bill" if code == "99213" else "opps_not_billable"
        assert rules(found) == [(1, rule, "denies", None)]
        assert instead in found.found["remedy"][0]
    assert rules(check("64494-RT", bill="hospital")) == [(1, "add_on_in_hospital", "warns", "0.00")]
    assert "practitioners' files" in " ".join(check("64493-RT", bill="hospital").missing)
    assert "practitioners' files" not in " ".join(check("64493-RT").missing)


def test_a_comprehensive_payment_is_not_at_stake_where_it_is_paid_all_the_same(check):
    """29881 and 29877 are both J1 at 3,244.61, one of which is paid: without 29877 the claim pays as much, 3,244.61.

    29881 with 2 units (the limit is 1) is the claim's only line, and its denial takes all of it.
    """
    found = check("29881-RT", "29877-RT", bill="hospital")
    assert sum(each or 0 for each in found.priced["allowed_amount"]) == Decimal("3244.61")
    assert rules(found) == [(2, "ncci_pair_never", "denies", "0.00")]
    alone = check("29881-RT x2", bill="hospital")
    assert rules(alone) == [(1, "mue_day", "denies", "3244.61")]


def test_a_physician_s_modifier_on_a_facility_s_line(check):
    assert rules(check("64493-RT-80")) == [(1, "physician_modifier_on_facility", "warns", "477.94")]
    assert [rule for _, rule, *_ in rules(check("64493-50"))] == ["both_sides_in_asc"]
