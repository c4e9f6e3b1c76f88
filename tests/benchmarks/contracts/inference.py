"""How often an inferred contract is right when it says sure, and unsure when payments cannot tell two readings apart.

    python tests/benchmarks/contracts/inference.py [--each 25] [--seed 1]

Contracts are drawn (percent, release, place, factor, rules, sequestration, charge, carve-outs, a category of its own),
lines are paid by them, and some of the amounts are made wrong ones: 50, 200 and 1,000 lines, 0 to 30 percent of them.
Right: the inferred contract pays what the drawn one does, to the cent of tolerance, on every line of the codes it
speaks for; and a reading that is called sure, carve-outs among them, is the drawn one. The answers are where the
thresholds of reference/contract_inference.toml come from. On the starter data; not a test: pytest does not collect it.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl

TESTS = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TESTS))

from contracts.payments import choices_of, claim_lines, noisy, trials_of, with_payments  # noqa: E402  # path first

from feecalc.contracts.contract import Basis, Contract, RuleTerms  # noqa: E402  # path first
from feecalc.contracts.inference.evidence import Evidence  # noqa: E402  # path first
from feecalc.contracts.inference.fingerprint import Fingerprint, infer  # noqa: E402  # path first
from feecalc.contracts.terms.carve_out import CarveOut  # noqa: E402  # path first
from feecalc.contracts.terms.category import CategoryTerm  # noqa: E402  # path first

LINES, NOISE = (50, 200, 1000), (0.0, 0.1, 0.2, 0.3)
LINES_A_CLAIM = 1.42
AMBIGUOUS = ("charge above", "one place", "one price", "no second procedure", "whole dollars")
_CARVED = ("20610", "62323", "64483", "72148", "99214")


@dataclass(frozen=True)
class Answer:
    """What came of one drawn contract."""

    sure: bool
    right: bool
    readings: int  # called sure
    wrong: tuple[str, ...]  # of them not the drawn ones


def drawn(chance: np.random.Generator) -> Contract:
    """A contract: every second one has a round percent, every tenth an odd one."""
    kind = chance.random()
    percent = (
        Decimal(int(chance.integers(18, 41)) * 5)
        if kind < 0.5
        else Decimal(int(chance.integers(90, 201)))
        if kind < 0.8
        else Decimal(int(chance.integers(180, 401))) / 2
        if kind < 0.9
        else Decimal(int(chance.integers(9_000, 20_001))) / 100
    )
    basis = (
        Basis(year="current"), Basis(release="RVU25D"), Basis(locality="national"), Basis(locality="09102-99"),
        Basis(qp=True),
    )[chance.integers(5)]  # fmt: skip
    rules = RuleTerms(
        multiple_procedure=chance.choice(np.array(["medicare", "medicare", "none"])).item(),
        sequestration=bool(chance.random() < 0.4),
    )
    carved = chance.choice(_CARVED, size=int(chance.integers(0, 3)), replace=False)
    fees = tuple(CarveOut(hcpcs=str(code), amount=Decimal(int(chance.integers(60, 900)))) for code in carved)
    visits = CategoryTerm(name="visits", percent=percent - 15)
    return Contract(
        payer="drawn", percent=percent, basis=basis, rules=rules, carve_out=fees,
        category=(visits,) if chance.random() < 0.3 else (),
        lesser_of_billed=chance.choice(np.array(["line", "claim", "no"])).item(),
    )  # fmt: skip


def charged(lines: pl.DataFrame, chance: np.random.Generator) -> pl.DataFrame:
    """Charges that are a ceiling for some lines; for every third file none is."""
    if chance.random() < 1 / 3:
        return lines
    cents = chance.integers(9_000, 120_000, lines.height)
    charges = pl.Series("billed_amount", cents).cast(pl.Int128).reinterpret(dtype=pl.Decimal(12, 2))
    return lines.with_columns(charges)


def answer(truth: Contract, lines: pl.DataFrame, noise: float, seed: int) -> tuple[Answer, Fingerprint]:
    """A contract's payments, some made wrong, and what is inferred from them."""
    trials = trials_of(lines)
    amounts = trials.pay(truth)
    paid, _ = noisy(amounts, noise, seed)
    found = infer("inferred", Evidence.of(with_payments(lines, paid)), trials.pay, choices_of(lines))
    spoken_for = ~lines["hcpcs"].is_in(list({code[:5] for code in found.open_codes})).to_numpy()
    right = int(np.abs(trials.pay(found.contract) - amounts)[spoken_for].max(initial=0)) <= 1
    told = [each for each in found.findings if each.verdict == "sure"]
    wrong = [f"{each.clause}: {each.reading}" for each in told if each.reading not in readings_of(truth)[each.clause]]
    fees = {each.hcpcs: each.amount for each in truth.carve_out}
    sure_fees = [each for each in found.fixed if each.verdict == "sure"]
    wrong += [f"carve-out {each.hcpcs} {each.amount}" for each in sure_fees if fees.get(each.hcpcs) != each.amount]
    return Answer(found.sure, right, len(told) + len(sure_fees), tuple(wrong)), found


def readings_of(truth: Contract) -> dict[str, tuple[str, ...]]:
    """The readings of each clause that are the drawn contract's."""
    basis, rules = truth.basis, truth.rules
    return {
        "release": (basis.release,) if basis.release else ("current", "RVU26C"),
        "locality": (basis.locality or "own",),
        "conversion_factor": ("qp",) if basis.qp else ("other",),
        "sequestration": ("taken",) if rules.sequestration else ("not taken",),
        "multiple_procedure": (str(rules.multiple_procedure),),
        "bilateral": ("medicare",),
        "site_of_service": ("honored",),
        "practitioner_percent": ("taken",),
        "gpci_floor": ("with",),
        "lesser_of_billed": (truth.lesser_of_billed or "line",),
    }


def measured(each: int, seed: int) -> Iterator[tuple[int, float, list[Answer]]]:
    """The answers of every number of lines and share of noise."""
    for lines_wanted in LINES:
        for noise in NOISE:
            found = []
            for number in range(each):
                own = seed * 100_003 + lines_wanted * 101 + int(noise * 100) * 1009 + number
                chance = np.random.default_rng(own)
                lines = charged(claim_lines(round(lines_wanted / LINES_A_CLAIM), own), chance)
                found.append(answer(drawn(chance), lines, noise, own)[0])
            yield lines_wanted, noise, found


def ambiguous(kind: str, seed: int) -> bool:
    """Whether the clause that these payments cannot tell is not called sure."""
    chance = np.random.default_rng(seed)
    percent = Decimal(int(chance.integers(22, 40)) * 5)
    terms = {"payer": "drawn", "percent": percent, "lesser_of_billed": "line"}
    rules = RuleTerms(sequestration=bool(seed % 2))
    if kind == "charge above":
        found = answer(Contract(**terms), claim_lines(140, seed), 0.2, seed)[1]
        return _verdict(found, "lesser_of_billed") != "sure"
    if kind == "one place":
        lines = claim_lines(140, seed, localities=("04",))
        found = answer(Contract(**terms), lines, 0.2, seed)[1]
        return _verdict(found, "locality") != "sure"
    if kind == "one price":
        lines = claim_lines(140, seed, localities=("04",)).with_columns(place_of_service=pl.lit("11"))
        fees = (CarveOut(hcpcs="72148", amount=Decimal(int(chance.integers(100, 900)))),)
        found = answer(Contract(**terms, carve_out=fees), lines, 0.2, seed)[1]
        return all(each.verdict != "sure" for each in found.fixed if each.hcpcs == "72148")
    if kind == "no second procedure":
        lines = claim_lines(200, seed, groups=[["99213"], ["99214"], ["64493"], ["62323"], ["72148"], ["20610"]])
        truth = Contract(**terms, rules=RuleTerms(multiple_procedure="none"))
        return _verdict(answer(truth, lines, 0.2, seed)[1], "multiple_procedure") != "sure"
    lines = claim_lines(140, seed)  # 125 percent less the cut is 123 percent, but for the rounding of cents
    trials = trials_of(lines)
    truth = Contract(**{**terms, "percent": Decimal(125 if seed % 2 else 123)}, rules=rules)
    paid = noisy((trials.pay(truth) + 50) // 100 * 100, 0.1, seed)[0]
    evidence = Evidence.of(with_payments(lines, paid))
    found = infer("inferred", evidence, trials.pay, choices_of(lines), tolerance=50)
    return _verdict(found, "sequestration") != "sure"


def _verdict(found: Fingerprint, clause: str) -> str:
    return next(each.verdict for each in found.findings if each.clause == clause)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=25, help="contracts of each number of lines and share of noise")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    everything: list[Answer] = []
    print(f"{'lines':>6}{'noise':>7}{'sure':>9}{'right when sure':>17}{'readings sure':>15}{'right':>8}  wrong")
    for lines, noise, found in measured(chosen.each, chosen.seed):
        everything += found
        wrong = Counter(what for each in found if each.sure for what in each.wrong)
        print(f"{lines:>6}{noise:>7.0%}{_row(found)}  {dict(wrong) or ''}", flush=True)
    print(f"{'all':>6}{'':>7}{_row(everything)}   must: 99 %")
    print(f"\n{'payments that cannot tell':<28}{'not called sure':>16}")
    for kind in AMBIGUOUS:
        told = [ambiguous(kind, chosen.seed * 1000 + number) for number in range(chosen.each)]
        print(f"{kind:<28}{sum(told) / len(told):>16.1%}", flush=True)


def _row(found: list[Answer]) -> str:
    sure = [each for each in found if each.sure]
    told, wrong = sum(each.readings for each in sure), sum(len(each.wrong) for each in sure)
    right = sum(each.right for each in sure) / len(sure) if sure else 1.0
    return f"{len(sure):>5}/{len(found):<3}{right:>16.1%}{told:>15}{1 - wrong / max(told, 1):>8.1%}"


if __name__ == "__main__":
    main()
