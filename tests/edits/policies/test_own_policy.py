"""A person's own policy and list, without code: read, used in place of the shipped ones, refused by the key."""

from datetime import date

import polars as pl
import pytest
from edits.policies.claim_lines import frame, line, told

from feecalc.cli.terminal.output_files import write_table
from feecalc.edits.checking import check_policies as find
from feecalc.edits.policies.loading import shipped_policies, with_policies
from feecalc.errors import DuplicateKey, InvalidValue, MissingColumn, UnreadableFile
from feecalc.files import table
from feecalc.files.policy_files import read_diagnosis_list, read_policies

KNEE = """
[policy]
key = "knee"
name = "Plan X, knee injections"
effective_from = 2026-01-01
source = "Plan X, policy 12"

[[region]]
key = "knee"
name = "knee"

[[kind]]
key = "injection"
purpose = "injection"

[[code]]
codes = ["20610", "20611"]
region = "knee"
kind = "injection"
level = 1

[[sessions]]
purpose = "injection"
most = 1
months = 3
source = "Plan X, policy 12, section 2"

[[coverage]]
codes = ["0232T"]
rule = "not_covered"

[[rule]]
rule = "not_covered"
severity = "warns"
carc = "96"
detail = "{hcpcs} is experimental under {policy}"
remedy = "Ask the plan before {hcpcs}."
"""


def written(tmp_path, text, name="own.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def own(tmp_path, text=KNEE):
    return read_policies(written(tmp_path, text))


class TestOwnPolicy:
    def test_another_subject(self, tmp_path):
        lines = [line("20610", date_of_service=date(2026, 1, day), claim_id=f"{day}") for day in (5, 20)]
        found = find(frame(*lines, line("0232T", date_of_service=date(2026, 1, 5))), own(tmp_path))
        assert told(found) == [(1, "sessions_over_limit"), (2, "not_covered")]
        by_rule = {row["rule"]: row for row in found.to_dicts()}
        assert by_rule["sessions_over_limit"]["source"] == "Plan X, policy 12, section 2"
        assert by_rule["not_covered"]["source"] == "Plan X, policy 12"  # of the policy: the row has none of its own
        assert by_rule["not_covered"]["severity"] == "warns"
        assert by_rule["not_covered"]["carc"] == "96"
        assert by_rule["not_covered"]["detail"] == "0232T is experimental under Plan X, knee injections"

    def test_three_months_later(self, tmp_path):
        lines = [line("20610", date_of_service=day) for day in (date(2026, 1, 5), date(2026, 4, 5))]
        assert told(find(frame(*lines), own(tmp_path))) == []

    def test_before_its_first_day(self, tmp_path):
        assert told(find(frame(line("0232T", date_of_service=date(2025, 12, 31))), own(tmp_path))) == []

    def test_for_its_contractors_only(self, tmp_path):
        policies = own(tmp_path, KNEE.replace("[policy]", '[policy]\nmacs = ["11202"]'))
        assert told(find(frame(line("0232T", mac="09102")), policies)) == []
        assert told(find(frame(line("0232T", mac="11202")), policies)) == [(0, "not_covered")]

    def test_a_folder(self, tmp_path):
        written(tmp_path, KNEE, "a.toml")
        written(tmp_path, KNEE.replace('key = "knee"\nname = "Plan', 'key = "knee_2"\nname = "Plan'), "b.toml")
        assert [policy.key for policy in read_policies(tmp_path)] == ["knee", "knee_2"]

    def test_beside_and_in_place_of_the_shipped(self, tmp_path):
        assert [policy.key for policy in with_policies(own(tmp_path))] == ["knee", "epidural", "facet_joint"]
        mine = own(tmp_path, KNEE.replace('key = "knee"\nname = "Plan', 'key = "facet_joint"\nname = "Plan'))
        assert [policy.key for policy in with_policies(mine)] == ["facet_joint", "epidural"]
        assert with_policies(mine)[0].name == "Plan X, knee injections"
        assert told(find(frame(line("64495")), with_policies(mine))) == []

    def test_one_level_a_session(self, tmp_path):
        # A plan that pays one level: the shipped file with another number.
        from importlib.resources import files

        text = files("feecalc.reference").joinpath("coverage", "facet_joint.toml").read_text(encoding="utf-8")
        strict = own(tmp_path, text.replace("[[levels]]\nmost = 2", "[[levels]]\nmost = 1"))
        assert told(find(frame(line("64493", "KX"), line("64494", "KX")), strict)) == [(1, "levels_over_limit")]
        assert told(find(frame(line("64635"), line("64636")), strict)) == [(1, "levels_over_limit")]


EPIDURAL = """
[policy]
key = "plan_y"
name = "Plan Y, epidurals"
noun = "injection"
effective_from = 2026-01-01
source = "Plan Y, policy 7"

[[region]]
key = "back"
name = "back"

[[kind]]
key = "through_foramen"
purpose = "epidural"

[[kind]]
key = "between_laminae"
purpose = "epidural"

[[code]]
codes = ["64483"]
region = "back"
kind = "through_foramen"
level = 1

[[code]]
codes = ["64484"]
region = "back"
kind = "through_foramen"
level = 2
each_further = true

[[code]]
codes = ["62323"]
region = "back"
kind = "between_laminae"
level = 1
"""
SITES = EPIDURAL + "[[sites]]\nmost = 2\n"
NOT_BOTH = EPIDURAL + '[[not_together]]\ncodes = ["62323"]\nwith_kinds = ["through_foramen"]\nsource = "Plan Y, 7.4"\n'
INTERVAL = EPIDURAL + '[[interval]]\npurpose = "epidural"\ndays = 14\n'


class TestOtherKindsOfRules:
    """What an own policy can say beside limits by level and year."""

    def found(self, tmp_path, text, *lines):
        return find(frame(*lines), own(tmp_path, text))

    @pytest.mark.parametrize(
        "lines",
        [
            [line("64483", "50")],  # one level on both sides
            [line("64483", "RT"), line("64483", "LT")],
            [line("64483", "RT"), line("64484", "RT")],  # two levels on one side
            [line("64483"), line("64484")],
        ],
    )
    def test_one_level_on_both_sides_or_two_levels_on_one(self, tmp_path, lines):
        assert told(self.found(tmp_path, SITES, *lines)) == []

    def test_a_third_site(self, tmp_path):
        both = [line("64483", "50"), line("64484", "RT")]
        assert told(self.found(tmp_path, SITES, *both)) == [(1, "sites_over_limit")]
        found = self.found(tmp_path, SITES, line("64483", "RT"), line("64484", "50"))  # 1 + 2: one of the two is over
        assert told(found) == [(1, "sites_partly_over_limit")]
        assert found.select("share_lost", "share_of").rows() == [(1, 2)]

    def test_its_words_are_its_own(self, tmp_path):
        for text in (SITES, EPIDURAL + "[[levels]]\nmost = 2\n"):
            lines = [line("64483", "RT"), line("64484", "RT", units=3)]
            found = self.found(tmp_path, text, *lines)
            assert found.height
            for said in (*found["detail"], *found["remedy"]):
                assert "joint" not in said
                assert "ASC" not in said
        assert "of the 3 injections of 64484" in found["detail"][0]

    def test_the_plural_of_a_noun_may_be_given(self, tmp_path):
        named = EPIDURAL.replace('noun = "injection"', 'noun = "foramen"\nnouns = "foramina"')
        text = named + "[[levels]]\nmost = 2\n"
        found = self.found(tmp_path, text, line("64483", "RT"), line("64484", "RT", units=3))
        assert "of the 3 foramina of 64484" in found["detail"][0]

    def test_not_both_in_one_session(self, tmp_path):
        found = self.found(tmp_path, NOT_BOTH, line("64483"), line("62323"))
        assert told(found) == [(1, "not_together")]
        assert found["source"].to_list() == ["Plan Y, 7.4"]
        assert "62323 is billed beside 64483" in found["detail"][0]
        apart = line("62323", date_of_service=date(2026, 3, 3))
        assert told(self.found(tmp_path, NOT_BOTH, line("64483"), apart)) == []

    def test_not_beside_a_code_that_is_no_procedure_of_the_policy(self, tmp_path):
        text = EPIDURAL + '[[not_together]]\ncodes = ["64483"]\nwith_codes = ["20610"]\n'
        assert told(self.found(tmp_path, text, line("64483"), line("20610"))) == [(0, "not_together")]
        assert told(self.found(tmp_path, text, line("64483"), line("20611"))) == []

    def test_a_least_interval(self, tmp_path):
        day = date(2026, 3, 2)
        for later, told_of in ((13, [(1, "interval_too_short")]), (14, [])):
            lines = [line("64483"), line("62323", date_of_service=date.fromordinal(day.toordinal() + later))]
            assert told(self.found(tmp_path, INTERVAL, *lines)) == told_of

    @pytest.mark.parametrize(
        ("text", "named"),
        [
            (INTERVAL + "months = 1\n", "give days or months, one of the two"),
            (INTERVAL.replace("days = 14\n", ""), "give days or months, one of the two"),
            (NOT_BOTH + 'with_codes = ["20610"]\n', "give with_kinds or with_codes, one of the two"),
            (NOT_BOTH + 'rule = "never"\n', "key 'rule': no 'never'; known: not_together, sedation"),
            (NOT_BOTH.replace('["through_foramen"]', '["other"]'), "key 'with_kinds': no 'other'"),
            (SITES.replace("most = 2", "most = 0"), "key 'most': 0 is no whole number"),
            (
                EPIDURAL + '[[required_before]]\npurpose = "epidural"\nbefore = "test"\nleast = 1\n',
                "key 'before': no 'test'; known: epidural",
            ),
        ],
    )
    def test_refused(self, tmp_path, text, named):
        with pytest.raises(InvalidValue, match=named):
            own(tmp_path, text)


class TestRefused:
    @pytest.mark.parametrize(
        ("was", "becomes", "named"),
        [
            ("most = 1", "mostt = 1", r"\[\[sessions\]\] number 1: no key 'mostt' here \(did you mean 'most'\?\)"),
            ("most = 1\n", "", r"\[\[sessions\]\] number 1: the key 'most' is missing"),
            ("most = 1", "most = 0", "key 'most': 0 is no whole number"),
            ("most = 1", "most = true", "key 'most': True is no whole number"),
            ("most = 1", 'most = "1"', "key 'most': '1' is no whole number"),
            ('codes = ["0232T"]', 'codes = "0232T"', "key 'codes': '0232T' is no list of codes"),
            ('codes = ["0232T"]', "codes = []", r"key 'codes': \[\] is no list of codes"),
            ('codes = ["0232T"]', 'codes = ["02 32T"]', "key 'codes': '02 32T' is no code"),
            ("effective_from = 2026-01-01", 'effective_from = "2026-01-01"', "key 'effective_from'.*is no date"),
            ("effective_from = 2026-01-01\n", "", r"\[policy\]: the key 'effective_from' is missing"),
            ('region = "knee"', 'region = "hip"', r"\[\[code\]\] number 1, key 'region': no 'hip'; known: knee"),
            ('rule = "not_covered"\n\n', 'rule = "never"\n\n', r"\[\[coverage\]\] number 1, key 'rule': no 'never'"),
            ('purpose = "injection"\nmost', 'purpose = "block"\nmost', "key 'purpose': no 'block'; known: injection"),
            ("[[coverage]]", "[[covrage]]", r"no 'covrage' \(did you mean 'coverage'\?\)"),
            ("[[coverage]]", "[coverage]", r"coverage: write \[\[coverage\]\], with two brackets"),
            ('severity = "warns"', 'severity = "stops"', "key 'severity': no 'stops'; known: denies"),
            ("experimental under {policy}", "under {plan}", r"key 'detail': nothing fills \{plan\}"),
            ('key = "injection"\npurpose = "injection"', 'key = "injection"', r"\[\[kind\]\] number 1.*give purpose"),
            ("[policy]", "[policy_]", "no 'policy_'"),
        ],
    )
    def test_the_key_is_named(self, tmp_path, was, becomes, named):
        assert was in KNEE
        with pytest.raises(InvalidValue, match=named):
            own(tmp_path, KNEE.replace(was, becomes, 1))

    def test_a_code_twice_for_one_day(self, tmp_path):
        twice = KNEE + '[[coverage]]\ncodes = ["0232T"]\nrule = "appeal_only"\n'
        with pytest.raises(DuplicateKey, match=r"\[\[coverage\]\] number 2, key 'codes': 0232T stands twice"):
            own(tmp_path, twice)
        # One after the other is no repetition.
        later = KNEE.replace('codes = ["0232T"]', 'codes = ["0232T"]\neffective_to = 2026-06-30')
        then = '[[coverage]]\ncodes = ["0232T"]\nrule = "appeal_only"\neffective_from = 2026-07-01\n'
        found = find(frame(line("0232T", date_of_service=date(2026, 7, 1))), own(tmp_path, later + then))
        assert told(found) == [(0, "appeal_only")]

    def test_a_code_of_two_contractors_is_no_repetition(self, tmp_path):
        here = KNEE.replace('codes = ["0232T"]', 'codes = ["0232T"]\nmacs = ["11202"]')
        elsewhere = '[[coverage]]\ncodes = ["0232T"]\nrule = "appeal_only"\n'
        for which in ('macs = ["09102"]', 'not_macs = ["11202"]'):
            policies = own(tmp_path, here + elsewhere + which)
            assert told(find(frame(line("0232T", mac="11202")), policies)) == [(0, "not_covered")]
            assert told(find(frame(line("0232T", mac="09102")), policies)) == [(0, "appeal_only")]
        with pytest.raises(DuplicateKey, match="0232T stands twice"):
            own(tmp_path, here + elsewhere + 'not_macs = ["10112"]')  # holds for 11202 too

    def test_two_policies_of_one_key(self, tmp_path):
        written(tmp_path, KNEE, "a.toml")
        written(tmp_path, KNEE, "b.toml")
        with pytest.raises(DuplicateKey, match="2 policies have the key 'knee'"):
            read_policies(tmp_path)

    def test_no_file_no_toml_no_policy(self, tmp_path):
        with pytest.raises(InvalidValue, match="no such file or folder"):
            read_policies(tmp_path / "none.toml")
        with pytest.raises(InvalidValue, match="no policy here"):
            read_policies(tmp_path)
        with pytest.raises(UnreadableFile, match="not TOML"):
            own(tmp_path, "policy = [")
        with pytest.raises(InvalidValue, match=r"the table \[policy\] is missing"):
            own(tmp_path, KNEE[KNEE.index("[[region]]") :])


class TestOwnList:
    def used(self, path, *lines, **more):
        (facet,) = (policy for policy in shipped_policies() if policy.key == "facet_joint")
        return find(frame(*lines), [facet.with_list(read_diagnosis_list(path, **more))])

    def test_csv(self, tmp_path):
        path = written(tmp_path, "code,supports\nM48.061,yes\nM47.816,no\n", "first_coast.csv")
        found = self.used(path, line("64493", "KX", diagnosis_1="M48.061"), line("64494", "KX", diagnosis_1="M54.59"))
        assert told(found) == [(1, "diagnosis_not_supported")]  # a whole list: what is not on it is not covered
        assert "first_coast.csv" in found["detail"][0]
        assert told(self.used(path, line("64493", "KX"))) == [(0, "diagnosis_not_supported")]

    def test_csv_that_is_not_whole(self, tmp_path):
        path = written(tmp_path, "\ufeffCode\nM48.061\n")
        path = path.rename(tmp_path / "part.csv")
        assert told(self.used(path, line("64493", "KX"), complete=False)) == [(0, "diagnosis_not_listed")]

    def test_for_its_contractors_only(self, tmp_path):
        path = written(tmp_path, "code\nM48.061\n", "palmetto.csv")
        lines = [line("64493", "KX", mac=mac, claim_id=mac, beneficiary_id=mac) for mac in ("11202", "09102")]
        found = self.used(path, *lines, macs=["11202"])
        assert told(found) == [(0, "diagnosis_not_supported")]
        assert "(MAC 11202)" in found["detail"][0]

    def test_toml_with_days_regions_and_stems(self, tmp_path):
        path = written(
            tmp_path,
            """
            [diagnosis_list]
            key = "mine"
            name = "my contractor's list"
            complete = true
            source = "article 1"
            [[diagnosis]]
            codes = ["M47"]
            and_below = true
            supports = true
            regions = ["lumbar_sacral"]
            effective_to = 2026-06-30
            [[diagnosis]]
            codes = ["M47.81"]
            and_below = true
            supports = false
            """,
        )
        given = [
            line("64493", "KX", diagnosis_1="M47.26"),
            line("64493", "KX", diagnosis_1="M47.816"),  # the longer code decides
            line("64490", "KX", diagnosis_1="M47.26", beneficiary_id="Q"),
            line("64493", "KX", diagnosis_1="M47.26", date_of_service=date(2026, 7, 1)),
        ]
        found = self.used(path, *given)
        assert told(found) == [(place, "diagnosis_not_supported") for place in (1, 2, 3)]
        assert found["source"].unique().to_list() == ["article 1"]
        (first, second) = read_diagnosis_list(path).entries
        assert (first.source, second.effective_to) == ("article 1", date.max)

    @pytest.mark.parametrize(
        ("text", "error", "named"),
        [
            ("what,supports\nM47.816,yes\n", MissingColumn, "no column for code; the file's headings: what, supports"),
            ("code,supports\nM47.816,perhaps\n", InvalidValue, "row 1 below the headings: supports cannot be read as"),
            ("code,effective_from\nM47.816,soon\n", InvalidValue, "row 1 below the headings: effective_from cannot"),
            ("code,supports\nM51.26,no\n", InvalidValue, "no diagnosis here supports anything"),
            ("code\nM47.816\nM47 816\n", InvalidValue, "row 2 below the headings: no code; write letters"),
            ("code,supports\n,yes\n", InvalidValue, "row 1 below the headings: no code"),
            ("code\n\n", InvalidValue, "no rows below its headings"),
            ("", UnreadableFile, "list.csv: empty"),
        ],
    )
    def test_refused(self, tmp_path, text, error, named):
        with pytest.raises(error, match=named):
            read_diagnosis_list(written(tmp_path, text, "list.csv"))

    def test_a_list_has_a_bound(self, tmp_path, monkeypatch):
        monkeypatch.setattr(table, "MOST_LIST_ROWS", 2)
        assert len(read_diagnosis_list(written(tmp_path, "code\nM1\nM2\n", "list.csv")).entries[0].codes) == 2
        with pytest.raises(InvalidValue, match="more than 2 rows; one diagnosis a row"):
            read_diagnosis_list(written(tmp_path, "code\nM1\nM2\nM3\n", "list.csv"))

    def test_any_table_with_any_usual_heading(self, tmp_path):
        # As a contractor's page is saved: a title, a semicolon between cells, dates month first.
        text = (
            "Billing and coding: facet joints;;\nICD-10 Code;Supports;Effective Date\nm47.816;Y;1/15/2026\nM48.061;N;\n"
        )
        (entry, other) = read_diagnosis_list(written(tmp_path, text, "list.txt")).entries
        assert (entry.codes, entry.supports, entry.effective_from) == (["M47.816"], True, date(2026, 1, 15))
        assert (other.codes, other.supports) == (["M48.061"], False)
        sheet = tmp_path / "list.xlsx"
        write_table(pl.DataFrame({"code": ["M47.816"], "supports": [True], "regions": ["lumbar_sacral"]}), sheet)
        (entry,) = read_diagnosis_list(sheet).entries
        assert (entry.codes, entry.regions) == (["M47.816"], ["lumbar_sacral"])

    def test_rows_of_other_days_and_regions_stay_apart(self, tmp_path):
        text = "code,regions,effective_to\nM1,a b,2026-06-30\nM2,a b,2026-06-30\nM3,a,2026-06-30\nM4,a b,\n"
        entries = read_diagnosis_list(written(tmp_path, text, "list.csv")).entries
        assert [(entry.codes, entry.regions, entry.effective_to) for entry in entries] == [
            (["M1", "M2"], ["a", "b"], date(2026, 6, 30)),
            (["M3"], ["a"], date(2026, 6, 30)),
            (["M4"], ["a", "b"], date.max),
        ]

    def test_a_region_that_the_policy_lacks(self, tmp_path):
        path = written(tmp_path, "code,regions\nM47.816,lumbar\n", "list.csv")
        with pytest.raises(InvalidValue, match=r"key 'regions': no 'lumbar' \(did you mean 'lumbar_sacral'\?\)"):
            self.used(path, line("64493"))

    def test_no_file(self, tmp_path):
        with pytest.raises(InvalidValue, match="no such file"):
            read_diagnosis_list(tmp_path / "none.csv")
