"""Reads like a visitor while rules change, in a process of its own; tells how long each reading took.

In: a database's address, days, people's public ids. Out: "ready", and at the end of its input JSON: milliseconds of
plain readings of stored totals, and of exact ones, which bring days up to date first.
"""

import json
import sys
import threading
import time
from datetime import date
from itertools import cycle

from planwhy_collector.db import Database
from planwhy_collector.jobs.settle import settled_totals
from planwhy_collector.queries import rollups
from planwhy_collector.queries.people import person

PAUSE_S, LEAST = 0.02, 3


def main(url: str, first: str, last: str, now_ms: str, *keys: str) -> None:
    """Read until the input ends."""
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    days = date.fromisoformat(first), date.fromisoformat(last)
    took: dict[str, list[float]] = {"stored": [], "exact": []}
    with Database(url) as database:
        with database.reading() as session:
            people = cycle([person(session, key) for key in keys])
        print("ready", flush=True)
        while not ended.is_set() or len(took["exact"]) < LEAST:
            one = next(people)
            start = time.perf_counter()
            with database.reading() as session:
                rollups.totals_of(session, one.id, *days)
            middle = time.perf_counter()
            settled_totals(database, one, *days, int(now_ms))
            took["stored"].append((middle - start) * 1000)
            took["exact"].append((time.perf_counter() - middle) * 1000)
            time.sleep(PAUSE_S)
    print(json.dumps(took))


if __name__ == "__main__":
    main(*sys.argv[1:])
