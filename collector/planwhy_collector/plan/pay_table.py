"""One table of a pay scheme, read key by key: what is taken is checked, what is left over is unknown.

In: TOML text. Out: exact decimals, words, tables. Raises InvalidInput that names the key, the value and the limit.
Never: a float: TOML's own numbers arrive here as the text they were written in.
"""

import re
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from planwhy_collector.errors import InvalidInput

MOST_CHARS = 20_000
_NUMBER = re.compile(r"(-?\d{1,15}(?:\.\d{1,8})?)(?:\s?(%))?", re.ASCII)


def parsed(text: str) -> dict[str, Any]:
    """TOML as a mapping; numbers with a point stay text. Raises InvalidInput with the line."""
    if len(text) > MOST_CHARS:
        raise InvalidInput(f"longer than {MOST_CHARS} characters")
    try:
        return tomllib.loads(text.removeprefix("\ufeff"), parse_float=str)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(str(error)) from None
    except (ValueError, RecursionError):
        raise InvalidInput("a number is too long or tables are nested too deeply") from None


def number_of(value: object, percent: bool = False) -> Decimal | None:
    """The exact number that a text or an integer is, `12.5 %` as 0.125 where percent is allowed; None where it is none.

    At most 15 digits before the point and 8 behind it.
    """
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    found = _NUMBER.fullmatch(str(value).strip())
    if found is None or (found[2] and not percent):
        return None
    return Decimal(found[1]).scaleb(-2) if found[2] else Decimal(found[1])


class Table:
    """The keys of one table, each taken once."""

    def __init__(self, where: str, values: dict[str, Any]) -> None:
        self._where, self._values, self._known = where, values, set[str]()

    def __contains__(self, key: str) -> bool:
        self._known.add(key)
        return key in self._values

    def path(self, key: str) -> str:
        """A key with the tables it stands in."""
        return f"{self._where}.{key}" if self._where else key

    def number(self, key: str, low: Decimal, high: Decimal, *, percent: bool = False, whole: bool = False) -> Decimal:
        """Take a number from low to high, both included. `percent`: may be written as `12.5 %`."""
        value = self._take(key)
        found = number_of(value, percent)
        if found is None or (whole and found % 1):
            form = "a whole number" if whole else 'a share such as "12.5 %" or "0.125"' if percent else "a number"
            raise InvalidInput(f"{self.path(key)}: {_shown(value)} is not {form} with at most 8 decimals")
        if not low <= found <= high:
            limits = (_percent(low), _percent(high)) if percent else (f"{low:f}", f"{high:f}")
            raise InvalidInput(f"{self.path(key)}: {_shown(value)} is outside of {limits[0]} to {limits[1]}")
        return found

    def text(self, key: str) -> str:
        """Take a text."""
        value = self._take(key)
        if not isinstance(value, str):
            raise InvalidInput(f"{self.path(key)}: {_shown(value)} is not a text")
        return value

    def flag(self, key: str) -> bool:
        """Take true or false."""
        value = self._take(key)
        if not isinstance(value, bool):
            raise InvalidInput(f"{self.path(key)}: {_shown(value)} is neither true nor false")
        return value

    def choice(self, key: str, allowed: Sequence[str]) -> str:
        """Take one of some words."""
        return self._word(key, self._take(key), allowed)

    def choices(self, key: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """Take a list of at least one of some words, each once."""
        value = self._take(key)
        if not isinstance(value, list) or not value:
            raise InvalidInput(f"{self.path(key)}: {_shown(value)} is not a list of {', '.join(allowed)}")
        return tuple(dict.fromkeys(self._word(key, one, allowed) for one in value))

    def table(self, key: str) -> "Table":
        """Take a table."""
        value = self._take(key)
        if not isinstance(value, dict):
            raise InvalidInput(f"{self.path(key)}: {_shown(value)} is not a table [{self.path(key)}]")
        return Table(self.path(key), value)

    def rows(self, key: str) -> tuple["Table", ...]:
        """Take an array of at least one table; rows are named by their number, from 1."""
        value, path = self._take(key), self.path(key)
        if not (isinstance(value, list) and value and all(isinstance(one, dict) for one in value)):
            raise InvalidInput(f"{path}: {_shown(value)} is not a list of tables [[{path}]]")
        return tuple(Table(f"{path}[{number}]", one) for number, one in enumerate(value, 1))

    def end(self) -> None:
        """Refuse keys that nobody asked for."""
        for key in self._values:
            if key not in self._known:
                known = ", ".join(sorted(self._known))
                raise InvalidInput(f"{self.path(key)[:80]}: there is no such key here, only {known}")

    def _take(self, key: str) -> Any:
        self._known.add(key)
        if key not in self._values:
            raise InvalidInput(f"{self.path(key)}: missing")
        return self._values[key]

    def _word(self, key: str, value: object, allowed: Sequence[str]) -> str:
        if value not in allowed:
            raise InvalidInput(f"{self.path(key)}: {_shown(value)} is none of {', '.join(allowed)}")
        return str(value)


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f} %"


def _shown(value: object) -> str:
    return repr(value)[:60]
