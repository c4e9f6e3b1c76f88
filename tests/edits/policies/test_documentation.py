"""The checklist of the claims at hand, and what is said to be unchecked."""

from datetime import date

import polars as pl
import pytest
from edits.policies.claim_lines import DAY, frame, line

from feecalc.edits.checking import check_policies as find
from feecalc.edits.policies.documentation import documentation, not_looked_at, unchecked
from feecalc.edits.policies.loading import shipped_policies
from feecalc.errors import MissingColumn

ALWAYS = ["level_and_side", "images_saved", "sedation_reason", "chronic_pain", "earlier_care", "other_causes",
          "relief_measured"]  # fmt: skip


def items(*lines, claim="A"):
    told = documentation(frame(*lines))
    return [row["item"] for row in told.to_dicts() if row["claim_id"] == claim]


def test_by_purpose():
    last = ["prior_dates", "prior_authorization_commercial"]
    dosed = [*ALWAYS[:2], "substance_and_dose", *ALWAYS[2:]]
    assert items(line("64493", "KX")) == [*dosed, "second_diagnostic", *last]
    assert items(line("64493")) == [*dosed, "therapeutic_need", *last]
    assert items(line("64635")) == [*ALWAYS, "radiofrequency_need", *last]


def test_prior_authorization_by_place_and_day():
    assert "prior_authorization_medicare" in items(line("64493", place_of_service="22"))
    assert "prior_authorization_medicare" not in items(line("64493", place_of_service="24"))
    before = line("64493", place_of_service="22", date_of_service=date(2023, 6, 30))
    assert "prior_authorization_medicare" not in items(before)


def test_earlier_dates_are_shown():
    lines = [
        line("64493", "KX", claim_id="B"),
        line("64493", "KX", claim_id="A", date_of_service=date(2026, 1, 5)),
        line("64490", "KX", claim_id="C", date_of_service=date(2026, 1, 6)),
    ]
    history = frame(line("64635", date_of_service=date(2025, 2, 1), claim_id="old"))
    told = documentation(frame(*lines), history=history)
    known = {row["claim_id"]: row["known"] for row in told.to_dicts() if row["item"] == "prior_dates"}
    assert known == {
        "B": "2025-02-01 lumbar/sacral radiofrequency, 2026-01-05 lumbar/sacral diagnostic",
        "A": "2025-02-01 lumbar/sacral radiofrequency",
        "C": "none on file",
    }
    assert told["claim_id"].unique(maintain_order=True).to_list() == ["B", "A", "C"]


def test_other_claims_have_none():
    assert documentation(frame(line("99213"), line("77003"))).height == 0


def test_every_item_says_where_it_comes_from():
    assert (documentation(frame(line("64493")))["source"].str.len_chars() > 10).all()


def test_what_could_not_be_checked_is_said():
    lines = frame(line("64493", diagnosis_1="", beneficiary_id=""), line("64493"))
    said = " / ".join(unchecked(lines))
    assert "1 of 2 lines name no patient" in said
    assert "no history was given" in said
    assert "not a contractor's whole list" in said
    assert unchecked(frame(line("99213"))) == []
    # what a line says itself is not said again
    assert "no diagnosis" not in said
    assert not_looked_at(lines).filter(pl.col("what") == "no_diagnosis")["row"].to_list() == [0]


def test_a_column_that_is_lacking_is_named():
    with pytest.raises(MissingColumn, match="claim lines lack the column hcpcs"):
        find(frame(line("64493")).drop("hcpcs"))
    with pytest.raises(MissingColumn, match="history lines lack the column beneficiary_id"):
        find(frame(line("64493")), history=frame(line("64493")).drop("beneficiary_id"))


def test_every_row_of_the_shipped_policy_has_its_source():
    for policy in shipped_policies():
        for model, rows in policy.sections.items():
            for row in rows:
                assert row.source, model
                if "not confirmed" in row.source.split(";")[0]:
                    assert row.basis == "assumed", row
        assert policy.head.effective_from < DAY
