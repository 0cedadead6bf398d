"""Notifications on Linux: `org.freedesktop.Notifications` over D-Bus.

In: words. Out: a notification, and what was chosen in it. Never: an error where nobody shows notifications.
"""

from collections.abc import Container
from typing import TYPE_CHECKING

from planwhy_agent.tray.notices import Told
from planwhy_agent.tray.session_bus import SessionBus

if TYPE_CHECKING:
    from jeepney import Message

SERVICE = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
_UNTIL_READ, _AS_USUAL = 0, -1
_ICON = "dialog-information"


class BusNotifier:
    """The desktop's notifications."""

    def __init__(self, bus: SessionBus) -> None:
        self.bus = bus
        self._shown: dict[int, Told] = {}
        self._actions: bool | None = None

    def listen(self) -> None:
        """Ask to be told what people choose."""
        self.bus.listen(f"type='signal',interface='{SERVICE}',member='ActionInvoked'")

    def show(self, told: Told) -> bool:
        """Show one; whether someone took it."""
        actions = ["default", told.action, "open", told.action] if told.action and self._takes_actions() else []
        lasting = _UNTIL_READ if told.lasting else _AS_USUAL
        body = ("Planwhy", 0, _ICON, told.title, told.text, actions, {"urgency": ("y", 1)}, lasting)
        answer = self.bus.ask(SERVICE, PATH, SERVICE, "Notify", "susssasa{sv}i", body, start=True)
        if answer is None:
            return False
        self._shown[answer[0]] = told
        return True

    def withdraw(self, over: Container[str]) -> None:
        """Take back lasting notifications whose cause is over."""
        for number, told in list(self._shown.items()):
            if told.lasting and told.cause in over:
                del self._shown[number]
                self.bus.ask(SERVICE, PATH, SERVICE, "CloseNotification", "u", (number,))

    def chosen(self, message: "Message") -> Told | None:
        """The notification in which something was chosen, if that is what a message says."""
        from jeepney import HeaderFields, MessageType  # noqa: PLC0415  loaded where there is a bus only

        member = message.header.fields.get(HeaderFields.member)
        if message.header.message_type is not MessageType.signal or member != "ActionInvoked":
            return None
        return self._shown.pop(message.body[0], None) if message.body else None

    def _takes_actions(self) -> bool:
        if self._actions is None:
            known = self.bus.ask(SERVICE, PATH, SERVICE, "GetCapabilities", start=True)
            self._actions = known is not None and "actions" in known[0]
        return self._actions
