"""Claim lines for Python: a file read, a frame priced, a frame checked. ``feecalc`` has these names."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from feecalc.edits import checking
from feecalc.edits.checking import Findings
from feecalc.edits.tables import Bill, open_edit_tables
from feecalc.ingest.store import Store
from feecalc.pricing.claims import batches
from feecalc.pricing.claims.columns import require
from feecalc.pricing.claims.engine import ClaimPricer
from feecalc.pricing.claims.rules import ClaimRules
from feecalc.pricing.schedule import FeeSchedule
from feecalc.runs import reading
from feecalc.runs.facility_bill import bill_pricer, open_rates
from feecalc.runs.release_days import OpenSchedules, open_schedules, release_days

_DAY = "date_of_service"


def read_claims(path: str | Path, *, release: str | None = None, home: str | Path | None = None) -> pl.LazyFrame:
    """Read a claim file with any headings into the columns that ``price_claims`` takes.

    Parameters
    ----------
    path : str or Path
        A csv, xlsx or parquet file. Headings such as "Claim #", "Svc Date" and "CPT" are recognized.
    release : str, optional
        The release whose localities the file's are looked up in, such as "2026C"; by default those in force on the
        file's dates of service.
    home : str or Path, optional
        The folder of installed releases; by default the person's own, or ``FEECALC_HOME``.

    Returns
    -------
    polars.LazyFrame
        One row a line: claim_id, line, date_of_service, hcpcs, place_of_service, mac, locality, units, modifier_1 to
        modifier_4, billed_amount [USD], and the other columns of ``feecalc/pricing/claims/columns.py`` that the file
        has; then the file's own cells as ``input:HEADING``. The lines are read when the frame is collected. What was
        assumed (how dates are read, what a missing column stands for) comes as a ``UserWarning``.

    Raises
    ------
    MissingColumn
        The file lacks a column that pricing needs, or one cannot be told from another.
    UnreadableFile
        The file is no csv, xlsx or parquet file, or is cut short.
    NotInstalled
        No release for the file's dates is installed.

    Source
    ------
    CMS-1500 form, items 21 to 24, for what a line holds.

    Example
    -------
    >>> import feecalc
    >>> lines = feecalc.read_claims("data/samples/claims.csv")
    >>> lines.select("claim_id", "line", "hcpcs", "units").head(2).collect().rows()
    [('P-1001', 1, '99204', 1), ('P-1002', 1, '64493', 1)]
    """
    lines = reading.read_claims(Path(path), release=release, home=_folder(home), edits=True)
    for note in lines.notes:
        warnings.warn(note, stacklevel=2)
    return lines.frame


def price_claims(
    claims: pl.LazyFrame | pl.DataFrame,
    schedule: FeeSchedule | Sequence[FeeSchedule] | None = None,
    rules: ClaimRules | None = None,
    *,
    home: str | Path | None = None,
) -> pl.LazyFrame:
    """Price claim lines: what Medicare allows for each, by all rules for one line and for several lines of a day.

    Parameters
    ----------
    claims : polars.LazyFrame or polars.DataFrame
        One row a line. Needed: claim_id, line, date_of_service, hcpcs, place_of_service, mac, locality, units. What may
        be left out, and what then counts: ``feecalc/pricing/claims/columns.py``. Other columns pass by untouched.
    schedule : FeeSchedule, sequence of FeeSchedule, or None
        One release prices every day of its year. Of several, each prices from its first day to the day before the
        next release's. None: the installed releases in force on the claims' days.
    rules : ClaimRules, optional
        The rules applied; by default all of Medicare's.
    home : str or Path, optional
        The folder of installed releases, used where ``schedule`` is None.

    Returns
    -------
    polars.LazyFrame
        The claims' own columns, then release, setting, fee_schedule_amount, units_factor, bilateral_factor,
        modifier_factor, mppr_factor, opps_cap, cap_factor, film_factor, practitioner_factor, participation_factor,
        charge_factor, allowed_amount, medicare_factor, medicare_paid, patient_share, sequestration,
        contractual_adjustment, pricing_status, reason, group, carc, rarc, adjustments, rank. Amounts are exact
        decimals. [USD] It is priced batch by batch when it is collected or written, in memory that does not grow with
        the file where a patient's lines stand together. ``adjustments``: group, codes and amount of every part of what
        is billed and not paid.
        A line that cannot be priced has a null amount, its pricing_status and its reason.

    Raises
    ------
    MissingColumn
        A column that is needed is not there.
    NotInstalled
        ``schedule`` is None and no release for the claims' days is installed.

    Source
    ------
    Pub. 100-04 ch. 12 (physicians) and ch. 23; SSA 1848. Each rule's own section stands in ``feecalc/reference/``.

    Example
    -------
    >>> import feecalc
    >>> schedule = feecalc.open_schedule("2026C")
    >>> priced = feecalc.price_claims(feecalc.read_claims("data/samples/claims.csv"), schedule).collect()
    >>> priced.select("hcpcs", "modifier_1", "allowed_amount", "pricing_status").row(1)  # 50: 150 percent of 203.12
    ('64493', '50', Decimal('304.68'), 'priced')
    """
    lines = claims.lazy()
    require(lines.collect_schema())
    pricer = ClaimPricer(release_days(_opened(lines, schedule, home)), rules or ClaimRules())
    return batches.price_claims(lines, pricer)


def check_claims(
    claims: pl.LazyFrame | pl.DataFrame,
    schedule: FeeSchedule | Sequence[FeeSchedule] | None = None,
    *,
    history: pl.DataFrame | None = None,
    bill: Bill = "professional",
    home: str | Path | None = None,
) -> Findings:
    """Check claim lines before they go out: what will be denied, reduced or questioned, and the dollars at stake.

    Parameters
    ----------
    claims : polars.LazyFrame or polars.DataFrame
        As for ``price_claims``; the coverage policies also read diagnosis_1 to diagnosis_12. All lines are held in
        memory; for files of many million lines use ``feecalc check``.
    schedule : FeeSchedule, sequence of FeeSchedule, or None
        As for ``price_claims``.
    history : polars.DataFrame, optional
        Earlier sessions of the same patients: beneficiary_id, date_of_service, hcpcs, and modifiers where known.
    bill : {"professional", "asc", "hospital"}
        Whose bill it is. A facility's lines are priced and judged by the facility's own rates and lists, at the
        national rates.
    home : str or Path, optional
        The folder of installed releases and of NCCI's files.

    Returns
    -------
    Findings
        ``found``: one row a finding: claim_id, line, row, rule, severity (denies, reduces or warns), carc,
        rarc, detail, remedy, source, amount_at_stake [USD, null where not known], stake_reason. ``priced``: the lines
        with the results of ``price_claims``. ``claims`` and ``answers.lines``: the answer of each claim and line:
        denied, reduced, questioned, not looked at, or nothing found. ``answers.gaps``: why a line was not looked at,
        and what would mend it. ``looked_at_by``: the edits, lists and policies, with their quarter. ``missing``:
        sentences on edits that could not be made, since their files are not installed. ``allowed``: with the denials
        and without. ``clean``: whether every line was looked at, by every list, and priced, and nothing was found.

    Raises
    ------
    MissingColumn
        A column that is needed is not there.
    NotInstalled
        ``schedule`` is None and no release for the claims' days is installed.

    Source
    ------
    NCCI policy manual; Pub. 100-04 ch. 12 and ch. 23; the LCDs named in ``feecalc/reference/coverage/``. Each finding
    has its own ``source``.

    Example
    -------
    >>> import feecalc
    >>> schedule = feecalc.open_schedule("2026C")
    >>> findings = feecalc.check_claims(feecalc.read_claims("data/samples/facet.csv"), schedule)
    >>> findings.found.select("claim_id", "line", "rule", "amount_at_stake").row(0)
    ('F-04', 2, 'included_service', Decimal('110.51'))
    """
    lines = claims.lazy()
    require(lines.collect_schema())
    opened = _opened(lines, schedule, home)
    batch, spans = lines.collect(), release_days(opened)
    first, last = min(span.first for span in spans), max(span.last for span in spans)
    days = batch[_DAY].drop_nulls().sort()
    inside = [day for day in (days[0], days[-1]) if first <= day <= last] if len(days) else []
    begins, ends = min(inside, default=first), max(inside, default=first)
    tables = open_edit_tables(Store(_folder(home)), ends, begins, bill=bill)
    pricer = bill_pricer(ClaimPricer(spans), bill, open_rates(bill, days.unique(), _folder(home)))
    return checking.check(batch, pricer, tables, history=history, bill=bill)


def _folder(home: str | Path | None) -> Path | None:
    return None if home is None else Path(home)


def _opened(
    claims: pl.LazyFrame, schedule: FeeSchedule | Sequence[FeeSchedule] | None, home: str | Path | None
) -> OpenSchedules:
    if isinstance(schedule, FeeSchedule):
        return OpenSchedules((schedule,), pinned=True)
    if schedule is not None:
        return OpenSchedules(tuple(schedule), pinned=False)
    of_lines = pl.col(_DAY).cast(pl.Date, strict=False)  # as the lines are read
    days: list[date] = claims.select(of_lines.drop_nulls().unique()).collect()[_DAY].to_list()
    opened = open_schedules(days, home=_folder(home))
    for notice in opened.notices:
        warnings.warn(notice, stacklevel=3)
    return opened
