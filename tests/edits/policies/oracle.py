"""The facet joint policy once more, line by line in plain Python with its numbers written out: nothing is shared with
the engine, not even the policy's file. Days from January 1, 2025 only."""

from datetime import date, timedelta

REGION = {
    **dict.fromkeys(("64490", "64491", "64492", "64633", "64634"), "neck"),
    **dict.fromkeys(("64493", "64494", "64495", "64635", "64636"), "back"),
}
ABLATION = {"64633", "64634", "64635", "64636"}
THIRD = {"64492", "64495"}
FIRST = {"64490", "64493", "64633", "64635"}
FURTHER_JOINT = {"64634", "64636"}
THORACOLUMBAR = ({"64490", "64494"}, {"64633", "64636"})  # T12-L1 with L1-L2, each once: the back alone
ITS_WORDS_READ = {"15102", "15202", "06102", "06202", "06302", "13102", "13202", "13282", "13292", "14112", "14212",
                  "14312", "14412", "14512"}  # CGS and NGS
SEDATION = {"99152", "99153"}
ULTRASOUND = {"0213T", "0214T", "0215T", "0216T", "0217T", "0218T"}
IMAGING = {"77003", "77012", "76942"}
PASSING = {"59", "XE", "XP", "XS", "XU"}
NECK_ONLY = {"M47812", "M47813", "M47814", "M47892", "M47893", "M47894"}
BACK_ONLY = {"M47816", "M47817", "M47896", "M47897", "M5459"}
EITHER = {"M47815", "M47895"}


def modifiers(line):
    return {line.get(f"modifier_{place}") or "" for place in (1, 2)} - {""}


def sides(line):
    found = set()
    if modifiers(line) & {"RT", "50"}:
        found.add("R")
    if modifiers(line) & {"LT", "50"}:
        found.add("L")
    return found


def patient(line):
    return ("b", line["beneficiary_id"]) if line["beneficiary_id"] else ("c", line["claim_id"])


def session(line):
    return (patient(line), line["date_of_service"], line["region"], line["hcpcs"] in ABLATION)


def regions(lines):
    """The lines that are procedures, each with its region, and whether two regions are read as one."""
    found = []
    for place, line in lines:
        if line["hcpcs"] not in REGION:
            continue
        of_day = [other for _, other in lines if other["hcpcs"] in REGION and patient(other) == patient(line)
                  and other["date_of_service"] == line["date_of_service"]
                  and (other["hcpcs"] in ABLATION) == (line["hcpcs"] in ABLATION)]  # fmt: skip
        once = all(
            sum(o["units"] for o in of_day if o["hcpcs"] == code and side in (sides(o) or {"?"})) <= 1
            for code in {o["hcpcs"] for o in of_day} for side in "RL?"
        )  # fmt: skip
        joined = once and {o["hcpcs"] for o in of_day} in THORACOLUMBAR
        found.append((place, line | {"region": "back" if joined else REGION[line["hcpcs"]], "joined": joined}))
    return found


def purposes(lines):
    """Each procedure's purpose, by its place."""
    found = {}
    for place, line in lines:
        if line["hcpcs"] in ABLATION:
            found[place] = "ablation"
            continue
        same = [other for _, other in lines if session(other) == session(line)]
        word = line.get("purpose") or ""
        words = {other.get("purpose") for other in same} & {"diagnostic", "therapeutic"}
        if word in ("diagnostic", "therapeutic"):
            found[place] = word
        elif len(words) == 1:
            found[place] = next(iter(words))
        elif any("KX" in modifiers(other) for other in same):
            found[place] = "diagnostic"
        else:
            found[place] = "therapeutic"
    return found


def a_year_before(day):
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return date(day.year - 1, 2, 28)


def over_the_year(lines, purpose):
    """Places of lines in sessions beyond 4 (ablation: 2) paid ones of 12 months."""
    denied = set()
    days = {}
    for place, line in lines:
        key = (patient(line), line["region"], purpose[place])
        days.setdefault(key, set()).add(line["date_of_service"])
    for key, all_days in days.items():
        most = 2 if key[2] == "ablation" else 4
        paid = []
        for day in sorted(all_days):
            if sum(each > a_year_before(day) for each in paid) < most:
                paid.append(day)
            else:
                denied.add((*key, day))
    return {
        place
        for place, line in lines
        if (patient(line), line["region"], purpose[place], line["date_of_service"]) in denied
    }


def half_a_year_before(day):
    """Six months back: the same day, or the month's last one."""
    year, month = (day.year, day.month - 6) if day.month > 6 else (day.year - 1, day.month + 6)
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day.day - 1), first_of_next - timedelta(days=1))


def too_soon(done, purpose):
    """Places of diagnostic lines within 14 days of such a session on a side both have, ablations within 6 months."""
    found = set()

    def same(place, line, other_place, other):
        return (patient(line), line["region"], purpose[place]) == (
            patient(other), other["region"], purpose[other_place])  # fmt: skip

    for place, line in done:
        day = line["date_of_service"]
        if purpose[place] == "therapeutic":
            continue
        after = half_a_year_before(day) if purpose[place] == "ablation" else day - timedelta(days=14)
        own = [o for p, o in done if same(place, line, p, o) and o["date_of_service"] == day]
        for p, before in done:
            if not same(place, line, p, before) or not after < before["date_of_service"] < day:
                continue
            then = before["date_of_service"]
            those = [o for q, o in done if same(place, line, q, o) and o["date_of_service"] == then]
            mine, theirs = (
                {side for o in some if o["units"] > 0 for side in (sides(o) or {"?"})} for some in (own, those)
            )
            if mine & theirs or "?" in mine | theirs:
                found.add(place)
    return found


def joint_by_joint(lines, most):
    """For each line of one group: how many of its joints are over, its joints, and whether one side may be too full."""
    count = {"R": 0, "L": 0, "?": 0}
    found = []
    for place, line in lines:
        over_side = over_all = joints = 0
        for side in sorted(sides(line)) or ["?"]:
            for _ in range(line["units"]):
                count[side] += 1
                joints += 1
                over_side += side != "?" and count[side] > most
                over_all += sum(count.values()) > 2 * most
        full = max(count["R"], count["L"]) + count["?"]
        found.append((place, max(over_side, over_all), joints, count["?"] > 0 and full > most, count["?"]))
    return found


def grouped(lines, key):
    groups = {}
    for place, line in lines:
        groups.setdefault(key(line), []).append((place, line))
    return groups.values()


def few_before(done, purpose):
    """Places of ablations with fewer than two diagnostic days before, and no ablation in the two years before."""
    found = set()
    for place, line in done:
        if purpose[place] != "ablation" or not line["beneficiary_id"]:
            continue
        day = line["date_of_service"]
        key = (patient(line), line["region"])
        same = [(purpose[p], o["date_of_service"]) for p, o in done if (patient(o), o["region"]) == key]
        same = [(kind, when) for kind, when in same if when < day]
        since = a_year_before(a_year_before(day))
        again = any(kind == "ablation" and since < when for kind, when in same)
        if len({when for kind, when in same if kind == "diagnostic"}) < 2 and not again:
            found.add((place, "too_few_before"))
    return found


def with_npis(lines):
    """A line without a billing NPI has the only one that its claim names."""
    found = []
    for line in lines:
        named = {
            each["billing_npi"] for each in lines
            if patient(each) == patient(line) and each["claim_id"] == line["claim_id"] and each["billing_npi"]
        }  # fmt: skip
        only = next(iter(named)) if len(named) == 1 and not line["billing_npi"] else line["billing_npi"]
        found.append({**line, "billing_npi": only})
    return found


def judge(all_lines, with_history=False, of_history=0):
    """(place, rule) of every finding, sorted. ``of_history``: so many lines, the first, are of earlier claims."""
    lines = list(enumerate(all_lines[:of_history] + with_npis(all_lines[of_history:])))
    done = regions(lines)
    purpose = purposes(done)
    found = set()
    for place, line in lines:
        if line["hcpcs"] in THIRD | ULTRASOUND:
            found.add((place, "not_covered"))
        beside = any(
            patient(line) == patient(other)
            and line["date_of_service"] == other["date_of_service"]
            and ("" in (line["billing_npi"], other["billing_npi"]) or line["billing_npi"] == other["billing_npi"])
            for _, other in done
        )
        if line["hcpcs"] in IMAGING and beside:
            has = modifiers(line) & PASSING
            found.add((place, "included_service_with_modifier" if has else "included_service"))
        if line["hcpcs"] in SEDATION and beside:
            found.add((place, "sedation"))
    if with_history:
        found |= few_before(done, purpose)
    found |= {(place, "interval_too_short") for place in too_soon(done, purpose)}
    for place, line in done:
        if line["joined"] and line["mac"] not in ITS_WORDS_READ:
            found.add((place, "one_region_elsewhere"))
        if line["hcpcs"] not in ABLATION:
            if purpose[place] == "diagnostic" and "KX" not in modifiers(line):
                found.add((place, "modifier_missing"))
            if purpose[place] == "therapeutic" and "KX" in modifiers(line):
                found.add((place, "modifier_of_other_purpose"))
        given = [line.get(name) for name in ("diagnosis_1", "diagnosis_2")]
        given = [each.replace(".", "").strip().upper() for each in given if each]
        good = EITHER | (NECK_ONLY if line["region"] == "neck" else BACK_ONLY)
        if given and not good & set(given):
            disc = any(each.startswith(("M50", "M51")) for each in given)
            found.add((place, "diagnosis_not_supported" if disc else "diagnosis_not_listed"))
    for place in over_the_year(done, purpose):
        found.add((place, "sessions_over_limit"))
    for group in grouped(done, lambda line: (patient(line), line["date_of_service"])):
        in_order = list(dict.fromkeys(line["region"] for _, line in group))
        found |= {(place, "regions_over_limit") for place, line in group if line["region"] in in_order[1:]}
    for group in grouped(done, session):
        base = [sides(line) for _, line in group if line["hcpcs"] in FIRST and line["units"] > 0]
        both = {"R", "L"} <= set().union(*base, set())
        more = [(place, line) for place, line in group if line["hcpcs"] in FURTHER_JOINT]
        for place, over, joints, full, _ in joint_by_joint(more, 1):
            if over:
                found.add((place, "levels_over_limit" if over >= joints else "levels_partly_over_limit"))
            elif full and not both:
                found.add((place, "levels_unclear"))
    third = [(place, line) for place, line in done if line["hcpcs"] in THIRD]
    for group in grouped(third, lambda line: (patient(line), line["date_of_service"], line["hcpcs"])):
        for place, over, _, _, unsided in joint_by_joint(group, 1):
            if over or (not sides(dict(group)[place]) and unsided > 1):
                found.add((place, "units_over_day"))
    for group in grouped(done, lambda line: (session(line), line["billing_npi"])):
        of_code = {}
        for _, line in group:
            of_code.setdefault(line["hcpcs"], []).append(sides(line))
        first = [set().union(*each) for code, each in of_code.items() if code in FIRST and all(each)]
        for place, line in group:
            own = of_code[line["hcpcs"]]
            if line["hcpcs"] in FIRST or not all(own) or not first or line["joined"]:
                continue
            mine = set().union(*own)
            if len(mine) == 1 and any(len(each) == 1 and each != mine for each in first):
                found.add((place, "next_level_for_other_side"))
    return sorted(found)
