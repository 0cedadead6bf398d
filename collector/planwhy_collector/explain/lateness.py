"""Late contacts: those on a deal that at that moment had an overdue task of the same person.

In: sales contacts, the tasks in the person's hands, working time. Out: the ids of late contacts. Never: tasks of other
people, or what became of a task after the contact.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from planwhy_shared.times import HOUR_MS

from planwhy_collector.explain.task_life import Held
from planwhy_collector.explain.worktime import WorkTime

GRACE_MS = HOUR_MS
"""A task may be overdue by this much working time before a contact counts as late (method, section 1)."""


def overdue_at(held: Held, at_ms: int, working: WorkTime) -> bool:
    """Whether a task was overdue in the person's hands by more than the grace at an instant.

    The grace runs from the deadline in force then, or from when the person got the task. A task closed, moved or given
    away at that very instant still counts as it stood before: often the contact is what closed it.
    """
    state = held.just_before(at_ms)
    if state is None or state.deadline_ms is None:
        return False
    return working.ms(max(state.deadline_ms, state.held_ms), at_ms) > GRACE_MS


def late_contacts(
    contacts: Iterable[tuple[str, int, str | None]], tasks: Sequence[Held], working: WorkTime
) -> frozenset[str]:
    """Find the late ones among contacts given as (id, instant, deal id)."""
    by_deal = _by_deal(tasks)
    return frozenset(
        key
        for key, at_ms, deal in contacts
        if deal is not None and any(overdue_at(task, at_ms, working) for task in by_deal.get(deal, ()))
    )


def _by_deal(held: Sequence[Held]) -> Mapping[str, list[Held]]:
    found: defaultdict[str, list[Held]] = defaultdict(list)
    for one in held:
        if one.task.entity_type == "deal" and one.task.entity_id:
            found[one.task.entity_id].append(one)
    return found
