"""The check of a build: OPPSCAP of the release itself."""

from __future__ import annotations

from conformance.small_files import CAP_ROWS, MIAMI, installed, with_cap

from feecalc.conformance import oppscap_check


class TestCheckOfABuild:
    def test_rows_that_agree(self, tmp_path):
        store = with_cap(tmp_path, CAP_ROWS)
        frames = {table: store.read("RVU25D", table) for table in ("rvu", "gpci", "oppscap")}
        found = oppscap_check(frames, "RVU25D")
        assert (found.checked, found.failed) == (6, 0)

    def test_a_cent_refuses_the_release(self, tmp_path):
        rows = [["71001", "TC", "A", *MIAMI, "135.32", "135.31"], *CAP_ROWS[1:]]
        store = with_cap(tmp_path, rows)
        frames = {table: store.read("RVU25D", table) for table in ("rvu", "gpci", "oppscap")}
        found = oppscap_check(frames, "RVU25D")
        assert (found.severity, found.checked, found.failed) == ("error", 6, 1)
        assert found.sample[0]["hcpcs"] == "71001"
        assert (found.sample[0]["facility_printed"], found.sample[0]["facility_recomputed"]) == ("135.32", "135.31")

    def test_what_cannot_be_computed_does_not(self, tmp_path):
        rows = [*CAP_ROWS, ["71001", "TC", "A", "01112", "73", "1.00", "1.00"]]
        store = with_cap(tmp_path, rows)
        frames = {table: store.read("RVU25D", table) for table in ("rvu", "gpci", "oppscap")}
        found = oppscap_check(frames, "RVU25D")
        assert (found.checked, found.failed) == (6, 0)
        assert "1 not computable: no indices for the locality" in found.detail

    def test_a_release_without_oppscap(self, tmp_path):
        store = installed(tmp_path, without=["OPPSCAP"])
        frames = {table: store.read("RVU25D", table) for table in ("rvu", "gpci")}
        assert oppscap_check(frames, "RVU25D").checked == 0
