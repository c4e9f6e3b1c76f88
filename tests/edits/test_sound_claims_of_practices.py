"""False alarms: sound claims as practices, surgical centers and hospitals write them, by specialty; all must be clean.

Each was judged by hand: its codes go together by NCCI's pairs of 2024Q3 or carry the modifier that the record of such a
case supports, its units are within CMS's limits, and what a payer asks for (GP, AT, KX, a diagnosis) is there. RVU25D,
the ASC addenda and Addendum B of October 2025, and add-on codes of 2026Q2 hold.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from edits.test_sound_claims import FILES as PHYSICIANS

import feecalc
from feecalc.ingest.build import build
from feecalc.ingest.store import Store

DAY = date(2025, 10, 15)
FILES = (
    *PHYSICIANS, "asc/asc_20251001_Addendum_AA.csv", "asc/asc_20251001_Addendum_BB.csv",
    "asc/asc_20250101_Addendum_EE.csv", "opps/October_2025_Web_Addendum_B.csv", "opps/2025_NFRM_Addendum_A.txt",
    "opps/2025_NFRM_Addendum_J_rank.txt",
)  # fmt: skip
LUMBAR = {"diagnosis_1": "M47.816"}
SURGEON = {"billing_npi": "1", "rendering_npi": "11", "specialty": "02"}
EYES = {"billing_npi": "1", "rendering_npi": "11", "specialty": "18"}
HEART = {"billing_npi": "2", "rendering_npi": "12", "specialty": "06"}
MEDICINE = {"billing_npi": "3", "rendering_npi": "13", "specialty": "11"}
EMERGENCY = {"billing_npi": "4", "rendering_npi": "14", "specialty": "93"}
THERAPIST = {"billing_npi": "5", "rendering_npi": "15", "specialty": "65"}
ANESTHESIA = {"billing_npi": "6", "rendering_npi": "16", "specialty": "05"}
NURSE = {"billing_npi": "6", "rendering_npi": "17", "provider_type": "crna"}


def on(day: str, **more: Any) -> dict[str, Any]:
    return {"date_of_service": date.fromisoformat(day), **more}


Line = str | tuple[str, dict[str, Any]]
# name: place of service, and lines: "CODE-MODIFIERS xUNITS", with what more a line says
PRACTICES: dict[str, tuple[str, list[Line]]] = {
    # pain
    "sacroiliac joint": ("24", ["27096-RT"]),
    "both knees, the drug and a visit": ("11", ["99213-25", "20610-50", "J3301 x8"]),
    "trigger points": ("11", ["20553"]),
    "trial of a stimulator with two leads": ("11", ["63650 x2"]),
    "radiofrequency of two levels, both sides": ("24", [("64635-50", LUMBAR), ("64636-50", LUMBAR)]),
    "diagnostic blocks of two levels, both sides": ("11", [("64493-50-KX", LUMBAR), ("64494-50-KX", LUMBAR)]),
    "botulinum toxin and what was thrown away": ("11", ["64615", "J0585 x155", "J0585-JW x45"]),
    "botulinum toxin under electromyography": ("11", ["64616-RT", "95874-RT", "J0585 x100"]),
    "genicular nerves": ("11", ["64454-LT"]),
    "occipital nerves and a visit": ("11", ["64405-50", "99214-25"]),
    "vertebrae, one and a further": ("11", ["22514", "22515"]),
    # orthopedics
    "shoulder": ("24", ["29827-RT", "29826-RT", "29824-RT"]),
    "closed treatment of a fracture": ("11", ["25600-LT", "99203-57", "73110-LT"]),
    "two toes": ("24", ["28285-T1", "28285-T2"]),
    "carpal tunnel and a trigger finger": ("24", ["64721-RT", "26055-F6"]),
    "films of both knees by sides": ("11", ["73562-RT", "73562-LT", "99203"]),
    "lumbar fusion": ("21", ["22612", "22614", "22840", "63047-59", "22853"]),
    "cervical fusion, a plate of its own": ("21", ["22551", "22552", "22845-59", "22853"]),
    "knee replaced, then therapy elsewhere and a visit for another cause": ("11", [
        ("27447-RT", on("2025-10-01", place_of_service="21", **SURGEON)), ("97110-GP", on("2025-10-20", **THERAPIST)),
        ("99213-24", on("2025-10-20", **SURGEON)), ("20610-79-LT", on("2025-10-25", **SURGEON)),
    ]),
    # gastroenterology
    "three techniques in the colon": ("24", ["45385", "45380-59", "45381"]),
    "both ends of the tract": ("24", ["45385-PT", "43239-51"]),
    "screening colonoscopy": ("24", ["G0121"]),
    "colonoscopy not completed": ("24", ["45378-53"]),
    # cardiology
    "a visit and an electrocardiogram": ("11", ["99214-25", "93000"]),
    "echocardiogram in a hospital": ("22", ["93306-26"]),
    "transesophageal echocardiogram": ("22", ["93312-26", "93320-26", "93325-26"]),
    "stent and catheterization": ("22", ["92928-LD", "93458-26-59"]),
    "nuclear stress test": ("11", ["78452", "93015", "J2785 x4", "A9500 x2"]),
    "carotids and echocardiogram": ("11", ["93880", "93306"]),
    # anesthesia
    "nurse anesthetist alone": ("24", [("00142-QZ", {"minutes": 25, **NURSE})]),
    "medical direction": ("21", [
        ("00790-QK", {"minutes": 100, **ANESTHESIA}), ("00790-QX", {"minutes": 100, **NURSE}),
    ]),
    "labor, then a cesarean": ("21", [("01967-AA", {"minutes": 200}), ("01968-AA", {"minutes": 45})]),
    "a block for the pain afterwards": ("21", [("01402-AA", {"minutes": 95}), "64447-59-RT"]),
    "heart surgery with its lines": ("21", [("00562-AA", {"minutes": 240}), "36620", "93503-59"]),
    "physical status": ("21", [("00840-AA-P3", {"minutes": 80})]),
    "monitored care": ("24", [("00811-QZ-QS", {"minutes": 20, **NURSE})]),
    # therapy and chiropractic
    "evaluation and exercise": ("11", ["97161-GP", "97110-GP x2"]),
    "beyond the threshold": ("11", ["97110-GP-KX x2", "97112-GP-KX", "G0283-GP"]),
    "occupational therapy": ("11", ["97165-GO", "97535-GO x2"]),
    "speech and swallowing": ("11", ["92507-GN", "92526-GN"]),
    "three days of therapy": ("11", [
        (each, on(day)) for day in ("2025-10-01", "2025-10-03", "2025-10-06")
        for each in ("97110-GP", "97140-GP-59", "97530-GP")
    ]),
    "chiropractic and a new patient": ("11", ["98942-AT", "99203-25"]),
    # ophthalmology
    "injection into both eyes": ("11", ["67028-50", "J0178 x4", "92134"]),
    "glaucoma tests": ("11", ["92083", "92133", "92012"]),
    "biometry and an examination": ("11", ["92136-RT", "92014"]),
    "second eye in the first one's global days": ("24", [
        ("66984-RT", on("2025-10-01", **EYES)), ("66984-79-LT", on("2025-10-15", **EYES)),
    ]),
    # wellness and prevention
    "annual wellness with vaccines": ("11", ["G0439", "99213-25", "G0444-59", "G0008", "90662"]),
    "annual wellness and advance care planning": ("11", ["G0439", "99497-33"]),
    "welcome to Medicare": ("11", ["G0402", "G0403"]),
    "mammogram in three dimensions": ("11", ["77067", "77063"]),
    "pelvic examination and smear": ("11", ["G0101", "Q0091", "99213-25"]),
    "lung cancer counseling": ("11", ["G0296", "99213-25"]),
    # surgery, hospital and everything else
    "port under guidance": ("22", ["36561-RT", "77001-26", "76937-26"]),
    "central line under guidance": ("21", ["36556", "76937-26"]),
    "gallbladder, its anesthesia and its pathology": ("21", [
        ("99222-57", on("2025-10-01", **SURGEON)), ("47562", on("2025-10-02", **SURGEON)),
        ("00790-AA", on("2025-10-02", minutes=80, **ANESTHESIA)),
        ("88304-26", on("2025-10-02", billing_npi="7", rendering_npi="18", specialty="22")),
    ]),
    "a stay with surgery, the hospitalist's visits around it": ("21", [
        ("99223-AI", on("2025-10-01", **MEDICINE)), ("99232", on("2025-10-02", **MEDICINE)),
        ("47562", on("2025-10-02", **SURGEON)), ("99239", on("2025-10-04", **MEDICINE)),
    ]),
    "emergency, admission and the reading of a tracing": ("23", [
        ("99285", EMERGENCY), ("99223-AI", {"place_of_service": "21", **MEDICINE}), ("93010", HEART),
    ]),
    "a wound in the emergency department": ("23", ["99285-25", "12002"]),
    "skin biopsies and keratoses": ("11", ["11102", "11103 x2", "17000-59", "17003 x5", "99213-25"]),
    "Mohs surgery and repair": ("11", ["17311", "17312 x2", "13132"]),
    "chemotherapy": ("11", ["96413", "96415 x2", "96367", "96375 x2", "J9271 x200", "99214-25"]),
    "psychotherapy beside a visit": ("11", ["99214", "90833"]),
    "nails and calluses": ("11", ["11721-Q8", "11056-59-Q8"]),
    "nerve conduction": ("11", ["95886 x2", "95911", "99203-25"]),
    "sinuses, both sides": ("24", ["31267-50", "31255-50", "30140-50", "30520"]),
    "two films of a day": ("21", ["71045-26", "71045-26-76"]),
    "telehealth at home": ("10", ["99214-95"]),
    "care management": ("11", ["99490", "99439"]),
}  # fmt: skip
CENTERS: dict[str, list[Line]] = {
    "both sides of a facet level": [("64493-RT-KX", LUMBAR), ("64493-LT-KX", LUMBAR)],
    "radiofrequency, both sides": [("64635-RT", LUMBAR), ("64635-LT", LUMBAR)],
    "facet joint with drug and contrast": [("64493-RT-KX", LUMBAR), "J1100 x4", "Q9966 x5"],
    "both sacroiliac joints": ["G0260-RT", "G0260-LT"],
    "cataract": ["66984-RT"],
    "polyps": ["45385-PT", "45380-59-PT"],
    "both ends": ["45380", "43239-59"],
    "stopped before anesthesia": ["45378-73"],
    "toes": ["28285-T6", "28285-T7"],
    "fingers": ["26055-F1", "26055-F2"],
    "carpal tunnels": ["64721-RT", "64721-LT"],
    "ear tubes": ["69436-RT", "69436-LT"],
    "sinuses": ["31267-RT", "31267-LT", "31255-RT", "31255-LT"],
    "two leads": ["63650 x2"],
}
AUTHORIZED = {"prior_authorization": "A123"}
HOSPITALS: dict[str, list[Line]] = {
    "clinic visit with laboratory": ["G0463", "80053", "36415", "85025"],
    "clinic visit with an injection into a joint": ["G0463-25", "20610-RT", "J3301 x4"],
    "emergency visit with a push": ["99284-25", "96374", "J1885"],
    "emergency visit with a push and a scan": ["99284-25", "96374-59", "J1885", "74177", "Q9967 x100"],
    "emergency visit with a wound and a scan": ["99285-25", "12002", "70450", "90471", "90715"],
    "clinic and emergency visit of a day": ["G0463-27-25", "99284-25"],
    "observation": ["99285-25", "G0378 x20"],
    "facet joints, authorized": [("64493-50-KX", {**LUMBAR, **AUTHORIZED})],
    "stimulator, authorized": [("63650", AUTHORIZED)],
    "chemotherapy": ["96413", "96415 x2", "J9271-JZ x200"],
    "infusions": ["96365", "96366 x2", "96375"],
    "port under guidance": ["36561", "77001", "76937"],
    "stress test": ["93017", "78452", "A9500 x2"],
    "polyps": ["45385-PT"],
    "stent": ["92928-LD", "C1874"],
    "therapy": ["97161-GP", "97110-GP x2"],
    "breast biopsy": ["19083-LT", "77065-LT"],
    "films of both knees": ["73560-50"],
    "sacroiliac joints": ["G0260-50"],
    "transfusion": ["36430", "P9016 x2"],
    "skin substitute": ["15271", "Q4101 x20"],
    "cardiac rehabilitation": ["93798"],
    "vaccine": ["G0008", "90662"],
}  # fmt: skip
BILLS: dict[str, dict[str, tuple[str, list[Line]]]] = {
    "professional": PRACTICES,
    "asc": {name: ("24", lines) for name, lines in CENTERS.items()},
    "hospital": {name: ("22", lines) for name, lines in HOSPITALS.items()},
}


def read(given: Line, place: str) -> dict[str, Any]:
    text, more = (given, {}) if isinstance(given, str) else given
    service, _, units = text.partition(" x")
    code, *modifiers = service.split("-")
    return {
        "hcpcs": code, "units": int(units or 1), "place_of_service": place, "date_of_service": DAY, "mac": "09102",
        "locality": "04", **{f"modifier_{number}": each for number, each in enumerate(modifiers, 1)}, **more,
    }  # fmt: skip


@pytest.fixture(scope="module")
def checked(cms, tmp_path_factory):
    """All claims of a kind of bill checked together, each a claim and a patient of its own."""
    store = Store(tmp_path_factory.mktemp("practices") / "home")
    for name in FILES:
        build(cms / name, store=store)
    return {bill: feecalc.check_claims(as_lines(claims), bill=bill, home=store.home) for bill, claims in BILLS.items()}


def as_lines(claims: dict[str, tuple[str, list[Line]]]) -> pl.DataFrame:
    rows = [
        {"claim_id": name, "beneficiary_id": name, "line": number, **read(each, place)}
        for name, (place, lines) in claims.items()
        for number, each in enumerate(lines, 1)
    ]
    names = list(dict.fromkeys(name for row in rows for name in row))
    texts = {name for row in rows for name, value in row.items() if isinstance(value, str)} - {"provider_type"}
    frame = pl.DataFrame({name: [row.get(name, "" if name in texts else None) for row in rows] for name in names})
    return frame.cast({"line": pl.Int32, "units": pl.Int32})


@pytest.mark.parametrize(("bill", "name"), [(bill, name) for bill, claims in BILLS.items() for name in claims])
def test_a_sound_claim_is_clean(checked, bill, name):
    found = checked[bill]
    told = found.found.filter(pl.col("claim_id") == name)
    assert told.select("line", "rule", "detail").rows() == []
    assert found.answers.gaps.filter(pl.col("claim_id") == name)["why"].to_list() == []
    answer = found.answers.claims.filter(pl.col("claim_id") == name)["answer"].cast(pl.String).item()
    assert answer == "nothing found"


def test_what_was_not_looked_at_of_contractors_lists_is_said_once(checked):
    """76937 and 77001 are add-ons of type 2: CMS lists no primary."""
    (said,) = [each for each in checked["professional"].answers.beyond if "contractors' lists" in each]
    assert "76937, 77001," in said
