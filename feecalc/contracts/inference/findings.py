"""What payments say of one clause: the odds of its readings, and whether one can be told from the others."""

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
_NO_ODDS = 1e-6  # a reading of less is not held against the best, line by line


@dataclass(frozen=True)
class Finding:
    """What the payments say of one clause: the reading, how sure (0 to 1), and others that fit them as well.

    ``verdict`` is sure; alike where only readings that pay these lines the same are as likely, so that the payments
    cannot tell them apart; or unsure. ``apart`` is how sure the reading itself is, ``sureness`` with those alike.
    """

    clause: str
    reading: str
    says: str
    sureness: Decimal
    alike: tuple[str, ...]  # the same amounts on these lines, to the tolerance
    others: tuple[tuple[str, Decimal], ...]  # the next likely, with their odds
    apart: Decimal = Decimal(1)
    needed: Decimal = Decimal("0.95")

    @property
    def sure(self) -> bool:
        """Whether the lines' amounts are sure, whichever of the readings that are alike is meant."""
        return self.sureness >= self.needed

    @property
    def verdict(self) -> str:
        return UNSURE if not self.sure else SURE if self.apart >= self.needed else ALIKE


@dataclass(frozen=True)
class Rival:
    """A reading with what speaks for it [lines]; those of one ``same`` pay every line alike, to the cent."""

    name: str
    says: str
    score: float
    same: int
    amounts: Callable[[], Integers]  # what it pays by line [cents, -1 where nothing is known]


def weigh_readings(
    clause: str, best: Rival, rivals: Sequence[Rival], terms: Thresholds, tolerance: int
) -> Finding:
    """Return the odds of each reading of a clause, whatever the others are; ``best`` is one of the ``rivals``."""
    scores = np.array([rival.score for rival in rivals])
    odds = np.exp(terms.nats * (scores - scores.max()))
    _, kind, many = np.unique([rival.same for rival in rivals], return_inverse=True, return_counts=True)
    odds = odds / many[kind]  # readings that cannot be told apart are one, not several
    odds = odds / odds.sum()
    by_name: dict[str, float] = {}
    for rival, share in zip(rivals, odds, strict=True):
        by_name[rival.name] = by_name.get(rival.name, 0.0) + float(share)
    alike = _alike(best, [rival for rival, share in zip(rivals, odds, strict=True) if share > _NO_ODDS], tolerance)
    others = sorted(((n, s) for n, s in by_name.items() if n not in alike), key=lambda pair: -pair[1])
    shown = tuple((name, share_of(share, 1)) for name, share in others[:_OTHERS_SHOWN] if share_of(share, 1))
    return Finding(
        clause,
        best.name,
        best.says,
        share_of(sum(by_name[name] for name in alike), 1),
        tuple(sorted(alike - {best.name})),
        shown,
        share_of(by_name[best.name], 1),
        terms.sure,
    )


def _alike(best: Rival, likely: Sequence[Rival], tolerance: int) -> set[str]:
    """Return the names of readings that pay every line what the best one pays, to the tolerance."""
    amounts, found = best.amounts(), {best.name}
    for rival in likely:
        if rival.name not in found and (
            rival.same == best.same or int(np.abs(rival.amounts() - amounts).max(initial=0)) <= tolerance
        ):
            found.add(rival.name)
    return found


def share_of(part: float, whole: float) -> Decimal:
    """Return a share, three decimals."""
    return rounded_to(Decimal(str(part / whole if whole else 0)), _SHARE_PLACES)
