"""Masking patterns that administrators write: RE2 finds them in time that grows with the text alone, so none can hang.

In: patterns. Out: compiled masks, or ValueError with the pattern's number and the place of the fault. Never: a
pattern that needs backtracking, or much memory. RE2's `\\w`, `\\d` and `\\b` know ASCII only; `\\pL` is a letter of any
script, `[а-яё]` a Russian one.
"""

import re
from collections.abc import Sequence
from typing import Any

from planwhy_shared import limits

_MEMORY = 1 << 20
"""Bytes that one compiled pattern may take: what does not fit would be slow."""
_PLACE = re.compile(r": (.+)$", re.DOTALL)


class MaskPattern:
    """One compiled pattern."""

    __slots__ = ("_compiled",)

    def __init__(self, pattern: str) -> None:
        """Raises ValueError with the reason and, where it is known, the place."""
        import re2  # noqa: PLC0415  an agent whose policy has no patterns shall not pay for the library

        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MEMORY
        try:
            self._compiled: Any = re2.compile(pattern, options)
        except re2.error as error:
            raise ValueError(_reason(pattern, error)) from None

    def masked(self, text: str, mask: str) -> str:
        """Put the mask for every match; an empty match is none."""
        found: str = self._compiled.sub(lambda match: mask if match.group(0) else "", text)
        return found

    def fits_nothing(self) -> bool:
        """Whether it matches an empty text as a whole, as `x*` does."""
        return self._compiled.fullmatch("") is not None


def mask_patterns(patterns: Sequence[str]) -> tuple[MaskPattern, ...]:
    """Compile patterns. Raises ValueError such as `mask_patterns[2]: missing ) at character 5`."""
    if len(patterns) > limits.MASK_PATTERNS:
        raise ValueError(f"mask_patterns: {len(patterns)} patterns, at most {limits.MASK_PATTERNS}")
    return tuple(_checked(number, one) for number, one in enumerate(patterns, 1))


def _checked(number: int, pattern: str) -> MaskPattern:
    where = f"mask_patterns[{number}]"
    if not 1 <= len(pattern) <= limits.PATTERN_CHARS:
        raise ValueError(f"{where}: {len(pattern)} characters, expected 1 to {limits.PATTERN_CHARS}")
    if not pattern.isprintable():
        raise ValueError(f"{where}: holds characters that cannot be printed")
    try:
        made = MaskPattern(pattern)
    except (ValueError, ImportError) as error:
        raise ValueError(f"{where}: {error}") from None
    if made.fits_nothing():
        raise ValueError(f"{where}: it matches where nothing stands; a mask has to match at least one character")
    return made


def _reason(pattern: str, error: Exception) -> str:
    """RE2 names the faulty piece behind a colon; its place in the pattern is looked for."""
    raw = error.args[0] if error.args else ""
    said = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
    piece = _PLACE.search(said)
    at = pattern.rfind(piece[1]) if piece else -1
    if said.startswith("trailing"):
        at = len(pattern) - 1
    return f"{said} (at character {at + 1})" if at >= 0 else said
