"""Which release a file is compared with, and what is said where none can be."""

from __future__ import annotations

import pytest
from cms_shaped import gpci_csv, oppscap_csv, release_zip
from conformance.small_files import CAP_ROWS, EQUAL, counts, installed, payment, written

from feecalc.conformance import run
from feecalc.errors import InvalidValue, NotInstalled, UnknownRelease
from feecalc.ingest.build import build


class TestWhichRelease:
    def test_a_release_that_is_not_installed(self, tmp_path):
        with pytest.raises(NotInstalled, match=r"RVU25C is not installed.*feecalc fetch RVU25C"):
            run("2025C", [payment(tmp_path, EQUAL)], store=installed(tmp_path))

    def test_a_release_nobody_knows(self, tmp_path):
        with pytest.raises(UnknownRelease, match="RVU25Z"):
            run("2025Z", [payment(tmp_path, EQUAL)])

    def test_the_newest_of_the_files_year_is_taken_and_said(self, tmp_path):
        store = installed(tmp_path, "25A")
        report = run(files=[payment(tmp_path, EQUAL)], store=store)
        assert counts(report) == (3, 3, 0, 0)
        assert report.notices[0].startswith("PFREV4_2025.txt prints amounts of 2025: compared with RVU25A")
        assert "RVU25D is the newest known" in report.notices[0]

    def test_a_year_of_which_nothing_is_installed(self, tmp_path):
        with pytest.raises(NotInstalled, match="amounts of 2024 and no release of that year"):
            run(files=[payment(tmp_path, EQUAL, year=2024)], store=installed(tmp_path))

    def test_a_file_of_another_year_than_the_release(self, tmp_path):
        with pytest.raises(InvalidValue, match="amounts of 2024, but RVU25D"):
            run("2025D", [payment(tmp_path, EQUAL, year=2024)], store=installed(tmp_path))

    def test_oppscap_does_not_say_its_release(self, tmp_path):
        path = written(tmp_path, "OPPSCAP_Oct.csv", oppscap_csv(CAP_ROWS))
        with pytest.raises(InvalidValue, match="name it with --release"):
            run(files=[path], store=installed(tmp_path))

    def test_without_files_the_newest_release_that_holds_oppscap(self, tmp_path):
        store = installed(tmp_path, "25A")
        build(release_zip(tmp_path, "25D", without=["OPPSCAP"]), store=store)
        report = run(store=store)
        assert report.comparisons[0].release == "RVU25A"
        assert "RVU25A" in report.notices[0]

    def test_nothing_installed(self):
        with pytest.raises(NotInstalled, match="no installed release holds OPPSCAP"):
            run()

    def test_a_file_with_no_printed_amounts(self, tmp_path):
        path = written(tmp_path, "GPCI2025.csv", gpci_csv())
        with pytest.raises(InvalidValue, match="neither a payment amount file"):
            run("2025D", [path], store=installed(tmp_path))
