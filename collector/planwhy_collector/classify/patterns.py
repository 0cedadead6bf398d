"""Patterns, alone and many at once. In: patterns and texts. Out: what matched. Never: what it means.

Patterns run on RE2, so that none can hang the collector, and on bytes, which spares the way back to characters where
only "whether" is asked. A pattern that is too large is refused: its time would still be bounded, but felt.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import re2

from planwhy_collector.classify.pattern_errors import told

CHUNK = 64
"""Patterns in one RE2 set. Each set reads the whole text; larger ones remember more states and take more memory."""
LARGEST = 50_000
"""Instructions of one compiled pattern; the largest of the product has 15,000. A letter of any alphabet takes 1,200."""


class Pattern:
    """One pattern, compiled when it is first needed, once for all who use the same."""

    __slots__ = ("_compiled", "_group", "_pattern")

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._compiled: Any = None
        self._group = False

    def search(self, text: str) -> tuple[str, str | None] | None:
        """What matched, and its first group where the pattern has one; None where nothing matched."""
        if self._compiled is None:
            compiled = checked(self._pattern)
            self._group = compiled.groups > 0
            self._compiled = compiled
        found = self._compiled.search(raw(text))
        if found is None:
            return None
        group = found[1] if self._group else None
        return found[0].decode("utf-8", "replace"), None if group is None else group.decode("utf-8", "replace")


class PatternSet:
    """Many patterns matched at once. Raises ValueError where one of them is too large."""

    def __init__(self, patterns: Sequence[str]) -> None:
        parts = (_compiled(tuple(patterns[at : at + CHUNK])) for at in range(0, len(patterns), CHUNK))
        self._sets: list[tuple[int, re2.Set]] = []
        first = 0
        for count, one in (sized for part in parts for sized in part):
            self._sets.append((first, one))
            first += count

    def search(self, text: bytes) -> list[int]:
        """Places of the patterns that match a text in UTF-8, the lowest first."""
        found: list[int] = []
        for first, one in self._sets:
            if hits := one.Match(text):
                found.extend(first + hit for hit in sorted(hits))
        return found


def raw(text: str) -> bytes:
    """A text as patterns read it; lone surrogates become `?`."""
    return text.encode("utf-8", "replace")


@lru_cache(maxsize=8192)
def checked(pattern: str) -> Any:
    """Compile a pattern. Raises ValueError with the reason, and where in the pattern it lies, where it is not valid."""
    try:
        compiled = re2.compile(raw(pattern), _options())
    except re2.error as error:
        raise ValueError(told(pattern, error, _error)) from None
    if compiled.programsize > LARGEST:
        raise ValueError(f"the pattern is too large: {compiled.programsize:,} instructions, at most {LARGEST:,}")
    return compiled


@lru_cache(maxsize=256)
def _compiled(patterns: tuple[str, ...]) -> tuple[tuple[int, re2.Set], ...]:
    """Sets with how many patterns each holds: one, or halves where that would be too large."""
    made = re2.Set.SearchSet(_options())
    try:
        for pattern in patterns:
            made.Add(raw(pattern))
        made.Compile()
    except re2.error as error:
        if len(patterns) == 1:
            raise ValueError(told(patterns[0], error, _error)) from None
        half = len(patterns) // 2
        return _compiled(patterns[:half]) + _compiled(patterns[half:])
    return ((len(patterns), made),)


def _error(pattern: str) -> Exception | None:
    try:
        re2.compile(raw(pattern), _options())
    except re2.error as error:
        return error if isinstance(error, Exception) else None
    return None


def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 64 << 20
    return options
