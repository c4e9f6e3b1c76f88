"""CMS's own zips and files."""

import shutil
import zipfile
from pathlib import Path

import pytest

from feecalc.errors import CheckFailed, InvalidValue
from feecalc.ingest.build import build
from feecalc.ingest.store import Store

REPOSITORY = Path(__file__).parents[3]
CMS_ZIPS = REPOSITORY.parent / "shared" / "cms" / "zips"
ZIPS = sorted(path.name for path in CMS_ZIPS.glob("*.zip")) or ["rvu26c.zip"]


@pytest.mark.parametrize("name", ZIPS)
def test_every_zip_of_cms_builds_without_allowing_anything(cms, store, name):
    (manifest,) = build(cms / "zips" / name, store=store)
    assert manifest.name == name.removesuffix(".zip").upper()
    assert not [check for check in manifest.checks if check["failed"]]
    assert not manifest.allowed_warnings
    # the retirement of three California localities with 2024: CMS's footnote to GPCI2024
    assert manifest.tables["gpci"]["rows"] == (112 if manifest.year < 2024 else 109)
    assert store.read(manifest.name, "rvu").height == manifest.tables["rvu"]["rows"] > 17_000


@pytest.mark.parametrize("form", ["txt", "xlsx"])
def test_the_three_forms_of_a_release_are_one(cms, store, tmp_path, form):
    """In every figure; some of CMS's words on places differ between its own csv and txt."""
    with zipfile.ZipFile(cms / "zips" / "rvu25d.zip") as archive:
        kept = [each for each in archive.namelist() if each.endswith(f".{form}")]
        archive.extractall(tmp_path / "rvu25d", kept)
    (manifest,) = build(tmp_path / "rvu25d", store=store)
    assert {entry["member"].rsplit(".", 1)[1] for entry in manifest.tables.values()} == {form}
    by_csv = Store(tmp_path / "csv")
    build(cms / "zips" / "rvu25d.zip", store=by_csv)
    words = {"rvu": ["source_line"], "anesthesia": ["locality_name"], "county": ["fee_schedule_area", "counties"]}
    for table in manifest.tables:
        mine, theirs = (each.read("RVU25D", table).drop(words.get(table, [])) for each in (store, by_csv))
        assert mine.equals(theirs), table


def test_other_files_of_cms(cms, store):
    names = [manifest.name for manifest in build(cms / "zip", store=store)]
    assert sorted(names) == ["ZIP5-20254", "ZIP5-20261", "ZIP_PLUS4-2025"]
    assert [m.name for m in build(cms / "anesthesia_base_units_2022.xlsx", store=store)] == ["BASE_UNITS-2022"]


def test_a_zip_under_a_name_that_does_not_say_its_release(cms, store, tmp_path):
    shutil.copy(cms / "zips" / "rvu24ar.zip", tmp_path / "2024.zip")
    with pytest.raises(InvalidValue, match="it can be RVU24A or RVU24AR"):
        build(tmp_path / "2024.zip", store=store)
    with pytest.raises(CheckFailed, match="conversion_factor"):  # 33.2875, and in January 32.7442 was in force
        build(tmp_path / "2024.zip", store=store, release="RVU24A")
    assert build(tmp_path / "2024.zip", store=store, release="RVU24AR")[0].name == "RVU24AR"
    shutil.copy(cms / "zips" / "rvu26b.zip", tmp_path / "rvu26c.zip")
    with pytest.raises(CheckFailed, match=r"RVU26C.*April 2026"):
        build(tmp_path / "rvu26c.zip", store=store)
