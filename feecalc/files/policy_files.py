"""Coverage policies and lists of diagnoses of a person's own: TOML files, and tables of diagnoses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from feecalc.edits.policies.loading import diagnosis_list_of, policy_of
from feecalc.edits.policies.models import Diagnosis, ListHead, checked
from feecalc.edits.policies.policy import DiagnosisList, Policy
from feecalc.errors import DuplicateKey, InvalidValue
from feecalc.files import cells
from feecalc.files.dates import dates_of
from feecalc.files.table import Table, read_list
from feecalc.files.toml import read_toml

_COLUMNS = "diagnosis_column_name"
_CODE = r"^[A-Z0-9]+(\.[A-Z0-9]+)?$"
_FLAGS = ("supports", "and_below")
_DAYS = ("effective_from", "effective_to")


def read_policies(path: Path) -> tuple[Policy, ...]:
    """Return the policies of a TOML file, or of every TOML file of a folder.

    Raises InvalidValue (naming file, table and key), UnreadableFile, DuplicateKey.
    """
    if not path.exists():
        raise InvalidValue(f"{path}: no such file or folder; give a policy as TOML, or a folder of them")
    found = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not found:
        raise InvalidValue(f"{path}: no policy here; a folder of policies holds files NAME.toml")
    policies = tuple(policy_of(_tables(file), file.name) for file in found)
    keys = [policy.key for policy in policies]
    for key in keys:
        if keys.count(key) > 1:
            raise DuplicateKey(f"{path}: {keys.count(key)} policies have the key {key!r}; give each its own")
    return policies


def read_diagnosis_list(path: Path, *, macs: Sequence[str] = (), complete: bool = True) -> DiagnosisList:
    """Return a list of diagnoses from a file.

    TOML: a table ``[diagnosis_list]`` (key, name, complete, source) and rows ``[[diagnosis]]`` (codes, supports).
    A table (csv, xlsx or parquet): a column ``code`` and, where wanted, ``supports`` (yes or no; yes where it is
    blank), ``regions`` (the policy's keys, with blanks between), ``and_below``, ``effective_from``, ``effective_to``.
    ``macs`` (default: all) and ``complete`` are for a table, which cannot say them.

    Raises InvalidValue, UnreadableFile, MissingColumn, naming the row and the key.
    """
    if path.suffix.lower() == ".toml":
        return _of_toml(path)
    head: dict[str, Any] = {"key": path.stem, "name": path.name, "complete": complete, "source": path.name}
    if macs:
        head["macs"] = list(macs)
    table = read_list(path, _COLUMNS, "one diagnosis a row")
    list_head = checked(path.name, ListHead, head)
    rows = [checked(path.name, Diagnosis, {"list": list_head.key, **row}) for row in _rows(table)]
    return diagnosis_list_of(list_head, rows, path.name)


def _tables(path: Path) -> dict[str, Any]:
    return read_toml(path, "policy", "give a policy as TOML, or a folder of them").tables


def _of_toml(path: Path) -> DiagnosisList:
    tables = read_toml(path, "list of diagnoses", "give a list of diagnoses as TOML or as a table").tables
    for name in ("diagnosis_list", "diagnosis"):
        if name not in tables:
            raise InvalidValue(f"{path}: no table {name}; a list has [diagnosis_list] and rows [[diagnosis]]")
    if not isinstance(tables["diagnosis"], list):
        raise InvalidValue(f"{path}, diagnosis: write [[diagnosis]], with two brackets, before each row")
    head = checked(f"{path.name}, [diagnosis_list]", ListHead, tables["diagnosis_list"])
    if not head.source:
        head = head.model_copy(update={"source": path.name})
    rows = [
        checked(f"{path.name}, diagnosis {place}", Diagnosis, {"list": head.key, **row})
        for place, row in enumerate(tables["diagnosis"], 1)
    ]
    return diagnosis_list_of(head, rows, path.name)


def _rows(table: Table) -> list[dict[str, Any]]:
    """Return the rows of a table, those that say the same in one: codes, and the keys that are given."""
    table.require("code")
    read = table.frame.with_columns(
        table.text("code").str.to_uppercase().alias("code"),
        table.text("regions").str.replace_all(r"[\s,;]+", " ").alias("regions"),
        *(_flag(table, name).alias(name) for name in _FLAGS),
        *(_day(table, name).alias(name) for name in _DAYS),
    )
    table.refuse(read, ~pl.col("code").str.contains(_CODE), "no code; write letters and digits, such as M51 or M51.26")
    for name, wanted in (*((name, "yes or no") for name in _FLAGS), *((name, "a date") for name in _DAYS)):
        if table.has(name):
            table.refuse(read, table.unreadable(name, name), f"{name} cannot be read as {wanted}")
    alike = ["supports", "and_below", "regions", *_DAYS]
    filled = read.with_columns(
        pl.col("supports").fill_null(True),
        pl.col("and_below").fill_null(False),
        pl.col("effective_from").fill_null(date.min),
        pl.col("effective_to").fill_null(date.max),
    )
    grouped = filled.group_by(alike, maintain_order=True).agg(pl.col("code").unique(maintain_order=True).alias("codes"))
    rows = grouped.to_dicts()
    for row in rows:  # a few: those that differ in more than the code
        regions = row.pop("regions").split()
        if regions:
            row["regions"] = regions
    return rows


def _flag(table: Table, name: str) -> pl.Expr:
    return cells.yes_or_no(table.column(name), table.kind(name)) if table.has(name) else pl.lit(None, pl.Boolean)


def _day(table: Table, name: str) -> pl.Expr:
    return dates_of(table.frame.lazy(), table.column(name)) if table.has(name) else pl.lit(None, pl.Date)
