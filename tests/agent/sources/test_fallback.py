"""The portable fallback: what pywinctl raises, and pywinctl itself on a real display without the screen saver."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from desktop import Desk, need, wait_for
from hypothesis import given
from hypothesis import strategies as st
from planwhy_agent.sources import fallback, x11_idle
from planwhy_agent.sources.base import OPEN_AT_MOST, OpenProgram, SourceLost, SourceUnsupported, Window
from planwhy_agent.sources.fallback import FallbackDesktop
from planwhy_agent.sources.settling import SETTLE_MS
from planwhy_agent.sources.x11_idle import X11Idle, _named
from planwhy_agent.virtual import display_environment
from planwhy_shared.limits import TITLE_CHARS

ME = os.getpid()
NOT_UTF8 = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
RAISED = [AttributeError("value"), IndexError(), NOT_UTF8, OSError(), AssertionError(), KeyError("x"), TypeError()]


def given_or_raised(value: Any) -> Any:
    if isinstance(value, Exception):
        raise value
    return value


class Shown:
    """A window as pywinctl has it; each answer may be an error."""

    def __init__(self, title: object = "t", pid: object = ME, handle: object = 7, alive: object = True) -> None:
        self.said, self.pid, self.handle, self.alive = title, pid, handle, alive
        self.titles_read = 0

    @property
    def title(self) -> object:
        self.titles_read += 1
        return given_or_raised(self.said)

    @property
    def isAlive(self) -> object:  # noqa: N802  as pywinctl names it
        return given_or_raised(self.alive)

    def getPID(self) -> object:  # noqa: N802  as pywinctl names it
        return given_or_raised(self.pid)

    def getHandle(self) -> object:  # noqa: N802  as pywinctl names it
        return given_or_raised(self.handle)

    def getAppName(self) -> object:  # noqa: N802  as pywinctl names it
        raise AssertionError("too slow to be asked")


class Windows:
    """pywinctl."""

    def __init__(self, front: object = None, every: object = ()) -> None:
        self.front, self.every = front, every

    def getActiveWindow(self) -> Any:  # noqa: N802  as pywinctl names it
        return given_or_raised(self.front)

    def getAllWindows(self) -> Any:  # noqa: N802  as pywinctl names it
        return given_or_raised(self.every)


class Beside:
    """Idle time and lock."""

    locked, remote, lost, closed = False, False, False, 0

    def filenos(self) -> tuple[int, ...]:
        return (5,)

    def read(self) -> None:
        pass

    def idle_ms(self) -> int:
        if self.lost:
            raise SourceLost("the display is gone")
        return 1234

    def close(self) -> None:
        self.closed += 1


def desktop(windows: Windows, beside: Beside | None = None, **more: Any) -> FallbackDesktop:
    beside = beside or Beside()
    return FallbackDesktop(windows, beside, beside, **more)


def test_the_window_in_front_is_told() -> None:
    found = desktop(Windows(Shown("Title"))).read()
    assert found is not None
    assert (found.title, found.pid, found.id) == ("Title", ME, 7)
    assert found.app


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("where", ["front", "handle", "alive", "pid", "title"])
def test_whatever_pywinctl_raises_costs_at_most_what_was_asked(where: str, error: Exception) -> None:
    front = error if where == "front" else Shown(**({where: error} if where != "front" else {}))
    found = desktop(Windows(front)).read()
    if where in ("front", "handle", "alive"):
        assert found is None
    else:
        assert found is not None
        assert (found.title is None, found.pid is None) == (where == "title", where == "pid")


@given(st.text() | st.binary() | st.none() | st.integers(), st.integers() | st.none() | st.text())
def test_whatever_pywinctl_answers_is_clean_or_left_out(title: object, pid: object) -> None:
    found = desktop(Windows(Shown(title, pid))).read()
    assert isinstance(found, Window)
    assert found.title is None or 0 < len(found.title) <= TITLE_CHARS


def test_a_title_that_may_not_be_read_is_not_asked_for() -> None:
    shown = Shown("secret")
    found = desktop(Windows(shown), titled=lambda _app, pid: pid != ME).read()
    assert found is not None
    assert (found.title, shown.titles_read) == (None, 0)


def test_a_moment_without_a_window_is_not_believed_at_once() -> None:
    windows = Windows(None)
    source = desktop(windows)
    assert source.read() is None
    assert 0 < source.settle_ms() <= SETTLE_MS
    windows.front = Shown()
    source.read()
    assert source.settle_ms() == 0


def test_a_display_that_is_gone_is_lost_and_not_an_empty_desktop() -> None:
    beside = Beside()
    source = desktop(Windows(OSError()), beside)
    beside.lost = True
    with pytest.raises(SourceLost):
        source.read()


def test_programs_are_counted_by_their_processes() -> None:
    every = [Shown(), Shown(), Shown(pid=None), Shown(pid=OSError()), Shown(pid=-1)]
    found = desktop(Windows(every=every)).programs()
    assert [one.windows for one in found] == [2]
    assert desktop(Windows(every=OSError())).programs() == ()


def test_of_very_many_programs_so_many_are_named_as_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    source = desktop(Windows(every=[Shown(pid=n) for n in range(1, 100)] + [Shown(pid=99)]))
    monkeypatch.setattr(source._programs, "name_of", str)
    assert len(source.programs()) == OPEN_AT_MOST
    assert source.programs()[0] == OpenProgram("99", 2)


@pytest.mark.parametrize(("display", "session"), [(True, False), (False, True), (False, False)])
def test_a_remote_session_is_told_by_its_display_or_its_beginning(display: bool, session: bool) -> None:
    beside = Beside()
    beside.remote = session
    assert desktop(Windows(), beside, remote=display).remote() is (display or session)


def test_what_is_held_is_let_go() -> None:
    beside = Beside()
    desktop(Windows(), beside).close()
    assert beside.closed == 2


@pytest.mark.parametrize("error", [ImportError("pywinctl"), NotImplementedError("this platform"), AssertionError()])
def test_where_pywinctl_cannot_be_loaded_the_reason_is_named(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setattr(fallback.importlib, "import_module", lambda _name: given_or_raised(error))
    with pytest.raises(SourceUnsupported, match="pywinctl"):
        FallbackDesktop.open(Beside(), Beside())


@given(st.binary())
def test_no_list_of_counters_is_an_error(listed: bytes) -> None:
    assert _named(listed, b"IDLETIME") is None or b"IDLETIME" in listed


def test_the_counter_is_found_among_others() -> None:
    servertime = b"\x01\0\0\0" + b"\0" * 8 + b"\x0a\0SERVERTIME"
    idletime = b"\x02\0\0\0" + b"\0" * 8 + b"\x08\0IDLETIME" + b"\0\0"
    assert _named(servertime + idletime, b"IDLETIME") == 2
    assert _named(idletime + servertime, b"SERVERTIME") == 1
    assert _named(servertime + idletime[:-3], b"IDLETIME") is None


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """A real display that lacks the screen saver extension."""
    with bare_display("MIT-SCREEN-SAVER") as name:
        manager = subprocess.Popen(
            ["openbox", "--sm-disable"], env=display_environment(name), stderr=subprocess.DEVNULL
        )
        desk = Desk(name)
        try:
            wait_for(lambda: desk.root.get_full_property(desk.display.intern_atom("_NET_SUPPORTING_WM_CHECK"), 0))
            yield desk
        finally:
            desk.close()
            manager.terminate()
            manager.wait()


@contextlib.contextmanager
def bare_display(*without: str) -> Iterator[str]:
    """Start Xvfb without some extensions."""
    need("Xvfb", "openbox", "xdotool")
    reader, writer = os.pipe()
    lacking = [word for name in without for word in ("-extension", name)]
    command = ["Xvfb", "-displayfd", str(writer), "-nolisten", "tcp", "-noreset", *lacking]
    server = subprocess.Popen(command, pass_fds=(writer,), stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as numbers:
            yield f":{numbers.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def ask(desk: Desk) -> Iterator[Callable[[str], Any]]:
    """A process that watches the display; ask it by the names of the protocol's methods."""
    script = Path(__file__).parents[2] / "support" / "fallback_watcher.py"
    pipe = subprocess.PIPE
    watcher = subprocess.Popen([sys.executable, script], env=desk.environment, stdin=pipe, stdout=pipe, text=True)
    assert watcher.stdin
    assert watcher.stdout
    said, heard = watcher.stdin, watcher.stdout

    def ask(method: str) -> Any:
        said.write(f"{method}\n")
        said.flush()
        return json.loads(heard.readline())

    assert json.loads(heard.readline()) == "FallbackDesktop"
    yield ask
    said.close()
    watcher.wait(timeout=10)


@pytest.mark.desktop
def test_a_hundred_switches_are_seen_on_a_real_display(desk: Desk, ask: Callable[[str], Any]) -> None:
    windows = [desk.window(f"window {n}") for n in range(3)]
    for n in range(100):
        desk.focus(windows[n % 3])
        found = ask("read")
        assert (found["title"], found["id"], found["pid"]) == (f"window {n % 3}", windows[n % 3], ME)


@pytest.mark.desktop
@pytest.mark.parametrize("title", [b"\xff\xfe not utf-8", b"", b"a" * 1_000_000, "\u202eevil\a\n".encode(), b"\0x"])
def test_hostile_titles_arrive_clean_or_not_at_all(desk: Desk, ask: Callable[[str], Any], title: bytes) -> None:
    window = desk.window(title)
    desk.focus(window)
    found = ask("read")
    assert found["id"] == window
    assert found["title"] is None or (found["title"].isprintable() and len(found["title"]) <= TITLE_CHARS)


@pytest.mark.desktop
def test_windows_that_vanish_and_never_were_are_no_window(desk: Desk, ask: Callable[[str], Any]) -> None:
    for _ in range(20):
        window = desk.window("gone")
        desk.focus(window)
        desk.destroy(window)
        ask("read")
    desk.put(0, "_NET_ACTIVE_WINDOW", "WINDOW", 32, [0x7FFFFFF])
    assert ask("read") is None


@pytest.mark.desktop
def test_idle_time_comes_from_the_display_itself(desk: Desk, ask: Callable[[str], Any]) -> None:
    desk.type()
    time.sleep(0.3)
    assert 300 <= ask("idle_ms") < 10_000
    desk.type()
    assert ask("idle_ms") < 300


@pytest.mark.desktop
def test_open_programs_are_named(desk: Desk, ask: Callable[[str], Any]) -> None:
    desk.terminal("a terminal")
    assert {"app": "xterm", "windows": 1} in ask("programs")


@pytest.mark.desktop
def test_a_display_that_ends_is_lost() -> None:
    with bare_display() as name:
        idle = X11Idle(name)
        assert idle.idle_ms() >= 0
    with pytest.raises(SourceLost):
        idle.idle_ms()
    idle.close()


@pytest.mark.parametrize("extension", [None, SimpleNamespace(major_opcode=134)])
def test_a_display_without_any_idle_time_is_refused(monkeypatch: pytest.MonkeyPatch, extension: Any) -> None:
    closed: list[bool] = []
    protocol = SimpleNamespace(socket=SimpleNamespace(close=lambda: closed.append(True)))
    protocol.set_extension_major = lambda _name, _number: None
    bare = SimpleNamespace(display=protocol, query_extension=lambda name: extension if name == "SYNC" else None)
    monkeypatch.setattr(x11_idle, "connect", lambda _name: bare)
    monkeypatch.setattr(X11Idle, "_asked", lambda *_, **__: SimpleNamespace(entries=b""))
    with pytest.raises(SourceUnsupported, match="no idle time"):
        X11Idle(":0")
    assert closed == [True]
