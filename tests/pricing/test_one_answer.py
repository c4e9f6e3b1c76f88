"""One service has one answer, whichever way it is asked for: a thousand random questions, in all ways.

A price, a claim file, a receipt, a contract at 100 percent of Medicare, a Spark worker and the fee table are compared
whole: amounts, setting, pricing status, reason or notes. Where a price raises, the claim line carries the status.
"""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import date

import polars as pl
import pyarrow as pa
import pytest
from polars.testing import assert_frame_equal

from feecalc import reference
from feecalc.contracts.contract import Contract
from feecalc.contracts.paying.claim_lines import ClaimContract
from feecalc.errors import NotInstalled, UnknownModifier
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.eras import ReleaseDays
from feecalc.pricing.claims.explanation import explain
from feecalc.pricing.claims.line_pricer import LinePricer
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.spark import priced

QUESTIONS = 1_000
FREQUENT = ["", "", "", "26", "TC", "50", "59", "LT", "RT", "51", "52", "80", "62", "AS", "54", "55", "GP", "QK", "AD"]
SCHEMA = {"minutes": pl.Int32, "postoperative_days": pl.Int32}
AMOUNTS = ("fee_schedule_amount", "opps_cap", "allowed_amount")
SHARED = ("setting", *AMOUNTS, "pricing_status")
NATIONAL = ("", "")


def questions(schedule, count, seed, *, floors):
    """Random questions: the columns of a claim line, with ``gpci_floor`` beside them."""
    drawn = random.Random(seed)
    first, year_end = schedule.release.first_date_of_service, date(schedule.release.year, 12, 31)
    modifiers = sorted({row["modifier"] for row in reference.rows_on("modifier", first)})
    rows = schedule.rvu.select("hcpcs", "modifier", "status_indicator").rows()
    places = [row["code"] for row in reference.rows_on("place_of_service", first)]
    billers = [row["provider_type"] for row in reference.rows_on("provider_type", first)]
    days = [date.fromordinal(drawn.randint(first.toordinal(), year_end.toordinal())) for _ in range(8)]
    localities = schedule.localities.select("mac", "locality").rows()
    found = []
    for number in range(count):
        code, component, letter = drawn.choice(rows)
        some = [component, *(drawn.choice(drawn.choice((FREQUENT, modifiers))) for _ in range(drawn.randrange(3)))]
        given = [each for each in dict.fromkeys(some) if each]
        mac, locality = NATIONAL if drawn.random() < 0.3 else drawn.choice(localities)
        found.append(
            {
                "claim_id": f"{number:05}",
                "line": 1,
                "date_of_service": drawn.choice(days),
                "hcpcs": code,
                **{f"modifier_{at}": (given[at - 1] if at <= len(given) else "") for at in range(1, 5)},
                "place_of_service": drawn.choice(("11", "21", "22", "24", drawn.choice(places))),
                "mac": mac,
                "locality": locality,
                "units": drawn.choice((1, 1, 1, 2, 3, 7)),
                "provider_type": drawn.choice(("physician", "physician", drawn.choice(billers))),
                "participating": drawn.random() < 0.7,
                "qp": schedule.has_qp_track and drawn.random() < 0.3,
                "minutes": drawn.randint(1, 300) if letter == "J" and drawn.random() < 0.8 else None,
                "postoperative_days": drawn.randint(1, 90) if "55" in given and drawn.random() < 0.7 else None,
                "present_at_induction": drawn.random() < 0.3,
                "gpci_floor": not floors or drawn.random() < 0.7,
            }
        )
    return found


def ask(schedule, row):
    """The price of one question; the name of what it raises where the answer is no price."""
    try:
        return schedule.price(
            row["hcpcs"],
            [row[f"modifier_{at}"] for at in range(1, 5) if row[f"modifier_{at}"]],
            place_of_service=row["place_of_service"],
            locality=None if not row["mac"] else f"{row['mac']}-{row['locality']}",
            day=row["date_of_service"],
            **{name: row[name] for name in (
                "qp", "gpci_floor", "participating", "provider_type", "minutes", "present_at_induction", "units",
                "postoperative_days",
            )},
        )  # fmt: skip
    except UnknownModifier:
        return "modifier_does_not_apply"
    except NotInstalled:
        return "not_computable"


def in_lots(schedule, rows):
    """The questions that one engine answers: of a place or of the nation on a day, with or without the floor."""
    lots: dict[tuple, list[int]] = {}
    for at, row in enumerate(rows):
        day = row["date_of_service"] if not row["mac"] else None
        lots.setdefault((row["gpci_floor"], day), []).append(at)
    for (floor, day), at in lots.items():
        tables = schedule if day is None else schedule.national(day)
        lines = [{name: cell for name, cell in rows[each].items() if name != "gpci_floor"} for each in at]
        yield floor, tables, at, pl.DataFrame(lines, schema_overrides=SCHEMA)


@pytest.fixture(scope="module", params=["c26", "d25"])
def asked(request, c26, d25):
    """The schedule, the questions, and the answers of a price."""
    schedule = {"c26": c26, "d25": d25}[request.param]
    rows = questions(schedule, QUESTIONS // 2, 13, floors=request.param == "c26")
    return schedule, rows, [ask(schedule, row) for row in rows]


def test_a_price_is_its_claim_line_its_receipt_and_a_contract_at_100_percent(asked):
    schedule, rows, prices = asked
    seen = 0
    for floor, tables, at, lines in in_lots(schedule, rows):
        rules = ClaimRules(add_on_needs_primary=False, gpci_floor=floor)
        pricer = ClaimPricer([ReleaseDays.of_year(tables)], rules)
        results = pricer.price(lines).cast({pl.Categorical: pl.String})
        told = explain(pricer, lines)
        lone = replace(pricer, rules=replace(rules, lower_of_billed=False))
        by_contract = ClaimContract(Contract.at(100), lone.releases, alone=True).price(lines)
        by_contract = by_contract.cast({pl.Categorical: pl.String}).to_dicts()
        batches = lines.to_arrow(compat_level=pl.CompatLevel.oldest()).to_batches(max_chunksize=7)
        on_spark = pl.DataFrame(pa.Table.from_batches(priced(batches, pricer, 50)))
        assert_frame_equal(on_spark.select(results.columns), results)
        for number, result, line, paid in zip(at, results.to_dicts(), told, by_contract, strict=True):
            seen += 1
            price, what = prices[number], (rows[number], result)
            assert {name: line.results[name] for name in result} == result, what
            if floor:  # a contract is of Medicare with the floor
                assert paid["contract_amount"] == result["allowed_amount"], what
                assert [paid[name] for name in ("setting", "pricing_status", "reason")] == [
                    result[name] for name in ("setting", "pricing_status", "reason")
                ], what
            if isinstance(price, str):
                assert result["pricing_status"] == price, what
                continue
            assert {name: getattr(price, name) for name in SHARED} == {name: result[name] for name in SHARED}, what
            if price.pricing_status != "priced":
                if price.pricing_status in ("modifier_does_not_apply", "cosurgery_not_paid"):
                    # a price says of which code, and by what
                    named = f"modifiers? [0-9A-Z]{{2}}.* appl.* {price.hcpcs}|.* contradict each other"
                    assert re.match(named, price.reason), what
                    assert set(price.reason.split()[:3]) & set(price.modifier.split(",")), what
                else:
                    assert price.reason == result["reason"], what
                assert price.allowed_amount is price.limiting_charge is None, what
                continue
            steps = [step for step in line.steps if step.before is not None or step.name == "fee schedule amount"]
            assert steps[-1].after == result["allowed_amount"], what
            assert [step.value for step in price.steps if step.unit == "USD"][-1] == str(price.allowed_amount), what
            same = [step for step in price.steps if step in line.basis]
            assert same == list(line.basis), what
            assert set(line.notes) <= set(price.notes), what
            assert bool(result["reason"]) == bool(line.notes), what
            for words, note in (
                ("professional part is paid in place", "paid as "),
                ("NA: rarely", "NA: rarely"),
                ("percent of a reduced service", "the percent of a reduced"),
            ):
                assert (words in result["reason"]) == any(each.startswith(note) for each in price.notes), what
    assert seen == len(rows)


# how the notes begin that a row and its place give by themselves, in a price's words
_OF_A_ROW = ("NA: rarely", "paid as ", "a facility's patient: only the professional part")


def test_the_table_is_the_price_in_an_office_and_of_an_inpatient(asked):
    schedule, rows, prices = asked
    seen = 0
    for row, price in zip(rows, prices, strict=True):
        component = row["modifier_1"]
        plain = row["units"] == 1 and row["participating"] and row["provider_type"] == "physician"
        if not plain or row["modifier_2"] or not row["mac"] or row["place_of_service"] not in ("11", "21"):
            continue
        if not schedule.holds(row["hcpcs"], component) or isinstance(price, str) or price.status_indicator == "J":
            continue
        seen += 1
        table = schedule.table(
            codes=[row["hcpcs"]],
            localities=[f"{row['mac']}-{row['locality']}"],
            day=row["date_of_service"],
            qp=row["qp"],
            gpci_floor=row["gpci_floor"],
            notes=True,
        )
        (found,) = table.filter(pl.col("modifier") == component).to_dicts()
        office = row["place_of_service"] == "11"
        assert found["nonfacility_amount" if office else "facility_amount"] == price.allowed_amount, row
        said = found["nonfacility_notes" if office else "facility_notes"] or ""
        assert ("NA: rarely" in said) == any(each.startswith("NA: rarely") for each in price.notes), row
        assert bool(said) == any(each.startswith(_OF_A_ROW) for each in price.notes), row
        if office:
            assert found["limiting_charge"] == price.limiting_charge, row
    assert seen > 10



@pytest.mark.parametrize("modifier", ["", "59"])
def test_paid_as_the_professional_part_and_rarely_done_there_are_said_in_every_output(c26, modifier):
    # Pub. 100-04 ch. 13 sec. 20.2: 77003 of a hospital's patient; 27447 is never done in an office
    for code, place, note, reason in (
        ("77003", "22", "paid as 77003-26: ", "the professional part is paid in place of the global service"),
        ("27447", "11", "NA: rarely or never done", "NA: rarely or never done"),
    ):
        price = c26.price(code, modifier, place_of_service=place, locality="09102-04")
        assert any(each.startswith(note) for each in price.notes)
        assert any(note in each for each in price.as_dict()["notes"])
        line = {
            "claim_id": "1", "line": 1, "date_of_service": date(2026, 7, 1), "hcpcs": code, "modifier_1": modifier,
            "place_of_service": place, "mac": "09102", "locality": "04", "units": 1,
        }  # fmt: skip
        claims = pl.DataFrame([line])
        rules = ClaimRules(add_on_needs_primary=False)
        assert reason in c26.price_claims(claims.lazy(), rules).collect()["reason"].item()
        contract = ClaimContract(Contract.at(100), [ReleaseDays.of_year(c26)], alone=True)
        assert reason in contract.price(claims)["reason"].item()


def test_a_contract_stands_where_medicare_stands(c26):
    days = [ReleaseDays.of_year(c26)]
    for pricer in (ClaimPricer(days), ClaimContract(Contract.at(100), days)):
        assert isinstance(pricer, LinePricer)


def test_with_and_without_a_modifier_that_changes_nothing_the_answer_is_the_same(c26):
    for code, place in (("77003", "22"), ("70496", "21"), ("99213", "11"), ("27447", "11"), ("0213T", "11")):
        plain, modified = (c26.price(code, each, place_of_service=place) for each in ("", "59"))
        assert replace(modified, modifier="") == plain
