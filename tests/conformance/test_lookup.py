"""A csv of the PFS look-up tool against the amounts of a release."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from cms_shaped import lookup_cells, lookup_csv, xlsx_of
from conformance.small_files import CAP_ROWS, MIAMI, counts, installed, with_cap, written

from feecalc.conformance import run
from feecalc.errors import InvalidValue, MissingMember, NotInstalled
from feecalc.ingest.build import build
from feecalc.ingest.store import Store

# A national row of the look-up is priced with every index at 1: 1.52 + 3.64 + 0.16 = 5.32 -> 172.08338 -> 172.08;
# facility 1.52 + 1.05 + 0.16 = 2.73 -> 88.305945 -> 88.31. 43235 there: 2.09 + 6.18 + 0.27 = 8.54 -> 276.23911 ->
# 276.24; 2.09 + 1.29 + 0.27 = 3.65 -> 118.064725 -> 118.06.
LOOKED_UP = [
    ("64493", "", "0000000", "$172.08", "$88.31"),
    ("64493", "", "0910204", "$183.03", "$96.99"),
    ("64493", "", "1011200", "$154.46", "$81.66"),
    ("43235", "", "0000000", "NA", "$118.06"),
]


class TestLookUp:
    """A csv of the PFS look-up tool: prices with $, NA where not paid there, 0000000 the nation."""

    def looked_up(self, folder: Path, rows=LOOKED_UP, name="2025-all-64493-all_macs.csv", **changes: object) -> Path:
        return written(folder, name, lookup_csv(rows, **changes))

    def test_every_row_equal(self, tmp_path):
        report = run(files=[self.looked_up(tmp_path)], store=installed(tmp_path))
        assert counts(report) == (4, 4, 0, 0)
        assert report.agrees
        assert report.notices == (
            "2025-all-64493-all_macs.csv prints amounts of 2025 at a conversion factor of 32.3465: compared with "
            "RVU25D, the newest installed release of that year and factor; name another quarter with --release",
        )

    def test_na_is_not_paid_there_and_never_0(self, tmp_path):
        (comparison,) = run(files=[self.looked_up(tmp_path)], store=installed(tmp_path)).comparisons
        office, facility = (comparison.by_setting[each] for each in ("nonfacility", "facility"))
        assert (office.rows, office.equal, office.different, office.not_computable) == (4, 3, 0, 1)
        assert (facility.rows, facility.equal) == (4, 4)
        assert (
            "1 rows print NA as the nonfacility price: not paid there, so not compared; RVU25D marks 0 of them NA too"
        ) in comparison.notes

    def test_na_in_both_settings_has_its_reason(self, tmp_path):
        rows = [*LOOKED_UP, ("43235", "", "0910204", "NA", "NA")]
        (comparison,) = run(files=[self.looked_up(tmp_path, rows)], store=installed(tmp_path)).comparisons
        assert dataclasses.astuple(comparison.count) == (5, 4, 0, 1, 0)
        assert dict(comparison.reasons) == {"NA in both settings: not paid there": 1}

    def test_a_price_of_0_is_an_amount(self, tmp_path):
        rows = [("64493", "", "0000000", "$0.00", "$88.31")]
        report = run(files=[self.looked_up(tmp_path, rows)], store=installed(tmp_path))
        assert counts(report) == (1, 0, 1, 0)

    @pytest.mark.parametrize(("column", "price"), [(3, "$183.02"), (4, "$97.00")])
    def test_one_cent_in_either_setting_is_found(self, tmp_path, column, price):
        rows = [list(row) for row in LOOKED_UP]
        rows[1][column] = price
        report = run(files=[self.looked_up(tmp_path, rows)], store=installed(tmp_path))
        assert counts(report) == (4, 3, 1, 0)
        (row,) = report.differing().to_dicts()
        assert (row["hcpcs"], row["mac"], row["locality"]) == ("64493", *MIAMI)

    def test_a_thousand_has_its_comma(self, tmp_path):
        # 27447: 19.60 + 15.30 + 3.98 = 38.88 -> 1,257.63192
        rows = [("27447", "", "0000000", "NA", "$1,257.63")]
        assert counts(run(files=[self.looked_up(tmp_path, rows)], store=installed(tmp_path))) == (1, 1, 0, 0)

    def test_as_a_spreadsheet_saves_it(self, tmp_path):
        # Codes and localities as numbers have lost their zeros, prices their dollar sign.
        rows = [(code, mod, where.lstrip("0") or "0", *(p.strip("$") for p in prices)) for code, mod, where, *prices in
                LOOKED_UP]  # fmt: skip
        path = written(tmp_path, "2025-all-64493.xlsx", xlsx_of(lookup_cells(rows), numbers={0, 3, 4, 5}))
        assert counts(run(files=[path], store=installed(tmp_path))) == (4, 4, 0, 0)

    def test_with_the_four_columns_it_needs_and_no_more(self, tmp_path):
        lines = ['"HCPCS Code","Modifier","Mac Locality","Non-Facility Price","Facility Price"']
        lines += ['"64493","  ","0910204","$183.03","$96.99"']
        path = written(tmp_path, "lookup.csv", "\n".join(lines).encode())
        report = run("2025D", [path], store=installed(tmp_path))
        assert counts(report) == (1, 1, 0, 0)
        with pytest.raises(InvalidValue, match="name it with --release"):
            run(files=[path], store=Store())

    def test_the_factor_chooses_the_release_where_the_name_says_no_year(self, tmp_path):
        store = installed(tmp_path)
        report = run(files=[self.looked_up(tmp_path, name="download.csv")], store=store)
        assert report.comparisons[0].release == "RVU25D"
        assert "amounts at a conversion factor of 32.3465" in report.notices[0]

    def test_another_factor_than_any_installed_release_has(self, tmp_path):
        path = self.looked_up(tmp_path, name="2024A-all-64493.csv", factor="32.7442")
        with pytest.raises(NotInstalled, match=r"amounts of 2024 at a conversion factor of 32\.7442 and no release"):
            run(files=[path], store=installed(tmp_path))

    def test_a_named_release_of_another_factor_is_not_compared(self, tmp_path):
        path = self.looked_up(tmp_path, factor="33.2875")
        report = run("2025D", [path], store=installed(tmp_path))
        assert counts(report) == (4, 0, 0, 4)
        assert not report.agrees
        reason = "printed by a conversion factor of 33.2875, which is not RVU25D's"
        assert dict(report.comparisons[0].reasons) == {reason: 4}

    def test_the_prices_are_not_capped_and_a_capped_one_is_said(self, tmp_path):
        # 71001 TC in Miami: fee 167.72, after the cap 135.31.
        store = with_cap(tmp_path, CAP_ROWS)
        fee = self.looked_up(tmp_path, [("71001", "TC", "0910204", "$167.72", "$167.72")], opps=("$135.31", "$135.31"))
        (comparison,) = run(files=[fee], store=store).comparisons
        assert comparison.agrees
        assert "1 rows print an OPPS amount, which is not compared" in comparison.notes
        capped = self.looked_up(tmp_path, [("71001", "TC", "0910204", "$135.31", "$135.31")])
        (comparison,) = run(files=[capped], store=store).comparisons
        assert (comparison.count.different, comparison.agrees) == (1, False)
        assert any("print the amount of the OPPS cap in its place" in note for note in comparison.notes)

    def test_a_build_says_what_it_is(self, tmp_path):
        with pytest.raises(MissingMember, match=r"PFS look-up tool.*feecalc conformance FILE"):
            build(self.looked_up(tmp_path), store=Store())
