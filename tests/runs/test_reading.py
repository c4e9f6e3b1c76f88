"""From a file to lines that are priced, and back to the file's own columns with the results beside them."""

import pytest

from feecalc.errors import FeeCalcError, NotInstalled, UnknownLocality, UnreadableFile
from feecalc.files.claim_lines import LineDefaults
from feecalc.files.opening import plain_errors
from feecalc.runs.reading import read_claims

FILE = """\
Claim,CPT,DOS,POS,Locality,Qty,Charge,reason,Patient
A1,64493,8/3/2026,11,"Miami, FL",1,$500,a,Ann
A1,64493,8/3/2026,11,Nowhere,1,$500,b,Ann
A2,64493,8/3/2026,11,09102-04,1,abc,c,Bo
A2,64493,13/8/2026,11,09102-04,1,500,d,Bo
A2,64493,8/3/2026,11,09102-04,1,500,e,Bo,more
"""


def priced(claims):
    return claims.output(claims.opened.schedules[0].price_claims(claims.frame)).collect()


def test_the_files_columns_come_first_and_as_they_were(write):
    claims = read_claims(write(FILE))
    out = priced(claims)
    # reason is a result's name: the file's own column of that name is kept beside it.
    own = ["Claim", "CPT", "DOS", "POS", "Locality", "Qty", "Charge", "input:reason", "Patient"]
    assert out.columns[: len(own) + 2] == [*own, "line", "payment_locality"]
    assert out.row(0)[: len(own)] == ("A1", "64493", "8/3/2026", "11", "Miami, FL", "1", "$500", "a", "Ann")
    assert out["payment_locality"].to_list() == ["09102-04", None, "09102-04", "09102-04", "09102-04"]
    assert not {"mac", "units", "intake_reason"} & set(out.columns)


def test_a_line_that_a_cell_keeps_from_being_priced_says_which(write):
    out = priced(read_claims(write(FILE)))
    assert out["pricing_status"].to_list() == [
        "priced",
        "unknown_locality",
        "invalid_billed_amount",
        "invalid_date",
        "unreadable",
    ]
    reasons = out["reason"].to_list()
    assert reasons[1].startswith("no locality 'Nowhere' in RVU26C")
    assert reasons[2] == "billed_amount cannot be read as an amount: 'abc'"
    assert reasons[4] == "the row has more cells than there are headings"
    assert out["allowed_amount"].is_null().to_list() == [False, True, True, True, True]


def test_what_is_assumed_is_said(write):
    path = write("CPT,DOS,POS,zip,mac\n64493,2026-08-03,11,33133,09102\n")
    claims = read_claims(path, defaults=LineDefaults(locality="miami"))
    assert claims.notes[:3] == (
        "no column claim_id: each line is a claim of its own, named by its row",
        "no column units: 1 for every line",
        "no column billed_amount: nothing is held against what was charged",
    )
    assert "--locality is given: the column zip is not used" in claims.notes
    assert any(note.startswith("starter data:") for note in claims.notes)
    assert claims.rows == 1
    assert claims.columns.lines() == ("CPT -> hcpcs", "DOS -> date_of_service", "POS -> place_of_service",
                                      "zip -> zip_code", "mac -> mac")  # fmt: skip


def test_the_dates_pick_the_releases(write):
    text = "CPT,DOS,POS,Locality\n64493,2026-08-03,11,09102-04\n64493,2026-02-03,11,09102-04\n64493,1999-01-01,11,x\n"
    claims = read_claims(write(text))
    assert [each.release.name for each in claims.opened.schedules] == ["RVU26C"]
    assert not claims.opened.pinned
    assert "not installed, and their lines not priced: RVU26A (feecalc fetch RVU26A)" in claims.notes
    assert "1 dates of service lie outside the releases that are known" in claims.notes


def test_a_release_named_prices_all(write):
    claims = read_claims(write("CPT,DOS,POS,Locality\n64493,2026-02-03,11,09102-04\n"), release="2026C")
    assert claims.opened.pinned
    assert priced(claims)["pricing_status"].to_list() == ["priced"]


def test_no_release_at_all_stops_at_once(write):
    with pytest.raises(NotInstalled, match=r"dates call for RVU26A: .* --release"):
        read_claims(write("CPT,DOS,POS,Locality\n64493,2026-02-03,11,09102-04\n"))


def test_a_file_without_a_readable_date_is_answered_line_by_line(write):
    claims = read_claims(write("CPT,DOS,POS,Locality\n64493,soon,11,09102-04\n"))
    assert priced(claims)["pricing_status"].to_list() == ["invalid_date"]


def test_a_locality_for_all_lines_that_is_none_stops_at_once(write):
    with pytest.raises(UnknownLocality):
        read_claims(write("CPT,DOS,POS\n64493,2026-08-03,11\n"), defaults=LineDefaults(locality="Nowhere"))


def test_our_own_columns_come_back_as_they_were(write):
    text = (
        "claim_id,line,date_of_service,hcpcs,place_of_service,mac,locality,units\nA,1,2026-08-03,64493,11,09102,04,1\n"
    )
    out = priced(read_claims(write(text)))
    assert out.columns[:9] == [*text.split("\n")[0].split(","), "release"]
    assert out.row(0)[:8] == ("A", "1", "2026-08-03", "64493", "11", "09102", "04", "1")


def test_an_error_in_the_middle_of_a_file_quotes_none_of_it(tmp_path):
    import polars as pl

    with pytest.raises(UnreadableFile) as told, plain_errors(tmp_path / "claims.csv"):
        raise pl.exceptions.ComputeError("could not parse `Jane Doe` as dtype")
    assert "Jane" not in str(told.value)
    assert told.value.__cause__ is None
    assert isinstance(told.value, FeeCalcError)
