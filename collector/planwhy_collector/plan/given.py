"""Quantities of plans that people give by hand: for everyone, or for one person.

In: pairs of text such as `contact_rate=1.6` and `e1.hours_per_client=2,5`. Out: numbers by person and name.
Never: a name or a number that does not fit; InvalidInput names the pair and what was expected.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from planwhy_collector.errors import InvalidInput
from planwhy_collector.plan.workload import QUANTITIES

_NUMBER = re.compile(r"(\d{1,15}(?:[.,]\d{1,15})?)\s?(%?)", re.ASCII)
_LARGEST: Mapping[str, float] = {
    "expected_hours": 10_000, "attendance": 1, "focus": 1, "clients": 10_000, "hours_per_client": 10_000,
    "contact_rate": 1_000, "late_share": 1, "conversion_on_time": 1, "conversion_late": 1, "deal_value": 1e12,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """What was given: for everyone, and for persons by public id, which goes first."""

    everyone: Mapping[str, float]
    persons: Mapping[str, Mapping[str, float]]

    def of(self, key: str) -> dict[str, float]:
        """What was given for a person."""
        return {**self.everyone, **self.persons.get(key, {})}


NOTHING_GIVEN = Given({}, {})


def parse_given(pairs: Iterable[tuple[str, str]], metric: str) -> Given:
    """Read names and values; a name may stand behind a public id and a point. Raises InvalidInput."""
    everyone: dict[str, float] = {}
    persons: dict[str, dict[str, float]] = {}
    for name, text in pairs:
        key, _, quantity = name.strip().rpartition(".")
        known = _known(quantity, metric)
        (persons.setdefault(key, {}) if key else everyone)[known] = _value(name, known, text)
    return Given(everyone, persons)


def split_pair(text: str) -> tuple[str, str]:
    """Cut `name=value` in two. Raises InvalidInput where there is no such sign."""
    name, sign, value = text.partition("=")
    if not sign:
        raise InvalidInput(f"{text[:80]!r}: expected such as contact_rate=1.6 or e1.hours_per_client=2.5")
    return name, value


def _known(quantity: str, metric: str) -> str:
    if quantity == "sales_share":
        raise InvalidInput("sales_share: it follows from clients and hours_per_client, give those")
    if quantity not in QUANTITIES:
        raise InvalidInput(f"{quantity[:40]!r}: expected one of {', '.join(QUANTITIES)}")
    if quantity == "deal_value" and metric != "revenue":
        raise InvalidInput("deal_value: only plans of revenue have one")
    return quantity


def _value(name: str, quantity: str, text: str) -> float:
    read = _NUMBER.fullmatch(text.strip().replace("\xa0", " "))
    if read is None:
        raise InvalidInput(f"{name[:80]}: {text[:40]!r} is not a number such as 1.6 or 15 %")
    value = float(read[1].replace(",", ".")) / (100 if read[2] else 1)
    if value > _LARGEST[quantity]:
        raise InvalidInput(f"{name[:80]}: {value:g} is more than {_LARGEST[quantity]:g}")
    return value
