"""Earlier sessions: the same headings and cells as a claim file's, only the codes asked for, and what is left out."""

from datetime import date

import pytest

from feecalc.errors import InvalidValue, MissingColumn
from feecalc.files import history
from feecalc.files.history import read_history

FILE = (
    "Patient ID,Svc Date,CPT,Mods,Qty,Reason for visit\n"
    'p1,3/4/2026,64493,"50,KX",2,Diagnostic\n'
    "p1,04-Mar-2026,64494.0,,,\n"
    "p2,20260305,99213,,1,\n"
    ",2026-03-06,64493,,1,\n"
    "p3,soon,64493,,1,\n"
)


def test_lines_of_the_codes(write):
    found = read_history(write(FILE), ["64493", "64494"], {"Reason for visit": "purpose", "not in it": "units"})
    columns = ("beneficiary_id", "date_of_service", "hcpcs", "units", "modifier_1", "modifier_2", "purpose")
    assert found.lines.select(columns).rows() == [
        ("p1", date(2026, 3, 4), "64493", 2, "50", "KX", "diagnostic"),
        ("p1", date(2026, 3, 4), "64494", 1, "", "", ""),
    ]
    assert found.notes == (
        "history claims.csv: 2 lines of the policies' codes",
        "history claims.csv: 2 lines name no patient or date, and are left out",
    )


def test_a_missing_column_is_named(write):
    with pytest.raises(MissingColumn, match=r"no column for beneficiary_id; it needs .* Its headings: DOS, CPT"):
        read_history(write("DOS,CPT\n2026-03-04,64493\n"), ["64493"])


def test_a_history_has_a_bound(write, monkeypatch):
    monkeypatch.setattr(history, "_MOST_LINES", 2)
    path = write("Patient ID,DOS,CPT\n" + "p,2026-03-04,64493\n" * 3 + "p,2026-03-04,99213\n" * 9)
    assert read_history(path, ["99214"]).lines.height == 0
    with pytest.raises(InvalidValue, match="more than 2 lines of the policies' codes"):
        read_history(path, ["64493"])
