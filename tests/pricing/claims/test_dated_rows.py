"""Each dated row of the rules that a claim's price may turn on is obeyed from its first day on, amid a year.

The tables are those that the engine is seen to read, and no list: one that a new rule reads is tested as it is.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from feecalc import reference
from feecalc.errors import MissingRule
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.rules import opps_cap, status
from feecalc.reference.indicators import known_indicators

DAY = date(2026, 8, 19)  # on which no row of the rules begins to hold
BEFORE = DAY - timedelta(days=1)
PLACES = ("11", "22")
# By what the rules speak of: surgery, both sides, endoscopy, imaging, therapy, tests, add-ons, anesthesia, status T ...
SERVICES = (
    ("64493", ""), ("64493", "50"), ("64494", ""), ("27447", "80"), ("27447", "62"), ("27447", "AS"), ("27447", "55"),
    ("27447", "78"), ("27447", "52"), ("45380", ""), ("45385", ""), ("72148", ""), ("70496", "TC"), ("77003", ""),
    ("93000", ""), ("97110", ""), ("97140", "CQ"), ("01992", "QK"), ("01992", "AD"), ("36591", ""), ("99213", "33"),
    ("70496", "FX"), ("0213T", ""),
)  # fmt: skip
PROVIDERS = ("physician", "np")


def forget():
    """Have every rule read again."""
    reference._rows_on.cache_clear()
    known_indicators.cache_clear()
    status.status.cache_clear()
    opps_cap._rows.cache_clear()


@pytest.fixture(autouse=True)
def read_again():
    forget()
    yield
    forget()


@pytest.fixture(scope="module")
def claims():
    """Each service on the day before and on the day, in an office and in a hospital, by a physician and another."""
    lines = [
        {
            "claim_id": f"{day}-{place}-{provider}", "line": number, "date_of_service": day, "hcpcs": code,
            "modifier_1": modifier, "place_of_service": place, "mac": "", "locality": "", "units": 2,
            "provider_type": provider, "participating": provider != "np", "minutes": 30,
        }
        for day in (BEFORE, DAY)
        for place in PLACES
        for provider in PROVIDERS
        for number, (code, modifier) in enumerate(SERVICES, 1)
    ]  # fmt: skip
    return pl.DataFrame(lines, schema_overrides={"minutes": pl.Int32})


@pytest.fixture(scope="module")
def releases(c26):
    """The nation in 2026: its anesthesia factor is a rule's too."""
    held = c26.of_codes({code for code, _ in SERVICES}).national(DAY)
    return [ReleaseDays(held, BEFORE - timedelta(days=9), DAY + timedelta(days=9))]


def tables_read(releases, claims):
    """The tables that the engine looks up by day, as seen from outside."""
    forget()
    seen: set[str] = set()
    real = reference._rows_on
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reference, "_rows_on", lambda name, day, key: seen.add(name) or real(name, day, key))
        engine(releases).price(claims)
    return sorted(seen)


def engine(releases):
    """An engine that has looked nothing up, not even in the release's own arrays."""
    return ClaimPricer([replace(each, tables=replace(each.tables)) for each in releases])


def moved(monkeypatch, table, number):
    """Have one row of a table begin to hold on the day."""
    real = reference.rows

    def rows(name):
        if name != table:
            return real(name)
        return tuple({**row, "effective_from": DAY} if at == number else row for at, row in enumerate(real(name)))

    monkeypatch.setattr(reference, "rows", rows)
    forget()


def in_force(row):
    return row["effective_from"] < DAY <= row.get("effective_to", DAY)


def rows_in_force(releases, claims):
    tables = tables_read(releases, claims)
    assert {"modifier", "pfs_indicator", "add_on_of_group", "technical_sister", "conversion_factor"} <= set(tables)
    return [
        (table, number)
        for table in tables
        for number, row in enumerate(reference.rows(table))
        if in_force(row)
    ]


def test_every_dated_row_that_is_moved_begins_an_era(releases, claims):
    pricer = engine(releases)
    pricer.price(claims)
    assert DAY not in [era.first for era in pricer.eras.listed]
    for table, number in rows_in_force(releases, claims):
        with pytest.MonkeyPatch.context() as patch:
            moved(patch, table, number)
            assert DAY in [era.first for era in engine(releases).eras.listed], (table, number)


def by_days(releases, claims):
    """The claims of each day priced by the rules of that day alone."""
    (release,) = releases
    parts = [
        engine([ReleaseDays(release.tables, day, day)]).price(lines)
        for (day,), lines in claims.group_by("date_of_service", maintain_order=True)
    ]
    return pl.concat([part.cast({pl.Categorical: pl.String}) for part in parts])


def answer(price, releases, claims):
    try:
        return price(releases, claims).cast({pl.Categorical: pl.String})
    except (MissingRule, ValueError) as lacking:  # the one row there is does not hold yet on the day before
        return str(lacking).split(" on ")[0]  # whichever day of the era it names


def test_what_is_moved_is_obeyed_on_its_day_and_not_before(releases, claims):
    """In one batch of both days as in a batch of each day: for some half a dozen rows of every table."""
    found = rows_in_force(releases, claims)
    ends = {table: [number for name, number in found if name == table] for table, _ in found}
    changed = 0
    plain = by_days(releases, claims)
    for table, numbers in ends.items():
        for number in {*numbers[:: max(1, len(numbers) // 5)], numbers[-1]}:
            with pytest.MonkeyPatch.context() as patch:
                moved(patch, table, number)
                expected = answer(by_days, releases, claims)
                forget()
                together = answer(lambda spans, lines: engine(spans).price(lines), releases, claims)
            if isinstance(expected, str):
                changed += 1
                assert together == expected, (table, number)
                continue
            changed += not expected.equals(plain)
            assert_frame_equal(together, expected)
    assert changed > 10  # the lines do turn on the rows that are moved
