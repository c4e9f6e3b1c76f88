"""What the patient pays of the allowed amount: what is left of the deductible, then the coinsurance on the rest.

The deductible is taken of a claim's lines by day, then by line number, until none is left. Most preventive services
pay neither, by their code alone; some pay only a part, and some of that name pay all. Modifier 33 says so of other
codes; a screening that turned into treatment (PT) is free of the deductible and has a coinsurance of its own, and so
have the other procedures of its claim and day. PT comes before 33 where a line says both, and does nothing on a code
on which it does not belong, such as a visit. Each amount is rounded once. What a facility's patient pays goes by the
same terms. Codes: reference/cost_share.toml; percents and days: reference/coinsurance.toml; the deductible of a year:
reference/deductible.toml. Source: SSA 1833(a)(1) and (b); Pub. 100-04 ch. 18 sec. 1.3 and 60.1.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays import percent, segments
from feecalc.pricing.claims.arrays.lines import Lines
from feecalc.pricing.claims.arrays.modifier_effects import ModifierEffect
from feecalc.pricing.claims.arrays.notes import Note
from feecalc.pricing.claims.columns import MODIFIERS
from feecalc.pricing.claims.eras.rows import is_within
from feecalc.pricing.claims.outcomes import BY_ANOTHER_LINE, PRICED
from feecalc.pricing.receipt import shown
from feecalc.pricing.rules.receipt_steps import Case, RuleStep, percent_of, source_of, usd
from feecalc.pricing.rules.rule import LookUp, Others, Payment, RowChoice, Rule

GENERAL = 0  # the place among the terms of what most services pay
_TABLE = "cost_share"
_WAIVED, _APPLIES = "waived", "applies"
_TURNED, _PREVENTIVE = "screening_turned_diagnostic", "preventive"  # in the order in which they are looked at
_OWN = "modifier"  # the kind of the rows that say on which codes a modifier belongs
_NOTHING, _ASSUMED = "nothing", "assumed"  # what it does elsewhere


@dataclass(frozen=True)
class Term:
    """Hold what a patient pays of some services. ``rate``: of what the deductible leaves. [ten-thousandths]"""

    rate: int
    deductible: bool
    because: str  # for a receipt; "" for the general term
    source: str


@dataclass(frozen=True)
class Beside:
    """Hold a term of some codes with a modifier, where one of other codes stands on their claim and day."""

    codes: frozenset[str]
    modifier: str
    others: frozenset[str]
    term: int


@dataclass(frozen=True)
class Terms:
    """Hold the terms of a day. ``of_code``: the place in ``listed`` of each code that has one, whatever its modifiers.

    ``of_modifier``: the same of each modifier, in the order in which they are looked at; ``of_claim``: of the codes
    beside a line with that modifier, the first and the last of them.
    """

    listed: tuple[Term, ...]
    of_code: dict[str, int]
    of_modifier: dict[str, int]
    beside: tuple[Beside, ...]
    of_claim: tuple[str, str, str, int] | None  # modifier, first code, last code, term
    own: dict[str, tuple[Sequence[str], ...]]  # the spans of codes on which a modifier belongs
    elsewhere: dict[str, str]  # what each of those modifiers does on other codes

    @cached_property
    def rates(self) -> Integers:
        return np.array([term.rate for term in self.listed], np.int64)

    @cached_property
    def takes_deductible(self) -> Flags:
        return np.array([term.deductible for term in self.listed], np.bool_)

    def belongs(self, modifier: str, hcpcs: str) -> bool:
        """Return whether a modifier belongs on a code."""
        return modifier not in self.own or is_within(hcpcs, self.own[modifier])

    def is_of_claim(self, hcpcs: str) -> bool:
        """Return whether a code is of those that share the term of another line of their claim."""
        if self.of_claim is None:
            return False
        _, first, last, _ = self.of_claim
        return len(hcpcs) == len(first) and hcpcs.isdigit() and first <= hcpcs <= last

    def apply(
        self,
        found: Integers,
        with_modifier: Callable[[str], Integers],
        has_code: Callable[[frozenset[str]], Flags],
        is_of_claim: Callable[[], Flags],
        claim: Callable[[], Integers],
        belongs: Callable[[str], Flags],
    ) -> None:
        """Put the term of each line in the place of that of its code in ``found``. Shape of all arrays: [line].

        ``with_modifier``: the positions of the lines with a modifier; ``has_code``: which lines have one of some codes;
        ``is_of_claim``: which have one of those that ``Terms.is_of_claim`` knows; ``claim``: a number for each line's
        claim and day; ``belongs``: which lines have a code on which a modifier belongs.
        """
        own = {modifier: with_modifier(modifier) for modifier in self.of_modifier}
        marked = {modifier: at for modifier, at in own.items() if len(at)}
        if not marked:
            return
        of_code, obeyed = found.copy(), dict(marked)
        for modifier, at in marked.items():
            if self.elsewhere.get(modifier) == _NOTHING:
                obeyed[modifier] = at[belongs(modifier)[at]]
            plain = obeyed[modifier][found[obeyed[modifier]] == GENERAL]
            found[plain] = self.of_modifier[modifier]
        for each in self.beside:
            if each.modifier in marked:
                at = marked[each.modifier]
                at = at[has_code(each.codes)[at]]
                others = claim()[has_code(each.others)]
                found[at[np.isin(claim()[at], others)]] = each.term
        if self.of_claim is not None and self.of_claim[0] in marked:
            modifier, _, _, term = self.of_claim
            beside = np.flatnonzero(is_of_claim() & (of_code == GENERAL) & (found == GENERAL))
            found[beside[np.isin(claim()[beside], claim()[obeyed[modifier]])]] = term


def terms_on(day: date, *, assumed: bool = True) -> Terms:
    """Return the terms of a day. ``assumed``: with the rows that no text of CMS confirms."""
    general = reference.row_on("coinsurance", day, kind="general")
    rate = percent.rate(general["value"])
    listed = [Term(rate, bool(general["deductible"]), "", source_of(general))]
    of_code: dict[str, int] = {}
    of_modifier: dict[str, int] = {}
    beside: list[Beside] = []
    of_claim = None
    spans: dict[str, list[Sequence[str]]] = {}
    elsewhere: dict[str, str] = {}
    for kind in (_TURNED, _PREVENTIVE):
        for row in reference.rows_on("coinsurance", day, kind=kind):
            of_modifier[row["modifier"]] = len(listed)
            because = f"modifier {row['modifier']}"
            listed.append(Term(percent.rate(row["value"]), bool(row["deductible"]), because, source_of(row)))
    for row in reference.rows_on(_TABLE, day):
        number, kind = len(listed), row["kind"]
        if row.get("basis") == "assumed" and not assumed:
            continue
        if kind == _OWN:
            spans.setdefault(row["modifier"], []).extend(row["spans"])
            is_left_out = row["elsewhere"] == _ASSUMED and not assumed
            elsewhere[row["modifier"]] = _NOTHING if is_left_out else row["elsewhere"]
            continue
        if kind == "claim" and row["modifier"] not in of_modifier:
            continue
        if kind == "claim":
            like = listed[of_modifier[row["modifier"]]]
            because = f"a line of the claim and day has modifier {row['modifier']}"
            of_claim = row["modifier"], row["first"], row["last"], number
            listed.append(Term(like.rate, row["deductible"] == _APPLIES, because, source_of(row)))
            continue
        own, takes = 0 if row["coinsurance"] == _WAIVED else rate, row["deductible"] == _APPLIES
        with_modifier = f" with modifier {row['modifier']}" if "modifier" in row else ""
        listed.append(Term(own, takes, f"{_words(own, takes)} for this code{with_modifier}", source_of(row)))
        if kind == "code":
            of_code |= dict.fromkeys(row["codes"], number)
        else:
            beside.append(Beside(frozenset(row["codes"]), row["modifier"], frozenset(row["beside"]), number))
    own_spans = {modifier: tuple(each) for modifier, each in spans.items()}
    return Terms(tuple(listed), of_code, of_modifier, tuple(beside), of_claim, own_spans, elsewhere)


def _words(rate: int, takes_deductible: bool) -> str:
    said = {
        (False, False): "no coinsurance and no deductible",
        (False, True): "no coinsurance",
        (True, False): "coinsurance, and no deductible",
        (True, True): "coinsurance and deductible",
    }
    return said[rate > 0, takes_deductible]


def terms_of_lines(lines: pl.DataFrame, terms: Terms) -> Integers:
    """Return the place among ``terms.listed`` of the term of each line of some bills.

    ``lines``: hcpcs, and where they are known modifier_1 to modifier_4, claim_id and date_of_service.
    """
    code = lines["hcpcs"].fill_null("")
    kinds = code.unique()
    of_code = pl.DataFrame({"hcpcs": kinds, "term": [terms.of_code.get(each, GENERAL) for each in kinds.to_list()]})
    joined = code.to_frame("hcpcs").join(of_code, on="hcpcs", how="left", maintain_order="left")
    found: Integers = joined["term"].cast(pl.Int64).to_numpy().copy()
    modifiers = [name for name in MODIFIERS if name in lines.columns]
    keys = [name for name in ("claim_id", "date_of_service") if name in lines.columns]

    def with_modifier(modifier: str) -> Integers:
        if not modifiers:
            return np.zeros(0, np.int64)
        marked = lines.select(pl.any_horizontal(pl.col(modifiers) == modifier).fill_null(False)).to_series()
        return np.flatnonzero(marked.to_numpy())

    def claim() -> Integers:
        if not keys:
            return np.arange(lines.height)
        return lines.select(pl.struct(keys).rank("dense")).to_series().to_numpy()

    def is_of_claim() -> Flags:
        of_claim = pl.Series([each for each in kinds.to_list() if terms.is_of_claim(each)], dtype=pl.String)
        return code.is_in(of_claim.implode()).to_numpy()

    def belongs(modifier: str) -> Flags:
        of_modifier = pl.Series([each for each in kinds.to_list() if terms.belongs(modifier, each)], dtype=pl.String)
        return code.is_in(of_modifier.implode()).to_numpy()

    terms.apply(found, with_modifier, lambda codes: code.is_in(list(codes)).to_numpy(), is_of_claim, claim, belongs)
    return found


def without_effect(given: pl.DataFrame, day: date) -> pl.DataFrame:
    """Return the modifiers of the share that do nothing on their codes. ``given``: columns hcpcs and modifier."""
    spans: dict[str, list[Sequence[str]]] = {}
    for row in reference.rows_on(_TABLE, day, kind=_OWN):
        if row["elsewhere"] == _NOTHING:
            spans.setdefault(row["modifier"], []).extend(row["spans"])
    found = given.filter(pl.col("modifier").is_in(list(spans)))
    kinds = found.select("modifier", "hcpcs").unique()
    apart = [not is_within(code or "", spans[modifier]) for modifier, code in kinds.iter_rows()]
    idle = kinds.filter(pl.Series(apart, dtype=pl.Boolean))
    return found.join(idle, on=["modifier", "hcpcs"], how="semi", nulls_equal=True)


class CostShareRows(LookUp):
    """Look up the terms of the rows."""

    @cached_property
    def terms(self) -> tuple[Terms, Terms]:
        """Return the terms without what is assumed, and with it."""
        day = self.book.day
        return terms_on(day, assumed=False), terms_on(day)

    @cached_property
    def of_row(self) -> tuple[Integers, Integers]:
        """Return the term of each row's code, without what is assumed and with it."""
        without, all_of_them = (self.rows.by("hcpcs", each.of_code, GENERAL).astype(np.int16) for each in self.terms)
        return without, all_of_them

    @cached_property
    def is_of_claim(self) -> Flags:
        """Mark the rows whose codes share the term of another line of their claim."""
        terms, hcpcs = self.terms[True], self.rows.column("hcpcs")
        return self.rows.have("hcpcs", *(each for each in hcpcs.unique().to_list() if terms.is_of_claim(each)))

    def belongs(self, modifier: str) -> Flags:
        """Mark the rows on whose code a modifier belongs."""
        if modifier not in self._of_modifier:
            self._of_modifier[modifier] = self.rows.within(self.terms[True].own[modifier])
        return self._of_modifier[modifier]

    @cached_property
    def _of_modifier(self) -> dict[str, Flags]:
        return {}

    def has_code(self, codes: frozenset[str]) -> Flags:
        """Mark the rows with one of the codes."""
        if codes not in self._marked:
            self._marked[codes] = self.rows.have("hcpcs", *codes)
        return self._marked[codes]

    @cached_property
    def _marked(self) -> dict[frozenset[str], Flags]:
        return {}


# What a line says on whose claim the terms of others may turn.
OF_CLAIM = ModifierEffect.PREVENTIVE | ModifierEffect.SCREENING_TURNED_DIAGNOSTIC


def read_line(choice: RowChoice) -> None:
    """Note the lines whose modifier says something of the patient's share on a code that it does not belong on."""
    if not choice.lines.any_modifier(OF_CLAIM):
        return
    table, assumed = choice.era.look_up(CostShareRows), choice.rules.assumed_preventive
    terms, effects = table.terms[assumed], choice.era.modifiers.does
    settled = table.of_row[assumed][choice.row] != GENERAL  # by the code, or by a modifier before
    for modifier in terms.of_modifier:
        if modifier not in terms.own:
            continue
        at = choice.lines.with_modifier(int(effects[choice.era.words.modifiers.at[modifier]]))
        belongs = table.belongs(modifier)[choice.row[at]]
        at, own = at[~belongs], at[belongs]
        if terms.elsewhere[modifier] == _NOTHING:
            choice.lines.notes[at] |= Note.SCREENING_ELSEWHERE
        else:
            choice.lines.notes[at[~settled[at]]] |= Note.PREVENTIVE_ASSUMED
        settled[own] = True


def pay(payment: Payment) -> None:
    """Decide the deductible, the coinsurance and Medicare's part of the allowed amounts."""
    lines, allowed, rules = payment.lines, payment.amounts, payment.rules
    table, assumed = payment.era.look_up(CostShareRows), rules.assumed_preventive
    terms, term = table.terms[assumed], table.of_row[assumed][lines.row]
    effects, number = payment.era.modifiers.does, payment.era.words.modifiers.at

    def claim() -> Integers:
        return lines.claim.astype(np.int64) * (int(lines.patient_day.max()) + 1) + lines.patient_day

    has_row = np.isin(lines.status, (PRICED, *BY_ANOTHER_LINE)) if lines.any_modifier(OF_CLAIM) else lines.priced()
    terms.apply(
        term,
        lambda modifier: lines.with_modifier(int(effects[number[modifier]])),
        lambda codes: table.has_code(codes)[lines.row] & lines.priced(),
        lambda: table.is_of_claim[lines.row],
        claim,
        lambda modifier: table.belongs(modifier)[lines.row] & has_row,
    )
    own = np.flatnonzero(term)
    deductible = np.zeros_like(allowed)
    if rules.deductible:
        takes = np.full(len(lines), terms.listed[GENERAL].deductible)
        takes[own] = terms.takes_deductible[term[own]]
        deductible = _deductible(lines, np.where(takes & lines.priced(), allowed, 0))
    rest = allowed - deductible
    coinsurance = np.zeros_like(allowed)
    if rules.coinsurance:
        coinsurance = percent.share(rest, terms.listed[GENERAL].rate)
        coinsurance[own] = percent.share(rest[own], terms.rates[term[own]])
    payment.deductible, payment.coinsurance = deductible, coinsurance
    payment.medicare = rest - coinsurance
    if payment.trail is not None and payment.trail.of_all:  # for receipts alone
        at, with_assumed = np.arange(len(lines)), np.full(len(lines), int(assumed))
        payment.trail.keep("cost_share", at, allowed, payment.medicare, term=term, assumed=with_assumed)


def _deductible(lines: Lines, allowed: Integers) -> Integers:
    """Return what the deductible takes of each amount."""
    taken = np.zeros_like(allowed)
    at = np.flatnonzero((lines.deductible > 0) & (allowed > 0))
    if len(at):
        at = at[segments.order(lines.claim[at], lines.patient_day[at], lines.number[at], lines.group[at])]
        before = segments.before(segments.starts(lines.claim[at]), allowed[at])
        taken[at] = np.clip(lines.deductible[at] - before, 0, allowed[at])
    return taken


def payment_steps(case: Case) -> Iterator[RuleStep]:
    """Yield the step of the deductible where there is one, and the coinsurance."""
    followed, line = case.followed, case.followed.line
    shares, allowed = followed.priced.shares, int(followed.priced.allowed[line])
    deductible, coinsurance = int(shares.deductible[line]), int(shares.coinsurance[line])
    rest = allowed - deductible
    if deductible:
        text = f"the deductible that is left, {shown(deductible)}, is the patient's"
        yield RuleStep("deductible", text, usd(allowed), "", usd(rest), "SSA 1833(b)")
    for station in case.stations("cost_share"):
        terms = followed.era.look_up(CostShareRows).terms[case.figure(station, "assumed")]
        term = terms.listed[case.figure(station, "term")]
        text = f"the patient's coinsurance, {shown(coinsurance)}"
        text += f": {term.because}" if term.because else ""
        factor = f"less {percent_of(term.rate)}"
        yield RuleStep("coinsurance", text, usd(rest), factor, usd(rest - coinsurance), term.source)


RULE = Rule(
    "cost_share",
    others=Others(does=OF_CLAIM, any_line=True),
    read_line=read_line,
    pay=pay,
    payment_steps=payment_steps,
    notes={
        Note.SCREENING_ELSEWHERE: "its modifier for the patient's share (PT, 33) is not for this code: the share is as "
        "without it",
        Note.PREVENTIVE_ASSUMED: "33 leaves the patient no share, which Medicare's texts say of other codes and not of "
        "this one: taken as billed",
    },
)
