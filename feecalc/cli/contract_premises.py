"""What the figures of a report of contracts are of: the file, the releases, the factor and the places."""

from __future__ import annotations

from pathlib import Path

from feecalc.contracts.practice import ClaimPractice, VolumePractice
from feecalc.pricing.release import ReleaseIdentity
from feecalc.pricing.rules.conversion_factor import conversion_factor


def premises(practice: VolumePractice | ClaimPractice, path: Path | None, locality: str | None) -> dict[str, str]:
    """Label and value, as ``comparison_report`` takes them. ``locality`` is of rows that name none."""
    name = "" if path is None else path.name
    elsewhere = f", {locality} where none is named" if locality else ""
    if isinstance(practice, VolumePractice):
        pricer = practice.pricer
        qp = pricer.qp and pricer.schedule.has_qp_track
        factor = conversion_factor(pricer.medicare_day, qp=qp)
        return {
            "Volume": name,
            "Release": _named(pricer.schedule.release),
            "Day priced": pricer.medicare_day.isoformat(),
            "Conversion factor": f"${factor.value} per RVU" + (" (qualifying APM participant)" if qp else ""),
            "Where": "each row's own locality" + elsewhere,
        }
    days = practice.lines.days
    releases = [_named(each.release) for each in practice.lines.opened.schedules]
    return {
        "Claims": name,
        "Days of service": "none could be read" if days is None else f"{days[0]} to {days[1]}",
        "Releases": "; ".join(releases),
        "Conversion factor": "Medicare's on each line's day",
        "Where": "each line's own locality" + elsewhere,
    }


def _named(release: ReleaseIdentity) -> str:
    return f"{release.name}, from {release.first_date_of_service}" + (", starter data" if release.starter else "")
