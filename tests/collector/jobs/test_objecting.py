"""Contested time is exactly the time of the subject in the timeline, and changes no figure."""

import time
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from itertools import count

import msgspec
import pytest
from activity_rows import at, enrol, hire, record, talk
from asking import Meanwhile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planwhy_collector.classify.subject import Subject, subject_of
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.facts import Context, Person
from planwhy_collector.gate import Opening
from planwhy_collector.jobs.objecting import counted_lately, object_to, standing, standing_sum
from planwhy_collector.jobs.rule_change import apply
from planwhy_collector.jobs.settle import settle, settled_totals
from planwhy_collector.jobs.timeline import timeline_of
from planwhy_collector.queries.objections import NewObjection, add, decide, objections_of, open_at, withdraw
from planwhy_shared.times import HOUR_MS, days_bounds, to_ms

SITES = [
    "https://www.hh.ru/vacancy",
    "https://hh.ru/",
    "https://vk.com/im",
    "https://vk.com/feed",
    "https://a.example/",
]
WHATS = [*SITES, "EXCEL.EXE", "excel", "unheard.exe", None]
FIRST, LAST, NOW = date(2026, 10, 5), date(2026, 10, 7), at("2026-10-07 15:30")
HH, VK = Subject("host", "hh.ru"), Subject("host", "vk.com")
TEXT = "That is where I find candidates"

stretches = st.lists(
    st.tuples(st.integers(0, 3), st.integers(5 * 60, 22 * 60), st.integers(1, 300), st.sampled_from(WHATS)), max_size=25
)


numbers = count(1)


def clock(day: int, minute: int) -> str:
    return f"2026-10-{5 + day:02} {minute // 60:02}:{minute % 60:02}"


def lived(database: Database, who: Person, drawn: list[tuple[int, int, int, str | None]]) -> None:
    device = enrol(database, who)
    for day, start, length, what in drawn:
        end = min(start + length, 24 * 60 - 1)
        record(database, who, device, [(clock(day, start), clock(day, end), "active" if what else "idle", what)])


def in_timeline(database: Database, who: Person, first: date, last: date) -> Counter[tuple[Subject, str]]:
    """Working hours that count for something, by subject and label, added up from what the timeline shows."""
    bounds, found = days_bounds(first, last, who.zone), Counter[tuple[Subject, str]]()
    with database.reading() as session:
        shown = timeline_of(session, who, bounds, NOW, Opening("self", "", "", bounds))
    for one in msgspec.to_builtins(shown)["entries"]:
        subject = subject_of(Context(one["app"], one["host"]))
        if subject and one["working"] and one["presence"] in ("active", "call"):
            found[subject, one["label"] or "unclassified"] += to_ms_of(one["to"]) - to_ms_of(one["from"])
    return found


def to_ms_of(text: str) -> int:
    return to_ms(datetime.fromisoformat(text))


def written(database: Database, who: Person, *subjects: Subject) -> list[int]:
    with database.writing() as session:
        return [add(session, NewObjection(who.id, 5, 0, one, "", "", "", "", TEXT)) for one in subjects]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=stretches, settled=st.booleans())
def test_contested_hours_are_those_of_the_timeline(
    database: Database, drawn: list[tuple[int, int, int, str | None]], settled: bool
) -> None:
    who = hire(database, f"e{next(numbers)}", position="Sales manager")
    lived(database, who, drawn)
    talk(database, who, "2026-10-05 10:00", 30)
    if settled:
        settle(database, NOW)
    own = in_timeline(database, who, FIRST, LAST)
    subjects = {subject for subject, _ in own}
    written(database, who, *subjects)
    with database.reading() as session:
        found = standing(session, who, FIRST, LAST, NOW)
    told = {(Subject(o.kind, o.subject), label): h for o in found for label, h in o.hours_by_label.items()}  # type: ignore[arg-type]
    assert told == {key: ms / HOUR_MS for key, ms in own.items()}


def test_a_gold_week_is_contested_to_the_minute(either: Database) -> None:
    who = hire(either, position="Sales manager")
    lived(either, who, [(0, 540, 60, SITES[0]), (0, 600, 15, SITES[1]), (1, 540, 30, SITES[2]), (1, 570, 20, SITES[3])])
    lived(either, who, [(0, 20 * 60, 60, SITES[1])])  # after hours: no report counts it
    written(either, who, HH, VK)
    with either.reading() as session:
        found = standing(session, who, FIRST, LAST, NOW)
        one_day = standing(session, who, LAST, LAST, NOW)
    assert [(o.subject, o.hours, o.hours_by_label) for o in found] == [
        ("hh.ru", 1.25, {"non_work": 1.25}), ("vk.com", 50 / 60, {"non_work": 20 / 60, "work": 0.5}),
    ]  # fmt: skip
    assert one_day == ()


def test_no_figure_changes_with_an_objection(database: Database) -> None:
    who = hire(database)
    lived(database, who, [(0, 540, 60, SITES[0])])
    before = settled_totals(database, who, FIRST, LAST, NOW)
    object_to(database, who, 5, HH, TEXT, NOW)
    assert before and settled_totals(database, who, FIRST, LAST, NOW) == before


def test_a_sum_names_nobody_and_adds_up(database: Database) -> None:
    two = [hire(database, key) for key in ("e1", "e2")]
    for who in two:
        lived(database, who, [(0, 540, 60, SITES[0]), (0, 660, 30, SITES[4])])
        written(database, who, HH, Subject("host", "a.example"))
    with database.reading() as session:
        found = standing_sum(session, two, FIRST, LAST, NOW)
        assert standing_sum(session, two, LAST, LAST, NOW) is None
    assert found and (found.count, found.hours) == (4, {"non_work": 2.0, "unclassified": 1.0})


def test_personal_categories_are_named_to_nobody_else(database: Database) -> None:
    who = hire(database)
    lived(database, who, [(0, 540, 60, SITES[0])])
    object_to(database, who, 5, HH, TEXT, NOW)
    with database.reading() as session:
        (found,) = standing(session, who, FIRST, LAST, NOW, disclosed=False)
    assert (found.subject, found.text, found.category, found.hours) == (None, None, "personal", 1.0)


def test_what_it_counted_for_is_remembered_and_may_be_chosen(database: Database) -> None:
    who = hire(database, position="Sales manager")
    lived(database, who, [(0, 540, 20, SITES[2]), (0, 570, 60, SITES[3])])
    object_to(database, who, 5, VK, TEXT, NOW)
    with database.reading() as session:
        (first,) = objections_of(session, who.id)
        other = next(row for row in counted_lately(session, who, 60, NOW) if row.label == "work")
    with database.writing() as session:
        withdraw(session, first.id, who.id, 5, NOW)
    object_to(database, who, 5, VK, TEXT, NOW + 1, other.key)
    with database.reading() as session:
        said = [(one.said.label, one.said.rule, one.state) for one in objections_of(session, who.id)]
    assert said == [("work", "R-vk-messages", "open"), ("non_work", "H-vk.com", "withdrawn")]


@pytest.mark.parametrize(
    ("subject", "meaning"), [(Subject("host", "other.example"), ""), (Subject("program", "hh.ru"), ""), (HH, "work//")]
)
def test_only_what_occurs_in_the_own_time_can_be_objected_to(
    database: Database, subject: Subject, meaning: str
) -> None:
    who = hire(database)
    lived(database, who, [(0, 540, 60, SITES[0])])
    with pytest.raises(InvalidInput, match="nothing of it"):
        object_to(database, who, 5, subject, TEXT, NOW, meaning)
    with pytest.raises(InvalidInput, match="nothing of it"):
        object_to(database, who, 5, HH, TEXT, NOW + 61 * 24 * HOUR_MS)


@pytest.mark.parametrize("text", ["", "too short", " x " * 4, "x" * 2_001])
def test_a_comment_says_enough_and_not_too_much(database: Database, text: str) -> None:
    who = hire(database)
    with database.writing() as session, pytest.raises(InvalidInput, match="characters"):
        add(session, NewObjection(who.id, 5, 0, HH, "", "", "", "", text))


def test_one_objection_a_subject_and_fifty_a_person_are_open_at_most(either: Database) -> None:
    who = hire(either)
    (first, *_) = written(either, who, *(Subject("host", f"h{n}.example") for n in range(50)))
    with pytest.raises(InvalidInput, match="open already"):
        written(either, who, Subject("host", "h0.example"))
    with pytest.raises(InvalidInput, match="at most 50"):
        written(either, who, HH)
    with either.writing() as session:
        decide(session, first, False, "That stays as it is", 7, NOW)
    assert written(either, who, Subject("host", "h0.example"))


def test_of_two_decisions_one_wins_and_it_stays_as_history(either: Database) -> None:
    who = hire(either)
    (one,) = written(either, who, HH)
    with either.writing() as session:
        ended = decide(session, one, True, "The rule was changed", 7, NOW)
    assert (ended.state, ended.answer, ended.decided_by) == ("accepted", "The rule was changed", 7)
    for again in (
        lambda s: decide(s, one, False, "That stays as it is", 7, NOW), lambda s: withdraw(s, one, who.id, 5, NOW)
    ):  # fmt: skip
        with either.writing() as session, pytest.raises(InvalidInput, match="already"):
            again(session)
    with either.reading() as session:
        assert open_at(session, [who.id]) == () and open_at(session, [who.id], NOW - 1) == (
            objections_of(session, who.id)
        )


def test_only_the_person_takes_an_objection_back(database: Database) -> None:
    who, other = hire(database), hire(database, "e2")
    (one,) = written(database, who, HH)
    for key, whose in ((one, other.id), (one + 1, who.id), (1 << 70, who.id)):
        with database.writing() as session, pytest.raises(NotFound):
            withdraw(session, key, whose, 5, NOW)


def test_of_two_objections_at_once_one_waits_and_is_refused(on_postgres: Database) -> None:
    who = hire(on_postgres)

    def object_too() -> int:
        try:
            return len(written(on_postgres, who, HH))
        except InvalidInput:
            return 0

    with on_postgres.writing() as session:
        add(session, NewObjection(who.id, 5, 0, HH, "", "", "", "", TEXT))
        other = Meanwhile(object_too)
        time.sleep(0.3)
    assert other.ended() == [0]


def test_time_is_contested_by_the_rules_of_the_present_team(database: Database) -> None:
    rules = "team hunters North\n[jobs work general for hunters]\nhost hh.ru\n"
    who = hire(database, team="North")
    apply(database, rules, "test", 1)
    lived(database, who, [(0, 540, 60, SITES[1])])
    written(database, who, HH)
    totals = settled_totals(database, who, FIRST, FIRST, NOW)
    with database.reading() as session:
        found = standing_sum(session, [replace(who, team="South")], FIRST, FIRST, NOW)
    assert found and found.hours == {"work": 1.0}
    assert sum(one.working_ms for one in totals if one.label == "work") == HOUR_MS
