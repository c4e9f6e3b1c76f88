"""A file that lacks columns beside a whole one of its table: passed over only where both are of one quarter."""

import pytest
from cms_shaped import csv_of, opps_cells

from feecalc.errors import MissingColumn
from feecalc.ingest.build import Order, build_sources
from feecalc.ingest.store import Store


@pytest.fixture
def folder(tmp_path):
    found = tmp_path / "files"
    found.mkdir()
    return found


def without_rate():
    """Addendum B whose rate is headed by words that nobody knows."""
    return csv_of([[cell.replace("Payment Rate", "Sum") for cell in row] for row in opps_cells()])


def test_another_quarter_whose_heading_changed_is_refused_by_name(folder, tmp_path):
    (folder / "October_2025_Web_Addendum_B.csv").write_bytes(csv_of(opps_cells()))
    (folder / "July_2025_Web_Addendum_B.csv").write_bytes(without_rate())
    outcomes = dict(build_sources(folder, Order(Store(tmp_path / "home"))))
    assert [each.name for each in outcomes["October_2025_Web_Addendum_B.csv"]] == ["OPPS-20254"]
    wrong = outcomes["July_2025_Web_Addendum_B.csv"]
    assert isinstance(wrong, MissingColumn)
    assert "payment_rate" in str(wrong)
