"""A claim's receipt as text, 100 columns wide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from feecalc.money import usd
from feecalc.pricing.claims.explanation.steps import ExplainedLine
from feecalc.pricing.receipt import Step
from feecalc.pricing.rules.receipt_steps import RuleStep
from feecalc.runs.receipts import facts

WIDTH = 100
_LABEL, _NAME, _VALUE = 22, 30, 12
_MARGIN = 2


def text_receipt(claim_id: str, lines: Sequence[ExplainedLine]) -> str:
    """Write the receipt of one claim's lines, in their order."""
    written = [*_wrapped(f"Claim {facts.plain(claim_id)}", "")]
    for line in lines:
        written += ["", *_line(line)]
    written.append("")
    for release in facts.releases(lines):
        written += _labeled("release", facts.origin(release), 0)
    return "\n".join(written)


def _line(line: ExplainedLine) -> Iterator[str]:
    yield from _wrapped(f"Line {line.asked['line']}  {facts.service(line)}", "")
    for label, value in (*facts.circumstances(line), *facts.row_facts(line)):
        yield from _labeled(label, value)
    yield from _labeled("status", facts.outcome(line))
    for step in line.basis:
        yield from _basis(step)
    for rule in (*line.steps, *line.payment):
        yield from _rule(rule)
    for label, value in facts.results(line):
        yield from _labeled(label, value)
    for text in facts.codes(line):
        yield from _labeled("code", text)


def _labeled(label: str, value: str, margin: int = _MARGIN) -> list[str]:
    return _wrapped(value, f"{' ' * margin}{label:<{_LABEL}}")


def _wrapped(text: str, first: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=" " * len(first)) or [first.rstrip()]


def _basis(step: Step) -> Iterable[str]:
    return _row(step.name, step.detail, f"{step.value} {step.unit}", step.source)


def _rule(step: RuleStep) -> Iterable[str]:
    return _row(step.name, f"{step.opening}{step.detail}", usd(step.after), step.source)


def _row(name: str, detail: str, value: str, source: str) -> Iterator[str]:
    """Write a step: its name, what was done, the value at the right; the source below."""
    room = WIDTH - _MARGIN - _LABEL - _NAME
    done = textwrap.wrap(facts.plain(detail), room + _NAME - len(value) - 2) or [""]
    indent = " " * (_MARGIN + _LABEL)
    first = f"{' ' * _MARGIN}{facts.plain(name):<{_LABEL}}{done[0]}"
    if len(facts.plain(name)) >= _LABEL:
        yield f"{' ' * _MARGIN}{facts.plain(name)}"
        first = f"{indent}{done[0]}"
    yield f"{first:<{WIDTH - len(value)}}{value}"
    for more in done[1:]:
        yield f"{indent}{more}"
    if source:
        yield from textwrap.wrap(
            facts.plain(source), WIDTH, initial_indent=f"{indent}  ", subsequent_indent=f"{indent}  "
        )
