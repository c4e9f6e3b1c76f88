"""Fetching and building for the page Data: each a run that a button starts, with its progress and what came of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field

from feecalc.conformance import oppscap_check
from feecalc.errors import FeeCalcError
from feecalc.ingest.build import Order, build_each
from feecalc.ingest.cms_files import KnownFile
from feecalc.ingest.fetch.download import Download, download_release
from feecalc.ingest.home import downloads_folder
from feecalc.ingest.manifest import Manifest
from feecalc.ingest.releases import KnownRelease
from feecalc.ingest.store import Store
from feecalc.ui.shared.uploads import Upload, as_path

_MIRROR = "FEECALC_CMS_URL"  # an address or folder in place of cms.gov, as for the command


@dataclass
class Outcome:
    """What a run installed, what it refused and why, and what was said on the way."""

    installed: list[Manifest] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def fetched(wanted: KnownRelease | KnownFile, progress: Callable[[int, int | None], None]) -> Outcome:
    """Download a release or file and install it. Raises DownloadError, SourceFileError, StoreError.

    Whoever calls has seen to the licence first.
    """
    outcome, store = Outcome(), Store()
    file = wanted if isinstance(wanted, KnownFile) else None
    got: Download = download_release(
        wanted.name,
        wanted.address,
        downloads_folder(store.home),
        addresses=wanted.addresses,
        origin=os.environ.get(_MIRROR, "").strip() or None,
        page=wanted.page,
        zip_name=file.zip_name if file else None,
        progress=progress,
        say=outcome.said.append,
    )
    provenance = {
        "address": got.address, "retrieved": got.retrieved, "etag": got.etag, "last_modified": got.last_modified,
    }  # fmt: skip
    order = Order(
        store,
        None if file else wanted.name,
        provenance=provenance,
        more_checks=(oppscap_check,),
        say=outcome.said.append,
    )
    for name, result in build_each(got.path, order):
        _note(outcome, name, result)
    return outcome


def built(upload: Upload, *, release: str | None, allow_warnings: bool) -> Outcome:
    """Check and install what was dropped in; the file itself is not kept."""
    outcome = Outcome()
    with as_path(upload) as path:
        order = Order(
            Store(), release, allow_warnings, more_checks=(oppscap_check,), say=outcome.said.append
        )
        for name, result in build_each(path, order):
            _note(outcome, name, result)
    return outcome


def _note(outcome: Outcome, name: str, result: list[Manifest] | FeeCalcError) -> None:
    if isinstance(result, FeeCalcError):
        outcome.refused.append((name, str(result)))
    else:
        outcome.installed += result
