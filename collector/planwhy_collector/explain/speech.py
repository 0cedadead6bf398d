"""How the summary writes figures in one language: numbers, shares, hours, days, plurals.

In: values. Out: text in `ru` or `en`. Never: a choice of what is said.
"""

from dataclasses import dataclass
from datetime import date

from babel.core import Locale
from babel.dates import format_date, format_interval
from babel.numbers import get_currency_symbol

from planwhy_collector.explain.words import CONTRACTS, HOURS, SENTENCES

MINUS = "\N{MINUS SIGN}"
TEN_HOURS = 10.0
"""From so many hours on a decimal says nothing more."""
_FINEST = 2


@dataclass(frozen=True, slots=True)
class Speech:
    """One language. Hours are floats, shares 0–1, days ISO texts."""

    locale: str

    def say(self, sentence: str, **figures: str) -> str:
        """A sentence with its figures."""
        return SENTENCES[self.locale][sentence].format(**figures)

    def number(self, value: float, digits: int = 1) -> str:
        """A number with at most that many decimals and a real minus."""
        text = f"{value:,.{digits}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        text = "0" if text in ("-0", "") else text.replace("-", MINUS)
        return text.replace(",", "\u00a0").replace(".", ",") if self.locale == "ru" else text

    def share(self, value: float, digits: int | None = None) -> str:
        """A share as a percentage; without a wish for digits one decimal near 0 and 1."""
        usual = 0 if 0.1 <= abs(value) < 0.995 or value == 1 else 1
        written = self.number(100 * value, usual if digits is None else digits)
        return f"{written}\u00a0%" if self.locale == "ru" else f"{written}%"

    def hours(self, value: float) -> str:
        """Hours and their unit; below ten with one decimal."""
        return f"{self.number(value, 1 if value < TEN_HOURS else 0)}\u00a0{HOURS[self.locale]}"

    def money(self, value: float, currency: str | None) -> str:
        """Whole money with its sign in Russian and its code in English, if it has one."""
        shown = get_currency_symbol(currency, self.locale) if currency and self.locale == "ru" else currency
        return f"{self.number(value, 0)}\u00a0{shown}" if shown else self.number(value, 0)

    def contracts(self, value: float) -> str:
        """How many contracts, in the right plural."""
        shown = round(value, 1)
        whole = int(shown) if shown == int(shown) else shown
        return CONTRACTS[self.locale][Locale(self.locale).plural_form(whole)].format(n=self.number(shown))

    def figure(self, unit: str, value: float, digits: int | None = None) -> str:
        """A factor's figure in its unit."""
        if unit in ("share", "per_contact"):
            return self.share(value, digits)
        return self.number(value, 0 if unit in ("money", "contacts") else _FINEST)

    def pair(self, unit: str, one: float, other: float) -> tuple[str, str]:
        """Two figures of a unit, with as many decimals as it takes to tell them apart."""
        written = self.figure(unit, one), self.figure(unit, other)
        for digits in range(1, _FINEST + 1):
            if written[0] != written[1] or unit not in ("share", "per_contact"):
                break
            written = self.figure(unit, one, digits), self.figure(unit, other, digits)
        return written

    def days(self, first: str, last: str) -> str:
        """A range of days; a whole calendar month by its name."""
        one, end = date.fromisoformat(first), date.fromisoformat(last)
        whole = one.day == 1 and date.fromordinal(end.toordinal() + 1).day == 1
        if whole and (one.year, one.month) == (end.year, end.month):
            return format_date(one, "LLLL y", locale=self.locale)
        if one == end:
            return format_date(one, "d MMMM y", locale=self.locale)
        return str(format_interval(one, end, "yMMMd", locale=self.locale))
