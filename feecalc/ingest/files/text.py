"""Bytes of a CMS text member to lines: encodings and line ends as CMS has really shipped them."""

from __future__ import annotations

_SUBSTITUTE = "\x1a"  # the end-of-file mark of DOS, still at the end of some members


def decoded(content: bytes) -> str:
    """The member's text: UTF-8 where it is, Latin-1 otherwise; line ends LF; NBSP and the DOS end mark as spaces."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("latin-1")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\xa0", " ").replace(_SUBSTITUTE, " ").replace("\x00", " ")
