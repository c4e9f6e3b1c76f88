"""Which lines are of one patient, day and physician.

The patient is the beneficiary where one is given, else the claim. Physicians of one group and one specialty are one
physician: the group is the billing NPI, or the rendering NPI where no other is given; the specialty is that of the
rendering NPI on any line of the patient. Where it is not known, each rendering NPI of the group is a physician of his
own. A line without an NPI has the only one of that kind that its claim names elsewhere; of two and more it is not known
which. The NPIs of other claims, and of other patients, say nothing of a line. Medicare's specialty codes say who is of
another specialty; taxonomy codes and words do not, as one taxonomy may be enrolled under several of Medicare's codes:
those of one text are one specialty, those of two are not surely two.
Lines that stand together get one number; where the lines of a group are apart, an order that brings them together is
given too. Source: Pub. 100-04 ch. 12 sec. 30.6.5, 40.6.A, 40.8.B; CMS, crosswalk of Medicare specialties and
taxonomies.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from feecalc.pricing.arrays import Flags, Integers, series
from feecalc.pricing.claims.arrays import segments
from feecalc.pricing.claims.arrays.lines import NO_DAY


@dataclass(frozen=True)
class Groups:
    """Hold group numbers that never decrease, in ``order`` (None: as the lines are). Shape of each: [line].

    The last three are None where no line names a rendering physician or a specialty: a group practice is one physician.
    """

    group: Integers  # of one patient, day and physician
    patient_day: Integers
    order: Integers | None
    of_practice: Integers | None = None  # of one patient, day and group practice, whoever the physician
    rendering: Integers | None = None  # the rendering NPI's number in the batch
    unsure: Flags | None = None  # whether the specialty, and so who is the same physician, is not known

    @property
    def practice(self) -> Integers:
        """Return the number of the patient, day and group practice; never decreasing."""
        return self.group if self.of_practice is None else self.of_practice

    def take(self, rows: Integers) -> Groups:
        """Return some of the lines, in the order in which these stand."""
        more = (None if each is None else each[rows] for each in (self.of_practice, self.rendering, self.unsure))
        return Groups(self.group[rows], self.patient_day[rows], None, *more)

    def of_rows(self, rows: Integers) -> Groups:
        """Return some rows of the batch, in which claims need not be whole: who they are of is as in all of it."""
        if self.order is None:
            return self.take(rows)
        place = np.empty_like(self.order)
        place[self.order] = np.arange(len(self.order))
        among = np.argsort(place[rows], kind="stable")
        return replace(self.take(place[rows][among]), order=among)

    def as_lines_are(self) -> Groups:
        """Return the same groups as the lines of the batch are: of lines apart, the numbers do decrease."""
        if self.order is None:
            return self
        back = np.empty_like(self.order)
        back[self.order] = np.arange(len(self.order))
        return self.take(back)


BY_BENEFICIARY = "by_beneficiary"
PATIENT = "patient"
PRACTICE = "practice"
PHYSICIAN = "physician"
RENDERING = "rendering"
UNSURE = "unsure"
SPECIALTY = "specialty"
WHO = (BY_BENEFICIARY, PATIENT, PRACTICE, PHYSICIAN)
FROM_CLAIM = ("billing_npi", "rendering_npi", SPECIALTY)
_CLAIM = "claim"
_DAY = "day"
_OF_PATIENT = (_DAY, PRACTICE, PHYSICIAN, "claim_id")
_KEYS = (BY_BENEFICIARY, PATIENT, *_OF_PATIENT)
_RUN = "run"
_PAIRS_LOOKED_AT = 1 << 22  # of NPIs and specialties
_MEDICARES = "^[0-9A-Z]{2}$"  # a code of Medicare's; a taxonomy has ten characters


def patient(claims: pl.DataFrame) -> list[pl.Expr]:
    """Return who the patient is: the beneficiary where one is given, else the claim; and which of the two it is."""
    claim = pl.col("claim_id").fill_null("")
    if _is_blank(claims, "beneficiary_id"):
        return [claim.alias(PATIENT), pl.lit(False).alias(BY_BENEFICIARY)]
    who, is_beneficiary = _patient(pl.col("beneficiary_id").fill_null(""), claim)
    return [who.alias(PATIENT), is_beneficiary.alias(BY_BENEFICIARY)]


def patient_text(beneficiary: pl.Expr, claim: pl.Expr) -> pl.Expr:
    """Return who the patient is as one text, by texts that are filled; no beneficiary is the patient of a claim."""
    who, is_beneficiary = _patient(beneficiary, claim)
    return pl.when(is_beneficiary).then("b " + who).otherwise("c " + who)


def _patient(beneficiary: pl.Expr, claim: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    is_beneficiary = beneficiary != ""
    return pl.when(is_beneficiary).then(beneficiary).otherwise(claim), is_beneficiary


def with_npis_of_claim(claims: pl.DataFrame) -> pl.DataFrame:
    """Return the lines, those without an NPI (or a specialty) with the only one that their claim names elsewhere.

    A claim is one of a patient: whole claims have to be among the lines. A blank stays where the claim names two. The
    specialty is the claim's own where no line of the claim names who rendered it; else it goes by that NPI.
    """
    given = {name: claims[name].cast(pl.String).fill_null("") for name in FROM_CLAIM if name in claims.columns}
    blank = {name: words == "" for name, words in given.items()}
    some = [name for name in given if blank[name].any() and not blank[name].all()]
    if not some:
        return claims
    any_blank = pl.select(pl.any_horizontal(*(blank[name] for name in some))).to_series()
    has_claim = claims["claim_id"].cast(pl.String).fill_null("") != ""
    key = claims.select(*patient(claims), pl.col("claim_id").cast(pl.String)).hash_rows()
    at = (has_claim & key.is_in(key.filter(any_blank).unique().implode())).arg_true()
    own = pl.DataFrame([key.gather(at).alias(_CLAIM), *(words.gather(at).alias(name) for name, words in given.items())])
    named = {name: _plain_specialty(pl.col(name)) if name == SPECIALTY else pl.col(name) for name in given}
    said = {name: pl.when(words != "").then(words) for name, words in named.items()}
    only = {
        name: pl.when(words.min().over(_CLAIM) == words.max().over(_CLAIM)).then(words.min().over(_CLAIM))
        for name, words in said.items()
    }
    if SPECIALTY in some and "rendering_npi" in given:
        only[SPECIALTY] = pl.when(said["rendering_npi"].max().over(_CLAIM).is_null()).then(only[SPECIALTY])
    found = own.select(said[name].fill_null(only[name]).fill_null("").alias(name) for name in some)
    return claims.with_columns(given[name].scatter(at, found[name]) for name in some)


def physicians(claims: pl.DataFrame) -> pl.DataFrame:
    """Return who the patient, the group practice and the physician of each line are, whatever the day.

    ``claims``: as ``with_npis_of_claim`` gives them.

    Shape: [line], columns of ``WHO`` that lines differ in; with a physician, ``RENDERING``, ``SPECIALTY`` and
    ``UNSURE`` too. Physicians, rendering NPIs and specialties are numbers of these lines; 0 where none is known.
    """
    named = [name for name in ("billing_npi", "rendering_npi", SPECIALTY) if not _is_blank(claims, name)]
    found = claims.select(*patient(claims), *_practice({name: pl.col(name).fill_null("") for name in named}))
    if "rendering_npi" not in named and SPECIALTY not in named:
        return found
    npi = own = np.zeros(claims.height, np.int32)
    is_medicares = np.zeros(1, np.bool_)
    if "rendering_npi" in named:
        npi, _ = _numbers(claims["rendering_npi"])
    if SPECIALTY in named:
        own, is_medicares = _specialties(claims[SPECIALTY])
    if SPECIALTY in named and "rendering_npi" in named and not _one_each(npi, own):
        own = found.select(BY_BENEFICIARY, PATIENT, npi=npi, own=own).select(_of_the_npi()).to_series().to_numpy()
    return found.with_columns(
        pl.Series(PHYSICIAN, np.where(own > 0, -own, npi)),
        pl.Series(RENDERING, npi),
        pl.Series(SPECIALTY, own),
        pl.Series(UNSURE, ~is_medicares[own]),
    )


def _numbers(texts: pl.Series) -> tuple[Integers, pl.Series]:
    """Return the place of each text among all of them, sorted, and those; the first is ""."""
    given = texts.fill_null("")
    words = pl.concat([pl.Series(given.name, [""]), given.unique()]).unique().sort()
    return given.cast(pl.Enum(words)).to_physical().cast(pl.Int32).to_numpy(), words


def _specialties(texts: pl.Series) -> tuple[Integers, Flags]:
    """Return the number of each specialty, and of each number whether it is one of Medicare's codes."""
    place, words = _numbers(texts)
    number, kinds = _numbers(words.to_frame("words").select(_plain_specialty(pl.col("words"))).to_series())
    return number[place], kinds.str.contains(_MEDICARES).to_numpy()


def _plain_specialty(text: pl.Expr) -> pl.Expr:
    """Return a specialty as Medicare writes it: a code that lost its 0 with it."""
    plain = text.str.strip_chars().str.to_uppercase()
    return pl.when(plain.str.len_bytes() == 1).then("0" + plain).otherwise(plain)


def _one_each(npi: Integers, specialty: Integers) -> bool:
    """Return whether every rendering NPI of these lines has one specialty on all of its lines, or none on all."""
    most = int(specialty.max(initial=0)) + 1
    if (int(npi.max(initial=0)) + 1) * most > _PAIRS_LOOKED_AT:
        return False
    met = np.zeros((int(npi.max(initial=0)) + 1, most), np.bool_)
    met[npi, specialty] = True
    return bool((met[1:].sum(axis=1) == 1).all())


def _of_the_npi() -> pl.Expr:
    """Return the one specialty that a patient's lines name for the rendering NPI; 0 where none, or two."""
    own, npi = pl.col("own"), pl.col("npi")
    said = pl.when(own > 0).then(own)
    first, last = (each.over(BY_BENEFICIARY, PATIENT, npi) for each in (said.min(), said.max()))
    return pl.when(npi == 0).then(own).when(first == last).then(first).otherwise(0).cast(pl.Int32)


def without_physicians(claims: pl.DataFrame) -> pl.DataFrame:
    """Return the lines without who rendered them: the billing provider is one, whoever works there.

    A facility's bill is of one patient: a line that names none is of the only one that its claim names. Where a line
    names no other billing provider than who rendered it, the only one who rendered its claim stands in.
    """
    if not _is_blank(claims, "beneficiary_id"):
        claims = claims.with_columns(only_of_claim("beneficiary_id", ["claim_id"]))
    if not {"billing_npi", "rendering_npi"} <= set(claims.columns):
        return with_npis_of_claim(claims).drop("rendering_npi", SPECIALTY, strict=False)
    billing, rendering = pl.col("billing_npi"), pl.col("rendering_npi")
    claims = claims.with_columns(pl.when(billing != rendering).then(billing).otherwise(pl.lit("")).alias("billing_npi"))
    claims = with_npis_of_claim(claims)
    claim = ["claim_id", *patient(claims)]
    is_one = rendering.min().over(claim) == rendering.max().over(claim)
    stands_in = pl.when((billing == "") & is_one).then(rendering).otherwise(billing)
    claims = claims.with_columns(stands_in.alias("billing_npi"))
    return claims.drop("rendering_npi", SPECIALTY, strict=False)


def only_of_claim(name: str, claim: list[str]) -> pl.Expr:
    """Return a column of texts, a blank being the only one that the lines of its claim name; else "" as it was."""
    own = pl.col(name).fill_null("")
    named = pl.when(own != "").then(own)
    first, last = named.min().over(claim), named.max().over(claim)
    return pl.when((own == "") & (first == last)).then(first).otherwise(own).alias(name)


def billed_by_physicians(claims: pl.DataFrame) -> pl.DataFrame:
    """Return the lines with the physician in ``billing_npi``: one text for each, "" where none is named."""
    claims = with_npis_of_claim(claims)
    if _is_blank(claims, "rendering_npi") and _is_blank(claims, SPECIALTY):
        return claims
    who = physicians(claims)
    practice = pl.col(PRACTICE) if PRACTICE in who.columns else pl.lit("")
    is_named = (practice != "") | (pl.col(PHYSICIAN) != 0)
    named = pl.when(is_named).then(pl.format("{} {}", practice, PHYSICIAN)).otherwise(pl.lit(""))
    return claims.with_columns(who.select(named.alias("billing_npi")).to_series())


def _practice(given: dict[str, pl.Expr]) -> list[pl.Expr]:
    billing, rendering = given.get("billing_npi"), given.get("rendering_npi")
    if billing is None or rendering is None:
        return [each.alias(PRACTICE) for each in (billing, rendering) if each is not None]
    return [pl.when(billing != "").then(billing).otherwise(rendering).alias(PRACTICE)]


def _is_blank(claims: pl.DataFrame, name: str) -> bool:
    return name not in claims.columns or bool(claims.select((pl.col(name).fill_null("") == "").all()).item())


def groups(claims: pl.DataFrame) -> Groups:
    """Return the groups of a batch. Lines of one patient that stand together are sorted where need be.

    ``claims``: as ``with_npis_of_claim`` gives them.
    """
    found = physicians(claims).with_columns(
        claims.select(
            pl.col("date_of_service").to_physical().fill_null(NO_DAY).alias(_DAY), pl.col("claim_id").fill_null("")
        ).get_columns()
    )
    changes = _changes(found)
    if not _stand_together(found, changes.patient):
        order = _sorted(found, *_KEYS)
        changes = _changes(found[order])
    elif changes.disorder.any():
        order = _sorted_within_patients(found, changes)
        changes = changes.within_patients(found, order)
    else:
        order = None
    new_day = changes.day | changes.patient
    new_practice = new_day | changes.practice
    if PHYSICIAN not in found.columns:
        return Groups(_number(new_practice), _number(new_day), order)
    rendering, unsure = found[RENDERING].to_numpy(), found[UNSURE].to_numpy()
    if order is not None:
        rendering, unsure = rendering[order], unsure[order]
    group = _number(new_practice | changes.physician)
    return Groups(group, _number(new_day), order, _number(new_practice), rendering, unsure)


def _number(first: Flags) -> Integers:
    """Return runs by number, from 0."""
    number: Integers = np.cumsum(first, dtype=np.int32)
    number -= 1
    return number


def _sorted_within_patients(found: pl.DataFrame, changes: _Changes) -> Integers:
    """Return an order of lines, those of one patient together, in which each patient's are sorted."""
    run = np.cumsum(changes.patient)
    mixed = np.zeros(run[-1] + 1, np.bool_)
    mixed[run[changes.disorder]] = True
    lines = np.flatnonzero(mixed[run])
    order = np.arange(found.height)
    if {PRACTICE, PHYSICIAN} & set(found.columns) or found[BY_BENEFICIARY].any():
        among = _sorted(found[lines].with_columns(pl.Series(_RUN, run[lines])), _RUN, *_OF_PATIENT)
    else:
        days = found[_DAY].to_numpy()[lines].astype(np.int64)
        days -= days.min()
        among = np.argsort(run[lines] * (days.max() + 1) + days, kind="stable")
    order[lines] = lines[among]
    return order


def _sorted(found: pl.DataFrame, *keys: str) -> Integers:
    keys = tuple(key for key in keys if key in found.columns)
    order = found.select(pl.arg_sort_by(keys, maintain_order=True)).to_series()
    return order.to_numpy().astype(np.int64)


@dataclass(frozen=True)
class _Changes:
    """Mark where each is another than on the line before; and where the line should stand before that line."""

    patient: Flags
    day: Flags
    practice: Flags
    physician: Flags
    disorder: Flags

    def within_patients(self, found: pl.DataFrame, order: Integers) -> _Changes:
        """Return the same groups in an order that moves lines among their patient's only."""
        day = segments.starts(found[_DAY].to_numpy()[order])
        practice, physician = (
            _differs(found[name][order]) if name in found.columns else same
            for name, same in ((PRACTICE, self.practice), (PHYSICIAN, self.physician))
        )
        return _Changes(self.patient, day, practice, physician, np.zeros_like(day))


def _changes(found: pl.DataFrame) -> _Changes:
    patient, day = _differs(found[PATIENT]), found[_DAY].to_numpy()
    new_day, earlier = segments.starts(day), np.zeros(len(day), np.bool_)
    earlier[1:] = day[1:] < day[:-1]
    same, new = ~new_day, {name: np.zeros(len(day), np.bool_) for name in (PRACTICE, PHYSICIAN)}
    for name in new:
        if name in found.columns:
            new[name] = _differs(found[name])
            earlier |= same & _is_less(found[name])
            same &= ~new[name]
    by_beneficiary = found[BY_BENEFICIARY]
    if by_beneficiary.any():
        patient |= _differs(by_beneficiary)
        earlier |= same & by_beneficiary.to_numpy() & _is_less(found["claim_id"])
    return _Changes(patient, new_day, new[PRACTICE], new[PHYSICIAN], earlier & ~patient)


def _differs(texts: pl.Series) -> Flags:
    changed: Flags = (texts != texts.shift(1)).fill_null(True).to_numpy(writable=True)
    return changed


def _is_less(texts: pl.Series) -> Flags:
    less: Flags = (texts < texts.shift(1)).fill_null(False).to_numpy()
    return less


def _stand_together(found: pl.DataFrame, changed: Flags) -> bool:
    """Return whether the lines of every patient stand together."""
    heads = found.select(PATIENT, BY_BENEFICIARY).filter(series(changed))
    if not heads[BY_BENEFICIARY].any() and heads[PATIENT].is_sorted():
        return True
    return heads.hash_rows().n_unique() == heads.height
