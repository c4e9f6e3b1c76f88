"""Open what the options of ``feecalc contract`` name: a contract, the practice it is priced over, the taxonomy."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from feecalc.cli.terminal.arguments import day_option, percents_option, place_option
from feecalc.cli.terminal.contract_options import PracticeOptions
from feecalc.cli.terminal.output import quoted, say, wrapped
from feecalc.errors import InvalidValue

if TYPE_CHECKING:
    from feecalc.contracts.categories import Taxonomy
    from feecalc.contracts.contract import Contract
    from feecalc.contracts.practice import ClaimPractice, VolumePractice

_NUMBER = re.compile(r"-?\d[\d.,]*%?")  # a percent, or meant as one


def contract_argument(path: Path) -> Contract:
    """Return the contract of a file, or the simplest one where a percent stands in its place. Raises InvalidValue."""
    from feecalc.contracts.contract import Contract
    from feecalc.contracts.files.reading import read_contract

    if _NUMBER.fullmatch(path.name) and str(path) == path.name and not path.exists():
        percents = percents_option(path.name)
        if len(percents) > 1:
            raise InvalidValue(f"{quoted(path.name)} is a range; a contract is at one percent, for example 150")
        return Contract.at(percents[0])
    return read_contract(path)


def opened_practice(options: PracticeOptions) -> VolumePractice | ClaimPractice:
    """Return the volume or claims that were named, ready to be priced; say the notices. Errors as the readers'."""
    volume, claims, release, qp = options.volume, options.claims, options.release, options.qp
    if (volume is None) == (claims is None):
        raise InvalidValue("give either --volume FILE or --claims FILE")
    day = day_option(options.date)
    taxonomy = taxonomy_option(options.rbcs)
    place = place_option(options.locality)
    if volume is not None:
        from feecalc.contracts.practice import VolumePractice
        from feecalc.contracts.pricing import VolumeContracts
        from feecalc.files.volume import read_volume
        from feecalc.installed import open_schedule, open_zip_directory

        opened = open_schedule(release, day=day)
        for notice in opened.notices:
            say(wrapped(notice))
        rows = read_volume(volume, [opened.schedule], locality=place, day=day, zips=open_zip_directory(day=day))
        return VolumePractice(rows, VolumeContracts(opened.schedule, day, qp, taxonomy), day)
    assert claims is not None
    from feecalc.contracts.practice import ClaimPractice
    from feecalc.files.claim_lines import LineDefaults
    from feecalc.runs.reading import read_claims

    lines = read_claims(claims, defaults=LineDefaults(locality=place, day=day, qp=qp), release=release)
    for text in (*lines.columns.lines(), *lines.notes):
        say(wrapped(text))
    return ClaimPractice(lines, taxonomy)


def taxonomy_option(path: Path | None) -> Taxonomy | None:
    """Return the taxonomy of ``--rbcs``, None where none was given. Errors as ``read_taxonomy``."""
    if path is None:
        return None
    from feecalc.contracts.categories import read_taxonomy

    return read_taxonomy(path)
