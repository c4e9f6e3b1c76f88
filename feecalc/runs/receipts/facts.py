"""What a receipt says of a line beside its steps, the same in text and in Markdown."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from feecalc.money import usd
from feecalc.pricing.claims.adjustments import Adjustment, by_code
from feecalc.pricing.claims.explanation.steps import ExplainedLine
from feecalc.pricing.release import ReleaseIdentity

_SEPARATOR = "\t"
_MOVES = ("Cc", "Cf", "Cs", "Zl", "Zp")  # controls, format characters, lone surrogates, separators of lines
_RVUS = {
    "work_rvu": "work",
    "pe_rvu_nonfacility": "practice expense nonfacility",
    "pe_rvu_facility": "facility",
    "mp_rvu": "malpractice",
}
_INDICATORS = {
    "status_indicator": "status",
    "pctc_indicator": "PC/TC",
    "global_days": "global days",
    "mppr_indicator": "multiple procedure",
    "bilateral_indicator": "bilateral",
    "assistant_indicator": "assistant",
    "cosurgeon_indicator": "co-surgeons",
    "team_indicator": "team",
    "endoscopic_base": "endoscopic base",
    "imaging_family": "imaging family",
}
_SHARES = ("preoperative_rate", "intraoperative_rate", "postoperative_rate")
HASH_NOTE = (
    "The hash of a row is the SHA-256 of its values as text, in the order of the columns of feecalc's relative value "
    "table, a tab between them; that of a release is the SHA-256 of the zip as CMS published it."
)


def row_hash(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 over the row's values as text."""
    values = ("" if value is None else str(value) for value in row.values())
    return hashlib.sha256(_SEPARATOR.join(values).encode()).hexdigest()


def plain(text: object) -> str:
    """Return text of a person's file in one line, without anything that moves a cursor."""
    return "".join("?" if unicodedata.category(character) in _MOVES else character for character in str(text))


def service(line: ExplainedLine) -> str:
    """Return 64493-50-LT, with what the release calls it."""
    code = "-".join([str(line.asked["hcpcs"] or "no code"), *line.modifiers])
    named = line.row["description"] if line.row else ""
    return plain(f"{code}  {named}".strip())


def circumstances(line: ExplainedLine) -> Iterator[tuple[str, str]]:
    """Return what the price depends on, label and value."""
    cells, results = line.asked, line.results
    yield "date of service", str(cells["date_of_service"] or "none that can be read")
    setting = f", {results['setting'].replace('_', ' ')}" if results["setting"] else ""
    yield "place of service", plain(f"{cells['place_of_service'] or 'none'}{setting}")
    yield "locality", plain(f"{cells['mac']}-{cells['locality']}" if cells["mac"] else "none")
    yield "units", str(cells["units"] if cells["units"] is not None else "none that can be read")
    yield "billed", usd(cells["billed_amount"]) if cells["billed_amount"] is not None else "not given"
    biller = plain(cells["provider_type"] or "physician")
    yield "billed by", biller + ("" if cells["participating"] else ", not participating")
    if cells["qp"]:
        yield "track", "qualifying APM participant"
    for name in ("minutes", "postoperative_days"):
        if cells[name] is not None:
            yield name.replace("_", " "), str(cells[name])
    if cells["deductible_left"]:
        yield "deductible left", usd(cells["deductible_left"])


def row_facts(line: ExplainedLine) -> Iterator[tuple[str, str]]:
    """Return the release's row, label and value; nothing where the line has none."""
    row, release = line.row, line.release
    if row is None or release is None:
        return
    modifier = f"-{row['modifier']}" if row["modifier"] else ""
    yield "row", f"{row['hcpcs']}{modifier}, {plain(line.row_source)} ({release.name})"
    yield "relative values", ", ".join(f"{words} {row[name]}" for name, words in _RVUS.items())
    yield "indicators", ", ".join(f"{words} {row[name]}" for name, words in _INDICATORS.items() if row[name])
    if any(row[name] for name in _SHARES):
        yield "shares of care", ", ".join(f"{name.removesuffix('_rate')} {row[name]}" for name in _SHARES)
    yield "row sha256", row_hash(row)


def results(line: ExplainedLine) -> Iterator[tuple[str, str]]:
    """Return what came out, label and value."""
    found = line.results
    if found["allowed_amount"] is None:
        return
    yield "fee schedule amount", usd(found["fee_schedule_amount"])
    if found["rank"] is not None:
        yield "rank", str(found["rank"])
    if found["opps_cap"] is not None:
        yield "OPPS cap", usd(found["opps_cap"])
    yield "allowed", usd(found["allowed_amount"])
    yield "patient's share", usd(found["patient_share"])
    yield "Medicare pays", usd(found["medicare_paid"])
    yield "sequestration", usd(found["sequestration"])
    if found["bonus"] is not None:
        yield "shortage area bonus, paid apart", usd(found["bonus"])
    if found["contractual_adjustment"] is not None:
        yield "billed less allowed", usd(found["contractual_adjustment"])


def outcome(line: ExplainedLine) -> str:
    """Return the line's status and reason, in a sentence."""
    found = line.results
    status, reason = found["pricing_status"].replace("_", " "), line.refusal or found["reason"]
    return plain(f"{status}: {reason}" if reason else status)


def code(adjustment: Adjustment) -> str:
    """Return CO-237 N775 with its amount and what it is for."""
    amount = "" if adjustment.amount is None else f", {usd(adjustment.amount)}"
    return f"{adjustment.code}{amount}: {adjustment.name}"


def codes(line: ExplainedLine) -> list[str]:
    """Return the standard codes of a line, each with its amount, in the order of the column ``adjustments``."""
    return [code(adjustment) for adjustment in by_code(line.adjustments)]


def releases(lines: Sequence[ExplainedLine]) -> list[ReleaseIdentity]:
    """Return the releases of the lines, each once."""
    return list({line.release.name: line.release for line in lines if line.release is not None}.values())


def origin(release: ReleaseIdentity) -> str:
    """Say where a release's figures came from."""
    retrieved = f", retrieved {release.retrieved}" if release.retrieved else ""
    starter = ", by way of feecalc's starter data" if release.starter else ""
    return plain(f"{release.name} from {release.source_name}{retrieved}{starter}, sha256 {release.sha256}")
