"""What no rule knows, by time and without names."""

from datetime import date

from activity_rows import at, enrol, hire, record
from planwhy_collector.classify.load import builtin_rules
from planwhy_collector.classify.subject import Subject
from planwhy_collector.db import Database
from planwhy_collector.jobs.rule_deciding import decide, decision, leave
from planwhy_collector.jobs.rule_queue import Waiting, queue
from planwhy_collector.jobs.settle import settle
from planwhy_shared.times import HOUR_MS

MONDAY, LATER = date(2026, 10, 5), at("2026-10-08 12:00")
ACME, ODD = Subject("host", "acme.example"), Subject("program", "oddtool")


def seen(database: Database, key: str, team: str, spans: list[tuple[str, str, str | None]]) -> None:
    who = hire(database, key, team=team)
    record(
        database, who, enrol(database, who), [(f"2026-10-05 {a}", f"2026-10-05 {b}", "active", w) for a, b, w in spans]
    )


def furnish(database: Database) -> None:
    seen(database, "e1", "North", [
        ("09:00", "11:00", "https://www.acme.example/a"), ("11:00", "12:00", "OddTool.exe"),
        ("12:00", "12:30", "chrome.exe"), ("14:00", "15:00", "https://vk.com/feed"),
    ])  # fmt: skip
    seen(database, "e2", "South", [("09:00", "10:00", "https://acme.example/b"), ("23:00", "23:50", "OddTool.exe")])
    settle(database, LATER)


def test_hosts_and_programs_wait_by_the_working_time_of_everybody(either: Database) -> None:
    furnish(either)
    found = queue(either, MONDAY, MONDAY)
    assert found.waiting == (Waiting(ACME, 3 * HOUR_MS, 2, 2), Waiting(ODD, HOUR_MS, 1, 1))
    assert (found.unclassified_ms, found.unaddressed_ms, found.active_ms) == (4.5 * HOUR_MS, HOUR_MS / 2, 5.5 * HOUR_MS)


def test_what_is_decided_or_left_waits_no_longer_and_the_past_is_judged_anew(either: Database) -> None:
    furnish(either)
    made = decision(builtin_rules(), ACME, "business_info", label=None, area="sales", profile="", why="our supplier")
    decide(either, made, "test", LATER)
    leave(either, ODD, "test", LATER)
    settle(either, LATER)
    found = queue(either, MONDAY, MONDAY)
    assert (found.waiting, found.left_ms, found.unclassified_ms) == ((), HOUR_MS, 1.5 * HOUR_MS)


def test_an_empty_collector_has_an_empty_queue(database: Database) -> None:
    found = queue(database, MONDAY, MONDAY)
    assert (found.waiting, found.unclassified_ms, found.active_ms) == ((), 0, 0)


def test_seconds_are_not_asked_about(database: Database) -> None:
    seen(database, "e1", "North", [("09:00:00", "09:00:50", "https://acme.example/")])
    settle(database, LATER)
    found = queue(database, MONDAY, MONDAY)
    assert (found.waiting, found.unclassified_ms) == ((), 50_000)
