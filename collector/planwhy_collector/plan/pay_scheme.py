"""What a month brings, declared: a pay scheme is read from TOML text. In: text. Out: a Scheme, or InvalidInput.

Never: a deduction. There is no key for one, and a share below its limits, a coefficient outside of them, an unknown
key are refused with the key, the value and the limit. Numbers are decimals from the text on; no float is ever made.
The limits are those of the method (section 4). `planwhy pay example` prints a scheme with comments.
"""

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from babel.numbers import get_currency_precision, is_currency

from planwhy_collector.errors import InvalidInput
from planwhy_collector.plan.pay_table import Table, parsed
from planwhy_collector.plan.target import METRICS

Part = Literal["base", "sale", "upsell", "service"]
PARTS: tuple[Part, ...] = ("base", "sale", "upsell", "service")
"""What pay consists of, in the order in which it is shown."""

SHARES: dict[Part, tuple[Decimal, Decimal]] = {
    "sale": (Decimal("0.1"), Decimal("0.5")),
    "upsell": (Decimal(0), Decimal("0.2")),
    "service": (Decimal("0.0025"), Decimal("0.03")),
}
"""The least and the greatest share of each part, 0–1, both allowed."""

MOST_COEFFICIENT = Decimal(3)
MOST_REACHED = Decimal(10)
MOST_BASE = Decimal(10) ** 9
MOST_AMOUNT = Decimal(10) ** 12
MOST_COUNT = Decimal(10_000)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Tier:
    """From `start` on (an amount, or the number of a contract) this share, 0–1, up to the next tier."""

    start: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class Rate:
    """The share of one part. Marginal: each slice has the share of its own tier; else the whole has that of the last.

    By `amount`, the tiers cut each single amount; by `count`, they cut the amounts of the month in their order.
    """

    by: Literal["amount", "count"]
    marginal: bool
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """From this share of the plan on (0–1 and more) this coefficient."""

    reached: Decimal
    coefficient: Decimal


@dataclass(frozen=True, slots=True)
class PlanRule:
    """The coefficient on `parts` by the share of the plan that was reached; steps begin at 0 and include 1."""

    steps: tuple[Step, ...]
    interpolate: bool
    parts: frozenset[Part]
    metric: str | None


@dataclass(frozen=True, slots=True)
class Scheme:
    """A pay scheme. `digits` are those of the currency's minor unit; None: the scheme leaves the part out."""

    currency: str
    digits: int
    sale: Rate
    base_salary: Decimal | None = None
    upsell: Rate | None = None
    service: Rate | None = None
    plan: PlanRule | None = None

    def rate(self, part: Part) -> Rate | None:
        """The share of a part; None for the base salary, and where the scheme leaves the part out."""
        return {"sale": self.sale, "upsell": self.upsell, "service": self.service}.get(part)


def read_scheme(text: str, name: str) -> Scheme:
    """Read a scheme; `name` is what errors call the text. Raises InvalidInput with the key, value and limit."""
    try:
        return _scheme(Table("", parsed(text)))
    except InvalidInput as error:
        raise InvalidInput(f"{name}: {error.detail}") from None


def _scheme(top: Table) -> Scheme:
    currency = _currency(top)
    base = top.number("base_salary", Decimal(0), MOST_BASE) if "base_salary" in top else None
    upsell = _rate(top.table("upsell"), "upsell") if "upsell" in top else None
    service = _rate(top.table("service"), "service") if "service" in top else None
    plan = _plan(top.table("plan")) if "plan" in top else None
    sale = _rate(top.table("sale"), "sale")
    top.end()
    return Scheme(currency, get_currency_precision(currency), sale, base, upsell, service, plan)


def _currency(top: Table) -> str:
    code = top.text("currency")
    if not (code.isascii() and code.isupper() and is_currency(code)):
        raise InvalidInput(f"currency: {code!r} is not a currency code such as RUB")
    return code


def _rate(table: Table, part: Part) -> Rate:
    """Either one `share`, or `by`, `mode` and `tiers`."""
    if "share" in table:
        single = Tier(Decimal(0), table.number("share", *SHARES[part], percent=True))
        table.end()
        return Rate("amount", True, (single,))
    by: Literal["amount", "count"] = "count" if table.choice("by", ("amount", "count")) == "count" else "amount"
    marginal = table.choice("mode", ("marginal", "whole")) == "marginal"
    greatest = MOST_AMOUNT if by == "amount" else MOST_COUNT
    tiers = tuple(_tier(row, greatest, by == "count", SHARES[part]) for row in table.rows("tiers"))
    table.end()
    _ascending(table.path("tiers"), "from", [tier.start for tier in tiers], Decimal(by == "count"))
    return Rate(by, marginal, tiers)


def _tier(row: Table, greatest: Decimal, counted: bool, limits: tuple[Decimal, Decimal]) -> Tier:
    start = row.number("from", Decimal(0), greatest, whole=counted)
    tier = Tier(start, row.number("share", *limits, percent=True))
    row.end()
    return tier


def _plan(table: Table) -> PlanRule:
    interpolate = table.flag("interpolate")
    parts = table.choices("parts", tuple(SHARES)) if "parts" in table else ("sale", "upsell")
    metric = table.choice("metric", METRICS) if "metric" in table else None
    steps = tuple(_step(row) for row in table.rows("steps"))
    table.end()
    path = table.path("steps")
    _ascending(path, "reached", [step.reached for step in steps], Decimal(0))
    _never_less(path, steps)
    if all(step.reached != ONE for step in steps):
        steps = tuple(sorted((*steps, Step(ONE, ONE)), key=lambda step: step.reached))
    return PlanRule(steps, interpolate, frozenset(part for part in PARTS if part in parts), metric)


def _step(row: Table) -> Step:
    """Below the plan a coefficient of 0–1, at it and above at least 1."""
    reached = row.number("reached", Decimal(0), MOST_REACHED, percent=True)
    limits = (Decimal(0), ONE) if reached < ONE else (ONE, MOST_COEFFICIENT)
    step = Step(reached, row.number("coefficient", *limits))
    row.end()
    return step


def _ascending(path: str, key: str, values: list[Decimal], first: Decimal) -> None:
    if values[0] != first:
        raise InvalidInput(f"{path}[1].{key}: {values[0]:f} must be {first:f}, so that nothing lies below the first")
    for number, (before, after) in enumerate(pairwise(values), 2):
        if after <= before:
            raise InvalidInput(f"{path}[{number}].{key}: {after:f} must be above the {before:f} before it")


def _never_less(path: str, steps: tuple[Step, ...]) -> None:
    for number, (before, after) in enumerate(pairwise(steps), 2):
        if after.coefficient < before.coefficient:
            raise InvalidInput(
                f"{path}[{number}].coefficient: {after.coefficient:f} must be at least the "
                f"{before.coefficient:f} before it: more of the plan never brings less"
            )
