"""Whether the person can be at the session, as the system's and the session's message buses tell it.

In: signals of logind and of the desktops' screen savers. Out: whether it is locked (or another person's session is in
front) and whether it is a remote one. Never: a question asked again and again (a signal wakes the agent), nor an error:
without a bus the answers are no, and the X screen saver still counts.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jeepney import Message
    from jeepney.io.blocking import DBusConnection

ANSWER_S = 0.5
SAVERS = ("org.gnome.ScreenSaver", "org.freedesktop.ScreenSaver", "org.cinnamon.ScreenSaver", "org.mate.ScreenSaver")
"""Interfaces that send `ActiveChanged`; each lives at a path made of its own name."""
_LOGIN = "org.freedesktop.login1"
_RULES = {
    "SYSTEM": (
        f"type='signal',sender='{_LOGIN}',member='PropertiesChanged',arg0='{_LOGIN}.Session'",
        f"type='signal',sender='{_LOGIN}',interface='{_LOGIN}.Manager',member='PrepareForSleep'",
    ),
    "SESSION": tuple(f"type='signal',interface='{name}',member='ActiveChanged'" for name in SAVERS),
}


@dataclass(frozen=True, slots=True)
class _Login:
    """What logind says of the session; so long as it says nothing, the session is an ordinary one."""

    hinted: bool = False
    active: bool = True
    remote: bool = False


class SessionLock:
    """Listens on both buses, or on what there is of them."""

    def __init__(self) -> None:
        """Connect, subscribe, and ask once for the state now."""
        self._system, self._session = _subscribed("SYSTEM"), _subscribed("SESSION")
        self._login = self._ask_login()
        self._saving = {name for name in SAVERS if self._ask_saver(name)}

    @property
    def locked(self) -> bool:
        """Whether anyone said so, or another session of this machine is in front (fast user switching)."""
        return self._login.hinted or not self._login.active or bool(self._saving)

    @property
    def remote(self) -> bool:
        """Whether the session was begun from another machine."""
        return self._login.remote

    def filenos(self) -> tuple[int, ...]:
        """Descriptors that become readable when the answer may have changed."""
        return tuple(bus.sock.fileno() for bus in (self._system, self._session) if bus is not None)

    def read(self) -> None:
        """Take in all pending signals without blocking.

        That the machine falls asleep or wakes up (`PrepareForSleep`) need not be noted, the clocks tell how long it
        slept; the signal wakes the agent, so that it looks at once.
        """
        if self._system is not None and self._drained(self._system):
            self._login = self._ask_login()
        if self._session is not None:
            for message in self._drained(self._session):
                self._note(message)

    def close(self) -> None:
        """Let go of both buses."""
        for bus in (self._system, self._session):
            if bus is not None:
                bus.close()
        self._system = self._session = None

    def _drained(self, bus: "DBusConnection") -> "list[Message]":
        """Messages that are there; a bus that ended is let go, and what it said with it."""
        messages = []
        try:
            while True:
                messages.append(bus.receive(timeout=0))
        except TimeoutError:
            return messages
        except (OSError, ValueError):
            self._let_go(bus)
            return []

    def _let_go(self, bus: "DBusConnection") -> None:
        """Forget a bus that ended."""
        bus.close()
        if bus is self._system:
            self._system, self._login = None, _Login()
        else:
            self._session, self._saving = None, set()

    def _note(self, message: "Message") -> None:
        """Take in one `ActiveChanged`."""
        from jeepney import HeaderFields  # noqa: PLC0415 - loaded with the first bus only

        name = message.header.fields.get(HeaderFields.interface)
        if name in SAVERS and message.body and isinstance(message.body[0], bool):
            (self._saving.add if message.body[0] else self._saving.discard)(name)

    def _ask_login(self) -> _Login:
        """Ask logind about this user's session. One without a seat (ssh, some xrdp) counts as active there."""
        path, interface = "/org/freedesktop/login1/session/auto", "org.freedesktop.DBus.Properties"
        answer = _asked(self._system, _LOGIN, path, interface, "GetAll", "s", (f"{_LOGIN}.Session",))
        told = answer[0] if answer and isinstance(answer[0], dict) else {}
        return _Login(
            hinted=told.get("LockedHint") == ("b", True),
            active=told.get("Active") != ("b", False),
            remote=told.get("Remote") == ("b", True),
        )

    def _ask_saver(self, name: str) -> bool:
        """Ask one screen saver whether it is on, without starting it."""
        answer = _asked(self._session, name, "/" + name.replace(".", "/"), name, "GetActive")
        return bool(answer) and answer[0] is True


def _subscribed(bus: str) -> "DBusConnection | None":
    """Connect to a bus and ask for its signals; None where there is no such bus."""
    from jeepney import message_bus  # noqa: PLC0415 - loaded where there is a desktop only
    from jeepney.auth import AuthenticationError  # noqa: PLC0415
    from jeepney.io.blocking import open_dbus_connection  # noqa: PLC0415

    try:
        connection = open_dbus_connection(bus)
        for rule in _RULES[bus]:
            connection.send_and_get_reply(message_bus.AddMatch(rule), timeout=ANSWER_S)
    except (OSError, KeyError, ValueError, RuntimeError, AuthenticationError):
        return None
    return connection


def _asked(
    bus: "DBusConnection | None", owner: str, path: str, interface: str, member: str, signature: str | None = None,
    body: tuple[object, ...] = (),
) -> tuple[object, ...]:  # fmt: skip
    """Call a method of a running service; empty where there is no answer in time or it is an error."""
    if bus is None:
        return ()
    from jeepney import DBusAddress, MessageFlag, MessageType, new_method_call  # noqa: PLC0415

    call = new_method_call(DBusAddress(path, owner, interface), member, signature, body)
    call.header.flags |= MessageFlag.no_auto_start
    try:
        answer = bus.send_and_get_reply(call, timeout=ANSWER_S)
    except (OSError, ValueError):
        return ()
    return tuple(answer.body) if answer.header.message_type is MessageType.method_return else ()
