"""What Windows does otherwise than Unix: files that others have open, locks, events, clocks, the end of a session."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform != "win32":
    pytest.skip("Windows only; under Wine by `make wine`", allow_module_level=True)

from planwhy_agent.config import load_settings
from planwhy_agent.errors import NotEnrolled
from planwhy_agent.files import move, read_or_none, remove, write_whole
from planwhy_agent.identity import Identity, forget, keep_token, read_token, save_identity
from planwhy_agent.system import clock
from planwhy_agent.system.waiting import Waiting


@pytest.fixture
def waiting() -> Iterator[Waiting[str]]:
    found: Waiting[str] = Waiting()
    found.take_signals()
    yield found
    found.close()


@pytest.mark.parametrize("kind", [0, 1], ids=["Ctrl-C", "Ctrl-Break"])
def test_the_keys_that_end_a_program_stop_it(waiting: Waiting[str], kind: int) -> None:
    threading.Timer(0.1, waiting._bell._on_console, [kind]).start()
    waiting.until(30, ())
    assert waiting.stopped


@pytest.mark.parametrize("kind", [2, 5, 6], ids=["console closed", "logged off", "shut down"])
def test_an_end_that_does_not_wait_waits_until_all_is_written(kind: int) -> None:
    waiting: Waiting[str] = Waiting()
    waiting.take_signals()
    system = threading.Thread(target=waiting._bell._on_console, args=[kind])
    system.start()
    waiting.until(30, ())
    assert waiting.stopped
    assert system.is_alive()
    waiting.close()
    system.join(2)
    assert not system.is_alive()


@pytest.fixture
def window(waiting: Waiting[str]) -> int:
    """The window that hears of the session's end; there is none without a desktop."""
    import ctypes

    found = ctypes.WinDLL("user32").FindWindowW(waiting._bell._window._class.name, None)
    if not found:
        pytest.skip("no desktop")
    return int(found)


def test_the_session_may_end_and_waits_for_us(waiting: Waiting[str], window: int) -> None:
    import ctypes

    user32 = ctypes.WinDLL("user32")
    assert user32.SendMessageW(window, 0x11, 0, 0) == 1
    assert user32.SendMessageW(window, 0x16, 0, 0) == 0
    assert not waiting.stopped
    session = threading.Thread(target=user32.SendMessageW, args=(window, 0x16, 1, 0))
    session.start()
    waiting.until(30, ())
    assert waiting.stopped
    assert session.is_alive()
    waiting._bell._ended.set()
    session.join(2)
    assert not session.is_alive()


def test_a_program_that_is_asked_to_close_its_windows_stops(waiting: Waiting[str], window: int) -> None:
    import ctypes

    ctypes.WinDLL("user32").PostMessageW(window, 0x10, 0, 0)
    waiting.until(30, ())
    assert waiting.stopped


def test_waiting_ends_with_a_handle_that_rings() -> None:
    from planwhy_agent.system.waiting_windows import _event, _kernel32

    waiting: Waiting[str] = Waiting()
    event = _event(None)
    _kernel32.SetEvent(event)
    began = time.monotonic()
    waiting.until(30, (event, event))
    assert time.monotonic() - began < 10
    waiting.close()


def held_open(path: Path, for_s: float) -> threading.Thread:
    """Open a file as programs do that let nobody else replace it."""
    opened = path.open("rb")
    thread = threading.Timer(for_s, opened.close)
    thread.start()
    return thread


def test_a_file_that_somebody_reads_is_replaced_a_moment_later(tmp_path: Path) -> None:
    path = tmp_path / "health.json"
    write_whole(path, b"old")
    thread = held_open(path, 0.3)
    write_whole(path, b"new")
    assert read_or_none(path) == b"new"
    assert thread.finished.is_set()  # type: ignore[attr-defined]
    assert [p.name for p in tmp_path.iterdir()] == ["health.json"]


def test_a_file_that_somebody_reads_is_moved_and_removed_a_moment_later(tmp_path: Path) -> None:
    path, target = tmp_path / "one", tmp_path / "two"
    path.write_bytes(b"x")
    held_open(path, 0.3)
    move(path, target)
    held_open(target, 0.3)
    remove(target)
    assert not list(tmp_path.iterdir())


def test_both_clocks_run_and_the_one_with_sleep_is_never_behind() -> None:
    before = clock.now()
    time.sleep(0.2)
    after = clock.now()
    for one, other in ((before.mono_ms, after.mono_ms), (before.awake_ms, after.awake_ms)):
        assert 150 <= other - one <= 5_000
    assert after.mono_ms >= after.awake_ms - 50
    assert abs(clock.mono_ms() - after.mono_ms) < 5_000


def test_the_token_is_in_the_systems_own_store(tmp_path: Path) -> None:
    assert keep_token(tmp_path, "d-test", "a-secret", keyring=True) == "keyring"
    identity = Identity("http://127.0.0.1", "d-test", "e1", "Person One", "keyring", 0)
    save_identity(tmp_path, identity)
    assert read_token(tmp_path, identity) == "a-secret"
    assert not [p for p in tmp_path.iterdir() if b"a-secret" in p.read_bytes()]
    forget(tmp_path)
    with pytest.raises(NotEnrolled):
        read_token(tmp_path, identity)


def test_folders_are_in_the_profile() -> None:
    local = Path(os.environ["LOCALAPPDATA"])
    settings = load_settings({})
    assert settings.data == local / "planwhy-agent"
    assert local in settings.runtime.parents


def test_zones_are_known_without_the_system_knowing_them() -> None:
    from zoneinfo import ZoneInfo

    assert ZoneInfo("Asia/Yekaterinburg").key == "Asia/Yekaterinburg"
