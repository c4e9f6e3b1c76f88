"""A cell looked up in a list, as polars' own replace_strict does it, but line by line."""

from datetime import date

import polars as pl
import pytest

from feecalc.files.cells import looked_up
from feecalc.files.claim_lines import LineDefaults, claim_lines
from feecalc.files.headings import recognize
from feecalc.files.opening import open_file
from feecalc.files.places import Places


@pytest.mark.parametrize("engine", ["streaming", "in-memory"])
@pytest.mark.parametrize("count", [0, 1, 3, 255, 256, 257, 65_536, 65_537])
def test_each_cell_gets_its_meaning(count, engine):
    cells, meanings = [f"é{number}" for number in range(count)], [str(number % 7) * 2 for number in range(count)]
    lines = pl.DataFrame({"cell": [*cells, "other", None, *cells]}, schema={"cell": pl.String})
    read = lines.lazy().select(looked_up(pl.col("cell"), cells, meanings).alias("it"))
    found = lines.lazy().select(pl.col("cell"), looked_up(pl.col("cell"), cells, meanings).alias("it"))
    assert read.collect_schema() == {"it": pl.String}
    assert found.collect(engine=engine)["it"].to_list() == [*meanings, None, None, *meanings]


def test_the_lines_of_a_file_pass_by(write, schedule):
    """What polars must see whole, which its plan calls a columnar function, would take memory with the file."""
    rows = [("C1", "46085", "26,59", "Miami, FL", "$1,200.50"), ("C1", "4-Mar-26", "", "09102-04", "(3)")]
    text = "".join('"' + '","'.join(row) + '",64493,11,1\n' for row in rows)
    file = open_file(write("Claim,DOS,Mod,Locality,Charge,CPT,POS,Line\n" + text))
    lines = claim_lines(file, recognize(file.headings), LineDefaults(), Places([schedule]))
    assert lines.collect()["date_of_service"].to_list() == [date(2026, 3, 4)] * 2
    assert lines.collect()["locality"].to_list() == ["04"] * 2
    for frame, seen_whole in ((lines, False), (lines.with_columns(pl.col("units").replace_strict({1: 2})), True)):
        plan = frame.show_graph(plan_stage="physical", engine="streaming", raw_output=True)
        assert ("columnar-function" in plan) is seen_whole
