"""feecalc bridge, reprice and compare --volume on the starter data, as a shell runs them."""

import json
from decimal import Decimal

import polars as pl
import pytest

from feecalc.cli import app

VOLUME = "CPT,Modifier,POS,Locality,Units\n64493,,11,09102-04,400\n64493,50,24,09102-04,60\n99213,,11,09102-04,2100\n"
CLAIMS = (
    "Claim #,Svc Date,CPT,POS,Units,Charge,Locality\n"
    "P-1,07/06/2026,99204,11,1,310.00,09102-04\n"
    "P-2,07/07/2026,64493,11,1,650.00,09102-04\n"
)
PARTS = ["factor", "work", "pe", "mp", "gpci", "cap", "rules", "volume", "mix", "new_codes", "deleted_codes"]


@pytest.fixture
def volume(tmp_path):
    path = tmp_path / "volume.csv"
    path.write_text(VOLUME)
    return path


@pytest.fixture
def claims(tmp_path):
    path = tmp_path / "october.csv"
    path.write_text(CLAIMS)
    return path


@pytest.fixture
def run(capsys):
    def call(*arguments, code=0):
        with pytest.raises(SystemExit) as ended:
            app([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert int(ended.value.code or 0) == code, out + err
        return out, err

    return call


def test_a_bridge_is_printed_with_its_order_and_fits_the_screen(run, volume):
    out, err = run("bridge", "--from", "2025D", "--to", "2026C", "--volume", volume, "--order", "mix,volume")
    assert max(map(len, (out + err).splitlines())) <= 100
    assert "order: mix, volume, factor, work, pe" in out
    # 400 x 203.12 + 60 x 134.66 + 2,100 x 101.79 = 303,086.60, see test_bridge for the first
    assert "$303,086.60" in out
    assert "starter data" in err
    table = out[out.index("part, in the order taken") :].splitlines()
    shown = [line for line in table if line.startswith(("conversion factor", "OPPS cap", "work RVUs"))]
    assert len({line.index("%") for line in shown}) == 1, shown  # figures stand under one another
    assert " 0.00%" in shown[-1]
    assert "+0.00" not in out


def test_what_a_bridge_leaves_out_is_told_by_service(run, tmp_path):
    # J3301 has no price under the fee schedule: two rows of it, 30 and 12 units, are one service
    path = tmp_path / "drugs.csv"
    rows = "64493,,11,09102-04,1\nJ3301,,11,09102-04,30\nJ3301,,11,09102-03,12\n"
    path.write_text("CPT,Modifier,POS,Locality,Units\n" + rows)
    _, err = run("bridge", "--from", "2025D", "--to", "2026C", "--volume", path)
    assert "cannot be priced here: 1 service" in " ".join(err.split())
    assert err.count("J3301") == 1
    assert "J3301, 42 units: " in err


def test_a_bridge_as_json_sums(run, volume, tmp_path):
    later = tmp_path / "later.csv"
    later.write_text(VOLUME.replace(",400", ",437"))
    out, _ = run("bridge", "--from", "2025D", "--to", "2026C", "--volume", volume, "--volume-to", later, "--json")
    found = json.loads(out, parse_float=Decimal)
    assert list(found["parts"]) == PARTS
    assert sum(found["parts"].values()) == found["change"] == found["to_revenue"] - found["from_revenue"]
    for row in found["services"]:
        assert sum(row[part] for part in PARTS) == row["change"]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_a_bridge_is_written_and_drawn(run, volume, tmp_path, ending):
    table, picture = tmp_path / f"bridge.{ending}", tmp_path / "bridge.png"
    run("bridge", "--from", "2025D", "--to", "2026C", "--volume", volume, "-o", table, "--chart", picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert table.stat().st_size > 0
    if ending == "csv":
        assert pl.read_csv(table)["service"].to_list() == ["99213", "64493", "64493-50"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--order", "price"], "no part 'price'"),
        (["--chart", "bridge.gif"], ".png"),
        (["-o", "bridge.doc"], ".csv"),
        (["-o", "VOLUME"], "is the volume; give another name"),
        (["--to-factor", "a lot"], "conversion factor"),
        (["--to-factor", "33.00001"], "conversion factor"),
        (["--locality", " "], "locality"),
    ],
)
def test_what_a_bridge_cannot_be_asked(run, volume, arguments, said):
    asked = [volume if each == "VOLUME" else each for each in arguments]
    _, err = run("bridge", "--from", "2025D", "--to", "2026C", "--volume", volume, *asked, code=2)
    assert said in err


def test_a_bridge_of_claims(run, claims, tmp_path):
    # 64493 in Miami 183.03 and 203.12, see test_bridge; the bill of 650 is the higher one
    out, err = run("bridge", "--from", "2025D", "--to", "2026C", "--claims", claims, "--json")
    found = json.loads(out, parse_float=Decimal)
    assert sum(found["parts"].values()) == found["change"]
    changed = {row["service"]: (row["from_revenue"], row["to_revenue"]) for row in found["services"]}
    assert changed["64493"] == (Decimal("183.03"), Decimal("203.12"))
    assert "price different years" in " ".join(err.split())
    shown, err = run("bridge", "--from", "2025D", "--to", "2026C", "--claims", claims, "--claims-to", claims)
    assert max(map(len, (shown + err).splitlines())) <= 100


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "--volume FILE"),
        (["--volume", "VOLUME", "--claims", "CLAIMS"], "--volume FILE"),
        (["--volume", "VOLUME", "--claims-to", "CLAIMS"], "--claims-to is the end"),
        (["--volume", "VOLUME", "--pos", "11"], "of claim lines"),
        (["--claims", "VOLUME"], "no column for date_of_service"),
    ],
)
def test_what_a_bridge_of_claims_cannot_be_asked(run, volume, claims, options, said):
    files = {"VOLUME": volume, "CLAIMS": claims}
    _, err = run("bridge", "--from", "2025D", "--to", "2026C", *(files.get(each, each) for each in options), code=2)
    assert said in " ".join(err.split())


def test_a_volume_without_codes_says_what_was_looked_for(run, tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text("Foo,Qty\n1,2\n")
    _, err = run("bridge", "--from", "2025D", "--to", "2026C", "--volume", path, "--locality", "national", code=2)
    assert "the file's headings: Foo, Qty" in " ".join(err.split())
    assert "hcpcs, CPT, CPT Code" in err


def test_claims_to_reprocess(run, claims, tmp_path):
    listed, lines = tmp_path / "again.csv", tmp_path / "lines.xlsx"
    out, _ = run(
        "reprice", "--from", "2026C", "--to", "2026C", "--to-no-gpci-floor", claims, "-o", listed, "--lines", lines
    )
    assert "2 of 2 claims change, -$0.81 in all" in out  # 99204 falls by 0.52, 64493 by 0.29
    assert "RVU26C, without the work GPCI floor" in out
    table = pl.read_csv(listed)
    assert table["claim_id"].to_list() == ["P-1", "P-2"]
    # 64493 in Miami without the floor: 1.48 x 0.994 + 4.08 x 1.041 + 0.14 x 2.529 = 6.07246 x 33.4009 = 202.826
    assert table["difference"].to_list()[1] == -0.29
    assert lines.stat().st_size > 0


def test_claims_to_reprocess_as_json_between_years(run, claims):
    out, err = run("reprice", "--from", "2025D", "--to", "2026C", claims, "--json")
    found = json.loads(out, parse_float=Decimal)
    assert found["claims_changed"] == len(found["changed_claims"]) == 2
    assert found["difference"] == sum(row["difference"] for row in found["changed_claims"])
    assert "price different years" in " ".join(err.split())


def test_the_list_is_not_written_over_the_claims(run, claims):
    before = claims.read_text()
    _, err = run("reprice", "--from", "2025D", "--to", "2026C", claims, "-o", claims, code=2)
    assert "give another name" in err
    assert claims.read_text() == before


def test_a_basket_across_localities(run, volume, tmp_path):
    out, err = run(
        "compare", "--volume", volume, "--across", "localities", "--release", "2026C", "-o", tmp_path / "places.csv",
        "--chart", tmp_path / "places.svg",
    )  # fmt: skip
    assert max(map(len, (out + err).splitlines())) <= 100
    places = pl.read_csv(tmp_path / "places.csv", schema_overrides={"locality": pl.String, "mac": pl.String})
    assert places.height == 109
    assert places.filter((pl.col("mac") == "09102") & (pl.col("locality") == "04"))["amount"].to_list() == [303086.60]
    assert "<svg" in (tmp_path / "places.svg").read_text()[:1000]


@pytest.mark.parametrize("across", ["localities", "releases", "settings"])
def test_a_basket_as_json(run, volume, across, tmp_path):
    picture = tmp_path / "picture.png"
    out, _ = run("compare", "--volume", volume, "--across", across, "--json", "--chart", picture)
    assert json.loads(out)["across"] == across
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--across", "localities"], "nothing to compare"),
        (["64493", "--across", "localities", "--zip", "33133"], "--volume"),
        (["64493", "--across", "localities", "--volume", "VOLUME"], "leave codes"),
        (["--across", "payers", "--volume", "VOLUME"], "compare across"),
        (["--across", "localities", "--volume", "VOLUME", "--zip", "33133"], "ZIP"),
        (["--across", "settings", "--volume", "VOLUME", "--locality", "Atlantis"], "Atlantis"),
        (["--across", "localities", "--volume", "VOLUME", "--zip", "33133", "--locality", "Miami, FL"], "both say"),
    ],
)
def test_what_compare_cannot_be_asked(run, volume, arguments, said):
    _, err = run("compare", *(volume if each == "VOLUME" else each for each in arguments), code=2)
    assert said in " ".join(err.split())
