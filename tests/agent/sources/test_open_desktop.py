"""Machines that cannot be watched say why."""

import pytest
from agent_parts import ScriptedDesktop
from planwhy_agent.doctor_desktop import advice
from planwhy_agent.sources.base import SourceLost, SourceUnsupported
from planwhy_agent.sources.open_desktop import lacks_titles, named_reason, open_desktop


@pytest.mark.parametrize(
    ("environment", "system", "reason"),
    [
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", "unsupported: wayland"),
        ({"XDG_SESSION_TYPE": "wayland", "DISPLAY": ":0"}, "linux", "unsupported: wayland"),
        ({"XDG_SESSION_TYPE": "Wayland", "DISPLAY": ":0"}, "linux", "unsupported: wayland"),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "linux", "unsupported: wayland"),
        ({"WAYLAND_SOCKET": "7", "DISPLAY": ":0"}, "linux", "unsupported: wayland"),
        ({}, "linux", "unsupported: no screen"),
        ({"DISPLAY": ""}, "linux", "unsupported: no screen"),
        ({"DISPLAY": ":0"}, "win32", "unsupported: not Windows"),
        ({"DISPLAY": ":0"}, "darwin", "unsupported: objc is not installed"),
    ],
)
def test_what_cannot_be_watched_is_named(environment: dict[str, str], system: str, reason: str) -> None:
    with pytest.raises(SourceUnsupported, match=reason):
        open_desktop(environment, system=system)


def test_a_wayland_session_is_told_which_session_to_choose() -> None:
    assert "on Xorg" in advice("unsupported: wayland")
    assert "on Xorg" not in advice("unsupported: no screen (DISPLAY is not set)")


@pytest.mark.parametrize("granted", [True, False])
def test_windows_without_titles_ask_for_the_permission(granted: bool) -> None:
    desktop = ScriptedDesktop()
    assert not lacks_titles(desktop)
    desktop.titles = lambda: granted  # type: ignore[attr-defined]  only macOS has it
    assert lacks_titles(desktop) is not granted
    desktop.close()


@pytest.mark.parametrize("kind", ["x11", "tty"])
def test_a_display_of_an_x11_session_is_asked_itself(kind: str) -> None:
    nested = {"XDG_SESSION_TYPE": "x11", "WAYLAND_DISPLAY": "nested", "DISPLAY": ":0"}
    assert named_reason(nested, "linux") is None
    assert named_reason({"XDG_SESSION_TYPE": kind, "DISPLAY": ":0"}, "linux") is None


@pytest.mark.parametrize("display", [":4711", "nonsense", "no.such.host.invalid:0"])
def test_a_display_that_is_not_there_is_lost(display: str) -> None:
    with pytest.raises(SourceLost, match="cannot be reached"):
        open_desktop({"DISPLAY": display}, system="linux")
