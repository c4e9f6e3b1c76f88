"""What a line says where it is not known whether two physicians of a group are one (professional case 4)."""

import polars as pl
import pytest
from pricing.claims import made_up
from pricing.claims.cases.form import line
from pricing.claims.random_claims import claims_frame

from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.explanation import explain
from feecalc.pricing.claims.grouping import groups

ASKED = "it is not known whether they are of one specialty"


def claim(*given):
    """Lines of one group by (code, rendering NPI, specialty, modifiers)."""
    return claims_frame(
        line(code, *modifiers, line=at, billing_npi="G", rendering_npi=npi, specialty=specialty)
        for at, (code, npi, specialty, *modifiers) in enumerate(given, 1)
    )


def asked(*given):
    """The numbers of the lines that ask."""
    priced = made_up.schedule().price_claims(claim(*given).lazy()).collect()
    said = priced["reason"].cast(pl.String).fill_null("").str.contains(ASKED, literal=True)
    return priced.filter(said)["line"].to_list()


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        # 500.00 would be second, at 50 percent; 1,043.48 first either way
        ([("SURG1", "11", ""), ("SURG5", "12", "")], [2]),
        ([("SURG1", "11", "20"), ("SURG5", "12", "")], [2]),
        ([("SURG1", "11", "207X00000X"), ("SURG5", "12", "207T00000X")], [2]),  # no code of Medicare's
        ([("SURG1", "11", "20"), ("SURG5", "12", "14")], []),
        ([("SURG1", "11", "20"), ("SURG5", "12", "20")], []),
        ([("SURG1", "11", ""), ("SURG5", "11", "")], []),
        ([("SURG1", "", ""), ("SURG5", "", "")], []),
        ([("SURG1", "11", ""), ("VISIT", "12", "")], []),  # a visit is not ranked
        # his 500.00 is half already; of his colleague's 922.90 the first place is asked about
        ([("SURG1", "11", ""), ("SURG5", "11", ""), ("SURG3", "12", "")], [3]),
        ([("SURG4", "11", "", "62"), ("SURG4", "12", "", "62")], []),  # two co-surgeons, whatever the specialty
        ([("SURG4", "11", "", "80"), ("SURG5", "12", "", "80")], []),  # each assistant by himself
    ],
)
def test_a_line_asks_where_one_specialty_would_pay_it_less(given, lines):
    assert asked(*given) == lines


def test_the_receipt_names_the_lines():
    pricer = ClaimPricer([ReleaseDays.of_year(made_up.schedule())])
    lines = claim(("SURG1", "11", ""), ("SURG5", "12", ""), ("SURG3", "13", ""))
    notes = [note for each in explain(pricer, lines) for note in each.notes if ASKED in note]
    assert [note.split(" of ")[0] for note in notes] == [
        "not ranked with lines 1 and 3", "not ranked with lines 1 and 2",
    ]  # fmt: skip


def test_groups_of_physicians_stand_together_in_a_practice():
    lines = claim(("SURG1", "11", "20"), ("VISIT", "12", ""), ("SURG5", "13", "20"), ("SURG3", "12", ""))
    found = groups(lines)
    assert found.order is not None
    assert sorted(zip(found.order.tolist(), found.group.tolist(), strict=True)) == [(0, 0), (1, 1), (2, 0), (3, 1)]
    assert found.practice.tolist() == [0, 0, 0, 0]
    assert found.as_lines_are().group.tolist() == [0, 1, 0, 1]
