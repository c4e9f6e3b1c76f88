"""The one list of edits: nothing that finds lines is left out, and a check and a claim run agree, whatever denies."""

import random
from importlib import import_module
from pkgutil import iter_modules

import polars as pl
import pytest
from edits.test_against_oracle import some_claims
from edits.test_precedence import facet_tables, pricer

from feecalc import edits
from feecalc.edits import edit, listed
from feecalc.edits.checking import check, check_batch
from feecalc.edits.denials import Denials
from feecalc.edits.edit import Edit
from feecalc.edits.policies.edit import PolicyEdit
from feecalc.edits.policies.loading import shared_rows
from feecalc.edits.policies.models import Rule
from feecalc.edits.pricing import price_with_edits
from feecalc.reference import rows

ROOMS = ("ncci", "coding", "policies")
BY_HAND = {"add_ons", "unpaid", "questions", "physicians"}  # they follow the others: listed by their rules


def modules():
    for room in ROOMS:
        package = import_module(f"{edits.__name__}.{room}")
        for each in iter_modules(package.__path__):
            yield import_module(f"{package.__name__}.{each.name}")


def test_every_edit_of_a_room_is_listed():
    found = {}
    for module in modules():
        for value in vars(module).values():
            for each in value if isinstance(value, tuple) else (value,):
                if isinstance(each, Edit | PolicyEdit):
                    found[each.name] = each
    assert set(found) == {each.name for each in (*listed.EDITS, *listed.POLICY_EDITS)}
    having_rules = {each.__name__.rpartition(".")[2]: each.RULES for each in modules() if hasattr(each, "RULES")}
    own = {rule for name, rules in having_rules.items() if name not in BY_HAND for rule in rules}
    assert own == {rule for each in listed.EDITS for rule in each.rules}
    assert having_rules["add_ons"] == listed.ADD_ONS
    assert having_rules["unpaid"] == listed.UNPAID
    assert having_rules["questions"] == listed.QUESTIONS
    assert having_rules["physicians"] == listed.PHYSICIANS


def test_every_rule_is_of_one_edit_and_every_edit_has_its_rows():
    rules = listed.rules()
    assert len(rules) == len(set(rules))
    known = {row["rule"] for row in rows("edit_rule")} | {row.rule for row in shared_rows(Rule)}
    assert set(rules) == known


@pytest.fixture
def all_deny(monkeypatch):
    """Every rule of reference/edit_rule.toml denies, those that warn too; the pricing core's outcomes are left."""
    of_pricing = {"pricing_status", "pricing_note", "facility_note"}
    dated = {
        rule: tuple(row if of_pricing & row.keys() else {**row, "severity": "denies"} for row in wordings)
        if rule not in listed.PHYSICIANS else wordings
        for rule, wordings in edit._by_rule().items()
    }
    monkeypatch.setattr(edit, "_by_rule", lambda: dated)


@pytest.mark.parametrize("seed", range(6))
def test_what_a_row_makes_a_denial_is_one_in_a_check_and_in_a_claim_run(all_deny, seed):
    claims = some_claims(random.Random(300 + seed), 30)
    found = check(claims, pricer(), facet_tables()).found.filter(pl.col("severity") == "denies")
    _, _, denied = price_with_edits(claims, pricer(), facet_tables())
    assert denied["row"].to_list() == sorted(set(found["row"]))
    assert set(denied.select("row", "rule", "carc", "rarc").rows()) <= set(
        found.select("row", "rule", "carc", "rarc").rows()
    )
    # rules that warn as they are written
    assert {"both_sides_and_one", "visit_modifier_on_procedure", "visit_after_surgery"} & set(found["rule"])


def test_what_the_few_codes_of_a_file_find_is_what_all_codes_find():
    """The look-up tables of a small file hold its codes only."""

    claims = some_claims(random.Random(77), 40)
    every_code = Denials(pricer(), facet_tables())
    assert check_batch(claims, every_code).found.equals(check_batch(claims, every_code.limited_to(claims)).found)
