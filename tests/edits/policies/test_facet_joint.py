"""Facet joint policy, by hand: each rule caught where it should be, and not caught where it should not."""

from datetime import date

import polars as pl
import pytest
from edits.policies.claim_lines import DAY, frame, line, told

from feecalc.edits.checking import check_policies as find


def rules(*lines, **more):
    return told(find(frame(*lines), **more))


def months(*days, hcpcs="64493", modifiers=("KX",), **other):
    """One session a day, each a claim of its own."""
    return [
        line(hcpcs, *modifiers, date_of_service=day, claim_id=f"C{place}", **other) for place, day in enumerate(days)
    ]


class TestClean:
    """The three scenarios of the billing guide, and bills that look like an error and are none."""

    @pytest.mark.parametrize("place", ["11", "24"])
    @pytest.mark.parametrize(
        "lines",
        [
            [line("64493", "RT", "KX")],
            [line("64493", "50", "KX")],
            [line("64493", "RT", "KX"), line("64494", "RT", "KX")],
        ],
        ids=["single level", "both sides of one level", "two levels"],
    )
    def test_scenarios_of_the_guide(self, lines, place):
        assert rules(*(each | {"place_of_service": place} for each in lines)) == []

    @pytest.mark.parametrize(
        "lines",
        [
            [line("64493", "RT", "KX"), line("64493", "LT", "KX")],  # both sides on two lines, as an ASC bills
            [line("64493", "RT", "KX"), line("64494", "RT", "KX"), line("64494", "LT", "KX")],
            [line("64493", "50", "KX"), line("64494", "LT", "KX")],
            [line("64635", "RT"), line("64636", "RT")],
            [line("64635", "50"), line("64636", "50")],
            [line("64635", "50"), line("64636", units=2)],  # the second level on both sides
            [line("64635", "RT"), line("64635", "LT"), line("64636", "RT"), line("64636", "LT")],
            [line("64635"), line("64636")],
            [line("77003")],
            [line("99213", diagnosis_1="M51.26")],
        ],
    )
    def test_nothing_is_found(self, lines):
        assert rules(*lines) == []

    def test_before_the_policy_nothing_is_said(self):
        before = date(2021, 4, 24)
        assert rules(line("64495", date_of_service=before), line("0213T", date_of_service=before)) == []


class TestImaging:
    @pytest.mark.parametrize("code", ["77003", "77012", "76942"])
    def test_billed_separately(self, code):
        found = find(frame(line("64493", "KX"), line(code, "26")))
        assert told(found) == [(1, "included_service")]
        assert found["severity"].to_list() == ["denies"]
        assert found["carc"].to_list() == ["97"]
        assert "64493" in found["detail"][0]

    @pytest.mark.parametrize("modifier", ["59", "XE", "XP", "XS", "XU"])
    def test_a_modifier_passes_the_pair_and_is_still_asked(self, modifier):
        found = find(frame(line("64635"), line("77003", "26", modifier)))
        assert told(found) == [(1, "included_service_with_modifier")]
        assert found["severity"].to_list() == ["warns"]

    def test_other_day_patient_or_provider_stands(self):
        facet = line("64493", "KX")
        assert rules(facet, line("77003", date_of_service=date(2026, 3, 3))) == []
        assert rules(facet, line("77003", beneficiary_id="Q")) == []
        assert rules(facet, line("77003", billing_npi="2")) == []

    @pytest.mark.parametrize(
        ("own", "other", "found"), [("72", "72", [(1, "included_service")]), ("72", "30", []), ("72", "", [])]
    )
    def test_physicians_of_one_group_are_one_by_their_specialty(self, own, other, found):
        lines = frame(line("64493", "KX"), line("77003"))
        npis = lines.with_columns(rendering_npi=pl.Series(["11", "12"]), specialty=pl.Series([own, other]))
        assert told(find(npis)) == found

    def test_a_provider_that_is_not_named_is_the_same(self):
        assert rules(line("64493", "KX"), line("77003", billing_npi="")) == [(1, "included_service")]


class TestNextLevel:
    @pytest.mark.parametrize(("first", "further"), [("64493", "64494"), ("64490", "64491"), ("64635", "64636")])
    def test_other_side_as_next_level(self, first, further):
        supports = "M47.812" if first == "64490" else "M47.816"
        pair = [line(first, "RT", diagnosis_1=supports), line(further, "LT", diagnosis_1=supports)]
        found = find(frame(*pair))
        assert told(found) == [(1, "next_level_for_other_side")]
        assert found["severity"].to_list() == ["warns"]
        assert "right side" in found["detail"][0]
        assert "left side" in found["detail"][0]

    def test_a_line_without_side_is_not_judged(self):
        assert rules(line("64493", "KX"), line("64494", "LT", "KX")) == []


class TestLevels:
    def test_third_level_by_contractor_and_day(self):
        # Palmetto's revised LCD holds from July 7, 2024, WPS's from July 14, Novitas's from August 11.
        for mac, last in (("10212", date(2024, 7, 6)), ("08102", date(2024, 7, 13)), ("12502", date(2024, 8, 10))):
            first = last.fromordinal(last.toordinal() + 1)
            assert rules(line("64495", mac=mac, date_of_service=last)) == [(0, "appeal_only")]
            assert rules(line("64495", mac=mac, date_of_service=first)) == [(0, "not_covered")]

    def test_an_unconfirmed_day_is_said_to_be_assumed(self):
        assert find(frame(line("64492", diagnosis_1="M47.812")))["source"][0].startswith("assumed; ")

    def test_third_level_is_one_finding_and_not_two(self):
        lines = [line("64493", "KX"), line("64494", "KX"), line("64495", "KX")]
        assert rules(*lines) == [(2, "not_covered")]

    @pytest.mark.parametrize("code", ["0213T", "0214T", "0215T", "0216T", "0217T", "0218T"])
    def test_ultrasound(self, code):
        found = find(frame(line(code)))
        assert told(found) == [(0, "not_covered")]
        assert found["severity"].to_list() == ["denies"]

    def test_radiofrequency_on_one_side(self):
        # 64635 is the first level right; three joints more make levels 2, 3 and 4, of which 3 and 4 are over.
        assert rules(line("64635", "RT"), line("64636", "RT", units=3)) == [(1, "levels_partly_over_limit")]
        one_by_one = [line("64635", "RT"), line("64636", "RT"), line("64636", "RT"), line("64636", "RT")]
        assert rules(*one_by_one) == [(2, "levels_over_limit"), (3, "levels_over_limit")]

    def test_radiofrequency_on_both_sides(self):
        # Bilateral, 2 units: levels 2 and 3 on each side.
        found = find(frame(line("64635", "50"), line("64636", "50", units=2)))
        assert told(found) == [(1, "levels_partly_over_limit")]
        assert "2 of the 4 joints" in found["detail"][0]

    def test_joints_without_side(self):
        assert rules(line("64635"), line("64636", units=2)) == [(1, "levels_unclear")]
        assert rules(line("64635"), line("64636", units=3)) == [(1, "levels_partly_over_limit")]  # 3 > 2 sides x 1

    def test_the_regions_do_not_add_up(self):
        lines = [line("64635", "RT"), line("64636", "RT"), line("64633", "RT"), line("64634", "RT")]
        for each in lines[2:]:
            each["diagnosis_1"] = "M47.812"
        assert rules(*lines) == [(2, "regions_over_limit"), (3, "regions_over_limit")]


class TestOneThoracolumbarRegion:
    """Facility case 10: T12-L1 with L1-L2 is a thoracic and a lumbar code, each once, and one lumbar region."""

    BLOCKS = (line("64490", "50", "KX"), line("64494", "50", "KX"))
    BURNS = (line("64633", "RT"), line("64636", "RT"))

    def billed(self, lines, mac, day=DAY, diagnosis="M47.815"):
        return rules(*(each | {"mac": mac, "date_of_service": day, "diagnosis_1": diagnosis} for each in lines))

    @pytest.mark.parametrize("mac", ["15202", "06102", "14212"])  # CGS in Ohio, NGS in Illinois and Massachusetts
    def test_clean_where_the_contractors_article_says_so(self, mac):
        assert self.billed(self.BLOCKS, mac) == []
        assert self.billed(self.BURNS, mac) == []

    def test_a_question_where_its_words_were_not_read(self):
        for lines in (self.BLOCKS, self.BURNS):
            assert self.billed(lines, "09102") == [(0, "one_region_elsewhere"), (1, "one_region_elsewhere")]

    def test_from_its_day(self):
        assert self.billed(self.BLOCKS, "15202", date(2025, 1, 1)) == []
        assert self.billed(self.BLOCKS, "15202", date(2024, 12, 31)) == [(1, "regions_over_limit")]

    def test_other_codes_or_more_units_are_two_regions(self):
        neck_and_back = [line("64490", "KX"), line("64493", "KX")]
        assert self.billed(neck_and_back, "15202") == [(1, "regions_over_limit")]
        with_more = [*self.BLOCKS, line("64491", "50", "KX")]
        assert (1, "regions_over_limit") in self.billed(with_more, "15202")
        twice = [line("64633", "RT"), line("64636", "RT", units=2)]  # levels 2 and 3 of the back
        assert self.billed(twice, "15202") == [(1, "levels_partly_over_limit"), (1, "regions_over_limit")]

    def test_it_counts_as_one_lumbar_session(self):
        # Four lumbar diagnostic sessions of the year, then this one: a fifth.
        before = months(*TestSessions.FOUR, mac="15202")
        lines = [*before, *(each | {"mac": "15202", "diagnosis_1": "M47.816"} for each in self.BLOCKS)]
        assert rules(*lines) == [(4, "sessions_over_limit"), (5, "sessions_over_limit")]


class TestSedation:
    def test_beside_an_injection_or_radiofrequency(self):
        found = find(frame(line("64493", "KX"), line("99152"), line("99153")))
        assert told(found) == [(1, "sedation"), (2, "sedation")]
        assert found["severity"].unique().to_list() == ["warns"]
        assert not found["source"][0].startswith("assumed")  # First Coast and NGS quote the limitation
        burnt = find(frame(line("64635"), line("99152")))
        assert told(burnt) == [(1, "sedation")]
        assert burnt["source"][0].startswith("assumed")

    def test_beside_both_it_is_asked_once(self):
        lines = [line("64493", "KX"), line("64635"), line("99152")]
        assert rules(*lines) == [(2, "sedation")]

    def test_of_another_day_patient_or_provider(self):
        for other in ({"date_of_service": date(2026, 3, 3)}, {"beneficiary_id": "Q"}, {"billing_npi": "2"}):
            assert rules(line("64493", "KX"), line("99152") | other) == []
        assert rules(line("99152"), line("45378")) == []


class TestInterval:
    def after(self, days, hcpcs="64493", modifiers=("KX",), sides=("", "")):
        first, second = (tuple(each for each in (*modifiers, side) if each) for side in sides)
        lines = [
            line(hcpcs, *first, date_of_service=DAY, claim_id="1"),
            line(hcpcs, *second, date_of_service=DAY.fromordinal(DAY.toordinal() + days), claim_id="2"),
        ]
        return rules(*lines)

    def test_two_weeks_between_diagnostic_sessions(self):
        assert self.after(13) == [(1, "interval_too_short")]
        assert self.after(14) == []
        assert self.after(13, modifiers=()) == []  # therapeutic

    def test_six_months_between_ablations(self):
        # March 2 to September 1, 2026 is a day less than six months: 29 + 30 + 31 + 30 + 31 + 31 + 1 = 183 days.
        assert self.after(183, "64635", ()) == [(1, "interval_too_short")]
        assert self.after(184, "64635", ()) == []

    def test_the_other_side_is_another_place(self):
        assert self.after(7, "64635", (), ("RT", "LT")) == []
        assert self.after(7, "64635", (), ("RT", "50")) == [(1, "interval_too_short")]
        assert self.after(7, "64635", (), ("RT", "")) == [(1, "interval_too_short")]  # its side is not said
        assert self.after(7, "64635", (), ("", "LT")) == [(1, "interval_too_short")]  # nor was that of the former

    def test_by_the_history(self):
        history = frame(line("64635", date_of_service=date(2025, 10, 1), claim_id="old"))
        found = find(frame(line("64635")), history=history)
        assert (0, "interval_too_short") in told(found)
        assert "2025-10-01" in found.filter(found["rule"] == "interval_too_short")["detail"][0]


class TestDiagnosticBefore:
    BLOCKS = (date(2025, 11, 3), date(2025, 12, 1))

    def shown(self, history, *lines):
        return rules(*(lines or [line("64635")]), history=frame(*history))

    def test_fewer_than_two(self):
        assert self.shown(months(*self.BLOCKS)) == []
        assert self.shown(months(self.BLOCKS[0])) == [(0, "too_few_before")]
        assert self.shown([line("99213")]) == [(0, "too_few_before")]
        detail = find(frame(line("64635")), history=frame(*months(self.BLOCKS[0])))["detail"][0]
        assert "show 1 diagnostic sessions" in detail
        assert "asks for 2" in detail

    def test_of_the_other_region_or_read_as_therapeutic(self):
        assert self.shown(months(*self.BLOCKS, hcpcs="64490")) == [(0, "too_few_before")]
        assert self.shown(months(*self.BLOCKS, modifiers=())) == [(0, "too_few_before")]

    def test_a_repeat_within_two_years_rests_on_the_former(self):
        assert self.shown([line("64635", date_of_service=date(2024, 3, 3))]) == []
        assert self.shown([line("64635", date_of_service=date(2024, 3, 2))]) == [(0, "too_few_before")]

    def test_sessions_of_the_file_count_too(self):
        file = [*months(*self.BLOCKS), line("64635")]
        assert self.shown([line("99213")], *file) == []

    def test_without_a_history_nothing_is_known(self):
        assert rules(line("64635")) == []
        assert self.shown([line("99213")], line("64635", beneficiary_id="")) == []


class TestTwiceADay:
    def test_64495_twice(self):
        assert (1, "units_over_day") in rules(line("64495"), line("64495"))
        assert (0, "units_over_day") in rules(line("64495", units=2))

    def test_once_or_both_sides(self):
        assert rules(line("64495")) == [(0, "not_covered")]
        assert "units_over_day" not in [rule for _, rule in rules(line("64495", "RT"), line("64495", "LT"))]
        assert "units_over_day" not in [rule for _, rule in rules(line("64495", "50"))]


class TestSessions:
    FOUR = (date(2025, 3, 10), date(2025, 5, 10), date(2025, 7, 10), date(2025, 9, 10))

    def test_fifth_diagnostic_session(self):
        assert rules(*months(*self.FOUR)) == []
        found = find(frame(*months(*self.FOUR, date(2026, 3, 9))))
        assert told(found) == [(4, "sessions_over_limit")]
        assert found["carc"].to_list() == ["119"]
        assert "2025-03-10, 2025-05-10, 2025-07-10, 2025-09-10" in found["detail"][0]

    def test_twelve_months_to_the_day_are_over(self):
        assert rules(*months(*self.FOUR, date(2026, 3, 10))) == []

    def test_fifth_therapeutic_session_says_how_it_was_read(self):
        found = find(frame(*months(*self.FOUR, DAY, modifiers=())))
        assert told(found) == [(4, "sessions_over_limit")]
        assert "no line of the session carries modifier KX" in found["detail"][0]

    def test_diagnostic_and_therapeutic_are_counted_apart(self):
        days = [date(2025, 4, 1 + 7 * each) for each in range(4)] + [date(2025, 5, 1 + 7 * each) for each in range(4)]
        kinds = ["diagnostic", "therapeutic"] * 4
        lines = [each | {"purpose": kind} for each, kind in zip(months(*days, modifiers=()), kinds, strict=True)]
        for each in lines:
            each["modifier_1"] = "KX" if each["purpose"] == "diagnostic" else ""
        assert rules(*lines) == []

    def test_third_radiofrequency_session(self):
        days = (date(2025, 6, 1), date(2025, 12, 1), DAY)
        # three months after the second one, too: less than six
        told_of = [(2, "interval_too_short"), (2, "sessions_over_limit")]
        assert rules(*months(*days, hcpcs="64635", modifiers=())) == told_of
        assert rules(*months(*days[:2], hcpcs="64635", modifiers=())) == []

    def test_regions_and_patients_are_counted_apart(self):
        mixed = months(*self.FOUR, DAY)
        mixed[2] |= {"hcpcs": "64490", "diagnosis_1": "M47.812"}
        assert rules(*mixed) == []
        mixed = months(*self.FOUR, DAY)
        mixed[2]["beneficiary_id"] = "Q"
        assert rules(*mixed) == []

    def test_two_levels_are_one_session(self):
        lines = months(*self.FOUR)
        lines += [each | {"hcpcs": "64494"} for each in lines]
        assert rules(*lines) == []

    def test_a_denied_session_is_not_counted(self):
        # The fifth of 2025 is denied; by March 11, 2026 the first has left the window and three paid ones are in it.
        assert rules(*months(*self.FOUR, date(2025, 10, 10), date(2026, 3, 11))) == [(4, "sessions_over_limit")]

    def test_history_counts_and_gets_no_finding(self):
        history = frame(*months(*self.FOUR))
        assert rules(line("64493", "KX"), history=history) == [(0, "sessions_over_limit")]
        assert rules(line("64493", "KX"), history=history.head(3)) == []
        bare = history.select("beneficiary_id", "date_of_service", "hcpcs", "modifier_1")
        assert rules(line("64493", "KX"), history=bare) == [(0, "sessions_over_limit")]

    def test_a_session_in_both_files_counts_once(self):
        lines = months(*self.FOUR)
        assert rules(*lines, history=frame(*lines)) == []

    def test_without_patient_only_the_claim_is_counted(self):
        assert rules(*months(*self.FOUR, DAY, beneficiary_id="")) == []


class TestModifier:
    def test_missing_on_a_line_of_a_diagnostic_session(self):
        assert rules(line("64493", "KX"), line("64494")) == [(1, "modifier_missing")]
        assert rules(line("64493", purpose="Diagnostic")) == [(0, "modifier_missing")]

    def test_on_a_therapeutic_line(self):
        assert rules(line("64493", "KX", purpose="therapeutic")) == [(0, "modifier_of_other_purpose")]

    def test_a_word_that_is_no_purpose_is_no_word(self):
        assert rules(line("64493", "KX", purpose="block")) == []


class TestDiagnosis:
    @pytest.mark.parametrize("code", ["M51.26", "m51.16", "M5136", " M51.360 ", "M51.A1"])
    def test_disc(self, code):
        found = find(frame(line("64493", "KX", diagnosis_1=code)))
        assert told(found) == [(0, "diagnosis_not_supported")]
        assert found["carc"].to_list() == ["50"]
        assert "billing guide" in found["detail"][0]

    @pytest.mark.parametrize("code", ["M47.816", "M47816", "m47.817", "M47.896", "M54.59"])
    def test_supported(self, code):
        assert rules(line("64493", "KX", diagnosis_1=code)) == []

    def test_one_that_supports_is_enough(self):
        assert rules(line("64493", "KX", diagnosis_1="M51.26", diagnosis_2="M47.816")) == []

    def test_not_listed_warns_on_a_list_that_is_not_whole(self):
        found = find(frame(line("64493", "KX", diagnosis_1="M48.061")))
        assert told(found) == [(0, "diagnosis_not_listed")]
        assert found["severity"].to_list() == ["warns"]

    def test_lumbar_diagnosis_for_the_neck(self):
        assert rules(line("64490", "KX")) == [(0, "diagnosis_not_listed")]

    def test_none_given_is_not_judged(self):
        assert rules(line("64493", "KX", diagnosis_1="")) == []
        assert told(find(frame(line("64493", "KX")).drop("diagnosis_1", "diagnosis_2"))) == []
