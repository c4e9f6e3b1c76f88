"""Payment localities: found by key, by name or by county, never guessed."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

import polars as pl

from feecalc.errors import AmbiguousLocality, UnknownLocality

_KEY = re.compile(r"(\d{4,5})\s*[-/ ]\s*(\d{1,2})|(\d{5})(\d{2})")
_MOST_TEXT = 80
NATIONAL = "national"  # the name of the nation where it is taken as one locality
_MOST_NAMED = 8
_ALL = "ALL COUNTIES"
_OTHERS = re.compile(r"ALL OTHER(S| COUNTIES)?|REST OF STATE", re.IGNORECASE)


@dataclass(frozen=True)
class Locality:
    """Name a payment locality. The MAC and the number are the key together: a number alone repeats across MACs."""

    mac: str
    locality: str
    state: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.mac}-{self.locality}"

    @property
    def label(self) -> str:
        return f"{self.key} {self.name}, {self.state}"


def words(text: str) -> list[str]:
    """Return upper-case words of a name, punctuation and CMS's CNTY taken off."""
    found = [word for word in re.split(r"[^A-Z0-9]+", text.upper()) if word and word not in ("CNTY", "COUNTY")]
    return ["ST" if word == "SAINT" else word for word in found]


def localities_of(frame: pl.DataFrame) -> list[Locality]:
    """Return the rows of a GPCI table as localities."""
    columns = ("mac", "locality", "state", "locality_name")
    return [Locality(*row) for row in frame.select(columns).iter_rows()]


def split_state(text: str, states: set[str]) -> tuple[str, str | None]:
    """Return ``"Miami, FL"`` as name and state; the state is None where the text names none."""
    match = re.fullmatch(r"(.*?)[,\s]+([A-Za-z]{2})\s*", text.strip())
    if match and match[2].upper() in states:
        return match[1].strip(), match[2].upper()
    return text.strip(), None


def find(localities: list[Locality], text: str, release: str) -> Locality:
    """Return the one locality ``text`` names: a key such as 09102-04, or a name such as Miami, FL.

    Raises UnknownLocality with the nearest, AmbiguousLocality with the ones that fit.
    """
    given = text.strip()[:_MOST_TEXT]
    if match := _KEY.fullmatch(given):
        mac, number = (match[1] or match[3]).zfill(5), (match[2] or match[4]).zfill(2)
        found = [place for place in localities if (place.mac, place.locality) == (mac, number)]
        if found:
            return found[0]
        same = [place for place in localities if place.mac == mac or place.locality == number]
        raise UnknownLocality(
            f"no locality {mac}-{number} in {release}{_hint(same, 'nearest')} (feecalc localities lists them)"
        )
    found = matching(localities, given)
    if len(found) == 1:
        return found[0]
    if found:
        raise AmbiguousLocality(
            f"{given!r} fits {len(found)} localities of {release}:{_listed(found)}\nGive one of these keys."
        )
    near = _near(localities, given)
    raise UnknownLocality(
        f"no locality {given!r} in {release}{_hint(near, 'did you mean')} "
        "(feecalc localities NAME searches, also by county)"
    )


def matching(localities: list[Locality], text: str) -> list[Locality]:
    """Return the localities whose name holds every word of ``text``; a name that is the text exactly wins alone."""
    name, state = split_state(text, {place.state for place in localities})
    within = [place for place in localities if state is None or place.state == state]
    wanted = words(name)
    if not wanted:
        return []
    if state is None and len(wanted) == 1 and len(wanted[0]) == 2:
        in_state = [place for place in localities if place.state == wanted[0]]
        if in_state:
            return in_state
    exact = [place for place in within if words(place.name) == wanted]
    if exact:
        return exact
    whole = [place for place in within if set(wanted) <= set(words(place.name))]
    if whole:
        return whole
    return [place for place in within if all(any(w.startswith(part) for w in words(place.name)) for part in wanted)]


def by_county(
    counties: pl.DataFrame, localities: list[Locality], county: str, state: str | None
) -> list[tuple[Locality, str]]:
    """Return the localities that hold a county, each with CMS's words for its counties.

    A locality that CMS describes as all other counties of its state stands for one only where no other locality of
    that state names the county; a statewide locality holds every county of its state.
    """
    wanted = words(county)
    if not wanted:
        return []
    at = {(place.mac, place.locality): place for place in localities}
    named: list[tuple[Locality, str]] = []
    within: list[tuple[Locality, str]] = []
    rest: list[tuple[Locality, str]] = []
    for mac, number, listed in counties.select("mac", "locality", "counties").iter_rows():
        place = at.get((mac, number))
        if place is None or (state is not None and place.state != state):
            continue
        parts = [words(part) for part in re.split(r"[/,;&]| AND ", listed.upper())]
        if wanted in parts:
            named.append((place, listed))
        elif any(part and (set(part) <= set(wanted) or set(wanted) <= set(part)) for part in parts):
            within.append((place, listed))  # CMS's DADE is the county of Miami-Dade
        elif state is not None and (words(listed) == words(_ALL) or _OTHERS.search(listed)):
            rest.append((place, listed))
    return named or within or rest


def _near(localities: list[Locality], text: str) -> list[Locality]:
    name, state = split_state(text, {place.state for place in localities})
    within = [place for place in localities if state in (None, place.state)] or localities
    given = " ".join(words(name))
    scored = [
        (
            max(
                difflib.SequenceMatcher(None, given, part).ratio()
                for part in [" ".join(words(place.name)), *words(place.name)]
            ),
            place,
        )
        for place in within
    ]
    by_word = [place for place in within if set(words(name)) & set(words(place.name))]
    close = [place for score, place in sorted(scored, key=lambda pair: -pair[0]) if score >= 0.6]
    return list(dict.fromkeys([*by_word, *close]))[:3]


def _hint(found: list[Locality], lead: str) -> str:
    if not found:
        return ""
    named = " or ".join(place.label for place in found[:3])
    return f"; {lead} {named}?" if lead.startswith("did") else f"; {lead}: {named}"


def _listed(found: list[Locality]) -> str:
    lines = "".join(f"\n  {place.label}" for place in found[:_MOST_NAMED])
    more = len(found) - _MOST_NAMED
    return lines + (f"\n  and {more} more" if more > 0 else "")
