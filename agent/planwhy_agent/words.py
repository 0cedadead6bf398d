"""What a person reads from the agent, in Russian or English: each text is its own English key.

In: an English text and its values. Out: the text in the person's language. Never: a title or an address put in by
itself. Texts in code are written `say("…")`, or marked `N_("…")` where they are said later; `words_ru` holds the
Russian of every one of them, and a guard test compares.
"""

import sys
from collections.abc import Mapping
from datetime import datetime

LANGUAGES = ("en", "ru")
_RUSSIAN_PRIMARY = 0x19
"""The low ten bits of a Windows language id."""

_COUNTED = {
    "minutes": ("minute", "minutes", "минуту", "минуты", "минут"),
    "hours": ("hour", "hours", "час", "часа", "часов"),
    "days": ("day", "days", "день", "дня", "дней"),
    "records": ("record", "records", "запись", "записи", "записей"),
    "browsers": ("browser", "browsers", "браузер", "браузера", "браузеров"),
    "patterns": ("pattern", "patterns", "шаблон", "шаблона", "шаблонов"),
}
"""Things that are counted: English one and many; Russian as after 1, 2 and 5."""


def N_(text: str) -> str:  # noqa: N802  the usual name of the mark, which extractors and readers know
    """Mark a text that is said later."""
    return text


class Words:
    """One language. `say(text, **values)` puts the values in by `str.format`."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "en"
        self._texts: Mapping[str, str] = {}
        if self.language == "ru":
            from planwhy_agent.words_ru import RUSSIAN  # noqa: PLC0415  most of the time another language is not needed

            self._texts = RUSSIAN

    def __call__(self, text: str, **values: object) -> str:
        """Say a text; one that has no translation is said as it is."""
        said = self._texts.get(text, text)
        return said.format(**values) if values else said

    def count(self, number: int, what: str) -> str:
        """A number with the thing counted: `1 minute`, `5 minutes`."""
        one, many, *russian = _COUNTED[what]
        if self.language == "ru":
            return f"{number} {russian[_russian_form(number)]}"
        return f"{number} {one if number == 1 else many}"

    def span(self, ms: int) -> str:
        """How long, in the largest unit that fits: minutes up to two hours, hours up to two days, then days."""
        minutes = max(1, ms // 60_000)
        if minutes < 120:
            return self.count(minutes, "minutes")
        hours = minutes // 60
        return self.count(hours, "hours") if hours < 48 else self.count(hours // 24, "days")

    def ago(self, ms: int) -> str:
        """How long ago."""
        return self("just now") if ms < 60_000 else self("{span} ago", span=self.span(ms))

    def at(self, when_ms: int, now_ms: int) -> str:
        """A local time; with its day where that is not today."""
        try:
            when = datetime.fromtimestamp(when_ms / 1000).astimezone()
        except (OverflowError, ValueError, OSError):
            return self("further notice")
        today = datetime.fromtimestamp(now_ms / 1000).astimezone().date()
        day = "%d.%m.%Y %H:%M" if self.language == "ru" else "%Y-%m-%d %H:%M"
        return when.strftime("%H:%M" if when.date() == today else day)


def system_language(environment: Mapping[str, str]) -> str:
    """The language of the person's system: `ru` or `en`."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if told := environment.get(name, "").strip():
            return "ru" if told.lower().startswith("ru") else "en"
    found = "en"
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415  nowhere else needed

        russian = ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == _RUSSIAN_PRIMARY
        found = "ru" if russian else "en"
    elif sys.platform == "darwin":
        found = _macos_language()
    return found


def _macos_language() -> str:
    """What the person chose in the settings; a program started by the Finder finds no locale in its environment."""
    import subprocess  # noqa: PLC0415  nowhere else needed

    try:
        told = subprocess.run(
            ["defaults", "read", "-g", "AppleLocale"], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return "en"
    return "ru" if told.stdout.strip().lower().startswith("ru") else "en"


def _russian_form(number: int) -> int:
    if number % 10 == 1 and number % 100 != 11:
        return 0
    return 1 if 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14 else 2
