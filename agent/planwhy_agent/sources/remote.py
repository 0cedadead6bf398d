"""Whether a session is seen from another machine, by what its environment and its display say.

In: environment variables that remote desktops set, the name of a display, the names of its extensions. Out: yes or no,
and by what. Never: a question to the network; a guess from the mere fact that somebody also came by ssh.
"""

from collections.abc import Callable, Mapping

MARKS = ("XRDP_SESSION", "VNCDESKTOP", "X2GO_SESSION", "NX_SESSION_ID", "CHROME_REMOTE_DESKTOP_SESSION")
"""Variables that remote desktops set in the sessions that they begin, and nobody else does."""
EXTENSIONS = ("VNC-EXTENSION",)
"""Extensions that only displays have which are shown elsewhere."""


def is_remote(environment: Mapping[str, str], display: str, has_extension: Callable[[str], bool]) -> bool:
    """Whether the display is seen from another machine; `has_extension` asks it for an extension by name."""
    if any(environment.get(name) for name in MARKS):
        return True
    return _is_elsewhere(display) or any(has_extension(name) for name in EXTENSIONS)


def _is_elsewhere(display: str) -> bool:
    """Whether a display is reached over the network, as one that ssh forwards (`localhost:10.0`) is."""
    if display.startswith("/"):  # the path of a socket on this machine, as macOS names its own display
        return False
    host = display.rpartition(":")[0].removesuffix(":")
    return host not in ("", "unix") and not host.endswith(("/unix", "unix/"))
