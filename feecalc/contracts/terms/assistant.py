"""The payment of an assistant at surgery, as a percent of the surgeon's fee."""

from __future__ import annotations

from typing import ClassVar

from feecalc.contracts.fields import RulePercent, Section
from feecalc.contracts.terms.cells import Cell, FormBox, FormPart
from feecalc.contracts.terms.term import Keys, Term


class AssistantKeys(Section):
    """The payer's own percent for an assistant at surgery."""

    assistant: RulePercent | None = None  # of the surgeon's fee


class Assistant(Term[AssistantKeys]):
    """The percent of an assistant at surgery; Medicare's where the contract does not specify it."""

    name = "assistant"
    section = AssistantKeys
    table = "rules"
    cells: ClassVar = {
        "assistant": Cell(
            "assistant at surgery, percent: 16", box=FormBox("Assistant at surgery, percent", FormPart.RULES)
        )
    }
    compared = ("assistant", "its own percent for an assistant at surgery")

    def keys_matching_medicare(self, keys: AssistantKeys) -> Keys | None:
        return {"assistant": None} if keys.assistant is not None else None

    def rules(self, keys: AssistantKeys) -> Keys:
        return {"assistant_percent": "" if keys.assistant is None else str(keys.assistant)}
