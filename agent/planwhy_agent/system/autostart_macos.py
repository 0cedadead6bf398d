"""Start with the person's session on macOS: one LaunchAgent of the person's own.

In: on or off. Out: the property list, or none, and launchd told of it. Never: a daemon, administrator rights, a session
without a screen. Never run on a Mac so far: written from the manuals of launchd.plist and launchctl.
"""

import os
import plistlib
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from planwhy_agent.files import write_whole

LABEL = "com.planwhy.agent"
LAUNCHCTL_S = 20.0
AGAIN_S = 30
"""How long launchd waits before it starts an agent that failed once more."""


def switch_on(_environment: Mapping[str, str]) -> str:
    """Start the agent with every session from now on, and in this one; the file that says so. Raises OSError.

    Where launchd cannot be told now (by ssh there may be no session), it reads the file at the next login.
    """
    path = _path()
    content = {
        "Label": LABEL,
        "ProgramArguments": [sys.executable, "-P", "-m", "planwhy_agent.cli", "run"],
        "LimitLoadToSessionType": "Aqua",
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": AGAIN_S,
    }
    write_whole(path, plistlib.dumps(content))
    _launchctl("bootout", f"{_domain()}/{LABEL}")
    _launchctl("enable", f"{_domain()}/{LABEL}")
    _launchctl("bootstrap", _domain(), str(path))
    return str(path)


def switch_off(environment: Mapping[str, str]) -> bool:
    """Start it no more, and stop the one that launchd started; whether it was started before. Raises OSError."""
    found = is_on(environment)
    if found:
        _path().unlink(missing_ok=True)
        _launchctl("bootout", f"{_domain()}/{LABEL}")
    return found


def is_on(_environment: Mapping[str, str]) -> bool:
    """Whether the session starts it. That a person forbade it in the Login Items, launchd does not tell."""
    return _path().exists()


def _path() -> Path:
    """Where launchd looks for the person's agents."""
    return Path.home() / "Library" / "LaunchAgents" / f"{LABEL}.plist"


def _domain() -> str:
    """The person's session at the screen, as launchctl names it."""
    return f"gui/{os.getuid()}"


def _launchctl(*words: str) -> None:
    """Tell launchd; what it does not know or cannot do now is no error."""
    with suppress(OSError, subprocess.SubprocessError):
        quiet = subprocess.DEVNULL
        subprocess.run(["launchctl", *words], check=False, stdin=quiet, stdout=quiet, stderr=quiet, timeout=LAUNCHCTL_S)
