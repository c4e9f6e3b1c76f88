"""The work index without the floor: a release's own, another's of the year where the two agree, or none."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from feecalc.errors import InvalidValue
from feecalc.pricing.rules.work_gpci_floor import (
    PrintedIndices,
    Unfloored,
    with_unfloored,
    work_gpci_floor,
    work_indices,
)

DAY = date(2026, 10, 1)
WITHOUT = work_gpci_floor(DAY, wanted=False)
# as GPCI2026.csv of RVU26B prints them: work with the floor and without, practice expense, malpractice
PRINTED = {
    ("10112", "00", "AL", "ALABAMA"): ("1.000", "0.988", "0.875", "0.566"),
    ("02102", "01", "AK", "ALASKA"): ("1.500", "1.500", "1.065", "0.551"),
    ("09102", "04", "FL", "MIAMI"): ("1.000", "0.994", "1.041", "2.529"),
    ("01182", "18", "CA", "LOS ANGELES"): ("1.041", "1.041", "1.183", "0.664"),
}
COLUMNS = ("work_gpci", "work_gpci_unfloored", "pe_gpci", "mp_gpci")


def gpci(*, both, without=(), **changed):
    """The table above; with ``changed``, as Miami's pe_gpci, and ``without`` some states."""
    rows = []
    for key, indices in PRINTED.items():
        if key[2] in without:
            continue
        cells = dict(zip(COLUMNS, indices, strict=True))
        cells |= changed if key[3] == "MIAMI" else {}
        cells["work_gpci_unfloored"] = cells["work_gpci_unfloored"] if both else None
        rows.append(dict(zip(("mac", "locality", "state", "locality_name"), key, strict=True)) | cells)
    texts = pl.DataFrame(rows, schema_overrides=dict.fromkeys(COLUMNS, pl.String))
    return texts.with_columns(pl.col(COLUMNS).cast(pl.Decimal(6, 3)))


def without_floor(table, unfloored=None):
    """The indices by name of the locality, in thousandths."""
    found = work_indices(table, DAY, floor=WITHOUT, unfloored=unfloored)
    return dict(zip(table["locality_name"], found, strict=True))


def test_the_index_is_taken_from_a_release_that_agrees():
    other = PrintedIndices("GPCI2026.csv of RVU26A", gpci(both=True))
    filled, unfloored = with_unfloored(gpci(both=False), [other], "X")
    # Alaska's 1.5 is no part of the national floor, SSA 1848(e)(1)(G): it stands in both columns
    assert without_floor(filled, unfloored) == {"ALABAMA": 988, "ALASKA": 1500, "MIAMI": 994, "LOS ANGELES": 1041}
    assert unfloored.where("09102", "04") == unfloored.source == "GPCI2026.csv of RVU26A"
    assert unfloored.notices == (
        "work GPCI without the floor: GPCI2026.csv of RVU26A (X prints only the index with the floor)",
    )
    assert filled.drop("work_gpci_unfloored").equals(gpci(both=False).drop("work_gpci_unfloored"))


def test_the_first_that_agrees_is_taken_and_the_next_for_the_rest():
    first = PrintedIndices("first", gpci(both=True, pe_gpci="1.042", work_gpci_unfloored="0.900"))
    filled, unfloored = with_unfloored(gpci(both=False), [first, PrintedIndices("second", gpci(both=True))], "X")
    assert without_floor(filled)["MIAMI"] == 994
    assert (unfloored.where("09102", "04"), unfloored.where("10112", "00")) == ("second", "first")
    assert unfloored.source == "first, and for 1 locality second"
    assert unfloored.differences == {}


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (gpci(both=True, pe_gpci="1.042"), "practice expense 1.041 here and 1.042 in GPCI of Y"),
        (gpci(both=True, mp_gpci="2.500"), "malpractice 2.529 here and 2.500 in GPCI of Y"),
        (gpci(both=True, work_gpci="1.010"), "work 1.000 here and 1.010 in GPCI of Y"),
        (gpci(both=True, without=["FL"]), "GPCI of Y has no such locality"),
    ],
)
def test_one_that_differs_is_not_used_and_that_is_said(other, why):
    filled, unfloored = with_unfloored(gpci(both=False), [PrintedIndices("GPCI of Y", other)], "X")
    assert without_floor(filled.filter(pl.col("state") != "FL"), unfloored)["ALABAMA"] == 988
    assert unfloored.notices[0].endswith(f"; not for 09102-04 ({why})")
    with pytest.raises(InvalidValue) as error:
        without_floor(filled, unfloored)
    assert str(error.value) == (
        "the work GPCI without the floor cannot be told for 09102-04 MIAMI: X prints only the index with the floor in "
        f"it, and another release's is not used where the two differ ({why}). Leave the floor in, or install a release "
        "of 2026 that prints both and agrees with it, if CMS has published one"
    )


def test_without_any_other_release_only_rows_above_the_floor_can_be_told():
    filled, unfloored = with_unfloored(gpci(both=False), [], "RVU26D")
    assert unfloored.notices == ()
    # Alaska's floor is its own, and Los Angeles is above the national one
    above = filled.filter(pl.col("state").is_in(["AK", "CA"]))
    assert without_floor(above, unfloored) == {"ALASKA": 1500, "LOS ANGELES": 1041}
    with pytest.raises(InvalidValue, match=r"for 10112-00 ALABAMA and 1 other: RVU26D prints only .* no other release"):
        without_floor(filled, unfloored)


def test_a_release_that_prints_both_asks_for_no_other():
    def none():
        raise AssertionError("read for nothing")
        yield

    filled, unfloored = with_unfloored(gpci(both=True), none(), "X")
    assert without_floor(filled)["MIAMI"] == 994
    assert unfloored == Unfloored("X")


def test_with_the_floor_the_printed_index_holds():
    filled, _ = with_unfloored(gpci(both=False), [PrintedIndices("Y", gpci(both=True))], "X")
    found = work_indices(filled, DAY, floor=work_gpci_floor(DAY))
    assert found.to_list() == [int(Decimal(work) * 1000) for work, *_ in PRINTED.values()]
