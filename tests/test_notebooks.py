"""The notebooks run from top to bottom on starter data, say what they should, and are kept without their output."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def read(path):
    return nbformat.read(path, as_version=4)


def executed(path, folder):
    notebook = read(path)
    place = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=place).execute()
    return notebook


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def text_of(notebook):
    return "\n".join(
        output.text if output.output_type == "stream" else output.get("data", {}).get("text/plain", "")
        for output in outputs(notebook)
    )


def test_there_is_a_notebook():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_output(path):
    notebook = read(path)
    nbformat.validate(notebook)
    assert not outputs(notebook)
    assert all(cell.execution_count is None for cell in notebook.cells if cell.cell_type == "code")


def test_a_price_step_by_step(tmp_path, monkeypatch):
    """Work 1.48, total 5.70 and 2.44 of release RVU26C: x 33.4009 = 190.385... and 81.498..., the national amounts."""
    monkeypatch.delenv("MPLBACKEND", raising=False)  # one that draws nothing in a notebook
    notebook = executed(FOLDER / "a_price_step_by_step.ipynb", tmp_path)
    said = text_of(notebook)
    assert "office:   $190.39" in said
    assert "facility: $81.50" in said
    assert "(1.48 + 4.08 + 0.14) x 33.4009 = 190.385130" in said
    assert "$2,961.00" in said  # 100 x (220 - 190.39)
    assert "starter data" in said
    assert sum("image/png" in output.get("data", {}) for output in outputs(notebook)) == 1
