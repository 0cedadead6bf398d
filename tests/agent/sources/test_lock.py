"""Lock signals on real message buses, with a stand-in for logind and for a screen saver."""

import contextlib
import select
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from desktop import wait_for
from jeepney import DBusAddress, HeaderFields, Message, MessageType, message_bus, new_method_return, new_signal
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from planwhy_agent.sources.lock import SessionLock

LOGIN = "org.freedesktop.login1"
SAVER = "org.gnome.ScreenSaver"
CONFIG = """<busconfig><type>custom</type><listen>unix:path={path}</listen>
<policy context="default"><allow send_destination="*"/><allow own="*"/><allow receive_sender="*"/></policy>
</busconfig>"""


@contextlib.contextmanager
def bus(folder: Path, name: str) -> Iterator[str]:
    """A private message bus; gives its address."""
    config, path = folder / f"{name}.conf", folder / name
    config.write_text(CONFIG.format(path=path))
    daemon = subprocess.Popen(["dbus-daemon", f"--config-file={config}", "--nofork"])
    try:
        wait_for(path.exists)
        yield f"unix:path={path}"
    finally:
        daemon.kill()
        daemon.wait()


class Service:
    """One connection that is both logind and screen saver, on one bus that is both buses."""

    def __init__(self, connection: DBusConnection) -> None:
        self.connection, self.stopped = connection, False
        self.says: dict[str, bool] = {"LockedHint": False, "Active": True, "Remote": False}
        for name in (LOGIN, SAVER):
            connection.send_and_get_reply(message_bus.RequestName(name))
        self.thread = threading.Thread(target=self.answer)
        self.thread.start()

    def answer(self) -> None:
        while not self.stopped:
            with contextlib.suppress(TimeoutError):
                self.reply(self.connection.receive(timeout=0.05))

    def reply(self, call: Message) -> None:
        if call.header.message_type is MessageType.method_call:
            told = {name: ("b", value) for name, value in self.says.items()} | {"Type": ("s", "x11")}
            known = call.header.fields[HeaderFields.member] == "GetAll"
            answer = ("a{sv}", (told,)) if known else ("b", (False,))
            self.connection.send(new_method_return(call, *answer))

    def tell(self, interface: str, member: str, signature: str, *body: object) -> None:
        self.connection.send(new_signal(DBusAddress("/any", interface=interface), member, signature, body))


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    if shutil.which("dbus-daemon") is None:
        pytest.skip("needs dbus-daemon (see installers/linux/test-packages.txt)")
    with bus(tmp_path, "bus") as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        with open_dbus_connection(address) as connection:
            service = Service(connection)
            yield service
            service.stopped = True
            service.thread.join()


@pytest.fixture
def lock(service: Service) -> Iterator[SessionLock]:
    lock = SessionLock()
    yield lock
    lock.close()


def read_next(lock: SessionLock) -> None:
    assert select.select(lock.filenos(), [], [], 5)[0]
    lock.read()


def change(service: Service, lock: SessionLock, name: str, value: bool) -> None:
    service.says[name] = value
    changed = (f"{LOGIN}.Session", {name: ("b", value)}, [])
    service.tell("org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as", *changed)
    read_next(lock)


@pytest.mark.parametrize("hint", [True, False])
def test_the_hint_of_logind_locks_and_unlocks(service: Service, lock: SessionLock, hint: bool) -> None:
    for state in (not hint, hint):
        change(service, lock, "LockedHint", state)
    assert lock.locked is hint


def test_another_persons_session_in_front_locks_this_one(service: Service, lock: SessionLock) -> None:
    for in_front in (False, True):
        change(service, lock, "Active", in_front)
        assert lock.locked is not in_front


@pytest.mark.parametrize(("name", "value"), [("LockedHint", True), ("Active", False)])
def test_a_session_locked_before_we_start_is_known(service: Service, name: str, value: bool) -> None:
    service.says[name] = value
    lock = SessionLock()
    assert lock.locked
    lock.close()


@pytest.mark.parametrize("remote", [True, False])
def test_a_session_begun_elsewhere_is_remote(service: Service, remote: bool) -> None:
    service.says["Remote"] = remote
    lock = SessionLock()
    assert (lock.remote, lock.locked) == (remote, False)
    lock.close()


def test_a_logind_that_tells_nothing_of_the_session_changes_nothing(service: Service) -> None:
    service.says = {}
    lock = SessionLock()
    assert (lock.locked, lock.remote) == (False, False)
    lock.close()


def test_falling_asleep_and_waking_up_wake_the_loop(service: Service, lock: SessionLock) -> None:
    for begins in (True, False):
        service.tell(f"{LOGIN}.Manager", "PrepareForSleep", "b", begins)
        read_next(lock)
    assert not lock.locked


def test_a_screen_saver_locks_and_unlocks(service: Service, lock: SessionLock) -> None:
    for active in (True, False):
        service.tell(SAVER, "ActiveChanged", "b", active)
        read_next(lock)
        assert lock.locked is active


def test_a_signal_of_another_shape_changes_nothing(service: Service, lock: SessionLock) -> None:
    service.tell(SAVER, "ActiveChanged", "s", "yes")
    read_next(lock)
    assert not lock.locked


def test_without_a_bus_nothing_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'nobody'}")
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    lock = SessionLock()
    lock.read()
    assert (lock.locked, lock.remote, lock.filenos()) == (False, False, ())


def test_a_bus_that_ends_takes_its_word_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("dbus-daemon") is None:
        pytest.skip("needs dbus-daemon (see installers/linux/test-packages.txt)")
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'nobody'}")
    with bus(tmp_path, "session") as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        lock = SessionLock()
        with open_dbus_connection(address) as service:
            service.send(new_signal(DBusAddress("/any", interface=SAVER), "ActiveChanged", "b", (True,)))
            wait_for(lambda: lock.read() or lock.locked)
    wait_for(lambda: lock.read() or not lock.locked)
    assert lock.filenos() == ()
