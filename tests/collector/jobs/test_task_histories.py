"""Overdue tasks with a past, from rows to explanation: moved, reopened, handed on, deleted. October 5–9 is one week."""

import json
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import msgspec
import pytest
from activity_rows import at, enrol, hire, record
from crm_rows import changed, deal, letters, plan, task
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.explain.result import Explanation, OverdueOut
from planwhy_collector.facts import Person
from planwhy_collector.jobs.explaining import explain
from planwhy_collector.jobs.overview import overdue_of, plan_of
from planwhy_collector.models import Task
from planwhy_collector.plan.period import parse_period

SETTINGS = Settings(default_locale="en")
WEEK = "2026-10-05..2026-10-09"
AS_OF = "2026-10-10 00:00"
SHARES = ("attendance", "focus", "sales_share", "late_share", "conversion_on_time", "conversion_late", "contact_rate")
COMPLETE = dict.fromkeys(SHARES, 0.5) | {"expected_hours": 40.0}
"""A plan that asks for nobody's history."""


@dataclass
class Scene:
    """Two people who were at work all week, half of each day not working."""

    database: Database
    who: Person
    other: Person

    def explained(self, who: Person | None = None, as_of: str = AS_OF, period: str = WEEK) -> Explanation:
        return explain(self.database, (who or self.who).key, parse_period(period), at(as_of), SETTINGS, "en")

    def overdue(self, who: Person | None = None, as_of: str = AS_OF, period: str = WEEK) -> list[OverdueOut]:
        return list(self.explained(who, as_of, period).overdue)

    def late(self) -> float:
        return next(f.actual for f in self.explained().factors if f.name == "follow_up")


@pytest.fixture
def scene(database: Database) -> Scene:
    found = Scene(database, hire(database, "e1"), hire(database, "e2"))
    for who in (found.who, found.other):
        days = [f"2026-10-{day}" for day in ("05", "06", "07", "08", "09")]
        spans = [(f"{day} 09:00", f"{day} 13:00", "active", "https://vk.com/") for day in days]
        spans += [(f"{day} 13:00", f"{day} 18:00", "active", "outlook.exe") for day in days]
        record(database, who, enrol(database, who), spans)
        plan(database, who, WEEK, 6.0)
    return found


def test_a_deadline_moved_in_time_never_ran_out(scene: Scene) -> None:
    task(scene.database, scene.who, "t", "2026-10-05 09:00", "2026-10-08 18:00")
    changed(scene.database, "t", "2026-10-06 10:00", "deadline", old="2026-10-06 18:00", new="2026-10-08 18:00")
    (only,) = scene.overdue()
    assert (only.overdue_hours, only.deadline) == (8.0, "2026-10-08T18:00:00+03:00")
    assert [msgspec.to_builtins(move) for move in only.deadline_moves] == [
        {"at": "2026-10-06T10:00:00+03:00", "from": "2026-10-06T18:00:00+03:00", "to": "2026-10-08T18:00:00+03:00"}
    ]


def test_a_deadline_moved_after_it_ran_out_was_overdue_until_then_and_may_be_again(scene: Scene) -> None:
    task(scene.database, scene.who, "t", "2026-10-05 09:00", "2026-10-08 18:00", closed="2026-10-09 11:00")
    changed(scene.database, "t", "2026-10-07 12:00", "deadline", old="2026-10-06 18:00", new="2026-10-08 18:00")
    (only,) = scene.overdue()
    assert (only.overdue_hours, only.deadline) == (3.0 + 2.0, "2026-10-06T18:00:00+03:00")
    assert (only.window.start, only.window.end) == ("2026-10-05T09:00:00+03:00", "2026-10-06T18:00:00+03:00")
    assert (only.verdict, only.overdue_time.non_work) == ("had_capacity", 3.0 + 2.0)


def test_a_deadline_that_ran_out_in_the_period_is_judged_before_one_that_had_run_out_earlier(scene: Scene) -> None:
    task(scene.database, scene.who, "t", "2026-09-28 09:00", "2026-10-07 18:00")
    changed(scene.database, "t", "2026-10-05 10:00", "deadline", old="2026-10-01 18:00", new="2026-10-07 18:00")
    (later,) = scene.overdue()
    assert (later.deadline, later.overdue_hours) == ("2026-10-07T18:00:00+03:00", 8.0 + 1 + 16.0)
    (earlier,) = scene.overdue(as_of="2026-10-06 00:00")
    assert (earlier.deadline, earlier.closed_at) == ("2026-10-01T18:00:00+03:00", None)


def test_each_holder_answers_for_their_own_time(scene: Scene) -> None:
    """Due on Tuesday; handed on at Wednesday noon, after the deadline: four hours from then are the new window."""
    task(scene.database, scene.other, "t", "2026-10-05 09:00", "2026-10-06 18:00", closed="2026-10-09 10:00")
    changed(scene.database, "t", "2026-10-07 12:00", "owner", old=scene.who, new=scene.other)
    (first,), (second,) = scene.overdue(), scene.overdue(scene.other)
    assert (first.overdue_hours, second.overdue_hours) == (3.0, 5.0 + 8.0 + 1.0)
    assert (first.window.end, second.window.start) == ("2026-10-06T18:00:00+03:00", "2026-10-07T12:00:00+03:00")
    assert second.window.end == "2026-10-07T17:00:00+03:00"
    assert msgspec.to_builtins(first.held) == {"from": "2026-10-05T09:00:00+03:00", "to": "2026-10-07T12:00:00+03:00"}
    assert msgspec.to_builtins(second.held) == {"from": "2026-10-07T12:00:00+03:00", "to": None}


def test_as_of_sees_whose_the_task_was_then(scene: Scene) -> None:
    task(scene.database, scene.other, "t", "2026-10-05 09:00", "2026-10-06 18:00", closed="2026-10-09 10:00")
    changed(scene.database, "t", "2026-10-08 12:00", "owner", old=scene.who, new=scene.other)
    (only,) = scene.overdue(as_of="2026-10-08 11:00")
    assert (only.overdue_hours, only.held, only.closed_at) == (10.0, None, None)
    assert scene.overdue(scene.other, as_of="2026-10-08 11:00") == []


def test_a_reopened_task_was_not_overdue_while_it_was_closed(scene: Scene) -> None:
    task(scene.database, scene.who, "t", "2026-10-05 09:00", "2026-10-06 18:00", closed="2026-10-09 10:00")
    changed(scene.database, "t", "2026-10-07 10:00", "closed")
    changed(scene.database, "t", "2026-10-08 17:00", "reopened")
    (only,) = scene.overdue()
    assert (only.overdue_hours, only.reopened, only.closed_at) == (1.0 + 1.0 + 1.0, 1, "2026-10-09T10:00:00+03:00")
    (then,) = scene.overdue(as_of="2026-10-08 09:00")
    assert (then.overdue_hours, then.reopened, then.closed_at) == (1.0, 0, "2026-10-07T10:00:00+03:00")


def test_a_task_done_in_time_and_reopened_later_is_judged_from_the_reopening(scene: Scene) -> None:
    task(scene.database, scene.who, "t", "2026-10-05 09:00", "2026-10-06 18:00")
    changed(scene.database, "t", "2026-10-06 10:00", "closed")
    changed(scene.database, "t", "2026-10-08 12:00", "reopened")
    (only,) = scene.overdue()
    assert (only.overdue_hours, only.deadline) == (5.0 + 8.0, "2026-10-06T18:00:00+03:00")
    assert (only.window.start, only.window.end) == ("2026-10-08T12:00:00+03:00", "2026-10-08T17:00:00+03:00")


@pytest.mark.parametrize("by", ["row", "change"])
def test_a_deleted_task_is_overdue_at_most_until_then(scene: Scene, by: str) -> None:
    gone = "2026-10-07 11:00"
    deleted = {"deleted_ms": at(gone)} if by == "row" else {}
    task(scene.database, scene.who, "t", "2026-10-05 09:00", "2026-10-06 18:00", **deleted)
    if by == "change":
        changed(scene.database, "t", gone, "deleted")
    assert [one.overdue_hours for one in scene.overdue()] == [2.0]
    assert scene.overdue(period="2026-10-08..2026-10-09") == []


@pytest.mark.parametrize(("kind", "gone", "said"), [("deal", AS_OF, True), ("deal", "2026-10-11 00:00", False),
                                                     ("client", AS_OF, False), ("lead", AS_OF, False)])  # fmt: skip
def test_a_task_on_something_deleted_or_unknown_stays_overdue_and_says_what_is_known(
    scene: Scene, kind: str, gone: str, said: bool
) -> None:
    deal(scene.database, scene.who, "d", deleted_ms=at(gone))
    task(scene.database, scene.who, "t", "2026-10-05 09:00", "2026-10-06 18:00", entity_type=kind, entity_id="d")
    (only,) = scene.overdue()
    assert (only.overdue_hours, only.entity_deleted) == (24.0, said)


def test_a_contact_is_late_by_how_its_task_stood_at_that_moment(scene: Scene) -> None:
    """Wednesday 11:00 was two working hours past the deadline; that it was moved afterwards changes nothing."""
    card = {"entity_type": "deal", "entity_id": "d"}
    task(scene.database, scene.who, "t", "2026-10-05 09:00", "2026-10-09 18:00", **card)
    changed(scene.database, "t", "2026-10-07 12:00", "deadline", old="2026-10-06 18:00", new="2026-10-09 18:00")
    letters(scene.database, scene.who, "d", "2026-10-07 10:00", "2026-10-07 11:00", "2026-10-07 15:00")
    assert scene.late() == pytest.approx(1 / 3)


def test_a_contact_is_late_only_by_a_task_that_was_the_persons_and_open_then(scene: Scene) -> None:
    """Theirs until Wednesday 12:00, so the letter of 15:00 is not late; the other's hour runs from the handing over."""
    card = {"entity_type": "deal", "entity_id": "d"}
    task(scene.database, scene.other, "t", "2026-10-05 09:00", "2026-10-06 18:00", closed="2026-10-08 10:00", **card)
    changed(scene.database, "t", "2026-10-07 12:00", "owner", old=scene.who, new=scene.other)
    letters(scene.database, scene.who, "d", "2026-10-07 12:00", "2026-10-07 15:00")
    times = ("2026-10-07 14:00", "2026-10-07 14:01", "2026-10-08 10:00", "2026-10-08 10:01")
    letters(scene.database, scene.other, "d", *times)
    assert scene.late() == pytest.approx(1 / 2)
    found = scene.explained(scene.other)
    assert next(f.actual for f in found.factors if f.name == "follow_up") == pytest.approx(2 / 4)


def test_a_deleted_contract_is_none_from_then_on(scene: Scene) -> None:
    deal(scene.database, scene.who, "d", "2026-10-06 12:00", deleted_ms=at("2026-10-08 12:00"))
    assert [scene.explained(as_of=when).plan.actual for when in ("2026-10-08 11:00", AS_OF)] == [1.0, 0.0]
    week = parse_period(WEEK)
    with scene.database.reading() as session:
        shown = [plan_of(session, scene.who, week, at(when)).actual for when in ("2026-10-08 11:00", AS_OF)]
    assert shown == [1.0, 0.0]


@pytest.mark.parametrize(
    ("columns", "hours"),
    [
        ({"deadline_ms": None}, []),
        ({"deadline_ms": at("2026-10-01 18:00")}, [40.0]),
        ({"deadline_ms": 4_000_000_000_000}, []),
        ({"deadline_ms": 0, "created_ms": 0, "closed_ms": 1}, []),
        ({"employee_id": None}, []),
        ({"closed_ms": at("2026-10-01 09:00")}, []),
        ({"deleted_ms": at("2026-10-01 09:00")}, []),
        ({"closed_ms": 4_000_000_000_000}, [24.0]),
    ],
)
def test_odd_tasks_have_sane_answers(scene: Scene, columns: dict[str, int | None], hours: list[float]) -> None:
    usual = {"employee_id": scene.who.id, "created_ms": at("2026-10-05 09:00"), "deadline_ms": at("2026-10-06 18:00")}
    with scene.database.writing() as session:
        session.add(Task(id="t", title="T", **usual | columns))
    assert [one.overdue_hours for one in scene.overdue()] == hours


def test_before_hiring_nothing_is_late(database: Database) -> None:
    who = hire(database, hired_on=parse_period("2026-10-08..2026-10-08").first)
    plan(database, who, WEEK, 6.0)
    card = {"entity_type": "deal", "entity_id": "d"}
    task(database, who, "t", "2026-10-01 09:00", "2026-10-02 18:00", **card)
    letters(database, who, "d", "2026-10-06 10:00", "2026-10-08 10:00", "2026-10-08 12:00")
    scene = Scene(database, who, who)
    assert (scene.late(), [one.overdue_hours for one in scene.overdue()]) == (pytest.approx(1 / 2), [16.0])


def test_pages_of_a_team_and_explanations_list_the_same_tasks(scene: Scene) -> None:
    task(scene.database, scene.other, "given", "2026-10-05 09:00", "2026-10-06 18:00")
    changed(scene.database, "given", "2026-10-07 12:00", "owner", old=scene.who, new=scene.other)
    task(scene.database, scene.who, "moved", "2026-10-05 09:00", "2026-10-08 18:00")
    changed(scene.database, "moved", "2026-10-07 12:00", "deadline", old="2026-10-06 18:00", new="2026-10-08 18:00")
    task(scene.database, scene.who, "evening", "2026-10-05 09:00", "2026-10-06 18:00", closed="2026-10-06 20:00")
    task(scene.database, scene.who, "before", "2026-10-01 09:00", "2026-10-01 18:00", closed="2026-10-05 00:00")
    for who, names in ((scene.who, {"given", "moved", "evening"}), (scene.other, {"given"})):
        with scene.database.reading() as session:
            rows = {(r.task_id, r.deadline, r.overdue_hours) for r in
                    overdue_of(session, who, parse_period(WEEK), at(AS_OF))}  # fmt: skip
        assert rows == {(t.task_id, t.deadline, t.overdue_hours) for t in scene.overdue(who)}
        assert {key for key, _, _ in rows} == names


def test_the_json_of_a_task_with_a_past_has_the_published_shape(scene: Scene) -> None:
    task(scene.database, scene.other, "t", "2026-10-05 09:00", "2026-10-06 18:00")
    changed(scene.database, "t", "2026-10-05 10:00", "deadline", new="2026-10-06 18:00")
    changed(scene.database, "t", "2026-10-07 12:00", "owner", old=scene.who, new=scene.other)
    schema = json.loads((Path(__file__).parents[2] / "gold" / "explanation.schema.json").read_text())
    document = json.loads(msgspec.json.encode(scene.explained()))
    jsonschema.validate(document, schema)
    assert document["overdue"][0]["deadline_moves"][0]["from"] is None


def test_the_usual_effort_does_not_depend_on_who_was_explained_before(database: Database) -> None:
    who, other = (hire(database, key, team="A") for key in ("e1", "e2"))
    plan(database, who, WEEK, 6.0, **COMPLETE)
    pc, card = enrol(database, other), "https://acme.bitrix24.ru/company/personal/user/2/tasks/task/view"
    for day in ("21", "22", "23", "24", "25"):
        nine, noon = f"2026-09-{day} 09:00", f"2026-09-{day} 12:00"
        record(database, other, pc, [(nine, f"2026-09-{day} 10:30", "active", f"{card}/{day}/")])
        task(database, other, day, nine, noon, closed=noon, kind="call")
    task(database, who, "t", "2026-10-05 09:00", "2026-10-08 18:00", kind="call")
    (late,) = explain(database, who.key, parse_period(WEEK), at(AS_OF), SETTINGS, "en").overdue
    assert late.effort_hours == 1.5
