"""The notebooks run from top to bottom on starter data and samples, and what is kept in them is what comes out today.

``python tests/test_notebooks.py [NAME ...]`` runs them and keeps their outputs anew; look at them before they are kept.
"""

import csv
import os
import re
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MACHINE = re.compile(r"/(?:home|tmp|work|root|opt|usr|Users|var)/|[A-Za-z]:\\\\|ipykernel_\d|site-packages")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
PICTURES = {"a_price_step_by_step": 1, "forecast": 3, "localities": 3, "negotiation": 3, "published_claims_64493": 3}
KEPT_METADATA = {"kernelspec", "language_info"}


def read(path):
    return nbformat.read(path, as_version=4)


def run(path):
    """The notebook with the outputs of now; it is run in its own folder, as a person would."""
    notebook = read(path)
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}, record_timing=False
    ).execute()
    return notebook


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Each notebook is run once, by name."""
    done = {}

    def execute(name):
        if name not in done:
            with pytest.MonkeyPatch.context() as patch:
                patch.delenv("MPLBACKEND", raising=False)  # one that draws nothing in a notebook
                patch.setenv("FEECALC_HOME", str(tmp_path_factory.mktemp("home")))
                done[name] = run(FOLDER / f"{name}.ipynb")
        return done[name]

    return execute


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def text_of(notebook):
    return "\n".join(
        output.text if output.output_type == "stream" else output.get("data", {}).get("text/plain", "")
        for output in outputs(notebook)
    )


def pictures(notebook):
    return sum("image/png" in output.get("data", {}) for output in outputs(notebook))


def test_the_notebooks_are_there():
    assert {path.stem for path in NOTEBOOKS} == set(PICTURES)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_with_its_outputs_and_nothing_of_a_machine(path):
    notebook = read(path)
    nbformat.validate(notebook)
    assert [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"] == list(
        range(1, 1 + sum(cell.cell_type == "code" for cell in notebook.cells))
    )
    assert set(notebook.metadata) == KEPT_METADATA
    assert all(not cell.metadata for cell in notebook.cells)
    assert not [output for output in outputs(notebook) if output.output_type == "error"]
    texts = [
        *(cell.source for cell in notebook.cells),
        *(output.get("text", "") for output in outputs(notebook)),
        *(
            str(value)
            for output in outputs(notebook)
            for kind, value in output.get("data", {}).items()
            if kind != "image/png"
        ),
    ]
    assert not [found[0] for text in texts if (found := MACHINE.search(text))]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_is_kept_is_what_comes_out_today(path, executed):
    kept, now = read(path), executed(path.stem)
    assert NUMBER.findall(text_of(kept)) == NUMBER.findall(text_of(now))
    assert pictures(kept) == pictures(now) == PICTURES[path.stem]
    assert "starter data" in text_of(now)


def test_a_price_step_by_step(executed):
    """Work 1.48, total 5.70 and 2.44 of release RVU26C: x 33.4009 = 190.385... and 81.498..., the national amounts."""
    said = text_of(executed("a_price_step_by_step"))
    assert "office:   $190.39" in said
    assert "facility: $81.50" in said
    assert "(1.48 + 4.08 + 0.14) x 33.4009 = 190.385130" in said
    assert "$2,961.00" in said  # 100 x (220 - 190.39)


def test_the_published_claims(executed):
    """2.00 / 1.48 = 1.351; 1,000 x 60 x 0.52 = 31,200; levels: 190.39 + 95.86 + 98.87 and 81.50 + 43.76 + 45.09."""
    said = text_of(executed("published_claims_64493"))
    assert re.search(r"work +1\.48", said)
    assert "35% more" in said
    assert "$31,200.00" in said
    assert "5.70 x 33.4009 = $190.39" in said
    assert "2.44 x 33.4009 = $81.50" in said
    assert "385.12" in said  # three levels in an office
    assert "655.86" in said  # in a surgical center: 170.35 to the physician and 485.51
    assert "1,073.98" in said  # in a hospital: 170.35 and 903.63


def test_the_facility_figures_quoted_are_cms_own(cms):
    """The table of 64493 to 64495 in the notebook against the rows of CMS's files that it names."""
    codes = ("64493", "64494", "64495")
    by_code = {row[0]: row for row in _rows(cms / "asc" / "asc_20260401_Addendum_AA.csv") if row}
    assert [by_code[code][4] for code in codes] == ["G2", "N1", "N1"]
    assert [by_code[code][6].strip() for code in codes] == ["$485.51", "", ""]
    by_code = {row[0]: row for row in _rows(cms / "opps" / "October_2025_Web_Addendum_B.csv") if row}
    assert [by_code[code][2] for code in codes] == ["T", "N", "N"]
    assert by_code["64493"][3] == "5443"
    rates = {(row[0], row[2]): row[3] for row in _rows(cms / "opps" / "apc_rate_2026_subset.csv") if len(row) > 3}
    assert float(rates["05443", "20260101"]) == 903.63
    source = "".join(cell.source for cell in read(FOLDER / "published_claims_64493.ipynb").cells)
    assert '["G2", "N1", "N1"]' in source
    assert '["T", "N", "N"]' in source
    assert 'Decimal("485.51"), Decimal("0.00"), Decimal("0.00")' in source
    assert 'Decimal("903.63"), Decimal("0.00"), Decimal("0.00")' in source


def _rows(path):
    with path.open(encoding="latin-1", newline="") as file:
        return list(csv.reader(file))


def _keep_anew(names):
    os.environ.pop("MPLBACKEND", None)
    with tempfile.TemporaryDirectory() as home:
        os.environ["FEECALC_HOME"] = home
        for path in NOTEBOOKS:
            if names and path.stem not in names:
                continue
            notebook = run(path)
            notebook.metadata = {name: notebook.metadata[name] for name in sorted(KEPT_METADATA)}
            notebook.metadata["language_info"] = {"name": "python"}
            for cell in notebook.cells:
                cell.metadata = {}
            path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _keep_anew(sys.argv[1:])
