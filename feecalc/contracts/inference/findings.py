"""What payments show about one clause: the odds of its readings, and whether one stands out from the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from feecalc.contracts.inference.thresholds import Thresholds
from feecalc.money import rounded_to
from feecalc.pricing.arrays import Integers

SURE, ALIKE, UNSURE = "sure", "alike", "unsure"
_SHARE_PLACES = 3
_OTHERS_SHOWN = 3
_NO_ODDS = 1e-6  # a reading with less is not compared with the best, line by line


@dataclass(frozen=True)
class Finding:
    """The most likely reading of one clause, its probability (0 to 1), and the next likely readings.

    ``verdict`` is sure; alike where the only readings as likely pay these lines the same, so that the payments cannot
    distinguish them; or unsure. ``reading_sureness`` is the probability of the reading itself, ``sureness`` that of the
    reading and those alike.
    """

    clause: str
    reading: str
    meaning: str
    sureness: Decimal
    alike: tuple[str, ...]  # the same amounts on these lines, to the tolerance
    others: tuple[tuple[str, Decimal], ...]  # the next likely, with their odds
    reading_sureness: Decimal = Decimal(1)
    needed: Decimal = Decimal("0.95")

    @property
    def sure(self) -> bool:
        """Whether the lines' amounts are certain enough, whichever of the readings that pay the same applies."""
        return self.sureness >= self.needed

    @property
    def verdict(self) -> str:
        return UNSURE if not self.sure else SURE if self.reading_sureness >= self.needed else ALIKE


@dataclass(frozen=True)
class RivalReading:
    """A reading and its score [lines]. Readings of one ``amounts_number`` pay every line the same, to the cent."""

    name: str
    meaning: str
    score: float
    amounts_number: int
    amounts: Callable[[], Integers]  # what it pays by line [cents, -1 where nothing is known]


def score_readings(
    clause: str, best: RivalReading, rivals: Sequence[RivalReading], thresholds: Thresholds, tolerance: int
) -> Finding:
    """Return the finding for a clause from the scores of its readings; ``best`` is one of the ``rivals``."""
    scores = np.array([rival.score for rival in rivals])
    odds = np.exp(thresholds.nats * (scores - scores.max()))
    _, kind, times = np.unique([rival.amounts_number for rival in rivals], return_inverse=True, return_counts=True)
    odds = odds / times[kind]  # readings with the same amounts count as one
    odds = odds / odds.sum()
    by_name: dict[str, float] = {}
    for rival, share in zip(rivals, odds, strict=True):
        by_name[rival.name] = by_name.get(rival.name, 0.0) + float(share)
    alike = _alike(best, [rival for rival, share in zip(rivals, odds, strict=True) if share > _NO_ODDS], tolerance)
    others = sorted(((n, name_share) for n, name_share in by_name.items() if n not in alike), key=lambda pair: -pair[1])
    shown = tuple((name, share_of(share, 1)) for name, share in others[:_OTHERS_SHOWN] if share_of(share, 1))
    return Finding(
        clause,
        best.name,
        best.meaning,
        share_of(sum(by_name[name] for name in alike), 1),
        tuple(sorted(alike - {best.name})),
        shown,
        share_of(by_name[best.name], 1),
        thresholds.sure,
    )


def _alike(best: RivalReading, likely: Sequence[RivalReading], tolerance: int) -> set[str]:
    """Return the names of readings that pay every line what the best reading pays, to the tolerance."""
    amounts, names = best.amounts(), {best.name}
    for rival in likely:
        if rival.name not in names and (
            rival.amounts_number == best.amounts_number
            or int(np.abs(rival.amounts() - amounts).max(initial=0)) <= tolerance
        ):
            names.add(rival.name)
    return names


def share_of(part: float, whole: float) -> Decimal:
    """Return a part's share of a whole (0 to 1), three decimals."""
    return rounded_to(Decimal(str(part / whole if whole else 0)), _SHARE_PLACES)
