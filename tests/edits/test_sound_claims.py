"""False alarms: sound claims of everyday billing, on CMS's own files, none of them denied, and few of them questioned.

The claims are those of the public cases (physician and facility) and others of their kind, and the samples that come
with feecalc. RVU25D, NCCI's pairs and unlikely units of 2024Q3 and add-on codes of 2026Q2 hold.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import feecalc
from feecalc.ingest.build import build
from feecalc.ingest.store import Store

DAY = date(2025, 10, 15)
FILES = (
    "zips/rvu25d.zip", "anesthesia_base_units_2022.xlsx", "ncci/ptp_practitioner_2024q3.csv.gz",
    "ncci/mue_practitioner_2024q3.csv", "ncci/AOC_V2026Q2-MCR.xlsx",
)  # fmt: skip
SAMPLES = Path(__file__).parents[2] / "data" / "samples"
GROUP = {"billing_npi": "1"}


def line(service: str, pos: str = "11", units: int = 1, **more: Any) -> dict[str, Any]:
    """A line of Miami: "64493-50-KX" is the code and its modifiers."""
    code, *modifiers = service.split("-")
    return {
        "hcpcs": code, "place_of_service": pos, "units": units, "mac": "09102", "locality": "04",
        "date_of_service": DAY, **{f"modifier_{place}": each for place, each in enumerate(modifiers, 1)}, **more,
    }  # fmt: skip


# name: lines, and the questions that may be asked of them
SOUND: dict[str, tuple[list[dict[str, Any]], set[str]]] = {
    "professional 1, the surgeon's own care": (
        [line("42145-54", "21"), line("42145-55", "21", postoperative_days=60)], set(),
    ),
    "professional 2, days in the units": ([line("66984-55-RT", "24", units=70)], set()),
    "professional 2a, days missing": ([line("66984-55", "24")], {"postoperative_days_missing"}),
    "professional 3, co-surgeons of one group": (
        [line("22612-62", "21", rendering_npi=each, **GROUP) for each in ("11", "12")], set(),
    ),
    "professional 4, two physicians of one group": (
        [line("99232", "21", rendering_npi=each, **GROUP) for each in ("11", "12")], {"physicians_may_be_one"},
    ),
    "professional 5, a return to surgery": ([line("44120-78", "21"), line("49002-78", "21")], set()),
    "professional 6, a preventive visit": ([line("G0439"), line("99213-25"), line("G2211")], set()),
    "professional 7, anesthesia": ([line("00790-AA", "21", minutes=125)], set()),
    "professional 7, two anesthetics of one session": (
        [line("00790-AA", "21", minutes=95), line("00840-AA", "21", minutes=30)], set(),
    ),
    "professional 8, an add-on of anesthesia": (
        [line("01952-AA", "21", minutes=60), line("01953-AA", "21", units=3)], set(),
    ),
    "professional 9, minutes in the units": (
        [line("00790-AA", "21", units=95)], {"anesthesia_minutes_in_units"},
    ),
    "professional 10, the reading of a test": ([line("93010", "22")], set()),
    "professional 12, endoscopies": ([line("31629", "22"), line("31624", "22")], set()),
    "professional 14, a shortage area": ([line("99213-AQ")], set()),
    "facility 3, imaging of another site": ([line("20611-RT"), line("76942-59")], set()),
    "facility 4, the other knee": ([line("29881-RT", "24"), line("29875-LT", "24")], set()),
    "facility 5, a screening turned diagnostic": ([line("45385-PT", "24")], set()),
    "facility 10, both sides of two levels": (
        [line(f"{code}-50-KX", diagnosis_1="M47.816") for code in ("64493", "64494")], set(),
    ),
    "facility 10, T12-L1 with L1-L2, as its contractor's article says": (
        [line(f"{code}-50-KX", diagnosis_1="M47.816", mac="15102", locality="00") for code in ("64490", "64494")],
        set(),
    ),
    "facility 10, T12-L1 with L1-L2 elsewhere": (
        [line(f"{code}-50-KX", diagnosis_1="M47.816") for code in ("64490", "64494")], {"one_region_elsewhere"},
    ),
    "facility 15, drugs and laboratory": (
        [line("99213"), line("J1100", units=4), line("36415"), line("80053")], set(),
    ),
    "therapy with its plan": ([line("97110-GP", units=2), line("97140-GP-59"), line("97530-GP-59")], set()),
    "therapy by an assistant": ([line("97110-GP-CQ"), line("97112-GP-CQ")], set()),
    "active chiropractic treatment": ([line("98941-AT")], set()),
    "a test done again": ([line("93010"), line("93010-76")], set()),
    "two parts of an image": ([line("71046-26"), line("71046-TC")], set()),
    "both sides of an image by sides": ([line("73560-RT"), line("73560-LT")], set()),
    "two sites in the colon": ([line("45385"), line("45380-59")], set()),
    "two levels of an epidural": ([line("64483-RT"), line("64484-RT")], set()),
    "critical care": ([line("99291", "21"), line("99292", "21", units=2)], set()),
    "a visit beside an injection": ([line("99214-25"), line("20610-RT")], set()),
    "surgery and its assistant": (
        [line("27447-RT", "21", **GROUP), line("27447-RT-AS", "21", provider_type="pa", **GROUP)],
        set(),
    ),
}  # fmt: skip
# Its policy comes without a list of diagnoses: not looked at, until one is given.
NO_LIST = {"two levels of an epidural"}
@pytest.fixture(scope="module")
def found(cms, tmp_path_factory):
    """All sound claims checked together, each a claim and a patient of its own."""
    store = Store(tmp_path_factory.mktemp("sound") / "home")
    for name in FILES:
        build(cms / name, store=store)
    rows = [
        {"claim_id": name, "beneficiary_id": name, "line": place, **each}
        for name, (given, _) in SOUND.items()
        for place, each in enumerate(given, 1)
    ]
    names = dict.fromkeys(name for row in rows for name in row)
    texts = {name for row in rows for name, value in row.items() if isinstance(value, str)}
    claims = pl.DataFrame({name: [row.get(name, "" if name in texts else None) for row in rows] for name in names})
    claims = claims.cast({"line": pl.Int32, "units": pl.Int32}).with_columns(
        provider_type=pl.col("provider_type").replace("", None)
    )
    return feecalc.check_claims(claims, home=store.home)


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_claim_is_not_denied_and_asked_no_more_than_it_must(found, name):
    told = found.found.filter(pl.col("claim_id") == name)
    assert told.filter(pl.col("severity") == "denies")["rule"].to_list() == []
    assert set(told["rule"]) <= SOUND[name][1]
    gaps = found.answers.gaps.filter(pl.col("claim_id") == name)["why"].to_list()
    assert all("no list of diagnoses comes with it" in each for each in gaps)
    assert bool(gaps) == (name in NO_LIST)


def test_questions_are_few(found):
    """Over all the sound claims: each is of what the claim leaves to be read, or no text says."""
    assert found.found.select("claim_id", "rule").unique(maintain_order=True).rows() == [
        ("professional 2a, days missing", "postoperative_days_missing"),
        ("professional 4, two physicians of one group", "physicians_may_be_one"),
        ("professional 9, minutes in the units", "anesthesia_minutes_in_units"),
        ("facility 10, T12-L1 with L1-L2 elsewhere", "one_region_elsewhere"),
    ]


def test_the_samples(monkeypatch, tmp_path):
    """On starter data: the samples' sound claims are not denied; those made to be found are."""
    monkeypatch.setenv("FEECALC_HOME", str(tmp_path))
    answers = {}
    for name in ("claims.csv", "facet.csv"):
        report = feecalc.check_claim_file(SAMPLES / name).report
        answers |= dict(report.claim_answers.select("claim_id", pl.col("answer").cast(pl.String)).iter_rows())
    denied = {claim for claim, answer in answers.items() if answer == "denied"}
    asked = {claim for claim, answer in answers.items() if answer in ("questioned", "reduced")}
    assert denied == {"F-04", "F-06", "F-07", "P-1010", "P-1011"}  # the four mistakes but one; no primary; no such code
    assert asked == {"F-05", "P-1005"}
    assert {answers[claim] for claim in ("F-01", "F-02", "F-03", "P-1001", "P-1004")} == {"nothing found"}
    assert {answers[claim] for claim in ("P-1002", "P-1003")} == {"not looked at"}  # facet codes without a diagnosis
