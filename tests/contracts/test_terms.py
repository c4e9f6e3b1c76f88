"""Every key of a contract belongs to one term, and a term answers for all of its own: workbook, silence, comparison."""

import importlib
import pkgutil
from collections import Counter
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from contracts.payments import choices_of, volume
from contracts.practices import contract

from feecalc import reference
from feecalc.contracts import terms
from feecalc.contracts.contract import FILE_KEYS, TABLES, Basis, Contract, RuleTerms
from feecalc.contracts.fields import with_keys
from feecalc.contracts.files.workbook import write_contract
from feecalc.contracts.readings import clauses, readings
from feecalc.contracts.terms import TERMS
from feecalc.contracts.terms.lesser_of_billed import LesserOfBilled
from feecalc.contracts.terms.term import Term

DAY = date(2026, 7, 1)
SILENT = Contract(payer="Silent", percent=Decimal(120))
CHOICES = choices_of(volume([("99213", 98, 100)]), 3)
BY_NAME = {term.name: term for term in TERMS}
TABLE_OF = {"": Contract, "basis": Basis, "rules": RuleTerms}


def own_keys(term):
    """The keys of a contract's file that a term owns."""
    return [f"{term.table}.{key}" if term.table else key for key in term.section.model_fields]


def test_every_key_belongs_to_exactly_one_term():
    owned = Counter((term.table, key) for term in TERMS for key in term.section.model_fields)
    there = {
        (table, key) for table, model in TABLE_OF.items() for key in model.model_fields if table or key not in TABLE_OF
    }
    assert set(owned) == there
    assert set(owned.values()) == {1}
    assert all(issubclass(TABLE_OF[term.table], term.section) for term in TERMS)


def test_every_term_of_the_folder_is_in_the_list_once():
    for module in pkgutil.iter_modules(terms.__path__):
        importlib.import_module(f"{terms.__name__}.{module.name}")
    in_folder = Counter(kind for kind in Term.__subclasses__() if kind.__module__.startswith(terms.__name__))
    assert Counter(type(term) for term in TERMS) == in_folder
    assert len(BY_NAME) == len(TERMS)


def test_every_key_can_be_written_in_the_workbook(tmp_path):
    write_contract(None, tmp_path / "x.xlsx")
    rows = set(pl.read_excel(tmp_path / "x.xlsx", sheet_name="contract")["key"])
    for term in TERMS:
        if term.sheet:
            head = pl.read_excel(tmp_path / "x.xlsx", sheet_name=term.sheet).columns
            assert set(head) == set(term.columns) == set(TABLES[term.sheet].model_fields)
            continue
        for key in own_keys(term):
            inner = {f"{key}.{name}" for name in TABLES[key].model_fields} if key in TABLES else set()
            # a contract's kind has one value; a table may be one cell, as without_medicare_price is
            assert key == "basis.kind" or key in rows or inner <= rows, key


def test_the_clauses_of_reference_are_the_terms_that_may_be_unsaid():
    rows = {row["clause"]: row["keys"] for row in reference.rows_on("contract_clause", DAY)}
    assert set(rows) == {term.name for term in TERMS if term.may_be_unspecified}
    for clause, keys in rows.items():
        assert set(keys) == set(own_keys(BY_NAME[clause])) - {"basis.kind"}


def test_every_term_that_pays_says_how_it_pays_what_medicare_allows():
    """Those of the file's head; a term of [basis] or [rules] changes what Medicare allows, and stays."""
    paying = [term for term in TERMS if type(term).on is not Term.on or type(term).escalated is not Term.escalated]
    of_the_head = [term for term in paying if not term.table]
    assert {term.name for term in paying} - {term.name for term in of_the_head} == {"sequestration"}
    for term in TERMS:
        keys = term.as_medicare_allows(term.keys_of(SILENT))
        assert set(keys) == (set(term.section.model_fields) if term in of_the_head else set()), term.name


def test_a_contract_as_medicare_allows_keeps_its_basis_and_rules():
    fees = {"fee_table": {"path": "fees.csv"}, "escalator": {"percent": 3, "first_applied": DAY}}
    rows = {"carve_out": [{"hcpcs": "64493", "amount": 250}], "category": [{"name": "visits", "percent": 110}]}
    ends = {"lesser_of_billed": "claim", "without_medicare_price": "not_paid"}
    kept = {"payer": "Bay", "basis": {"year": 2024}, "rules": {"sequestration": True}}
    said = Contract.model_validate({**kept, **fees, **rows, **ends, "percent": 120})
    assert said.as_medicare_allows() == Contract.model_validate({**kept, "percent": 100, "lesser_of_billed": "no"})


def test_what_medicare_fills_in_may_be_unsaid():
    filled = {term.name for term in TERMS if term.medicare_defaults(term.keys_of(SILENT))}
    assert filled <= {term.name for term in TERMS if term.may_be_unspecified}


@pytest.mark.parametrize("clause", clauses(DAY))
def test_a_reading_says_what_the_contract_did_not(clause):
    term, found = BY_NAME[clause], readings(clause, SILENT, CHOICES)
    assert not term.is_specified(term.keys_of(SILENT))
    assert len(found) > 1
    for reading in found[1:]:
        read = reading.terms(SILENT)
        assert term.is_specified(term.keys_of(read)), reading
        assert set(reading.keys) <= set(term.section.model_fields)


COMPARED = [term for term in TERMS if term.compared]
UNLIKE = {
    "release": {"basis": {"year": 2025}},
    "locality": {"basis": {"locality": "national"}},
    "multiple_procedure": {"rules": {"multiple_procedure": "none"}},
    "bilateral": {"rules": {"bilateral": 200}},
    "assistant": {"rules": {"assistant": 20}},
    "site_of_service": {"rules": {"site_of_service": False}},
    "practitioner_percent": {"rules": {"practitioner_percent": False}},
    "lesser_of_billed": {"lesser_of_billed": "claim"},
    "sequestration": {"rules": {"sequestration": True}},
}


@pytest.mark.parametrize("term", COMPARED, ids=lambda term: term.name)
def test_a_term_unlike_medicare_s_is_put_as_medicare_has_it(term):
    name = term.compared[0]
    assert f"{term.table}.{name}".strip(".") in FILE_KEYS
    if not isinstance(term, LesserOfBilled):  # what the charge as a ceiling costs is seen in Medicare's way too
        assert term.keys_matching_medicare(term.keys_of(SILENT.filled())) is None
    differs = contract(percent=120, **UNLIKE[term.name])
    keys = term.keys_matching_medicare(term.keys_of(differs))
    assert keys is not None
    assert term.keys_matching_medicare(term.keys_of(with_keys(differs, term.table, keys))) is None
