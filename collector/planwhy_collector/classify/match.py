"""How texts are compared with rules. In: texts and patterns. Out: what matched. Never: what it means.

Patterns run on RE2, so that none can hang the collector. RE2's `\\b` and `\\w` know ASCII only; words get bounds
that know every alphabet.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import re2

CHUNK = 30
"""Patterns in one RE2 set: larger sets outgrow their memory and fall back to the slow way."""
_WORD = r"[\pL\pM\pN_]"
_EDGE = r"[^\pL\pM\pN_]"
_ID = r"([0-9A-Za-z_-]*[0-9][0-9A-Za-z_-]*)"
_BETWEEN = re.compile(r"\s+[-–—|·•:/]+\s+|\s*[|·•]\s*|:\s+|\u200e")
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
    """Cut a folded title at dashes and bars, the last part first: sites and programs put their name at the end."""
    return [part.strip(" \u00a0.,«»\"'()") for part in reversed(_BETWEEN.split(title))]


def words_pattern(words: str) -> str:
    """Make a pattern of `word | two words | stem*`: whole words of any alphabet; `*` lets a word go on."""
    return f"(?:^|{_EDGE})(?:{'|'.join(_word(w.strip()) for w in words.split('|'))})(?:$|{_EDGE})"


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


class Pattern:
    """One pattern, compiled when it is first needed, once for all who use the same."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    def search(self, text: str) -> tuple[str, str | None] | None:
        """What matched, and its first group where the pattern has one; None where nothing matched."""
        compiled = checked(self._pattern)
        found = compiled.search(text)
        if found is None:
            return None
        return found.group(0), found.group(1) if compiled.groups else None


@lru_cache(maxsize=8192)
def checked(pattern: str) -> Any:
    """Compile a pattern. Raises ValueError with the reason where it is not valid."""
    try:
        return re2.compile(pattern, _options())
    except re2.error as error:
        raise ValueError(_reason(error)) from None


class PatternSet:
    """Many patterns matched at once. Raises ValueError where together they are too large."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._sets = [_compiled(tuple(patterns[at : at + CHUNK])) for at in range(0, len(patterns), CHUNK)]

    def search(self, text: str) -> list[int]:
        """Places of the patterns that match, the lowest first."""
        raw = text.encode("utf-8", "replace")
        found: list[int] = []
        for number, one in enumerate(self._sets):
            if hits := one.Match(raw):
                found.extend(number * CHUNK + hit for hit in sorted(hits))
        return found


def _word(words: str) -> str:
    parts = fold(words).split()
    if not parts or "*" in parts:
        raise ValueError("an empty word")
    return r"[\s\pZ]+".join(re2.escape(p.removesuffix("*")) + (f"{_WORD}*" if p.endswith("*") else "") for p in parts)


@lru_cache(maxsize=256)
def _compiled(patterns: tuple[str, ...]) -> re2.Set:
    made = re2.Set.SearchSet(_options())
    try:
        for pattern in patterns:
            made.Add(pattern)
        made.Compile()
    except re2.error as error:
        raise ValueError(_reason(error)) from None
    return made


def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 64 << 20
    return options


def _reason(error: Exception) -> str:
    raw = error.args[0]
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
