"""The search for a zip: the addresses to try, in order, and the result of each.

First the addresses it was seen at, the newest file first; then the links of its page on cms.gov, where CMS puts a
corrected zip under a name with the day of the update; last its plain name. On a mirror the same with CMS's paths, with
the names at the mirror's root, and with the links of the mirror's own index page. Failures and next tries are reported
as they happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feecalc.errors import DownloadError, FeeCalcError, UnreadableFile
from feecalc.ingest.fetch import origin as origins
from feecalc.ingest.fetch.names import SeenAddress, file_name, plain_address
from feecalc.ingest.fetch.origin import NotThere, shown

if TYPE_CHECKING:
    import requests

MOST_TRIED = 16  # addresses and pages asked for one zip
MOST_LINKS = 3  # of one page

_PLAIN = "its plain name"


@dataclass
class Search:
    """A search for the zip of ``release``, which CMS calls ``name``. Iterating gives the addresses to try.

    ``known``: where it was seen, the newest first. ``mirror``: where to look in place of cms.gov. Whoever tries an
    address says with ``miss`` that it is not there, before the next one is given.
    """

    session: requests.Session
    release: str
    name: str
    known: Sequence[SeenAddress]
    page: str | None
    mirror: str | None
    report: Callable[[str], None]
    missed: dict[str, str] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)  # why an address was tried
    met_page: bool = False  # a web page stood in place of a zip
    gave_up: bool = False

    def __iter__(self) -> Iterator[str]:
        for address, why in self._seen():
            yield from self._tried(address, why)
        for page in self._pages():
            for link in self._links(page):
                yield from self._tried(link, page=page)
        for address in dict.fromkeys(plain_address(seen.address, self.name) for seen in self.known):
            yield from self._tried(address if self.mirror is None else origins.on_mirror(self.mirror, address), _PLAIN)

    def miss(self, address: str, reason: NotThere) -> None:
        """Note that an address answers, but not with the zip."""
        self._note(address, str(reason))
        self.met_page = self.met_page or reason.page

    def failed(self, error: FeeCalcError) -> FeeCalcError:
        """Return the error that ended the search, with what was tried before it."""
        return type(error)(f"{error}\nTried before:{self._tried_so_far}") if self.missed else error

    def not_found(self) -> FeeCalcError:
        """Return the error of a search that has come to its end."""
        kind = UnreadableFile if self.met_page else DownloadError
        end = f"\nNo more than {MOST_TRIED} addresses are tried." if self.gave_up else ""
        where = self.page or next(iter(self.known)).address
        return kind(
            f"{self.release} was not found. Tried:{self._tried_so_far}{end}\n"
            f"Download it in a browser from {shown(where)}, then run: feecalc build FILE"
        )

    def _seen(self) -> Iterator[tuple[str, str]]:
        if self.mirror is None:
            yield from ((seen.address, seen.seen) for seen in self.known)
            return
        for seen in self.known:
            yield origins.on_mirror(self.mirror, seen.address), "CMS's path on the mirror"
            yield f"{self.mirror}/{file_name(seen.address).replace('/', '-')}", "CMS's name at the mirror's root"
        yield f"{self.mirror}/{self.name.lower()}.zip", _PLAIN

    def _pages(self) -> list[str]:
        pages = [self.page] if self.page else []
        if self.mirror is None:
            return pages
        mirror = self.mirror
        return list(dict.fromkeys([*(origins.on_mirror(mirror, address) for address in pages), f"{mirror}/"]))

    def _tried(self, address: str, why: str = "", page: str | None = None) -> Iterator[str]:
        """Yield the address, unless it was tried before or enough were. ``page``: where it was found."""
        if address in self.missed or self._enough():
            return
        self.why[address] = f" (found on {shown(page)})" if page else f" ({why})" if why else ""
        if page is not None:
            self.report(f"{self.release} has moved: found {shown(address)} on {shown(page)}")
        elif self.missed:
            self.report(f"{self.release}: trying {shown(address)}{self.why[address]}")
        yield address

    def _links(self, page: str) -> list[str]:
        """Return the links of a page to zips of this name, the latest update first."""
        if page in self.missed or self._enough():
            return []
        self.report(f"{self.release}: looking for a link on {shown(page)}")
        try:
            links = origins.links_to_zip(*origins.read_page(self.session, page), self.name)[:MOST_LINKS]
        except NotThere as miss:
            self._note(page, str(miss))
            return []
        except DownloadError as error:  # the zip may be elsewhere all the same
            self._note(page, str(error).removeprefix(f"{shown(page)}: ").partition(";")[0])
            return []
        if not links:
            self._note(page, f"a page without a link to a zip named {self.name.lower()}")
        if self.mirror is None:
            return links
        known = self.known[0].address
        return [address for link in links for address in origins.links_on_mirror(link, self.mirror, known)]

    def _note(self, address: str, reason: str) -> None:
        self.missed[address] = reason
        self.report(f"{self.release}: not at {shown(address)}: {reason}")

    def _enough(self) -> bool:
        self.gave_up = self.gave_up or len(self.missed) >= MOST_TRIED
        return self.gave_up

    @property
    def _tried_so_far(self) -> str:
        return "".join(
            f"\n  {shown(where)}: {reason}{self.why.get(where, '')}" for where, reason in self.missed.items()
        )
