"""Machines that cannot be watched say why."""

import pytest
from planwhy_agent.sources.base import SourceLost, SourceUnsupported
from planwhy_agent.sources.open_desktop import open_desktop


@pytest.mark.parametrize(
    ("environment", "system", "reason"),
    [
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", "unsupported: wayland"),
        ({"XDG_SESSION_TYPE": "wayland", "DISPLAY": ":0"}, "linux", "unsupported: wayland"),
        ({}, "linux", "unsupported: no screen"),
        ({"DISPLAY": ""}, "linux", "unsupported: no screen"),
        ({"DISPLAY": ":0"}, "win32", "not yet"),
        ({"DISPLAY": ":0"}, "darwin", "not yet"),
    ],
)
def test_what_cannot_be_watched_is_named(environment: dict[str, str], system: str, reason: str) -> None:
    with pytest.raises(SourceUnsupported, match=reason):
        open_desktop(environment, system=system)


@pytest.mark.parametrize("display", [":4711", "nonsense", "no.such.host.invalid:0"])
def test_a_display_that_is_not_there_is_lost(display: str) -> None:
    with pytest.raises(SourceLost, match="cannot be reached"):
        open_desktop({"DISPLAY": display}, system="linux")
