"""How connections to the database begin."""

import sqlite3
import threading
import time
from pathlib import Path

from planwhy_collector.db import Database


def test_a_new_file_that_another_process_is_making_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "planwhy.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE there (x)")
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    letting_go = threading.Timer(1, other.execute, ("COMMIT",))
    letting_go.start()
    with Database(f"sqlite:///{path}") as database, database.reading() as session:
        assert session.connection().exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    assert time.monotonic() - began > 0.9
    letting_go.join()
    other.close()
