"""Late contacts: those on a deal that at that moment had an overdue task of the same person.

In: sales contacts, the person's tasks, working time. Out: the ids of late contacts. Never: tasks of other people.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from planwhy_shared.times import HOUR_MS

from planwhy_collector.explain.worktime import WorkTime
from planwhy_collector.facts import TaskFact

GRACE_MS = HOUR_MS
"""A task may be overdue by this much working time before a contact counts as late (method, section 1)."""


def overdue_from(task: TaskFact) -> int | None:
    """The instant from which a task is overdue: its deadline, or its creation where that came later."""
    return None if task.deadline_ms is None else max(task.deadline_ms, task.created_ms)


def overdue_at(task: TaskFact, at_ms: int, working: WorkTime) -> bool:
    """Whether a task was overdue by more than the grace at an instant.

    A task closed at that very instant, or later, still counts as open: often the contact is what closed it.
    """
    since = overdue_from(task)
    if since is None or since >= at_ms or (task.closed_ms is not None and task.closed_ms < at_ms):
        return False
    return working.ms(since, at_ms) > GRACE_MS


def late_contacts(
    contacts: Iterable[tuple[str, int, str | None]], tasks: Sequence[TaskFact], working: WorkTime
) -> frozenset[str]:
    """Find the late ones among contacts given as (id, instant, deal id)."""
    by_deal = _by_deal(tasks)
    return frozenset(
        key
        for key, at_ms, deal in contacts
        if deal is not None and any(overdue_at(task, at_ms, working) for task in by_deal.get(deal, ()))
    )


def _by_deal(tasks: Sequence[TaskFact]) -> Mapping[str, list[TaskFact]]:
    found: defaultdict[str, list[TaskFact]] = defaultdict(list)
    for task in tasks:
        if task.entity_type == "deal" and task.entity_id:
            found[task.entity_id].append(task)
    return found
