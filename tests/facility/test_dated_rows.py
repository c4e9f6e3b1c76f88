"""Every row of a facility's modifiers is obeyed on its first and last day, and every question is asked."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from feecalc import reference
from feecalc.facility.discounts import with_modifiers
from feecalc.facility.lines import MODIFIERS
from feecalc.facility.rules import modifiers_on, rules_on, share, spans

OF_A_SHARE = ("terminated", "off_campus", "imaging", "device_credit")


def rules(setting, day):
    """The rules of a day, its modifiers alone where it is before the first day that is priced."""
    return replace(rules_on(setting, max(day, date(2025, 10, 1))), day=day, modifiers=modifiers_on(setting, day))


def line(setting, *modifiers, code="10060", apc="5071", units=1, rural=False):
    cells = {"row": 0, "hcpcs": code, "units": units, "rural_sole_community": rural}
    given = {**dict.fromkeys(MODIFIERS, ""), **dict(zip(MODIFIERS, modifiers, strict=False))}
    return pl.DataFrame([{**cells, **given, **({"apc": apc} if setting == "opps" else {})}])


def outside(row):
    """Codes and APCs that a row does not speak of: a code before the first of its spans, and the APC of another."""
    first, apc = spans(row["codes"])[0][0], (row["apcs"] or ["5071"])[-1]
    codes = [(first[:-1] + chr(ord(first[-1]) - 1), apc)] if first else []
    return [*codes, *([(first or "10060", "0000")] if row["apcs"] else [])]


def later(table):
    """The rows that begin after the first day of their table, before which nothing is priced."""
    rows = reference.rows(table)
    return [row for row in rows if row["effective_from"] > min(each["effective_from"] for each in rows)]


def name_of(row):
    return f"{row['setting']}-{row.get('modifier', '')}{'-'.join(row.get('modifiers', []))}-{row['effective_from']}"


@pytest.mark.parametrize("row", reference.rows("facility_modifier"), ids=name_of)
def test_a_modifier_does_what_its_row_says(row):
    code, apc = spans(row["codes"])[0][1] or "10060", (row["apcs"] or ["5071"])[-1]
    for day in (row["effective_from"], row.get("effective_to", date(2026, 12, 31))):
        found = with_modifiers(
            line(row["setting"], "RT", row["modifier"], code=code, apc=apc), rules(row["setting"], day)
        ).row(0, named=True)
        wanted = share(row["value"]) if row["kind"] in OF_A_SHARE else True
        assert found[row["kind"]] == wanted
        assert found["ranks_on"] == row["further_discount"]
        assert found["no_device"] != row["device_part"]
        for other_code, other_apc in outside(row):
            given = line(row["setting"], row["modifier"], code=other_code, apc=other_apc)
            assert with_modifiers(given, rules(row["setting"], day))[row["kind"]].to_list() in ([None], [False])
        for other in row["but"]:
            given = with_modifiers(line(row["setting"], row["modifier"], code=other), rules(row["setting"], day))
            assert given[row["kind"]].to_list() == [None]
        if row["exempt"]:
            given = line(row["setting"], row["modifier"], code=code, apc=apc, rural=True)
            assert with_modifiers(given, rules(row["setting"], day))[row["kind"]].to_list() == [None]


@pytest.mark.parametrize("row", later("facility_modifier"), ids=name_of)
def test_a_modifier_does_nothing_by_a_row_before_its_first_day_and_after_its_last(row):
    """On such a day another row of the modifier and codes may hold: then its share is found, and not this row's."""
    code, apc = spans(row["codes"])[0][1] or "10060", (row["apcs"] or ["5071"])[-1]
    ends = [row["effective_to"] + timedelta(days=1)] if "effective_to" in row else []
    for day in (row["effective_from"] - timedelta(days=1), *ends):
        others = {
            share(each["value"]) if each["kind"] in OF_A_SHARE else True
            for each in reference.rows_on("facility_modifier", day, setting=row["setting"], kind=row["kind"])
            if each["modifier"] == row["modifier"]
        }
        given = line(row["setting"], row["modifier"], code=code, apc=apc)
        found = with_modifiers(given, rules(row["setting"], day))[row["kind"]].item()
        assert found in (others | {None, False})
        if not others:
            assert not found


@pytest.mark.parametrize("row", later("facility_modifier_question"), ids=name_of)
def test_a_question_is_asked_from_its_first_day(row):
    units, beside = 2 if row["several_units"] else 1, (row["beside"] or ["LT"])[0]
    given = line(row["setting"], row["modifiers"][0], beside, code="71046", units=units)
    for day, is_asked in ((row["effective_from"] - timedelta(days=1), False), (row["effective_from"], True)):
        note = with_modifiers(given, rules(row["setting"], day))["modifier_note"].item() or ""
        assert (row["said"] in note) is is_asked


@pytest.mark.parametrize("row", reference.rows("facility_modifier_question"), ids=name_of)
def test_a_question_is_asked_by_each_of_its_modifiers(row):
    day, units = date(2026, 1, 1), 2 if row["several_units"] else 1
    for modifier in row["modifiers"]:
        for beside in row["beside"] or ["LT"]:
            given = line(row["setting"], modifier, beside, code="71046", units=units)
            assert row["said"] in with_modifiers(given, rules(row["setting"], day))["modifier_note"].item()
        alone = line(row["setting"], modifier, code="71046")
        if row["beside"] or row["several_units"]:
            assert row["said"] not in (with_modifiers(alone, rules(row["setting"], day))["modifier_note"].item() or "")
