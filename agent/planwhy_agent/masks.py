"""Stage 2, texts: cleaning and masking.

In: a text from anywhere, hostile ones included. Out: a text that can be shown, stored and sent, without card
numbers, e-mail addresses, telephone numbers, secrets and user names. Never: which texts are kept (`privacy`).
"""

import re
from collections.abc import Iterable

from planwhy_shared.patterns import MaskPattern

MASK = "***"
_SCANNED = 4
"""A text is looked at up to this multiple of its limit; what lies beyond is cut off anyway."""

_SPACE = (*range(0x09, 0x0E), 0x20, 0x85, 0xA0, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
_GONE = (
    *range(0x00, 0x09),
    *range(0x0E, 0x20),
    *range(0x7F, 0x85),
    *range(0x86, 0xA0),
    0xAD,
    0x061C,
    0x180E,
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
)
_CLEANING = dict.fromkeys(_SPACE, " ") | dict.fromkeys(_GONE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(" {2,}")

_CARD = re.compile(r"(?<![\d*])\d(?:[ .-]?\d){12,18}(?!\d)")
_AT = re.compile(r"[^\s<>()\[\]{}«»\"',;:|/\\]{1,128}(?:@|%40)[^\s<>()\[\]{}«»\"',;|/\\]{1,255}", re.IGNORECASE)
_PHONE = re.compile(
    r"(?<![\w+])(?:\+\d(?:[\s().-]{0,2}\d){8,14}"
    r"|[78][\s(.-]{0,2}\d{3}[\s).-]{0,2}\d{3}[\s.-]?\d{2}[\s.-]?\d{2}"
    r"|\(\d{3,5}\)\s?\d{1,3}[\s.-]?\d{2}[\s.-]?\d{2})(?!\d)"
)
_SECRET = re.compile(
    r"((?<!\w)(?:парол\w{0,4}|пин-?код\w{0,3}|секрет\w{0,4}|код\s(?:подтверждения|доступа|из\sсмс)"
    r"|passwor[dt]s?|passwd|pwd|passcode|passphrase|pin(?:\scode)?|secret|api[_ -]?key|(?:access|auth)?[_ -]?token"
    r"|cv[vc]2?|otp)(?!\w)[\s:=>«\"'“.—–-]*)"
    r"(?:(?!\s[—–|·-]\s)\S|(?!\s[—–|·-]\s)\s(?=\S))+",
    re.IGNORECASE,
)
_UNIX_HOME = re.compile(r"(/(?:home|users|export/home|var/home)/)[^/\s]+", re.IGNORECASE)
_WINDOWS_HOME = re.compile(
    r"([a-z]:[\\/](?:users|documents and settings|пользователи)[\\/])[^\\/]+?(?=[\\/]|\s[—–-]\s|$)", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"(https?://[^\s/?#]+|(?<![\w./@-])(?:[\w-]+\.)+[^\W\d_]{2,}(?::\d{1,5})?)[/?#]\S*", re.IGNORECASE
)
"""An address in a title: a page without a title, or one still loading, shows its own."""
_MASKS = re.compile(r"(?:\*\*\*){2,}")
_NUMBER = re.compile(r"\d+")
_NAME = re.compile(r"(?<=\s)[A-ZА-ЯЁ][\w'’-]*")
_BASENAME = re.compile(r"[\\/]")


def cleaned(text: str | None, limit: int) -> str | None:
    """Remove control characters, bidirectional overrides, invisible characters and half characters; cut to `limit`.

    The result is at most `limit` code points; None where nothing is left.
    """
    if not text:
        return None
    text = text[: limit * _SCANNED].translate(_CLEANING)
    text = _SPACES.sub(" ", _SURROGATE.sub("\ufffd", text)).strip()
    return text[:limit].rstrip() or None


def masked(text: str, patterns: Iterable[MaskPattern] = ()) -> str:
    """Replace by `***` what identifies people or opens doors, and whatever the patterns of the policy match.

    Of an address only the host is left. Masks side by side become one, so that no pattern lets a text grow without end.
    """
    text = _ADDRESS.sub(r"\1", text)
    text = _SECRET.sub(rf"\1{MASK}", text)
    text = _WINDOWS_HOME.sub(rf"\1{MASK}", _UNIX_HOME.sub(rf"\1{MASK}", text))
    text = _AT.sub(MASK, text)
    text = _CARD.sub(lambda found: MASK if _luhn(found[0]) else found[0], text)
    text = _PHONE.sub(MASK, text)
    for pattern in patterns:
        text = _MASKS.sub(MASK, pattern.masked(text, MASK))
    return text


def faceless(text: str) -> str:
    """Keep the kind of a title, hide whom it is about: numbers and capitalised words after the first become `***`."""
    return _NAME.sub(MASK, _NUMBER.sub(MASK, text))


def program_name(app: str | None, limit: int) -> str | None:
    """Keep the last part of what may be a path: folders name users."""
    name = cleaned(app, limit * _SCANNED)
    return cleaned(_BASENAME.split(name.rstrip("\\/"))[-1], limit) if name else None


def _luhn(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    doubled = (d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
