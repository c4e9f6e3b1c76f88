"""The page Claims: sums and findings are those of the commands; columns can be said; what cannot be read is told."""

import io
import json
import zipfile
from pathlib import Path

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


HISTORY = "".join(f"A,2026-0{month}-03,64493\n" for month in (1, 2, 3, 4))
POLICY = APP.parent / "feecalc" / "reference" / "coverage" / "facet_joint.toml"


def _findings(page):
    return next(each.value for each in page.app.dataframe if "remedy" in each.value)


def test_earlier_sessions_and_own_diagnoses_are_checked_as_the_command_does(claims, capsys, tmp_path):
    history, diagnoses = tmp_path / "history.csv", tmp_path / "list.csv"
    history.write_text("beneficiary_id,date_of_service,hcpcs\n" + HISTORY)
    diagnoses.write_text("code,supports\nM54.50,yes\n")
    page = claims(sample="facet")
    before = len(_findings(page))
    page.drop("claims_history", history.name, history.read_bytes())
    page.drop("claims_diagnoses", diagnoses.name, diagnoses.read_bytes())
    told = _command(
        capsys, "check", SAMPLES / "facet.csv", "--history", history, "--diagnoses", diagnoses, "--json"
    )["findings"]
    table = _findings(page)
    assert table["rule"].str.replace(" ", "_").to_list() == [each["rule"] for each in told]
    assert table["claim_id"].to_list() == [each["claim_id"] for each in told]
    assert len(table) > before
    assert "F-01" in table["claim_id"].to_list()  # the patient of the four sessions


def test_a_history_needs_the_patient(claims):
    page = claims(("mine.csv", b"CPT,DOS,POS,Locality\n64493,2026-07-06,11,09102-04\n"))
    page.drop("claims_history", "history.csv", ("beneficiary_id,date_of_service,hcpcs\n" + HISTORY).encode())
    assert "beneficiary_id" in page.said("error")[0]


def test_a_policy_of_ones_own_takes_the_place_of_the_one_with_its_key(claims):
    text = POLICY.read_text(encoding="utf-8")
    name = next(line for line in text.splitlines() if line.startswith("name ="))
    own = text.replace(name, 'name = "Our *own* policy"', 1)
    page = claims(sample="facet")
    page.drop("claims_policy", "own.toml", own.encode())
    assert not page.app.error
    assert any("Policies checked: Our *own* policy" in each for each in page.said("caption"))
    page = claims(sample="facet")
    page.drop("claims_policy", "broken.toml", b"[policy\n")
    assert "broken.toml" in page.said("error")[0]


def test_what_the_record_of_a_claim_must_show(claims, capsys):
    page = claims(sample="facet").choose("claims_receipt", "F-01")
    told = _command(capsys, "check", SAMPLES / "facet.csv", "--claim", "F-01", "--documentation", "--json")
    (listed,) = [each for each in page.said("markdown") if each.startswith("- ☐")]
    items, wanted = listed.split("\n"), told["documentation"]
    assert len(items) == len(wanted) > 3
    assert all(each["text"] in item and each["source"] in item for item, each in zip(items, wanted, strict=True))


def test_all_receipts_are_those_of_the_command(claims, capsys, tmp_path):
    from feecalc.files.claim_lines import LineDefaults
    from feecalc.ui.pages.claims.form import Extras, Inputs
    from feecalc.ui.pages.claims.reviewing import all_receipts
    from feecalc.ui.shared import opening

    asked = Inputs(taken("facet.csv", (SAMPLES / "facet.csv").read_bytes()), (), LineDefaults(), None, Extras())
    with zipfile.ZipFile(io.BytesIO(all_receipts(asked, opening.stamp()))) as archive:
        got = {Path(name).name: archive.read(name).decode() for name in archive.namelist()}
    _command(capsys, "claims", SAMPLES / "facet.csv", "--receipts", tmp_path / "receipts", "--json")
    wanted = {each.name: each.read_text() for each in (tmp_path / "receipts").iterdir()}
    assert got == wanted
    assert "claim-F-01.md" in got


def test_a_file_taken_out_of_the_box_is_gone(claims):
    page = claims().drop("claims_upload", "mine.csv", b"CPT,DOS,POS,Locality\n64493,2026-07-06,11,09102-04\n")
    assert page.settings["Allowed"] == "$203.12"  # CMS's amount in Miami
    (box,) = [each for each in page.app.get("file_uploader") if each.key == "claims_upload"]
    box.set_value([])
    page.run()
    assert "Drop in a claim file" in page.said("info")[0]


UNKNOWN = b"claim_id,CPT,DOS,POS,Locality\nA,64493,2026-07-06,11,09102-04\nB,99999,2026-07-06,11,09102-04\n"


def test_dollars_that_are_not_known_are_not_drawn_as_nothing(claims):
    page = claims(("mine.csv", UNKNOWN))
    assert page.settings["Will be denied, at stake"] == "not known"
    assert page.settings["Will be reduced, at stake"] == "$0.00"  # no line is: 0 is known
    assert not page.charts
    assert any(each.endswith("not in the bars: code unknown (1 of 1).") for each in page.said("caption"))


def test_the_answer_is_the_command_s_and_what_was_not_looked_at_is_named(claims, capsys, tmp_path):
    lines = UNKNOWN + b"C,64493,2026-07-06,11,Nowhere\n"
    path = tmp_path / "mine.csv"
    path.write_bytes(lines)
    page = claims(("mine.csv", lines))
    told = _command(capsys, "check", path, "--json")
    assert any(told["summary"].replace("$", "\\$") in each for each in page.said("markdown"))
    assert told["answers"]["not looked at"] == 2  # A, without a diagnosis, and C
    assert "Not looked at: 2 lines" in [each.label for each in page.app.expander]
    assert any("C line 1" in each and "Give the locality" in each for each in page.said("markdown"))
    (table,) = [each.value for each in page.app.dataframe if "answer" in each.value]
    assert table["answer"].to_list() == ["not looked at", "denied", "not looked at"]


def test_nothing_found_is_no_success_where_lists_are_missing(claims):
    page = claims(("mine.csv", b"claim_id,CPT,DOS,POS,Locality\nA,99213,2026-07-06,11,09102-04\n"))
    assert not page.said("success")
    assert any("Nothing was found in what was looked at" in each for each in page.said("info"))


def test_what_is_allowed_with_the_denials(claims):
    assert claims(sample="facet").settings["Allowed with the denials"] == "$1,627.54"  # 2,046.72 - 419.18


def test_a_line_s_adjustments_stand_beside_what_is_allowed(claims):
    """64494 on the right side, billed 250.00: 48.18 allowed, 9.64 of it the patient's, 0.77 sequestered of 38.54."""
    page = claims(sample="claims")
    (table,) = [each.value for each in page.app.dataframe if "adjustments" in each.value]
    columns = table.columns.to_list()
    assert columns[columns.index("allowed_amount") + 1] == "adjustments"
    told = table[(table["Claim #"] == "P-1003") & (table["CPT"] == "64494")]["adjustments"].to_list()
    assert told == ["CO-45 201.82; PR-2 9.64; CO-253 0.77"]
