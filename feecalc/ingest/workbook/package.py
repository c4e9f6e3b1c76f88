"""The parts of a workbook: members of a zip, found by name in any case, read in bounded pieces, parsed by expat.

Neither the sizes a zip states nor the counts an XML file states are believed: what is counted is what was unpacked.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from feecalc.errors import UnreadableFile, UnsafeArchive
from feecalc.ingest.files.archive import DAMAGE, MOST_ENTRIES, file_type_words, refuse_many_entries

MOST_DEPTH = 100  # elements within each other; what spreadsheet programs write has some twenty
MOST_NAMES = 20_000  # different names of elements and attributes, which expat keeps
SMALL_PART = 2**25  # bytes; of what lists sheets, relationships and styles
LONGEST = 2**20  # bytes from one tag to the next; a cell holds 32,767 characters
_UNLOCK = "a locked one is saved without its password first"
_CHUNK = 2**20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# In these a byte below 128 is the ASCII character: "<" is "<" for every reader.
_ENCODINGS = ("utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "windows-1252")


class Package:
    """A workbook's zip, of which no more than ``most_bytes`` are unpacked in all.

    Raises UnreadableFile (not a zip, damaged) and UnsafeArchive (unpacks to too much, two parts of one name).
    """

    def __init__(self, name: str, file: IO[bytes], most_bytes: int, advice: str) -> None:
        self.name = name
        self._most, self._advice = most_bytes, advice
        self._unpacked: dict[str, int] = {}  # bytes of each part so far
        start = file.read(2**16)
        refuse_many_entries(name, file, MOST_ENTRIES)
        try:
            self._zip = zipfile.ZipFile(file)
        except DAMAGE as error:
            raise self.unreadable(file_type_words(start)) from error
        listed = [info for info in self._zip.infolist() if not info.is_dir()]
        self._parts = {_same(info.filename): info for info in listed}
        if len(self._parts) < len(listed):
            ((part, _),) = Counter(_same(info.filename) for info in listed).most_common(1)
            raise UnsafeArchive(
                f"{name}: holds two parts named {part[:80]!r}, and programs differ in which they read; save it again"
            )
        self.stated_bytes = sum(info.file_size for info in listed)
        if self.stated_bytes > most_bytes:
            raise self._too_large()

    def __contains__(self, part: str) -> bool:
        return _same(part) in self._parts

    def pieces(self, part: str) -> Iterator[bytes]:
        """Yield the bytes of a part, cut before a tag: no tag and no text lies in two pieces."""
        rest = b""
        for chunk in self._chunks(part):
            cut = chunk.rfind(b"<")
            if cut < 0:
                rest += chunk
            else:
                yield rest + chunk[:cut]
                rest = chunk[cut:]
            if len(rest) > LONGEST:
                raise UnsafeArchive(f"{self.name}: a text of more than {LONGEST:,} bytes in {part}; no cell holds that")
        yield rest

    def _chunks(self, part: str) -> Iterator[bytes]:
        key = _same(part)
        info = self._parts.get(key)
        if info is None:
            raise self.unreadable(f"it lacks its part {part[:80]!r}")
        if info.compress_type not in _METHODS:
            raise UnreadableFile(f"{self.name}: packed in a way workbooks are not; save it again as .xlsx")
        try:
            with self._zip.open(info) as stream:
                while chunk := stream.read(_CHUNK):
                    self._unpacked[key] = max(self._unpacked.get(key, 0), stream.tell())
                    if sum(self._unpacked.values()) > self._most:
                        raise self._too_large()
                    if b"\0" in chunk:
                        raise self.unreadable(f"its part {part[:80]!r} is not text in UTF-8; {_UNLOCK}")
                    yield chunk
        except DAMAGE as error:
            why = f"its part {part[:80]!r} is damaged or locked ({type(error).__name__}); {_UNLOCK}"
            raise self.unreadable(why) from error

    def unreadable(self, why: str) -> UnreadableFile:
        """Return the error that says why it is not a workbook that can be read."""
        return UnreadableFile(f"{self.name}: not a workbook that can be read: {why}")

    def _too_large(self) -> UnsafeArchive:
        return UnsafeArchive(f"{self.name}: unpacks to more than {self._most:,} bytes; {self._advice}")


class Unexpected(Exception):
    """Content that a part may not have, in a few words; ``parse`` adds the workbook and part."""


class Excess(Exception):
    """Content that a part has too much of, in a few words; ``parse`` adds the workbook and part."""


class Elements:
    """Handlers of a part's tags. A subclass that overrides one calls this class's too."""

    def __init__(self) -> None:
        self.depth = 0
        self.parser = expat.ParserCreate()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        self.depth += 1

    def end(self, name: str) -> None:
        """Take the end of an element."""
        self.depth -= 1

    def note(self, text: str) -> None:
        """Take a comment or an instruction: what looks like a tag in one might be a tag to another reader."""
        if "<" in text:
            raise Unexpected("a comment that holds tags")


def local_name(name: str) -> str:
    """Return the name without its prefix. Raises Unexpected for two prefixes, of which readers drop one or both."""
    prefix, _, local = name.rpartition(":")
    if ":" in prefix:
        raise Unexpected(f"an element named {name[:80]!r}")
    return local


def parse(
    package: Package, part: str, elements: Elements, *, most_bytes: int = 2**62, copy_to: IO[bytes] | None = None
) -> None:
    """Parse a part of at most so many bytes, and copy what was parsed.

    A document type, and with it any entity, is refused; so is what is not well-formed, or nests deep. Raises
    UnreadableFile and UnsafeArchive.
    """
    left = most_bytes
    parser = elements.parser
    parser.StartElementHandler = elements.start
    parser.EndElementHandler = elements.end
    parser.CommentHandler = elements.note
    parser.ProcessingInstructionHandler = lambda target, text: elements.note(text)
    parser.XmlDeclHandler = _refuse_encoding
    parser.StartDoctypeDeclHandler = _refuse_document_type
    try:
        for piece in package.pieces(part):
            left -= len(piece)
            if left < 0:
                raise Excess(f"more than {most_bytes:,} bytes")
            parser.Parse(piece, False)
            if elements.depth > MOST_DEPTH:
                raise Excess(f"more than {MOST_DEPTH} elements within each other")
            if len(parser.intern) > MOST_NAMES:
                raise Excess(f"more than {MOST_NAMES:,} different names")
            if copy_to is not None:
                copy_to.write(piece)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        why = expat.errors.messages.get(error.code, "damaged")
        raise package.unreadable(
            f"{part}, line {error.lineno} is not XML ({why}); open it in a spreadsheet program and save it again"
        ) from error
    except Excess as error:
        raise UnsafeArchive(f"{package.name}: {part} holds {error}; no workbook needs as many") from error
    except Unexpected as error:
        raise package.unreadable(f"{part} holds {error}") from error


def _refuse_encoding(version: str, encoding: str | None, standalone: int) -> None:
    if encoding is not None and encoding.lower() not in _ENCODINGS:
        raise Unexpected(f"text in the encoding {encoding[:40]!r}")


def _refuse_document_type(*_: object) -> None:
    raise Unexpected("a document type, which workbooks do not have")


def _same(part: str) -> str:
    return part.replace("\\", "/").lstrip("/").lower()
