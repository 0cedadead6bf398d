"""A virtual screen of our own, or a reason why there is none."""

from pathlib import Path

import pytest
from desktop import need
from planwhy_agent.sources.base import SourceLost, SourceUnsupported
from planwhy_agent.sources.x11 import X11Desktop
from planwhy_agent.virtual import PROGRAMS, display_environment, virtual_display


def test_missing_programs_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceUnsupported, match="Xvfb and openbox"), virtual_display():
        pass


def test_no_trace_of_another_session_reaches_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setenv("XDG_SESSION_TYPE", "wayland")
    environment = display_environment(":7")
    assert environment["DISPLAY"] == ":7"
    assert not {"WAYLAND_DISPLAY", "XDG_SESSION_TYPE"} & set(environment)


@pytest.mark.desktop
def test_two_screens_stand_side_by_side_and_end_with_their_blocks() -> None:
    need(*PROGRAMS)
    with virtual_display() as one, virtual_display() as other:
        assert one != other
        for name in (one, other):
            desktop = X11Desktop.open(name)
            assert desktop.manager() == "Openbox"
            desktop.close()
    for name in (one, other):
        with pytest.raises(SourceLost):
            X11Desktop.open(name)
