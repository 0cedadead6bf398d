"""Texts as other programs hand them over, made fit to be shown: whatever they contain, one short clean line results.

In: bytes of a window property, or text of any length. Out: text within a limit, without control characters and
without characters that turn the reading direction. Never: an error. Pure.
"""

import codecs
import re
import unicodedata

_UNFIT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, format (bidi overrides, zero width), surrogates, private use, unassigned, line and paragraph ends."""
_JOINERS = frozenset("\u200c\u200d")
"""Format characters that scripts and composed emoji need."""
_SEGMENT = re.compile(rb"\x1b(%G|%@|%/[0-4]|[-)(,$][\x20-\x2f]*[\x40-\x7e])")
_CHARSETS = {
    b"%G": "utf-8", b"-A": "latin-1", b"-B": "iso8859-2", b"-C": "iso8859-3", b"-D": "iso8859-4", b"-F": "iso8859-7",
    b"-H": "iso8859-8", b"-L": "iso8859-5", b"-M": "iso8859-9", b"-b": "iso8859-15",
}  # fmt: skip


def clean(text: str, limit: int) -> str:
    """Cut to `limit` code points, put spaces for control characters and leave out invisible ones."""
    return "".join(map(_fit, text[: 4 * limit])).strip()[:limit].rstrip()


def _fit(char: str) -> str:
    """One character, what stands for it, or nothing."""
    if char in _JOINERS:
        return char
    category = unicodedata.category(char)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    return "" if category in _UNFIT else char


def from_utf8(data: bytes) -> str:
    """Read what should be UTF-8; what is not stands as U+FFFD, a character cut off at the end is left out."""
    return codecs.getincrementaldecoder("utf-8")("replace").decode(data)


def from_latin1(data: bytes) -> str:
    """Read an X11 STRING: Latin-1 by definition, but many programs put UTF-8 there, which is told apart safely."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def from_compound(data: bytes) -> str:
    """Read X11 compound text: stretches in character sets named by escape sequences; unknown ones as Latin-1."""
    charset, out, at = "latin-1", [], 0
    for escape in _SEGMENT.finditer(data):
        out.append(data[at : escape.start()].decode(charset, "replace"))
        charset, at = _CHARSETS.get(escape[1], "latin-1"), escape.end()
    return "".join([*out, data[at:].decode(charset, "replace")])
