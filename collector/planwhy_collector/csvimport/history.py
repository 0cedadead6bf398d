"""What two states of a task tell about its past, pure: deadlines moved, tasks handed on or reopened between imports.

In: tasks before and after an import, and the changes known of them. Out: changes, and how many of each kind. Never:
a guess when something happened: a change that nobody dated counts from the import that noticed it, a reopening
between two closings from the later one.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from planwhy_collector.csvimport.report import HistoryReport
from planwhy_collector.explain.task_life import same_written_day
from planwhy_collector.facts import TaskChangeFact, TaskFact

Pair = tuple[TaskFact, TaskFact]
Known = Mapping[str, Sequence[TaskChangeFact]]


def noticed(pairs: Iterable[Pair], known: Known, now_ms: int) -> tuple[TaskChangeFact, ...]:
    """Find the changes of tasks that no known change tells of. `known`: by task, in order of time."""
    return tuple(change for pair in pairs for change in _of_task(pair, known.get(pair[1].id, ()), now_ms))


def counted(pairs: Iterable[Pair], changes: Iterable[TaskChangeFact], recorded: bool) -> HistoryReport:
    """Count what was noticed; `recorded` is false where it was taken for corrections.

    A day that ends at another instant for another person is the same deadline.
    """
    same = {after.id for before, after in pairs if _same_day(before, after)}
    fields = Counter(c.field for c in changes if c.field != "deadline" or c.task_id not in same)
    return HistoryReport(fields["deadline"], fields["owner"], fields["reopened"], recorded)


def _of_task(pair: Pair, known: Sequence[TaskChangeFact], now_ms: int) -> Iterator[TaskChangeFact]:
    before, after = pair
    handed_on = before.employee_id != after.employee_id
    if before.deadline_ms != after.deadline_ms and (handed_on or not _same_day(before, after)):
        last = _last(known, "deadline")
        if last is None or last.new_ms != after.deadline_ms:
            old_ms = last.new_ms if last else before.deadline_ms
            yield TaskChangeFact(after.id, now_ms, "deadline", old_ms=old_ms, new_ms=after.deadline_ms)
    if handed_on:
        last = _last(known, "owner")
        if last is None or last.new_owner != after.employee_id:
            old = last.new_owner if last else before.employee_id
            yield TaskChangeFact(after.id, now_ms, "owner", old_owner=old, new_owner=after.employee_id)
    if before.closed_ms is not None and (after.closed_ms is None or after.closed_ms > before.closed_ms):
        until_ms = now_ms if after.closed_ms is None else after.closed_ms
        if not any(c.field == "reopened" and before.closed_ms < c.at_ms <= until_ms for c in known):
            yield TaskChangeFact(after.id, before.closed_ms, "closed")
            yield TaskChangeFact(after.id, until_ms, "reopened")


def _last(known: Sequence[TaskChangeFact], field: str) -> TaskChangeFact | None:
    return next((change for change in reversed(known) if change.field == field), None)


def _same_day(before: TaskFact, after: TaskFact) -> bool:
    days = before.deadline_is_day and after.deadline_is_day
    return days and same_written_day(before.deadline_ms, after.deadline_ms)
