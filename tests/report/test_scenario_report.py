"""The report of a forecast: its figures are the forecast's, its text is escaped, it asks nobody for anything."""

from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from feecalc.installed import open_schedule
from feecalc.report.page import MOST_ROWS
from feecalc.report.scenario import scenario_report
from feecalc.report.words import clean, dollars, signed_dollars
from feecalc.scenarios.forecast.alternatives import compare_alternatives
from feecalc.scenarios.forecast.draws import draw
from feecalc.scenarios.forecast.opening import open_plan
from feecalc.scenarios.forecast.result import forecast
from feecalc.scenarios.forecast.tornado import tornado
from feecalc.scenarios.scenario.reading import read_scenario

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
DAY = date(2026, 11, 24)
SMALL = """
base_year = 2026
volume = "volume.csv"
name = "ahead"
[practice]
name = "Made-up"
[[location]]
name = "Main"
locality = "Miami, FL"
"""
PAYER = """
[[payer]]
name = "Medicare"
share = 100
medicare = true
"""
HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)>" onload="x $\\frac{ $a$ https://example.com'


class Read(HTMLParser):
    """Every tag with its attributes, and the text of every table cell."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.rows, self.text, self._in_cell = [], [], [], False
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag):
        self._in_cell = self._in_cell and tag not in ("td", "th")

    def handle_data(self, data):
        self.text.append(data)
        if self._in_cell:
            self.rows[-1][-1] += data

    def named(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    def row(self, *begins):
        return next(row for row in self.rows if row[: len(begins)] == list(begins))


def opened(path, years=3):
    schedule = open_schedule("RVU26C", home=Path("no-such-folder")).schedule
    scenario = read_scenario(path)
    return open_plan(scenario, path.parent, schedule, years)


@pytest.fixture(scope="module")
def sample():
    found = opened(SAMPLES / "scenario.toml")
    plan = found.plan
    base = forecast(plan)
    compared, moved = compare_alternatives(plan, base), tornado(plan)
    draws = draw(plan, 500, 1, plan.scenario.target)
    page = scenario_report(plan, base, compared, moved, draws, found.notices, written_on=DAY)
    return plan, base, compared, moved, draws, found.notices, page


@pytest.fixture
def small(tmp_path):
    """A report of a scenario of this text, with everything that can stand in it."""
    (tmp_path / "volume.csv").write_text("hcpcs,units\n99213,100\n")

    def report(text):
        path = tmp_path / "scenario.toml"
        path.write_text(text)
        plan = opened(path).plan
        base = forecast(plan)
        draws = draw(plan, 20, 1)
        alternatives = compare_alternatives(plan, base)
        return scenario_report(plan, base, alternatives, tornado(plan), draws, ["told"], written_on=DAY)

    return report


def test_every_figure_is_the_forecast_s(sample):
    _, base, compared, moved, draws, _, page = sample
    read = Read(page)
    text = "".join(read.text)
    assert f"${base.total:,.2f}" in text
    assert read.row("net") == ["net", *(f"${net.quantize(Decimal(1)):,}" for net in base.years["net"])]
    for what in ("payer", "category", "location"):
        for name, *amounts in base.by(what).iter_rows():
            assert read.row(name, dollars(amounts[0])) == [name, *map(dollars, amounts)]
    for each in compared:
        last = [dollars(each.forecast.total), signed_dollars(each.difference)]
        assert read.row(each.forecast.name)[-2:] == last
    first = draws.spread.row(0, named=True)
    assert read.row(first["period"], dollars(first["p10"]))[1:5] == [
        dollars(first[name]) for name in ("p10", "p50", "p90", "mean")
    ]
    assert len([row for row in read.rows if row[1:2] == ["now"]]) == len(compared)
    assert read.row(moved[0].what)[2] == signed_dollars(moved[0].low_difference)


def test_release_locality_and_factor_stand_by_every_table_of_figures_and_picture(sample):
    page = sample[-1].decode()
    basis = "RVU26C · Miami: 09102-04 MIAMI, FL; Fort Lauderdale: 09102-03 FORT LAUDERDALE, FL"
    after = page.split("<main>")[1]
    assert after.count(basis) >= after.count("<figure>") + 4
    for picture in after.split("<figure>")[1:]:
        assert basis in picture.split("</p>")[0]
    assert "$33.4009 in 2026; $32.84 from 2027-01-01 (assumed, not law)" in after


def test_assumed_values_are_marked(sample):
    read = Read(sample[-1])
    assert read.row("factors as proposed for 2027 assumed")[1] == "conversion factor"
    assert read.row("2027-01-01", "2029-12-31")[2] == "$32.84 assumed"
    assert read.row("2026-01-01", "2026-12-31")[2] == "$33.4009"
    assert read.row("step of rates")[2] == "±5 assumed"
    assert read.row("step of volume")[2] == "±4"  # the scenario's own
    assert "not confirmed: CY 2027 PFS proposed rule" in "".join(read.text)


def test_what_a_person_must_know_is_in_it(sample):
    text = " ".join("".join(Read(sample[-1]).text).split())
    for notice in sample[5]:
        assert " ".join(clean(notice[1:]).split()) in text


def test_nothing_is_fetched_and_every_picture_is_told_in_words(sample):
    read = Read(sample[-1])
    assert not {"script", "link", "iframe", "object", "a"} & {tag for tag, _ in read.tags}
    assert len(read.named("img")) == 4  # revenue, fan, tornado, events
    for image in read.named("img"):
        assert image["src"].startswith("data:image/svg+xml;base64,")
        assert len(image["alt"]) > 40
    assert b"url(" not in sample[-1]
    assert b"@import" not in sample[-1]
    (policy,) = [each["content"] for each in read.named("meta") if each.get("http-equiv")]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def test_the_same_forecast_is_the_same_file(sample):
    plan, base, compared, moved, draws, notices, page = sample
    assert scenario_report(plan, base, compared, moved, draws, notices, written_on=DAY) == page


def test_text_of_a_person_s_is_text(small):
    told = HOSTILE.replace("\\", "\\\\").replace('"', '\\"')
    text = SMALL.replace("Made-up", told).replace("ahead", told).replace("Main", told)
    text += PAYER.replace("Medicare", told)
    text += f'[[event]]\nname = "_{told}"\nkind = "hire"\neffective_from = 2027-01-01\nadds = 5\nodds = 50\n'
    text += f'provider = {{ name = "{told}" }}\n[[alternative]]\nname = "{told}"\nwithout = ["_{told}"]\n'
    read = Read(small(text))
    assert "script" not in {tag for tag, _ in read.tags}
    assert all(not name.startswith("on") for _, attributes in read.tags for name in attributes)
    assert all(each["src"].startswith("data:") for each in read.named("img"))
    assert "".join(read.text).count("<script>alert(1)</script>") > 5


def test_control_characters_are_not_passed_on():
    assert clean("a\x00b\u202ec\nd") == "a?b?c d"
    assert len(clean("x" * 10_000)) == 600


def test_a_scenario_without_events_and_alternatives_has_no_such_sections(small):
    titles = [each.split("</h2>")[0] for each in small(SMALL + PAYER).decode().split("<h2>")[1:]]
    assert titles == [
        "What to know first", "Revenue by year", "How sure it is", "What moves it", "Events", "Assumptions", "Sources"
    ]  # fmt: skip


def test_a_report_is_bounded(small):
    payers = "".join(f'[[payer]]\nname = "{n} {"long " * 38}"\nshare = 1\npercent = {100 + n}\n' for n in range(100))
    events = "".join(
        f'[[event]]\nname = "{n} {"long " * 38}"\nkind = "contract_renewal"\neffective_from = 2027-01-01\n'
        f'payer = "{n} {"long " * 38}"\nchange = 1\n'
        for n in range(100)
    )
    page = small(SMALL + payers + events)
    assert len(page) < 2_000_000
    assert f"and {100 - MOST_ROWS} more, left out of this report" in page.decode()
