"""How texts are made comparable, and what administrators write becomes patterns. In: texts. Out: texts and patterns.

RE2's `\\b` and `\\w` know ASCII only; words get bounds that know every alphabet. Never: a match (`patterns`).
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import re2

_WORD = r"[\pL\pM\pN_]"
_EDGE = r"[^\pL\pM\pN_]"
_ID = r"([0-9A-Za-z_-]*[0-9][0-9A-Za-z_-]*)"
_BETWEEN = re.compile(r"\s++(?:[-–—|·•:/]+\s+|[|·•]\s*)|[|·•]\s*|:\s+|\u200e")
_MORE_TABS = re.compile(r"\s+(?:and \d+ more pages?|и еще \d+ страниц\w*)$")
_SUFFIXES = (".exe", ".app", ".bin")


def fold(text: str) -> str:
    """Fold case, and ё into е, as rules are written. Lone surrogates become `?`."""
    folded = text.casefold().replace("ё", "е")
    try:
        folded.encode()
    except UnicodeEncodeError:
        return folded.encode("utf-8", "replace").decode()
    return folded


@lru_cache(maxsize=8192)
def program_key(app: str) -> str:
    """Name a program alike on every system: the last part of a path, folded, without `.exe` or `.app`."""
    name = fold(app.replace("\\", "/").rstrip("/").rpartition("/")[2]).strip()
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def host_suffixes(host: str) -> Iterator[str]:
    """The host and the domains it lies in, the longest first."""
    at = 0
    while at >= 0:
        yield host[at:]
        at = host.find(".", at) + 1 or -1


def title_segments(title: str) -> list[str]:
    """Cut a folded title at dashes and bars, the last part first: sites and programs put their name at the end.

    What Edge says of tabs besides the one in front belongs to no name.
    """
    return [_MORE_TABS.sub("", part).strip(" \u00a0.,«»\"'()") for part in reversed(_BETWEEN.split(title))]


def words_pattern(words: str) -> str:
    """Make a pattern of `word | two words | stem*`: whole words of any alphabet; `*` lets a word go on."""
    each = [_word(word, number) for number, word in enumerate(words.split("|"), 1)]
    return f"(?:^|{_EDGE})(?:{'|'.join(each)})(?:$|{_EDGE})"


def path_pattern(template: str) -> str:
    """Make a pattern of `/crm/deal/details/{id}`: a prefix of whole segments.

    `{id}` is the card's id (it holds a digit), `{n}` a number, `*` anything within a segment; `**` at the
    beginning lets it begin at any segment.
    """
    anchor, body = ("", template[2:]) if template.startswith("**") else ("^", template)
    made = re.escape(body.rstrip("/"))
    for mark, pattern in ((r"\{id\}", _ID), (r"\{n\}", "[0-9]+"), (r"\*", "[^/]*")):
        made = made.replace(mark, pattern)
    return f"(?i){anchor}{made}(?:/|$)"


def _word(words: str, number: int) -> str:
    parts = fold(words).split()
    if not parts or "*" in parts:
        raise ValueError(f"an empty word: number {number} of those between bars")
    return r"[\s\pZ]+".join(re2.escape(p.removesuffix("*")) + (f"{_WORD}*" if p.endswith("*") else "") for p in parts)
