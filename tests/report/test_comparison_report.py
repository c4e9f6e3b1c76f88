"""The report of offers side by side: its figures are the comparison's, the user's words are text."""

from datetime import date
from pathlib import Path

import pytest

from feecalc.contracts.comparing import compare
from feecalc.contracts.files.reading import read_contract
from feecalc.contracts.practice import VolumePractice
from feecalc.contracts.pricing import VolumeContracts
from feecalc.files.volume import read_volume
from feecalc.installed import open_schedule
from feecalc.report.comparison import comparison_report
from feecalc.report.words import cents, signed_cents

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
FACTS = {"Release": "RVU26C", "Localities": "MIAMI, FL", "Conversion factor": "$33.4009 <b>per</b> RVU"}


@pytest.fixture(scope="module")
def compared():
    schedule = open_schedule("RVU26C", home=Path("no-such-folder")).schedule
    volume = read_volume(SAMPLES / "volume.csv", [schedule])
    practice = VolumePractice(volume, VolumeContracts(schedule, schedule.release.day(None)))
    return compare([read_contract(SAMPLES / "contracts" / name) for name in ("gulf.toml", "bay.toml")], practice)


def test_the_offers_are_the_comparison_s(compared):
    notices = ["told <i>once</i>", "told <i>once</i>"]
    page = comparison_report(compared, FACTS, notices, written_on=date(2026, 11, 24)).decode()
    for row in compared.offers().to_dicts():
        assert f"<b>{cents(row['contract_amount'])}</b>" in page
        assert f"<td>{signed_cents(row['change_amount'])}</td>" in page
    most = compared.winners_and_losers().row(0, named=True)
    assert f'<td class="text">{most["hcpcs"]}</td>' in page
    assert f"<td>{signed_cents(most['change_2_amount'])}</td>" in page
    for row in compared.costs.to_dicts():
        assert row["what"].replace("'", "&#39;") in page
    assert page.count("told &lt;i&gt;once&lt;/i&gt;".replace("told", "Told")) == 1


def test_what_the_figures_are_of_stands_by_every_table(compared):
    page = comparison_report(compared, FACTS, written_on=date(2026, 11, 24)).decode()
    basis = "RVU26C · MIAMI, FL · $33.4009 &lt;b&gt;per&lt;/b&gt; RVU · USD"
    assert page.count(basis) == page.count("<table") > 3
