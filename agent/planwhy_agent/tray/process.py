"""The tray's process: shows the icon, tells of what has to be known, does what is clicked; ends with the agent.

In: the agent's small files, looked at when the agent says through standard input that something changed. Out: icon,
menu, notifications; private time begun or ended; windows opened as processes of their own. Never: a recording, a
request to the collector, a wake-up without a cause while the agent tells of changes.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Container
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

from planwhy_agent import pause
from planwhy_agent.condition import Facts, facts_of, own_page
from planwhy_agent.config import Settings
from planwhy_agent.system.instance_lock import nudge
from planwhy_agent.tray import notices
from planwhy_agent.tray.menu import Act, Face, face_of
from planwhy_agent.words import Words

MINUTE_MS = 60_000
CHILD_LOOK_S = 1.0
COMMAND = (sys.executable, "-P", "-m", "planwhy_agent.cli")


class Shown(Protocol):
    """A desktop's tray and notifications."""

    def show(self, face: Face) -> None:
        """Show the icon with its menu."""

    def notify(self, told: notices.Told) -> bool:
        """Show a notification; whether someone took it."""

    def withdraw(self, over: Container[str]) -> None:
        """Take back lasting notifications whose causes are over."""

    def wait(self, timeout_s: float | None) -> None:
        """Wait for the panel, the agent or the time; `clicked` is called meanwhile."""

    def drive(self, run: Callable[[], int]) -> int:
        """Run the tray's loop where this desktop wants it, beside a loop of its own if it has one."""

    @property
    def ended(self) -> bool:
        """Whether the agent or the desktop is gone."""


class Does(Protocol):
    """What the tray is asked for by whatever shows it."""

    def click(self, act: Act) -> None:
        """Do what was clicked."""

    def face(self) -> Face:
        """What is to be shown at this very moment."""


class Tray:
    """What the tray does, whatever desktop shows it."""

    def __init__(self, settings: Settings, say: Words, now_ms: Callable[[], int]) -> None:
        self.settings, self.say, self.now_ms = settings, say, now_ms
        self._told = notices.load_told(settings.runtime)
        self._windows: list[subprocess.Popen[bytes]] = []

    def run(self, shown: Shown) -> int:
        """Show everything until the agent ends."""
        while not shown.ended:
            self.look(shown)
            self._reap(shown)
            shown.wait(CHILD_LOOK_S if self._windows else None)
        return 0

    def look(self, shown: Shown) -> None:
        """Look at the files once, and show what they say."""
        now_ms = self.now_ms()
        facts = facts_of(self.settings, now_ms)
        shown.show(face_of(facts, self.say, now_ms))
        told = notices.still_told(self._told, facts)
        holding = notices.due(facts, self._ended_ms(now_ms), self.say, now_ms)
        if over := told - {one.cause for one in holding}:
            shown.withdraw(over)
        for one in holding:
            if one.cause not in told and shown.notify(one):
                told |= {one.cause}
        if told != self._told:
            self._told = told
            with suppress(OSError):  # without room it is told again after a restart
                notices.save_told(self.settings.runtime, told)

    def face(self) -> Face:
        """What is to be shown at this very moment."""
        now_ms = self.now_ms()
        return face_of(facts_of(self.settings, now_ms), self.say, now_ms)

    def click(self, act: Act) -> None:
        """Do what was clicked."""
        now_ms = self.now_ms()
        if act in (Act.QUARTER, Act.HOUR, Act.TODAY):
            minutes = {Act.QUARTER: 15, Act.HOUR: 60}.get(act)
            pause.pause(self.settings.data, now_ms + minutes * MINUTE_MS if minutes else next_midnight_ms(now_ms))
            nudge(self.settings.lock)
        elif act is Act.RESUME:
            pause.resume(self.settings.data)
            nudge(self.settings.lock)
        elif act is Act.PAGE:
            self._open_page(facts_of(self.settings, now_ms))
        elif act is Act.ACKNOWLEDGE:
            self._start(*COMMAND, "notice", "--window", "--lang", self.say.language)
        elif act is Act.STATUS:
            self._start(*COMMAND, "status", "--window", "--lang", self.say.language)

    def _reap(self, shown: Shown) -> None:
        """Let go of windows that were closed; where one could not be opened say what to do instead."""
        ended = [one for one in self._windows if one.poll() is not None]
        self._windows = [one for one in self._windows if one not in ended]
        if any(one.returncode for one in ended):
            text = self.say("Open a terminal instead: planwhy-agent notice, planwhy-agent status")
            shown.notify(notices.Told("no-window", self.say("No window can be opened here"), text))

    def _open_page(self, facts: Facts) -> None:
        if page := own_page(facts):
            self._start(sys.executable, "-P", "-m", "webbrowser", page)

    def _start(self, *command: str) -> None:
        """Open something in a process of its own, which outlives neither its window nor the tray's patience."""
        quiet = subprocess.DEVNULL
        self._windows.append(subprocess.Popen(command, stdin=quiet, stdout=quiet, env=dict(os.environ)))

    def _ended_ms(self, now_ms: int) -> int:
        """When private time ended by itself last; 0 while it lasts, after it was ended by hand, or without any."""
        until = pause.paused_until(self.settings.data)
        return until if until <= now_ms else 0


def next_midnight_ms(now_ms: int) -> int:
    """When the next day of this computer's own zone begins."""
    today = datetime.fromtimestamp(now_ms / 1000).astimezone().date()
    tomorrow = today + timedelta(days=1)
    return int(datetime(tomorrow.year, tomorrow.month, tomorrow.day).astimezone().timestamp() * 1000)
