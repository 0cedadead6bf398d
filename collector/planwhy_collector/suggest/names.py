"""Which names belong together. In: hosts and programs. Out: their brand, and the family that brands are joined to.

`amocrm.ru`, `www.amocrm.com` and `amoCRM.exe` are one brand: whoever knows one of them knows the others. Never: a
look-up of who owns a domain.
"""

import re
from collections.abc import Iterable

from planwhy_collector.classify.match import fold, program_key

_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "gov", "edu", "ac", "msk", "spb"})
"""What stands under a country as if it were the end of the name: `co.uk`, `com.ru`."""
_NOT_LETTERS = re.compile(r"[\W\d_]+")


def registered_domain(host: str) -> str:
    """The part of a host that somebody registered: two labels, three under `co.uk` and its like; an address whole."""
    labels = host.split(".")
    if labels[-1].isdigit() or ":" in host:
        return host
    size = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-size:])


def brand_of_host(host: str) -> str:
    """The letters of the name that was registered, without what it ends with."""
    domain = registered_domain(host)
    return _letters(domain.partition(".")[0]) or domain


def brand_of_program(name: str) -> str:
    """The letters of a program's name, or of a site's."""
    key = program_key(name)
    return _letters(key) or key


class Families:
    """Brands that are joined become one family, named by one of them."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def join(self, brands: Iterable[str]) -> None:
        """Say that these brands are one."""
        first, *others = brands
        for other in others:
            self._above[self.of(other)] = self.of(first)

    def of(self, brand: str) -> str:
        """The family of a brand; itself where it was never joined."""
        while (above := self._above.get(brand, brand)) != brand:
            brand = above
        return brand


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", fold(text))
