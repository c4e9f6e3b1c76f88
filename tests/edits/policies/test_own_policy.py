"""A person's own policy and list, without code: read, used in place of the shipped ones, refused by the key."""

from datetime import date

import pytest
from edits.policies.claim_lines import frame, line, told

from feecalc.edits.checking import check_policies as find
from feecalc.edits.policies.lists import read_diagnosis_list
from feecalc.edits.policies.loading import read_policies, shipped_policies, with_policies
from feecalc.errors import BadValue, DuplicateKey, InvalidValue, MissingColumn, UnreadableFile

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
        assert [policy.key for policy in with_policies(own(tmp_path))] == ["knee", "facet_joint"]
        mine = own(tmp_path, KNEE.replace('key = "knee"\nname = "Plan', 'key = "facet_joint"\nname = "Plan'))
        assert [policy.name for policy in with_policies(mine)] == ["Plan X, knee injections"]
        assert told(find(frame(line("64495")), with_policies(mine))) == []

    def test_one_level_a_session(self, tmp_path):
        # A plan that pays one level: the shipped file with another number.
        from importlib.resources import files

        text = files("feecalc.reference").joinpath("coverage", "facet_joint.toml").read_text(encoding="utf-8")
        strict = own(tmp_path, text.replace("[[levels]]\nmost = 2", "[[levels]]\nmost = 1"))
        assert told(find(frame(line("64493", "KX"), line("64494", "KX")), strict)) == [(1, "levels_over_limit")]
        assert told(find(frame(line("64635"), line("64636")), strict)) == [(1, "levels_over_limit")]


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
        (facet,) = shipped_policies()
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

    @pytest.mark.parametrize(
        ("text", "error", "named"),
        [
            ("icd,supports\nM47.816,yes\n", MissingColumn, "no column code.*seen: icd, supports"),
            ("code,supports\nM47.816,perhaps\n", BadValue, "row 2, column supports: 'perhaps'"),
            ("code,effective_from\nM47.816,1/2/2026\n", BadValue, "row 2, column effective_from"),
            ("code,supports\nM51.26,no\n", InvalidValue, "no diagnosis here supports anything"),
            ("code\nM47 816\n", InvalidValue, "key 'codes': 'M47 816' is no code"),
            ("code\n\n", InvalidValue, "no diagnosis here supports anything"),
        ],
    )
    def test_refused(self, tmp_path, text, error, named):
        with pytest.raises(error, match=named):
            read_diagnosis_list(written(tmp_path, text, "list.csv"))

    def test_a_region_that_the_policy_lacks(self, tmp_path):
        path = written(tmp_path, "code,regions\nM47.816,lumbar\n", "list.csv")
        with pytest.raises(InvalidValue, match=r"key 'regions': no 'lumbar' \(did you mean 'lumbar_sacral'\?\)"):
            self.used(path, line("64493"))

    def test_no_file(self, tmp_path):
        with pytest.raises(InvalidValue, match="no such file"):
            read_diagnosis_list(tmp_path / "none.csv")
