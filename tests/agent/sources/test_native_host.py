"""The real native host between a browser's pipes and an agent's socket."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psutil
import pytest
from planwhy_agent.sources.channel_unix import SOCKET_NAME
from planwhy_agent.sources.flood import BURST, FIRST_PAUSE_S, KeptPauses
from planwhy_agent.sources.frames import FRAME_BYTES, Frames, framed
from planwhy_agent.sources.native_host import LOOK_S, main

COMMAND = [sys.executable, "-P", "-m", "planwhy_agent.sources.native_host"]


class Agent:
    """An agent's end of the socket."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / SOCKET_NAME
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.settimeout(10)
        self.listener.bind(str(self.path))
        self.listener.listen()

    def accept(self) -> None:
        self.link, _ = self.listener.accept()
        self.link.settimeout(10)
        self.frames, self.heard = Frames(), list[Any]()

    def next(self) -> Any:
        while not self.heard:
            self.heard += map(json.loads, self.frames.feed(self.link.recv(1000)))
        return self.heard.pop(0)

    def die(self) -> None:
        self.link.close()
        self.listener.close()
        self.path.unlink()


@contextlib.contextmanager
def native_host(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        [*COMMAND, str(folder), "chrome-extension://x/"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=quiet
    )
    yield process
    process.kill()
    process.communicate()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with native_host(tmp_path) as process:
        yield process


def pipe(stream: IO[bytes] | None) -> int:
    assert stream is not None
    return stream.fileno()


def say(browser: subprocess.Popen[bytes], message: object) -> None:
    os.write(pipe(browser.stdin), framed(json.dumps(message).encode()))


def asked(browser: subprocess.Popen[bytes]) -> Any:
    (message,) = Frames().feed(os.read(pipe(browser.stdout), 1000))
    return json.loads(message)


def test_it_says_who_it_is_and_relays_both_ways(browser: subprocess.Popen[bytes], tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    agent.accept()
    assert agent.next() == {"type": "host", "browser_pid": os.getpid(), "dropped": 0}
    assert asked(browser) == {"type": "ask"}
    say(browser, {"type": "tab", "title": "Сделка"})
    assert agent.next() == {"type": "tab", "title": "Сделка"}
    agent.link.sendall(framed(b'{"type":"tell"}'))
    assert asked(browser) == {"type": "tell"}
    agent.die()


def test_an_agent_that_comes_back_is_told_anew_and_how_much_it_missed(
    browser: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    first = Agent(tmp_path)
    first.accept()
    assert asked(browser) == {"type": "ask"}
    first.die()
    for _ in range(3):
        say(browser, {"type": "blur"})
    second = Agent(tmp_path)
    second.accept()
    assert second.next()["dropped"] == 3
    assert asked(browser) == {"type": "ask"}
    second.die()


def test_it_ends_with_the_browser(browser: subprocess.Popen[bytes]) -> None:
    browser.communicate()
    assert browser.returncode == 0


def test_a_frame_over_the_limit_ends_it(browser: subprocess.Popen[bytes]) -> None:
    os.write(pipe(browser.stdin), (FRAME_BYTES + 1).to_bytes(4, sys.byteorder))
    assert browser.wait(10) == 1


@pytest.mark.parametrize("flood", [framed(b"{}") * round(BURST + 1), (FRAME_BYTES + 1).to_bytes(4, sys.byteorder)])
def test_a_flood_ends_it_and_the_agent_is_told(browser: subprocess.Popen[bytes], tmp_path: Path, flood: bytes) -> None:
    agent = Agent(tmp_path)
    agent.accept()
    assert asked(browser) == {"type": "ask"}
    os.write(pipe(browser.stdin), flood)
    assert browser.wait(10) == 1
    assert agent.next()["type"] == "host"
    assert agent.next() == {"type": "flood"}
    agent.die()


def test_after_a_flood_the_next_port_is_held_unread_and_ends_with_the_browser(tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    KeptPauses(tmp_path).strike(os.getpid())
    with native_host(tmp_path) as held:
        agent.accept()
        assert agent.next()["browser_pid"] == os.getpid()
        say(held, {"type": "blur"})
        agent.link.settimeout(0.5)
        with pytest.raises(TimeoutError):
            agent.next()
    agent.die()


def test_when_the_pause_is_over_it_listens_again(tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    KeptPauses(tmp_path, lambda: time.monotonic() - FIRST_PAUSE_S + 0.5).strike(os.getpid())
    with native_host(tmp_path) as held:
        agent.accept()
        assert agent.next()["type"] == "host"
        say(held, {"type": "blur"})
        assert agent.next() == {"type": "blur"}
    agent.die()


BROWSER = """
import subprocess, sys
sys.stdin.readline()
print(subprocess.Popen(sys.argv[1:], stdin=0).pid, flush=True)
sys.stdin.readline()
"""


def test_a_held_port_ends_when_its_browser_is_gone(tmp_path: Path) -> None:
    agent, command = Agent(tmp_path), [sys.executable, "-c", BROWSER, *COMMAND, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as gone:
        KeptPauses(tmp_path).strike(gone.pid)
        os.write(pipe(gone.stdin), b"start\n")
        child = psutil.Process(int(os.read(pipe(gone.stdout), 100)))
        agent.accept()
        assert agent.next()["browser_pid"] == gone.pid
        gone.kill()
        end = time.monotonic() + LOOK_S + 5
        while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < end
            time.sleep(0.1)
    agent.die()


def test_without_a_folder_it_is_wrongly_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "folder" in capsys.readouterr().err
