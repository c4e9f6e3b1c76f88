"""What a total leaves out: the lines that could not be priced, their charges and why, as its first line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Unpriced:
    """The lines of a file that have no price.

    ``lines`` of ``of_lines``; ``billed`` of ``of_billed`` [USD], None where the file has no charges; ``reasons``: a
    reason with its value, ``provider type MD``, and its lines, most lines first.
    """

    lines: int
    of_lines: int
    billed: Decimal | None
    of_billed: Decimal | None
    reasons: Mapping[str, int]

    @property
    def share(self) -> Decimal:
        """Return the share of the lines or of the dollars that has no price, the larger of the two."""
        shares = [Decimal(self.lines) / self.of_lines] if self.of_lines else [Decimal(0)]
        if self.billed is not None and self.of_billed:
            shares.append(self.billed / self.of_billed)
        return max(shares)
