"""The session's message bus, for the tray and for notifications: calls are made and answered on one connection.

In: calls, names, rules. Out: answers; messages that came meanwhile, in their order. Never: an error for a bus that
is slow or ends (`ended` says so); a service started only because it was asked for, unless that is wanted.
"""

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jeepney import Message
    from jeepney.io.blocking import DBusConnection

ANSWER_S = 2.0
_BUS, _BUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"


class SessionBus:
    """One connection; use `open_session_bus`."""

    def __init__(self, connection: "DBusConnection") -> None:
        self._connection = connection
        self._waiting: list[Message] = []
        self.ended = False
        self.unread = False
        """Whether messages may have come while an answer was waited for; their descriptor no longer tells of them."""

    def fileno(self) -> int:
        """The descriptor to wait on."""
        return int(self._connection.sock.fileno())

    def messages(self) -> "list[Message]":
        """Everything that has come, without blocking."""
        while (message := self._received(0.0)) is not None:
            self._waiting.append(message)
        found, self._waiting, self.unread = self._waiting, [], False
        return found

    def send(self, message: "Message") -> None:
        """Send an answer or a signal."""
        try:
            self._connection.send(message)
        except OSError:
            self.ended = True

    def tell(
        self, path: str, interface: str, member: str, signature: str | None = None, body: tuple[Any, ...] = ()
    ) -> None:
        """Send a signal."""
        from jeepney import DBusAddress, new_signal  # noqa: PLC0415  loaded where there is a bus only

        self.send(new_signal(DBusAddress(path, interface=interface), member, signature, body))

    def ask(
        self,
        owner: str,
        path: str,
        interface: str,
        member: str,
        signature: str | None = None,
        body: tuple[Any, ...] = (),
        start: bool = False,
    ) -> tuple[Any, ...] | None:
        """Call a service and give what it answers; None where it says no, or nothing in time.

        `start` permits the bus to start it. What comes meanwhile waits for `messages`.
        """
        from jeepney import DBusAddress, MessageFlag, new_method_call  # noqa: PLC0415  loaded where there is a bus only

        call = new_method_call(DBusAddress(path, owner, interface), member, signature, body)
        if not start:
            call.header.flags |= MessageFlag.no_auto_start
        try:
            serial = next(self._connection.outgoing_serial)
            self._connection.send(call, serial=serial)
        except OSError:
            self.ended = True
            return None
        return self._answer_to(serial)

    def own(self, name: str) -> None:
        """Take a name on the bus."""
        self.ask(_BUS, _BUS_PATH, _BUS, "RequestName", "su", (name, 0))

    def listen(self, rule: str) -> None:
        """Ask for signals."""
        self.ask(_BUS, _BUS_PATH, _BUS, "AddMatch", "s", (rule,))

    def is_owned(self, name: str) -> bool:
        """Whether a service runs."""
        return self.ask(_BUS, _BUS_PATH, _BUS, "NameHasOwner", "s", (name,)) == (True,)

    def can_start(self, name: str) -> bool:
        """Whether the bus knows how to start a service."""
        found = self.ask(_BUS, _BUS_PATH, _BUS, "ListActivatableNames")
        return found is not None and name in found[0]

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _answer_to(self, serial: int) -> tuple[Any, ...] | None:
        from jeepney import HeaderFields, MessageType  # noqa: PLC0415  loaded where there is a bus only

        self.unread = True
        end = time.monotonic() + ANSWER_S
        while (message := self._received(end - time.monotonic())) is not None:
            if message.header.fields.get(HeaderFields.reply_serial) == serial:
                return tuple(message.body) if message.header.message_type is MessageType.method_return else None
            self._waiting.append(message)
        return None

    def _received(self, within_s: float) -> "Message | None":
        try:
            return self._connection.receive(timeout=max(0.0, within_s))
        except TimeoutError:
            return None
        except (OSError, ValueError):  # the bus is gone, or what it says cannot be understood
            self.ended = True
            return None


def open_session_bus() -> SessionBus | None:
    """Connect; None where there is no bus."""
    from jeepney.auth import AuthenticationError  # noqa: PLC0415  loaded where there is a bus only
    from jeepney.io.blocking import open_dbus_connection  # noqa: PLC0415

    try:
        return SessionBus(open_dbus_connection("SESSION"))
    except (OSError, KeyError, ValueError, RuntimeError, AuthenticationError):
        return None
