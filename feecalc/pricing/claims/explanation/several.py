"""The rules for several lines of one patient, day and physician, in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from feecalc import reference
from feecalc.pricing.claims.arrays import percent
from feecalc.pricing.claims.arrays.does import Does
from feecalc.pricing.claims.arrays.trail import Station
from feecalc.pricing.claims.explanation.steps import Case, RuleStep, usd
from feecalc.pricing.claims.explanation.words import listed, percent_of, source_of
from feecalc.pricing.receipt import shown

_RULES = ("endoscopy", "surgery", "therapy", "imaging", "cardiovascular", "ophthalmology")
_FULL = "in full"


def several_steps(case: Case) -> Iterator[RuleStep]:
    """The steps of these rules at a line."""
    for station in case.followed.trail.of(case.followed.line, *_RULES):
        place = station.where[case.followed.line]
        words = {"surgery": _surgery, "endoscopy": _endoscopy, "therapy": _therapy}.get(station.rule, _parts)
        detail, factor, source = words(case, station)
        before, after = usd(int(station.before[place])), usd(int(station.after[place]))
        beside = _beside(case, station)
        name = {"surgery": "several procedures", "endoscopy": "endoscopy family"}.get(station.rule, station.rule)
        yield RuleStep(name, f"{detail}{beside}", before, factor, after, source)


def _beside(case: Case, station: Station) -> str:
    """The lines ranked together with this one."""
    lines, own = case.followed.priced.lines, case.followed.line
    first, last = np.searchsorted(lines.group, lines.group[own] + np.arange(2))
    others = [
        int(lines.number[each])
        for each in range(int(first), int(last))
        if each != own and each in station.where and _is_assistants(case, each) == _is_assistants(case, own)
    ]
    if not others:
        return ""
    return f"; ranked with line{'s' if len(others) > 1 else ''} {listed([str(each) for each in sorted(others)])}"


def _is_assistants(case: Case, line: int) -> bool:
    return bool(case.followed.priced.lines.does[line] & (Does.ASSISTANT | Does.PRACTITIONER_ASSISTANT))


def _surgery(case: Case, station: Station) -> tuple[str, str, str]:
    line, decided = case.followed.line, case.followed.priced.decided
    rules = sorted(reference.rows_on("multiple_procedure", case.day, rule="surgery", part="fee"), key=_rank)
    first = station.figure("higher", line) + 1
    last = first + (int(decided.procedures[line]) - 1 if station.figure("alone", line) else 0)
    rates = [percent.rate(str(rules[min(rank, len(rules)) - 1]["value"])) for rank in range(first, last + 1)]
    row = rules[min(last, len(rules)) - 1]
    if last > first:
        factor = " + ".join(f"{rates.count(rate)} x {percent_of(rate)}" for rate in dict.fromkeys(rates))
        return f"its units rank {first} to {last}", factor, source_of(row)
    family = "" if station.figure("alone", line) else "the family, or the pair of sides, "
    return f"{family}ranks {first}", percent_of(rates[0]), source_of(row)


def _rank(row: reference.Row) -> int:
    return int(row["rank"])


def _endoscopy(case: Case, station: Station) -> tuple[str, str, str]:
    line, decided = case.followed.line, case.followed.priced.decided
    rows = reference.rows_on("multiple_procedure", case.day, rule="endoscopy")
    base = shown(station.figure("base", line))
    code = case.row["endoscopic_base"] or case.row["hcpcs"]
    procedures = int(decided.procedures[line])
    if station.figure("top", line) and procedures == 1:
        return f"the highest of the family of {code}: in full", _FULL, source_of(min(rows, key=_rank))
    which = "each further one" if station.figure("top", line) else "it"
    detail = f"a further endoscopy of the family of {code}: {which} pays what it is above the base's fee of {base}"
    count = procedures - station.figure("top", line)
    return detail, f"less {base}" + (f" x {count}" if count > 1 else ""), source_of(max(rows, key=_rank))


def _therapy(case: Case, station: Station) -> tuple[str, str, str]:
    line, decided = case.followed.line, case.followed.priced.decided
    row = max(reference.rows_on("multiple_procedure", case.day, rule="therapy"), key=_rank)
    in_full = station.figure("in_full", line)
    further = int(decided.procedures[line]) - in_full
    reduced = shown(station.figure("reduced", line))
    parts = ["the unit with the day's highest practice expense in full"] if in_full else []
    if further:
        rate = row["value"]
        parts.append(f"{further} further at {reduced} each: the fee with {rate} percent of its practice expense")
    factor = " + ".join(([_FULL] if in_full else []) + ([f"{further} x {reduced}"] if further else []))
    return "; ".join(parts), factor, source_of(row)


def _parts(case: Case, station: Station) -> tuple[str, str, str]:
    """Imaging and diagnostic tests: the technical and the professional part."""
    line, decided = case.followed.line, case.followed.priced.decided
    rules = reference.rows_on("multiple_procedure", case.day, rule=station.rule)
    words, factors, sources = [], [], []
    for part, before, rates in (
        ("technical", decided.technical_before, decided.technical_rate),
        ("professional", decided.professional_before, decided.professional_rate),
    ):
        amount = station.figure(part, line)
        if before[line] < 0 or amount < 0:
            continue
        row = max((each for each in rules if each["part"] == part), key=_rank)
        count, rate = station.figure("count", line), int(rates[line])
        full = 1 if before[line] == 0 else 0
        less = count - full
        at = [f"{full} in full"] if full and count > 1 else [_FULL] if full else []
        at += [f"{less} at {percent_of(rate)}" if count > 1 else f"at {percent_of(rate)}"] if less else []
        words.append(f"{part} part of {shown(amount)} ranks {int(before[line]) + 1}, {' and '.join(at)}")
        factors.append(percent_of(rate) if less else _FULL)
        sources.append(source_of(row))
    return "; ".join(words), " and ".join(dict.fromkeys(factors)), "; ".join(dict.fromkeys(sources))
