"""Each check by itself, on small releases that it must pass and must not."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from cms_shaped import AREAS, SERVICES, release_zip

from feecalc import reference
from feecalc.ingest import checks
from feecalc.ingest.assembly.choice import bundles, choose
from feecalc.ingest.assembly.draft import Draft, assemble
from feecalc.ingest.files.archive import open_sources
from feecalc.ingest.releases import KnownRelease, known_release


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Draft:
    """RVU25D as the writers of tests shape it."""
    (source,) = open_sources(release_zip(tmp_path_factory.mktemp("zip"), "25D"))
    choice = choose(source)
    (picks,) = bundles(source.name, choice)
    return assemble(source, picks, choice, None)


def changed(draft: Draft, table: str, row: int | None = None, **values: object) -> Draft:
    """The draft with columns of a table set to a value, in one row or in all."""
    frame = draft.frames[table]
    here = pl.lit(True) if row is None else pl.int_range(pl.len()) == row
    columns = [
        pl.when(here).then(pl.lit(value, dtype=frame.schema[name])).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    ]
    return replace(draft, frames={**draft.frames, table: frame.with_columns(columns)})


def with_facts(draft: Draft, table: str, **facts: str) -> Draft:
    return replace(draft, facts={**draft.facts, table: {**draft.facts[table], **facts}})


def on(draft: Draft, name: str) -> Draft:
    return replace(draft, release=known_release(name))


def place_of(draft: Draft, hcpcs: str, modifier: str = "") -> int:
    rvu = draft.frames["rvu"]
    rows = list(rvu.select("hcpcs", "modifier").iter_rows())
    return rows.index((hcpcs, modifier))


def test_a_whole_release_passes_everything(whole):
    results = checks.check_release(whole)
    assert [result for result in results if result.failed] == []
    assert {result.check for result in results if result.severity == "note"} == set()
    assert checks.refusal(results) == ""


def test_the_contract(whole):
    frames = {"gpci": whole.frames["gpci"]}
    assert [(r.check, r.checked, r.failed) for r in checks.contract(frames)] == [
        ("gpci_columns", 8, 0),
        ("gpci_key", len(AREAS), 0),
    ]
    twice = {"gpci": pl.concat([frames["gpci"], frames["gpci"].head(1)])}
    assert [r.failed for r in checks.contract(twice)] == [0, 2]
    assert checks.contract(twice)[1].sample[0] == {"mac": AREAS[0].mac, "locality": AREAS[0].locality}
    text = {"gpci": frames["gpci"].with_columns(pl.col("pe_gpci").cast(pl.Float64)).drop("mp_gpci")}
    (columns, _) = checks.contract(text)
    assert (columns.failed, [row["column"] for row in columns.sample]) == (2, ["pe_gpci", "mp_gpci"])
    draft = Draft(known_release("RVU25D"), text, {}, {})
    assert [r.check for r in checks.check_release(draft)] == ["gpci_columns", "gpci_key"]


@pytest.mark.parametrize("column", ["total_rvu_nonfacility", "total_rvu_facility", "work_rvu", "mp_rvu"])
def test_totals(whole, column):
    place = place_of(whole, "99213")
    result = checks.totals(changed(whole, "rvu", place, **{column: Decimal("0.01")}))
    assert (result.severity, result.checked, result.failed) == ("error", len(SERVICES), 1)
    assert result.sample[0]["hcpcs"] == "99213"
    assert result.sample[0][column] == "0.01"


def test_the_sample_has_ten_rows(whole):
    result = checks.totals(changed(whole, "rvu", mp_rvu=Decimal("77.77")))
    assert (result.failed, len(result.sample)) == (len(SERVICES), 10)


def test_the_conversion_factor_of_one_track(whole):
    (result,) = checks.conversion_factor(whole)
    assert (result.check, result.severity, result.checked, result.failed) == (
        "conversion_factor",
        "error",
        len(SERVICES),
        0,
    )
    (result,) = checks.conversion_factor(changed(whole, "rvu", 3, conversion_factor=Decimal("32.3466")))
    assert (result.failed, result.sample[0]["conversion_factor"]) == (1, "32.3466")
    # 32.7442 was the factor to March 8, 2024 and 33.2875 from March 9, the first day of RVU24AR (CAA, 2024)
    for name, factor in (("RVU24A", "32.7442"), ("RVU24AR", "33.2875")):
        draft = changed(on(whole, name), "rvu", conversion_factor=Decimal(factor))
        assert checks.conversion_factor(draft)[0].failed == 0
    assert checks.conversion_factor(on(draft, "RVU24A"))[0].failed == len(SERVICES)


def test_the_conversion_factors_of_two_tracks(whole):
    """2026: 33.4009, for qualifying participants 33.5675 (90 FR 49266)."""
    draft = changed(on(whole, "RVU26C"), "rvu", conversion_factor=Decimal("33.4009"))
    assert [r.check for r in checks.conversion_factor(draft)] == ["conversion_factor_other"]
    own = draft.frames["rvu"].with_columns(conversion_factor=pl.lit(Decimal("33.5675"), pl.Decimal(8, 4)))
    both = replace(draft, frames={**draft.frames, "rvu_qp": own})
    assert [(r.check, r.failed) for r in checks.conversion_factor(both)] == [
        ("conversion_factor_other", 0),
        ("conversion_factor_qp", 0),
    ]
    wrong = changed(both, "rvu_qp", 3, conversion_factor=Decimal("33.4009"))
    assert [r.failed for r in checks.conversion_factor(wrong)] == [0, 1]


def test_a_year_without_a_rule_is_a_note(whole):
    draft = replace(whole, release=KnownRelease("RVU40A", 2040, date(2040, 1, 1), None, ""))
    (factor,) = checks.conversion_factor(draft)
    assert (factor.severity, factor.failed) == ("note", 0)
    assert "32.3465" in factor.detail
    assert checks.work_floor(draft).severity == "note"
    assert [r.severity for r in checks.anesthesia(draft)] == ["warning", "note"]


def test_the_localities(whole):
    result = checks.gpci_localities(changed(whole, "gpci", 2, pe_gpci=Decimal(0)))
    assert (result.severity, result.checked, result.failed) == ("error", len(AREAS), 1)
    assert result.sample[0]["locality_name"] == whole.frames["gpci"]["locality_name"][2]
    tenfold = changed(whole, "gpci", mp_gpci=Decimal("9.9"))
    result = checks.gpci_localities(tenfold)
    assert result.failed == len(AREAS)
    assert "9.900 (far from 1)" in result.detail


def test_the_year_of_the_indices(whole):
    assert checks.gpci_year(whole).failed == 0
    result = checks.gpci_year(with_facts(whole, "gpci", year="2024"))
    assert (result.severity, result.failed) == ("error", len(AREAS))
    silent = replace(whole, facts={**whole.facts, "gpci": {}})
    assert checks.gpci_year(silent).severity == "note"


def test_the_work_floor_where_one_column_is_printed(whole):
    assert checks.work_floor(whole).failed == 0
    plain = next(i for i, area in enumerate(AREAS) if area.state != "AK" and area.work == "1.000")
    result = checks.work_floor(changed(whole, "gpci", plain, work_gpci=Decimal("0.999")))
    assert (result.severity, result.failed) == ("error", 1)


def test_alaska_has_a_floor_of_its_own(whole):
    alaska = next(i for i, area in enumerate(AREAS) if area.state == "AK")
    assert checks.work_floor(changed(whole, "gpci", alaska, work_gpci=Decimal("1.5"))).failed == 0
    result = checks.work_floor(changed(whole, "gpci", alaska, work_gpci=Decimal("1.499")))
    assert (result.failed, result.sample[0]["state"]) == (1, "AK")


def test_the_work_floor_where_both_columns_are_printed(whole):
    """The published index is the larger of the index and the floor: 0.988 gives 1.000, 1.017 stays."""
    plain = next(i for i, area in enumerate(AREAS) if area.state != "AK")
    for unfloored, floored, failed in (
        ("0.988", "1.000", 0),
        ("1.017", "1.017", 0),
        ("0.988", "0.988", 1),
        ("0.988", "1.001", 1),
        ("1.017", "1.018", 1),
    ):
        draft = changed(whole, "gpci", plain, work_gpci=Decimal(floored), work_gpci_unfloored=Decimal(unfloored))
        assert checks.work_floor(draft).failed == failed, (unfloored, floored)


def test_modifiers_add_up(whole):
    result = checks.modifiers(whole)
    assert result.severity == "warning"
    assert result.checked > 0
    code = next(row.hcpcs for row in SERVICES if row.modifier == "TC" and row.status == "A")
    result = checks.modifiers(changed(whole, "rvu", place_of(whole, code, "TC"), mp_rvu=Decimal("9.99")))
    assert (result.failed, result.sample[0]["hcpcs"]) == (1, code)


def test_contractor_priced_globals_are_left_out_of_it(whole):
    code = next(row.hcpcs for row in SERVICES if row.modifier == "TC" and row.status == "A")
    odd = changed(whole, "rvu", place_of(whole, code), work_rvu=Decimal(0), status_indicator="C")
    assert checks.modifiers(odd).failed == 0
    assert checks.modifiers(odd).checked == checks.modifiers(whole).checked - 1


def test_oppscap_is_known(whole):
    codes, places = checks.oppscap_known(whole)
    assert (codes.failed, places.failed, places.checked) == (0, 0, len(AREAS))
    codes, places = checks.oppscap_known(changed(whole, "oppscap", 0, hcpcs="99999", mac="99999"))
    assert (codes.severity, codes.failed, codes.sample[0]["hcpcs"]) == ("note", 1, "99999")
    assert (places.severity, places.failed, places.sample[0]["mac"]) == ("note", 1, "99999")
    alias = reference.rows_on("opps_cap", whole.day, kind="locality_alias")[0]
    known = changed(whole, "oppscap", 0, mac=alias["mac"], locality=alias["locality"])
    assert checks.oppscap_known(known)[1].failed == 0
    none = replace(whole, frames={name: frame for name, frame in whole.frames.items() if name != "oppscap"})
    assert checks.oppscap_known(none) == []


def test_the_anesthesia_factor(whole):
    """2025: 20.3178 (header of ANES2025)."""
    places, factor = checks.anesthesia(whole)
    assert (places.failed, factor.severity, factor.checked, factor.failed) == (0, "error", 1, 0)
    assert checks.anesthesia(with_facts(whole, "anesthesia", national_conversion_factor="20.3179"))[1].failed == 1
    assert checks.anesthesia(changed(whole, "anesthesia", 0, mac="99999"))[0].failed == 1
    silent = replace(whole, facts={**whole.facts, "anesthesia": {}})
    assert checks.anesthesia(silent)[1].severity == "note"


def test_the_counties(whole):
    assert [r.failed for r in checks.county_localities(whole)] == [0]
    assert [r.failed for r in checks.county_localities(changed(whole, "county", 0, mac="99999"))] == [1]


def test_the_refusal_names_each_check_and_its_rows(whole):
    results = checks.check_release(changed(whole, "rvu", place_of(whole, "99213"), total_rvu_facility=Decimal("1.23")))
    text = checks.refusal(results)
    assert text.startswith(f"  totals (error): 1 of {len(SERVICES)} failed: work + PE + MP = the printed total")
    assert "    hcpcs 99213, modifier , work_rvu" in text


@pytest.fixture(scope="module")
def of_two_tracks(tmp_path_factory) -> Draft:
    """RVU26C as the writers of tests shape it: a member for QPs beside the nonQPP one."""
    (source,) = open_sources(release_zip(tmp_path_factory.mktemp("zip"), "26C"))
    choice = choose(source)
    (picks,) = bundles(source.name, choice)
    return assemble(source, picks, choice, None)


def test_an_opps_value_of_qps_off_its_ratio_is_named_with_its_row(of_two_tracks):
    """0.01 more of OPPS PE is an amount of a third of a dollar that no other check of the member looks at."""
    own = of_two_tracks.frames["rvu_qp"]
    row = own["opps_pe_rvu_nonfacility"].arg_max()
    value = own["opps_pe_rvu_nonfacility"][row] + Decimal("0.01")
    draft = changed(of_two_tracks, "rvu_qp", row, opps_pe_rvu_nonfacility=value)
    rvus, opps = checks.of_qps(draft)
    assert (rvus.failed, opps.failed, opps.severity) == (0, 1, "note")
    assert opps.sample[0]["hcpcs"] == own["hcpcs"][row]
    assert Decimal(opps.sample[0]["opps_pe_rvu_nonfacility_of_qps"]) == value


def test_work_of_qps_off_the_other_member_is_named_with_its_row(of_two_tracks):
    rvus, opps = checks.of_qps(changed(of_two_tracks, "rvu_qp", 0, work_rvu=Decimal("9.99")))
    assert (rvus.failed, opps.failed, rvus.severity) == (1, 0, "note")


@pytest.mark.parametrize(("rows", "severity"), [(0, "warning"), (5, "note"), (6, "error")])
def test_a_nonqpp_member_that_lacks_many_rows_of_the_other_was_cut_short(of_two_tracks, rows, severity):
    """Of a small release five rows are few; of CMS's 19,000, one in a hundred."""
    own = of_two_tracks.frames["rvu_qp"].select("hcpcs", "modifier")
    short = of_two_tracks.frames["rvu"].join(own.head(rows), on=["hcpcs", "modifier"], how="anti")
    found = checks.members_whole(replace(of_two_tracks, frames={**of_two_tracks.frames, "rvu": short}))
    assert (found.severity, found.failed) == (severity, rows)


@pytest.mark.parametrize(("places", "stands"), [(5, False), (6, True)])
def test_a_gpci_that_lacks_many_localities_of_the_other_tables_was_cut_short(whole, places, stands):
    gpci = whole.frames["gpci"]
    others = whole.frames["anesthesia"].select("mac", "locality").head(places)
    short = gpci.join(others, on=["mac", "locality"], how="anti")
    found = checks.places_whole(replace(whole, frames={**whole.frames, "gpci": short}))
    assert found.is_failure is stands
