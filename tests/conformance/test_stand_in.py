"""A release without printed amounts: the checks of its build, told as no proof."""

from __future__ import annotations

from cms_shaped import anes_csv
from conformance.small_files import installed

from feecalc.conformance import run


class TestWithoutPrintedAmounts:
    """A release that came without OPPSCAP: what its build checked is told, and that it is no proof."""

    def test_the_checks_stand_in_and_nothing_agrees(self, tmp_path):
        report = run("2025D", store=installed(tmp_path, without=["OPPSCAP"]))
        assert report.comparisons == ()
        assert not report.agrees
        assert [each.check for each in report.stand_in.checks] == [
            "row totals add up", "factor of the dated rule", "indices are sane", "indices of the year",
            "work index floor", "global = 26 + TC", "anesthesia factor",
        ]  # fmt: skip
        assert {each.outcome for each in report.stand_in.checks} == {"ok"}
        assert "RVU25D came without OPPSCAP, so not one was compared" in report.stand_in.not_proven[0]

    def test_a_check_that_could_not_be_made_is_not_told_as_made(self, tmp_path):
        # ANES of 2024 names the year in its heading and not the national factor.
        anes = anes_csv().replace(b"National Anes CF of 20.3178", b"2025 Anesthesia Conversion Factor")
        store = installed(tmp_path, changed={"ANES2025.csv": anes}, without=["OPPSCAP"])
        found = run("2025D", store=store).stand_in
        assert {each.check: each.outcome for each in found.checks}["anesthesia factor"] == "not made"
        assert found.not_proven[-1] == "what could not be checked: anesthesia factor"
