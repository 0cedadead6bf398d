"""Which source fits this machine.

In: the environment. Out: an open desktop. Never: a guess. Where windows cannot be watched, the reason in words.
"""

import sys
from collections.abc import Mapping

from planwhy_agent.sources.base import Desktop, SourceUnsupported, Titled, every_title


def open_desktop(environment: Mapping[str, str], titled: Titled = every_title, system: str = sys.platform) -> Desktop:
    """Open the desktop that the environment names; `titled` says which titles may be read.

    Raises SourceUnsupported where there is none or it cannot be watched, SourceLost where it cannot be reached now.
    """
    if system in {"win32", "cygwin", "darwin"}:
        raise SourceUnsupported(f"unsupported: {system} (not yet)")
    if _is_wayland(environment):
        raise SourceUnsupported("unsupported: wayland")
    display = environment.get("DISPLAY")
    if not display:
        raise SourceUnsupported("unsupported: no screen (DISPLAY is not set)")
    from planwhy_agent.sources.x11 import X11Desktop  # noqa: PLC0415 - needs libraries that only Linux has

    return X11Desktop.open(display, titled)


def _is_wayland(environment: Mapping[str, str]) -> bool:
    """Whether the session is Wayland: its X11 face shows some windows only, which would be worse than none."""
    if environment.get("XDG_SESSION_TYPE") == "wayland":
        return True
    return bool(environment.get("WAYLAND_DISPLAY")) and not environment.get("DISPLAY")
