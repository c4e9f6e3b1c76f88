"""Any claims at all, all edits and policies together: nothing raises, and what is found can be found again."""

import polars as pl
from edits.made_up import DAY, lines
from edits.test_precedence import facet_tables, pricer
from hypothesis import given, settings
from hypothesis import strategies as st

from feecalc.edits.checking import check

CODES = ["64493", "64494", "77003", "76942", "PRIM1", "PRIM2", "MAJOR", "IMAGE", "TESTS", "ADDN1", "ADDN3", "ADDCC",
         "99213", "G2211", "BUND1", "NOSUC", ""]  # fmt: skip
LINE = st.fixed_dictionaries(
    {
        "hcpcs": st.sampled_from(CODES),
        "units": st.sampled_from([1, 1, 2, 3, 0, -1, None]),
        "modifier_1": st.sampled_from(["", "50", "RT", "LT", "59", "25", "26", "TC", "KX", "GZ", "zz"]),
        "modifier_2": st.sampled_from(["", "", "KX", "RT"]),
        "place_of_service": st.sampled_from(["11", "22", "24", "?", ""]),
        "date_of_service": st.sampled_from([DAY, DAY, DAY.replace(day=2), DAY.replace(year=1990), None]),
        "claim_id": st.sampled_from(["A", "B", ""]),
        "beneficiary_id": st.sampled_from(["P", "P", ""]),
        "diagnosis_1": st.sampled_from(["M47.816", "M51.26", "", "?"]),
    }
)
SHAPE = {"units": pl.Int32, "date_of_service": pl.Date}


def frame(rows):
    """The lines with the columns that ``lines`` gives them, each row's own before those."""
    made = pl.concat([lines("PRIM1") for _ in rows])
    return made.with_columns(
        pl.Series(name, [row[name] for row in rows], dtype=SHAPE.get(name, pl.String)) for name in rows[0]
    )


def findings(claims):
    return check(claims, pricer(), facet_tables()).found


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=8))
def test_nothing_raises_and_the_same_is_found_again(rows):
    claims = frame(rows)
    found = findings(claims)
    assert found.equals(findings(claims))
    assert found["row"].is_between(0, len(rows) - 1).all()
    assert (found["detail"].str.len_chars() > 0).all()
    assert (found["remedy"].str.len_chars() > 0).all()
    assert found.filter(pl.col("amount_at_stake").is_null(), pl.col("stake_reason") == "").is_empty()


@settings(max_examples=30, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=6))
def test_each_denied_line_taken_off_takes_its_findings_along(rows):
    """Without it no other line gets a denial that it did not have, but for what the line was a primary of."""
    denied = findings(frame(rows)).filter(pl.col("severity") == "denies").select("row", "rule").rows()
    for row in {row for row, _ in denied}:
        left = [each for place, each in enumerate(rows) if place != row]
        if not left:
            continue
        again = findings(frame(left)).filter(pl.col("severity") == "denies").select("row", "rule").rows()
        now = {(place + (place >= row), rule) for place, rule in again}
        new = {rule for _, rule in now - set(denied)}
        assert not {rule for rule in new if not rule.startswith(("add_on", "ncci", "visit", "status", "complexity"))}
        assert row not in {place for place, _ in now}
