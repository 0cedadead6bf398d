"""The screen that the demo's agent watches: this desktop, or a virtual one where there is none.

In: the environment, what the person wants. Out: a display's name, or words why there is none. Never: a wait for an
answer where nobody can give one.
"""

import importlib.util
import os
import select
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from planwhy_collector.demo.children import Child, clean_environment
from planwhy_collector.demo.home import Home

PROGRAMS = ("Xvfb", "openbox")
START_S = 30.0
_CLOCK = r"""while :; do printf '\033]0;Planwhy demo %s\007' "$(date +%H:%M:%S)"; sleep 15; done"""
"""What runs in the window of a virtual screen: a clock in its title, so that there is something to record."""


@contextmanager
def screen(home: Home, virtual: bool) -> Iterator[str | None]:
    """Give the display to watch for the length of the block; None where there is none, after saying why."""
    own = os.environ.get("DISPLAY")
    if not virtual and (why := _unwatchable()) is not None:
        click.echo(why)
        virtual = _wanted()
    if not virtual:
        yield own if _unwatchable() is None else None
        return
    if missing := _missing():
        click.echo(f"No virtual screen without {' and '.join(missing)} (Debian: apt install xvfb openbox).")
        yield None
        return
    with _virtual(home) as display:
        yield display


def _unwatchable() -> str | None:
    """Say why the agent cannot watch this desktop; None where it can."""
    if importlib.util.find_spec("planwhy_agent") is None:
        return "The agent is not installed here: the demo shows the simulated team only."
    if sys.platform != "linux":
        return f"The agent does not watch {sys.platform} yet: the demo shows the simulated team only."
    if os.environ.get("XDG_SESSION_TYPE") == "wayland" or not os.environ.get("DISPLAY"):
        kind = "a Wayland session" if os.environ.get("WAYLAND_DISPLAY") else "no screen here (DISPLAY is not set)"
        return f"There is {kind}: the agent has nothing that it can watch."
    return None


def _missing() -> list[str]:
    return [name for name in PROGRAMS if shutil.which(name) is None]


def _wanted() -> bool:
    """Offer a virtual screen: ask on a terminal, elsewhere say how to get one."""
    if _missing() or importlib.util.find_spec("planwhy_agent") is None or sys.platform != "linux":
        return False
    if sys.stdin.isatty() and sys.stdout.isatty():
        return click.confirm("Start a virtual screen with Xvfb and openbox for it?", default=False)
    click.echo("Xvfb and openbox are installed: add --virtual-display for a virtual screen.")
    return False


@contextmanager
def _virtual(home: Home) -> Iterator[str | None]:
    """Start a virtual screen, with a terminal window in it where xterm is installed."""
    command = [sys.executable, "-m", "planwhy_agent.virtual"]
    with Child("virtual screen", command, clean_environment(), home.log("screen"), home.folder, pipe=True) as server:
        display = _first_line(server)
        if display is None:
            click.echo(f"The virtual screen did not start ({server.last_words()}); see {server.log}.")
            yield None
            return
        environment = clean_environment() | {"DISPLAY": display}
        if shutil.which("xterm") is None:
            yield display
            return
        with Child("window", ["xterm", "-e", "sh", "-c", _CLOCK], environment, home.log("screen"), home.folder):
            yield display


def _first_line(server: Child) -> str | None:
    """Read the display's name from the program that made it; None where it says nothing in time."""
    out = server.process.stdout
    if out is None or not select.select([out], [], [], START_S)[0]:
        return None
    return out.readline().decode(errors="replace").strip() or None
