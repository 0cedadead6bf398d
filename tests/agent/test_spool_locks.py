"""Several connections of one process, and other processes that look in: no write may end up in a removed file."""

import sqlite3
import subprocess
import sys
from pathlib import Path

from planwhy_agent.privacy import Kept
from planwhy_agent.spans import Stretch
from planwhy_agent.spool import Spool

LOOK = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
    " c.execute('SELECT count(*) FROM spans').fetchone(); c.close()"
)


def test_another_process_that_looks_in_takes_nothing_away(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite3"
    recorder = Spool(path, 1 << 30, True)
    recorder.write([Stretch(0, 1_000, Kept("idle"))], None)
    uploader = Spool(path, 1 << 30, False)
    subprocess.run([sys.executable, "-c", LOOK, str(path)], check=True)
    recorder.write([Stretch(1_000, 2_000, Kept("idle"))], None)
    with sqlite3.connect(path) as fresh:
        assert fresh.execute("SELECT count(*) FROM spans").fetchone()[0] == 2
    uploader.close()
    recorder.close()
