"""The edits once more, slowly: plain Python over lines one by one, written from the rules and not from the package.

Lines are dictionaries as ``made_up.lines`` makes them. Knows the made-up tables only. Returns {(row, rule)}; what the
pricing core hands on is not looked at here.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from edits.made_up import ADD_ONS, CODES, PAIRS, QUARTER, UNITS

DISTINCT = {"59", "XE", "XP", "XS", "XU"}
APART = {"91", "24", "25", "57", "58", "78", "79", "27"}
LEFT = {"LT", "E1", "E2", "FA", "F1", "F2", "F3", "F4", "TA", "T1", "T2", "T3", "T4"}
RIGHT = {"RT", "E3", "E4", "F5", "F6", "F7", "F8", "F9", "T5", "T6", "T7", "T8", "T9"}
SITES = LEFT | RIGHT | {"LC", "LD", "RC", "LM", "RI"}
DIGITS = (LEFT | RIGHT) - {"LT", "RT"}
ASSISTANT = {"80", "81", "82", "AS"}
PART = ASSISTANT | {"26", "TC", "54", "56"}
FEE = {code: Decimal(fee) for code, fee, _, _ in CODES}
GLOBAL = {code: days for code, _, days, _ in CODES}
BILATERAL = {code: sides for code, _, _, sides in CODES}
OFFICE, HOSPITAL = {"99213", "99214", "99304"}, {"99232", "99238"}
VISITS = OFFICE | HOSPITAL


def mods(line):
    return [line.get(f"modifier_{n}", "") for n in (1, 2, 3, 4) if line.get(f"modifier_{n}", "")]


def patient(line):
    return ("B", line["beneficiary_id"]) if line["beneficiary_id"] else ("C", line["claim_id"])


def practice(line):
    return line["billing_npi"] or line.get("rendering_npi", "")


def specialty(line):
    text = line.get("specialty", "").strip().upper()
    return "0" + text if len(text) == 1 else text


def with_npis(lines):
    """A blank NPI is the only one of its kind that the claim names; so is a specialty where no NPI rendered a line."""
    found = []
    for line in lines:
        same = [each for each in lines if patient(each) == patient(line) and each["claim_id"] == line["claim_id"]]
        own = dict(line)
        for name in ("billing_npi", "rendering_npi"):
            named = {each.get(name, "") for each in same} - {""}
            if not own.get(name, "") and len(named) == 1:
                own[name] = named.pop()
        named = {specialty(each) for each in same} - {""}
        if not specialty(own) and len(named) == 1 and not any(each.get("rendering_npi", "") for each in same):
            own["specialty"] = named.pop()
        found.append(own)
    return found


def of_one_facility(lines):
    """A facility's lines name it by billing NPI; where that is who rendered a line, by another of its claim."""
    others = [{**line, "billing_npi": ""} if line["billing_npi"] == line["rendering_npi"] else line for line in lines]
    found = with_npis(others)
    for line in found:
        claim = patient(line), line["claim_id"]
        named = {each["rendering_npi"] for each in found if (patient(each), each["claim_id"]) == claim}
        line["facility"] = line["billing_npi"] or (named.pop() if len(named) == 1 else "")
    nobody = {"physician": "", "is_known": True, "rendering_npi": ""}
    return [{**line, **nobody, "billing_npi": line["facility"]} for line in found]


def npis_not_known(lines):
    """A line without an NPI whose claim names some: two and more, or it would have the one."""
    return {
        (at, "npi_not_known") for at, line in enumerate(lines) for name in ("billing_npi", "rendering_npi")
        if not line.get(name, "") and any(
            each.get(name, "") for each in lines
            if patient(each) == patient(line) and each["claim_id"] == line["claim_id"]
        )
    }  # fmt: skip


def with_physicians(lines):
    """Pub. 100-04 ch. 12 sec. 30.6.5: physicians of one group and one specialty are one."""
    lines = with_npis(lines)
    found = []
    for line in lines:
        npi, of_npi = line.get("rendering_npi", ""), specialty(line)
        if npi:
            named = {
                specialty(each) for each in lines
                if patient(each) == patient(line) and each.get("rendering_npi", "") == npi and specialty(each)
            }  # fmt: skip
            of_npi = named.pop() if len(named) == 1 else ""
        who = ("specialty", of_npi) if of_npi else ("NPI", npi)
        found.append({**line, "physician": who, "is_known": len(of_npi) == 2})
    return found


def group(line):
    return patient(line), line["date_of_service"], practice(line), line["physician"]


def may_be_one(lines, one, two):
    """Whether two lines are of one physician, or may be: someone of their group's day is of no known specialty."""
    if group(one)[:3] != group(two)[:3]:
        return False
    unknown = any(not each["is_known"] for each in lines if group(each)[:3] == group(one)[:3])
    return unknown or group(one) == group(two)


def holds(first, last, day):
    return (first is None or first <= day) and (last is None or day <= last)


def listed(line):
    """The modifiers of NCCI's list: ch. 23 sec. 20.9.1.1. 59 and X on a visit are read as if they were not there."""
    has = set(mods(line)) & (DISTINCT | APART | SITES)
    return has - DISTINCT if line["hcpcs"] in VISITS | {"99291", "99292"} else has


def repeats(lines):
    """Exact duplicates: denied, and counted nowhere else."""
    return {at for at, rule in duplicates(lines) if rule == "duplicate_line"}


def pairs(lines, bill="professional"):
    found, twice = set(), repeats(lines)
    for place, two in enumerate(lines):
        for other, one in enumerate(lines):
            if place == other or group(one) != group(two) or twice & {place, other}:
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
            mine, theirs = listed(two), listed(one)  # column 2, column 1
            if indicator == "0":
                found.add((place, "ncci_pair_never" if certain else "ncci_pair_undated"))
                continue
            if bill == "hospital":
                on_column_1, asked = theirs, theirs - APART  # 25 belongs on the visit, which may be column 1
            elif day >= date(2025, 6, 3):
                on_column_1, asked = theirs, theirs & SITES
            elif day >= date(2019, 7, 1):
                on_column_1, asked = theirs, theirs - DISTINCT
            else:
                on_column_1, asked = set(), set()
            passes = bool(mine or on_column_1)
            same = bool(mine) and mine <= SITES and mine == theirs
            wide = [own | ({"LT", "RT"} if "50" in mods(line) else set()) for own, line in ((mine, two), (theirs, one))]
            if same and bill != "hospital" and day >= date(2025, 6, 3):
                rule = "ncci_pair_same_modifier" if certain else "ncci_pair_undated"
            elif passes and wide[0] & wide[1] & SITES:
                rule = "ncci_pair_same_site"
            elif passes and not mine and on_column_1 <= asked:
                rule = "ncci_pair_column_1"
            elif passes:
                continue
            else:
                rule = "ncci_pair" if certain else "ncci_pair_undated"
            found.add((place, rule))
    return found


def units(lines, bill="professional", *, own_list=False):  # own_list: the hospitals' own limits
    found, twice = set(), repeats(lines)
    limits = {code: (most, mai) for code, most, mai in UNITS}

    def part(at, line):
        surgeon = at if {"62", "66"} & set(mods(line)) else None  # one of two surgeons: by himself
        physician = None if line["hcpcs"] in VISITS else line.get("rendering_npi", "")
        return surgeon, physician, [each for each in mods(line) if each in PART]

    def counts(line):  # with 55 the units are days
        return "55" not in mods(line) and line["units"] > 0

    for place, line in enumerate(lines):
        if place in twice or line["hcpcs"] not in limits or line["date_of_service"] < QUARTER or not counts(line):
            continue
        most, mai = limits[line["hcpcs"]]
        if bill == "asc" and mai in "23" and BILATERAL[line["hcpcs"]] in "13":
            most *= 2  # both sides stand on two lines there
        total = line["units"] if mai == "1" else sum(
            other["units"] for at, other in enumerate(lines) if counts(other) and at not in twice
            and group(other) == group(line) and other["hcpcs"] == line["hcpcs"] and part(at, other) == part(place, line)
        )  # fmt: skip
        if total > most > 0:
            found.add((place, {"1": "mue_line", "2": "mue_day", "3": "mue_day_evidence"}[mai]))
        elif total > most and (bill != "hospital" or own_list):
            found.add((place, "mue_zero"))
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
        any(may_be_one(lines, other, line) and not edits[at] for at, other in enumerate(lines)) for line in lines
    ]
    lenient = [any(kind in "23" for kind, _ in each) for each in edits]
    paid = {at for at in range(len(lines)) if not edits[at] or (lenient[at] and accompanied[at])}

    def leans_on(at):
        return {
            other for other, line in enumerate(lines)
            if other != at and may_be_one(lines, line, lines[at]) and (line["hcpcs"] in {p for _, p in edits[at]})
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
        elif "3" in kinds and not leans_on(at) & paid:
            found.add((at, "add_on_contractor_accepts"))
    return found


def sides(lines):
    found = set()
    for at, line in enumerate(lines):
        has = set(mods(line))
        left, right, both, digits = bool(has & LEFT), bool(has & RIGHT), "50" in has, has & DIGITS
        sign = BILATERAL.get(line["hcpcs"], "")
        if both and (left or right):
            found.add((at, "both_sides_and_one"))
        if both and line["units"] > 1 and "55" not in has:  # with 55 the units are days
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
        if {"GA", "GZ"} <= has or ("GX" in has and has & {"GA", "GZ", "EY", "GL"}):  # other pairs are pricing's to say
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
        if "FT" in has and day >= date(2022, 1, 1):
            continue  # an unrelated visit, on the day and in the days around
        periods = {GLOBAL[each["hcpcs"]] for each in done if group(each) == group(line)}
        on_the_day = has & {"25", "57"}
        if periods and "24" in has and not on_the_day:
            found.add((at, "visit_modifier_of_later_days"))
        elif "090" in periods:
            if not on_the_day:
                found.add((at, "visit_with_major"))
            elif on_the_day == {"25"}:
                found.add((at, "visit_wrong_modifier_major"))
        elif periods:
            if not on_the_day:
                found.add((at, "visit_with_minor"))
            elif on_the_day == {"57"}:
                found.add((at, "visit_wrong_modifier_minor"))
        if not practice(line) or not line["beneficiary_id"]:
            continue
        for each in done:
            same = all(each[name] == line[name] for name in ("beneficiary_id", "physician"))
            if not same or practice(each) != practice(line) or "54" in mods(each):
                continue
            apart, period = day - each["date_of_service"], GLOBAL[each["hcpcs"]]
            after = timedelta(0) < apart <= timedelta(days=int(period))
            if after and not has & {"24", "58", "78", "79"}:
                found.add((at, "visit_after_surgery"))
            if period == "090" and apart == timedelta(days=-1) and "57" not in has:
                found.add((at, "visit_before_surgery"))
    return found


def visits_of_day(lines):
    """Secs. 30.6.5, 30.6.7.B, 30.6.9: one visit a day is paid; a discharge and an admission elsewhere both are."""
    found = set()
    groups = {}
    for at, line in enumerate(lines):
        if line["hcpcs"] in VISITS:
            groups.setdefault(group(line), []).append(at)
    for places in groups.values():
        unnamed = [at for at in places if not practice(lines[at])]
        if len(unnamed) > 1:
            found |= {(at, "visits_without_npi") for at in unnamed}
        named = [at for at in places if practice(lines[at])]
        discharged = any(lines[at]["hcpcs"] == "99238" for at in named)
        counted = []
        for at in named:
            code, has = lines[at]["hcpcs"], set(mods(lines[at]))
            if "FT" in has and lines[at]["date_of_service"] >= date(2022, 1, 1) and code not in HOSPITAL:
                continue
            beside = any(
                group(each) == group(lines[at]) and GLOBAL.get(each["hcpcs"]) in ("000", "010", "090")
                and not set(mods(each)) & ASSISTANT for each in lines
            )  # fmt: skip
            if not (code == "99304" and discharged):
                counted.append((beside and not has & {"24", "25", "57"}, -FEE[code], at))
        for *_, at in sorted(counted)[1:]:
            known = lines[at].get("rendering_npi", "") or lines[at].get("specialty", "")
            found.add((at, "visit_again" if known else "visit_again_of_group"))
    return found


def complexity(lines):
    found = set()
    for at, line in enumerate(lines):
        day = line["date_of_service"]
        if line["hcpcs"] != "G2211" or day < date(2024, 1, 1):
            continue
        beside = [each for each in lines if group(each) == group(line)]
        visits_of = [each for each in beside if each["hcpcs"] in {"99213", "99214"}]
        preventive = any(each["hcpcs"] == "G0439" or "33" in mods(each) for each in beside)
        if visits_of and all("25" in mods(each) for each in visits_of) and not (preventive and day.year >= 2025):
            found.add((at, "complexity_beside_25"))
    return found


AGAIN = {"58", "59", "76", "77", "78", "79", "91", "XE", "XP", "XS", "XU"}
SERVICES = SITES | AGAIN | {"50", "26", "TC", "53", "54", "55", "56", "73", "74", "80", "81", "82", "AS", "AA", "AD",
                            "QK", "QX", "QY", "QZ", "GN", "GO", "GP", "CQ", "CO", "24", "25", "27", "57", "JW",
                            "JZ"}  # fmt: skip


def duplicates(lines):
    found = set()

    def same(one, two):
        fields = ("hcpcs", "place_of_service")
        apart = set(mods(one)) & SERVICES != set(mods(two)) & SERVICES
        surgeons = (set(mods(one)) | set(mods(two))) & {"62", "66"}
        alike = group(one) == group(two) and all(one[each] == two[each] for each in fields)
        alike = alike and one.get("rendering_npi", "") == two.get("rendering_npi", "")
        two_surgeons = surgeons and not one.get("rendering_npi", "")
        return alike and not apart and not two_surgeons

    for at, line in enumerate(lines):
        before = [each for each in lines[:at] if same(each, line)]
        if not before:
            continue
        amounts = ("units", "billed_amount")
        exact = [each for each in before if all(each.get(name) == line.get(name) for name in amounts)]
        named = line["billing_npi"] or line.get("rendering_npi", "")
        one_provider = named or (exact and exact[0]["claim_id"] == line["claim_id"])
        denied = exact and one_provider and not set(mods(line)) & AGAIN
        found.add((at, "duplicate_line" if denied else "duplicate_suspect"))
    return found


def needed(lines):
    found = set()
    for at, line in enumerate(lines):
        has, code, day = set(mods(line)), line["hcpcs"], line["date_of_service"]
        if code in ("97110", "97165") and not has & {"GY", "GZ"}:
            if day >= date(2018, 1, 1) and not has & {"GP", "GO", "GN"}:
                found.add((at, "therapy_plan_missing"))
            if day >= date(2020, 1, 1) and (("CQ" in has and "GP" not in has) or ("CO" in has and "GO" not in has)):
                found.add((at, "therapy_assistant_plan"))
            if code == "97165" and has & {"GP", "GN"} and "GO" not in has:
                found.add((at, "therapy_plan_of_another"))
        if code == "98940":
            if "AT" not in has and not has & {"GA", "GY", "GZ"}:
                found.add((at, "manipulation_as_maintenance"))
            if "GA" in has and "AT" not in has and not has & {"GY", "GZ"}:
                found.add((at, "manipulation_with_notice"))
            if {"AT", "GA"} <= has and day >= date(2015, 11, 1):
                found.add((at, "manipulation_active_with_notice"))
    return found


def notices(lines):
    return {
        (at, "notice_on_file") for at, line in enumerate(lines)
        if "GA" in mods(line) and not set(mods(line)) & {"GY", "GZ"}
    }  # fmt: skip
