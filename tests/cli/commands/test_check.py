"""feecalc check: the four usual mistakes of facet joint claims, what is printed, written and returned."""

import json
from pathlib import Path

import polars as pl
import pytest

SAMPLE = Path(__file__).parents[3] / "data" / "samples" / "facet.csv"
HEADINGS = "Claim #,Svc Date,CPT,Mod 1,Mod 2,POS,Units,Charge,Locality,DX1,Patient ID\n"
KEYS = ["claim_id", "line", "answer", "rule", "severity", "carc", "rarc", "amount_at_stake", "stake_reason", "remedy",
        "source"]  # fmt: skip
# Fees of RVU26C in Miami: 64493 203.12 (README), 64494 1.00 x 1.000 + 1.77 x 1.041 + ... as the starter data has them


@pytest.fixture
def file(tmp_path):
    """Write lines under the sample's headings; the path."""

    def written(*lines, name="claims.csv", headings=HEADINGS):
        path = tmp_path / name
        path.write_text(headings + "\n".join(lines) + "\n")
        return path

    return written


CLEAN = 'C,07/06/2026,64493,KX,,11,1,400,"Miami, FL",M47.816,A'


class TestTheSample:
    def test_each_mistake_is_found_with_its_remedy_and_nothing_in_the_sound_claims(self, run):
        code, out, _ = run("check", SAMPLE, "--json")
        document = json.loads(out)
        assert document["summary"].startswith("7 claims, 12 lines: 3 denied ($419.18), 1 questioned ($102.42), 3 noth")
        assert document["answers"] == {
            "denied": 3, "reduced": 0, "questioned": 1, "not looked at": 0, "nothing found": 3,
        }  # fmt: skip
        by_claim = {each["claim_id"]: each["answer"] for each in document["claims"]}
        assert by_claim == {
            **dict.fromkeys(("F-01", "F-02", "F-03"), "nothing found"),
            **dict.fromkeys(("F-04", "F-06", "F-07"), "denied"), "F-05": "questioned",
        }  # fmt: skip
        assert all(list(each) == KEYS for each in document["findings"])
        found = [(each["claim_id"], each["line"], each["rule"], each["severity"]) for each in document["findings"]]
        assert found == [
            ("F-04", 2, "included_service", "denies"),
            ("F-05", 2, "next_level_for_other_side", "warns"),
            ("F-06", 3, "not_covered", "denies"),
            ("F-07", 1, "diagnosis_not_supported", "denies"),
        ]
        assert all(each["remedy"] and each["source"] for each in document["findings"])
        assert document["findings"][3]["amount_at_stake"] == 203.12  # one 64493 in an office in Miami
        # one finding a line: what is at stake is what the findings say, and nothing is reduced
        denied = [each["amount_at_stake"] for each in document["findings"] if each["severity"] == "denies"]
        sums = {each["severity"]: each for each in document["at_stake"]}
        assert list(sums) == ["denies", "reduces", "warns"]
        assert sums["denies"]["lines"] == 3
        assert sums["denies"]["amount"] == pytest.approx(sum(each or 0 for each in denied))
        assert sums["denies"]["lines_without_amount"] == denied.count(None)
        assert sums["reduces"] == {"severity": "reduces", "lines": 0, "amount": 0.0, "lines_without_amount": 0}
        assert code == 1

    def test_what_a_person_reads(self, run):
        code, out, err = run("check", SAMPLE)
        # one level; 150 percent of it, 304.68; two levels, 203.12 and 102.42: the sound ones are also priced
        assert "nothing found: F-01, F-02, F-03, allowed $813.34" in out
        lead = out.split("\n\n")[0].replace("-\n", "-")  # a long path breaks the line at a hyphen
        assert " ".join(lead.split()).endswith(
            "facet.csv: 7 claims, 12 lines: 3 denied ($419.18), 1 questioned ($102.42), 3 nothing found, 0 not looked "
            "at; nothing was looked up in NCCI pairs, medically unlikely units, add-on codes: not installed"
        )
        assert "clean" not in out
        # 3 lines of 2,046.72 are denied, none of them ranks with another: 2,046.72 - 419.18
        assert "allowed $2,046.72, with the denials applied $1,627.54" in out
        assert "Claim F-04\n  line 2  77003  denies  included_service" in out
        assert "    Remedy: Take 77003 off the claim" in out
        assert "not checked: no NCCI pairs are installed" in out
        assert "no history was given" in " ".join(out.split())
        assert "looked at by: duplicates; modifiers; visits;" in out
        assert "DX1 -> diagnosis_1" in err
        assert max(map(len, out.splitlines())) <= 100
        assert code == 1

    def test_one_claim_and_what_its_record_must_show(self, run):
        code, out, _ = run("check", SAMPLE, "--claim", "F-02", "--documentation")
        assert code == 0
        assert "The record must show, for F-02" in out
        assert "  [ ] Each level and its side" in out
        assert "F-04" not in out
        assert "1 claim, 1 line: 0 denied, 0 questioned, 1 nothing found, 0 not looked at" in " ".join(out.split())

    def test_the_checklist_names_prior_authorization_in_a_hospital(self, run, file):
        path = file(CLEAN, CLEAN.replace("C,", "H,", 1).replace(",11,", ",22,"))
        code, out, _ = run("check", path, "--documentation", "--json")
        listed = {(each["claim_id"], each["item"]) for each in json.loads(out)["documentation"]}
        assert ("H", "prior_authorization_medicare") in listed
        assert ("C", "prior_authorization_medicare") not in listed
        assert {each["rule"] for each in json.loads(out)["findings"]} == {"authorization_missing"}
        assert code == 0  # a warning
        assert run("check", path, "--strict")[0] == 1


class TestAnAmountThatIsNotKnown:
    UNKNOWN = 'X,07/06/2026,99999,,,11,1,400,"Miami, FL",M47.816,Z'

    def test_it_is_null_and_its_reason_is_given(self, run, file):
        document = json.loads(run("check", file(self.UNKNOWN), "--json")[1])
        (finding,) = document["findings"]
        assert finding["amount_at_stake"] is None
        assert finding["stake_reason"].startswith("not priced: ")
        assert document["at_stake"][0] == {
            "severity": "denies", "lines": 1, "amount": None, "lines_without_amount": 1,
        }  # fmt: skip

    def test_beside_one_that_is_known_the_sum_is_of_that_one(self, run, file):
        known = CLEAN.replace("M47.816", "M51.26")  # one 64493 in Miami, 203.12, whose diagnosis does not support it
        for order in ((self.UNKNOWN, known), (known, self.UNKNOWN)):
            denies = json.loads(run("check", file(*order), "--json")[1])["at_stake"][0]
            assert denies == {"severity": "denies", "lines": 2, "amount": 203.12, "lines_without_amount": 1}


class TestFiles:
    @pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
    def test_the_findings_are_written(self, run, tmp_path, ending):
        path = tmp_path / f"found.{ending}"
        _, out, _ = run("check", SAMPLE, "-o", path)
        readers = {"csv": pl.read_csv, "parquet": pl.read_parquet, "xlsx": pl.read_excel}
        found = readers[ending](path)
        assert found["claim_id"].to_list() == [
            "F-01", "F-02", "F-03", "F-03", "F-04", "F-04", "F-05", "F-05", "F-06", "F-06", "F-06", "F-07",
        ]  # fmt: skip
        told = found.filter(pl.col("answer") != "nothing found")
        assert told["answer"].to_list() == ["denied", "questioned", "denied", "denied"]
        assert told["claim_id"].to_list() == ["F-04", "F-05", "F-06", "F-07"]
        assert [float(each) for each in told["amount_at_stake"]][3] == 203.12
        assert set(KEYS) < set(found.columns)
        assert "12 rows written" in out

    def test_a_cell_that_would_run_is_text(self, run, file, tmp_path):
        path = file(CLEAN.replace("C,", "=1+1,", 1).replace("M47.816", "M51.26"))
        out = tmp_path / "found.csv"
        run("check", path, "-o", out)
        assert out.read_text().splitlines()[1].startswith("'=1+1,")
        priced = tmp_path / "priced.csv"
        run("claims", path, "-o", priced)
        assert priced.read_text().splitlines()[1].startswith("'=1+1,")


class TestWhatIsAsked:
    def test_a_fifth_diagnostic_session_in_twelve_months_by_the_history(self, run, file):
        days = ("2025-09-01", "2025-11-01", "2026-01-05", "2026-04-01")
        earlier = file(
            *(f"A,{day},64493,KX" for day in days), name="history.csv", headings="Patient ID,DOS,CPT,Mod\n"
        )
        path = file(CLEAN)
        assert run("check", path)[0] == 0
        code, out, err = run("check", path, "--history", earlier, "--json")
        assert [each["rule"] for each in json.loads(out)["findings"]] == ["sessions_over_limit"]
        assert code == 1
        assert "history history.csv: 4 lines of the policies' codes" in err
        assert "no history" not in err

    def test_a_contractors_list_goes_before_the_one_that_comes_with_it(self, run, file, tmp_path):
        path, listed = file(CLEAN), tmp_path / "mac.csv"
        listed.write_text("code\nM47.817\n")
        code, out, _ = run("check", path, "--diagnoses", listed, "--json")
        assert (code, [each["rule"] for each in json.loads(out)["findings"]]) == (1, ["diagnosis_not_supported"])
        listed.write_text("code\nM47.816\n")
        assert run("check", path, "--diagnoses", f"facet_joint={listed}", "--json")[0] == 0

    def test_several_diagnoses_in_one_cell(self, run, file):
        path = file(CLEAN.replace("M47.816", '"M51.26; m47.816"'))
        assert run("check", path)[0] == 0

    def test_an_own_policy_takes_the_place_of_the_one_of_its_key(self, run, file, tmp_path):
        from feecalc.edits.policies import loading

        text = (Path(loading.__file__).parents[2] / "reference" / "coverage" / "facet_joint.toml").read_text()
        (tmp_path / "own.toml").write_text(text.replace("[[levels]]\nmost = 2", "[[levels]]\nmost = 1"))
        two = [CLEAN, CLEAN.replace("64493", "64494")]
        assert run("check", file(*two))[0] == 0
        code, out, _ = run("check", file(*two), "--policy", tmp_path / "own.toml", "--json")
        assert (code, json.loads(out)["findings"][0]["rule"]) == (1, "levels_over_limit")

    def test_a_file_without_lines_is_not_one_in_which_nothing_is_wrong(self, run, tmp_path):
        """Nothing is looked at, by no list, of no day: said in a sentence, with exit code 1."""
        (tmp_path / "empty.csv").write_text(HEADINGS)
        code, out, _ = run("check", tmp_path / "empty.csv")
        assert (code, " ".join(out.split()).split(": ", 1)[1]) == (
            1, "no claim lines below the headings: nothing was looked at",
        )  # fmt: skip
        for more in (("--setting", "hospital"), ("--strict",)):
            assert run("check", tmp_path / "empty.csv", *more)[0] == 1
        code, out, _ = run("check", tmp_path / "empty.csv", "--json")
        document = json.loads(out)
        assert (code, document["findings"], document["not_checked"]) == (1, [], [])

    def test_days_that_cannot_be_read_are_not_held_against_the_lists(self, run, file):
        """No line has a day, so no list is older than the lines."""
        _, out, err = run("check", file(CLEAN.replace("07/06/2026", "soon")))
        assert "lines run to" not in out + err

    def test_units_left_blank_are_one_and_counted(self, run, file):
        code, out, err = run("check", file(CLEAN.replace(",11,1,", ",11,,")))
        assert code == 0
        assert "no units on 1 line: 1 for each" in out + err

    def test_a_facilitys_bill_needs_no_locality_and_no_place(self, run, file):
        """Its rates go by neither; what is taken is said."""
        headings = "Claim #,Svc Date,CPT,Mod 1,Units\n"
        code, out, err = run("check", file("C,07/06/2026,64493,50,1", headings=headings), "--setting", "asc", "--json")
        assert (code, json.loads(out)["findings"][0]["rule"]) == (0, "both_sides_in_asc")
        told = " ".join((out + err).split())
        assert "no column place_of_service: 24 for every line" in told
        assert "no column locality: rates go by none" in told
        assert "the lines of one claim number are taken as one patient's" in told
        assert run("check", file("C,07/06/2026,64493,50,1", headings=headings))[0] == 2

    def test_a_surgical_centers_own_bill_wants_two_lines(self, run, file):
        path = file(CLEAN.replace(",KX,,11", ",50,KX,24"))
        assert run("check", path)[0] == 0
        code, out, _ = run("check", path, "--setting", "asc", "--json")
        assert (code, json.loads(out)["findings"][0]["rule"]) == (0, "both_sides_in_asc")

    def test_a_line_that_cannot_be_priced_is_said_not_to_be_judged(self, run, file):
        _, out, _ = run("check", file(CLEAN.replace("Miami, FL", "Nowhere")))
        told = " ".join(out.split())
        assert "1 claim, 1 line: 0 denied, 0 questioned, 0 nothing found, 1 not looked at" in told
        assert "not looked at: C line 1: " in told
        assert "Give the locality, by number, name or ZIP code" in told
        assert "nothing found:" not in told

    def test_what_a_line_says_is_said_once_with_the_count_of_lines(self, run, file):
        """No list of diagnoses is here for 62323: each of two lines is not looked at for that, and no more is said."""
        first = CLEAN.replace("64493", "62323")
        _, out, _ = run("check", file(first, first.replace("C,", "D,", 1).replace(",A", ",B")))
        told = " ".join(out.split())
        assert "not looked at: 2 lines (C line 1, D line 1): Medicare's epidural injection policy" in told
        assert told.count("no list of diagnoses comes with it") == 1
        assert "Give your contractor's list of diagnoses: --diagnoses epidural=FILE." in told

    def test_many_reasons_are_counted_where_they_are_not_printed(self, run, file):
        days = [f"{month:02}/{day:02}/1999" for month in (1, 2) for day in range(1, 21)]  # each names its own day
        path = file(*(CLEAN.replace("C,", f"C{at},", 1).replace("07/06/2026", day) for at, day in enumerate(days)))
        _, out, _ = run("check", path)
        told = " ".join(out.split())
        assert "40 claims, 40 lines: 0 denied, 0 questioned, 0 nothing found, 40 not looked at" in told
        assert out.count("not looked at: C") == 12
        assert "not looked at: 28 lines more for other reasons" in told
        assert "looked at by: " not in out  # nothing was

    def test_not_looked_at_counts_with_strict_and_is_written(self, run, file, tmp_path):
        other = CLEAN.replace("C,", "D,", 1).replace("Miami, FL", "Nowhere").replace(",A", ",B")
        path, out = file(CLEAN, other), tmp_path / "out.csv"
        assert run("check", path, "-o", out)[0] == 0
        assert run("check", path, "--strict")[0] == 1
        rows = pl.read_csv(out, infer_schema=False)
        assert rows.select("claim_id", "answer").rows() == [("C", "nothing found"), ("D", "not looked at")]
        assert rows["remedy"][1].startswith("Give the locality")

    def test_all_options_of_claims_that_say_something_of_the_lines(self, run, file):
        path = file("A,64493,KX,M47.816", headings="Who,Code,Mod,DX\n")
        mapped = file("Code,hcpcs", name="map.csv", headings="")
        code, out, _ = run(
            "check", path, "--map", mapped, "--locality", "Miami, FL", "--pos", "11", "--date", "2026-07-06",
            "--release", "2026C",
        )  # fmt: skip
        assert code == 0
        assert "1 claim, 1 line: 0 denied, 0 questioned, 1 nothing found, 0 not looked at" in " ".join(out.split())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-o", "found.doc"], "must end in .csv, .parquet, .xlsx"),
        (["-o", "claims.csv"], "is the claim file; give another name"),
        (["--claim", "nobody"], "the file has no claim 'nobody'"),
        (["--policy", "none.toml"], "no such file or folder"),
        (["--diagnoses", "none.csv"], "no such file"),
        (["--diagnoses", "hips=claims.csv"], "no policy has the key 'hips'"),
        (["--history", "none.csv"], "no such file"),
        (["--history", "map.csv"], "history map.csv: no column for beneficiary_id, date_of_service"),
        (["--setting", "home"], "give --setting professional, asc or hospital"),
        (["--date", "7/6/2026"], "write it as YYYY-MM-DD"),
    ],
)
def test_what_cannot_be_done_is_said(run, file, tmp_path, monkeypatch, options, words):
    path = file(CLEAN)
    (tmp_path / "map.csv").write_text("hcpcs,claim\n1,2\n")
    monkeypatch.chdir(tmp_path)
    code, _, err = run("check", path.name, *options)
    assert code == 2
    assert words in err


def test_a_history_needs_patients_in_the_claim_file(run, file):
    earlier = file("A,2026-01-01,64493", name="history.csv", headings="Patient ID,DOS,CPT\n")
    path = file(CLEAN.rsplit(",", 1)[0], headings=HEADINGS.replace(",Patient ID", ""))
    code, _, err = run("check", path, "--history", earlier)
    assert code == 2
    assert "has no column beneficiary_id" in err


class TestClaimsWithEdits:
    def test_the_difference_is_told_and_written(self, run, tmp_path):
        out = tmp_path / "priced.csv"
        code, said, _ = run("claims", SAMPLE, "--edits", "-o", out)
        assert code == 0
        assert "edits: 3 lines denied; allowed $2,046.72 without them, $419.18 less with them" in said
        rows = pl.read_csv(out, infer_schema=False)
        assert "denied" not in rows.columns
        denied = rows.filter(pl.col("pricing_status") == "denied_by_edit")
        assert denied.select("Claim #", "denied_by", "carc", "rarc", "allowed_amount").rows() == [
            ("F-04", "included_service", "97", None, "0.00"),
            ("F-06", "not_covered", "50", "N115", "0.00"),
            ("F-07", "diagnosis_not_supported", "50", "N115", "0.00"),
        ]
        assert rows["allowed_amount_without_edits"].cast(pl.Decimal(12, 2)).sum() - rows["allowed_amount"].cast(
            pl.Decimal(12, 2)
        ).sum() == pl.Series([denied["allowed_amount_without_edits"].cast(pl.Decimal(12, 2)).sum()])[0]

    def test_an_add_on_falls_with_its_primary(self, run, file, tmp_path):
        """The primary's diagnosis is refused, and with it both lines: 203.12 and 102.42 are at stake."""
        lines = [CLEAN.replace("M47.816", "M51.26"), CLEAN.replace("64493", "64494")]
        _, said, _ = run("claims", file(*lines), "--edits", "-o", tmp_path / "out.csv", "--json")
        document = json.loads(said)
        assert document["statuses"] == {"denied_by_edit": 1, "add_on_without_primary": 1}
        assert (document["allowed_without_edits"], document["allowed_amount"]) == (305.54, 0)
        assert document["denied_by_edits"] == {"diagnosis_not_supported": 1}

    def test_what_a_surgical_center_lacks_is_said_once_and_only_where_a_line_is_in_one(self, run, file, tmp_path):
        """Addendum BB is not installed; two lines in place 24 make one sentence, on standard error."""
        told = "not checked: ASC Addendum BB is not installed"
        office = file(CLEAN)
        _, said, err = run("claims", office, "--edits", "-o", tmp_path / "a.csv")
        assert told not in err
        inside = CLEAN.replace(",,11,", ",,24,")
        center = file(inside, inside.replace("64493", "64494"))
        _, said, err = run("claims", center, "--edits", "-o", tmp_path / "b.csv")
        assert err.count(told) == 1
        assert told not in said
        assert told not in run("claims", center, "-o", tmp_path / "c.csv")[2]

    def test_nothing_denied(self, run, file, tmp_path):
        _, said, _ = run("claims", file(CLEAN), "--edits", "-o", tmp_path / "out.csv")
        assert "edits: nothing is denied" in said

    def test_a_receipt_shows_the_price_without_the_edit_and_then_the_denial(self, run, tmp_path):
        """77003 in Miami: (0.59 x 1.000 + 2.49 x 1.041 + 0.05 x 2.529) x 33.4009 = 110.51; then nothing, and why."""
        folder = tmp_path / "receipts"
        code, said, _ = run("claims", SAMPLE, "--edits", "--explain", "F-04", "--receipts", folder)
        assert code == 0
        line = " ".join(said[said.index("Line 2  77003") :].split())
        assert "denied by edit: included_service denies the line; without it $110.51 would be allowed" in line
        for part in ("row 77003, PPRRVU", "relative values work", "conversion factor", "fee schedule amount"):
            assert part in line, part
        assert "$110.51: denied by included_service (CARC 97): 77003 is part of 64493" in line
        assert "Remedy: Take 77003 off the claim" in line
        assert "Article A57787" in line
        assert "allowed $0.00" in line
        written = (folder / "claim-F-04.md").read_text().replace("\\", "")
        assert "| edit | $110.51 |  | $0.00 | denied by included_service (CARC 97)" in written
        assert len(list(folder.iterdir())) == 7

    def test_a_denied_level_ranks_in_its_receipt_and_not_in_the_others(self, run, file):
        """Two surgeries of indicator 2: with the first's diagnosis refused the other is paid in full, 203.12; without
        the edit each has its place."""
        lines = ['C,07/06/2026,64493,KX,,11,1,400,"Miami, FL",M51.26,A', 'C,07/06/2026,20610,,,11,1,400,"Miami, FL",,A']
        _, said, _ = run("claims", file(*lines), "--edits", "--explain", "C")
        first, second = said[: said.index("Line 2")], said[said.index("Line 2") :]
        assert "denied by diagnosis_not_supported" in " ".join(first.split())
        assert "several procedures" in first  # it would have ranked before the other
        assert "several procedures" not in second
        assert "rank                  1" in second

    def test_options_of_edits_want_edits(self, run, file, tmp_path):
        code, _, err = run("claims", file(CLEAN), "-o", tmp_path / "out.csv", "--policy", tmp_path)
        assert code == 2
        assert "give --edits too" in err


class TestLeftOut:
    """A payer that sees a rule otherwise: its findings are left out, by name."""

    SIDES = tuple(f'S,07/06/2026,64493,KX,{side},11,1,400,"Miami, FL",M47.816,A' for side in ("RT", "LT"))

    def rules(self, run, path, *options):
        _, out, err = run("check", path, "--json", *options)
        return sorted({each["rule"] for each in json.loads(out)["findings"]}), err

    def test_sides_on_two_lines_of_a_professional_claim(self, run, file):
        path = file(*self.SIDES)
        assert self.rules(run, path)[0] == ["sides_on_two_lines"]
        left, err = self.rules(run, path, "--without", "sides_on_two_lines")
        assert left == []
        assert "left out as asked: sides_on_two_lines" in " ".join(err.split())

    def test_a_denial_is_left_out_of_a_claim_run_too(self, run, tmp_path):
        found, _ = self.rules(run, SAMPLE, "--without", "not_covered", "--without", "included_service")
        assert found == ["diagnosis_not_supported", "next_level_for_other_side"]
        written = tmp_path / "priced.csv"
        run("claims", SAMPLE, "--edits", "--without", "not_covered", "--without", "included_service", "-o", written)
        assert pl.read_csv(written)["denied_by"].drop_nulls().to_list() == ["diagnosis_not_supported"]

    def test_a_name_that_is_no_rule(self, run):
        code, _, err = run("check", SAMPLE, "--without", "sedatoin")
        assert code == 2
        assert "did you mean 'sedation'?" in " ".join(err.split())


class TestOwnListOfDiagnoses:
    def test_the_caveat_goes_with_the_list_it_is_of(self, run, file, tmp_path):
        path, listed = file(CLEAN), tmp_path / "first_coast.csv"
        listed.write_text("code\nM47.816\n")
        caveat = "not a contractor's whole list of diagnoses"
        _, out, _ = run("check", path)
        assert caveat in " ".join(out.split())
        _, out, _ = run("check", path, "--diagnoses", f"facet_joint={listed}")
        assert caveat not in " ".join(out.split())


def test_what_is_only_assumed_is_left_out_by_its_name(run):
    code, _, err = run("check", SAMPLE, "--without", "column_1_modifiers", "--without", "asc_units")
    assert code == 1
    assert "left out as asked: asc_units, column_1_modifiers" in " ".join(err.split())


def test_a_claim_that_is_paid_as_a_whole_is_no_sum_of_its_lines():
    """A facility's claim may lose its payment with all of its lines, and with none of them alone."""
    from decimal import Decimal

    from feecalc.edits.checking import Allowed
    from feecalc.runs.check_report import CheckReport

    sums = Allowed(without=Decimal(100), with_denials=Decimal(20), refused=Decimal(-80))
    told = CheckReport(of_facility=True, allowed=sums).allowed_told
    assert told.startswith("allowed $100.00, with the denials applied $20.00: $80.00 less; a claim that is paid as")
    assert "claims --edits" not in told
