"""Baskets on CMS's own files: a series back to 2020, and the bounds of a ZIP code that is split."""

import gzip
import json
from decimal import Decimal

import pytest

from feecalc.cli import app

VOLUME = "Code,Count\n99213,100\n"


@pytest.fixture
def run(capsys):
    def call(*arguments):
        with pytest.raises(SystemExit) as ended:
            app([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert not ended.value.code, out + err
        return out

    return call


@pytest.fixture
def volume(tmp_path):
    path = tmp_path / "volume.csv"
    path.write_text(VOLUME)
    return path


def test_a_series_back_to_2020(cms, run, volume):
    # RVU20A, 99213 in an office: 0.97 + 1.06 + 0.08 = 2.11; x 36.0896 = 76.149 -> 76.15, what CMS paid in 2020.
    # RVU25D: 1.30 + 1.35 + 0.10 = 2.75; x 32.3465 = 88.953 -> 88.95. RVU26C: 95.19, see test_by_hand.
    run("build", *(cms / "zips" / f"rvu{name}.zip" for name in ("20a", "25d", "26c")))
    found = json.loads(run("compare", "--volume", volume, "--across", "releases", "--json"), parse_float=Decimal)
    amounts = {row["release"]: (row["amount"], row["index"]) for row in found["rows"]}
    assert amounts["RVU20A"] == (Decimal("7615.00"), Decimal("1.0000"))
    assert amounts["RVU25D"] == (Decimal("8895.00"), Decimal("1.1681"))  # 8895 / 7615 = 1.16809
    assert amounts["RVU26C"] == (Decimal("9519.00"), Decimal("1.2500"))  # 9519 / 7615 = 1.25003
    assert list(amounts) == ["RVU20A", "RVU25D", "RVU26C"]


def test_a_split_zip_code_has_the_amounts_of_its_localities_as_bounds(cms, run, volume, tmp_path):
    with gzip.open(cms / "zip" / "zip_plus4_carrier_locality_2020-2025.csv.gz", "rt") as whole:
        rows = whole.readlines()
    plus_four = tmp_path / "zip_plus4_carrier_locality_2020-2025.csv"
    plus_four.write_text(rows[0] + "".join(row for row in rows if row.startswith("60015,")))
    run("build", cms / "zips" / "rvu25d.zip", cms / "zip" / "ZIP5_OCT2025.txt", plus_four)
    asked = ("compare", "--volume", volume, "--across", "localities", "--release", "2025D", "--json")
    found = json.loads(run(*asked, "--zip", "60015"), parse_float=Decimal)
    places = {row.split(",")[2] + "-" + row.split(",")[3] for row in rows if row.startswith("60015,")}
    own = [row["amount"] for row in found["rows"] if f"{row['mac']}-{row['locality']}" in places]
    assert len(own) > 1
    assert (found["zip_bounds"]["low"], found["zip_bounds"]["high"]) == (min(own), max(own))
    assert found["zip_bounds"]["low"] < found["zip_bounds"]["high"]
