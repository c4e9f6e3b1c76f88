"""The facet joint policy once more, line by line in plain Python with its numbers written out: nothing is shared with
the engine, not even the policy's file. Days from August 11, 2024 only."""

from datetime import date

REGION = {
    **dict.fromkeys(("64490", "64491", "64492", "64633", "64634"), "neck"),
    **dict.fromkeys(("64493", "64494", "64495", "64635", "64636"), "back"),
}
ABLATION = {"64633", "64634", "64635", "64636"}
THIRD = {"64492", "64495"}
FIRST = {"64490", "64493", "64633", "64635"}
FURTHER_JOINT = {"64634", "64636"}
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
    return (patient(line), line["date_of_service"], REGION[line["hcpcs"]], line["hcpcs"] in ABLATION)


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
        key = (patient(line), REGION[line["hcpcs"]], purpose[place])
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
        if (patient(line), REGION[line["hcpcs"]], purpose[place], line["date_of_service"]) in denied
    }


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


def judge(all_lines):
    """(place, rule) of every finding, sorted."""
    lines = list(enumerate(all_lines))
    done = [(place, line) for place, line in lines if line["hcpcs"] in REGION]
    purpose = purposes(done)
    found = set()
    for place, line in lines:
        if line["hcpcs"] in THIRD | ULTRASOUND:
            found.add((place, "not_covered"))
        if line["hcpcs"] in REGION and line["hcpcs"] not in THIRD and line["place_of_service"] in ("19", "22"):
            found.add((place, "prior_authorization"))
        if line["hcpcs"] in IMAGING and any(
            patient(line) == patient(other)
            and line["date_of_service"] == other["date_of_service"]
            and ("" in (line["billing_npi"], other["billing_npi"]) or line["billing_npi"] == other["billing_npi"])
            for _, other in done
        ):
            has = modifiers(line) & PASSING
            found.add((place, "included_service_with_modifier" if has else "included_service"))
    for place, line in done:
        if line["hcpcs"] not in ABLATION:
            if purpose[place] == "diagnostic" and "KX" not in modifiers(line):
                found.add((place, "modifier_missing"))
            if purpose[place] == "therapeutic" and "KX" in modifiers(line):
                found.add((place, "modifier_of_other_purpose"))
        given = [line.get(name) for name in ("diagnosis_1", "diagnosis_2")]
        given = [each.replace(".", "").strip().upper() for each in given if each]
        good = EITHER | (NECK_ONLY if REGION[line["hcpcs"]] == "neck" else BACK_ONLY)
        if given and not good & set(given):
            disc = any(each.startswith(("M50", "M51")) for each in given)
            found.add((place, "diagnosis_not_supported" if disc else "diagnosis_not_listed"))
    for place in over_the_year(done, purpose):
        found.add((place, "sessions_over_limit"))
    for group in grouped(done, lambda line: (patient(line), line["date_of_service"])):
        regions = list(dict.fromkeys(REGION[line["hcpcs"]] for _, line in group))
        found |= {(place, "regions_over_limit") for place, line in group if REGION[line["hcpcs"]] in regions[1:]}
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
            if line["hcpcs"] in FIRST or not all(own) or not first:
                continue
            mine = set().union(*own)
            if len(mine) == 1 and any(len(each) == 1 and each != mine for each in first):
                found.add((place, "next_level_for_other_side"))
    return sorted(found)
