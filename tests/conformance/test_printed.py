"""What CMS printed by other figures than the release's, and what is a difference all the same."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest
from cms_shaped import SERVICES, oppscap_csv, oppscap_rows, release_zip
from conformance.small_files import CAP_ROWS, CAPPED, LOS_ANGELES, MIAMI, with_cap, written

from feecalc.conformance import oppscap_check, printed, run
from feecalc.errors import CheckFailed
from feecalc.ingest.build import build
from feecalc.ingest.store import Store

RULE = {
    "printed": "by a conversion factor of 30.0000 and other figures",
    "source": "made up",
    "conversion_factor": "30.0000",
    "work_gpci": {"09102-04": "0.900"},
    "work_rvu_of": "26",
    "work_rvu_rows": ["71003-TC"],
    "pe_mp_rvu": {"71001-TC": ["3.00", "0.02"]},
}
# Miami (work index 0.900 in place of 1.000), at 30.0000:
#   71001 TC  3.00 x 1.027 + 0.02 x 2.500 = 3.131 -> 93.93
#   71002 TC  the fee: 5.00 x 1.027 + 0.02 x 2.500 = 5.185 -> 155.55
#   71003     0.85 x 0.900 + 4.108 + 0.075 = 4.948 -> 148.44;  TC with that work: the same 148.44
# Los Angeles, 71003: 5.6824 -> 170.472 -> 170.47, and under 01112 too
OTHERWISE = [
    ["71001", "TC", "A", *MIAMI, "93.93", "93.93"],
    ["71002", "TC", "A", *MIAMI, "155.55", "155.55"],
    ["71003", "", "C", *MIAMI, "148.44", "148.44"],
    ["71003", "", "C", *LOS_ANGELES, "170.47", "170.47"],
    ["71003", "", "C", "01112", "18", "170.47", "170.47"],
    ["71003", "TC", "C", *MIAMI, "148.44", "148.44"],
]


class TestPrintedByOtherFigures:
    """What CMS printed by other figures than the release's is CMS's difference, where those meet it to the cent."""

    @pytest.fixture(autouse=True)
    def rule(self, monkeypatch):
        monkeypatch.setattr(printed, "rules", lambda table, release, day: [RULE] if table == "oppscap" else [])

    def test_every_row_is_met_and_none_is_a_difference(self, tmp_path):
        (comparison,) = run("2025D", store=with_cap(tmp_path, OTHERWISE)).comparisons
        assert dataclasses.astuple(comparison.count) == (6, 0, 0, 0, 6)
        assert comparison.agrees
        (own,) = comparison.own_differences
        assert own.words == "CMS printed it by a conversion factor of 30.0000 and other figures: 6 rows"
        assert own.source == "made up"
        assert comparison.verdict.startswith("No amount equals the release's own")

    def test_what_equals_the_release_is_equal(self, tmp_path):
        (comparison,) = run("2025D", store=with_cap(tmp_path, [*CAP_ROWS[:2], *OTHERWISE[2:]])).comparisons
        assert dataclasses.astuple(comparison.count) == (6, 2, 0, 0, 4)
        assert {status: each.cms_differences for status, each in comparison.by_status.items()} == {"A": 0, "C": 4}

    @pytest.mark.parametrize("column", [5, 6])
    @pytest.mark.parametrize("place", range(len(OTHERWISE)))
    def test_a_row_a_cent_off_is_a_difference(self, tmp_path, place, column):
        rows = [list(row) for row in OTHERWISE]
        rows[place][column] = str(Decimal(rows[place][column]) + Decimal("0.01"))
        path = written(tmp_path, "OPPSCAP_Oct.csv", oppscap_csv(rows))
        (comparison,) = run("2025D", [path], store=with_cap(tmp_path, OTHERWISE)).comparisons
        assert (comparison.count.different, comparison.count.cms_differences, comparison.agrees) == (1, 5, False)
        (row,) = comparison.differing.to_dicts()
        assert row["facility_by_cms_figures"] == Decimal(OTHERWISE[place][5])

    def test_a_build_installs_it_and_tells(self, tmp_path):
        members = {"services": (*SERVICES, *CAPPED), "changed": {"OPPSCAP_Oct.csv": oppscap_csv(OTHERWISE)}}
        (manifest,) = build(release_zip(tmp_path, **members), store=Store(), more_checks=(oppscap_check,))
        (check,) = [each for each in manifest.checks if each["check"] == "oppscap_amounts"]
        assert (check["checked"], check["failed"], manifest.allowed_warnings) == (6, 0, False)
        assert "CMS printed it by a conversion factor of 30.0000 and other figures: 6 rows" in check["detail"]

    def test_a_build_refuses_a_cent_and_names_the_row(self, tmp_path):
        rows = [["71001", "TC", "A", *MIAMI, "93.94", "93.93"], *OTHERWISE[1:]]
        members = {"services": (*SERVICES, *CAPPED), "changed": {"OPPSCAP_Oct.csv": oppscap_csv(rows)}}
        told = r"oppscap_amounts \(error\): 1 of 6 failed.*\n    hcpcs 71001, modifier TC"
        with pytest.raises(CheckFailed, match=told):
            build(release_zip(tmp_path, **members), store=Store(), more_checks=(oppscap_check,))


class TestAnotherFactorOfTheDatedRules:
    """OPPSCAP by a factor of the rules that is not the release's: CMS's own, and no refusal; a cent off is one."""

    def checked(self, folder, factor, *, cent_off=0):
        printed = [list(row) for row in oppscap_rows(SERVICES, factor=factor)]
        for row in printed[:cent_off]:
            row[6] = str(Decimal(row[6]) + Decimal("0.01"))
        changed = {"OPPSCAP_Oct.csv": oppscap_csv(printed)}
        store = Store(folder / "home")
        (manifest,) = build(release_zip(folder, "26D", changed=changed), store=store, more_checks=(oppscap_check,))
        return manifest, store

    def test_by_the_factor_of_qps(self, tmp_path):
        """33.5675, 90 FR 49266, in place of 33.4009: every row is met by it."""
        manifest, store = self.checked(tmp_path, "33.5675")
        assert not manifest.allowed_warnings
        (check,) = (each for each in manifest.checks if each["check"] == "oppscap_amounts")
        assert check["failed"] == 0
        assert "by a conversion factor of 33.5675, which is not the release's" in check["detail"]
        (comparison,) = run("RVU26D", store=store).comparisons
        assert comparison.agrees
        assert comparison.count.cms_differences > 0

    @pytest.mark.parametrize("factor", ["33.4009", "33.5675"])
    def test_a_cent_off_is_refused_all_the_same(self, tmp_path, factor):
        with pytest.raises(CheckFailed, match=r"oppscap_amounts \(error\): 1 of"):
            self.checked(tmp_path, factor, cent_off=1)

    def test_a_factor_of_no_rule_is_refused(self, tmp_path):
        with pytest.raises(CheckFailed, match="oppscap_amounts"):
            self.checked(tmp_path, "33.5000")
