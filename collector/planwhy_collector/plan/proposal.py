"""What is proposed for one person and period: the draft beside the plans there are, and what changed.

In: a person, a draft, the plans there are. Out: a Proposal. Never: a plan beside one that exists.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from planwhy_collector.facts import Person, PlanFact
from planwhy_collector.plan.change import Change, change_between
from planwhy_collector.plan.period import previous
from planwhy_collector.plan.workload import Draft, Order, planned


@dataclass(frozen=True, slots=True)
class Proposal:
    """A person's draft. `plan` None: nothing is to be stored, because of the draft's refusal or of `existing`.

    `earlier` is the plan of the period just before, `change` the way from it to `plan`; `other_currency` counts
    contracts of the history that are not in the plan's currency and were left out.
    """

    person: Person
    draft: Draft
    plan: PlanFact | None
    existing: PlanFact | None
    earlier: PlanFact | None
    change: Change | None
    other_currency: int


def proposed(
    person: Person, order: Order, draft: Draft, plans: Iterable[PlanFact], other_currency: int, made_by: str
) -> Proposal:
    """Put a proposal together. `plans` are those of the person that touch the period and the one before."""
    of_metric = {(plan.first, plan.last): plan for plan in plans if plan.metric == order.metric}
    before = previous(order.period)
    existing = of_metric.get((order.period.first, order.period.last))
    earlier = of_metric.get((before.first, before.last))
    plan = None if existing or draft.refusal else planned(draft, order, person.id, made_by)
    change = change_between(earlier, plan) if earlier and plan else None
    return Proposal(person, draft, plan, existing, earlier, change, other_currency)
