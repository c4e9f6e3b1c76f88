"""The rules of a priced line in their order, each with the amount before and after it, as the engine left them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from feecalc import reference
from feecalc.pricing.claims import outcomes
from feecalc.pricing.claims.arrays.does import Does
from feecalc.pricing.claims.arrays.trail import Station
from feecalc.pricing.claims.explanation.several import several_steps
from feecalc.pricing.claims.explanation.steps import Case, RuleStep, usd
from feecalc.pricing.claims.explanation.words import percent_of, rule_source, source_of
from feecalc.pricing.receipt import shown
from feecalc.pricing.rules import opps_cap

_BOTH_SIDES = "RVU25D.pdf, field Bilateral Surgery (Modifier 50); Pub. 100-04 ch. 12 sec. 40.7"
_ALONE_SOURCES = {
    outcomes.OTHER_SIDE_INCLUDED: _BOTH_SIDES,
    outcomes.ENDOSCOPIC_BASE_INCLUDED: "RVU25D.pdf, field Multiple Procedure; Pub. 100-04 ch. 12 sec. 40.6",
    outcomes.PAID_ONLY_ALONE: "RVU25D.pdf, Attachment A, status T",
    outcomes.ADD_ON_WITHOUT_PRIMARY: "NCCI policy manual ch. 1 sec. R",
    outcomes.DENIED_BY_EDIT: "the edit's own source, as its finding names it",
}
_LOWER = "SSA 1833(a)(1): the lesser of the actual charge and the fee schedule amount"
_MODIFIER_RULES = ("anesthesia", "split_care", "return_to_surgery", "reduced_service", "cosurgery", "assistant")
_SIDES = Does.RIGHT | Does.LEFT
_FILM_RULES = ("film", "computed_radiography", "old_tomograph")
_BILLER_RULES = ("practitioner", "nonparticipating", "billed")


def rule_steps(case: Case, status: int, reason: str) -> list[RuleStep]:
    """The steps after the fee, to the allowed amount."""
    followed, line = case.followed, case.followed.line
    fee = int(followed.priced.decided.fee[line])
    if status in outcomes.BY_ANOTHER_LINE:
        return [RuleStep("another line", reason, usd(fee), "", usd(0), _ALONE_SOURCES[status])]
    return [*_service(case), *several_steps(case), *_after(case)]


def _service(case: Case) -> Iterator[RuleStep]:
    """Both sides, the modifiers' percents, the units."""
    followed, line = case.followed, case.followed.line
    decided = followed.priced.decided
    if decided.is_bilateral[line]:
        yield _sides(case)
    for station in followed.trail.of(line, *_MODIFIER_RULES):
        yield _modifier(case, station)
    procedures, one = int(decided.procedures[line]), int(decided.service[line])
    together, apart = one * procedures, int(decided.before_several[line])
    if procedures > 1:
        yield RuleStep("units", f"{procedures} units", usd(one), f"x {procedures}", usd(together), "units billed")
    if apart != together:
        text = "each side stands as a procedure of its own, and is rounded by itself"
        yield RuleStep("both sides", text, usd(together), "", usd(apart), _BOTH_SIDES)


def _sides(case: Case) -> RuleStep:
    followed, line = case.followed, case.followed.line
    decided, row = followed.priced.decided, case.row
    rule = reference.row_on("bilateral", case.day, bilateral_indicator=row["bilateral_indicator"])
    does = int(followed.priced.lines.does[line])
    if decided.pair[line] >= 0:
        said = "the second of two lines, one for each side: what is left of both sides"
    elif does & Does.BOTH_SIDES or (does & _SIDES) == _SIDES:
        said = "both sides on one line"
    elif does & _SIDES:
        said = "the first of two lines, one for each side"
    else:
        said = "two units are both sides"
    detail = f"{said}; bilateral indicator {row['bilateral_indicator']}: {rule['reason']}"
    rate = percent_of(int(decided.bilateral_rate[line]))
    fee, sides = int(decided.fee[line]), int(decided.sides[line])
    return RuleStep("both sides", detail, usd(fee), rate, usd(sides), source_of(rule))


def _modifier(case: Case, station: Station) -> RuleStep:
    line, rule = case.followed.line, station.rule
    before, after = _around(station, line)
    rate = station.figure("rate", line)
    factor = percent_of(rate)
    if rule == "anesthesia":
        era = case.followed.era
        modifier = era.words.modifiers.listed[int(case.followed.priced.lines.anesthesia[line])]
        row = reference.rows_on("anesthesia_service", case.day, modifier=modifier)[-1]
        return RuleStep(f"modifier {modifier}", row["name"], before, factor, after, source_of(row))
    if rule == "split_care":
        modifier = case.modifier_that(Does.INTRAOPERATIVE, Does.POSTOPERATIVE, Does.PREOPERATIVE)
        row = reference.row_on("split_care", case.day, modifier=modifier)
        detail = f"the release's share: {' and '.join(row['shares'])}"
        if "days" in station.figures:
            period = int(case.row["global_days"])
            factor = f"{factor} x {station.figure('days', line)}/{period}"
            detail += f"; {station.figure('days', line)} of the {period} days after surgery; rounded once"
        return RuleStep(f"modifier {modifier}", detail, before, factor, after, source_of(row))
    if rule == "return_to_surgery":
        modifier = case.modifier_that(Does.RETURN_TO_SURGERY)
        row = reference.row_on("return_to_surgery", case.day, modifier=modifier, global_days=case.row["global_days"])
        detail = "the release's intraoperative share"
        return RuleStep(f"modifier {modifier}", detail, before, factor, after, source_of(row))
    if rule == "reduced_service":
        modifier, key = case.modifier_that(Does.REDUCED), {}
    elif rule == "cosurgery":
        modifier, key = case.modifier_that(Does.COSURGERY), {"kind": "percent"}
    else:
        modifier, key = case.modifier_that(Does.PRACTITIONER_ASSISTANT) or case.modifier_that(Does.ASSISTANT), {}
    row = reference.row_on(rule, case.day, modifier=modifier, **key) if key else _of_modifier(rule, case, modifier)
    return RuleStep(f"modifier {modifier}", _name(case, modifier), before, factor, after, source_of(row))


def _of_modifier(table: str, case: Case, modifier: str) -> reference.Row:
    return next(row for row in reference.rows_on(table, case.day, modifier=modifier) if "value" in row)


def _name(case: Case, modifier: str) -> str:
    return str(reference.row_on("modifier", case.day, modifier=modifier)["name"])


def _around(station: Station, line: int) -> tuple[Decimal, Decimal]:
    place = station.where[line]
    return usd(int(station.before[place])), usd(int(station.after[place]))


def _after(case: Case) -> Iterator[RuleStep]:
    """The cap, film, who bills, the bill."""
    followed, line = case.followed, case.followed.line
    decided = followed.priced.decided
    amount = int(decided.several[line])
    if decided.cap[line] >= 0:
        after = amount - int(decided.above_cap[line])
        held = "the ceiling holds" if after < amount else "the amount is below it"
        where = "facility" if followed.priced.lines.facility[line] else "nonfacility"
        of = f"OPPS PE {case.row[f'opps_pe_rvu_{where}']} and MP {case.row['opps_mp_rvu']} RVU"
        detail = f"ceiling from the hospital schedule, of {of}: {shown(int(decided.cap[line]))}; {held}"
        if 0 < after != int(decided.cap[line]) and after < amount:
            detail += ", on the technical part"
        if case.scaled_to_qp:
            detail += f"; {case.scaled_to_qp}"
        source = f"{case.row_source}; {opps_cap.source(case.day)}"
        yield RuleStep("OPPS cap", detail, usd(amount), "", usd(after), source)
        amount = after
    for station in followed.trail.of(line, *_FILM_RULES):
        place = station.where[line]
        part, left = int(station.before[place]), int(station.after[place])
        modifier = case.modifier_that(Does[station.rule.upper()])
        row = next(each for each in reference.rows_on("modifier", case.day, modifier=modifier))
        rate = percent_of(station.figure("rate", line))
        detail = f"{row['name']}: {rate} of the technical part, {shown(part)}, is {shown(left)}"
        after = amount - (part - left)
        yield RuleStep(f"modifier {modifier}", detail, usd(amount), f"{rate} of a part", usd(after), source_of(row))
        amount = after
    for station in followed.trail.of(line, *_BILLER_RULES):
        yield _biller(case, station)


def _biller(case: Case, station: Station) -> RuleStep:
    before, after = _around(station, case.followed.line)
    if station.rule == "billed":
        billed = usd(int(case.followed.priced.lines.billed[case.followed.line]))
        lower = "the bill" if billed < before else "the schedule amount"
        detail, source = f"the lower of the amount and the bill, ${billed:,}: {lower}", _LOWER
        if after != min(before, billed):
            detail = f"billed ${billed:,}: the charges for both sides together against the amount for both sides"
            source = f"{_LOWER}; {_BOTH_SIDES}"
        return RuleStep("billed amount", detail, before, "", after, source)
    factor = percent_of(station.figure("rate", case.followed.line))
    if station.rule == "practitioner":
        era, lines = case.followed.era, case.followed.priced.lines
        biller = era.words.provider_types.listed[int(lines.biller[case.followed.line])]
        row = reference.row_on("provider_type", case.day, provider_type=biller)
        return RuleStep("practitioner", row["name"], before, factor, after, source_of(row))
    source = rule_source("participation", case.day, kind="nonparticipating_payment")
    return RuleStep("nonparticipating", "billed without a participation agreement", before, factor, after, source)
