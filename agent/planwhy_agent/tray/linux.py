"""The tray of a Linux desktop: the session bus and the agent's line, waited on together.

In: messages of the bus, bytes of the agent. Out: icon and notifications over the bus. Never: a toolkit; a wake-up
without a cause while the agent's line is there.
"""

import os
import select
import sys
import time
from collections.abc import Callable, Container, Mapping

from planwhy_agent.config import Settings
from planwhy_agent.system.instance_lock import holder
from planwhy_agent.tray.bus import WATCHER, BusIcon
from planwhy_agent.tray.menu import Act, Face
from planwhy_agent.tray.notices import Told
from planwhy_agent.tray.notify_bus import SERVICE, BusNotifier
from planwhy_agent.tray.process import Does
from planwhy_agent.tray.session_bus import SessionBus, open_session_bus

APPEAR_S = 120.0
"""How long a desktop that just begins may take to bring its panel."""
ALONE_LOOK_S = 5.0
"""How often to look at the files where no agent's line tells of changes."""


class LinuxShown:
    """Icon and notifications on one connection. Keeps the protocol `Shown`."""

    def __init__(self, bus: SessionBus, settings: Settings, does: Does, lifeline: bool) -> None:
        self.bus, self.settings, self.does, self.lifeline = bus, settings, does, lifeline
        self.icon, self.notifier = BusIcon(bus, does.click, lambda: self.icon.show(does.face())), BusNotifier(bus)
        self.notifier.listen()
        self._agent_gone = False

    @property
    def ended(self) -> bool:
        """Whether the agent or the bus is gone."""
        gone = self._agent_gone or (not self.lifeline and holder(self.settings.lock) is None)
        return gone or self.bus.ended

    def drive(self, run: Callable[[], int]) -> int:
        """There is no other loop here."""
        return run()

    def show(self, face: Face) -> None:
        """Show the icon with its menu."""
        self.icon.show(face)
        self._take()

    def notify(self, told: Told) -> bool:
        """Show a notification."""
        return self.notifier.show(told)

    def withdraw(self, over: Container[str]) -> None:
        """Take back notifications whose cause is over."""
        self.notifier.withdraw(over)

    def wait(self, timeout_s: float | None) -> None:
        """Wait for the bus, the agent, or the time, and do what has come."""
        poll = select.poll()
        poll.register(self.bus.fileno(), select.POLLIN)
        if self.lifeline:
            poll.register(sys.stdin.fileno(), select.POLLIN)
        else:
            timeout_s = min(timeout_s or ALONE_LOOK_S, ALONE_LOOK_S)
        if self.bus.unread:
            timeout_s = 0.0
        ready = [fd for fd, _ in poll.poll(None if timeout_s is None else round(1000 * timeout_s))]
        if self.lifeline and sys.stdin.fileno() in ready:
            self._agent_gone = not os.read(sys.stdin.fileno(), 4096)
        self._take()

    def _take(self) -> None:
        for message in self.bus.messages():
            if self.notifier.chosen(message) is not None:
                self.does.click(Act.ACKNOWLEDGE)
            else:
                self.icon.take(message)


def hosts(environment: Mapping[str, str]) -> tuple[bool, bool]:
    """Whether there is a tray for icons, and a service for notifications."""
    bus = open_session_bus() if environment.get("DBUS_SESSION_BUS_ADDRESS") else None
    if bus is None:
        return False, False
    try:
        return bus.is_owned(WATCHER), bus.is_owned(SERVICE) or bus.can_start(SERVICE)
    finally:
        bus.close()


def open_shown(settings: Settings, does: Does, lifeline: bool) -> LinuxShown | None:
    """Wait for a tray or for notifications, and connect."""
    bus = open_session_bus()
    if bus is None:
        return None
    shown = LinuxShown(bus, settings, does, lifeline)
    end = time.monotonic() + APPEAR_S
    while not bus.is_owned(WATCHER) and not bus.is_owned(SERVICE) and not bus.can_start(SERVICE):
        if shown.ended or time.monotonic() > end:
            bus.close()
            return None
        shown.wait(1.0)
    return shown
