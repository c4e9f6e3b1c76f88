"""Claims at random over a schedule: every code, modifier and place, right and wrong, with the rules made to meet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
from pricing.claims.oracle_line import KNOWN_MODIFIERS

from feecalc.pricing.schedule import FeeSchedule

SCHEMA: dict[str, Any] = {
    "claim_id": pl.String, "line": pl.Int64, "date_of_service": pl.Date, "hcpcs": pl.String,
    "modifier_1": pl.String, "modifier_2": pl.String, "modifier_3": pl.String, "modifier_4": pl.String,
    "place_of_service": pl.String, "mac": pl.String, "locality": pl.String, "units": pl.Int64,
    "billed_amount": pl.Decimal(12, 2), "beneficiary_id": pl.String, "billing_npi": pl.String,
    "rendering_npi": pl.String, "specialty": pl.String,
    "provider_type": pl.String, "participating": pl.Boolean, "qp": pl.Boolean, "minutes": pl.Int64,
    "postoperative_days": pl.Int64, "deductible_left": pl.Decimal(12, 2),
}  # fmt: skip
PLACES = ("11", "11", "11", "22", "24", "21", "02", "10", "31", "32", "19", "23", "49", "81", "99", "01")
WRONG_PLACES = ("05", "07", "59", "00", "", "98", "XX")
UNKNOWN_MODIFIERS = ("ZZ", "00", "7Z")
PROVIDERS = ("physician", "physician", "np", "pa", "csw", "cnm", "pt", "rd", "")
USUAL = (
    "50", "RT", "LT", "59", "XS", "62", "80", "AS", "54", "55", "56", "78", "52", "26", "TC", "FX", "FY", "CT", "51",
    "CQ", "33", "PT",
)  # fmt: skip


def claims_frame(lines: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Lines as a frame of canonical columns, those not given at their defaults. Shape: SCHEMA."""
    blank = {name: "" if kind == pl.String else None for name, kind in SCHEMA.items()}
    usual = {"provider_type": "physician", "participating": True, "qp": False, "deductible_left": Decimal("0.00")}
    return pl.DataFrame([{**blank, **usual, **line} for line in lines], schema=SCHEMA, orient="row")


class Claims:
    """A maker of claims: same schedule and seed, same claims."""

    def __init__(self, schedule: FeeSchedule, seed: int) -> None:
        self.chance = np.random.default_rng(seed)
        self.chance_of_place = np.random.default_rng([seed, 1])  # apart: it changes no other draw
        self.chance_of_npi = np.random.default_rng([seed, 2])
        self.schedule = schedule
        rows = list(schedule.rvu.iter_rows(named=True))
        self.codes = sorted({row["hcpcs"] for row in rows})
        paid = [row for row in rows if row["status_indicator"] in "ART"]
        self.pools = {
            mppr: sorted({row["hcpcs"] for row in paid if row["mppr_indicator"] == mppr})
            for mppr in ("2", "3", "4", "5", "6", "7")
        }
        self.pools["add-on"] = sorted({row["hcpcs"] for row in paid if row["global_days"] == "ZZZ"})
        self.pools["T"] = sorted({row["hcpcs"] for row in paid if row["status_indicator"] == "T"})
        self.pools["J"] = sorted({row["hcpcs"] for row in rows if row["status_indicator"] == "J"})
        self.pools["sides"] = sorted({row["hcpcs"] for row in paid if row["bilateral_indicator"] in "0123"})
        self.pools["parts"] = sorted({row["hcpcs"] for row in paid if row["modifier"] == "TC"})
        self.families: dict[str, list[str]] = {}
        for row in paid:
            if row["endoscopic_base"]:
                self.families.setdefault(row["endoscopic_base"], []).append(row["hcpcs"])
        self.pools = {name: codes for name, codes in self.pools.items() if codes}
        self.places = schedule.localities.select("mac", "locality").rows()
        self.known = sorted(KNOWN_MODIFIERS - {"AQ"})

    def pick(self, choices: Any) -> Any:
        return choices[int(self.chance.integers(len(choices)))]

    def happens(self, share: float) -> bool:
        return bool(self.chance.random() < share)

    def frame(self, claims: int) -> pl.DataFrame:
        """``claims`` claims of 1 to 8 lines, their lines out of order. Shape: SCHEMA."""
        lines = [line for at in range(claims) for line in self._claim(at)]
        order = self.chance.permutation(len(lines))
        return pl.DataFrame([lines[at] for at in order], schema=SCHEMA, orient="row")

    def _claim(self, at: int) -> list[dict[str, Any]]:
        year = self.schedule.release.year
        mac, locality = self.pick(self.places)
        day = date(year, 1, 1) + timedelta(days=int(self.chance.integers(365)))
        shared = {
            "claim_id": f"C{at:07}",
            "date_of_service": day,
            "place_of_service": self.pick(PLACES),
            "mac": mac,
            "locality": locality,
            "beneficiary_id": f"B{int(self.chance.integers(at + 1)):07}" if self.happens(0.3) else "",
            "billing_npi": self.pick(("", "1", "2")),
            "provider_type": self.pick(PROVIDERS) if self.happens(0.4) else "physician",
            "participating": not self.happens(0.2),
            "qp": year >= 2026 and self.happens(0.2),
        }
        lines = self._pattern()[:8]
        physicians = self._physicians()
        return [
            self._line({**shared, **self.pick(physicians)}, number, *each) for number, each in enumerate(lines, start=1)
        ]

    def _physicians(self) -> list[dict[str, str]]:
        """Who may have rendered a line of one claim: nobody named, one, or two of like, unlike or unknown specialty."""
        if self.happens(0.4):
            return [{"rendering_npi": "", "specialty": ""}]
        npis, specialties = ("", "1", "11", "12"), ("", "", "20", "2", "02", "207X")
        count = 1 + int(self.chance.integers(3))
        return [{"rendering_npi": self.pick(npis), "specialty": self.pick(specialties)} for _ in range(count)]

    def _pattern(self) -> list[tuple[str, list[str]]]:
        """Codes with modifiers: lines that belong together, and some that do not."""
        found: list[tuple[str, list[str]]] = []
        for _ in range(1 + int(self.chance.integers(3))):
            kind = int(self.chance.integers(8))
            if kind == 0 and self.families:
                base = self.pick(sorted(self.families))
                codes = [self.pick(self.families[base]) for _ in range(1 + int(self.chance.integers(3)))]
                found += [(code, []) for code in [*codes, *([base] if self.happens(0.4) else [])]]
            elif kind == 1:
                code = self.pick(self.pools["sides"])
                found += [(code, ["RT"]), (code, ["LT"])]
            elif kind == 2:
                found += [(self.pick(self.codes), []) for _ in range(1 + int(self.chance.integers(4)))]
            elif kind == 3 and "parts" in self.pools:
                code = self.pick(self.pools["parts"])
                found += [(code, [self.pick(("", "26", "TC"))]), (code, [self.pick(("26", "TC"))])]
            else:
                pool = self.pools[self.pick(sorted(self.pools))]
                found += [(self.pick(pool), []) for _ in range(1 + int(self.chance.integers(3)))]
        if self.happens(0.15):
            assistant = self.pick(("80", "81", "82", "AS"))
            found += [(code, [*modifiers, assistant]) for code, modifiers in found[:3]]
        if self.happens(0.15):
            found = [(code, [*modifiers, "62"]) for code, modifiers in found[:3]] * 2
        return found

    def _line(self, given: dict[str, Any], number: int, hcpcs: str, modifiers: list[str]) -> dict[str, Any]:
        kept = [each for each in modifiers if each]
        while self.happens(0.25) and len(kept) < 4:
            kept.append(self.pick(USUAL) if self.happens(0.7) else self.pick(self.known))
        if self.happens(0.01) and len(kept) < 4:
            kept.append(self.pick(UNKNOWN_MODIFIERS))
        kept += [""] * (4 - len(kept))
        if self.happens(0.1):
            kept = [str(each) for each in self.chance.permutation(kept)]
        if not kept[3] and self.chance_of_place.random() < 0.15:
            kept[3] = ("AQ", "GP")[int(self.chance_of_place.integers(2))]
        units = self.pick((2, 2, 3, 7)) if self.happens(0.3) else 1
        if self.happens(0.02):
            units = self.pick((0, -1, None, 40, 10_000))
        if self.happens(0.001):
            units = 9_999
        given |= {
            "line": number,
            "hcpcs": hcpcs,
            **{f"modifier_{at}": modifier for at, modifier in enumerate(kept, start=1)},
            "units": units,
            "billed_amount": self._dollars(500_000) if self.happens(0.6) else None,
            "minutes": int(self.chance.integers(-10, 3_000)) if self.happens(0.2) else None,
            "postoperative_days": int(self.chance.integers(0, 95)) if self.happens(0.3) else None,
            "deductible_left": self._dollars(25_700) if self.happens(0.2) else Decimal("0.00"),
        }
        if self.happens(0.05):
            self._spoil(given)
        if self.chance_of_npi.random() < 0.15:
            given["billing_npi"] = ""  # of a claim whose other lines have one, or of a claim with two
        elif self.chance_of_npi.random() < 0.05:
            given["billing_npi"] = "3"
        return given

    def _dollars(self, most: int) -> Decimal:
        return Decimal(int(self.chance.integers(0, most))).scaleb(-2)

    def _spoil(self, given: dict[str, Any]) -> None:
        wrong = {
            "date_of_service": (None, date(1999, 1, 1), date(self.schedule.release.year + 1, 1, 1)),
            "hcpcs": ("00000", "", "9921", "ZZZZZ"),
            "place_of_service": WRONG_PLACES,
            "locality": ("77", ""),
            "mac": ("00000", ""),
            "billed_amount": (Decimal("-0.01"), Decimal("0.00")),
            "provider_type": ("wizard",),
        }
        name = self.pick(sorted(wrong))
        given[name] = self.pick(wrong[name])
