"""Receipts of facility lines: each step with its figure and its source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from feecalc import reference
from feecalc.facility.amounts import KEPT_PLACES, RATE_PLACES
from feecalc.facility.areas import shown_index
from feecalc.facility.lines import OPPS
from feecalc.facility.rules import (
    INDICATORS,
    WHOLE,
    Rules,
    indicator_row,
    modifier_rows,
    rules_on,
    share,
    spans,
)
from feecalc.money import MONEY_PLACES, exact, fewest, rounded_to
from feecalc.pricing.receipt import Step

_PRICED = "priced"
_SHOWN_PLACES = 3  # of a percent
_Row = Mapping[str, Any]


def steps_of(row: _Row, result: _Row, setting: str, day: date, entries: Mapping[str, str]) -> tuple[Step, ...]:
    """Return the steps of one line, from its working columns (``row``) and its results (``result``)."""
    rules = rules_on(setting, day)
    steps = [*_status(row, result, setting, day, entries)]
    if result["pricing_status"] != _PRICED:
        steps.append(
            Step(
                "outcome",
                result["reason"] or result["note"],
                result["pricing_status"],
                "",
                _packaging_source(row, rules, setting),
            )
        )
        return tuple(steps)
    steps += _rate(row, rules, setting, entries)
    steps += _modifiers(row, setting, day)
    steps += _wage(row, result, rules, entries)
    steps += _factor(row, result, rules)
    steps.append(_amount(row, result, rules))
    steps += _patient(row, result, rules, entries)
    return tuple(steps)


def _packaging_source(line: _Row, rules: Rules, setting: str) -> str:
    """Return the source of the rule that packages a line beside a comprehensive service, or does not; "" for others."""
    if setting == OPPS and line["beside"] is not None and line["left_out"]:
        rows = reference.rows_on("opps_comprehensive_exclusion", rules.day, said=line["left_out"])
        return str(rows[0]["source"])
    if setting != OPPS or line["beside"] is None or line["primary"]:
        return ""
    rule = indicator_row(setting, line["indicator"] or "", rules.day) or {}
    comprehensive = next(line for line in reference.rows_on("opps_status_indicator", rules.day, pays="comprehensive"))
    return str(rule.get("comprehensive_source", comprehensive["source"]))


def _status(row: _Row, result: _Row, setting: str, day: date, entries: Mapping[str, str]) -> list[Step]:
    rule = indicator_row(setting, result["indicator"], day)
    name = f"{INDICATORS[setting]} indicator"
    if rule is None:
        unknown = result["pricing_status"] == "unknown_indicator"
        detail = "blank" if result["indicator"] == "" else "not one that feecalc's rules know"
        return [Step(name, detail, result["indicator"], "", row["listed_in"])] if unknown else []
    apc = f", APC {result['apc']}" if result["apc"] else ""
    return [
        Step(name, f"{rule['name']}{apc}", result["indicator"], "", f"{_list(row, setting, entries)}; {rule['source']}")
    ]


def _list(row: _Row, setting: str, entries: Mapping[str, str]) -> str:
    if setting == OPPS:
        return str(row["listed_in"] or entries.get("opps", "Addendum B"))
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
    elif setting == OPPS and row["composite_paid"]:
        detail = f"of composite APC {row['apc']}: {row['composite_with']}"
        source = f"{entries.get('apc', 'Addendum A')}; {_composite_source(row, rules)}"
    elif setting == OPPS and "rates" in entries and row["listed_in"] == entries["opps"]:
        source = entries["rates"]
    weight, factor = row["relative_weight"], rules.conversion_factor
    if weight and factor and (Decimal(weight) * Decimal(factor) - printed).copy_abs() <= Decimal("0.005"):
        detail += f", {weight.normalize():f} x {factor}"
        source += f"; factor: {rules.sources['conversion_factor']}"
    return [Step("national rate", detail, _figure(printed), "USD", source)]


def _composite_source(line: _Row, rules: Rules) -> str:
    rows = reference.rows_on("opps_composite", rules.day)
    return next(str(row["source"]) for row in rows if line["composite"] in (row["apc"], row["contrast_apc"]))


def _modifiers(row: _Row, setting: str, day: date) -> list[Step]:
    modifiers = [row[f"modifier_{number}"] for number in range(1, 5)]
    applied = [
        rule for rule in modifier_rows(setting, day) if rule["modifier"] in modifiers and _applies(rule, row)
    ]
    steps = []
    if row.get("taken"):
        without = exact(row["printed_rate"] - row["taken"], RATE_PLACES)
        steps.append(Step("device taken off", "the rate without it", _figure(without), "USD", "Addendum FF"))
    rate = exact(row["printed_rate"] - row.get("taken", 0), RATE_PLACES)
    for rule in applied:
        name = f"modifier {rule['modifier']}"
        if rule["kind"] in _OF_THE_RATE:
            rate = rounded_to(rate * Decimal(rule["value"]) / 100, MONEY_PLACES)
            detail = f"{rule['what']}: {rule['value']} percent of the rate"
            steps.append(Step(name, detail, _figure(rate), "USD", rule["source"]))
        else:
            steps.append(Step(name, rule["what"], rule["value"], rule["unit"].split(",")[0], rule["source"]))
    return steps


_OF_THE_RATE = ("off_campus", "imaging")


def _applies(rule: _Row, row: _Row) -> bool:
    """Return whether a modifier's rule is for the line; one of the rate, only where the line is reduced by it."""
    if rule["kind"] in _OF_THE_RATE and row[rule["kind"]] != share(rule["value"]):
        return False
    if rule["kind"] == "bilateral" and not row["bilateral"]:
        return False  # a code that is paid once
    code = row["hcpcs"]
    of_code = any(not first or first <= code <= last for first, last in spans(rule["codes"]))
    return of_code and code not in rule["but"] and (not rule["apcs"] or row["apc"] in rule["apcs"])


def _wage(row: _Row, result: _Row, rules: Rules, entries: Mapping[str, str]) -> list[Step]:
    if result["wage_index_applied"] is None:
        return [Step("wage index", "not wage-adjusted", "1", "", "this indicator's rule")]
    index = shown_index(result["wage_index_applied"])
    area = f"{row['cbsa']} {row['area']}" if row["area"] and row["wage_index"] is None else ""
    detail = "; ".join(part for part in (area, row["area_note"] or "") if part)
    steps = [Step("wage index", detail, str(index), "", entries.get(f"{rules.setting}_wage_index", ""))]
    labor = Decimal(rules.labor_share) / WHOLE
    rate, device = exact(row["rate"], RATE_PLACES), exact(row["device"], RATE_PLACES)
    adjusted = (rate - device) * (labor * index + (1 - labor)) + device
    detail = f"{_figure(rate)} x ({labor:.2f} x {index} + {1 - labor:.2f})"
    source = rules.sources["labor_share"]
    if device:
        part = _figure(device)
        detail = f"({_figure(rate)} - {part}) x ({labor:.2f} x {index} + {1 - labor:.2f}) + {part}"
        source = f"{entries.get('asc_device_offset', 'Addendum FF')}: the device's part; {source}"
    steps.append(Step("adjusted rate", detail, f"{adjusted:.4f}", "USD", source))
    if row["rural_sole_community"] and row["kept"] != 10**KEPT_PLACES:
        kept = exact(row["kept"], KEPT_PLACES).normalize()
        steps.append(Step("rural hospital", "sole community", f"{kept:f}", "", rules.sources["rural_sole_community"]))
    return steps


def _factor(row: _Row, result: _Row, rules: Rules) -> list[Step]:
    steps = []
    factor = result["payment_factor"]
    if row["ranks"]:
        more_than_one = row["units"] > 1 or row["bilateral"]
        detail = "highest of the day" if row["first"] else "not the highest"
        if row["not_discounted"]:
            detail = "not discounted"
        elif more_than_one:
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
        detail = "the billed amount is lower" + (", then the discount" if row["ranks"] and not row["first"] else "")
        return Step("facility amount", detail, _plain(result["facility_amount"]), "USD", "the claim")
    source = rules.sources["rounding"]
    return Step("facility amount", "rounded once to the cent", _plain(result["facility_amount"]), "USD", source)


def _patient(row: _Row, result: _Row, rules: Rules, entries: Mapping[str, str]) -> list[Step]:
    part, whole = row["coinsurance"], row["coinsurance_of"]
    percent = rounded_to(Decimal(part) * 100 / whole, _SHOWN_PLACES).normalize()
    source, because = rules.sources["most_coinsurance"], ""
    if row["share_because"]:
        source, because = f"{source}; {row['share_source']}", f" ({row['share_because']})"
    deductible = "before the Part B deductible" if row["deductible"] else "no Part B deductible is taken"
    detail = f"{percent:f} percent{because}, rounded on Medicare's side; {deductible}"
    uncapped = result["facility_amount"] - rounded_to(result["facility_amount"] * (whole - part) / whole, MONEY_PLACES)
    steps = []
    if result["copayment"] < uncapped and rules.inpatient_deductible is not None:
        limit = exact(rules.inpatient_deductible, MONEY_PLACES)
        detail = (
            f"{_figure(limit)} the inpatient deductible, in place of {_figure(uncapped)}; {deductible}"
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
