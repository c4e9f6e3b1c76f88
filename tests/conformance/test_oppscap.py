"""OPPSCAP against the lower of the fee and the OPPS amount, and the ceilings of contractors' prices."""

from __future__ import annotations

from decimal import Decimal

import pytest
from cms_shaped import oppscap_csv, oppscap_txt
from conformance.small_files import CAP_ROWS, MIAMI, counts, with_cap, written

from feecalc.conformance import run


class TestOppscap:
    def test_every_row_equal(self, tmp_path):
        report = run("2025D", store=with_cap(tmp_path, CAP_ROWS))
        assert counts(report) == (6, 6, 0, 0)
        (comparison,) = report.comparisons
        assert {status: count.equal for status, count in comparison.by_status.items()} == {"A": 2, "C": 4}

    @pytest.mark.parametrize("place", range(len(CAP_ROWS)))
    def test_one_cent_in_any_row_is_found(self, tmp_path, place):
        rows = [list(row) for row in CAP_ROWS]
        rows[place][5] = str(Decimal(rows[place][5]) + Decimal("0.01"))
        path = written(tmp_path, "OPPSCAP_Oct.txt", oppscap_txt(rows))
        report = run("2025D", [path], store=with_cap(tmp_path, CAP_ROWS))
        assert counts(report) == (6, 5, 1, 0)
        assert report.differing()["hcpcs"].to_list() == [rows[place][0]]

    def test_the_alias_is_no_other_locality(self, tmp_path):
        # 01112-05 has indices of its own; 01112-73 is priced with those of 01182-73, which these files lack.
        rows = [["71001", "TC", "A", "01112", "73", "1.00", "1.00"], *CAP_ROWS]
        path = written(tmp_path, "OPPSCAP_Oct.csv", oppscap_csv(rows))
        (comparison,) = run("2025D", [path], store=with_cap(tmp_path, CAP_ROWS)).comparisons
        assert dict(comparison.reasons) == {"no indices for the locality in RVU25D": 1}

    def test_a_row_without_a_cap_is_not_computable(self, tmp_path):
        rows = [["64493", "", "A", *MIAMI, "96.99", "183.03"], *CAP_ROWS]
        path = written(tmp_path, "OPPSCAP_Oct.csv", oppscap_csv(rows))
        (comparison,) = run("2025D", [path], store=with_cap(tmp_path, CAP_ROWS)).comparisons
        assert dict(comparison.reasons) == {"status A in RVU25D: no OPPS amount applies to the row": 1}
