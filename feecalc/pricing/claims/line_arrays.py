"""A batch of claim lines as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import polars as pl

from feecalc.money import MONEY_PLACES
from feecalc.pricing.arrays import Flags, Integers
from feecalc.pricing.claims.arrays.lines import NO_DAY
from feecalc.pricing.claims.arrays.vocabulary import Vocabulary, Words
from feecalc.pricing.claims.grouping import BY_BENEFICIARY, PATIENT, patient

UNREADABLE_MONEY = -2  # a billed amount below 0
_NOT_GIVEN = -1
_PHYSICIAN = "physician"
_MODIFIERS = ("modifier_1", "modifier_2", "modifier_3", "modifier_4")


@dataclass(frozen=True)
class LineArrays:
    """Hold what the lines of a batch say. Shape of each: [line]."""

    day: Integers  # since 1970
    code: Integers
    modifiers: tuple[Integers, ...]
    place: Integers
    mac: Integers
    number: Integers
    line: Integers
    units: Integers
    billed: Integers  # cents, -1 where not given
    biller: Integers
    participating: Flags
    qp: Flags
    minutes: Integers  # -1 where not given
    postoperative_days: Integers  # -1 where not given
    present_at_induction: Flags
    denied: Flags
    claim: Integers  # number of the claim where a deductible is left, else 0
    deductible: Integers  # left before the claim
    lines: pl.DataFrame  # as they were given

    @classmethod
    def of(
        cls, claims: pl.DataFrame, words: Vocabulary, numbers: Mapping[str, pl.Expr], code: Integers | None = None
    ) -> LineArrays:
        """Return the arrays of lines whose columns ``columns.present`` has made. ``numbers``: of ``as_numbers``.

        ``code``: their codes in ``words.hcpcs``, where they are known.
        """
        names = claims.columns if code is None else [name for name in claims.columns if name != "hcpcs"]
        asked = claims.select(expression.alias(name) for name, expression in numbers.items() if name in names)
        found = {column.name: column.to_numpy() for column in asked.get_columns()}

        def of(name: str, missing: int | bool) -> Integers:
            return found[name] if name in found else np.broadcast_to(np.array(missing), claims.height)

        billed = of("billed_amount", _NOT_GIVEN)
        if "billed_unreadable" in found:
            billed = np.where(found["billed_unreadable"], UNREADABLE_MONEY, billed)
        claim, deductible = of("claim", 0), of("deductible_left", 0)
        if deductible.any():
            claim = _claim_numbers(claims)
            deductible = _greatest_of_each(claim, deductible)
        return cls(
            day=found["date_of_service"],
            code=found["hcpcs"] if code is None else code,
            place=found["place_of_service"],
            mac=found["mac"],
            number=found["locality"],
            line=found["line"],
            units=found["units"],
            modifiers=tuple(found[name] for name in _MODIFIERS if name in found),
            billed=billed,
            biller=of("provider_type", words.provider_types.at[_PHYSICIAN]),
            participating=of("participating", True),
            qp=of("qp", False),
            minutes=of("minutes", _NOT_GIVEN),
            postoperative_days=of("postoperative_days", _NOT_GIVEN),
            present_at_induction=of("present_at_induction", False),
            denied=of("denied", False),
            claim=claim,
            deductible=deductible,
            lines=claims,
        )

    @cached_property
    def claims(self) -> Integers:
        """Return the number of each line's claim, whether a deductible is left or not."""
        return self.claim if self.deductible.any() else _claim_numbers(self.lines)

    def pay_deductible(self, at: Integers, taken: Integers) -> None:
        """Take the deductible that some lines met off what is left for the other lines of their claims."""
        of_claim = np.zeros(int(self.claim.max()) + 1, np.int64)
        np.add.at(of_claim, self.claim[at], taken)
        self.deductible[:] = np.maximum(0, self.deductible - of_claim[self.claim])


def as_numbers(words: Vocabulary) -> dict[str, pl.Expr]:
    """Return the expressions that give the columns of claim lines as numbers."""
    return {
        **_of_rules(words.modifiers, words.places, words.provider_types),
        "hcpcs": words.hcpcs.number("hcpcs"),
        "mac": words.macs.number("mac"),
        "locality": words.numbers.number("locality"),
    }


@lru_cache(maxsize=2)
def _of_rules(modifiers: Words, places: Words, provider_types: Words) -> dict[str, pl.Expr]:
    """Return the expressions whose numbers do not depend on the releases."""
    billed, biller = _cents("billed_amount"), pl.col("provider_type")
    return {
        "date_of_service": pl.col("date_of_service").to_physical().fill_null(NO_DAY),
        "place_of_service": places.number("place_of_service"),
        "line": pl.col("line").fill_null(0),
        "units": pl.col("units").fill_null(0),
        **{name: modifiers.number(name) for name in _MODIFIERS},
        "billed_amount": pl.when(billed < 0).then(UNREADABLE_MONEY).otherwise(billed).fill_null(_NOT_GIVEN),
        "billed_unreadable": pl.col("billed_unreadable"),
        "provider_type": provider_types.number(pl.when(biller == "").then(pl.lit(_PHYSICIAN)).otherwise(biller)),
        "participating": pl.col("participating"),
        "qp": pl.col("qp"),
        "minutes": pl.col("minutes").fill_null(_NOT_GIVEN),
        "postoperative_days": pl.col("postoperative_days").fill_null(_NOT_GIVEN),
        "present_at_induction": pl.col("present_at_induction"),
        "denied": pl.col("denied"),
        "deductible_left": pl.max_horizontal(_cents("deductible_left"), 0),
    }


def _cents(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Decimal(18, MONEY_PLACES)).to_physical().cast(pl.Int64)


def _claim_numbers(claims: pl.DataFrame) -> Integers:
    """Return the number of each line's claim: two patients' claims of one name are two."""
    named = claims.select(*patient(claims), pl.col("claim_id").fill_null("").alias("claim"))
    first = named.select(pl.any_horizontal(pl.all().ne_missing(pl.all().shift(1)))).to_series().to_numpy()
    run: Integers = np.cumsum(first, dtype=np.int32) - np.int32(1)
    heads = named.filter(pl.Series(first))
    if _go_up(heads):
        return run
    number: Integers = np.unique(heads.hash_rows().to_numpy(), return_inverse=True)[1]
    return number[run]


def _go_up(heads: pl.DataFrame) -> bool:
    """Return whether each claim comes after the one before, so that none comes twice."""
    if heads[BY_BENEFICIARY].n_unique() > 1:
        return False
    patient_, claim = pl.col(PATIENT), pl.col("claim")
    goes_up = (patient_ > patient_.shift(1)) | ((patient_ == patient_.shift(1)) & (claim > claim.shift(1)))
    return bool(heads.select(goes_up.fill_null(True).all()).item())


def _greatest_of_each(claim: Integers, cents: Integers) -> Integers:
    """Return the greatest amount on any line of each line's claim: an export may give it on one line, or on all."""
    of_claim = np.zeros(int(claim.max()) + 1, np.int64)
    np.maximum.at(of_claim, claim, cents)
    return of_claim[claim]
