"""Which source fits this machine.

In: the environment. Out: an open desktop. Never: a guess. Where windows cannot be watched, the reason in words.
"""

import sys
from collections.abc import Callable, Mapping

from planwhy_agent.sources.base import Desktop, SourceUnsupported, Titled, every_title


def open_desktop(
    environment: Mapping[str, str],
    titled: Titled = every_title,
    system: str = sys.platform,
    on_event: Callable[[], None] | None = None,
) -> Desktop:
    """Open the desktop that the environment names; `titled` says which titles may be read.

    `on_event` is called, from any thread, where the system tells of changes but not through a descriptor.
    Raises SourceUnsupported where there is none or it cannot be watched, SourceLost where it cannot be reached now.
    """
    if system == "darwin":
        from planwhy_agent.sources.macos import MacDesktop  # noqa: PLC0415 - heavy, and of one system only

        return MacDesktop.open(titled)
    if system == "win32":
        from planwhy_agent.sources.windows import WindowsDesktop  # noqa: PLC0415 - loads libraries that only Windows has

        return WindowsDesktop.open(titled, on_event)
    if system == "cygwin":
        raise SourceUnsupported(f"unsupported: {system} (not yet)")
    if not system.startswith("linux"):
        raise SourceUnsupported(f"unsupported: {system}")
    if reason := named_reason(environment):
        raise SourceUnsupported(reason)
    return _open_x11(environment, titled)


def _open_x11(environment: Mapping[str, str], titled: Titled) -> Desktop:
    """Open our own source, and where the display tells it too little, the portable one."""
    from planwhy_agent.sources.x11 import X11Desktop  # noqa: PLC0415 - needs libraries that only Linux has

    display = environment["DISPLAY"]
    try:
        return X11Desktop.open(display, titled)
    except SourceUnsupported as error:
        if "wayland" in str(error):
            raise
    from planwhy_agent.sources.x11_fallback import open_fallback  # noqa: PLC0415 - heavy, and rarely needed

    return open_fallback(environment, display, titled)


def lacks_titles(desktop: Desktop) -> bool:
    """Whether windows can be seen and their titles cannot, for want of a permission; only macOS has it so."""
    titles: Callable[[], bool] | None = getattr(desktop, "titles", None)
    return titles is not None and not titles()


def named_reason(environment: Mapping[str, str], system: str = sys.platform) -> str | None:
    """Why the environment alone says that windows cannot be watched here; None where it does not say so.

    A Wayland session has an X11 face (`DISPLAY`) that shows the windows of some programs only, which would be worse
    than none. Where `XDG_SESSION_TYPE` says `x11`, the display itself is asked whether it is one.
    """
    if system in {"win32", "cygwin", "darwin"}:
        return None
    kind = environment.get("XDG_SESSION_TYPE", "").lower()
    speaks_wayland = environment.get("WAYLAND_DISPLAY") or environment.get("WAYLAND_SOCKET")
    if kind == "wayland" or (speaks_wayland and kind != "x11"):
        return "unsupported: wayland"
    return None if environment.get("DISPLAY") else "unsupported: no screen (DISPLAY is not set)"
