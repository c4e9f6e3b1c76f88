"""Origins of a release's zip: a folder, an address, a link on a page; and requests to servers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from html.parser import HTMLParser
from http import HTTPStatus
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit, urlunsplit

from feecalc.errors import DownloadError, InvalidValue
from feecalc.ingest.fetch.names import latest_update
from feecalc.ingest.fetch.names import names_release as names_release  # assembly.identity takes it from here

if TYPE_CHECKING:
    import requests

MOST_PAGE_BYTES = 5 * 2**20
RETRIES = 4  # of a request that was refused, dropped or answered 429 or 5xx
BACKOFF = 0.5  # seconds before the first retry, doubled each time
LONGEST_WAIT = 30.0  # seconds, whatever Retry-After says
PIECE = 2**13  # bytes; as many, at most, are lost where a connection breaks off
TIMEOUT = (10.0, 60.0)  # seconds to connect, and between two packets
BROWSER = "download it in a browser, then run: feecalc build FILE"


class NotThere(Exception):
    """An address that answers, but not with the file; ``page`` if with a web page."""

    def __init__(self, what: str, *, page: bool = False) -> None:
        super().__init__(what)
        self.page = page


class Broken(Exception):
    """A transfer that broke off and may go on."""


def place_of(origin: str) -> Path | str:
    """Return what ``--from`` names: a folder on disk, or the base address of a mirror without its last slash."""
    scheme, separator, _ = origin.partition("://")
    if separator:
        if scheme.lower() not in ("http", "https") or not urlsplit(origin).hostname:
            raise InvalidValue(
                f"{shown(origin)}: a mirror's address starts with http:// or https:// and names a host; "
                "a folder on disk is given as its path"
            )
        return origin.rstrip("/")
    folder = Path(origin).expanduser()
    if not folder.is_dir():
        raise InvalidValue(f"{origin!r} is neither a folder on disk nor an http:// or https:// address")
    return folder


def shown(address: str) -> str:
    """Return an address for messages and records, without user name and password."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def on_mirror(mirror: str, address: str) -> str:
    """Return the address a file of cms.gov has on a mirror that keeps CMS's paths."""
    return mirror + urlsplit(address).path


def zip_in_folder(folder: Path, release: str, report: Callable[[str], None]) -> Path:
    """Return a release's zip in a folder, by name: the only one, the latest update, or the plain name.

    The choice among more than one is reported. Raises DownloadError where there is none, or the names do not decide.
    """
    named = sorted(path for path in folder.iterdir() if names_release(path.name, release) and path.is_file())
    if not named:
        raise DownloadError(
            f"no {release.lower()}.zip in {folder}, nor another zip named after {release}; "
            "put the release's zip there, or run: feecalc build FILE"
        )
    if len(named) == 1:
        return named[0]
    latest = latest_update([path.name for path in named], release)
    plain = [path for path in named if path.stem.lower() == release.lower()]
    if latest is not None:
        taken, why = folder / latest, "by its name the latest update"
    elif len(plain) == 1:
        taken, why = plain[0], "the plain name"
    else:
        names = ", ".join(path.name for path in named)
        raise DownloadError(
            f"several zips in {folder} are named after {release}, and none is plainly the latest: {names}; "
            "say which: feecalc build FILE"
        )
    others = ", ".join(path.name for path in named if path != taken)
    report(f"{release}: took {taken.name}, {why}; not taken: {others} (to choose yourself: feecalc build FILE)")
    return taken


class _Links(HTMLParser):
    """A parser that collects the targets of a page's links, in order."""

    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.base = address
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = (dict(attrs).get("href") or "").strip()
        try:
            if target and tag == "base":
                self.base = urljoin(self.base, target)
            elif target and tag == "a":
                self.targets.append(urljoin(self.base, target))
        except ValueError:  # "http://[" and the like: not an address, not ours
            return


def _unwrapped(target: str) -> str:
    """Return a link's file, also through CMS's license page: /license/ama?file=/files/zip/rvu26c.zip."""
    parts = urlsplit(target)
    for _, value in parse_qsl(parts.query):
        if value.lower().endswith(".zip"):
            return urljoin(target, value)
    return urlunsplit(parts._replace(fragment=""))


def links_to_zip(html: str, address: str, release: str) -> list[str]:
    """Return a page's links to zips named after the release: the latest update first, then in page order.

    A page read over https leads only to https.
    """
    page = _Links(address)
    with suppress(AssertionError):  # html.parser's word for a malformed <![: keep the links before it
        page.feed(html)
        page.close()
    schemes = ("https",) if address.lower().startswith("https:") else ("http", "https")
    found: list[str] = []
    for target in page.targets:
        try:
            link = _unwrapped(target)
            parts = urlsplit(link)
        except ValueError:
            continue
        if parts.scheme in schemes and names_release(unquote(parts.path), release):
            found.append(link)
    latest = latest_update(found, release)
    return list(dict.fromkeys([*([latest] if latest else []), *found]))


def links_on_mirror(link: str, mirror: str, known_address: str) -> list[str]:
    """Return the addresses on the mirror for a link of its page; a copied CMS page links to cms.gov."""
    moved = on_mirror(mirror, link)
    if urlsplit(link).hostname == urlsplit(known_address).hostname != urlsplit(mirror).hostname:
        return [moved]
    return list(dict.fromkeys([link, moved]))


def _version() -> str:
    try:
        return metadata.version("feecalc")
    except metadata.PackageNotFoundError:
        return "0"


def open_session() -> requests.Session:
    """Return a session that retries what may pass, a bounded number of times."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util.retry import Retry

    class Patient(Retry):
        def parse_retry_after(self, retry_after: str) -> float:
            return min(super().parse_retry_after(retry_after), LONGEST_WAIT)

    retry = Patient(
        total=RETRIES,
        backoff_factor=BACKOFF,
        status_forcelist=(429, 500, 502, 503, 504),
        allowed_methods=("GET",),
        raise_on_status=False,
    )
    session = requests.Session()
    session.max_redirects = 10
    session.headers.update({"User-Agent": f"feecalc/{_version()}", "Accept-Encoding": "identity"})
    session.mount("http://", HTTPAdapter(max_retries=retry))
    session.mount("https://", HTTPAdapter(max_retries=retry))
    return session


def _reason(error: Exception) -> str:
    """Return the text of a network library's error, without memory addresses."""
    cause = error.args[0] if error.args else error
    text = str(getattr(cause, "reason", None) or cause)
    return re.sub(r"^.*?(?:object at 0x\w+>|Connection\([^)]*\)): ", "", text)[:200] or type(error).__name__


@contextmanager
def open_response(session: requests.Session, address: str, headers: Mapping[str, str]) -> Iterator[requests.Response]:
    """Return the response to a GET, its body not yet read. Raises NotThere (4xx) and DownloadError (no answer, 5xx)."""
    import requests

    try:
        response = session.get(address, headers=dict(headers), stream=True, timeout=TIMEOUT)
    except (requests.RequestException, ValueError) as error:
        raise DownloadError(f"{shown(address)}: {_reason(error)}; check the connection, or {BROWSER}") from error
    with response:
        status = response.status_code
        phrase = f"{status} {response.reason or ''}".strip()
        if address.lower().startswith("https:") and not response.url.lower().startswith("https:"):
            raise DownloadError(f"{shown(address)}: the server led from https to {shown(response.url)}; {BROWSER}")
        if status >= 500 or status == HTTPStatus.TOO_MANY_REQUESTS:
            raise DownloadError(f"{shown(address)}: {phrase}, also after {RETRIES} retries; try later, or {BROWSER}")
        if status >= 400 and status != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise NotThere(phrase)
        yield response


def body(response: requests.Response) -> Iterator[bytes]:
    """Yield the body in pieces. Raises Broken where the connection breaks off or falls silent."""
    import requests
    from urllib3.exceptions import HTTPError

    try:
        yield from response.iter_content(PIECE)
    except (requests.RequestException, HTTPError) as error:
        raise Broken(_reason(error)) from error


def read_page(session: requests.Session, address: str) -> tuple[str, str]:
    """Return a web page, up to its first 5 MB, and its address after redirects."""
    with open_response(session, address, {}) as response:
        content = bytearray()
        try:
            for piece in body(response):
                content += piece
                if len(content) >= MOST_PAGE_BYTES:
                    break
        except Broken as error:
            raise NotThere(f"broke off ({error})") from error
        return bytes(content[:MOST_PAGE_BYTES]).decode("utf-8", errors="replace"), response.url
