"""Codes and categories: ranges of one kind, RBCS, and no code in two."""

from datetime import date

import polars as pl
import pytest
from contracts.practices import contract
from hypothesis import given
from hypothesis import strategies as st

from feecalc.contracts.categories import code_of, read_taxonomy, reporting_categories
from feecalc.contracts.codes import code_key, code_keys
from feecalc.contracts.terms.category import contract_categories
from feecalc.errors import InvalidValue, MissingColumn

DAY = date(2026, 7, 1)
CODES = st.from_regex(r"[0-9]{5}|[0-9]{4}[A-Z]|[A-Z][0-9]{4}", fullmatch=True).filter(str.isascii)


def categories(*terms, taxonomy=None):
    rows = contract(percent=1, category=[{"percent": 100, **term} for term in terms]).category
    return contract_categories(rows, DAY, taxonomy)


def of(found, *codes):
    keys = pl.DataFrame({"code": codes}).select(code_keys("code").fill_null(-1)).to_series().to_numpy()
    return [found.names[number] if number >= 0 else None for number in found.numbers(keys)]


@given(codes=st.lists(CODES, min_size=1))
def test_a_code_has_one_key_alone_and_in_a_column(codes):
    column = pl.DataFrame({"code": codes}).select(code_keys("code")).to_series().to_list()
    assert column == [code_key(code) for code in codes]
    assert [code_of(key) for key in column] == codes


def test_the_known_categories_have_no_code_in_common():
    found = of(
        reporting_categories(DAY), "99214", "64493", "36415", "00100", "72148", "97110", "J3301", "0213T", "99100"
    )
    assert found == [
        "visits",
        "surgery",
        "laboratory",
        "anesthesia",
        "imaging",
        "medicine",
        "drugs",
        None,
        "anesthesia",
    ]


def test_a_range_is_of_one_kind_of_code():
    found = categories({"name": "a", "codes": ["00100-01999", "0200T-0299T"]})
    assert of(found, "00150", "0150T", "0213T", "A0150") == ["a", None, "a", None]


def test_what_is_left_out_may_be_in_another():
    found = categories({"name": "visits", "without": ["99213-99214"]}, {"name": "b", "codes": ["99214"]})
    assert of(found, "99212", "99213", "99214", "99215") == ["visits", None, "b", "visits"]


@given(spans=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 40)), min_size=2, max_size=6))
def test_two_categories_with_a_code_in_common_are_refused(spans):
    ranges = [(first, first + length) for first, length in spans]
    meet = any(
        former[0] <= latter[1] and latter[0] <= former[1]
        for place, former in enumerate(ranges)
        for latter in ranges[place + 1 :]
    )
    terms = [{"name": f"n{place}", "codes": [f"{a:05}-{b:05}"]} for place, (a, b) in enumerate(ranges)]
    if meet:
        with pytest.raises(InvalidValue, match="have the code"):
            categories(*terms)
    else:
        found = categories(*terms)
        assert of(found, *(f"{a:05}" for a, _ in ranges)) == [f"n{place}" for place in range(len(ranges))]


TAXONOMY = """hcpcs_code,rbcs_procedure,rbcs_category,rbcs_subcategory,rbcs_family,hcpcs_date_added,hcpcs_date_ended
99213,Non-Procedure,E&M,Office,No Family,1992-01-01,9999-12-31
64493,Major,Procedure,Musculoskeletal,Facet,2010-01-01,9999-12-31
72148,Non-Procedure,Test,Old,None,1992-01-01,2010-12-31
72148,Non-Procedure,Imaging,MRI,None,2011-01-01,9999-12-31
"""


def test_categories_by_rbcs(tmp_path):
    (tmp_path / "rbcs.csv").write_text(TAXONOMY)
    taxonomy = read_taxonomy(tmp_path / "rbcs.csv")
    found = categories({"name": "a", "rbcs": ["e&m"]}, {"name": "b", "rbcs": ["Facet", "Imaging"]}, taxonomy=taxonomy)
    assert of(found, "99213", "64493", "72148", "99214") == ["a", "b", "b", None]
    with pytest.raises(InvalidValue, match="Imaging"):
        categories({"name": "a", "rbcs": ["Imagin"]}, taxonomy=taxonomy)
    with pytest.raises(InvalidValue, match="99213"):
        categories({"name": "a", "rbcs": ["E&M"]}, {"name": "b", "codes": ["99213"]}, taxonomy=taxonomy)
    (tmp_path / "other.csv").write_text("hcpcs_code,name\n99213,x\n")
    with pytest.raises(MissingColumn, match="RBCS"):
        read_taxonomy(tmp_path / "other.csv")


def test_cms_s_own_taxonomy(cms):
    taxonomy = read_taxonomy(cms / "utilization" / "rbcs_taxonomy.csv")
    assert taxonomy.category_of(pl.Series(["64493", "99213"])).to_list() == ["Procedure", "E&M"]
    assert taxonomy.codes["hcpcs_code"].is_unique().all()
