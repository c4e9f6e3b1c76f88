"""Receipts: their steps lead to the amounts, they name their sources, and a claim's name is never a path."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from pricing.claims import made_up
from pricing.claims.random_claims import Claims, claims_frame

from feecalc.errors import InvalidValue, StoreError
from feecalc.installed import open_schedule
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.explanation import explain
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.runs.receipts import facts
from feecalc.runs.receipts.claim_receipts import ReceiptFolder, file_name
from feecalc.runs.receipts.markdown import markdown_receipt, safe
from feecalc.runs.receipts.text import WIDTH, text_receipt

SEVERAL = {"several procedures", "endoscopy family", "therapy", "imaging", "cardiovascular", "ophthalmology"}
BY_ANOTHER_LINE = {"bundled", "add_on_without_primary"}
MIAMI = {"date_of_service": date(2026, 8, 3), "place_of_service": "11", "mac": "09102", "locality": "04", "units": 1}


@pytest.fixture(scope="module", params=["made up", "RVU25D", "RVU26C"])
def schedule(request):
    if request.param == "made up":
        return made_up.schedule()
    return open_schedule(request.param, home=Path("no-such-folder")).schedule


@pytest.fixture(scope="module")
def c26():
    return open_schedule("RVU26C", home=Path("no-such-folder")).schedule


@pytest.fixture(scope="module", params=[ClaimRules(), ClaimRules(mips_percent="-4.5")], ids=["usual", "mips"])
def told(request, schedule):
    pricer = ClaimPricer([ReleaseDays.of_year(schedule)], request.param)
    claims = Claims(schedule, seed=11).frame(1000)
    return claims, explain(pricer, claims), pricer.price(claims)


def lines_of(schedule, *lines):
    frame = claims_frame([{**MIAMI, "claim_id": "A-1", "line": at, **line} for at, line in enumerate(lines, start=1)])
    return explain(ClaimPricer([ReleaseDays.of_year(schedule)]), frame)


def cents(amount):
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def percent_in(factor):
    """62.5 of "62.5 percent" and of "less 62.5 percent"; None for another factor."""
    words = factor.removeprefix("less ").split(" ")
    return Decimal(words[0]) if len(words) == 2 and words[1] == "percent" else None


class TestSteps:
    def test_they_lead_to_the_allowed_amount_and_from_there_to_what_medicare_pays(self, told):
        _, lines, _ = told
        for line in lines:
            at = None
            for step in line.steps:
                assert step.before == at, line
                at = step.after
            assert at == line.results["allowed_amount"], line
            for step in line.payment:
                assert step.before == at, line
                at = step.after
            if line.payment:
                assert at == line.results["medicare_paid"], line

    def test_the_explained_results_are_the_priced_ones(self, told):
        _, lines, results = told
        assert [line.results for line in lines] == results.to_dicts()

    def test_only_amounts_have_steps(self, told):
        _, lines, _ = told
        for line in lines:
            assert bool(line.steps) == (line.results["allowed_amount"] is not None)
            status = line.results["pricing_status"]
            assert bool(line.payment) == (status == "priced")
            assert (line.steps[-1].name == "another line") == (status in BY_ANOTHER_LINE) if line.steps else True

    def test_a_percent_of_the_amount_before_is_the_amount_after(self, told):
        _, lines, _ = told
        seen = set()
        for step in (step for line in lines for step in (*line.steps, *line.payment) if step.before is not None):
            percent = percent_in(step.factor)
            if percent is None or step.name in SEVERAL:
                continue
            seen.add(step.name)
            of_it = cents(step.before * percent / 100)
            assert step.after == (step.before - of_it if step.factor.startswith("less") else of_it), step
        assert {"both sides", "practitioner", "nonparticipating", "coinsurance", "sequestration"} <= seen

    def test_the_fee_is_the_product_that_is_shown(self, told):
        _, lines, _ = told
        for line in lines:
            values = {step.name: step.value for step in line.basis}
            if "total" in values:
                product = Decimal(values["total"]) * Decimal(values["conversion factor"])
                assert line.steps[0].after == cents(product), line

    def test_every_step_has_a_source_and_every_rule_is_met(self, told, schedule):
        _, lines, _ = told
        steps = [step for line in lines for step in (*line.steps, *line.payment)]
        assert all(step.source for step in steps)
        names = {step.name for step in steps}
        assert {"units", "both sides", "OPPS cap", "billed amount", "another line", "deductible"} | SEVERAL - {
            "cardiovascular", "ophthalmology",
        } <= names  # fmt: skip

    def test_the_codes_explain_what_is_not_paid(self, told):
        """Of a priced line, billed less every adjustment is what Medicare pays, but for a MIPS cut of a part."""
        _, lines, _ = told
        for line in lines:
            found = line.results
            if found["pricing_status"] == "priced" and found["contractual_adjustment"] is not None:
                taken = sum((each.amount for each in line.adjustments), Decimal(0))
                assert line.asked["billed_amount"] - taken == found["medicare_paid"], line


class TestByHand:
    def test_both_sides_of_two_procedures(self, c26):
        """64493 in Miami: 1.48 + 4.08 x 1.041 + 0.14 x 2.529 = 6.08134 RVU; x 33.4009 = 203.1222."""
        first, _ = lines_of(c26, {"hcpcs": "64493", "modifier_1": "50"}, {"hcpcs": "20610"})
        assert [(step.name, str(step.after)) for step in first.steps] == [
            ("fee schedule amount", "203.12"),
            ("both sides", "304.68"),  # 150 percent
            ("several procedures", "304.68"),  # the higher of the two
        ]
        assert "ranked with line 2" in first.steps[2].detail
        assert first.row["source_line"] == c26.rows("64493")["source_line"][0]

    def test_a_line_of_another_claim_is_named_with_its_claim(self, c26):
        patient = {**MIAMI, "beneficiary_id": "B", "billing_npi": "1"}
        lines = ("A-1", 1, "64493"), ("A-1", 2, "20610"), ("B-7", 1, "20600"), ("B-7", 3, "20553")
        given = [{**patient, "claim_id": claim, "line": number, "hcpcs": code} for claim, number, code in lines]
        frame = claims_frame(given)
        told = explain(ClaimPricer([ReleaseDays.of_year(c26)]), frame)
        (of_first,) = [step.detail for step in told[0].steps if step.name == "several procedures"]
        assert of_first.endswith("; ranked with line 2 and lines 1 and 3 of claim B-7")
        (of_last,) = [step.detail for step in told[3].steps if step.name == "several procedures"]
        assert of_last.endswith("; ranked with line 1 and lines 1 and 2 of claim A-1")

    def test_a_line_that_is_not_priced_says_why(self, c26):
        (line,) = lines_of(c26, {"hcpcs": "99213", "modifier_1": "62"})
        assert (line.steps, line.basis) == ((), ())
        # RVU26C's row: co-surgeon indicator 0; a charge is not given
        assert facts.outcome(line) == (
            "cosurgery not paid: modifier 62 does not apply to 99213: its co-surgeon indicator is 0"
        )
        assert facts.codes(line) == ["CO-54: No co-surgeon or team is paid"]

    def test_a_code_the_release_lacks_has_no_row(self, c26):
        (line,) = lines_of(c26, {"hcpcs": "00000"})
        assert line.row is None
        assert "unknown code" in text_receipt("A-1", [line])


class TestText:
    def test_it_fits_a_terminal_and_names_release_and_row(self, told):
        _, lines, _ = told
        for line in lines[:400]:
            text = text_receipt(line.asked["claim_id"], [line])
            assert max(map(len, text.splitlines())) <= WIDTH, text
        (priced,) = [line for line in lines if line.row is not None and line.steps][:1]
        text = " ".join(text_receipt("C", [priced]).split())
        for words in (facts.row_hash(priced.row), priced.release.sha256, priced.release.member("rvu")):
            assert words in text

    def test_the_hash_is_of_the_row(self, c26):
        row = c26.rows("64493").row(0, named=True)
        assert facts.row_hash(row) == facts.row_hash(dict(row))
        assert facts.row_hash(row) != facts.row_hash({**row, "work_rvu": Decimal("1.49")})

    def test_nobody_is_named(self, told):
        claims, lines, _ = told
        text = text_receipt("C", lines[:200]) + markdown_receipt("C", lines[:200])
        patients = claims["beneficiary_id"].unique().to_list()
        assert not any(patient and patient in text for patient in patients)
        assert "beneficiary" not in text


class TestMarkdown:
    def test_every_row_of_a_table_has_its_cells(self, told):
        _, lines, _ = told
        heading = 0
        for row in markdown_receipt("C", lines[:300]).splitlines():
            cells = row.replace("\\|", "").count("|")
            heading = cells if row.startswith("|") and not heading else heading if row.startswith("|") else 0
            assert cells == heading, row

    def test_words_of_the_file_stay_words(self, c26):
        (line,) = lines_of(c26, {"hcpcs": "99213", "place_of_service": "11|<b>"})
        text = markdown_receipt("a\n# b | <script>", [line])
        assert text.startswith("# Claim a?\\# b \\| \\<script\\>\n")
        assert "<b>" not in text
        assert safe("a&b*c") == "a&amp;b\\*c"


class TestFolder:
    def test_names_never_leave_the_folder(self, tmp_path):
        folder = ReceiptFolder(tmp_path / "receipts")
        for claim_id in ("../../x", "/etc/x", "..", "", "a/b", "a\\b", "CON", "x" * 300, "ä", "a b", "a?b", "\0"):
            folder.write(claim_id, "text")
        files = list((tmp_path / "receipts").iterdir())
        assert len(files) == folder.count == 12
        assert list(tmp_path.iterdir()) == [tmp_path / "receipts"]
        assert all(len(file.name) < 110 and file.read_text() == "text" for file in files)

    def test_a_plain_name_is_kept(self):
        assert file_name("A-1001") == "claim-A-1001.md"
        assert len({file_name(text) for text in ("a b", "a-b", "a/b", "a?b")}) == 4

    def test_none_is_written_over(self, tmp_path):
        ReceiptFolder(tmp_path).write("A", "one")
        with pytest.raises(InvalidValue, match="empty folder"):
            ReceiptFolder(tmp_path).write("A", "two")
        assert (tmp_path / "claim-A.md").read_text() == "one"

    def test_a_folder_that_cannot_be(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(StoreError, match="folder"):
            ReceiptFolder(tmp_path / "file")
