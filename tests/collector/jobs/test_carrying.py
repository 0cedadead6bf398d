"""Carrying a change of rules through the past gives to the millisecond what judging every day anew gives."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

import pytest
from activity_rows import at, enrol, hire, record, talk
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from planwhy_collector.classify.verdict import Verdict
from planwhy_collector.db import Database
from planwhy_collector.facts import Person
from planwhy_collector.jobs import carrying
from planwhy_collector.jobs.judging import rules_in_force
from planwhy_collector.jobs.rule_change import apply
from planwhy_collector.jobs.settle import settle, settle_days, settled_totals
from planwhy_collector.models import ContextRow, Day, DayContext, DayTotal, Deal, RejudgedRow, SpanBlock, VerdictRow
from planwhy_collector.queries.activity import contexts_by_id
from planwhy_collector.queries.people import people
from planwhy_collector.queries.rollups import freeze_days, mark_dirty
from planwhy_collector.queries.rule_changes import ask_for_judging
from planwhy_collector.queries.verdicts import verdict_of
from planwhy_shared.times import HOUR_MS
from sqlalchemy import delete, select, update

FIRST, DAYS = date(2026, 10, 5), 4
LAST = FIRST + timedelta(days=DAYS - 1)
LATER = at("2026-10-20 12:00")
WHAT = (
    "https://vk.com/feed", "https://acme.bitrix24.ru/crm/deal/details/5121/", "https://hh.ru/", "notepad.exe",
    "https://acme.bitrix24.ru/crm/deal/details/7/", "https://news.example/", "odd.exe", "https://acme.bitrix24.ru/",
)  # fmt: skip
OWN = (
    "", "[crm_sales work sales]\nhost vk.com\n", "[social non_work]\nhost news.example\nprogram odd.exe\n",
    "[business_info work]\nhost news.example\n", "[games non_work]\nhost bitrix24.ru\nprogram odd.exe\n",
    "override hr social work\n", "position hr sales*\n", "[crm_sales work service]\nhost vk.com\nhost hh.ru\n",
    "[news neutral]\ncard R-crm-deal * **/crm/deal/details/{id} deal\n",
)  # fmt: skip
visits = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, DAYS - 1), st.integers(8, 18), st.sampled_from(WHAT)), max_size=14
)
INSTANTS = ("settled_ms", "revised_ms")
SLOW = settings(
    max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def filled(database: Database, seen: list[tuple[int, int, int, str]]) -> None:
    """Two people, a seller and a recruiter, with visits as (who, day, hour, what), settled."""
    team = [hire(database, "e1", position="sales manager"), hire(database, "e2", position="HR")]
    with database.writing() as session:
        session.add(Deal(id="7", kind="recurring", title="", created_ms=0, outcome="open"))
    for who, device in [(who, enrol(database, who)) for who in team]:
        spans = [(d, h, what) for number, d, h, what in seen if team[number] is who]
        record(database, who, device, [
            (f"{FIRST + timedelta(days=d)} {h:02}:00", f"{FIRST + timedelta(days=d)} {h:02}:40", "active", what)
            for d, h, what in spans
        ])  # fmt: skip
        talk(database, who, f"{FIRST} 07:00", 30, deal_id="7")
    settle(database, LATER)


def stored(database: Database) -> dict[str, list[str]]:
    """Both levels of all days, and what they ask for."""
    with database.reading() as session:
        return {
            model.__tablename__: sorted(
                str([getattr(row, c.name) for c in model.__table__.columns if c.name not in INSTANTS])
                for row in session.scalars(select(model))
            )
            for model in (Day, DayContext, DayTotal)
        }


def wrong_verdicts(database: Database) -> list[Verdict]:
    """Stored verdicts that the rules in force do not give."""
    with database.reading() as session:
        rules, rows = rules_in_force(session), session.scalars(select(VerdictRow)).all()
        contexts = contexts_by_id(session, (row.context_id for row in rows))
        judged = {verdict_of(row): rules.judge(contexts[row.context_id], row.profile) for row in rows}
    return [old for old, new in judged.items() if carrying._says(old) != carrying._says(new)]


def whole_days(database: Database, now_ms: int) -> None:
    """The plain way: each day judged anew by itself."""
    with database.writing() as session:
        ask_for_judging(session, employee_ids=[one.id for one in people(session)])
    with database.reading() as session:
        due = [
            (one, sorted(session.scalars(select(Day.day).where(Day.employee_id == one.id, Day.dirty != 0))))
            for one in people(session)
        ]
    for one, days in due:
        if days:
            settle_days(database, one, days, now_ms)


def blanked(database: Database) -> None:
    """What retention does: spans, titles and paths go, days are frozen."""
    with database.writing() as session:
        session.execute(delete(SpanBlock))
        session.execute(update(ContextRow).values(path=None, title=None))
        freeze_days(session, LAST)


def dirtied(database: Database, day: int = 1) -> None:
    with database.writing() as session:
        for one in people(session):
            mark_dirty(session, one.id, [FIRST + timedelta(days=day)])


def looked_at(database: Database) -> None:
    with database.reading() as session:
        one = people(session)[0]
    settled_totals(database, one, FIRST, LAST, LATER + 5)


MEANWHILE: tuple[Callable[[Database], None], ...] = (lambda _: None, looked_at, dirtied)


@pytest.fixture
def plain(database: Database, tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """Copies of the database in which days are judged the plain way."""
    made: list[Database] = []

    def copy() -> Database:
        database.close()
        target = tmp_path / "plain.sqlite3"
        for old in tmp_path.glob("plain.sqlite3*"):
            old.unlink()
        shutil.copyfile(tmp_path / "planwhy.sqlite3", target)
        made.append(Database(f"sqlite:///{target}"))
        return made[-1]

    yield copy
    for one in made:
        one.close()


def emptied(database: Database) -> None:
    tables = [*Day.metadata.sorted_tables][::-1]
    with database.writing() as session:
        for table in tables:
            session.execute(delete(table))


changes = st.lists(
    st.tuples(st.sampled_from(OWN), st.sampled_from(MEANWHILE), st.integers(0, 3)), min_size=1, max_size=3
)


@SLOW
@given(visits, changes, st.booleans())
def test_changes_of_rules_carried_give_what_days_judged_anew_give(
    database: Database,
    plain: Callable[[], Database],
    seen: list[tuple[int, int, int, str]],
    made: list[tuple[str, Callable[[Database], None], int]],
    old: bool,
) -> None:
    emptied(database)
    filled(database, seen)
    if old:
        blanked(database)
    other = plain()
    for number, (own, meanwhile, parts) in enumerate(made):
        now_ms = LATER + 10 * (number + 1)
        for one in (database, other):
            apply(one, own, "test", now_ms)
        list(islice(carrying.carry_change(database, now_ms), parts))  # and then killed
        whole_days(other, now_ms)
        for one in (database, other):
            meanwhile(one)
    settle(database, now_ms)
    whole_days(other, now_ms)
    found, expected = stored(database), stored(other)
    assert found == expected
    assert old or not wrong_verdicts(database)
    assert settle(database, now_ms + 1) == 0
    with database.reading() as session:
        assert session.query(RejudgedRow).count() == 0


def test_only_days_that_come_out_differently_say_so(database: Database) -> None:
    filled(database, [(0, 0, 9, WHAT[0]), (0, 1, 9, WHAT[1])])
    apply(database, OWN[1], "test", LATER + 1)
    assert settle(database, LATER + 2) == 3
    with database.reading() as session:
        rows = session.execute(select(Day.day, Day.settled_ms, Day.revised_ms).order_by(Day.employee_id, Day.day))
        assert [tuple(row) for row in rows] == [
            (FIRST, LATER, LATER + 2), (FIRST + timedelta(days=1), LATER, None), (FIRST, LATER, None),
        ]  # fmt: skip


def test_totals_that_are_not_what_they_should_be_are_made_whole(database: Database) -> None:
    filled(database, [(0, 0, 9, WHAT[0]), (0, 1, 9, WHAT[0])])
    before = stored(database)
    with database.writing() as session:
        session.execute(
            update(DayTotal).where(DayTotal.day == FIRST, DayTotal.category == "social").values(working_ms=7)
        )
    apply(database, OWN[1], "test", LATER + 1)
    settle(database, LATER + 2)
    apply(database, OWN[0], "test", LATER + 3)
    settle(database, LATER + 4)
    assert stored(database) == before


def test_people_whose_position_leads_elsewhere_are_judged_by_their_new_profile(database: Database) -> None:
    filled(database, [(0, 0, 9, "https://hh.ru/")])
    assert labels(database) == {"non_work"}
    apply(database, "position hr sales*\n", "test", LATER + 1)
    settle(database, LATER + 2)
    assert labels(database) == {"work"}


def test_days_settled_by_rules_that_went_before_they_were_carried_are_judged_whole(database: Database) -> None:
    filled(database, [(0, 0, 9, WHAT[0])])
    apply(database, OWN[1], "test", LATER + 1)
    looked_at(database)
    assert labels(database) == {"work"}
    apply(database, OWN[0], "test", LATER + 2)
    settle(database, LATER + 3)
    assert labels(database) == {"non_work"}


def test_days_left_over_from_an_earlier_time_of_the_same_rules_are_judged_whole(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_path = "[crm_sales work sales]\npath R-feed vk.com /feed\n"
    apply(database, by_path, "test", LATER - 1)
    filled(database, [(0, 0, 9, WHAT[0]), (1, 0, 9, WHAT[0])])
    blanked(database)
    assert labels(database) == {"work"}
    monkeypatch.setattr(carrying, "DAYS", 1)
    apply(database, OWN[0], "test", LATER + 1)
    list(islice(carrying.carry_change(database, LATER + 2), 2))
    assert "work" in labels(database) and len(labels(database)) == 2
    apply(database, by_path, "test", LATER + 3)  # the path is gone: nobody can tell it was the feed any more
    settle(database, LATER + 4)
    assert "work" not in labels(database)


def labels(database: Database) -> set[str]:
    """The labels of stored time in front of a machine."""
    with database.reading() as session:
        return set(session.scalars(select(DayTotal.label).where(DayTotal.presence == "active")))


CHILD = """
import sys
from planwhy_collector.db import Database
from planwhy_collector.jobs import carrying
carrying.DAYS = 1
with Database(sys.argv[1]) as database:
    for done in carrying.carry_change(database, int(sys.argv[2])):
        print(done, flush=True)
"""


def test_a_change_that_is_killed_leaves_whole_days_and_is_brought_to_its_end(database: Database) -> None:
    team = crowd(database, 30)
    apply(database, OWN[1], "test", LATER + 1)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, database.url, str(LATER + 2)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    told = list(islice(child.stdout, 8))
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert "days=1" in told[-1]
    labels = shown(database, team)
    assert set(labels) == {"work", "non_work"}  # some days hold the old meaning, some the new one, each all of it
    settle(database, LATER + 3)
    assert set(shown(database, team)) == {"work"}


def test_readers_see_each_day_whole_and_need_no_lock_while_rules_change(either: Database) -> None:
    team = crowd(either, 20)
    with ThreadPoolExecutor(4) as pool:
        apply(either, OWN[1], "test", LATER + 1)
        jobs = [pool.submit(lambda: list(carrying.carry_change(either, LATER + 2))) for _ in range(2)]
        jobs += [pool.submit(settled_totals, either, one, FIRST, FIRST, LATER + 2) for one in team[::4]]
        while not all(job.done() for job in jobs):
            assert set(shown(either, team)) <= {"work", "non_work"}
        for job in jobs:
            job.result()
    assert set(shown(either, team)) == {"work"}
    assert settle(either, LATER + 3) == 0


def crowd(database: Database, size: int) -> list[Person]:
    """Some people who each were at the same place for one hour of one settled day."""
    team = [hire(database, f"e{number}") for number in range(size)]
    for one in team:
        record(database, one, enrol(database, one), [(f"{FIRST} 09:00", f"{FIRST} 10:00", "active", WHAT[0])])
    settle(database, LATER)
    return team


def shown(database: Database, team: list[Person]) -> list[str]:
    """The label of each person's hour as stored; a day that is not whole says so."""
    with database.reading() as session:
        rows = session.execute(
            select(DayTotal.employee_id, DayTotal.label, DayTotal.working_ms).where(DayTotal.label != "")
        )
        found = [(key, label if ms == HOUR_MS else "part") for key, label, ms in rows]
    assert len(found) == len({key for key, _ in found}) == len(team)
    return [label for _, label in found]
