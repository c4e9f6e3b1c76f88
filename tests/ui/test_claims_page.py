"""The page Claims: sums and findings are those of the commands; columns can be said; what cannot be read is told."""

import io
import json

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest
from ui.conftest import APP, Page

from feecalc.cli import app
from feecalc.ui.shared.uploads import taken

SAMPLES = APP.parent / "data" / "samples"


def _draw():
    from feecalc.ui.pages.claims import page

    page()


@pytest.fixture
def claims():
    """Opens the page alone, at an address or with a file as if it had been dropped in."""

    def open_page(file=None, **parameters):
        test = AppTest.from_function(_draw, default_timeout=60)
        for name, text in parameters.items():
            test.query_params[name] = text
        if file is not None:
            test.session_state["claims_file"] = taken(*file)
        return Page(test).run()

    return open_page


def _command(capsys, *arguments):
    with pytest.raises(SystemExit):
        app([str(each) for each in arguments])
    return json.loads(capsys.readouterr().out)


def test_the_first_view_asks_for_a_file(claims):
    page = claims()
    assert "Drop in a claim file" in page.said("info")[0]
    page.app.button[0].click()
    page.run()
    assert page.settings["Lines priced"].endswith("of 19")
    assert page.address["sample"] == "claims"


def test_sums_and_findings_of_the_commands(claims, capsys, tmp_path):
    page = claims(sample="facet")
    told = _command(capsys, "claims", SAMPLES / "facet.csv", "-o", tmp_path / "out.csv", "--json")
    for label, name in (("Billed", "billed_amount"), ("Allowed", "allowed_amount"), ("Patient pays", "patient_share")):
        assert page.settings[label] == f"${float(told[name]):,.2f}"
    found = _command(capsys, "check", SAMPLES / "facet.csv", "--json")["findings"]
    (table,) = [each.value for each in page.app.dataframe if "remedy" in each.value]
    assert table["claim_id"].to_list() == [each["claim_id"] for each in found] == ["F-04", "F-05", "F-06", "F-07"]
    assert table["remedy"].to_list() == [each["remedy"] for each in found]
    assert table["amount_at_stake"].to_list() == [float(each["amount_at_stake"]) for each in found]
    assert page.settings["Will be denied, at stake"] == "$419.18"  # 110.51 + 105.55 + 203.12
    assert len(page.charts) == 1


def test_a_filter_narrows_the_findings(claims):
    page = claims(sample="facet")
    next(each for each in page.app.multiselect if each.key == "claims_severity").set_value(["questioned"])
    page.run()
    (table,) = [each.value for each in page.app.dataframe if "remedy" in each.value]
    assert table["claim_id"].to_list() == ["F-05"]


def test_a_receipt_of_a_claim(claims):
    page = claims(sample="facet").choose("claims_receipt", "F-04")
    assert "Claim F-04" in page.app.code[0].value
    assert "$110.51" in page.app.code[0].value
    page.choose("claims_receipt", "none such")
    assert "no claim 'none such'" in page.said("error")[0]


def test_what_holds_for_all_lines(claims):
    lines = b"CPT,DOS\n64493,2026-07-06\n"
    page = claims(("mine.csv", lines))
    assert "No column for place_of_service, locality" in page.said("error")[0]
    page.choose("claims_place", "Miami, FL").choose("claims_pos", "11")
    assert not page.app.error
    assert page.settings["Allowed"] == "$203.12"  # CMS's amount in Miami


def test_a_column_that_is_not_known_is_said(claims):
    lines = b"Svc,DOS,POS,Locality\n64493,2026-07-06,11,09102-04\n"
    page = claims(("mine.csv", lines))
    assert "No column for hcpcs" in page.said("error")[0]
    boxes = {each.label: each for each in page.app.selectbox}
    boxes["Change a column"].set_value("Svc")
    page.run()
    next(each for each in page.app.selectbox if each.label == "Svc is").set_value("hcpcs")
    page.run()
    assert not page.app.error
    assert page.settings["Allowed"] == "$203.12"  # CMS's amount in Miami
    assert page.app.dataframe[0].value["ours"].to_list() == ["hcpcs", "date_of_service", "place_of_service", "locality"]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"CPT,DOS,POS,Locality\n", "0 of 0"), (b"PK\x03\x04 not a workbook", None), (b"\x00\x01\x02", None)],
)
def test_empty_and_broken_files(claims, content, said):
    page = claims(("mine.csv" if said else "mine.xlsx", content))
    if said:
        assert page.settings["Lines priced"] == said
    else:
        assert page.said("error")
    assert not page.app.exception


def test_text_of_a_file_is_never_markup(claims):
    table = pl.DataFrame(
        {"CPT": ["64493"], "DOS": ["2026-07-06"], "POS": ["11"], "Locality": ["09102-04"], "**x** <b>": ["=1+1"]}
    )
    buffer = io.BytesIO()
    table.write_csv(buffer)
    page = claims(("a*b*<i>.csv", buffer.getvalue()))
    assert page.settings["Allowed"] == "$203.12"
    assert not any("<i>" in each.value for each in page.app.markdown)
