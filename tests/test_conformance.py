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
from cms_shaped import SERVICES, Service, gpci_csv, oppscap_csv, oppscap_txt, payment_amount_txt, release_zip

from feecalc.cli import app
from feecalc.conformance import Report, oppscap_check, run
from feecalc.errors import InvalidValue, NotInstalled, UnknownRelease
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
        assert dataclasses.astuple(comparison.count) == (8, 3, 0, 5)
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

    def test_a_release_built_without_oppscap(self, tmp_path):
        with pytest.raises(NotInstalled, match="built without an OPPSCAP member"):
            run("2025D", store=installed(tmp_path, without=["OPPSCAP"]))

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
