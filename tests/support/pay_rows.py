"""Pay schemes as text and stored, clients put straight into the table, and strategies of schemes and months."""

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st
from planwhy_collector.db import Database
from planwhy_collector.facts import Person
from planwhy_collector.jobs.paying import apply_scheme
from planwhy_collector.models import Client
from planwhy_collector.plan.pay import Goal, MonthFacts, PayItem
from planwhy_collector.plan.pay_scheme import SHARES, Part, PlanRule, Rate, Scheme, Step, Tier
from planwhy_collector.queries.pay import SchemeFact

PLAIN = 'currency = "RUB"\n[sale]\nshare = "10 %"\n[upsell]\nshare = "5 %"\n[service]\nshare = "1 %"\n'
STEPS = '[plan]\ninterpolate = false\n[[plan.steps]]\nreached = "0 %"\ncoefficient = "0.5"\n'


def put_in_force(database: Database, text: str = PLAIN, since: str = "2026-01-01") -> None:
    """Apply a scheme, whatever the day."""
    with database.writing() as session:
        apply_scheme(session, SchemeFact(date.fromisoformat(since), text, 0, "test"), date.min, correct=True)


def client(database: Database, who: Person, key: str, payment: str | None = "1000", **more: object) -> None:
    """Store a client in someone's care; `since` and `until` are days."""
    days = {name: date.fromisoformat(str(more.pop(name))) for name in ("since", "until") if name in more}
    fields: dict[str, object] = {"currency": "RUB"} | more | days
    amount = None if payment is None else Decimal(payment)
    with database.writing() as session:
        session.add(Client(id=key, name=key, employee_id=who.id, monthly_payment=amount, **fields))


amounts = st.decimals(0, 10**7, places=2)


@st.composite
def rates(draw: st.DrawFn, part: Part, marginal: bool | None = None) -> Rate:
    """A rate with one to four tiers within the limits of its part."""
    by = draw(st.sampled_from(["amount", "count"]))
    starts = amounts if by == "amount" else st.integers(2, 9).map(Decimal)
    first = Decimal(by == "count")
    rest = sorted(draw(st.sets(starts.filter(lambda start: start > first), max_size=3)))
    shares = st.decimals(*SHARES[part], places=4)
    tiers = tuple(Tier(start, draw(shares)) for start in (first, *rest))
    return Rate(by, draw(st.booleans()) if marginal is None else marginal, tiers)  # type: ignore[arg-type]


@st.composite
def plan_rules(draw: st.DrawFn) -> PlanRule:
    """Steps from 0 on that never fall, one of them at 100 %."""
    reached = sorted(draw(st.sets(st.decimals("0.1", "0.9", places=2), max_size=3)))
    below = sorted(draw(st.lists(st.decimals(0, 1, places=2), min_size=len(reached) + 1, max_size=len(reached) + 1)))
    above = sorted(draw(st.lists(st.decimals(1, 3, places=2), min_size=2, max_size=2)))
    steps = zip((Decimal(0), *reached, Decimal(1), Decimal("1.5")), (*below, *above), strict=True)
    parts = draw(st.frozensets(st.sampled_from(["sale", "upsell", "service"]), min_size=1))
    return PlanRule(tuple(Step(*step) for step in steps), draw(st.booleans()), parts, None)  # type: ignore[arg-type]


@st.composite
def schemes(draw: st.DrawFn, marginal: bool | None = None) -> Scheme:
    """A scheme of any shape, in a currency with 0, 2 or 3 minor digits."""
    currency, digits = draw(st.sampled_from([("RUB", 2), ("JPY", 0), ("KWD", 3)]))
    return Scheme(
        currency, digits, draw(rates("sale", marginal)), draw(st.none() | amounts),
        draw(st.none() | rates("upsell", marginal)), draw(st.none() | rates("service", marginal)),
        draw(st.none() | plan_rules()),
    )  # fmt: skip


@st.composite
def months(draw: st.DrawFn, currency: str) -> MonthFacts:
    """Contracts and clients, some without an amount or in another currency, and perhaps a plan."""
    days = draw(st.integers(28, 31))
    items = []
    for number in range(draw(st.integers(0, 8))):
        part = draw(st.sampled_from(["sale", "upsell", "service", "recurring"]))
        care = draw(st.integers(1, days)) if part == "service" else None
        code = draw(st.sampled_from([currency, currency, currency, "EUR", None]))
        items.append(PayItem(part, f"i{number}", "", draw(st.none() | amounts), code, care))  # type: ignore[arg-type]
    metric = draw(st.sampled_from(["contracts", "revenue"]))
    target = draw(st.decimals(0, 50 if metric == "contracts" else 10**7, places=1))
    goal = draw(st.none() | st.just(Goal(metric, target, currency if metric == "revenue" else None)))
    return MonthFacts(days, draw(st.integers(0, days)), tuple(items), goal)
