"""A process whose scheduler ticks every second: each run of its job is a row, and one of them may never end.

`python ticking.py URL NAME [hang]`: rows go to the table `ran`; with `hang` the first run says so and sleeps for ever.
"""

import sys
import time

from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.scheduler import Beside, Job, Scheduler
from sqlalchemy import text

LEASE_MS = 2_000


def main(url: str, name: str, hang: bool) -> None:
    """Tick until killed."""
    database = Database(url)

    def run(database: Database, _settings: Settings, _now_ms: int) -> int:
        if hang:
            print("hanging", flush=True)
            time.sleep(600)
        with database.writing() as session:
            session.execute(text("INSERT INTO ran VALUES (:name)"), {"name": name})
        return 1

    Scheduler(Beside(database, Settings(), lease_ms=LEASE_MS), [Job("count", 1, run)], look_s=0.2).start()
    print("ticking", flush=True)
    time.sleep(600)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], "hang" in sys.argv[3:])
