"""Columns are found by their names, their usual names and a person's word; two for one are refused."""

import polars as pl
import pytest

from feecalc import reference
from feecalc.errors import InvalidValue, MissingColumn
from feecalc.files.headings import looked_for, our_names, plain, recognize, recognized_count
from feecalc.files.volume import read_volume
from feecalc.installed import open_schedule

ALIASES = [(row["column"], alias) for row in reference.rows("column_name") for alias in row["aliases"]]


@pytest.mark.parametrize(("ours", "alias"), ALIASES)
def test_every_usual_name_is_recognized_however_it_is_spelled(ours, alias):
    for heading in (alias, alias.upper(), f" {alias.lower().replace(' ', '_')} ", alias.replace(" ", "-")):
        assert recognize([heading]).theirs == {ours: heading}


def test_no_usual_name_stands_for_two_columns():
    seen = {}
    for ours, alias in ALIASES:
        assert seen.setdefault(plain(alias), ours) == ours


def test_a_practices_headings_keep_their_order_in_the_mapping():
    headings = ["Svc Date", "Patient Name", "CPT", "MOD1", "POS", "Charge"]
    recognized = recognize(headings)
    assert recognized.lines() == (
        "Svc Date -> date_of_service",
        "CPT -> hcpcs",
        "MOD1 -> modifier_1",
        "POS -> place_of_service",
        "Charge -> billed_amount",
    )
    assert "Patient Name" not in recognized.theirs.values()


def test_our_own_name_goes_before_a_usual_one():
    assert recognize(["CPT", "hcpcs"]).theirs == {"hcpcs": "hcpcs"}


def test_two_columns_for_one_are_refused_and_both_named():
    with pytest.raises(InvalidValue, match=r"2 columns could be date_of_service: DOS, Service Date; .*--map"):
        recognize(["CPT", "DOS", "Service Date"])


def test_two_columns_of_diagnoses_stop_nothing():
    assert recognize(["CPT", "DX", "Diagnosis"]).theirs["hcpcs"] == "CPT"


def test_a_persons_word_goes_before_all_else():
    headings = ["DOS", "Service Date", "Code", "CPT"]
    said = {"service date": "date_of_service", "DOS": "", "Code": "hcpcs"}
    assert recognize(headings, said).theirs == {"date_of_service": "Service Date", "hcpcs": "Code"}


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        ({"Nothing": "hcpcs"}, MissingColumn, "Nothing, which the file does not have; it has CPT, DOS"),
        ({"CPT": "procedure"}, InvalidValue, "procedure is not a column of claims"),
        ({"CPT": "hcpcs", "DOS": "hcpcs"}, InvalidValue, "gives hcpcs twice: CPT and DOS"),
    ],
)
def test_a_word_that_cannot_be_followed(said, error, words):
    with pytest.raises(error, match=words):
        recognize(["CPT", "DOS"], said)


def test_one_modifier_column_beside_numbered_ones_is_the_first():
    assert set(recognize(["Mod", "Mod 2", "Mod 3"]).theirs) == {"modifier_1", "modifier_2", "modifier_3"}
    assert recognize(["Mod"]).theirs == {"modifiers": "Mod"}
    with pytest.raises(InvalidValue, match="two columns could be modifier_1: Mod and MOD1"):
        recognize(["Mod", "MOD1"])


def test_missing_columns_are_all_named_with_what_was_looked_for_and_seen():
    with pytest.raises(MissingColumn) as told:
        recognize(["Svc Date", "Color"]).require(())
    message = str(told.value)
    assert message.startswith("no column for hcpcs, place_of_service, locality.")
    assert "hcpcs: hcpcs, CPT, CPT Code" in message
    assert "--pos CODE" in message
    assert "--locality PLACE" in message
    assert "The file's headings: Svc Date, Color" in message


def test_what_is_given_need_not_be_in_the_file():
    recognize(["CPT"]).require(["date_of_service", "place_of_service", "locality"])
    recognize(["CPT", "DOS", "POS", "Zip"]).require(())


def test_the_row_of_headings_counts_our_columns_once():
    assert recognized_count(["CPT", "Proc Code", "DOS", "x", ""]) == 2
    assert recognized_count(["Acme", "DOS"], ["Acme"]) == 2
    assert set(our_names()) >= {"hcpcs", "zip_code", "modifiers", "diagnosis_12"}


# Headings that are a code's or a count's only where the file has no better one.
CODES = ["Code", "CODES", "CPT", "CPT Code", "Proc", "Procedure Code", "HCPCS"]
COUNTS = ["Count", "Qty", "Volume", "vol.", "Units", "Annual Units", "# of Units", "Frequency", "Cases"]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("count", COUNTS)
def test_a_volume_by_any_usual_name(tmp_path, code, count):
    path = tmp_path / "volume.csv"
    path.write_text(f"A title,\n{code},{count}\n99213,12\n64493,3\n")
    schedule = open_schedule("2026C", home=tmp_path / "none").schedule
    found = read_volume(path, [schedule], locality="national")
    assert found.select("hcpcs", pl.col("units")).rows() == [("99213", 12), ("64493", 3)]


def test_a_better_name_goes_first_and_the_other_is_left_alone():
    found = recognize(["Code", "CPT", "Count", "Units"])
    assert (found.theirs["hcpcs"], found.theirs["units"]) == ("CPT", "Units")
    assert recognize(["Code", "Count"]).theirs == {"hcpcs": "Code", "units": "Count"}


def test_what_a_person_said_goes_first():
    assert recognize(["Code", "Count"], {"Code": ""}).theirs == {"units": "Count"}


def test_what_is_looked_for_is_told():
    assert looked_for("hcpcs").startswith("hcpcs: hcpcs, CPT, CPT Code,")
