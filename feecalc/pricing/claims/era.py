"""A span of days in which no rule and no release changes, as look-up tables: by row, modifier, place and locality."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from feecalc import reference
from feecalc.pricing import formula
from feecalc.pricing.arrays import Flags, Indices, Whole, whole_column
from feecalc.pricing.claims import outcomes, percent
from feecalc.pricing.claims.does import Does
from feecalc.pricing.claims.outcomes import Outcomes
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.claims.traits import Traits
from feecalc.pricing.claims.vocabulary import Vocabulary
from feecalc.pricing.release_tables import ReleaseTables
from feecalc.pricing.rules import status
from feecalc.pricing.rules.conversion_factor import conversion_factor, has_qp_track
from feecalc.pricing.rules.technical_component import technical_components
from feecalc.pricing.rules.work_gpci_floor import work_gpci_floor
from feecalc.pricing.scale import FACTOR_PLACES, scaled

NONE = -1
_COMPONENTS = ("", "26", "TC", "53")
GLOBAL, PROFESSIONAL, TECHNICAL, DISCONTINUED = range(len(_COMPONENTS))
# Indicators of RVU25D.pdf, Attachment A, that rules in this folder name.
_TECHNICAL_ONLY, _WHOLE_TEST = "3", "4"  # PC/TC
_ADD_ON = "ZZZ"  # global days
_PAID_ONLY_ALONE = "T"  # status


@dataclass(frozen=True)
class Era:
    """The rules and the release of ``first`` to ``last``. Tables by row have the shape of the release's rows."""

    first: date
    last: date
    tables: ReleaseTables
    words: Vocabulary
    outcomes: Outcomes
    gpci_floor: bool

    # Rows

    @cached_property
    def rows(self) -> Whole:
        """The row of each code and component. Shape: [code + 1, component], -1 where there is none."""
        found = np.full((len(self.words.hcpcs.listed) + 1, len(_COMPONENTS)), NONE, np.int32)
        component = {modifier: number for number, modifier in enumerate(_COMPONENTS)}
        at = self.words.hcpcs.at
        for row, (code, modifier) in enumerate(self.tables.rvu.select("hcpcs", "modifier").iter_rows()):
            if modifier in component:
                found[at[code], component[modifier]] = row
        return found

    @cached_property
    def global_row(self) -> Whole:
        """The global service's row of each code. Shape: [code + 1], -1 where there is none."""
        return np.ascontiguousarray(self.rows[:, GLOBAL])

    @cached_property
    def has_code(self) -> Flags:
        """Whether the release has each code. Shape: [code + 1]."""
        found: Flags = np.any(self.rows >= 0, axis=1)
        return found

    def _column(self, name: str) -> pl.Series:
        return self.tables.rvu[name]

    def _is(self, name: str, *values: str) -> Flags:
        return self._column(name).is_in(list(values)).to_numpy()

    @cached_property
    def component(self) -> Whole:
        """The component of each row."""
        named = self._column("modifier").replace_strict(
            {modifier: number for number, modifier in enumerate(_COMPONENTS)}, default=GLOBAL, return_dtype=pl.Int64
        )
        return named.to_numpy()

    @cached_property
    def _by_code(self) -> Whole:
        """For each row the rows of its code. Shape: [row, component]."""
        return self.rows[self.words.hcpcs.numbers(self._column("hcpcs"))]

    @cached_property
    def technical_row(self) -> Whole:
        """The TC row of each global row, -1 elsewhere."""
        return np.where(self.component == GLOBAL, self._by_code[:, TECHNICAL], NONE)

    @cached_property
    def professional_row(self) -> Whole:
        """The 26 row of each global row, -1 elsewhere."""
        return np.where(self.component == GLOBAL, self._by_code[:, PROFESSIONAL], NONE)

    @cached_property
    def is_professional_row(self) -> Flags:
        found: Flags = self.component == PROFESSIONAL
        return found

    # Amounts

    @cached_property
    def indices(self) -> Indices:
        floor = work_gpci_floor(self.first, wanted=self.gpci_floor)
        return Indices.of(self.tables.localities, self.first, floor)

    @cached_property
    def locality_at(self) -> Whole:
        """The locality of each MAC and number. Shape: [mac + 1, number + 1], -1 where there is none."""
        macs, numbers = self.words.macs, self.words.numbers
        found = np.full((len(macs.listed) + 1, len(numbers.listed) + 1), NONE, np.int32)
        keys = self.tables.localities.select("mac", "locality").iter_rows()
        for position, (mac, number) in enumerate(keys):
            found[macs.at[mac], numbers.at[number]] = position
        return found

    @cached_property
    def factors(self) -> tuple[int, int]:
        """The conversion factor of everybody else and of QPs. [ten-thousandths]"""
        other = conversion_factor(self.first).scaled
        return other, conversion_factor(self.first, qp=True).scaled if has_qp_track(self.first) else other

    def practice_expense(self, rows: Whole, facility: Flags) -> Whole:
        """Practice expense RVUs in the setting. [hundredths]"""
        columns = self.tables.arrays.columns
        return np.where(facility, columns.pe_facility[rows], columns.pe_nonfacility[rows])

    def fees(self, rows: Whole, localities: Whole, facility: Flags, factors: Whole) -> Whole:
        """Fee schedule amounts of lines, uncapped. [cents]"""
        columns, indices = self.tables.arrays.columns, self.indices
        adjusted = formula.adjusted_rvus(
            columns.work[rows],
            indices.work[localities],
            self.practice_expense(rows, facility),
            indices.pe[localities],
            columns.mp[rows],
            indices.mp[localities],
        )
        cents: Whole = formula.cents(adjusted, factors)
        return cents

    def ceilings(self, rows: Whole, localities: Whole, facility: Flags, factors: Whole) -> Whole:
        """Amounts from the used-for-OPPS columns. [cents]"""
        columns, indices = self.tables.arrays.columns, self.indices
        pe = np.where(facility, columns.opps_pe_facility[rows], columns.opps_pe_nonfacility[rows])
        adjusted = formula.adjusted_rvus(
            columns.work[rows], indices.work[localities], pe, indices.pe[localities],
            columns.opps_mp[rows], indices.mp[localities],
        )  # fmt: skip
        cents: Whole = formula.cents(adjusted, factors)
        return cents

    @cached_property
    def is_capped(self) -> Flags:
        return self.tables.arrays.is_capped(self.first)

    # What the row's indicators say

    @cached_property
    def traits(self) -> Whole:
        """Bits of Traits of each row."""
        several = self.is_surgery | self.is_endoscopy | self.is_therapy | self.looks_at_parts
        held = {
            Traits.SEVERAL: several,
            Traits.TWO_UNITS: self.two_units_mean_both & (self.both_sides_rate > 0),
            Traits.ADD_ON: self.is_add_on,
            Traits.ONLY_ALONE: self.is_paid_only_alone,
            Traits.OTHER: self.is_anesthesia | self.is_capped,
        }
        found = np.zeros(self.tables.rvu.height, np.int8)
        for trait, rows in held.items():
            found[rows] |= trait
        return found

    def in_several_rule(self, rules: ClaimRules) -> Flags:
        """Rows that a several-line rule speaks of, of those that are applied."""
        found: Flags = (self.is_surgery | self.is_endoscopy) & rules.surgery
        found |= self.is_therapy & rules.therapy
        found |= (self.imaging_family >= 0) & rules.imaging
        tests = (self.is_cardiovascular | self.is_ophthalmology) & ~self.is_professional_row
        return found | (tests & rules.diagnostic)

    @cached_property
    def is_technical_row(self) -> Flags:
        """Rows that are technical work only: the TC row, or PC/TC indicator 3."""
        found: Flags = (self.component == TECHNICAL) | self._is("pctc_indicator", _TECHNICAL_ONLY)
        return found

    @cached_property
    def sister_rows(self) -> Whole:
        """The rows of the codes that hold a whole test's technical part. Shape: [row, sister], -1 where none."""
        rows = self._rules("technical_sister")
        widest = max((len(row["technical"]) for row in rows), default=0)
        found = np.full((self.tables.rvu.height, widest), NONE)
        at = self.words.hcpcs.at
        for rule in rows:
            whole_test = self.rows[at[rule["hcpcs"]], GLOBAL] if rule["hcpcs"] in at else NONE
            sisters = [self.rows[at[code], GLOBAL] if code in at else NONE for code in rule["technical"]]
            if whole_test >= 0 and min(sisters) >= 0:
                found[whole_test, : len(sisters)] = sisters
        return found

    @cached_property
    def has_technical_part(self) -> Flags:
        """Rows whose technical part can be told."""
        return self.is_technical_row | (self.technical_row >= 0) | (self.sister_rows >= 0).any(axis=1)

    @cached_property
    def technical_part_is_unknown(self) -> Flags:
        """Whole tests (PC/TC indicator 4) whose technical part no rule names."""
        return self._is("pctc_indicator", _WHOLE_TEST) & ~self.has_technical_part

    @cached_property
    def is_add_on(self) -> Flags:
        return self._is("global_days", _ADD_ON)

    @cached_property
    def is_paid_only_alone(self) -> Flags:
        return self._is("status_indicator", _PAID_ONLY_ALONE)

    # Bilateral

    @cached_property
    def both_sides_rate(self) -> Whole:
        """What both sides pay of one, ten-thousandths; 0 where modifier 50 does not apply."""
        rates = {
            row["bilateral_indicator"]: percent.rate(row["value"]) for row in self._rules("bilateral") if row["applies"]
        }
        return self._by("bilateral_indicator", rates, 0)

    @cached_property
    def sides_are_separate(self) -> Flags:
        separate = [row["bilateral_indicator"] for row in self._rules("bilateral") if row["sides_are_separate"]]
        return self._is("bilateral_indicator", *separate)

    @cached_property
    def two_units_mean_both(self) -> Flags:
        """Rows whose two units are both sides: never an add-on, whose units are further levels."""
        meant = [row["bilateral_indicator"] for row in self._rules("bilateral") if row["two_units_are_both_sides"]]
        return self._is("bilateral_indicator", *meant) & ~self.is_add_on

    # Percents of modifiers

    def _rates_of(self, column: str) -> Whole:
        return whole_column(self._column(column), percent.PLACES)

    @cached_property
    def preoperative(self) -> Whole:
        return self._rates_of("preoperative_rate")

    @cached_property
    def intraoperative(self) -> Whole:
        return self._rates_of("intraoperative_rate")

    @cached_property
    def postoperative(self) -> Whole:
        return self._rates_of("postoperative_rate")

    @cached_property
    def split_care_applies(self) -> Flags:
        """Rows whose care can be split: their global period is one that can, and their shares are printed."""
        periods = {days for row in self._rules("split_care") for days in row["global_days"]}
        return self._is("global_days", *periods) & (self.preoperative + self.intraoperative + self.postoperative > 0)

    @cached_property
    def global_period(self) -> Whole:
        """Days after the procedure that its fee pays for; 0 where the row names none."""
        return self._column("global_days").cast(pl.Int64, strict=False).fill_null(0).to_numpy()

    @cached_property
    def reduced_service_rate(self) -> int:
        return percent.rate(self._rule("reduced_service")["value"])

    @cached_property
    def cosurgery_rate(self) -> int:
        return percent.rate(self._rule("cosurgery", kind="percent")["value"])

    @cached_property
    def cosurgery_applies(self) -> Flags:
        paid = self._indicators("cosurgery", "cosurgeon_indicator", "paid", "with_documentation")
        return self._is("cosurgeon_indicator", *paid)

    @cached_property
    def team_applies(self) -> Flags:
        return self._is("team_indicator", *self._indicators("cosurgery", "team_indicator", "by_report"))

    @cached_property
    def assistant_rate(self) -> int:
        return self._assistant_rates(practitioner=False)

    @cached_property
    def practitioner_assistant_rate(self) -> int:
        return self._assistant_rates(practitioner=True)

    def _assistant_rates(self, *, practitioner: bool) -> int:
        (rate,) = {
            percent.rate(row["value"])
            for row in self._rules("assistant", kind="modifier")
            if ("of_assistant" in row) == practitioner
        }
        return rate

    @cached_property
    def assistant_never(self) -> Flags:
        return self._is("assistant_indicator", *self._indicators("assistant", "assistant_indicator", "never"))

    @cached_property
    def assistant_with_documentation(self) -> Flags:
        meant = self._indicators("assistant", "assistant_indicator", "with_documentation")
        return self._is("assistant_indicator", *meant)

    @cached_property
    def assistant_does_not_apply(self) -> Flags:
        known = self._indicators("assistant", "assistant_indicator", "paid", "with_documentation", "never")
        return ~self._is("assistant_indicator", *known)

    # Several lines

    def _several(self, rule: str, part: str) -> list[reference.Row]:
        rows = self._rules("multiple_procedure", rule=rule, part=part)
        return sorted(rows, key=lambda row: row["rank"])

    def _of_rule(self, rule: str) -> Flags:
        indicators = {row["mppr_indicator"] for row in self._rules("multiple_procedure", rule=rule)}
        return self._is("mppr_indicator", *indicators) & ~self.is_add_on

    @cached_property
    def is_surgery(self) -> Flags:
        return self._of_rule("surgery")

    @cached_property
    def is_endoscopy(self) -> Flags:
        return self._of_rule("endoscopy")

    @cached_property
    def is_therapy(self) -> Flags:
        return self._of_rule("therapy")

    @cached_property
    def is_cardiovascular(self) -> Flags:
        return self._of_rule("cardiovascular")

    @cached_property
    def is_ophthalmology(self) -> Flags:
        return self._of_rule("ophthalmology")

    @cached_property
    def imaging_family(self) -> Whole:
        """The number of a row's imaging family, -1 where images of it are not reduced."""
        families = self._several("imaging", "technical")[-1]["imaging_families"]
        named = self._by("imaging_family", {family: number for number, family in enumerate(families)}, NONE)
        return np.where(self._of_rule("imaging"), named, NONE)

    @cached_property
    def looks_at_parts(self) -> Flags:
        """Rows whose rule ranks technical or professional parts."""
        return (self.imaging_family >= 0) | self.is_cardiovascular | self.is_ophthalmology

    @cached_property
    def surgery_rates(self) -> list[int]:
        return [percent.rate(row["value"]) for row in self._several("surgery", "fee")]

    @cached_property
    def by_report_from_rank(self) -> int:
        return min(int(row["rank"]) for row in self._several("surgery", "fee") if row.get("by_report"))

    def _after_the_first(self, rule: str, part: str) -> int:
        return percent.rate(self._several(rule, part)[-1]["value"])

    @cached_property
    def imaging_technical_rate(self) -> int:
        return self._after_the_first("imaging", "technical")

    @cached_property
    def imaging_professional_rate(self) -> int:
        return self._after_the_first("imaging", "professional")

    @cached_property
    def cardiovascular_rate(self) -> int:
        return self._after_the_first("cardiovascular", "technical")

    @cached_property
    def ophthalmology_rate(self) -> int:
        return self._after_the_first("ophthalmology", "technical")

    @cached_property
    def therapy_pe_rate(self) -> int:
        return self._after_the_first("therapy", "practice_expense")

    def fees_with_reduced_practice_expense(
        self, rows: Whole, localities: Whole, facility: Flags, factors: Whole
    ) -> Whole:
        """Fees with the practice expense at the therapy percent inside the formula, rounded once. [cents]"""
        columns, indices, rate = self.tables.arrays.columns, self.indices, self.therapy_pe_rate
        adjusted = (
            percent.WHOLE * columns.work[rows] * indices.work[localities]
            + rate * self.practice_expense(rows, facility) * indices.pe[localities]
            + percent.WHOLE * columns.mp[rows] * indices.mp[localities]
        )
        unit = formula.UNITS_PER_CENT * percent.WHOLE
        cents: Whole = (adjusted * factors + unit // 2) // unit
        return cents

    @cached_property
    def endoscopic_family(self) -> Whole:
        """The number of a row's endoscopic family, its base's code: members and the base itself; -1 elsewhere."""
        bases = self._column("endoscopic_base").unique().drop_nulls().to_list()
        number = {code: self.words.hcpcs.at.get(code, NONE) for code in bases if code}
        member = self._by("endoscopic_base", number, NONE)
        own = self._by("hcpcs", number, NONE)
        return np.where(self.is_endoscopy, member, np.where(self.component == GLOBAL, own, NONE))

    @cached_property
    def endoscopic_base_row(self) -> Whole:
        """The priced row of each row's endoscopic base, -1 where there is none."""
        base = np.where(self.endoscopic_family >= 0, self.rows[self.endoscopic_family, GLOBAL], NONE)
        return np.where((base >= 0) & self.tables.arrays.is_priced(self.first)[base], base, NONE)

    # Billing

    @cached_property
    def film_rates(self) -> dict[Does, int]:
        return {
            Does[row["does"].upper()]: percent.rate(row["value"])
            for row in self._rules("modifier", part="technical")
            if "value" in row
        }

    @cached_property
    def biller_rate(self) -> Whole:
        """The percent of each provider type. Shape: [provider type + 1], 0 for one that is not known."""
        rates = np.zeros(len(self.words.provider_types.listed) + 1, np.int64)
        for row in self._rules("provider_type"):
            rates[self.words.provider_types.at[row["provider_type"]]] = percent.rate(row["value"])
        return rates

    @cached_property
    def biller_takes_assignment(self) -> Flags:
        must = np.zeros(len(self.words.provider_types.listed) + 1, np.bool_)
        for row in self._rules("provider_type"):
            must[self.words.provider_types.at[row["provider_type"]]] = row["mandatory_assignment"]
        return must

    @cached_property
    def nonparticipating_rate(self) -> int:
        return percent.rate(self._rule("participation", kind="nonparticipating_payment")["value"])

    @cached_property
    def coinsurance_rate(self) -> int:
        return percent.rate(self._rule("coinsurance", kind="general")["value"])

    @cached_property
    def turned_coinsurance_rate(self) -> int:
        rows = self._rules("coinsurance", kind="screening_turned_diagnostic")
        return percent.rate(rows[0]["value"]) if rows else self.coinsurance_rate

    @cached_property
    def therapy_assistant_rate(self) -> int:
        rows = self._rules("modifier", kind="therapy_assistant")
        return min((percent.rate(row["value"]) for row in rows if "value" in row), default=percent.WHOLE)

    @cached_property
    def sequestration_rate(self) -> int:
        return percent.rate(self._rule("sequestration")["value"])

    # Words

    @cached_property
    def does(self) -> Whole:
        """What each modifier does. Shape: [modifier + 1]."""
        found = np.full(len(self.words.modifiers.listed) + 1, int(Does.UNKNOWN), np.int32)
        found[self.words.modifiers.at[""]] = 0
        for row in self._rules("modifier"):
            found[self.words.modifiers.at[row["modifier"]]] = int(Does[row["does"].upper()]) if "does" in row else 0
        return found

    @cached_property
    def places(self) -> tuple[Whole, list[tuple[str, str]]]:
        """The number of each place's setting and patient, -1 where it is not in use; and the settings and patients."""
        kinds: list[tuple[str, str]] = []
        found = np.full(len(self.words.places.listed) + 1, NONE, np.int32)
        for row in self._rules("place_of_service"):
            kind = (row["setting"], row["patient"])
            if kind not in kinds:
                kinds.append(kind)
            found[self.words.places.at[row["code"]]] = kinds.index(kind)
        return found, kinds

    # Statuses

    @cached_property
    def row_status(self) -> Whole:
        """The outcome of each row's status letter; 0 where relative values, or the rule of anesthesia, price it."""
        has_rvus = self.tables.arrays.has_rvus
        found = np.zeros(len(has_rvus), outcomes.KIND)
        for letter in self._column("status_indicator").unique():
            rows = self._is("status_indicator", letter)
            for with_rvus in (True, False):
                meant = status.status(letter, self.first, has_rvus=with_rvus)
                if meant.pays != status.PAYS_RVUS:
                    found[rows & (has_rvus == with_rvus)] = self.outcomes.number(meant.pricing_status, meant.reason)
        found[self.is_anesthesia] = outcomes.PRICED
        return found

    @cached_property
    def is_anesthesia(self) -> Flags:
        letters = [row["code"] for row in self._rules("status_indicator", pays=status.PAYS_ANESTHESIA)]
        return self._is("status_indicator", *letters)

    @cached_property
    def rows_by_place(self) -> tuple[Whole, Whole]:
        """At each kind of place, the row paid in place of each row, and the outcome where it is not paid (0: paid).

        Shape of each: [kind of ``places``, row].
        """
        paid, denied = zip(*(self._of_patient(patient) for _, patient in self.places[1]), strict=True)
        return np.array(paid, np.int32), np.array(denied, outcomes.KIND)

    def _of_patient(self, patient: str) -> tuple[Whole, Whole]:
        paid, denied = np.arange(self.tables.rvu.height), np.zeros(self.tables.rvu.height, np.int64)
        priced = self.tables.arrays.is_priced(self.first)
        for rule in technical_components(patient, self.first):
            held = self._is("pctc_indicator", rule.pctc_indicator) & self._is("modifier", rule.modifier)
            if rule.instead is None:
                denied[held] = self.outcomes.number(rule.pricing_status, rule.reason)
            else:
                other = self._by_code[:, _COMPONENTS.index(rule.instead)]
                paid = np.where(held & (other >= 0) & priced[other], other, paid)
        return paid, denied

    # Anesthesia

    @property
    def has_qp_track(self) -> bool:
        return has_qp_track(self.first)

    @cached_property
    def base_tenths(self) -> Whole:
        """Base units of each row, in tenths; -1 where none are loaded."""
        if self.tables.base_units is None:
            return np.full(self.tables.rvu.height, NONE)
        units = dict(self.tables.base_units.select("hcpcs", pl.col("base_units").cast(pl.Int64) * 10).iter_rows())
        return self._by("hcpcs", units, NONE)

    @cached_property
    def takes_no_time(self) -> Flags:
        return self._is("hcpcs", *(row["hcpcs"] for row in self._rules("anesthesia_service", kind="no_time_code")))

    @cached_property
    def minutes_per_unit(self) -> int:
        return int(self._rule("anesthesia_service", kind="time_unit")["value"])

    @cached_property
    def anesthesia_rates(self) -> Whole:
        """What part each modifier pays of an anesthesia fee. Shape: [modifier + 1], the whole where it says nothing."""
        rates = np.full(len(self.words.modifiers.listed) + 1, percent.WHOLE)
        for row in self._rules("anesthesia_service", kind="modifier"):
            rates[self.words.modifiers.at[row["modifier"]]] = percent.rate(row["value"])
        return rates

    @cached_property
    def supervised_tenths(self) -> Whole:
        """Units in tenths that a modifier puts in place of base and time, -1 elsewhere. Shape: [modifier + 1]."""
        found = np.full(len(self.words.modifiers.listed) + 1, NONE)
        for row in self._rules("anesthesia_service", kind="medical_supervision", part="base"):
            found[self.words.modifiers.at[row["modifier"]]] = int(row["value"]) * 10
        return found

    @cached_property
    def is_anesthesia_modifier(self) -> Flags:
        listed = {row["modifier"] for row in self._rules("anesthesia_service") if "modifier" in row}
        return np.array([word in listed for word in self.words.modifiers.listed] + [False])

    def anesthesia_factors(self, localities: Whole) -> Whole:
        """The anesthesia factor of each locality. [ten-thousandths; -1 where the release has none]"""
        return self._anesthesia_by_locality[localities]

    @cached_property
    def _anesthesia_by_locality(self) -> Whole:
        if self.tables.anesthesia is None:
            return np.full(self.tables.localities.height, NONE)
        factor = pl.col("anesthesia_conversion_factor")
        joined = self.tables.localities.select("mac", "locality").join(
            self.tables.anesthesia.select("mac", "locality", factor), on=["mac", "locality"], how="left"
        )
        return scaled(joined[factor.meta.output_name()], FACTOR_PLACES).fill_null(NONE).to_numpy()

    # Reference

    def _rules(self, name: str, **key: str) -> list[reference.Row]:
        return reference.rows_on(name, self.first, **key)

    def _rule(self, name: str, **key: str) -> reference.Row:
        return reference.row_on(name, self.first, **key)

    def _indicators(self, name: str, column: str, *payments: str) -> list[str]:
        return [
            row[column] for row in self._rules(name, kind="indicator") if column in row and row["payment"] in payments
        ]

    def _by(self, column: str, numbers: dict[str, int], default: int) -> Whole:
        return self._column(column).replace_strict(numbers, default=default, return_dtype=pl.Int64).to_numpy()
