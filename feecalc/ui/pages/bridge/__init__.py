"""The page Year over year: what the change in revenue between two releases is made of, on the user's volumes."""

from __future__ import annotations

from feecalc.ui.pages.bridge import answer, form, saving
from feecalc.ui.pages.bridge.address import ADDRESS
from feecalc.ui.shared import opening, problems
from feecalc.ui.shared.layout import halves


def page() -> None:
    """Draw the page: the volumes and the two releases at the left, the bridge at the right (below, if narrow)."""
    remarks = ADDRESS.begin()
    with halves([1, 3]) as (left, right):
        with left:
            box = saving.load(remarks)
            inputs = form.draw(now := opening.stamp(), remarks)
            saving.save(box)
        with right:
            answer.data_notices(inputs)
            problems.remarks(remarks)
            answer.show(inputs, now)
    ADDRESS.end()
