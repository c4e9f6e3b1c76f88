"""A run over a claim file: what is written, counted and said, and that nothing half is left behind."""

import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from pricing.claims import made_up
from pricing.claims.random_claims import Claims
from typer.testing import CliRunner

from feecalc.cli import app
from feecalc.errors import InvalidValue, StoreError
from feecalc.files import sheets, writing
from feecalc.ingest.releases import known_release, release_in_force
from feecalc.installed import open_schedule
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.runs import price
from feecalc.runs.price import RunOutputs, run_claims
from feecalc.runs.reading import read_claims
from feecalc.runs.release_days import OpenSchedules, release_days

# 64493 in Miami on 2026-08-03 pays 203.12, as tests/pricing/test_service.py works out; on both sides 150 percent of it,
# 304.68. 99213 there: the starter data's own amount is not needed, only that it is priced.
FILE = """Claim ID,Svc Date,CPT,Mod1,POS,MAC,Locality,Units,Charge
A-1,8/3/2026,64493,50,11,09102,04,1,900
A-1,8/3/2026,64494,,11,09102,04,1,500
A-1,8/3/2026,20610,RT,11,09102,04,x,500
B/2,2026-05-01,99213,,11,09102,04,1,200
B/2,2026-08-03,00000,,11,09102,04,1,abc
C3,2025-11-01,99213,,11,09102,04,1,200
C3,2031-11-01,99213,,11,09102,04,1,200
"""
ROWS = FILE.count("\n") - 1


@pytest.fixture
def file(write):
    return write(FILE)


def read(path):
    readers = {".csv": lambda: pl.read_csv(path, infer_schema=False), ".parquet": lambda: pl.read_parquet(path)}
    if path.suffix == ".xlsx":
        return pl.read_excel(path, infer_schema_length=0)
    return readers[path.suffix]()


def texts(frame):
    """Every cell as text, amounts without zeros at their end: a sheet does not keep them."""
    return [
        tuple("" if cell is None else _plain(cell) for cell in row) for row in frame.with_columns(pl.all()).iter_rows()
    ]


def _plain(cell):
    try:
        return f"{Decimal(str(cell)).normalize():f}"
    except ArithmeticError:
        return str(cell)


class TestFiles:
    @pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
    def test_every_line_is_written_in_its_order_with_its_results(self, file, tmp_path, ending):
        out, rejects = tmp_path / f"out.{ending}", tmp_path / f"rejects.{ending}"
        report = run_claims(read_claims(file), RunOutputs(output=out, rejects=rejects))
        written = read(out)
        assert written.columns[:9] == FILE.splitlines()[0].split(",")
        assert [row[:9] for row in texts(written)] == [
            tuple(map(_plain, line.split(","))) for line in FILE.splitlines()[1:]
        ]
        assert [row for row in texts(written) if "priced" not in row] == texts(read(rejects))
        first = dict(zip(written.columns, texts(written)[0], strict=True))
        assert (first["release"], first["allowed_amount"], first["bilateral_factor"]) == ("RVU26C", "304.68", "1.5")
        assert report.written == {str(out): ROWS, str(rejects): 4}
        assert sorted(each.name for each in tmp_path.iterdir()) == sorted([file.name, out.name, rejects.name])

    def test_a_code_keeps_its_zeros(self, write, tmp_path):
        out = tmp_path / "out.xlsx"
        path = write("claim_id,hcpcs,date_of_service,pos,locality\n007,00100,2026-08-03,11,09102-04\n")
        run_claims(read_claims(path), RunOutputs(output=out))
        row = read(out).row(0, named=True)
        assert (row["claim_id"], row["hcpcs"]) == ("007", "00100")

    @pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
    def test_a_file_without_lines_gives_headings(self, write, tmp_path, ending):
        out = tmp_path / f"out.{ending}"
        report = run_claims(read_claims(write(FILE.splitlines()[0] + "\n")), RunOutputs(output=out, rejects=out))
        assert report.lines == 0
        assert read(out).height == 0
        assert "allowed_amount" in read(out).columns

    def test_another_ending_is_refused_before_the_work(self, file, tmp_path):
        with pytest.raises(InvalidValue, match=r"\.csv, \.parquet, \.xlsx"):
            run_claims(read_claims(file), RunOutputs(output=tmp_path / "out.txt"))

    def test_a_folder_that_is_not_there(self, file, tmp_path):
        with pytest.raises(StoreError, match="was not written"):
            run_claims(read_claims(file), RunOutputs(output=tmp_path / "no" / "out.csv"))

    def test_a_sheet_is_not_cut_short(self, file, tmp_path, monkeypatch):
        monkeypatch.setattr(sheets, "SHEET_ROWS", ROWS - 1)
        with pytest.raises(InvalidValue, match=r"write \.csv or \.parquet"):
            run_claims(read_claims(file), RunOutputs(output=tmp_path / "out.xlsx"))
        assert list(tmp_path.iterdir()) == [file]

    @pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
    def test_a_run_that_fails_leaves_the_old_file(self, file, tmp_path, ending):
        out = tmp_path / f"out.{ending}"
        out.write_text("old")

        def stop(lines):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run_claims(read_claims(file), RunOutputs(output=out), progress=stop)
        assert out.read_text() == "old"
        assert sorted(tmp_path.iterdir()) == sorted([file, out])

    def test_an_error_of_the_writing_thread_is_told(self, file, tmp_path, monkeypatch):
        def fail(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(writing, "_write_parquet", fail)
        with pytest.raises(StoreError, match="No space left"):
            run_claims(read_claims(file), RunOutputs(output=tmp_path / "out.parquet"))
        assert list(tmp_path.iterdir()) == [file]

    @pytest.mark.parametrize("ending", ["csv", "parquet"])
    def test_a_killed_run_leaves_the_old_file(self, file, tmp_path, ending):
        out = tmp_path / f"out.{ending}"
        out.write_text("old")
        script = (
            "import os, sys; from pathlib import Path\n"
            "from feecalc.runs.reading import read_claims; from feecalc.runs.price import RunOutputs\n"
            "from feecalc.runs.price import run_claims\n"
            "run_claims(read_claims(Path(sys.argv[1])), RunOutputs(output=Path(sys.argv[2])),"
            f" progress=lambda lines: os.kill(os.getpid(), {int(signal.SIGKILL)}))\n"
        )
        done = subprocess.run([sys.executable, "-c", script, file, out], capture_output=True, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert out.read_text() == "old"


class TestReport:
    def test_counts_and_sums(self, file, tmp_path):
        out = tmp_path / "out.parquet"
        report = run_claims(read_claims(file), RunOutputs(output=out))
        assert report.statuses == {"priced": 3, "invalid_units": 1, "no_release": 2, "unknown_code": 1}
        assert report.releases == {"RVU25D": 1, "RVU26C": 4}
        assert report.billed_amount == Decimal("2500.00")  # 900 + 500 + 500 + 3 x 200; abc is none
        written = pl.read_parquet(out)
        for name in ("allowed_amount", "medicare_paid", "patient_share"):
            assert getattr(report, name) == written[name].sum()

    def test_sums_are_exact(self, write):
        lines = "".join("c,64493,2026-08-03,11,09102-04,0.10\n" for _ in range(1000))
        path = write("claim_id,hcpcs,date_of_service,pos,locality,charge\n" + lines)
        report = run_claims(read_claims(path), RunOutputs(rejects=path.with_name("rejects.csv")))
        assert report.billed_amount == Decimal("100.00")

    def test_a_switch_reaches_the_engine(self, file, tmp_path):
        def allowed(**switches):
            out = tmp_path / "out.parquet"
            run_claims(read_claims(file), RunOutputs(output=out), rules=ClaimRules(**switches))
            return pl.read_parquet(out)["medicare_paid"][0]

        # 304.68 less 20 percent, 60.94, is 243.74; less 2 percent, 4.87
        assert allowed() == Decimal("238.87")
        assert allowed(sequestration=False) == Decimal("243.74")

    def test_progress_is_told_in_lines(self, file, tmp_path):
        told = []
        run_claims(read_claims(file), RunOutputs(output=tmp_path / "out.csv"), progress=told.append)
        assert sum(told) == ROWS


class TestReleases:
    def test_the_date_picks_the_release_and_a_missing_one_is_named(self, file, tmp_path):
        out = tmp_path / "out.parquet"
        lines = read_claims(file)
        assert any("starter data" in note for note in lines.notes)
        run_claims(lines, RunOutputs(output=out))
        written = pl.read_parquet(out)
        assert written["release"].to_list() == ["RVU26C"] * 3 + [None, "RVU26C", "RVU25D", None]
        assert "RVU26B, in force on 2026-05-01, is not installed" in written["reason"][3]
        assert "feecalc fetch RVU26B" in written["reason"][3]
        assert "2031-11-01" in written["reason"][6]

    def test_a_named_release_prices_its_whole_year_and_no_other(self, file, tmp_path):
        out = tmp_path / "out.parquet"
        run_claims(read_claims(file, release="2026C"), RunOutputs(output=out))
        written = pl.read_parquet(out)
        assert written["release"].to_list() == ["RVU26C"] * 5 + [None, None]
        assert written["reason"][5] == "RVU26C prices services of 2026, not of 2025-11-01"

    @pytest.mark.parametrize("name", ["RVU25C", "RVU25D", "RVU26A", "RVU26B", "RVU26C", "RVU24AR", "RVU11AR"])
    def test_a_release_holds_to_the_day_before_the_next_known_one(self, name):
        known = known_release(name)
        made = made_up.schedule()
        identity = replace(made.release, name=name, year=known.year, first_date_of_service=known.first_date_of_service)
        (held,) = release_days(OpenSchedules((replace(made, release=identity),), pinned=False))
        year = [date(known.year, 1, 1) + timedelta(days=at) for at in range(365)]
        assert [day for day in year if held.first <= day <= held.last] == [
            day for day in year if release_in_force(day).name == name
        ]


class TestReceipts:
    def test_a_file_a_claim(self, file, tmp_path):
        folder = tmp_path / "receipts"
        report = run_claims(read_claims(file), RunOutputs(receipts=folder))
        assert report.written == {str(folder): 3}
        names = sorted(each.name for each in folder.iterdir())
        assert names[0] == "claim-A-1.md"
        assert names[1].startswith("claim-B-2-")
        assert names[2] == "claim-C3.md"
        text = (folder / "claim-A-1.md").read_text()
        assert "| both sides | $203.12 | 150 percent | $304.68 |" in text
        assert open_schedule("2026C").schedule.release.sha256 in text
        assert "invalid units" in text

    def test_a_second_run_does_not_write_over_them(self, file, tmp_path):
        run_claims(read_claims(file), RunOutputs(receipts=tmp_path / "receipts"))
        with pytest.raises(InvalidValue, match="empty folder"):
            run_claims(read_claims(file), RunOutputs(receipts=tmp_path / "receipts"))

    def test_one_claim_is_told(self, file):
        report = run_claims(read_claims(file), RunOutputs(explain="A-1"))
        assert report.lines == 3
        (text,) = report.explained
        assert text.startswith("Claim A-1\n")
        assert "$304.68" in text
        assert "Line 3" in text

    def test_the_patients_other_claims_bear_on_it(self, write):
        """20610 ranks after 64493 of the same patient, day and physician, on another claim: half of its fee."""
        heading = "claim_id,line,beneficiary_id,hcpcs,date_of_service,pos,locality\n"
        other = "A,1,P,64493,2026-08-03,11,09102-04\n"
        own = "B,1,P,20610,2026-08-03,11,09102-04\n"
        alone = run_claims(read_claims(write(heading + own)), RunOutputs(explain="B"))
        beside = run_claims(read_claims(write(heading + other + own)), RunOutputs(explain="B"))
        # 0.77 x 1.000 + 1.16 x 1.041 + 0.13 x 2.529 = 2.30633; x 33.4009 = 77.03; half of it 38.515, halves up
        assert (alone.allowed_amount, beside.allowed_amount) == (Decimal("77.03"), Decimal("38.52"))
        assert "ranked with line 1" in " ".join(beside.explained[0].split())
        assert beside.lines == 1

    def test_a_claim_the_file_does_not_have(self, file):
        with pytest.raises(InvalidValue, match="no claim 'a-1'"):
            run_claims(read_claims(file), RunOutputs(explain="a-1"))


class TestBatches:
    def test_small_batches_give_what_one_gives(self, tmp_path, monkeypatch):
        schedule = open_schedule("2026C").schedule
        frame = Claims(schedule, seed=21).frame(400).sort("beneficiary_id", "claim_id", maintain_order=True)
        path = tmp_path / "claims.parquet"
        frame.write_parquet(path)
        found = []
        for size in (1 << 17, 50):
            monkeypatch.setattr(price, "LINES", size)
            out = tmp_path / f"out{size}.parquet"
            report = run_claims(read_claims(path, release="2026C"), RunOutputs(output=out))
            found.append((report.statuses, report.allowed_amount, pl.read_parquet(out)))
        assert found[0][:2] == found[1][:2]
        assert found[0][2].equals(found[1][2])

    def test_the_run_prices_as_the_schedule_does(self, tmp_path):
        schedule = open_schedule("2026C").schedule
        frame = Claims(schedule, seed=22).frame(400)
        path, out = tmp_path / "claims.parquet", tmp_path / "out.parquet"
        frame.write_parquet(path)
        run_claims(read_claims(path, release="2026C"), RunOutputs(output=out))
        as_read = frame.with_columns(pl.col("units").fill_null(1))  # a file's blank is one unit
        priced, written = schedule.price_claims(as_read.lazy()).collect(), pl.read_parquet(out)
        same = priced["pricing_status"] == "priced"
        names = ["allowed_amount", "medicare_paid", "rank", "mppr_factor", "carc"]
        assert written.filter(same).select(names).equals(priced.filter(same).select(names))


def test_from_the_command_line(file, tmp_path):
    out = tmp_path / "out.csv"
    result = CliRunner().invoke(app, ["claims", str(file), "-o", str(out), "--explain", "A-1"])
    assert result.exit_code == 0, result.output
    assert "Claim A-1" in result.stdout
    assert f"{ROWS} lines, 3 of them priced" in result.stdout
    assert max(map(len, result.stdout.split("of them priced")[0].splitlines()[:-1])) <= 100
    assert Path(out).is_file()


def test_a_line_without_its_npis_is_its_claims_physicians(write, tmp_path):
    """45380 of one physician beside 64493: 50 percent of it, in a file too; alone it is paid in full."""
    head = "Claim ID,DOS,CPT,POS,MAC,Locality,Units,Billing NPI,NPI\n"
    rows = [f"A,2026-08-03,{code},11,09102,04,1,{{}}\n" for code in ("45380", "64493")]
    paid = {}
    for name, npis in (("given", ("1,11", "1,11")), ("blank", ("1,11", ",")), ("no group", ("1,11", ",11"))):
        path = write(head + "".join(row.format(each) for row, each in zip(rows, npis, strict=True)), name=f"{name}.csv")
        out = tmp_path / f"{name}.parquet"
        run_claims(read_claims(path), RunOutputs(output=out))
        paid[name] = pl.read_parquet(out).select("allowed_amount", "rank").rows()
    assert paid["blank"] == paid["no group"] == paid["given"]
    assert [rank for _, rank in paid["blank"]] == [1, 2]
    assert paid["blank"][1][0] == Decimal("101.56")  # 203.12 x 50 percent
