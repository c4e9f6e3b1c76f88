"""CMS's payment amount files against the uncapped amounts of a release."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from conformance.small_files import ALABAMA, CAP_ROWS, EQUAL, MIAMI, counts, installed, payment, with_cap

from feecalc.conformance import run


class TestPaymentAmounts:
    def test_every_row_equal(self, tmp_path):
        report = run("2025D", [payment(tmp_path, EQUAL)], store=installed(tmp_path))
        assert counts(report) == (3, 3, 0, 0)
        assert report.agrees

    def test_one_cent_is_found(self, tmp_path):
        off = (*ALABAMA, "64493", "", "A", "154.47", "81.66")
        report = run("2025D", [payment(tmp_path, [*EQUAL, off])], store=installed(tmp_path))
        (comparison,) = report.comparisons
        assert counts(report) == (4, 3, 1, 0)
        assert not report.agrees
        assert comparison.by_setting["nonfacility"].different == 1
        assert comparison.by_setting["facility"].different == 0
        (row,) = comparison.differing.to_dicts()
        assert (row["hcpcs"], row["mac"], row["locality"]) == ("64493", *ALABAMA)
        assert (row["nonfacility_printed"], row["nonfacility_recomputed"]) == (Decimal("154.47"), Decimal("154.46"))

    def test_the_amounts_are_not_capped(self, tmp_path):
        # 71001 TC in Miami: the fee of 167.72, though the OPPS amount of 135.31 is lower.
        rows = [(*MIAMI, "71001", "TC", "A", "167.72", "167.72")]
        report = run("2025D", [payment(tmp_path, rows)], store=with_cap(tmp_path, CAP_ROWS))
        assert counts(report) == (1, 1, 0, 0)

    def test_what_cannot_be_computed_is_counted_by_reason(self, tmp_path):
        rows = [
            *EQUAL,
            (*MIAMI, "12345", "", "A", "10.00", "10.00"),
            (*MIAMI, "64493", "TC", "A", "10.00", "10.00"),
            ("99999", "01", "64493", "", "A", "10.00", "10.00"),
            (*MIAMI, "99070", "", "B", "10.00", "10.00"),
            (*MIAMI, "99499", "", "C", "10.00", "10.00"),
        ]
        (comparison,) = run("2025D", [payment(tmp_path, rows)], store=installed(tmp_path)).comparisons
        assert dataclasses.astuple(comparison.count) == (8, 3, 0, 5, 0)
        assert dict(comparison.reasons) == {
            "no row for the code and modifier in RVU25D": 2,
            "no indices for the locality in RVU25D": 1,
            "status B in RVU25D: not priced from RVUs": 1,
            "status C in RVU25D: not priced from RVUs": 1,
        }
        assert comparison.agrees

    def test_a_file_of_which_nothing_is_computed_proves_nothing(self, tmp_path):
        rows = [(*MIAMI, "12345", "", "A", "10.00", "10.00")]
        assert not run("2025D", [payment(tmp_path, rows)], store=installed(tmp_path)).agrees
