"""Conformance on small files in CMS's shapes. Expected amounts are worked by hand from the figures of the rows:

    amount = (work x work GPCI + PE x PE GPCI + MP x MP GPCI) x 32.3465, rounded once, halves away from zero

    64493  work 1.52, PE 3.64 nonfacility, 1.05 facility, MP 0.16
      Miami (1.000, 1.027, 2.500)    nonfacility 1.52 + 3.73828 + 0.40  = 5.65828 -> 183.02555 -> 183.03
                                     facility    1.52 + 1.07835 + 0.40  = 2.99835 ->  96.98613 ->  96.99
      Alabama (1.000, 0.869, 0.575)  nonfacility 1.52 + 3.16316 + 0.092 = 4.77516 -> 154.45971 -> 154.46
                                     facility    1.52 + 0.91245 + 0.092 = 2.52445 ->  81.65712 ->  81.66
"""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from pathlib import Path

import pytest
from cms_shaped import (
    SERVICES,
    Service,
    anes_csv,
    gpci_csv,
    lookup_cells,
    lookup_csv,
    oppscap_csv,
    oppscap_rows,
    oppscap_txt,
    payment_amount_txt,
    release_zip,
    xlsx_of,
)

from feecalc.cli import app
from feecalc.conformance import Report, oppscap_check, printed, run
from feecalc.errors import CheckFailed, InvalidValue, MissingMember, NotInstalled, UnknownRelease
from feecalc.ingest.build import build
from feecalc.ingest.store import Store

MIAMI, ALABAMA, LOS_ANGELES = ("09102", "04"), ("10112", "00"), ("01182", "18")
EQUAL = [
    (*MIAMI, "64493", "  ", "A", "183.03", "96.99"),
    (*MIAMI, "64493", " ", "A", "183.03", "96.99"),  # CMS repeats rows so; each counts
    (*ALABAMA, "64493", "", "A", "154.46", "81.66"),
]

# Figures made up so that each side of the cap is met. Miami (1.000, 1.027, 2.500):
#   71001 TC  fee  5.00 x 1.027 + 0.02 x 2.500 = 5.185 -> 167.71660 -> 167.72
#             OPPS 4.00 x 1.027 + 0.03 x 2.500 = 4.183 -> 135.30541 -> 135.31: the lower
#   71002 TC  the same fee; OPPS 6.00 x 1.027 + 0.03 x 2.500 = 6.237 -> 201.74512: the fee of 167.72 is the lower
#   71003     contractor-priced: the OPPS amount alone, the global row with the work of its 26 row:
#             0.85 + 4.108 + 0.075 = 5.033 -> 162.79993 -> 162.80; TC 4.183 -> 135.31
#             Los Angeles (1.042, 1.194, 0.690), also printed under 01112-18:
#             0.8857 + 4.776 + 0.0207 = 5.6824 -> 183.80575 -> 183.81
IMAGING = {"pctc": "1", "opps_mp": "0.03"}
CAPPED = (
    Service("71001", "TC", "Picture, made up", "A", "0.00", "5.00", "5.00", "0.02", **IMAGING,
            opps_pe_nonfacility="4.00", opps_pe_facility="4.00"),
    Service("71002", "TC", "Picture, made up", "A", "0.00", "5.00", "5.00", "0.02", **IMAGING,
            opps_pe_nonfacility="6.00", opps_pe_facility="6.00"),
    Service("71003", "", "Picture, contractor's", "C", **IMAGING, opps_pe_nonfacility="4.00", opps_pe_facility="4.00"),
    Service("71003", "26", "Picture, contractor's", "A", "0.85", "0.30", "0.30", "0.04", pctc="1"),
    Service("71003", "TC", "Picture, contractor's", "C", **IMAGING, opps_pe_nonfacility="4.00",
            opps_pe_facility="4.00"),
)  # fmt: skip
CAP_ROWS = [
    ["71001", "TC", "A", *MIAMI, "135.31", "135.31"],
    ["71002", "TC", "A", *MIAMI, "167.72", "167.72"],
    ["71003", "", "C", *MIAMI, "162.80", "162.80"],
    ["71003", "", "C", *LOS_ANGELES, "183.81", "183.81"],
    ["71003", "", "C", "01112", "18", "183.81", "183.81"],
    ["71003", "TC", "C", *MIAMI, "135.31", "135.31"],
]


def installed(folder: Path, release: str = "25D", **changes: object) -> Store:
    """A store with one release of the small files."""
    store = Store()
    build(release_zip(folder, release, **changes), store=store)
    return store


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def payment(folder: Path, rows: list[tuple[str, ...]], *, year: int = 2025) -> Path:
    return written(folder, f"PFREV4_{year}.txt", payment_amount_txt(rows, year=year))


def counts(report: Report) -> tuple[int, int, int, int]:
    (comparison,) = report.comparisons
    count = comparison.count
    return count.rows, count.equal, count.different, count.not_computable


def with_cap(folder: Path, rows: list[list[str]]) -> Store:
    return installed(
        folder,
        services=(*SERVICES, *CAPPED),
        changed={"OPPSCAP_Oct.csv": oppscap_csv(rows)},
    )


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


class TestCommand:
    """``feecalc conformance``: exit code 1 on a difference, 2 where the question cannot be asked."""

    def command(self, capsys, *words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            app(["conformance", *words])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    def test_equal(self, tmp_path, capsys):
        installed(tmp_path)
        code, out, _ = self.command(capsys, "--release", "2025D", str(payment(tmp_path, EQUAL)))
        assert code == 0
        assert "PFREV4_2025.txt against RVU25D" in out

    def test_one_cent(self, tmp_path, capsys):
        installed(tmp_path)
        off = (*ALABAMA, "64493", "", "A", "154.47", "81.66")
        code, out, _ = self.command(capsys, "--release", "2025D", str(payment(tmp_path, [off])))
        assert code == 1
        assert "154.47" in out
        assert "154.46" in out

    def test_one_cent_as_json(self, tmp_path, capsys):
        installed(tmp_path)
        off = (*ALABAMA, "64493", "", "A", "154.47", "81.66")
        code, out, _ = self.command(capsys, "--json", "--release", "2025D", str(payment(tmp_path, [*EQUAL, off])))
        assert code == 1
        report = json.loads(out)
        assert report["agrees"] is False
        (comparison,) = report["comparisons"]
        assert (comparison["rows"], comparison["equal"], comparison["different"]) == (4, 3, 1)
        assert comparison["differing"][0]["nonfacility_recomputed"] == 154.46

    def test_not_installed(self, tmp_path, capsys):
        code, out, err = self.command(capsys, "--release", "2025D", str(payment(tmp_path, EQUAL)))
        assert code == 2
        assert out == ""
        assert "RVU25D is not installed" in err


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
