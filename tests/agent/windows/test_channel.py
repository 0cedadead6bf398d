"""Named pipes between native hosts and the agent: real ones."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform != "win32":
    pytest.skip("Windows only; under Wine by `make wine`", allow_module_level=True)

import _winapi

from planwhy_agent.sources.base import SourceLost
from planwhy_agent.sources.channel import Link, Listener, connect, listen
from planwhy_agent.sources.channel_windows import BUFFER_BYTES, _name
from planwhy_agent.sources.pipe_owner import user_sid


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    found = listen(tmp_path, 32)
    yield found
    found.close()


@pytest.fixture
def ends(listener: Listener, tmp_path: Path) -> Iterator[tuple[Link, Link]]:
    host = connect(tmp_path, 5)
    agent = listener.accept()
    assert agent is not None
    yield agent, host
    host.close()
    agent.close()


def rings(end: Link | Listener, within_ms: int = 2_000) -> bool:
    return _winapi.WaitForSingleObject(end.fileno(), within_ms) == _winapi.WAIT_OBJECT_0


def test_nobody_is_there_before_somebody_comes(listener: Listener, tmp_path: Path) -> None:
    assert listener.accept() is None
    assert not rings(listener, 0)
    host = connect(tmp_path, 5)
    assert rings(listener)
    agent = listener.accept()
    assert agent is not None
    assert not rings(listener, 0)
    agent.close()
    host.close()


def test_what_one_end_sends_the_other_receives(ends: tuple[Link, Link]) -> None:
    agent, host = ends
    assert agent.receive(100) is None
    assert not rings(agent, 0)
    host.send("Сделка".encode())
    assert rings(agent)
    assert agent.receive(100) == "Сделка".encode()
    agent.send(b"tell")
    assert rings(host)
    assert host.receive(100) == b"tell"


def test_more_than_the_pipe_holds_arrives_whole(ends: tuple[Link, Link]) -> None:
    agent, host = ends
    sent = bytes(range(256)) * (3 * BUFFER_BYTES // 256)
    from threading import Thread

    sender = Thread(target=host.send, args=(sent,))
    sender.start()
    heard = b""
    while len(heard) < len(sent) and rings(agent):
        heard += agent.receive(1 << 16) or b""
    sender.join(5)
    assert heard == sent


def test_the_agent_does_not_wait_for_a_host_that_does_not_listen(ends: tuple[Link, Link]) -> None:
    agent, _ = ends
    began = time.monotonic()
    with pytest.raises(OSError, match="does not take"):
        for _ in range(100):
            agent.send(b"x" * 1_000)
    assert time.monotonic() - began < 5


def test_the_end_of_one_is_the_end_of_the_other(ends: tuple[Link, Link]) -> None:
    agent, host = ends
    host.send(b"last words")
    host.close()
    assert rings(agent)
    heard = [agent.receive(100)]
    assert rings(agent)
    heard.append(agent.receive(100))
    assert heard == [b"last words", b""]
    assert agent.receive(100) == b""
    with pytest.raises(OSError, match="does not take"):
        agent.send(b"anybody?")


def test_thirty_two_come_at_once(listener: Listener, tmp_path: Path) -> None:
    hosts, agents = [], []
    for _ in range(32):
        hosts.append(connect(tmp_path, 5))
        agents.append(listener.accept())
    for number, host in enumerate(hosts):
        host.send(bytes([number]))
    assert [agent.receive(9) for agent in agents if rings(agent)] == [bytes([n]) for n in range(32)]
    for end in (*hosts, *agents):
        end.close()


def test_where_no_more_can_come_the_door_stays_open(
    listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as short:
        short.setattr(type(listener), "_made", refused)
        turned_away = connect(tmp_path, 5)
        assert listener.accept() is None
    assert rings(turned_away)
    assert turned_away.receive(1) == b""
    taken = connect(tmp_path, 5)
    agent = listener.accept()
    assert agent is not None
    for end in (turned_away, taken, agent):
        end.close()


def refused(*_: object) -> int:
    raise OSError("no more")


def test_a_second_agent_is_told_of_the_first(listener: Listener, tmp_path: Path) -> None:
    with pytest.raises(SourceLost, match="already"):
        listen(tmp_path, 32)
    listen(tmp_path / "another", 32).close()


def test_without_an_agent_there_is_nobody_to_reach(tmp_path: Path) -> None:
    listen(tmp_path, 32).close()
    with pytest.raises(FileNotFoundError):
        connect(tmp_path, 5)


def test_a_pipe_that_somebody_else_made_first_is_not_talked_to(tmp_path: Path, monkeypatch) -> None:
    from planwhy_agent.sources import pipe_owner

    with_another = listen(tmp_path, 32)
    monkeypatch.setattr(pipe_owner, "user_sid", lambda: user_sid()[:-1] + "9")
    with pytest.raises(PermissionError):
        connect(tmp_path, 5)
    with_another.close()


def test_only_this_user_has_any_right_to_the_pipe(listener: Listener, tmp_path: Path) -> None:
    import ctypes

    from planwhy_agent.sources import pipe_owner

    handle = _winapi.CreateFile(_name(tmp_path), 0xC0000000, 0, 0, 3, 0, 0)
    descriptor, text = ctypes.c_void_p(), ctypes.c_wchar_p()
    advapi32 = pipe_owner._advapi32
    advapi32.GetSecurityInfo(handle, 6, 4, None, None, None, None, ctypes.byref(descriptor))
    advapi32.ConvertSecurityDescriptorToStringSecurityDescriptorW(descriptor, 1, 4, ctypes.byref(text), None)
    _winapi.CloseHandle(handle)
    assert text.value
    assert text.value.count("(A;") == 1
    assert text.value.endswith(f";;;{user_sid()})")
