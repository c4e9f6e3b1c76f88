"""Checks that a release must pass before it is installed: complete, consistent, and in line with the dated rules.

A check is an ``error`` where a price could be wrong, a ``warning`` where the release contradicts itself but its prices
are not affected (``--allow-warnings`` accepts those), and a ``note`` where something is worth knowing, such as what is
new. ``feecalc.ingest.differences`` explains the distinction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import polars as pl

from feecalc import reference
from feecalc.ingest.assembly.draft import Draft, sample_of
from feecalc.ingest.differences import rows, rows_of_new_indicators
from feecalc.money import FACTOR_PLACES, RVU_PLACES, rounded

Severity = Literal["error", "warning", "note"]
_RVUS = ("work_rvu", "pe_rvu_nonfacility", "pe_rvu_facility", "mp_rvu")
_OPPS = ("opps_pe_rvu_nonfacility", "opps_pe_rvu_facility", "opps_mp_rvu")
_WIDEST = 38
_FEW, _FEW_ROWS, _FEW_PLACES = 5, 100, 5  # one row of so many, one locality of so many: more, and a member was cut off
_LOCALITY = ("mac", "locality")
_TRACKS = {"rvu": "", "rvu_qp": "_qp"}  # the relative value tables, and what the checks of each are called
# A decimal point in the wrong place moves a mean by ten; a true national mean of an index stays near 1.
_MEAN_AT_LEAST, _MEAN_AT_MOST = Decimal("0.4"), Decimal("2.5")


@dataclass(frozen=True)
class CheckResult:
    """The result of a check: the number of rows checked, the number that failed, and up to ten of those."""

    check: str
    severity: Severity
    checked: int
    failed: int
    detail: str
    sample: tuple[Mapping[str, str], ...] = ()

    @property
    def is_failure(self) -> bool:
        """Whether the check failed as an error or a warning."""
        return self.failed > 0 and self.severity != "note"

    def as_dict(self) -> dict[str, Any]:
        """Return the result as a dictionary for the manifest."""
        return {
            "check": self.check,
            "severity": self.severity,
            "checked": self.checked,
            "failed": self.failed,
            "detail": self.detail,
            "sample": [dict(row) for row in self.sample],
        }


def _counted(check: str, severity: Severity, checked: int, failed: pl.DataFrame, detail: str) -> CheckResult:
    return CheckResult(check, severity, checked, failed.height, detail, sample_of(failed))


def _noted(check: str, checked: int, failed: pl.DataFrame, detail: str) -> CheckResult:
    """Check that what is new is counted and noted; where nothing is, the check is one that was passed."""
    return _counted(check, "note" if failed.height else "warning", checked, failed, detail)


def _found(check: str, checked: int, detail: str) -> CheckResult:
    return CheckResult(check, "note", checked, 0, detail)


def contract(frames: Mapping[str, pl.DataFrame]) -> list[CheckResult]:
    """Check that every table has the columns and types of its schema, and each key once."""
    from feecalc.tables import SCHEMAS

    results = []
    for table, frame in frames.items():
        wanted = dict(SCHEMAS[table].create_empty().schema)
        wrong = [
            {"column": name, "wanted": str(wanted.get(name)), "seen": str(frame.schema.get(name))}
            for name in {**wanted, **frame.schema}
            if wanted.get(name) != frame.schema.get(name)
        ]
        words = f"{len(wanted)} columns in {frame.height:,} rows"
        results.append(CheckResult(f"{table}_columns", "error", len(wanted), len(wrong), words, tuple(wrong)))
        key = SCHEMAS[table].primary_key()
        if key:
            repeated = frame.filter(pl.struct(key).is_duplicated()).select(key)
            words = f"{', '.join(key)}: each once"
            results.append(_counted(f"{table}_key", "error", frame.height, repeated, words))
    return results


def totals(draft: Draft, table: str = "rvu") -> CheckResult:
    """Check that work, practice expense and malpractice add up to the printed totals. Source: PPRRVU layout."""
    rvu = draft.frames[table]
    wrong = rvu.filter(
        (pl.col("work_rvu") + pl.col("pe_rvu_nonfacility") + pl.col("mp_rvu") != pl.col("total_rvu_nonfacility"))
        | (pl.col("work_rvu") + pl.col("pe_rvu_facility") + pl.col("mp_rvu") != pl.col("total_rvu_facility"))
    ).select("hcpcs", "modifier", *_RVUS, "total_rvu_nonfacility", "total_rvu_facility", "source_line")
    words = "work + PE + MP = the printed total, in both settings"
    return _counted(f"totals{_TRACKS[table]}", "error", rvu.height, wrong, words)


def conversion_factor(draft: Draft) -> list[CheckResult]:
    """Check that every row prints the conversion factor of the first date of service; QPP rows the QPs' factor."""
    in_force = {row["track"]: Decimal(row["value"]) for row in reference.rows_on("conversion_factor", draft.day)}
    return [
        _printed_factor(draft.frames[table], "all" if "all" in in_force else track, in_force, draft.day)
        for table, track in (("rvu", "other"), ("rvu_qp", "qp"))
        if table in draft.frames
    ]


def _printed_factor(rvu: pl.DataFrame, track: str, in_force: Mapping[str, Decimal], day: date) -> CheckResult:
    name = "conversion_factor" if track == "all" else f"conversion_factor_{track}"
    if track not in in_force:
        printed = " and ".join(str(value) for value in rvu["conversion_factor"].unique())
        words = f"reference/conversion_factor.toml has no rule for {day}; the rows print {printed}"
        return _found("conversion_factor", rvu.height, words)
    superseded = _superseded_factor(rvu, day)
    if superseded is not None:
        words = (
            f"every row prints {superseded['value']}, which was not paid by in the end ({superseded['source']}); "
            f"prices are by {in_force[track]}, in force on {day}"
        )
        return _found(name, rvu.height, words)
    wrong = rvu.filter(pl.col("conversion_factor") != in_force[track])
    wrong = wrong.select("hcpcs", "modifier", "conversion_factor", "source_line")
    return _counted(name, "error", rvu.height, wrong, f"every row prints {in_force[track]}, in force on {day}")


def of_qps(draft: Draft) -> list[CheckResult]:
    """Check that the QPP member has the nonQPP member's RVUs, and OPPS values of the same dollars over its factor.

    A row that differs is kept for QPs and noted: no rule forbids it, although all of CMS's rows seen agree. Source:
    PPRRVU2026_Oct_nonQPP and PPRRVU2026_Oct_QPP.
    """
    joined = draft.frames["rvu"].join(draft.frames["rvu_qp"], on=["hcpcs", "modifier"], suffix="_of_qps")
    differing = joined.filter(pl.any_horizontal(pl.col(name) != pl.col(f"{name}_of_qps") for name in _RVUS))
    columns = [column for name in _RVUS for column in (name, f"{name}_of_qps")]
    factor, own = _units("conversion_factor", FACTOR_PLACES), _units("conversion_factor_of_qps", FACTOR_PLACES)
    other = joined.filter(
        pl.any_horizontal(
            rounded(_units(name, RVU_PLACES) * factor, own) != _units(f"{name}_of_qps", RVU_PLACES) for name in _OPPS
        )
    )
    shown = [column for name in _OPPS for column in (name, f"{name}_of_qps")]
    words = "OPPS values = the nonQPP member's x its factor / the QPs', rounded to two decimals"
    return [
        _noted(
            "rvus_of_qps",
            joined.height,
            differing.select("hcpcs", "modifier", *columns),
            "RVUs = the nonQPP member's",
        ),
        _noted("opps_of_qps", joined.height, other.select("hcpcs", "modifier", *shown), words),
    ]


def _units(name: str, places: int) -> pl.Expr:
    """Return a decimal column as integers of ``10**-places``."""
    return pl.col(name).cast(pl.Decimal(_WIDEST, places)).to_physical()


def members_whole(draft: Draft) -> CheckResult:
    """Check that the nonQPP member has the rows of the QPP member, which leaves some out: else it was cut short.

    A few rows more are new, and noted; many are a contradiction.
    """
    key = ["hcpcs", "modifier"]
    rvu, own = draft.frames["rvu"], draft.frames["rvu_qp"]
    alone = own.join(rvu, on=key, how="anti").select(*key, "status_indicator", "source_line")
    many = alone.height > max(_FEW, own.height // _FEW_ROWS)
    severity: Severity = "error" if many else "note" if alone.height else "warning"
    return _counted("members_whole", severity, own.height, alone, "the nonQPP member has each row of the QPP member")


def places_whole(draft: Draft) -> CheckResult:
    """Check that GPCI has the localities of the other tables, but for a few: else it was cut short."""
    others = [draft.frames[table].select(_LOCALITY) for table in ("anesthesia", "county") if table in draft.frames]
    if not others:
        return _found("gpci_whole", draft.frames["gpci"].height, "no other table of the release lists the localities")
    places = pl.concat(others).unique()
    alone = places.join(draft.frames["gpci"], on=_LOCALITY, how="anti").sort(_LOCALITY)
    many = alone.height > max(_FEW, places.height // _FEW_PLACES)
    severity: Severity = "error" if many else "warning"
    failed = alone if severity == "error" else alone.clear()
    return _counted("gpci_whole", severity, places.height, failed, "GPCI has the localities of the other tables")


def new_indicators(draft: Draft, table: str = "rvu") -> CheckResult:
    """Check that the rules know every indicator; new ones are counted, and no meaning is assumed."""
    rvu = draft.frames[table]
    strange = rows_of_new_indicators(rvu, draft.day)
    values = strange.group_by("column", "value", maintain_order=True).len()
    words = ", ".join(f"{column} {value!r} in {rows(count)}" for column, value, count in values.iter_rows())
    words = f"new, no rule reads it: {words}" if words else "each indicator is one the rules know"
    return _noted(f"indicators{_TRACKS[table]}", rvu.height, strange, words)


def _superseded_factor(rvu: pl.DataFrame, day: date) -> reference.Row | None:
    """Return the factor that all rows print, where CMS is known to have printed it and Medicare did not pay by it."""
    printed = rvu["conversion_factor"].unique().to_list()
    known = {Decimal(row["value"]): row for row in reference.rows_on("superseded_factor", day)}
    return known.get(printed[0]) if len(printed) == 1 else None


def gpci_localities(draft: Draft) -> CheckResult:
    """Check that every index is above 0, and the mean of each over the localities is near 1, which is the nation's."""
    gpci = draft.frames["gpci"]
    indices = ("work_gpci", "pe_gpci", "mp_gpci")
    wrong = gpci.filter(pl.any_horizontal(pl.col(index) <= 0 for index in indices))
    wrong = wrong.select(*_LOCALITY, "locality_name", *indices)
    means = []
    for index in indices:
        total = gpci[index].sum()
        mean = Decimal(total) / gpci.height if gpci.height else Decimal(0)
        sane = _MEAN_AT_LEAST <= mean <= _MEAN_AT_MOST
        means.append(f"{mean:.3f}" if sane else f"{mean:.3f} (far from 1)")
        if not sane:
            wrong = wrong if wrong.height else gpci.select(*_LOCALITY, "locality_name", *indices)
    detail = f"means of the indices: work {means[0]}, PE {means[1]}, MP {means[2]}"
    return _counted("gpci_localities", "error", gpci.height, wrong, detail)


def gpci_year(draft: Draft) -> CheckResult:
    """Check that the indices are those of the release's year."""
    gpci, year = draft.frames["gpci"], draft.facts.get("gpci", {}).get("year")
    if year is None:
        return _found("gpci_year", gpci.height, "the GPCI member does not say its year")
    sample = () if year == str(draft.release.year) else ({"gpci_year": year, "release": draft.release.name},)
    words = f"the indices say they are of {year}"
    return CheckResult("gpci_year", "error", gpci.height, len(sample) * gpci.height, words, sample)


def work_floor(draft: Draft) -> CheckResult:
    """Check that the published work index is the larger of the index and the floor in force.

    Source: SSA 1848(e)(1)(E), (G).
    """
    gpci = draft.frames["gpci"]
    rules = reference.rows_on("work_gpci_floor", draft.day)
    if not any("state" not in rule for rule in rules):
        return _found("work_floor", gpci.height, f"no national floor is in force on {draft.day}")
    # a locality's floor is the largest of those that hold for it; a state's own stands beside the national one
    floor = pl.max_horizontal(
        pl.lit(Decimal(rule["value"])) if "state" not in rule else _of_state(rule["state"], Decimal(rule["value"]))
        for rule in rules
    ).cast(pl.Decimal(6, 3))
    unfloored = pl.col("work_gpci_unfloored")
    expected = pl.when(unfloored > floor).then(unfloored).otherwise(floor)
    wrong = gpci.filter(
        pl.when(unfloored.is_null()).then(pl.col("work_gpci") < floor).otherwise(pl.col("work_gpci") != expected)
    ).select(*_LOCALITY, "state", "work_gpci", "work_gpci_unfloored")
    has_both = gpci["work_gpci_unfloored"].null_count() == 0
    words = "with the floor = the larger of the index and" if has_both else "no work index is below"
    return _counted("work_floor", "error", gpci.height, wrong, f"{words} the floor")


def _of_state(state: str, floor: Decimal) -> pl.Expr:
    return pl.when(pl.col("state") == state).then(pl.lit(floor)).otherwise(pl.lit(Decimal(0)))


def modifiers(draft: Draft, table: str = "rvu") -> CheckResult:
    """Check that a global service is its professional and its technical part, where all three are paid by RVUs.

    Source: RVU25D.pdf, PC/TC indicator 1. Contractor-priced globals print no RVUs of their own and are left out.
    """
    rvu = draft.frames[table].filter(pl.col("pctc_indicator") == "1")
    paid = [row["code"] for row in reference.rows_on("status_indicator", draft.day) if row["pays"] == "rvus"]
    whole = rvu.filter((pl.col("modifier") == "") & pl.col("status_indicator").is_in(paid))
    parts = rvu.filter(pl.col("modifier").is_in(["26", "TC"]) & pl.col("status_indicator").is_in(paid))
    summed = parts.group_by("hcpcs").agg(pl.len().alias("parts"), *(pl.col(name).sum() for name in _RVUS))
    compared = whole.join(summed.filter(pl.col("parts") == 2), on="hcpcs", suffix="_of_parts")
    wrong = compared.filter(pl.any_horizontal(pl.col(name) != pl.col(f"{name}_of_parts") for name in _RVUS))
    wrong = wrong.select("hcpcs", *(column for name in _RVUS for column in (name, f"{name}_of_parts")))
    words = f"global = 26 + TC; {whole.height - compared.height} globals without both parts"
    return _counted(f"modifiers{_TRACKS[table]}", "warning", compared.height, wrong.sort("hcpcs"), words)


def oppscap_known(draft: Draft) -> list[CheckResult]:
    """Check that OPPSCAP's codes are in the relative value file, and its localities in GPCI."""
    if "oppscap" not in draft.frames:
        return []
    cap, key = draft.frames["oppscap"], ["hcpcs", "modifier"]
    codes = cap.select(key).unique()
    strange = codes.join(draft.frames["rvu"], on=key, how="anti").sort(key)
    aliases = reference.rows_on("opps_cap", draft.day, kind="locality_alias")
    places, unknown = _strangers(cap, draft, [(row["mac"], row["locality"]) for row in aliases])
    words = "each code and modifier is in PPRRVU"
    return [
        _noted("oppscap_codes", codes.height, strange, words),
        _noted("oppscap_localities", places, unknown, "each locality is in GPCI, or its alias is"),
    ]


def _strangers(frame: pl.DataFrame, draft: Draft, aliases: Sequence[tuple[str, str]] = ()) -> tuple[int, pl.DataFrame]:
    """Return the number of localities in a table, and those that are not in GPCI."""
    places = frame.select(_LOCALITY).unique()
    also = pl.DataFrame(aliases, schema=dict.fromkeys(_LOCALITY, pl.String), orient="row")
    known = pl.concat([draft.frames["gpci"].select(_LOCALITY), also])
    return places.height, places.join(known, on=_LOCALITY, how="anti").sort(_LOCALITY)


def anesthesia(draft: Draft) -> list[CheckResult]:
    """Check that the national anesthesia factor is the one in force, and each locality is known from GPCI."""
    if "anesthesia" not in draft.frames:
        return []
    frame = draft.frames["anesthesia"]
    places, unknown = _strangers(frame, draft)
    words = "each locality is in GPCI"
    results = [_noted("anesthesia_localities", places, unknown, words)]
    printed = draft.facts.get("anesthesia", {}).get("national_conversion_factor")
    rules = {Decimal(row["value"]) for row in reference.rows_on("anesthesia_conversion_factor", draft.day)}
    if printed is None or not rules:
        words = "the ANES member does not print the national factor" if printed is None else f"no rule on {draft.day}"
        return [*results, _found("anesthesia_factor", frame.height, words)]
    sample = () if Decimal(printed) in rules else ({"national_conversion_factor": printed},)
    words = f"it prints {printed}; in force on {draft.day}: {' and '.join(map(str, sorted(rules)))}"
    return [*results, CheckResult("anesthesia_factor", "error", 1, len(sample), words, sample)]


def county_localities(draft: Draft) -> list[CheckResult]:
    """Check that the localities of LOCCO are known from GPCI."""
    if "county" not in draft.frames:
        return []
    places, unknown = _strangers(draft.frames["county"], draft)
    return [_noted("county_localities", places, unknown, "each locality is in GPCI")]


MoreChecks = Sequence[Callable[[Mapping[str, pl.DataFrame], str], CheckResult]]


def check_release(draft: Draft, more: MoreChecks = ()) -> list[CheckResult]:
    """Return the results of all checks of a release, in the order in which they are reported."""
    results = contract(draft.frames)
    if any(result.failed for result in results):
        return results  # the others count on the columns
    tracks = [table for table in _TRACKS if table in draft.frames]
    results += [totals(draft, table) for table in tracks]
    results += conversion_factor(draft)
    results += [gpci_localities(draft), gpci_year(draft), work_floor(draft)]
    results += [modifiers(draft, table) for table in tracks]
    results += [new_indicators(draft, table) for table in tracks]
    results.append(places_whole(draft))
    if "rvu_qp" in draft.frames:
        results += [members_whole(draft), *of_qps(draft)]
    results += [*oppscap_known(draft), *anesthesia(draft), *county_localities(draft)]
    results += [check(draft.frames, draft.release.name) for check in more]
    return results


def refusal(results: Iterable[CheckResult]) -> str:
    """Return the failed checks of a release as text, with their rows."""
    lines = []
    for result in results:
        if result.is_failure:
            lines.append(
                f"  {result.check} ({result.severity}): {result.failed:,} of {result.checked:,} failed: {result.detail}"
            )
            lines += ["    " + ", ".join(f"{name} {value}" for name, value in row.items()) for row in result.sample]
    return "\n".join(lines)
