"""What if there were one contract more: a month's facts with assumptions on top, and the difference line by line.

In: facts and assumptions; two results. Out: facts; differences that add up to that of the totals.
Never: a fact that is changed.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from planwhy_collector.errors import InvalidInput
from planwhy_collector.plan.pay import Goal, MonthFacts, MonthPay, PayItem, PayLine, month_pay
from planwhy_collector.plan.pay_scheme import MOST_AMOUNT, Part, Scheme
from planwhy_collector.plan.pay_table import number_of

MOST_ASSUMED = 50
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Assumed:
    """Contracts, upsells and clients in care of the whole month beside the facts, in the scheme's currency."""

    new: tuple[Decimal, ...] = ()
    upsell: tuple[Decimal, ...] = ()
    client: tuple[Decimal, ...] = ()
    target: Decimal | None = None

    def __bool__(self) -> bool:
        """Whether anything is assumed."""
        return bool(self.new or self.upsell or self.client or self.target is not None)


@dataclass(frozen=True, slots=True)
class Change:
    """One line before and after; 0 where there is none. `assumed`: the line stands for something assumed."""

    part: Part
    id: str
    name: str
    slice: int
    assumed: bool
    before: Decimal
    after: Decimal
    difference: Decimal


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The facts, what would be, and the difference line by line; the differences add up to that of the totals."""

    before: MonthPay
    after: MonthPay
    changes: tuple[Change, ...]

    @property
    def difference(self) -> Decimal:
        """How much more the month would bring."""
        return self.after.total - self.before.total


def read_amount(name: str, text: str) -> Decimal:
    """An assumed amount or target. Raises InvalidInput with the field, value and limit."""
    found = number_of(text)
    if found is None:
        raise InvalidInput(f"{name}: {text[:40]!r} is not an amount such as 100000 or 99.90")
    if not 0 <= found <= MOST_AMOUNT:
        raise InvalidInput(f"{name}: {text[:40]!r} is outside of 0 to {MOST_AMOUNT:f}")
    return found


def read_amounts(name: str, texts: list[str] | tuple[str, ...]) -> tuple[Decimal, ...]:
    """Assumed amounts; empty ones are left out. Raises InvalidInput."""
    given = [text for text in texts if text.strip()]
    if len(given) > MOST_ASSUMED:
        raise InvalidInput(f"{name}: {len(given)} amounts, at most {MOST_ASSUMED} can be assumed at once")
    return tuple(read_amount(name, text) for text in given)


def what_if_pay(in_force: Scheme, asked: Scheme, facts: MonthFacts, assumed: Assumed) -> WhatIf:
    """Compute the facts under the scheme in force, and with assumptions under the one asked about.

    Raises InvalidInput where the two schemes pay in different currencies.
    """
    if in_force.currency != asked.currency:
        raise InvalidInput(f"amounts in {in_force.currency} and in {asked.currency} cannot be compared")
    before, after = month_pay(in_force, facts), month_pay(asked, with_assumed(facts, assumed, asked))
    return WhatIf(before, after, compare(before, after))


def with_assumed(facts: MonthFacts, assumed: Assumed, scheme: Scheme) -> MonthFacts:
    """Put assumptions on top of facts: assumed contracts come after the real ones, clients stay all month."""
    more = (
        *_items("sale", "new", assumed.new, scheme.currency),
        *_items("upsell", "upsell", assumed.upsell, scheme.currency),
        *_items("service", "client", assumed.client, scheme.currency),
    )
    goal = facts.goal
    if assumed.target is not None:
        metric = (scheme.plan.metric if scheme.plan else None) or "contracts"
        goal = goal or Goal(metric, _ZERO, scheme.currency if metric == "revenue" else None)
        goal = replace(goal, target=assumed.target)
    return replace(facts, items=(*facts.items, *more), goal=goal)


def compare(before: MonthPay, after: MonthPay) -> tuple[Change, ...]:
    """Set two results of one month and currency side by side, in the order of the second."""
    old = {_key(line): line for line in before.lines}
    new = {_key(line): line for line in after.lines}
    listed = [*after.lines, *(line for key, line in old.items() if key not in new)]
    return tuple(_change(line, old.get(_key(line)), new.get(_key(line))) for line in listed)


def _items(part: Part, kind: str, amounts: tuple[Decimal, ...], currency: str) -> tuple[PayItem, ...]:
    return tuple(PayItem(part, f"{kind}-{n}", "", a, currency, assumed=True) for n, a in enumerate(amounts, 1))


def _key(line: PayLine) -> tuple[Part, bool, str, int]:
    return line.part, line.assumed, line.id, line.slice


def _change(line: PayLine, before: PayLine | None, after: PayLine | None) -> Change:
    old, new = before.amount if before else _ZERO, after.amount if after else _ZERO
    return Change(line.part, line.id, line.name, line.slice, line.assumed, old, new, new - old)
