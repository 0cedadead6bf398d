"""What is open on a real X11 desktop, in front or not: programs by name, without a look at any title."""

import os
from collections.abc import Iterator

import pytest
from desktop import Desk, virtual_desk, wait_for
from planwhy_agent.sources.base import OpenProgram
from planwhy_agent.sources.programs import Programs
from planwhy_agent.sources.x11 import X11Desktop
from Xlib import X
from Xlib.protocol.event import ClientMessage

HERE = Programs().name_of(os.getpid()) or ""
pytestmark = pytest.mark.desktop


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with virtual_desk() as desk:
        yield desk


@pytest.fixture
def asked() -> list[str | None]:
    return []


@pytest.fixture
def source(desk: Desk, asked: list[str | None]) -> Iterator[X11Desktop]:
    def titled(app: str | None, _pid: int | None) -> bool:
        asked.append(app)
        return app != "secret"

    source = X11Desktop.open(desk.name, titled)
    yield source
    source.close()
    for window in desk.windows():
        desk.destroy(window)
    wait_for(lambda: not desk.windows())


def elsewhere(desk: Desk, window: int) -> None:
    """Send a window to the next workspace."""
    kind = desk.display.intern_atom("_NET_WM_DESKTOP")
    message = ClientMessage(
        window=desk.display.create_resource_object("window", window), client_type=kind, data=(32, [1, 2, 0, 0, 0])
    )
    desk.root.send_event(message, event_mask=X.SubstructureRedirectMask | X.SubstructureNotifyMask)
    desk.display.sync()


def counted(source: X11Desktop) -> dict[str, int]:
    return {one.app: one.windows for one in source.programs()}


def test_every_program_with_windows_is_named_with_their_number(desk: Desk, source: X11Desktop, asked: list) -> None:
    desk.window("one")
    elsewhere(desk, desk.window("two"))
    desk.focus(desk.terminal("three"))
    assert counted(source) == {HERE: 2, "xterm": 1}
    assert source.programs()[0] == OpenProgram(HERE, 2)
    assert asked == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("_NET_WM_WINDOW_TYPE", "_NET_WM_WINDOW_TYPE_DOCK"),
        ("_NET_WM_WINDOW_TYPE", "_NET_WM_WINDOW_TYPE_DESKTOP"),
        ("_NET_WM_WINDOW_TYPE", "_NET_WM_WINDOW_TYPE_UTILITY"),
        ("_NET_WM_STATE", "_NET_WM_STATE_SKIP_TASKBAR"),
    ],
)
def test_docks_desktops_and_tool_windows_are_no_programs(desk: Desk, source: X11Desktop, name: str, value: str) -> None:
    apart = desk.window("apart")
    assert counted(source) == {HERE: 1}
    desk.put(apart, name, "ATOM", 32, [desk.display.intern_atom(value)])
    assert counted(source) == {}


def test_properties_that_make_no_sense_name_no_error(desk: Desk, source: X11Desktop) -> None:
    odd = desk.window("odd", name="oddclass")
    for name in ("_NET_WM_WINDOW_TYPE", "_NET_WM_STATE", "_NET_WM_PID"):
        desk.put(odd, name, "STRING", 8, b"nonsense")
    assert counted(source) == {HERE: 1}
    desk.put(0, "_NET_CLIENT_LIST", "WINDOW", 32, [odd, 0x7FFFFFF, 0])
    assert counted(source) == {HERE: 1}
    desk.put(0, "_NET_CLIENT_LIST", "STRING", 8, b"nonsense")
    assert counted(source) == {}
    desk.put(0, "_NET_CLIENT_LIST", "WINDOW", 32, [odd])


def test_a_call_is_looked_for_in_windows_of_its_programs_alone_and_only_where_titles_may_be_read(
    desk: Desk, source: X11Desktop, asked: list
) -> None:
    for name in ("secret", "softphone"):
        window = desk.window("A running call", name=name)
        desk.put(window, "WM_CLIENT_MACHINE", "STRING", 8, b"elsewhere")  # so that its class names the program
    saw = []

    def called(app: str | None, title: str | None) -> bool:
        saw.append((app, title))
        return title is not None

    assert not source.any_call(frozenset({"other"}), called)
    assert (saw, asked) == ([], [])
    assert not source.any_call(frozenset({"secret"}), called)
    assert source.any_call(frozenset({"secret", "softphone"}), called)
    assert saw == [("secret", None), ("secret", None), ("softphone", "A running call")]
