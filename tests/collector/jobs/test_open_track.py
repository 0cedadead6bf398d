"""What was open beside the focus is shown where it belongs, and changes no total, no coverage and no day."""

from datetime import date

import msgspec
import pytest
from activity_rows import at
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ingesting import Agents, batch, span
from planwhy_collector.cli import context, main
from planwhy_collector.db import Database
from planwhy_collector.gate import Opening
from planwhy_collector.jobs.settle import settle, settled_totals
from planwhy_collector.jobs.timeline import Timeline, timeline_of
from planwhy_collector.queries.erasing import subject
from planwhy_collector.queries.exporting import tables_about
from planwhy_collector.queries.people import person
from planwhy_collector.queries.rollups import day_states, dirty_days, mark_dirty
from planwhy_collector.queries.users import add_user
from planwhy_shared.times import Interval

MONDAY = date(2026, 10, 5)
START, END = at("2026-10-05 09:00"), at("2026-10-05 18:00")
LATER = at("2026-10-08 12:00")
HOST = "https://acme.bitrix24.ru/"


@pytest.fixture
def agents(database: Database) -> Agents:
    return Agents(database, now_ms=LATER)


def opened(seq: int, start_ms: int, ms: int, app: str = "chrome.exe", url: str | None = HOST, count: int = 1) -> dict:
    more = {"app": app, "url": url, "count": count, "source": "window"}
    return span(seq, start_ms, ms, state="active", track="open") | more


def morning(agents: Agents) -> str:
    """A token, after an hour at a CRM, half an hour of a call and half an hour idle."""
    token = agents.token()
    hour, call = {"state": "active", "app": "chrome.exe", "url": HOST, "source": "browser"}, {"source": "microphone"}
    spans = [
        span(1, START, 3_600_000, **hour),
        span(2, START + 3_600_000, 900_000, **(hour | call)),
        span(3, START + 4_500_000, 900_000, **(hour | call)),
        span(4, START + 5_400_000, 1_800_000, state="idle"),
    ]
    assert agents.send(token, batch("focus", spans)).get_json()["accepted"] == 4
    return token


def seen(agents: Agents, via: str = "self") -> Timeline:
    bounds = Interval(START, END)
    with agents.database.reading() as session:
        return timeline_of(session, person(session, "e1"), bounds, LATER, Opening(via, "", "", bounds))


def totals(agents: Agents) -> object:
    with agents.database.reading() as session:
        who = person(session, "e1")
        state = day_states(session, who.id, MONDAY, MONDAY)
    return settled_totals(agents.database, who, MONDAY, MONDAY, LATER), state[MONDAY].revised_ms if state else None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_spans_of_the_open_track_change_no_total_no_entry_and_no_day(agents: Agents, data: st.DataObject) -> None:
    if not hasattr(agents, "sender"):
        agents.sender, agents.next = morning(agents), 5  # type: ignore[attr-defined]
        agents.before = totals(agents), seen(agents).entries, seen(agents).gaps  # type: ignore[attr-defined]
    starts, lengths = st.integers(START - 3_600_000, END), st.integers(0, 4 * 3_600_000)
    drawn = data.draw(st.lists(st.tuples(starts, lengths, st.integers(1, 65_535)), min_size=1, max_size=20))
    spans = [opened(agents.next + n, one[0], one[1], count=one[2]) for n, one in enumerate(drawn)]  # type: ignore[attr-defined]
    agents.next += len(spans)  # type: ignore[attr-defined]
    answer = agents.send(agents.sender, batch(f"b{agents.next}", spans)).get_json()  # type: ignore[attr-defined]
    assert (answer["accepted"], answer["durable_through"]) == (len(spans), agents.next - 1)  # type: ignore[attr-defined]
    with agents.database.writing() as session:
        assert not dirty_days(session)
        mark_dirty(session, agents.employee_id, [MONDAY])
    settle(agents.database, LATER)
    assert (totals(agents), seen(agents).entries, seen(agents).gaps) == agents.before  # type: ignore[attr-defined]


def test_the_timeline_tells_what_was_open_how_many_and_what_told_of_a_call(agents: Agents) -> None:
    token = morning(agents)
    agents.send(
        token, batch("open", [opened(5, START - 60_000, 120_000, count=7), opened(6, START, 60_000, "x", None)])
    )
    found = seen(agents)
    assert [(one.app, one.host, one.count, one.start[11:19], one.end[11:19]) for one in found.open] == [
        ("chrome.exe", "acme.bitrix24.ru", 7, "09:00:00", "09:01:00"),
        ("x", None, 1, "09:00:00", "09:01:00"),
    ]
    assert [(one.signal, one.start[11:19], one.end[11:19]) for one in found.calls] == [
        ("microphone", "10:00:00", "10:30:00")
    ]


def test_others_see_of_a_personal_site_that_was_open_only_the_group(agents: Agents) -> None:
    token = morning(agents)
    agents.send(token, batch("open", [opened(5, START, 60_000, url="https://hh.ru/")]))
    (other,), (own,) = seen(agents, "case").open, seen(agents).open
    assert (other.app, other.host, other.category) == (None, None, "personal")
    assert (own.app, own.host) == ("chrome.exe", "hh.ru")


def test_the_command_prints_calls_and_what_was_open_below_the_timeline(
    agents: Agents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANWHY_DATABASE_URL", agents.database.url)
    context.settings.cache_clear()
    agents.send(morning(agents), batch("open", [opened(5, START, 60_000, count=7)]))
    with agents.database.writing() as session:
        add_user(session, "own@example.test", "Own", "employee", agents.employee_id, 0)
    look = ["timeline", "e1", "2026-10-05", "2026-10-05", "--as", "own@example.test"]
    told = CliRunner().invoke(main, look).stdout
    assert "10:30:00  microphone" in told
    assert "  7 tabs    chrome.exe acme.bitrix24.ru" in told
    assert len(msgspec.json.decode(CliRunner().invoke(main, [*look, "--json"]).stdout)["open"]) == 1


def test_the_persons_own_export_holds_what_was_open_with_its_count_and_what_told_of_a_call(agents: Agents) -> None:
    agents.send(morning(agents), batch("open", [opened(5, START, 60_000, count=7)]))
    with agents.database.reading() as session:
        tables = dict(tables_about(session, subject(session, agents.employee_id)))
        rows = list(tables["timeline"])
    told = [(one["track"], one["source"], one["count"], one["host"]) for one in rows]
    assert ("open", "window", 7, "acme.bitrix24.ru") in told
    assert told.count(("focus", "microphone", 1, "acme.bitrix24.ru")) == 2
