"""One agent at a time, which others find, nudge and stop, on every system; and the place where it waits meanwhile."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from planwhy_agent.errors import AlreadyRunning
from planwhy_agent.system.instance_lock import InstanceLock, halt, holder, locked_now, nudge
from planwhy_agent.system.waiting import Waiting

RUN = """
import pathlib, sys
from planwhy_agent.system.instance_lock import InstanceLock
from planwhy_agent.system.waiting import Waiting
lock, waiting = InstanceLock(pathlib.Path(sys.argv[1])), Waiting()
waiting.take_signals()
print("up", flush=True)
while not waiting.stopped:
    waiting.until(30, ())
    print("nudged" if waiting.nudged else "woken", flush=True)
waiting.close()
lock.release()
"""


class Running:
    """Another process that holds the lock and waits."""

    def __init__(self, path: Path) -> None:
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(path)], stdin=quiet, stdout=subprocess.PIPE, text=True
        )  # fmt: skip
        assert self.said() == "up"

    def said(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "agent.lock"


@pytest.fixture
def running(path: Path) -> Iterator[Running]:
    found = Running(path)
    yield found
    found.process.kill()
    found.process.communicate()


def test_the_lock_tells_who_holds_it_and_lets_nobody_else_in(path: Path, running: Running) -> None:
    assert holder(path) == running.process.pid
    with pytest.raises(AlreadyRunning, match=str(running.process.pid)):
        InstanceLock(path)


def test_a_killed_holder_leaves_the_lock_free(path: Path, running: Running) -> None:
    running.process.kill()
    running.process.wait()
    assert holder(path) is None
    InstanceLock(path).release()


def test_a_nudge_and_a_stop_reach_another_process(path: Path, running: Running) -> None:
    assert nudge(path)
    assert running.said() == "nudged"
    assert halt(path)
    assert running.process.wait(10) == 0
    assert not nudge(path)


def test_whoever_only_looks_keeps_nobody_from_starting(path: Path) -> None:
    path.touch()
    looking = os.open(path, os.O_RDONLY)
    assert locked_now(looking, shared=True)
    threading.Timer(0.06, os.close, [looking]).start()
    InstanceLock(path).release()


def test_waiting_ends_with_news_of_another_thread() -> None:
    waiting: Waiting[str] = Waiting()
    threading.Timer(0.1, waiting.post, ["news"]).start()
    assert waiting.until(30, ()) == ["news"]
    assert waiting.until(0.01, ()) == []
    waiting.close()
