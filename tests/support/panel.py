"""A desktop's panel for tests: a real message bus with a tray and a notification service of our own on it.

with session_bus(folder) as address, Panel(address) as panel:
    ...                                   # something registers an icon
    panel.menu()                          # its labels, by the item's number
    panel.click("End private time")
    panel.notifications                   # what was shown: (title, text, actions)
"""

import contextlib
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from desktop import wait_for
from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    message_bus,
    new_method_call,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection

WATCHER, NOTIFICATIONS = "org.kde.StatusNotifierWatcher", "org.freedesktop.Notifications"
ITEM, MENU = "org.kde.StatusNotifierItem", "com.canonical.dbusmenu"
CONFIG = """<busconfig><type>session</type><listen>unix:path={path}</listen>
<policy context="default"><allow send_destination="*"/><allow own="*"/><allow receive_sender="*"/></policy>
</busconfig>"""


@contextlib.contextmanager
def session_bus(folder: Path) -> Iterator[str]:
    """Start a message bus of its own; gives its address. Skips where there is none."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("needs dbus-daemon (see installers/linux/test-packages.txt)")
    config, path = folder / "bus.conf", folder / "bus"
    config.write_text(CONFIG.format(path=path))
    daemon = subprocess.Popen(["dbus-daemon", f"--config-file={config}", "--nofork"])
    try:
        wait_for(path.exists)
        yield f"unix:path={path}"
    finally:
        daemon.kill()
        daemon.wait()


class Panel:
    """Both services; `tray` and `notifies` say which of them are there from the beginning."""

    def __init__(self, address: str, tray: bool = True, notifies: bool = True) -> None:
        self.address = address
        self.items: list[str] = []
        self.notifications: list[tuple[str, str, list[str]]] = []
        self.signals: list[str] = []
        self.answers = 0
        self.closed: list[int] = []
        self._names = [name for name, wanted in ((WATCHER, tray), (NOTIFICATIONS, notifies)) if wanted]
        self._stopped = False
        self._server, self._client = open_dbus_connection(address), open_dbus_connection(address)
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._server.send_and_get_reply(message_bus.AddMatch(f"type='signal',interface='{ITEM}'"))
        self._server.send_and_get_reply(message_bus.AddMatch(f"type='signal',interface='{MENU}'"))
        for name in self._names:
            self._server.send_and_get_reply(message_bus.RequestName(name))
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopped = True
        self._thread.join()
        self._server.close()
        self._client.close()

    def own(self, name: str) -> None:
        """Take a name later than the others; a service that comes while icons wait for it."""
        self._server.send(message_bus.RequestName(name))

    def icon(self) -> dict[str, Any]:
        """The properties of the icon registered last, without their types."""
        service = wait_for(lambda: self.items)[-1]
        told = self._ask(service, "/StatusNotifierItem", "org.freedesktop.DBus.Properties", "GetAll", "s", ITEM)
        return {name: value for name, (_, value) in told[0].items()}

    def menu(self) -> dict[int, str]:
        """The labels by item, as the panel shows them; lines between items are left out, grey ones in brackets."""
        _, (_, _, children) = self._ask(self.items[-1], self.icon()["Menu"], MENU, "GetLayout", "iias", 0, -1, [])
        found = {}
        for _, (number, told, _) in children:
            if "label" in told:
                label = str(told["label"][1])
                found[int(number)] = label if told["enabled"][1] else f"[{label}]"
        return found

    def click(self, label: str) -> None:
        """Choose an item."""
        number = next(no for no, text in self.menu().items() if text == label)
        self._ask(self.items[-1], self.icon()["Menu"], MENU, "Event", "isvu", number, "clicked", ("i", 0), 0)

    def ask_item(self, path: str, interface: str, member: str, signature: str | None = None, *body: object) -> Message:
        """Ask the icon anything; its whole answer."""
        address = DBusAddress(path, self.items[-1], interface)
        return self._client.send_and_get_reply(new_method_call(address, member, signature, body), timeout=5)

    def choose(self, number: int) -> None:
        """Click on a notification."""
        signal = DBusAddress("/org/freedesktop/Notifications", interface=NOTIFICATIONS)
        self._server.send(new_signal(signal, "ActionInvoked", "us", (number, "default")))

    def _look_meanwhile(self, connection: DBusConnection) -> None:
        """Ask for the icon while it waits for us, as a panel that was just told of a new one does."""
        if self.items:
            icon = DBusAddress("/StatusNotifierItem", self.items[-1], "org.freedesktop.DBus.Properties")
            connection.send(new_method_call(icon, "GetAll", "s", (ITEM,)))

    def _ask(self, service: str, path: str, interface: str, member: str, signature: str, *body: object) -> Any:
        call = new_method_call(DBusAddress(path, service, interface), member, signature, body)
        answer = self._client.send_and_get_reply(call, timeout=5)
        assert answer.header.message_type is MessageType.method_return, answer.body
        return answer.body

    def _serve(self) -> None:
        while not self._stopped:
            with contextlib.suppress(TimeoutError):
                self._take(self._server, self._server.receive(timeout=0.05))

    def _take(self, connection: DBusConnection, message: Message) -> None:
        member = message.header.fields.get(HeaderFields.member)
        if message.header.message_type is MessageType.signal:
            self.signals.append(str(member))
        elif message.header.message_type is MessageType.method_return:
            self.answers += 1
        elif member == "RegisterStatusNotifierItem":
            self.items.append(message.body[0])
            connection.send(new_method_return(message))
        elif member == "GetCapabilities":
            connection.send(new_method_return(message, "as", (["actions", "body"],)))
        elif member == "CloseNotification":
            self.closed.append(message.body[0])
            connection.send(new_method_return(message))
        elif member == "Notify":
            self.notifications.append((message.body[3], message.body[4], message.body[5]))
            self._look_meanwhile(connection)
            connection.send(new_method_return(message, "u", (len(self.notifications),)))
