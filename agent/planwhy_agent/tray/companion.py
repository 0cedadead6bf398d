"""The tray's process as the running agent sees it: started beside it, told of changes, gone with it.

In: what changed. Out: one byte down a pipe. Never: the agent kept waiting by its tray, or ended with it; a tray
started again and again.
"""

import importlib.util
import logging
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress

from planwhy_agent.config import Settings

AGAIN_S = 60.0
END_S = 2.0
NO_TRAY = 3
"""The exit code of a tray that found no desktop to show it; asked again only after the agent's next start."""
EXTRA = ("pystray", "PIL")
"""What shows the icon where there is no session bus: the extra `tray`."""
_LINUX: bool = sys.platform == "linux"

log = logging.getLogger("planwhy.tray")


class Companion:
    """The tray of one run of the agent."""

    def __init__(self, settings: Settings, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._wanted = settings.tray and may_be_shown(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._started = -AGAIN_S
        self._last: tuple[object, ...] | None = None

    def told(self, what: tuple[object, ...]) -> None:
        """Something is as said; where that is new the tray looks. A tray that died is started again, not too often."""
        if not self._wanted:
            return
        if self._process is None or self._process.poll() is not None:
            self._start()
        elif what != self._last and self._process.stdin is not None:
            with suppress(OSError):  # it is about to end, which is seen the next time
                os.write(self._process.stdin.fileno(), b"\n")
        self._last = what

    def stop(self) -> None:
        """Let the tray end."""
        if self._process is None:
            return
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self) -> None:
        if self._process is not None and self._process.returncode == NO_TRAY:
            log.info("this desktop has no tray")
            self._wanted = False
            return
        if time.monotonic() - self._started < AGAIN_S:
            return
        self._started = time.monotonic()
        command = [sys.executable, "-P", "-m", "planwhy_agent.tray.host", "--lifeline"]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                env=self._environment,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            log.warning("the tray does not start: %s", error.strerror)
            return
        assert self._process.stdin is not None  # noqa: S101  a pipe was asked for
        if hasattr(os, "set_blocking"):  # Windows has it from 3.12 on; a pipe takes thousands of bytes anyway
            os.set_blocking(self._process.stdin.fileno(), False)


def may_be_shown(environment: Mapping[str, str]) -> bool:
    """Whether it is worth starting a process that looks closer. Costs nothing."""
    if _LINUX:
        return bool(environment.get("DBUS_SESSION_BUS_ADDRESS"))
    return all(importlib.util.find_spec(name) is not None for name in EXTRA)
