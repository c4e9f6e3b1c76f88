"""The list of the rules: no file is left out of it, and every note and every line paid by another has its words."""

import importlib
from pathlib import Path
from string import Formatter

from feecalc.pricing import rules
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.outcomes import BY_ANOTHER_LINE, DENIED_BY_EDIT
from feecalc.pricing.rules.order import BUNDLES, FIGURES, NOTES, RULES
from feecalc.pricing.rules.rule import Rule
from feecalc.tables.professional import Rvu

FILES = sorted(path.stem for path in Path(rules.__file__).parent.glob("*.py"))
SHARED = {"__init__", "order", "parts", "ranking", "rule", "receipt_steps", "by_row"}
OF_A_RULE = [name for name in FILES if name not in SHARED]


def module(name):
    return importlib.import_module(f"feecalc.pricing.rules.{name}")


def rules_of(name):
    return [value for value in vars(module(name)).values() if isinstance(value, Rule)]


def test_every_rule_file_is_in_the_order():
    """A file ends with its Rule, which RULES lists; a file that gives the formula a figure stands in FIGURES."""
    without = [name for name in OF_A_RULE if not rules_of(name) and name not in FIGURES]
    not_listed = [rule.name for name in OF_A_RULE for rule in rules_of(name) if rule not in RULES]
    assert (without, not_listed) == ([], [])


def test_the_order_holds_each_rule_once_and_nothing_else():
    of_files = [rule for name in OF_A_RULE for rule in rules_of(name)]
    assert sorted(rule.name for rule in RULES) == sorted(rule.name for rule in of_files)
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert set(FIGURES) <= set(FILES)
    assert not [name for name in FIGURES if rules_of(name)]


def test_a_rule_that_refuses_a_modifier_says_which_and_by_what():
    for rule in RULES:
        assert bool(rule.judged) == bool(rule.refusal), rule.name
        assert rule.judged or rule.does_not_apply is None, rule.name
        named = {name for _, name, _, _ in Formatter().parse(rule.refusal) if name}
        assert named <= set(Rvu.column_names()), rule.name


def test_every_rule_file_says_where_the_rule_is_written():
    assert [name for name in OF_A_RULE if "Source:" not in (module(name).__doc__ or "")] == []


def test_every_note_is_one_rules_to_say():
    said = [note for rule in RULES for note in rule.notes]
    assert sorted(said) == sorted(Note)
    assert all(NOTES.values())


def test_every_line_that_another_pays_for_names_its_source():
    assert set(BUNDLES) == set(BY_ANOTHER_LINE) - {DENIED_BY_EDIT}  # an edit's finding names its own


def test_a_rule_does_something():
    moments = [name for name in Rule.__dataclass_fields__ if name not in ("name", "notes", "bundles")]
    assert [rule.name for rule in RULES if not any(getattr(rule, moment) for moment in moments)] == []
