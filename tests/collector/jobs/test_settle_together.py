"""Several that settle and store at the same time: each span counts once, and no mark is lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from activity_rows import at, enrol, hire, record
from planwhy_collector.db import Database
from planwhy_collector.jobs.settle import settle, settled_totals
from planwhy_shared.times import HOUR_MS

FIRST = date(2026, 10, 5)
DAYS = 5
LATER = at("2026-10-20 12:00")


def test_settling_while_spans_arrive_ends_with_every_span_counted_once(database: Database) -> None:
    who = hire(database)
    pc = enrol(database, who)

    def store(number: int) -> None:
        day = FIRST + timedelta(days=number % DAYS)
        hour = 9 + number // DAYS
        record(database, who, pc, [(f"{day} {hour:02}:00", f"{day} {hour:02}:30", "active", "https://vk.com/")])

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(store, number) for number in range(4 * DAYS)]
        jobs += [pool.submit(settle, database, LATER) for _ in range(6)]
        for job in jobs:
            job.result()
    found = settled_totals(database, who, FIRST, FIRST + timedelta(days=DAYS - 1), LATER)
    assert sum(t.working_ms for t in found if t.presence == "active") == 4 * DAYS * HOUR_MS // 2
    assert sum(t.working_ms for t in found) == DAYS * 8 * HOUR_MS
