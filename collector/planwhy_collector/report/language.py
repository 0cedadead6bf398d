"""The language of pages and reports: texts, numbers, days. In: English texts and values. Out: text in ru or en.

English texts are their own keys; the Russian ones stand in `web/translations/ru.po`, read as it is, so that no
build step is needed. Never: a guess of the language.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from gettext import NullTranslations
from importlib import resources
from io import BytesIO
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_precision
from babel.support import Translations
from planwhy_shared.times import day_of, from_ms

LOCALES = ("ru", "en")
_MINUS = "\N{MINUS SIGN}"


def N_(text: str) -> str:  # noqa: N802  the name that extraction tools know
    """Mark a text that is translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Language:
    """Says things in one language. Hours are floats, shares 0–1, instants Unix epoch ms."""

    locale: str
    texts: NullTranslations = field(repr=False, compare=False)

    def say(self, text: str, **values: object) -> str:
        """Translate a text; `%(name)s` stands for a value."""
        said = self.texts.gettext(text) if text else ""
        return said % values if values else said

    def number(self, value: float, digits: int = 0) -> str:
        """Write a number with that many decimals at most; the minus is a real one."""
        pattern = "#,##0." + "#" * digits if digits else "#,##0"
        rounded = round(value, digits) + 0.0
        return format_decimal(rounded, format=pattern, locale=self.locale).replace("-", _MINUS)

    def signed(self, value: float, digits: int = 1) -> str:
        """Write a difference with its sign; zero has none."""
        rounded = round(value, digits)
        return f"+{self.number(rounded, digits)}" if rounded > 0 else self.number(rounded, digits)

    def percent(self, share: float, digits: int = 0) -> str:
        """Write a share of 0–1 as a percentage."""
        pattern = "#,##0." + "0" * digits + " %" if digits else "#,##0 %"
        pattern = pattern if self.locale == "ru" else pattern.replace(" %", "%")
        return format_percent(round(share, digits + 2) + 0.0, format=pattern, locale=self.locale).replace("-", _MINUS)

    def money(self, value: float, currency: str | None) -> str:
        """Write an amount without minor units."""
        if not currency:
            return self.number(value)
        code = currency.upper()
        text = format_currency(round(value), code, locale=self.locale, currency_digits=False, format="#,##0\xa0¤")
        return text.replace("-", _MINUS)

    def exact_money(self, value: Decimal, currency: str) -> str:
        """Write an amount with its minor units, and with whatever is finer than they are; nothing is rounded away."""
        digits = max(get_currency_precision(currency), -int(value.normalize().as_tuple().exponent))
        pattern = "#,##0." + "0" * digits if digits else "#,##0"
        text = format_currency(value, currency, locale=self.locale, currency_digits=False, format=f"{pattern}\xa0¤")
        return text.replace("-", _MINUS)

    def decimal(self, value: Decimal) -> str:
        """Write an exact number with all its decimals."""
        return format_decimal(value, format="#,##0.########", locale=self.locale).replace("-", _MINUS)

    def exact_share(self, share: Decimal) -> str:
        """Write a share of 0–1 as a percentage with all its decimals."""
        pattern = "#,##0.########\xa0%" if self.locale == "ru" else "#,##0.########%"
        return format_percent(share, format=pattern, locale=self.locale)

    def hours(self, value: float) -> str:
        """Write hours with one decimal and their unit."""
        return self.say("%(hours)s h", hours=self.number(value, 1))

    def day(self, value: date) -> str:
        """Write a day with its year."""
        return format_date(value, "d MMM y", locale=self.locale)

    def short_day(self, value: date) -> str:
        """Write a weekday and day without the year."""
        return format_date(value, "EEEEEE d MMM" if self.locale == "ru" else "EEE d MMM", locale=self.locale)

    def days(self, first: date, last: date) -> str:
        """Write a range of days; a whole calendar month by its name."""
        if (first.year, first.month) == (last.year, last.month) and first.day == 1 and _is_month_end(last):
            return format_date(first, "LLLL y", locale=self.locale)
        if first == last:
            return self.day(first)
        return f"{self.day(first)} – {self.day(last)}"

    def moment(self, ms: int, zone: ZoneInfo) -> str:
        """Write an instant in a zone, to the minute."""
        return format_datetime(from_ms(ms, zone), "d MMM y, HH:mm", tzinfo=zone, locale=self.locale)

    def stamp(self, text: str) -> str:
        """Write an RFC 3339 instant in its own offset, to the minute."""
        return format_datetime(datetime.fromisoformat(text), "d MMM y, HH:mm", locale=self.locale)

    def stretch(self, start_ms: int, end_ms: int, zone: ZoneInfo) -> str:
        """Write a stretch of time; whole days as days."""
        first, last = from_ms(start_ms, zone), from_ms(end_ms, zone)
        if first.time() == last.time() == time.min:
            return self.days(first.date(), max(first.date(), last.date() - timedelta(days=1)))
        return f"{self.moment(start_ms, zone)} – {self.moment(end_ms, zone)}"

    def deadline(self, text: str) -> str:
        """Write a deadline; one at midnight is the end of the day before, and is written as that day."""
        found = datetime.fromisoformat(text)
        if found.time() == time.min:
            return self.day(found.date() - timedelta(days=1))
        return self.stamp(text)

    def short(self, text: str) -> str:
        """Write an ISO day without the year."""
        return self.short_day(date.fromisoformat(text))

    def day_text(self, text: str) -> str:
        """Write an ISO day with its year."""
        return self.day(date.fromisoformat(text))

    def iso(self, ms: int, zone: ZoneInfo) -> str:
        """The ISO day on which an instant falls."""
        return day_of(ms, zone).isoformat()

    @property
    def utc(self) -> ZoneInfo:
        """The zone of what belongs to nobody's calendar."""
        return ZoneInfo("UTC")

    def clock(self, ms: int, zone: ZoneInfo) -> str:
        """Write the time of day of an instant in a zone, to the second."""
        return format_time(from_ms(ms, zone), "HH:mm:ss", tzinfo=zone, locale=self.locale)


@cache
def language(locale: str) -> Language:
    """The language of a locale; anything but `ru` is English."""
    return Language("ru", _catalogue("ru")) if locale == "ru" else Language("en", NullTranslations())


def _catalogue(locale: str) -> NullTranslations:
    path = resources.files("planwhy_collector") / "web" / "translations" / f"{locale}.po"
    with path.open("rb") as source:
        catalogue = read_po(source, locale=locale, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(fp=compiled)


def _is_month_end(day: date) -> bool:
    return date.fromordinal(day.toordinal() + 1).day == 1
