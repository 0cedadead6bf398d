"""The native host as browsers start it on Windows: a script, a shell, two pipes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

if sys.platform != "win32":
    pytest.skip("Windows only; under Wine by `make wine`", allow_module_level=True)

from planwhy_agent.sources.channel import Link, listen
from planwhy_agent.sources.extension import register_native_host, unregister_native_host
from planwhy_agent.sources.frames import FRAME_BYTES, Frames, framed


class Agent:
    """An agent's end."""

    def __init__(self, folder: Path) -> None:
        self.listener = listen(folder, 32)
        self.link: Link | None = None
        self.frames, self.heard = Frames(), list[Any]()

    def accept(self) -> None:
        end = time.monotonic() + 20
        while (link := self.listener.accept()) is None:
            assert time.monotonic() < end
            time.sleep(0.05)
        self.link = link

    def next(self) -> Any:
        assert self.link
        end = time.monotonic() + 20
        while not self.heard:
            assert time.monotonic() < end
            self.heard += map(json.loads, self.frames.feed(self.link.receive(1000) or b""))
            time.sleep(0.01)
        return self.heard.pop(0)

    def close(self) -> None:
        if self.link:
            self.link.close()
        self.listener.close()


class Browser:
    """Starts the script as browsers do."""

    def __init__(self, script: str) -> None:
        self.process = subprocess.Popen(
            f'cmd.exe /d /s /c ""{script}" "chrome-extension://x/""',
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
        )  # fmt: skip
        self.frames = Frames()

    def say(self, message: object) -> None:
        assert self.process.stdin
        self.process.stdin.write(framed(json.dumps(message).encode()))

    def asked(self) -> Any:
        assert self.process.stdout
        while not (messages := self.frames.feed(self.process.stdout.read(1))):
            pass
        return json.loads(messages[0])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "Каталог с пробелом"))
    return tmp_path / "Каталог с пробелом" / "planwhy-agent"


@pytest.fixture
def browser(folder: Path) -> Iterator[Browser]:
    manifest = register_native_host(folder, folder)[0]
    found = Browser(json.loads(manifest.read_text(encoding="utf-8"))["path"])
    yield found
    found.process.communicate()
    unregister_native_host(folder)


@pytest.fixture
def agent(folder: Path) -> Iterator[Agent]:
    found = Agent(folder)
    yield found
    found.close()


def test_it_says_which_browser_it_serves_and_relays_every_byte_both_ways(agent: Agent, browser: Browser) -> None:
    agent.accept()
    assert agent.next() == {"type": "host", "browser_pid": os.getpid(), "dropped": 0}
    assert browser.asked() == {"type": "ask"}
    title = "Сделка \r\n\x1a 10\n" * 1_000
    browser.say({"type": "tab", "title": title})
    assert agent.next() == {"type": "tab", "title": title}
    assert agent.link
    agent.link.send(framed(b'{"type": "tell", "odd": "\n\r\n"}'.replace(b"\n", b"\\n").replace(b"\r", b"\\r")))
    assert browser.asked() == {"type": "tell", "odd": "\n\r\n"}


def test_an_agent_that_comes_back_is_told_anew(folder: Path, browser: Browser) -> None:
    first = Agent(folder)
    first.accept()
    assert browser.asked() == {"type": "ask"}
    first.close()
    browser.say({"type": "blur"})
    time.sleep(0.5)
    second = Agent(folder)
    second.accept()
    assert second.next()["dropped"] == 1
    assert browser.asked() == {"type": "ask"}
    second.close()


def test_an_agent_without_a_console_has_its_host_started_with_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(Path(sys.executable).with_name("pythonw.exe")))
    register_native_host(folder, folder)
    script = (folder / "native-host.bat").read_text(encoding="utf-8")
    unregister_native_host(folder)
    assert "python.exe" in script
    assert "pythonw" not in script


def test_it_ends_with_the_browser(browser: Browser) -> None:
    browser.process.communicate()
    assert browser.process.returncode == 0


def test_a_frame_over_the_limit_ends_it(browser: Browser) -> None:
    assert browser.process.stdin
    browser.process.stdin.write((FRAME_BYTES + 1).to_bytes(4, sys.byteorder))
    assert browser.process.wait(20) == 1
