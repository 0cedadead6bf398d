"""What happened to a task, said in both languages."""

from planwhy_collector.explain.result import HeldOut, MoveOut, OverdueOut, OverdueTimeOut, WindowOut
from planwhy_collector.report.language import language
from planwhy_collector.report.task_past import past_of

WHEN, ENDS = "2026-10-05T10:00:00+03:00", "2026-10-06T00:00:00+03:00"
TIME = OverdueTimeOut(*(0.0 for _ in OverdueTimeOut.__struct_fields__))


def task(**past: object) -> OverdueOut:
    return OverdueOut("t", "T", WHEN, None, 1.0, "unclear", WindowOut(WHEN, WHEN), TIME, 0.3, TIME, **past)  # type: ignore[arg-type]


def test_a_task_without_a_past_is_said_nothing_of() -> None:
    assert past_of(task(), language("en")) == ()


def test_each_thing_that_happened_is_one_saying() -> None:
    moves = (MoveOut(WHEN, None, ENDS),)
    one = task(deadline_moves=moves, reopened=2, held=HeldOut(WHEN, None), entity_deleted=True)
    assert past_of(one, language("en")) == (
        "In these hands since 5 Oct 2026, 10:00",
        "Deadline moved on 5 Oct 2026, 10:00: no deadline → 5 Oct 2026",
        "Reopened: 2",
        "The deal or client it is about was deleted",
    )
    assert [said.split()[0] for said in past_of(one, language("ru"))] == ["У", "Срок", "Открыта", "Сделка"]


def test_many_moves_are_counted_and_the_last_ones_said() -> None:
    said = past_of(task(deadline_moves=(MoveOut(WHEN, ENDS, None),) * 7, held=HeldOut(WHEN, ENDS)), language("en"))
    assert said[:2] == (
        "In these hands from 5 Oct 2026, 10:00 to 6 Oct 2026, 00:00",
        "Earlier moves of the deadline: 2",
    )
    assert len(said) == 7 and said[-1].endswith("→ no deadline")
