"""Every code that an edit knows by one number, and what each edit's own number of it is: codes are looked up once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from feecalc.edits.coding.complexity import uses_of
from feecalc.edits.coding.visits import global_period
from feecalc.edits.lines.prepared import indicators
from feecalc.edits.policies.policy import Policy
from feecalc.edits.tables import EditTables
from feecalc.pricing.arrays import Flags, Whole
from feecalc.pricing.release_tables import ReleaseTables

# Indicators of RVU25D.pdf, Attachment A.
_NO_RANKING, _ADD_ON, _PAID_ONLY_ALONE = ("0", "9"), "ZZZ", "T"


@dataclass(frozen=True)
class CodeNumbers:
    """Tables by the number of a code. The last row of each stands for codes that no edit knows. Shape: [code + 1]."""

    kind: pl.Enum
    pair: Whole | None  # in the pairs' own list, -1 for none; None: no pairs are installed
    unit: Whole | None
    add_on: Whole | None
    in_policy: Flags
    alone: Flags  # no other line of the day can change what the code pays, in any release
    asks_all: Flags  # paid only with, or only without, any other line of the day
    complexity: Whole  # bits of ``complexity.uses_of``
    visit: Flags  # [release, code + 1]
    period: Whole  # 0: no surgery, 1: minor, 2: major [release, code + 1]

    @classmethod
    def of(cls, tables: EditTables, releases: Sequence[ReleaseTables], policies: Sequence[Policy]) -> CodeNumbers:
        """The codes of all of these."""
        kinds = [
            None if index is None else index.codes
            for index in (tables.pair_index, tables.unit_index, tables.add_on_index)
        ]
        known = [indicators(each) for each in releases]
        meant = pl.Series([code for policy in policies for code in policy.codes()], dtype=pl.String)
        listed = [kind.categories for kind in kinds if kind is not None]
        words = pl.concat([*listed, *(each.rvu["hcpcs"] for each in releases), meant]).unique().sort()
        pair, unit, add_on = (None if kind is None else _numbers(words, kind) for kind in kinds)
        in_policy = np.append(words.is_in(meant.implode()).to_numpy(), [False])
        asked = words.to_frame("hcpcs")
        of_each = [asked.join(each, on="hcpcs", how="left", maintain_order="left") for each in known]
        visit = np.array([np.append(each["visit"].fill_null(False).to_numpy(), [False]) for each in of_each])
        period = np.array([np.append(each.select(global_period()).to_series().to_numpy(), [0]) for each in of_each])
        complexity = np.append(uses_of(words), np.int8(0))
        ranked = ~pl.col("mppr_indicator").is_in(_NO_RANKING)
        asks_all = (pl.col("global_days") == _ADD_ON) | (pl.col("status_indicator") == _PAID_ONLY_ALONE)
        held = [_is_one_of(words, releases, each) for each in (ranked | asks_all, asks_all)]
        return cls(pl.Enum(words), pair, unit, add_on, in_policy, ~held[0], held[1], complexity, visit, period)


def _is_one_of(words: pl.Series, releases: Sequence[ReleaseTables], rows: pl.Expr) -> Flags:
    """Whether each code has such a row in a release; so not where no release has it. Shape: [code + 1]."""
    found = pl.concat([each.rvu.filter(rows.fill_null(True))["hcpcs"] for each in releases])
    return np.append(words.is_in(found.unique().implode()).to_numpy(), [False])


def _numbers(words: pl.Series, kind: pl.Enum) -> Whole:
    own = words.cast(kind, strict=False).to_physical().cast(pl.Int32).fill_null(-1)
    return np.append(own.to_numpy(), np.int32(-1))
