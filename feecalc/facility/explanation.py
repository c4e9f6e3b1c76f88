"""The receipt of a facility's line: each step with its figure and where the rule stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from feecalc import reference
from feecalc.facility.amounts import KEPT_PLACES, RATE_PLACES
from feecalc.facility.areas import shown_index
from feecalc.facility.lines import OPPS
from feecalc.facility.rules import INDICATORS, WHOLE, Rules, indicator_row, modifier_rows, rules_on
from feecalc.money import MONEY_PLACES, exact, fewest, rounded_to
from feecalc.pricing.receipt import Step

_PRICED = "priced"
_SHOWN_PLACES = 3  # of a percent
_Row = Mapping[str, Any]


def steps_of(row: _Row, result: _Row, setting: str, day: date, entries: Mapping[str, str]) -> tuple[Step, ...]:
    """Return the steps of one line, from its working columns (``row``) and its results (``told``)."""
    rules = rules_on(setting, day)
    steps = [*_status(row, result, setting, day, entries)]
    if result["pricing_status"] != _PRICED:
        steps.append(
            Step("outcome", result["reason"] or result["note"], result["pricing_status"], "", _why(row, rules, setting))
        )
        return tuple(steps)
    steps += _rate(row, rules, setting, entries)
    steps += _modifiers(row, setting, day)
    steps += _wage(row, result, rules, entries)
    steps += _factor(row, result, rules)
    steps.append(_amount(row, result, rules))
    steps += _patient(row, result, rules, entries)
    return tuple(steps)


def _why(row: _Row, rules: Rules, setting: str) -> str:
    """Return where it stands that a line beside a comprehensive service is packaged, or not."""
    if setting != OPPS or row["beside"] is None or row["primary"]:
        return ""
    rule = indicator_row(setting, row["indicator"] or "", rules.day) or {}
    taken = next(each for each in reference.rows_on("opps_status_indicator", rules.day, pays="comprehensive"))
    return str(rule.get("comprehensive_source", taken["source"]))


def _status(row: _Row, result: _Row, setting: str, day: date, entries: Mapping[str, str]) -> list[Step]:
    rule = indicator_row(setting, result["indicator"], day)
    name = f"{INDICATORS[setting]} indicator"
    if rule is None:
        unknown = result["pricing_status"] == "unknown_indicator"
        said = "blank" if result["indicator"] == "" else "not one that feecalc's rules know"
        return [Step(name, said, result["indicator"], "", row["listed_in"])] if unknown else []
    apc = f", APC {result['apc']}" if result["apc"] else ""
    return [
        Step(name, f"{rule['name']}{apc}", result["indicator"], "", f"{_list(row, setting, entries)}; {rule['source']}")
    ]


def _list(row: _Row, setting: str, entries: Mapping[str, str]) -> str:
    if setting == OPPS:
        return entries.get("opps", "Addendum B")
    return str(row["listed_in"] or "ASC addenda")


def _rate(row: _Row, rules: Rules, setting: str, entries: Mapping[str, str]) -> list[Step]:
    printed = exact(row["printed_rate"], RATE_PLACES)
    detail, source = "as printed", _list(row, setting, entries)
    if setting == OPPS and row["raised"] is not None:
        detail = f"of APC {row['apc']}: complexity adjustment with {row['raised']}"
        source = f"{entries.get('complexity_adjustment', 'Addendum J')}; {entries.get('apc', 'Addendum A')}"
    elif setting == OPPS and row["by_observation"]:
        rule = reference.row_on("opps_observation", rules.day)
        detail = f"of APC {row['apc']}: comprehensive observation"
        source = f"{entries.get('apc', 'Addendum A')}; {rule['source']}"
    elif setting == OPPS and "rates" in entries:
        source = entries["rates"]
    weight, factor = row["relative_weight"], rules.conversion_factor
    if weight and factor and (Decimal(weight) * Decimal(factor) - printed).copy_abs() <= Decimal("0.005"):
        detail += f", {weight.normalize():f} x {factor}"
        source += f"; factor: {rules.sources['conversion_factor']}"
    return [Step("national rate", detail, _figure(printed), "USD", source)]


def _modifiers(row: _Row, setting: str, day: date) -> list[Step]:
    given = [row[f"modifier_{number}"] for number in range(1, 5)]
    steps = []
    for rule in modifier_rows(setting, day):
        acts = rule["modifier"] in given and rule["hcpcs"] in ("", row["hcpcs"])
        if not acts or (rule["kind"] == "off_campus" and row["off_campus"] is None):
            continue
        name = f"modifier {rule['modifier']}"
        if rule["kind"] == "off_campus":
            detail = f"{rule['what']}: {rule['value']} percent of the rate"
            steps.append(Step(name, detail, _figure(exact(row["rate"], RATE_PLACES)), "USD", rule["source"]))
        else:
            steps.append(Step(name, rule["what"], rule["value"], rule["unit"].split(",")[0], rule["source"]))
    if row.get("taken"):
        left = _figure(exact(row["rate"], RATE_PLACES))
        steps.append(Step("device taken off", "the rate without it", left, "USD", "Addendum FF"))
    return steps


def _wage(row: _Row, result: _Row, rules: Rules, entries: Mapping[str, str]) -> list[Step]:
    if result["wage_index_applied"] is None:
        return [Step("wage index", "not wage-adjusted", "1", "", "this indicator's rule")]
    index = shown_index(result["wage_index_applied"])
    area = f"{row['cbsa']} {row['area']}" if row["area"] and row["wage_index"] is None else ""
    said = "; ".join(part for part in (area, row["area_note"] or "") if part)
    steps = [Step("wage index", said, str(index), "", entries.get(f"{rules.setting}_wage_index", ""))]
    labor = Decimal(rules.labor_share) / WHOLE
    rate, device = exact(row["rate"], RATE_PLACES), exact(row["device"], RATE_PLACES)
    share = labor * index + (1 - labor)
    adjusted = (rate - device) * share + device
    detail = f"{_figure(rate)} x ({labor:.2f} x {index} + {1 - labor:.2f})"
    source = rules.sources["labor_share"]
    if device:
        part = _figure(device)
        detail = f"({_figure(rate)} - {part}) x ({labor:.2f} x {index} + {1 - labor:.2f}) + {part}"
        source = f"{entries.get('asc_device_offset', 'Addendum FF')}: the device's part; {source}"
    steps.append(Step("adjusted rate", detail, f"{adjusted:.4f}", "USD", source))
    return steps


def _factor(row: _Row, result: _Row, rules: Rules) -> list[Step]:
    steps = []
    factor = result["payment_factor"]
    if row["ranks"]:
        more_than_one = row["units"] > 1 or row["bilateral"]
        detail = "highest of the day" if row["first"] else "not the highest"
        if more_than_one:
            detail += ", each further at half" if row["first"] else ", each at half"
        source = rules.sources["further_procedure"]
        steps.append(Step("times paid", detail, f"{factor.normalize():f}", "", source))
    elif factor != 1:
        steps.append(Step("times paid", "by units and modifiers", f"{factor.normalize():f}", "", "the line"))
    if row.get("pair") is not None:
        kept = exact(row["kept"], KEPT_PLACES).normalize()
        detail = f"less the part of pass-through device {row['pair']}"
        steps.append(Step("code pair", detail, f"{kept:f}", "", "Pub. 100-04 ch. 14 sec. 40.7; ASC code pairs"))
    return steps


def _amount(row: _Row, result: _Row, rules: Rules) -> Step:
    if row["below_rate"]:
        return Step(
            "facility amount", "the billed amount is lower", _plain(result["facility_amount"]), "USD", "the claim"
        )
    source = rules.sources["rounding"]
    return Step("facility amount", "rounded once to the cent", _plain(result["facility_amount"]), "USD", source)


def _patient(row: _Row, result: _Row, rules: Rules, entries: Mapping[str, str]) -> list[Step]:
    part, of = row["coinsurance"], row["coinsurance_of"]
    percent = rounded_to(Decimal(part) * 100 / of, _SHOWN_PLACES).normalize()
    source = rules.sources["most_coinsurance"]
    detail = f"{percent:f} percent, rounded on Medicare's side; before the Part B deductible"
    uncapped = result["facility_amount"] - rounded_to(result["facility_amount"] * (of - part) / of, MONEY_PLACES)
    steps = []
    if result["copayment"] < uncapped and rules.inpatient_deductible is not None:
        limit = exact(rules.inpatient_deductible, MONEY_PLACES)
        detail = (
            f"{_figure(limit)} the inpatient deductible, in place of {_figure(uncapped)}; before the Part B deductible"
        )
        source = rules.sources["inpatient_deductible"]
    steps.append(Step("patient pays", detail, _plain(result["copayment"]), "USD", source))
    steps.append(
        Step(
            "Medicare pays",
            "the rest, before sequestration",
            _plain(result["medicare_amount"]),
            "USD",
            rules.sources["most_coinsurance"],
        )
    )
    return steps


def _figure(amount: Decimal) -> str:
    return f"{fewest(amount, MONEY_PLACES):,}"


def _plain(amount: Decimal) -> str:
    return f"{amount:,}"
