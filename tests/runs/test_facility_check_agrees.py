"""What ``feecalc facility`` pays and asks of a bill, and what ``feecalc check`` of the same bill says: the same.

Rates are made up, as facility.entries has them: 10001 T 100.00, 10002 T 80.00, 20001 and 20002 comprehensive, 10004 N;
in a center 10001 100.00 and 10002 80.00 are discounted, 20001 has a device, 70001 is ancillary.
"""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from edits.made_up import pricer, tables
from facility.entries import asc, install, install_all, opps

from feecalc import reference
from feecalc.edits.checking import check
from feecalc.edits.coding.questions import rule_of_facility_note
from feecalc.edits.coding.unpaid import rule_of_status
from feecalc.facility import open_facility, price_facility_claims
from feecalc.facility.notes import TELLS, questions_of
from feecalc.ingest.store import Store
from feecalc.runs.facility_bill import SETTINGS, FacilityBillPricer

DAY = date(2026, 4, 1)
BILLS = {"asc": "asc", "hospital": "opps"}
NO_NOTE = {"", "national rate: no area given"}


@pytest.fixture(scope="module")
def schedules(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("rates"))
    install_all(store)
    install(store, "opps", frame=pl.concat([opps(), opps().filter(pl.col("hcpcs") == "10003").with_columns(
        hcpcs=pl.lit("71046"))]))
    install(store, "asc", frame=pl.concat([asc(), asc().filter(pl.col("hcpcs") == "10003").with_columns(
        hcpcs=pl.lit("10007"), multiple_procedure=pl.lit("?"))]))
    return (open_facility(store, DAY),)


def claims(*rows, bill="hospital"):
    """Rows of claim, patient, code, modifiers, units, charge."""
    made = []
    for number, (claim, patient, code, modifiers, units, charge) in enumerate(rows, 1):
        words = [*modifiers.split(), "", "", "", ""][:4]
        made.append({
            "claim_id": claim, "beneficiary_id": patient, "line": number, "date_of_service": DAY, "hcpcs": code,
            "units": units, "billed_amount": charge, "place_of_service": "22", "mac": "", "locality": "",
            "setting": BILLS[bill], **{f"modifier_{place}": word for place, word in enumerate(words, 1)},
        })  # fmt: skip
    return pl.DataFrame(made, schema_overrides={
        "line": pl.Int32, "units": pl.Int32, "billed_amount": pl.Decimal(12, 2)}, infer_schema_length=None)


def both(schedules, lines, bill):
    """Price and check; return the priced lines with their questions, and the findings."""
    priced = price_facility_claims(lines, schedules, asked=True)
    findings = check(lines, FacilityBillPricer(pricer(), bill, schedules), tables(), policies=(), bill=bill)
    return priced, findings


def agree(schedules, lines, bill):
    """See that amounts, refusals and questions are the same; return the names of the questions."""
    priced, findings = both(schedules, lines, bill)
    packaged = priced["pricing_status"] == "packaged"
    own = priced["facility_amount"].to_list()
    amounts = [0 if is_packaged else amount for is_packaged, amount in zip(packaged, own, strict=True)]
    assert findings.priced["allowed_amount"].to_list() == amounts
    statuses = priced["pricing_status"].to_list()
    assert findings.priced["pricing_status"].cast(pl.String).to_list() == statuses
    rules, found = rule_of_facility_note(), findings.found
    asked = questions_of(priced["asked"])
    for row, kind, said, _ in asked.rows():
        of_line = found.filter(pl.col("row") == row, pl.col("rule") == rules[kind])
        assert of_line.height == 1, (kind, said)
        assert said in of_line["detail"].item()
        assert of_line["remedy"].item().strip()
        assert of_line["amount_at_stake"].item() is not None or statuses[row] not in ("priced", "packaged")
    for row, note in enumerate(priced["note"]):
        questions = asked.filter(pl.col("row") == row)["said"].to_list()
        for text in questions:
            note = note.replace(text, "")
        left = {part.strip() for part in note.split(";")} - NO_NOTE
        assert all(tells(part) for part in left), left
    gaps = set(findings.answers.gaps["row"])
    for row, status in enumerate(statuses):
        handed_on = bool(found.filter(pl.col("row") == row).height)
        assert status in SILENT[bill] or handed_on or row in gaps, status
    return set(asked["kind"])


TELLING = (
    "raised to APC", "paid as comprehensive observation", "of a conditionally packaged service", "less the part of",
    "the billed amount is lower", "wage index", "national rate",
)  # fmt: skip
SILENT = {  # what is paid, packaged on a hospital's bill, or another schedule's: no finding by itself
    "hospital": {"priced", "packaged", "other_schedule", "contractor_priced", "cost_based"},
    "asc": {"priced", "packaged", "other_schedule", "contractor_priced", "cost_based"},
}


def tells(part):
    return part.startswith(TELLING) or any(word in part for word in TELLING)


def every_modifier():
    listed = {row["modifier"] for row in (*reference.rows("modifier"), *reference.rows("facility_modifier"))}
    questions = reference.rows("facility_modifier_question")
    asked = {word for row in questions for word in (*row["modifiers"], *row["beside"])}
    return [*sorted(listed | asked), "ZQ", "Z", "99X"]


@pytest.mark.parametrize("bill", BILLS)
@pytest.mark.parametrize("code", ["10001", "20001", "10004", "71046", "70001", "60001", "99999"])
def test_every_modifier_by_itself(schedules, bill, code):
    """A line a claim with each modifier that any table names, and three that none does."""
    lines = claims(*((f"C{word}", "P1", code, word, 1, None) for word in every_modifier()), bill=bill)
    kinds = agree(schedules, lines, bill)
    if code in ("10001", "20001", "10004"):
        assert "unknown_modifier" in kinds


@pytest.mark.parametrize("bill", BILLS)
@pytest.mark.parametrize("row", reference.rows("facility_modifier_question"), ids=lambda row: "-".join(
    [row["setting"], *row["modifiers"][:2], *row["beside"][:2], "units" * row["several_units"]]))  # fmt: skip
def test_what_cms_returns_or_asks(schedules, bill, row):
    """FX with FY, CT with FX or FY, PO with PN or ER, 50 with 2 units, 52 or 73 with 50 or with 2 units, FB with FC."""
    units = 2 if row["several_units"] else 1
    cases = [f"{word} {beside}".strip() for word in row["modifiers"] for beside in row["beside"] or [""]]
    lines = claims(*((f"C{n}", "P1", "71046" if n % 2 else "10001", words, units, None)
                     for n, words in enumerate(cases)), bill=bill)
    kinds = agree(schedules, lines, bill)
    if row["setting"] == BILLS[bill]:
        assert row["kind"] in kinds


def test_the_dollars_of_a_returned_claim(schedules):
    """71046, made up S at 50.00: with FX and FY the lower percent counts, 80 of 50.00 = 40.00, and CMS returns it."""
    _, findings = both(schedules, claims(("A", "P", "71046", "FX FY", 1, None)), "hospital")
    found = findings.found.filter(pl.col("rule") == "facility_claim_returned").row(0, named=True)
    assert (str(found["amount_at_stake"]), found["severity"]) == ("40.00", "warns")
    assert "CMS returns the claim (IOCE edit 102)" in found["detail"]
    assert found["remedy"].startswith("Keep FX (film) or FY (computed radiography)")


@pytest.mark.parametrize("bill", BILLS)
def test_messy_bills(schedules, bill):
    """Both sides, several units, packaged and excluded codes, no code, no charge, a charge below 0, no such code."""
    lines = claims(
        ("A", "P1", "10001", "RT", 1, 100), ("A", "P1", "10001", "LT", 1, 100), ("A", "P1", "10004", "", 1, 5),
        ("A", "P2", "10002", "", 1, 500), ("B", "P1", "10001", "50", 2, 300), ("B", "P1", "10002", "73", 1, 300),
        ("C", "P1", "20001", "", 1, 9000), ("C", "P1", "20003", "", 1, 1), ("C", "P1", "70001", "", 2, 900),
        ("D", "P1", "60001", "", 1, 1), ("D", "P1", "", "", 1, 7), ("E", "P1", "10001", "", 1, 0),
        ("F", "P1", "10001", "", 1, -5), ("F", "P1", "10002", "74", 1, 80), ("G", "P1", "99999", "ZZ", 1, 1),
        ("H", "P1", "10007", "", 1, 70), ("I", "P1", "J0001", "26", 3, 70), ("J", "P1", "20001", "FB FC", 1, 9000),
        bill=bill,
    )  # fmt: skip
    agree(schedules, lines, bill)


def test_every_question_has_its_rule_and_every_refusal_its_answer():
    """A note's name is a question with a rule, or among those that only tell; a status is a finding or a reason."""
    import inspect

    from feecalc.facility import discounts, lines, surgery_center
    from feecalc.facility.hospital import composites, comprehensive, devices, pricing, reductions, sides

    rooms = (discounts, lines, surgery_center, composites, comprehensive, devices, pricing, reductions, sides)
    source = "".join(map(inspect.getsource, rooms))
    kinds = {row["kind"] for row in reference.rows("facility_modifier_question")}
    for kind in rule_of_facility_note():
        assert kind in kinds or f'"{kind}"' in source or kind.startswith("sides_")
    assert not TELLS & rule_of_facility_note().keys()
    assert kinds <= rule_of_facility_note().keys()
    gaps = {row["pricing_status"] for row in reference.rows("edit_gap") if row["subject"] == "status"}
    for bill, setting in SETTINGS.items():
        table = {"opps": "opps_status_indicator", "asc": "asc_payment_indicator"}[setting]
        statuses = {row["pricing_status"] for row in reference.rows(table)}
        statuses |= {"no_rate", "unknown_indicator", "no_code", "unknown_code", "not_installed", "invalid_units"}
        assert statuses - {"denied_by_edit"} <= SILENT[bill] | gaps | rule_of_status(bill).keys()


def test_without_rates_the_modifiers_are_asked_about_still(schedules):
    """A quarter that is not installed: no amount, and 50 on an ASC's line is a question all the same."""
    lines = claims(("A", "P", "10001", "50", 1, 5), bill="asc").with_columns(date_of_service=date(2025, 8, 1))
    assert agree(schedules, lines, "asc") == {"one_side_paid"}
    _, findings = both(schedules, lines, "asc")
    assert findings.answers.gaps["why"].to_list() == ["no rates of that date are installed"]


def test_a_bill_over_two_quarters_is_one_claim(tmp_path):
    """10004, packaged, stands in June, 20001 in July. By the first day both are priced: 1,000.00 for the claim."""
    store = Store(tmp_path)
    install_all(store, DAY)
    later = opps().with_columns(pl.col("payment_rate") * 2)
    install(store, "opps", date(2026, 7, 1), later.cast(opps().schema))
    opened = tuple(open_facility(store, day) for day in (DAY, date(2026, 7, 1)))
    lines = claims(("A", "P", "10003", "", 1, 5), ("A", "P", "20001", "", 1, 5), ("B", "P", "10003", "", 1, 5))
    days = pl.Series([date(2026, 6, 30), date(2026, 7, 1), date(2026, 7, 2)])
    lines = lines.with_columns(date_of_service=days)
    priced = price_facility_claims(lines, opened)
    # 10003 of June is packaged into 20001 at June's 1,000.00; the bill of July alone has July's doubled 2 x 50.00
    assert [str(each) for each in priced["facility_amount"]] == ["None", "1000.00", "100.00"]
    assert agree(opened, lines, "hospital") == {"in_quarters"}
    undated = lines.with_columns(date_of_service=pl.Series([None, date(2026, 7, 1), date(2026, 7, 2)], dtype=pl.Date))
    assert agree(opened, undated, "hospital") == set()  # a day that cannot be read is in no quarter


def test_two_patients_of_one_number_are_two_bills(schedules):
    """10001 and 10002 of one claim number: 100.00 and half of 80.00 for one patient, 100.00 and 80.00 for two."""
    for bill in BILLS:
        one = claims(("7", "P1", "10001", "", 1, 500), ("7", "P1", "10002", "", 1, 500), bill=bill)
        two = claims(("7", "P1", "10001", "", 1, 500), ("7", "P2", "10002", "", 1, 500), bill=bill)
        for lines, second in ((one, "40.00"), (two, "80.00")):
            priced = price_facility_claims(lines, schedules)
            assert [str(each) for each in priced["facility_amount"]] == ["100.00", second]
            agree(schedules, lines, bill)
        claims_found = both(schedules, two, bill)[1].claims
        assert claims_found.select("claim_id", "lines").rows() == [("7", 1), ("7", 1)]  # two answers, one a patient


def test_a_comprehensive_service_packages_its_own_patients_lines_only(schedules):
    """20001 of patient 1 packages 10003 of patient 1; that of patient 2 under the same number is paid 50.00."""
    lines = claims(("7", "P1", "20001", "", 1, 500), ("7", "P1", "10003", "", 1, 5), ("7", "P2", "10003", "", 1, 5))
    priced = price_facility_claims(lines, schedules)
    assert [str(each) for each in priced["facility_amount"]] == ["1000.00", "None", "50.00"]
    agree(schedules, lines, "hospital")


def test_two_facilities_of_one_number_are_two_bills_and_a_blank_is_the_only_one_named(schedules):
    """Facility N2's 10002 is paid in full beside N1's 10001; a line that names no facility is N1's: half of 80.00."""
    lines = claims(*(("7", "P1", code, "", 1, 500) for code in ("10001", "10002"))).with_columns(
        billing_npi=pl.Series(["N1", "N2"]))
    assert [str(each) for each in price_facility_claims(lines, schedules)["facility_amount"]] == ["100.00", "80.00"]
    agree(schedules, lines, "hospital")
    blank = lines.with_columns(billing_npi=pl.Series(["N1", ""]), beneficiary_id=pl.Series(["", "P1"]))
    assert [str(each) for each in price_facility_claims(blank, schedules)["facility_amount"]] == ["100.00", "40.00"]
    agree(schedules, blank, "hospital")
    # who rendered a line is not the facility, though the file of claims gives it where no other is named
    rendered = lines.with_columns(billing_npi=pl.Series(["D1", "D2"]), rendering_npi=pl.Series(["D1", "D2"]))
    found = check(rendered, FacilityBillPricer(pricer(), "hospital", schedules), tables(), policies=(), bill="hospital")
    assert [str(each) for each in found.priced["allowed_amount"]] == ["100.00", "40.00"]


def test_the_dollars_at_stake_of_a_comprehensive_line_are_its_own_patients(schedules):
    """20001 of P1 denied beside 10004: 1,000.00; P2's 20002 under the same number would not be paid in its place."""
    pair = {"effective_from": DAY, "deleted_on": None, "modifier_indicator": "1", "rationale": "in words"}
    made = tables()
    pairs = pl.DataFrame([{"column_1": "10004", "column_2": "20001", **pair}], schema=made.pairs.schema)
    lines = claims(("7", "P1", "20001", "", 1, 5), ("7", "P1", "10004", "", 1, 5), ("7", "P2", "20002", "", 1, 5))
    by = FacilityBillPricer(pricer(), "hospital", schedules)
    found = check(lines, by, replace(made, pairs=pairs), policies=(), bill="hospital").found
    denied = found.filter(pl.col("severity") == "denies")
    assert denied.select("row", pl.col("amount_at_stake").cast(pl.String)).rows() == [(0, "1000.00")]


def test_a_charge_of_nothing_and_a_line_beside_one_that_cannot_be_read(schedules):
    """An ASC is allowed the lower of 0.00 and 100.00. Beside a charge below 0 another line is paid, and asked about."""
    zero = claims(("A", "P", "10001", "", 1, 0), bill="asc")
    assert agree(schedules, zero, "asc") == {"no_charge"}
    wrong = claims(("A", "P", "10001", "", 1, -1), ("A", "P", "10002", "", 1, 500), bill="asc")
    assert agree(schedules, wrong, "asc") == {"beside_unread"}
