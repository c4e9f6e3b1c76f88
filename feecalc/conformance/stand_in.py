"""What stands in for the proof where a release came without printed amounts: what its build checked, and what not.

The checks say that the release is whole, of one piece and in keeping with the dated rules. That its amounts are those
CMS pays is said by none of them.
"""

from __future__ import annotations

from feecalc.conformance.comparison import Checked, StandIn
from feecalc.ingest.manifest import Manifest

# The checks that a wrong figure could fail; the manifest's others say that the tables have their columns and keys.
_CALLED = {
    "totals": "row totals add up",
    "conversion_factor": "factor of the dated rule",
    "gpci_localities": "indices are sane",
    "gpci_year": "indices of the year",
    "work_floor": "work index floor",
    "modifiers": "global = 26 + TC",
    "anesthesia_factor": "anesthesia factor",
}


def stand_in(manifest: Manifest) -> StandIn:
    """Return the checks of figures that an installed release passed, as its manifest keeps them."""
    checks = tuple(
        Checked(
            check=_CALLED[_kind(check["check"])],
            rows=check["checked"],
            failed=check["failed"],
            words=str(check.get("detail", "")),
            made=check["severity"] != "note",
        )
        for check in manifest.checks
        if _kind(check["check"]) in _CALLED
    )
    return StandIn(manifest.name, checks, tuple(_not_proven(manifest, checks)))


def _kind(check: str) -> str:
    """Return ``conversion_factor`` for the check of one track's factor too."""
    return next((name for name in _CALLED if check == name or check.startswith(f"{name}_")), check)


def _not_proven(manifest: Manifest, checks: tuple[Checked, ...]) -> list[str]:
    found = [
        f"that the amounts are those CMS computed: {manifest.name} came without OPPSCAP, so not one was compared",
        "that each relative value and index is the one CMS published: a figure that is wrong in both its row and its "
        "total, or an index that is wrong and near 1, passes every check",
    ]
    unmade = [check.check for check in checks if not check.made]
    if unmade:
        found.append(f"what could not be checked: {', '.join(unmade)}")
    return found
