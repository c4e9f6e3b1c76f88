"""What a build takes the place of: an entry that was built of other bytes is never replaced without a word."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from feecalc.errors import StoreError
from feecalc.ingest.manifest import Manifest
from feecalc.ingest.store import Store

_OF_THE_FILE = ("source_line", "line")  # a row's place in its file is not the row's
_SHOWN = 12  # digits of a sha256


def what_is_replaced(store: Store, manifest: Manifest, frames: Mapping[str, pl.DataFrame]) -> tuple[str, ...]:
    """A sentence on the installed entry that ``manifest`` replaces; none where nothing is, or the same file again."""
    try:
        before = store.manifest(manifest.name)
    except StoreError:
        return (f"replaces {manifest.name}, which was damaged",)
    if before is None or before.source["sha256"] == manifest.source["sha256"]:
        return ()
    return (f"replaces {_told(before)}: {_differences(store, before, frames)}",)


def _told(manifest: Manifest) -> str:
    source = manifest.source
    edition = manifest.facts.get(manifest.kind, {}).get("edition")
    said = f" ({edition})" if edition else ""
    digits = str(source["sha256"])[:_SHOWN]
    return f"{manifest.name}{said} built {manifest.built[:10]} from {source['name']} (sha256 {digits})"


def _differences(store: Store, before: Manifest, frames: Mapping[str, pl.DataFrame]) -> str:
    """How the rows differ, by table."""
    said = []
    for table, frame in frames.items():
        if table not in before.tables:
            said.append(f"{table} is new")
            continue
        try:
            held = store.read(before.name, table)
        except StoreError:
            said.append(f"{table} was damaged")
            continue
        columns = [name for name in frame.columns if name in held.columns and name not in _OF_THE_FILE]
        old = held.select(pl.col(name).cast(frame.schema[name], strict=False) for name in columns)
        new = frame.select(columns)
        more = new.join(old, on=columns, how="anti", nulls_equal=True).height
        gone = old.join(new, on=columns, how="anti", nulls_equal=True).height
        columns_changed = [f"column {name} is new" for name in frame.columns if name not in held.columns]
        columns_changed += [f"column {name} is gone" for name in held.columns if name not in frame.columns]
        if columns_changed:
            said.append(f"{table}: {', '.join(columns_changed)}")
        if new.height != old.height and not (more or gone):
            said.append(f"{table}: {new.height:,} rows where {old.height:,} stood, some of them repeated")
        if more or gone:
            said.append(
                f"{table}: {more:,} of its {new.height:,} rows are new or changed, {gone:,} of the {old.height:,} "
                "before are gone or changed"
            )
    said += [f"{table} is gone" for table in before.tables if table not in frames]
    return "; ".join(said) or "the rows are the same"
