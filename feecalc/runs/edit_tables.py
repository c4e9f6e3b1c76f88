"""What edits need beside a claim file: NCCI's tables of its days, coverage policies, lists of diagnoses, history."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from feecalc.edits.coding import technical
from feecalc.edits.lines.codes import Bill
from feecalc.edits.listed import switches
from feecalc.edits.policies.loading import shipped_policies, with_policies
from feecalc.edits.policies.policy import Policy
from feecalc.edits.tables import EditTables, open_edit_tables
from feecalc.errors import DuplicateKey, InvalidValue, MissingColumn
from feecalc.facility.schedule import FacilitySchedule
from feecalc.files.history import read_history
from feecalc.files.opening import plain_errors
from feecalc.files.policy_files import read_diagnosis_list, read_policies
from feecalc.ingest.store import Store
from feecalc.runs.facility_bill import open_rates
from feecalc.runs.reading import ClaimLines
from feecalc.runs.release_days import release_days

PROFESSIONAL: Bill = "professional"
_FEW = 1 << 12  # lines, for whose codes alone the edits are opened


@dataclass(frozen=True)
class EditWishes:
    """What a person asks of the edits; paths as they were typed."""

    policies: tuple[Path, ...] = ()
    diagnoses: tuple[str, ...] = ()  # FILE, or KEY=FILE with a policy's key
    history: Path | None = None
    bill: Bill = PROFESSIONAL
    left_out: frozenset[str] = frozenset()  # names of listed.switches


@dataclass(frozen=True)
class Edits:
    """Edits ready for lines; ``notes`` for a person."""

    tables: EditTables = field(default_factory=EditTables)
    policies: tuple[Policy, ...] = ()
    history: pl.DataFrame | None = None
    bill: Bill = PROFESSIONAL
    notes: tuple[str, ...] = ()
    codes: pl.Series | None = None  # of all lines, where these are few; ``tables`` hold the pairs of these only then
    rates: tuple[FacilitySchedule, ...] = ()  # of a facility's own bill

    def not_checked(self, lines: ClaimLines) -> list[str]:
        """Return what the edits lack; what they lack for surgical centers only where a line is in one."""
        missing = list(self.tables.missing)
        if self.tables.missing_in_centers:
            in_center = pl.col("place_of_service").is_in(technical.places()).any()
            with plain_errors(lines.path):
                found = lines.frame.select(in_center).collect().item()
            missing += self.tables.missing_in_centers if found else ()
        return list(dict.fromkeys(missing))


def open_policies(wishes: EditWishes) -> tuple[Policy, ...]:
    """Open the policies to check by: the person's before those that come with feecalc, with the lists asked for.

    Raises InvalidValue, UnreadableFile, DuplicateKey, MissingColumn, BadValue.
    """
    own = tuple(policy for path in wishes.policies for policy in read_policies(path))
    keys = [policy.key for policy in own]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise DuplicateKey(f"two policies given have the key {twice!r}; give each its own")
    policies = with_policies(own) if own else shipped_policies()
    for text in wishes.diagnoses:
        key, path = _asked_list(text)
        chosen = _chosen(policies, key)
        diagnoses = read_diagnosis_list(path)
        policies = tuple(policy.with_list(diagnoses) if policy.key == chosen else policy for policy in policies)
    return policies


def open_edits(
    lines: ClaimLines,
    wishes: EditWishes | None = None,
    *,
    column_map: Mapping[str, str] | None = None,
    home: Path | None = None,
) -> Edits:
    """Open the edits for the days of ``lines``; ``column_map`` maps headings of the history file too.

    What is not installed is named in ``tables.missing``. Raises what ``open_policies`` does, MissingColumn, StoreError.
    """
    wanted = wishes or EditWishes()
    policies, left_out = open_policies(wanted), _left_out(wanted)
    first, last = _days(lines)
    codes = None
    if lines.rows <= _FEW:
        with plain_errors(lines.path):
            codes = lines.frame.select("hcpcs").collect()["hcpcs"].drop_nulls().unique()
    dated = lines.days is not None
    tables = open_edit_tables(Store(home), last, first, codes, bill=wanted.bill, left_out=left_out, dated=dated)
    rates = open_rates(wanted.bill, lines.each_day, home)
    history: pl.DataFrame | None = None
    notes: tuple[str, ...] = ()
    if wanted.history is not None:
        if "beneficiary_id" not in lines.columns:
            raise MissingColumn(
                f"{lines.path.name} has no column beneficiary_id, by which the history is found; add it, or map it "
                "with --map"
            )
        read = read_history(wanted.history, {code for policy in policies for code in policy.codes()}, column_map)
        history, notes = read.lines, read.notes
    if left_out:
        notes = (*notes, f"left out as asked: {', '.join(sorted(left_out))}")
    return Edits(tables, policies, history, wanted.bill, notes, codes, rates)


def _days(lines: ClaimLines) -> tuple[date, date]:
    """Return the first and last day of the lines that an open release prices: a slip such as 2062 is not looked for."""
    if lines.days is None:
        return date.today(), date.today()
    spans = release_days(lines.opened)
    opens, ends = min(span.first for span in spans), max(span.last for span in spans)
    first, last = max(lines.days[0], opens), min(lines.days[1], ends)
    return (first, last) if first <= last else (opens, opens)


def _left_out(wishes: EditWishes) -> frozenset[str]:
    for name in sorted(wishes.left_out):
        if name not in switches():
            close = difflib.get_close_matches(name, switches(), n=1)
            meant = f" (did you mean {close[0]!r}?)" if close else ""
            raise InvalidValue(
                f"--without: no rule {name[:80]!r} that can be left out{meant}; each finding names its rule"
            )
    return wishes.left_out


def _asked_list(text: str) -> tuple[str, Path]:
    key, equals, path = text.partition("=")
    return (key.strip(), Path(path)) if equals and not Path(text).exists() else ("", Path(text))


def _chosen(policies: tuple[Policy, ...], key: str) -> str:
    """Return the key of the policy a list is for: the one given, else the only one that has lists."""
    having = [policy.key for policy in policies if policy.diagnosis_lists]
    known = [policy.key for policy in policies]
    if key and key not in known:
        raise InvalidValue(f"--diagnoses: no policy has the key {key[:80]!r}; the policies here are {', '.join(known)}")
    if not key and len(having) != 1:
        raise InvalidValue(f"--diagnoses: say for which policy, as KEY=FILE; the policies are {', '.join(known)}")
    return key or having[0]
