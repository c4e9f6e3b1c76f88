"""Claim files of any length: a skewed mix of codes, one to five lines a claim, every rule met, written piece by piece.

The same release, seed and number of lines give the same file. A claim's lines stand together; claim numbers go up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from feecalc.pricing.schedule import FeeSchedule

SEED = 20_260_701
CLAIMS_A_PIECE = 250_000
LINES_A_CLAIM = (0.45, 0.25, 0.15, 0.10, 0.05)  # of 1, 2, ... lines
# What claims are about: how often, and the modifiers of their lines, each as often as it stands there.
ABOUT: dict[str, tuple[float, tuple[str, ...]]] = {
    "visit": (0.52, ("",) * 15 + ("25",) * 4 + ("33",)),
    "surgery": (
        0.14,
        ("",) * 22 + ("51",) * 3 + ("59",) * 3 + ("50", "50", "RT", "LT", "80", "AS", "62", "54", "78", "52"),
    ),
    "endoscopy": (0.04, ("",) * 9 + ("59",)),
    "imaging": (0.10, ("",) * 9 + ("26",) * 8 + ("TC", "TC", "59")),
    "film": (0.01, ("FX", "FY")),
    "therapy": (0.07, ("GP",) * 8 + ("59", "CQ")),
    "cardiovascular": (0.03, ("",) * 2 + ("26", "TC")),
    "ophthalmology": (0.02, ("",) * 8 + ("TC", "RT")),
    "sides": (0.03, ("RT", "LT", "RT", "LT", "50", "")),
    "any": (0.04, ("",)),
}  # fmt: skip
MORE_MODIFIERS = ("59", "25", "RT", "LT", "51", "22")  # a second one, of one line in twenty
PLACES = ("11",) * 14 + ("22",) * 5 + ("21",) * 3 + ("24",) * 2 + ("23", "31", "12", "02")
_ONE_SUBJECT = 0.75  # of a claim's lines are of what the claim is about
_ADD_ONS = 0.08  # of the lines of surgery
_WRONG = 0.004  # of lines have a code, or a locality, that does not exist


@dataclass(frozen=True)
class Pools:
    """Codes by subject, the oftener used ones first, and the localities."""

    codes: dict[str, pl.Series]
    families: list[pl.Series]
    localities: pl.DataFrame

    @classmethod
    def of(cls, schedule: FeeSchedule, chance: np.random.Generator) -> Pools:
        """The pools of a release."""
        rows = schedule.rvu.filter(pl.col("modifier") == "")
        has_rvus = pl.max_horizontal("total_rvu_facility", "total_rvu_nonfacility") > 0
        paid = rows.filter(pl.col("status_indicator").is_in(["A", "R", "T"]) & has_rvus)
        add_on, mppr = pl.col("global_days") == "ZZZ", pl.col("mppr_indicator")
        held = {
            "visit": paid.filter(~add_on & (mppr == "0") & (pl.col("pctc_indicator") == "0")),
            "surgery": paid.filter(~add_on & (mppr == "2")),
            "endoscopy": paid.filter(mppr == "3"),
            "imaging": paid.filter(mppr == "4"),
            "film": paid.filter((mppr == "4") | (pl.col("pctc_indicator") == "1")),
            "therapy": paid.filter(mppr == "5"),
            "cardiovascular": paid.filter(mppr == "6"),
            "ophthalmology": paid.filter(mppr == "7"),
            "sides": paid.filter(~add_on & pl.col("bilateral_indicator").is_in(["1", "3"])),
            "any": rows,
            "add-on": paid.filter(add_on),
        }
        codes = {about: _shuffled(found["hcpcs"], chance) for about, found in held.items()}
        codes = {about: found if len(found) else codes["any"] for about, found in codes.items()}
        members = held["endoscopy"].filter(pl.col("endoscopic_base") != "").sort("hcpcs")
        families = [
            pl.concat([found["hcpcs"], found["endoscopic_base"].head(1)])
            for found in members.partition_by("endoscopic_base", maintain_order=True)
        ]
        return cls(codes, families, schedule.localities.select("mac", "locality"))


def _shuffled(codes: pl.Series, chance: np.random.Generator) -> pl.Series:
    return codes.unique().sort().gather(chance.permutation(codes.n_unique()))


def _skewed(chance: np.random.Generator, choices: int, wanted: int) -> np.ndarray:
    """Positions among ``choices``, the k-th about as often as 1 / (k + 2)."""
    weights = 1 / (np.arange(choices) + 2)
    return np.searchsorted(np.cumsum(weights) / weights.sum(), chance.random(wanted)).clip(max=choices - 1)


def write(path: Path, lines: int, schedule: FeeSchedule, *, seed: int = SEED) -> None:
    """``lines`` claim lines as Parquet (zstd), a row group a piece."""
    chance = np.random.default_rng(seed)
    pools = Pools.of(schedule, chance)
    written, claims, writer = 0, 0, None
    while written < lines:
        piece = _piece(pools, schedule.release.year, chance, claims).head(lines - written)
        claims += CLAIMS_A_PIECE
        written += piece.height
        table = piece.to_arrow(compat_level=pl.CompatLevel.oldest())
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer:
        writer.close()


def _piece(pools: Pools, year: int, chance: np.random.Generator, first: int) -> pl.DataFrame:
    sizes = chance.choice(len(LINES_A_CLAIM), CLAIMS_A_PIECE, p=LINES_A_CLAIM) + 1
    claim = np.repeat(np.arange(CLAIMS_A_PIECE), sizes)
    lines = len(claim)
    shares = np.array([share for share, _ in ABOUT.values()])
    about = chance.choice(len(ABOUT), CLAIMS_A_PIECE, p=shares / shares.sum())[claim]
    about[chance.random(lines) > _ONE_SUBJECT] = list(ABOUT).index("visit")
    codes, modifiers = _codes(pools, about, claim, chance), _modifiers(about, chance)
    wrong = chance.random(lines) < _WRONG
    codes = codes.scatter(np.flatnonzero(wrong), "00000")
    second = np.where(chance.random(lines) < 0.05, chance.integers(len(MORE_MODIFIERS), size=lines), -1)
    second = pl.Series([*MORE_MODIFIERS, ""]).gather(second % (len(MORE_MODIFIERS) + 1))
    locality = _skewed(chance, pools.localities.height, CLAIMS_A_PIECE)[claim]
    new_year = (date(year, 1, 1) - date(1970, 1, 1)).days
    days = new_year + chance.integers(365, size=CLAIMS_A_PIECE)[claim]
    days = np.minimum(days + (chance.random(lines) < 0.03), new_year + 364)
    units = np.where(chance.random(lines) < 0.12, chance.integers(2, 5, size=lines), 1)
    cents = chance.integers(2_000, 90_000, size=lines)
    return pl.DataFrame(
        {
            "claim_id": "C" + pl.Series(first + claim).cast(pl.String).str.zfill(11),
            "line": pl.Series(np.arange(lines) - np.repeat(np.cumsum(sizes) - sizes, sizes) + 1).cast(pl.Int32),
            "date_of_service": pl.Series(days).cast(pl.Int32).cast(pl.Date),
            "hcpcs": codes,
            "modifier_1": modifiers,
            "modifier_2": second,
            "place_of_service": pl.Series(PLACES).gather(chance.integers(len(PLACES), size=CLAIMS_A_PIECE)[claim]),
            "mac": pools.localities["mac"].gather(locality),
            "locality": pools.localities["locality"].gather(locality),
            "units": pl.Series(units).cast(pl.Int32),
            "billed_amount": pl.Series(cents).cast(pl.Int128).reinterpret(dtype=pl.Decimal(12, 2)),
        }
    )


def _codes(pools: Pools, about: np.ndarray, claim: np.ndarray, chance: np.random.Generator) -> pl.Series:
    """A code for each line; the endoscopies of a claim are of one family."""
    offsets, texts = [], []
    for name in [*ABOUT, "add-on"]:
        offsets.append(len(texts))
        texts += pools.codes[name].to_list()
    at = np.zeros(len(about), np.int64)
    for number, name in enumerate(ABOUT):
        chosen = np.flatnonzero(about == number)
        at[chosen] = offsets[number] + _skewed(chance, len(pools.codes[name]), len(chosen))
        if name == "surgery":
            added = chosen[chance.random(len(chosen)) < _ADD_ONS]
            at[added] = offsets[-1] + _skewed(chance, len(pools.codes["add-on"]), len(added))
        if name == "endoscopy" and pools.families:
            starts = len(texts) + np.cumsum([0, *(len(family) for family in pools.families)])
            texts += [code for family in pools.families for code in family]
            family = claim[chosen] * 7919 % len(pools.families)
            sizes = np.array([len(each) for each in pools.families])[family]
            at[chosen] = starts[family] + chance.integers(sizes)
    return pl.Series(texts).gather(at)


def _modifiers(about: np.ndarray, chance: np.random.Generator) -> pl.Series:
    texts = [modifier for _, modifiers in ABOUT.values() for modifier in modifiers]
    sizes = np.array([len(modifiers) for _, modifiers in ABOUT.values()])
    starts = np.cumsum(sizes) - sizes
    return pl.Series(texts).gather(starts[about] + chance.integers(sizes[about]))
