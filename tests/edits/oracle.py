"""The edits once more, slowly: plain Python over lines one by one, written from the rules and not from the package.

Lines are dictionaries as ``made_up.lines`` makes them. Knows the made-up tables only. Returns {(row, rule)}; what the
pricing core hands on is not looked at here.
"""

from __future__ import annotations

from datetime import date, timedelta

from edits.made_up import ADD_ONS, CODES, PAIRS, QUARTER, UNITS

APART = {"59", "91", "24", "25", "57", "58", "78", "79", "27", "XE", "XP", "XS", "XU"}
LEFT = {"LT", "E1", "E2", "FA", "F1", "F2", "F3", "F4", "TA", "T1", "T2", "T3", "T4"}
RIGHT = {"RT", "E3", "E4", "F5", "F6", "F7", "F8", "F9", "T5", "T6", "T7", "T8", "T9"}
SITES = LEFT | RIGHT | {"LC", "LD", "RC", "LM", "RI"}
DIGITS = (LEFT | RIGHT) - {"LT", "RT"}
ASSISTANT = {"80", "81", "82", "AS"}
PART = ASSISTANT | {"26", "TC", "54", "55", "56"}
GLOBAL = {code: days for code, _, days, _ in CODES}
BILATERAL = {code: sides for code, _, _, sides in CODES}
VISITS = {"99213"}


def mods(line):
    return [line.get(f"modifier_{n}", "") for n in (1, 2, 3, 4) if line.get(f"modifier_{n}", "")]


def group(line):
    patient = ("B", line["beneficiary_id"]) if line["beneficiary_id"] else ("C", line["claim_id"])
    return patient, line["date_of_service"], line["billing_npi"]


def holds(first, last, day):
    return (first is None or first <= day) and (last is None or day <= last)


def pairs(lines):
    found = set()
    for place, two in enumerate(lines):
        for other, one in enumerate(lines):
            if place == other or group(one) != group(two):
                continue
            day = two["date_of_service"]
            met = [
                (last or date.max, first, indicator)
                for c1, c2, first, last, indicator in PAIRS
                if (c1, c2) == (one["hcpcs"], two["hcpcs"]) and holds(first, last, day) and indicator != "9"
            ]
            if not met:
                continue
            _, first, indicator = min(met, key=lambda each: each[0])
            certain = first is not None or day >= QUARTER
            mine, theirs = set(mods(two)), set(mods(one))
            if indicator == "0":
                found.add((place, "ncci_pair_never" if certain else "ncci_pair_undated"))
                continue
            if mine & APART or (theirs & APART and day >= date(2019, 7, 1)):
                continue
            sited = bool((mine | theirs) & SITES)
            wide = [(each & SITES) | ({"LT", "RT"} if "50" in each else set()) for each in (mine, theirs)]
            if sited and not wide[0] & wide[1]:
                continue
            rule = "ncci_pair_undated" if not certain else "ncci_pair_same_site" if sited else "ncci_pair"
            found.add((place, rule))
    return found


def units(lines):
    found = set()
    limits = {code: (most, mai) for code, most, mai in UNITS}

    def part(line):
        return [each for each in mods(line) if each in PART]

    for place, line in enumerate(lines):
        if line["hcpcs"] not in limits or line["date_of_service"] < QUARTER:
            continue
        most, mai = limits[line["hcpcs"]]
        total = line["units"] if mai == "1" else sum(
            other["units"] for other in lines
            if group(other) == group(line) and other["hcpcs"] == line["hcpcs"] and part(other) == part(line)
        )  # fmt: skip
        if total > most:
            found.add((place, {"1": "mue_line", "2": "mue_day", "3": "mue_day_evidence"}[mai]))
    return found


def add_ons(lines):
    edits = []
    for line in lines:
        day = line["date_of_service"]
        edits.append([
            (kind, primary) for kind, code, primary, first, last, note in ADD_ONS
            if code == line["hcpcs"] and holds(first, last, day) and not note
        ])  # fmt: skip
    accompanied = [
        any(group(other) == group(line) and not edits[at] for at, other in enumerate(lines)) for line in lines
    ]
    lenient = [any(kind in "23" for kind, _ in each) for each in edits]
    paid = {at for at in range(len(lines)) if not edits[at] or (lenient[at] and accompanied[at])}

    def leans_on(at):
        return {
            other for other, line in enumerate(lines)
            if other != at and group(line) == group(lines[at]) and (line["hcpcs"] in {p for _, p in edits[at]})
        }  # fmt: skip

    while True:
        more = {at for at in range(len(lines)) if at not in paid and leans_on(at) & paid}
        if not more:
            break
        paid |= more
    found = set()
    for at in range(len(lines)):
        if not edits[at]:
            continue
        kinds = {kind for kind, _ in edits[at]}
        if at not in paid:
            wrong = "add_on_with_wrong_primary" if accompanied[at] else "add_on_without_primary"
            wrong = "add_on_of_group" if lines[at]["hcpcs"] == "99292" else wrong  # a colleague may have billed 99291
            found.add((at, "add_on_alone" if lenient[at] else wrong))
        elif lenient[at] and not leans_on(at) & paid:
            found.add((at, "add_on_contractor_accepts" if "3" in kinds else "add_on_contractor_defines"))
    return found


def sides(lines):
    found = set()
    for at, line in enumerate(lines):
        has = set(mods(line))
        left, right, both, digits = bool(has & LEFT), bool(has & RIGHT), "50" in has, has & DIGITS
        sign = BILATERAL.get(line["hcpcs"], "")
        if both and (left or right):
            found.add((at, "both_sides_and_one"))
        if both and line["units"] > 1:
            found.add((at, "both_sides_by_units"))
        if both and sign in ("0", "2"):
            found.add((at, "both_sides_pay_one"))
        if left and right and not both:
            found.add((at, "digit_and_side" if digits else "sides_on_one_line"))
        same = [
            (other, set(mods(each))) for other, each in enumerate(lines)
            if group(each) == group(line) and each["hcpcs"] == line["hcpcs"]
        ]  # fmt: skip
        single = [(o, m) for o, m in same if not m & DIGITS and "50" not in m and bool(m & LEFT) != bool(m & RIGHT)]
        each_side = [any(m & side for _, m in single) for side in (LEFT, RIGHT)]
        if sign == "1" and at in {o for o, _ in single} and all(each_side):
            found.add((at, "sides_on_two_lines"))
        again = {"76", "77", "59", "91", "XE", "XP", "XS", "XU", "58", "78", "79"}
        alike = [m for o, m in same if o != at and not m & again and "50" not in m and m & digits]
        if digits and alike and not both and not has & again:
            found.add((at, "digit_twice"))
    return found


def modifiers(lines):
    found = set()
    for at, line in enumerate(lines):
        has, days = set(mods(line)), GLOBAL.get(line["hcpcs"])
        if days == "ZZZ" and "51" in has:
            found.add((at, "several_on_add_on"))
        if days in ("000", "010", "090") and has & {"24", "25", "57"}:
            found.add((at, "visit_modifier_on_procedure"))
        if line["hcpcs"] in VISITS and has & {"59", "XE", "XP", "XS", "XU", "58", "78", "79"}:
            found.add((at, "procedure_modifier_on_visit"))
        if {"78", "79"} <= has or ("62" in has and has & ASSISTANT):
            found.add((at, "modifiers_contradict"))
    return found


def visits(lines):
    found = set()
    done = [each for each in lines if GLOBAL.get(each["hcpcs"]) in ("000", "010", "090")]
    done = [each for each in done if not set(mods(each)) & ASSISTANT]
    for at, line in enumerate(lines):
        if line["hcpcs"] not in VISITS:
            continue
        has, day = set(mods(line)), line["date_of_service"]
        periods = {GLOBAL[each["hcpcs"]] for each in done if group(each) == group(line)}
        if "090" in periods:
            if not has & {"24", "25", "57"}:
                found.add((at, "visit_with_major"))
            elif "25" in has and "57" not in has:
                found.add((at, "visit_wrong_modifier_major"))
        elif periods:
            if not has & {"24", "25", "57"}:
                found.add((at, "visit_with_minor"))
            elif "57" in has and "25" not in has:
                found.add((at, "visit_wrong_modifier_minor"))
        if not line["billing_npi"] or not line["beneficiary_id"]:
            continue
        for each in done:
            who = ("beneficiary_id", "billing_npi")
            if any(each[name] != line[name] for name in who) or "54" in mods(each):
                continue
            apart, period = day - each["date_of_service"], GLOBAL[each["hcpcs"]]
            after = timedelta(0) < apart <= timedelta(days=int(period))
            if after and not has & {"24", "58", "78", "79"}:
                found.add((at, "visit_after_surgery"))
            if period == "090" and apart == timedelta(days=-1) and "57" not in has:
                found.add((at, "visit_before_surgery"))
    return found


def complexity(lines):
    found = set()
    for at, line in enumerate(lines):
        day = line["date_of_service"]
        if line["hcpcs"] != "G2211" or day < date(2024, 1, 1):
            continue
        beside = [each for each in lines if group(each) == group(line)]
        visits_of = [each for each in beside if each["hcpcs"] in VISITS]
        preventive = any(each["hcpcs"] == "G0439" or "33" in mods(each) for each in beside)
        if visits_of and all("25" in mods(each) for each in visits_of) and not (preventive and day.year >= 2025):
            found.add((at, "complexity_beside_25"))
    return found
