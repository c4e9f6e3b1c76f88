"""The check of a build: OPPSCAP, where the release has one, recomputed from the release's own tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from feecalc.conformance.recompute import oppscap
from feecalc.ingest.checks import CheckResult
from feecalc.ingest.releases import known_releases

_CHECK = "oppscap_amounts"
_SAMPLE = 10


def oppscap_check(frames: Mapping[str, pl.DataFrame], release_name: str) -> CheckResult:
    """Check that every OPPSCAP amount equals the recomputed one.

    Rows that cannot be computed are told and do not fail; nor do rows that CMS is known to have printed by other
    figures than the release's, where those meet them to the cent.
    """
    if "oppscap" not in frames:
        return CheckResult(_CHECK, "note", 0, 0, "the release holds no OPPSCAP to recompute")
    found = oppscap(
        frames,
        frames["oppscap"],
        release=release_name,
        day=_first_day(release_name),
        source=f"OPPSCAP of {release_name}",
    )
    count = found.count
    detail = f"{count.equal:,} of {count.rows:,} rows equal in both settings when recomputed"
    for own in found.own_differences:
        detail += f"; {own.words}"
    if count.not_computable:
        why = "; ".join(f"{reason} ({rows:,} rows)" for reason, rows in found.reasons.items())
        detail += f", {count.not_computable:,} not computable: {why}"
    sample = tuple(
        {name: str(value) for name, value in row.items()} for row in found.differing.head(_SAMPLE).to_dicts()
    )
    checked = count.rows - count.not_computable
    return CheckResult(_CHECK, "error", checked, count.different, detail, sample)


def _first_day(release_name: str) -> date:
    """The first day the release prices; of a release newer than the list of known ones, the first of its year."""
    known = {release.name: release.first_date_of_service for release in known_releases()}
    return known.get(release_name) or date(2000 + int(release_name[3:5]), 1, 1)
