"""Releases of 2009 to 2019 from the zip to a price. Every file is written after public code: see cms_shaped.earlier."""

from datetime import date
from decimal import Decimal

import pytest
from cms_shaped import csv_of, earlier, gpci_csv, oppscap_csv, oppscap_rows, pprrvu_csv, pprrvu_txt, zip_of
from cms_shaped.earlier import AREAS_2019, CARRIER_AREAS, SERVICES_2019, TRANSITION_SERVICES, transition_members

from feecalc.errors import CheckFailed, InvalidValue, MissingMember, UnreadableFile
from feecalc.ingest.build import build
from feecalc.ingest.releases import release_in_force
from feecalc.installed import open_schedule


def zipped(folder, release, members):
    path = folder / f"{release.lower()}.zip"
    path.write_bytes(zip_of(members))
    return path


def priced(store, release, hcpcs, **asked):
    return open_schedule(release, home=store.folder(release).parents[1]).schedule.price(hcpcs, **asked)


def check_of(manifest, name):
    (found,) = (check for check in manifest.checks if check["check"] == name)
    return found


# 99213 national, nonfacility: to 2012 by the transitioned practice expense, 0.97 + 1.03 + 0.07 = 2.07; in 2013 by the
# fully implemented, 0.97 + 1.08 + 0.07 = 2.12.
TRANSITION = [
    ("RVU09A", "09A", "36.0666", None, "74.66"),  # 2.07 x 36.0666 = 74.657862
    ("RVU10AR1", "10A", "36.0791", ("PPRRVU10.csv", "gpci10.csv"), "74.68"),  # 2.07 x 36.0791 = 74.683737
    ("RVU10C_PCT22", "10C", "36.8729", ("PPRRVU10_U22.csv", "gpci10.csv"), "76.33"),  # 2.07 x 36.8729 = 76.326903
    ("RVU11D", "11D", "33.9764", ("PPRRVU11_OCT_082511_v2.csv", "GPCI1.csv"), "70.33"),  # 2.07 x 33.9764 = 70.331148
    ("RVU12AR", "12A", "34.0376", None, "70.46"),  # 2.07 x 34.0376 = 70.457832
    ("RVU13D", "13D", "34.0230", ("PPRRVU13_V0828.csv", "GPCI2013.csv"), "72.13"),  # 2.12 x 34.0230 = 72.128760
]


@pytest.mark.parametrize(
    ("name", "quarter", "factor", "names", "amount"), TRANSITION, ids=[each[0] for each in TRANSITION]
)
def test_a_release_with_both_practice_expenses(store, folder, name, quarter, factor, names, amount):
    members = transition_members(quarter, factor=factor, names=names)
    (manifest,) = build(zipped(folder, name, members), store=store)
    assert manifest.name == name
    assert set(manifest.tables) == {"rvu", "gpci", "oppscap", "anesthesia", "county"}
    assert [check for check in manifest.checks if check["failed"]] == []
    paid = "fully implemented" if quarter.startswith("13") else "transitioned"
    assert any(f"the {paid} ones were read" in note for note in manifest.notes)
    price = priced(store, name, "99213")
    assert price.allowed_amount == Decimal(amount)
    (step,) = (step for step in price.steps if step.name == "conversion factor")
    assert Decimal(step.value) == Decimal(factor)


def test_a_place_and_a_ceiling_of_2012(store, folder):
    build(zipped(folder, "RVU12AR", transition_members("12A", factor="34.0376")), store=store)
    # Miami: 0.97 x 1.000 + 1.03 x 1.069 + 0.07 x 3.167 = 2.29276; x 34.0376 = 78.040047...
    assert priced(store, "RVU12AR", "99213", locality="00590-04").allowed_amount == Decimal("78.04")
    # 70551: the fee is (1.48 + 10.50 + 0.12) x 34.0376 = 411.85, the ceiling (1.48 + 6.10 + 0.08) x 34.0376 = 260.728
    head = priced(store, "RVU12AR", "70551")
    assert (head.fee_schedule_amount, head.allowed_amount) == (Decimal("411.85"), Decimal("260.73"))


@pytest.mark.parametrize("form", ["txt", "xlsx"])
def test_a_release_of_2012_in_its_other_forms(store, folder, form):
    write = {"txt": lambda: earlier.pprrvu_2009_txt(), "xlsx": lambda: earlier.pprrvu_2009_xlsx()}[form]
    gpci = earlier.gpci_2009_txt() if form == "txt" else csv_of(earlier.gpci_2009_cells())
    members = {f"PPRRVU12.{form}": write(), f"GPCI2012.{'txt' if form == 'txt' else 'csv'}": gpci}
    (manifest,) = build(zipped(folder, "RVU12AR", members), store=store)
    assert manifest.tables["rvu"]["member"] == f"PPRRVU12.{form}"
    assert priced(store, "RVU12AR", "99213").allowed_amount == Decimal("70.46")  # 2.07 x 34.0376 = 70.457832


# 99213 national: 0.97 + 1.05 + 0.07 = 2.09 (CMS's of October 2019; the other years carry the same figures here)
ONE = [
    ("RVU14A", 2014, "January", "35.8228", ("PPRRVU14_V1219", "CY 2014 GPCI _12172013"), "74.87"),  # 74.869652
    ("RVU15C", 2015, "July", "35.9335", ("PPRRVU15_UP05_V0622", "CY2015_GPCIs"), "75.10"),  # 75.101015
    ("RVU16B", 2016, "April", "35.8043", ("PPRRVU16_April_V0202", "CY2016_GPCIs"), "74.83"),  # 74.830987
    ("RVU17C", 2017, "July", "35.8887", ("PPRRVU17_JULY_V0503", "CY2017_GPCIs"), "75.01"),  # 75.007383
    ("RVU18AR1", 2018, "January", "35.9996", ("PPRRVU18_JAN", "GPCI2018"), "75.24"),  # 75.239164
    ("RVU19D", 2019, "October", "36.0391", ("PPRRVU19_OCT", "GPCI2019"), "75.32"),  # 75.321719
]


@pytest.mark.parametrize("form", ["csv", "txt"])
@pytest.mark.parametrize(("name", "year", "month", "factor", "names", "amount"), ONE, ids=[row[0] for row in ONE])
def test_a_release_with_one_practice_expense(store, folder, name, year, month, factor, names, amount, form):
    if form == "csv":
        relative = pprrvu_csv(SERVICES_2019, year=year, month=month, factor=factor)
    else:
        relative = pprrvu_txt(SERVICES_2019, year=year, factor=factor)
    if year < 2017:
        gpci = csv_of(earlier.gpci_2009_cells(AREAS_2019, year=year, banner=False))
    else:
        gpci = gpci_csv(AREAS_2019, year=year, columns=6)
    members = {
        f"{names[0]}.{form}": relative,
        f"{names[1]}.csv": gpci,
        "OPPSCAP.csv": oppscap_csv(oppscap_rows(SERVICES_2019, AREAS_2019, factor=factor)),
    }
    (manifest,) = build(zipped(folder, name, members), store=store)
    assert (manifest.name, [check for check in manifest.checks if check["failed"]]) == (name, [])
    assert priced(store, name, "99213").allowed_amount == Decimal(amount)


def test_alabama_in_2019_by_cms_own_figures(store, folder):
    members = {
        "PPRRVU19_OCT.csv": pprrvu_csv(SERVICES_2019, year=2019, month="October", factor="36.0391"),
        "GPCI2019.csv": gpci_csv(AREAS_2019, year=2019, columns=6),
    }
    build(zipped(folder, "RVU19D", members), store=store)
    # 0.97 x 1.000 + 1.05 x 0.890 + 0.07 x 0.492 = 1.93894; x 36.0391 = 69.877652...
    price = priced(store, "RVU19D", "99213", locality="10112-00")
    assert price.allowed_amount == Decimal("69.88")


# Releases whose printed factor was not paid by


@pytest.mark.parametrize(("name", "quarter"), [("RVU10C_PCT0", "10C"), ("RVU10D_PCT0", "10D")])
def test_a_release_before_the_act_of_june_2010_is_priced_by_the_factor_paid(store, folder, name, quarter):
    path = zipped(folder, name, transition_members(quarter, factor="36.0791"))
    (manifest,) = build(path, store=store)
    check = check_of(manifest, "conversion_factor")
    assert (check["severity"], check["failed"]) == ("note", 0)
    assert check["detail"].startswith("every row prints 36.0791, which was not paid by in the end")
    assert "prices are by 36.8729" in check["detail"]
    assert priced(store, name, "99213").allowed_amount == Decimal("76.33")  # 2.07 x 36.8729 = 76.326903


def test_a_factor_that_nothing_explains_is_refused_and_the_correction_named(store, folder):
    path = zipped(folder, "RVU12A", transition_members("12A", factor="24.6712"))
    with pytest.raises(CheckFailed, match=r"(?s)conversion_factor \(error\): 12 of 12.*CMS corrected.*RVU12AR"):
        build(path, store=store)


def test_a_factor_on_some_rows_only_is_refused(store, folder):
    members = transition_members("10C", factor="36.0791")
    members["PPRRVU10.csv"] = members["PPRRVU10.csv"].replace(b"36.0791", b"36.8729", 1)
    with pytest.raises(CheckFailed, match=r"conversion_factor \(error\): 11 of 12"):
        build(zipped(folder, "RVU10C_PCT0", members), store=store)


@pytest.mark.parametrize(
    ("day", "release"),
    [
        (date(2009, 12, 31), "RVU09C"), (date(2010, 6, 30), "RVU10AR1"), (date(2010, 7, 1), "RVU10C_PCT22"),
        (date(2010, 10, 1), "RVU10D_PCT22"), (date(2012, 3, 1), "RVU12M"), (date(2018, 1, 1), "RVU18AR1"),
        (date(2018, 4, 1), "RVU18B"), (date(2018, 7, 1), "RVU18C1"),
    ],
)  # fmt: skip
def test_the_release_of_a_day(day, release):
    assert release_in_force(day).name == release


def test_indices_of_2010_in_a_release_of_2011_are_refused(store, folder):
    members = transition_members("11D", factor="33.9764", names=("PPRRVU11.csv", "GPCI_2010.csv"))
    members["GPCI_2010.csv"] = csv_of(earlier.gpci_2009_cells(year=2010))
    with pytest.raises(CheckFailed, match=r"gpci_year \(error\).*of 2010"):
        build(zipped(folder, "RVU11D", members), store=store)


def test_both_years_indices_in_a_release_of_2011(store, folder):
    members = transition_members("11D", factor="33.9764", names=("PPRRVU11.csv", "GPCI_2011.csv"))
    members["GPCI_2011.csv"] = csv_of(earlier.gpci_2011_cells())
    (manifest,) = build(zipped(folder, "RVU11D", members), store=store)
    # Alabama: 0.97 x 1.000 + 1.03 x 0.853 + 0.07 x 0.496 = 1.88331; x 33.9764 = 63.988...
    assert priced(store, manifest.name, "99213", locality="00510-00").allowed_amount == Decimal("63.99")


# Old workbooks


def test_a_zip_of_old_workbooks_says_what_to_do(store, folder):
    path = zipped(folder, "RVU09A", {"PPRRVU09.xls": b"\xd0\xcf\x11\xe0", "GPCI09.xls": b"\xd0\xcf\x11\xe0"})
    words = r"PPRRVU09\.xls, GPCI09\.xls are old Excel workbooks.*save it as \.xlsx"
    with pytest.raises(MissingMember, match=words) as no:
        build(path, store=store)
    assert "no member at all" not in str(no.value)


def test_a_required_table_as_an_old_workbook_only(store, folder):
    members = transition_members("09A", factor="36.0666", names=("PPRRVU09.csv", "GPCI09.csv"))
    members["PPRRVU09.xls"] = members["GPCI09.xls"] = b"\xd0\xcf\x11\xe0"
    del members["GPCI09.csv"]
    with pytest.raises(MissingMember, match=r"no member holds GPCI.*\. GPCI09\.xls is an old Excel workbook"):
        build(zipped(folder, "RVU09A", members), store=store)


def test_an_old_workbook_beside_its_csv_is_not_needed(store, folder):
    members = transition_members("09A", factor="36.0666", names=("PPRRVU09.csv", "GPCI09.csv"))
    members |= {"PPRRVU09.xls": b"\xd0\xcf\x11\xe0", "09LOCCO.xls": b"\xd0\xcf\x11\xe0"}
    del members["09LOCCO.csv"]
    (manifest,) = build(zipped(folder, "RVU09A", members), store=store)
    (told,) = (note for note in manifest.notes if "old Excel workbook" in note)
    assert told.startswith("09LOCCO.xls is an old Excel workbook (.xls), which feecalc does not read: open it")


def test_a_lone_old_workbook_and_a_folder_of_them(store, folder):
    (folder / "PPRRVU09.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(UnreadableFile, match=r"^PPRRVU09\.xls is an old Excel workbook"):
        build(folder / "PPRRVU09.xls", store=store)
    with pytest.raises(InvalidValue, match=r"holds no zip, csv, txt or xlsx file; PPRRVU09\.xls is an old Excel"):
        build(folder, store=store)


def test_the_figures_written_add_up():
    """What the writers stand on: a global is its 26 and TC rows in both versions, as CMS's check wants it."""
    for pe in (lambda row: Decimal(row.pe_nonfacility), lambda row: Decimal(_full(row))):
        parts = [pe(row) for row in TRANSITION_SERVICES if row.hcpcs == "70551"]
        assert parts[0] == parts[1] + parts[2]
    assert len({(area.mac, area.locality) for area in CARRIER_AREAS}) == len(CARRIER_AREAS)


def _full(row):
    return earlier.FULLY_IMPLEMENTED.get((row.hcpcs, row.modifier), (row.pe_nonfacility, ""))[0]
