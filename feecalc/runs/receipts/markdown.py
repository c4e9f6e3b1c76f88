"""A claim's receipt as a Markdown document, fit to be attached to an appeal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from feecalc import __version__
from feecalc.money import usd
from feecalc.pricing.claims.explanation.steps import ExplainedLine
from feecalc.runs.receipts import facts

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~])")
_ABOUT = (
    "What Medicare allows for this claim by the physician fee schedule: every figure from the release named below, "
    "every rule with the place it is written. Rules marked assumed are this tool's where no text decides."
)


def markdown_receipt(claim_id: str, lines: Sequence[ExplainedLine]) -> str:
    """Write the receipt of one claim's lines, in their order."""
    written = [f"# Claim {safe(claim_id)}", "", _ABOUT, ""]
    for line in lines:
        written += _line(line)
    written += ["## Sources", ""]
    written += [f"- {safe(facts.origin(release))}" for release in facts.releases(lines)]
    written += [f"- {facts.HASH_NOTE}", f"- Worked out by feecalc {__version__}.", ""]
    return "\n".join(written)


def safe(text: object) -> str:
    """Return text that Markdown and HTML leave as it is, in one line."""
    return _MARKS.sub(r"\\\1", facts.plain(text)).replace("&", "&amp;")


def _line(line: ExplainedLine) -> Iterator[str]:
    yield from (f"## Line {line.asked['line']}: {safe(facts.service(line))}", "")
    yield from (f"**{safe(facts.outcome(line))}**", "")
    yield from _table(("Asked", ""), facts.circumstances(line))
    row = list(facts.row_facts(line))
    if row:
        yield from _table(("Release", ""), row)
    if line.basis:
        figures = ((step.name, step.detail, f"{step.value} {step.unit}", step.source) for step in line.basis)
        yield from _table(("Figure", "How", "Value", "Source"), figures)
    for title, steps in (("Rule", line.steps), ("Payment", line.payment)):
        if steps:
            rows = (
                (
                    step.name,
                    "" if step.before is None else usd(step.before),
                    step.factor,
                    usd(step.after),
                    step.detail,
                    step.source,
                )
                for step in steps
            )
            yield from _table((title, "Before", "By", "After", "Why", "Source"), rows)
    found = list(facts.results(line))
    if found:
        yield from _table(("Result", ""), found)
    if line.adjustments:
        yield from (f"Standard codes: {safe('; '.join(facts.codes(line)))}", "")


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{' --- |' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(safe(cell) for cell in row)} |"
    yield ""
