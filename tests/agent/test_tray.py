"""The tray as `run` starts it, on a real message bus, with a panel and a notification service of our own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from agent_parts import policy
from desktop import virtual_desk, wait_for
from ingest_stub import ingest_stub
from jeepney import MessageType
from panel import WATCHER, Panel, session_bus
from planwhy_agent import health, pause
from planwhy_agent.config import Settings
from planwhy_agent.identity import Identity, save_identity
from planwhy_agent.policy import PolicyStore
from planwhy_agent.system.instance_lock import InstanceLock
from planwhy_agent.tray.companion import Companion
from planwhy_shared.wire import Notice

RECORDING = health.Health(1, 0, 0, "active", None, "xterm", 0, "", False, 0, health.Sending("ok", "", 1))


class Agent:
    """The files of a running agent, and its tray; this process holds the lock."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data_dir=str(folder / "data"), runtime_dir=str(folder / "run"))
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # the nudge of a click, which would end this process
        self.lock = InstanceLock(self.settings.lock)
        save_identity(self.settings.data, Identity("http://127.0.0.1:9", "d1", "e1", "One", "file", 1))
        self.store = PolicyStore(self.settings.data)
        self.give("n1")
        self.store.acknowledge("n1", 1)
        self.tell()
        self.tray = Companion(self.settings, self.environment(folder))

    def environment(self, folder: Path) -> dict[str, str]:
        """The tray's: its data, its bus, English."""
        known = {
            "PLANWHY_AGENT_DATA_DIR": self.settings.data_dir,
            "PLANWHY_AGENT_RUNTIME_DIR": self.settings.runtime_dir,
        }
        return os.environ | known | {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder / 'bus'}", "LANGUAGE": "en"}

    def give(self, notice: str) -> None:
        """A policy with a notice."""
        self.store.save(policy(notice_version=notice), Notice(notice, "read me"), None)

    def tell(self, **changes: object) -> None:
        """What the agent does now."""
        health.save_health(self.settings.runtime, msgspec.structs.replace(RECORDING, **changes))

    def close(self) -> None:
        """End the tray, then the agent."""
        self.tray.stop()
        self.lock.release()
        signal.signal(signal.SIGUSR1, signal.SIG_DFL)


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[Panel]:
    with session_bus(tmp_path) as address, Panel(address) as panel:
        yield panel


@pytest.fixture
def agent(tmp_path: Path, panel: Panel) -> Iterator[Agent]:
    agent = Agent(tmp_path)
    yield agent
    agent.close()


def words(panel: Panel) -> str:
    """What the icon says."""
    return str(panel.icon()["ToolTip"][3])


def test_the_icon_says_what_is_recorded_and_offers_private_time(agent: Agent, panel: Panel) -> None:
    agent.tray.told((1,))
    assert words(panel) == "Recording"
    assert list(panel.menu().values()) == [
        "[Recording]",
        "Private time: 15 minutes",
        "Private time: 1 hour",
        "Private time: until tomorrow",
        "Open my page",
        "Status…",
    ]


def test_a_click_begins_private_time_and_another_ends_it(agent: Agent, panel: Panel) -> None:
    agent.tray.told((1,))
    wait_for(lambda: panel.items)
    panel.click("Private time: 15 minutes")
    wait_for(lambda: pause.paused_until(agent.settings.data))
    agent.tray.told((2,))
    wait_for(lambda: words(panel).startswith("Private time until "))
    panel.click("End private time")
    wait_for(lambda: not pause.paused_until(agent.settings.data))


def test_the_icon_changes_with_the_state_and_the_panel_is_told(agent: Agent, panel: Panel) -> None:
    agent.tray.told((1,))
    before = panel.icon()["IconPixmap"]
    agent.tell(sending=health.Sending("locked_out", "revoked", 1))
    agent.tray.told((2,))
    wait_for(lambda: {"NewIcon", "LayoutUpdated"} <= set(panel.signals))
    assert panel.icon()["IconPixmap"] != before
    assert "[The collector refuses this computer; nothing is sent]" in panel.menu().values()


def test_a_menu_about_to_show_is_fresh_although_nobody_told_of_a_change(agent: Agent, panel: Panel) -> None:
    agent.tray.told((1,))
    wait_for(lambda: panel.items)
    asked = ("/MenuBar", "com.canonical.dbusmenu", "AboutToShow", "i", 0)
    assert panel.ask_item(*asked).body == (False,)
    agent.tell(disk_full=True)
    assert panel.ask_item(*asked).body == (True,)
    assert "[Recording; the disk is full]" in panel.menu().values()


def test_what_did_not_change_is_not_told_to_the_panel(agent: Agent, panel: Panel) -> None:
    agent.tray.told((1,))
    wait_for(lambda: panel.items)
    for number in range(3):
        agent.tray.told((number,))
    agent.tell(disk_full=True)
    agent.tray.told(("full",))
    wait_for(lambda: "NewIcon" in panel.signals)
    assert panel.signals.count("NewToolTip") == panel.signals.count("LayoutUpdated") == 1


def test_a_changed_notice_is_told_once_however_often_the_tray_looks(agent: Agent, panel: Panel) -> None:
    agent.give("n2")
    for number in range(3):
        agent.tray.told((number,))
        wait_for(lambda: panel.notifications)
    assert words(panel) == "The notice is not acknowledged: nothing is recorded"
    agent.tray.stop()
    tray = Companion(agent.settings, agent.tray._environment)
    tray.told((1,))
    wait_for(lambda: len(panel.items) == 2 and panel.menu())
    tray.stop()
    assert [title for title, _, _ in panel.notifications] == ["What is recorded here has to be read"]


def test_being_refused_and_the_end_of_private_time_are_told_without_a_word_of_what_was_done(
    agent: Agent, panel: Panel
) -> None:
    pause.pause(agent.settings.data, time.time_ns() // 1_000_000 - 1)
    agent.tell(sending=health.Sending("locked_out", "revoked", 1))
    agent.tray.told((1,))
    wait_for(lambda: len(panel.notifications) == 2)
    assert [title for title, _, _ in panel.notifications] == [
        "The collector refuses this computer",
        "Private time has ended",
    ]
    assert "xterm" not in str(panel.notifications)


def test_the_notification_of_a_notice_goes_once_it_was_acknowledged(agent: Agent, panel: Panel) -> None:
    agent.give("n2")
    agent.tray.told((1,))
    wait_for(lambda: panel.notifications)
    agent.store.acknowledge("n2", 2)
    agent.tray.told((2,))
    wait_for(lambda: panel.closed == [1])


def test_a_click_on_the_notification_opens_the_notice(agent: Agent, panel: Panel, tmp_path: Path) -> None:
    program, called = tmp_path / "zenity", tmp_path / "called"
    program.write_text(f"#!/bin/sh\ntouch {called}\n")
    program.chmod(0o700)
    agent.tray._environment["PATH"] = str(tmp_path) + os.pathsep + os.environ["PATH"]
    agent.give("n2")
    agent.tray.told((1,))
    assert wait_for(lambda: panel.notifications)[0][2] == ["default", "Read the notice", "open", "Read the notice"]
    panel.choose(1)
    wait_for(called.exists)
    wait_for(lambda: agent.store.acknowledged() == "n2")


def test_a_panel_that_asks_while_a_notification_is_shown_is_answered(agent: Agent, panel: Panel) -> None:
    agent.give("n2")
    agent.tray.told((1,))
    wait_for(lambda: panel.notifications)
    wait_for(lambda: panel.answers)


def test_the_tray_ends_with_the_agent_even_a_killed_one(agent: Agent, panel: Panel) -> None:
    agent.tray.told((1,))
    wait_for(lambda: panel.items)
    process = agent.tray._process
    assert process is not None and process.stdin is not None
    process.stdin.close()
    assert process.wait(5) == 0


def test_a_tray_that_was_killed_comes_back_and_not_at_once(agent: Agent, panel: Panel) -> None:
    agent.tray.told((1,))
    first = agent.tray._process
    assert first is not None
    wait_for(lambda: panel.items)
    first.kill()
    first.wait()
    agent.tray.told((2,))
    assert agent.tray._process is first
    agent.tray._started -= 60
    agent.tray.told((3,))
    wait_for(lambda: len(panel.items) == 2)


def test_a_panel_that_comes_later_gets_the_icon(tmp_path: Path) -> None:
    with session_bus(tmp_path) as address, Panel(address, tray=False) as panel:
        agent = Agent(tmp_path)
        agent.give("n2")
        agent.tray.told((1,))
        wait_for(lambda: panel.notifications)
        assert not panel.items
        panel.own(WATCHER)
        wait_for(lambda: panel.items)
        agent.close()


def test_without_a_bus_the_tray_ends_at_once_and_is_not_started_again(tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    agent.tray.told((1,))
    process = agent.tray._process
    assert process is not None and process.wait(20) == 3
    agent.tray._started -= 60
    agent.tray.told((2,))
    assert agent.tray._process is process
    agent.close()


@pytest.mark.parametrize(
    ("path", "member", "signature", "body"),
    [
        ("/MenuBar", "GetLayout", "iias", (77, -1, [])),
        ("/MenuBar", "Event", "s", ("clicked",)),
        ("/MenuBar", "Event", "isvu", (0, "clicked", ("i", 0), 0)),
        ("/MenuBar", "GetProperty", "is", (1, "no-such")),
        ("/StatusNotifierItem", "Dance", None, ()),
        ("/nowhere", "GetLayout", "iias", (0, -1, [])),
    ],
)
def test_what_a_panel_asks_wrongly_is_refused_and_the_icon_stays(
    agent: Agent, panel: Panel, path: str, member: str, signature: str | None, body: tuple[object, ...]
) -> None:
    agent.tray.told((1,))
    wait_for(lambda: panel.items)
    answer = panel.ask_item(path, "com.canonical.dbusmenu", member, signature, *body)
    harmless = member == "Event" and body[0] == 0
    assert answer.header.message_type is (MessageType.method_return if harmless else MessageType.error)
    assert words(panel) == "Recording"


def test_a_second_tray_and_one_without_an_agent_say_so(tmp_path: Path, agent: Agent, panel: Panel) -> None:
    command = [sys.executable, "-m", "planwhy_agent.cli", "tray"]
    agent.tray.told((1,))
    wait_for(lambda: panel.items)
    second = subprocess.run(command, check=False, env=agent.tray._environment, capture_output=True, text=True)
    assert (second.returncode, "already_running" in second.stderr) == (1, True)
    agent.close()
    third = subprocess.run(command, check=False, env=agent.tray._environment, capture_output=True, text=True)
    assert (third.returncode, "not_running" in third.stderr) == (1, True)
    agent.lock = InstanceLock(agent.settings.lock)


@pytest.mark.desktop
def test_run_brings_the_tray_and_a_click_there_makes_the_time_private(tmp_path: Path, panel: Panel) -> None:
    with virtual_desk() as desk, ingest_stub() as (stub, url):
        own = {"DATA_DIR": str(tmp_path / "data"), "RUNTIME_DIR": str(tmp_path / "run"), "UPLOAD_INTERVAL_S": "1"}
        environment = desk.environment | {f"PLANWHY_AGENT_{name}": value for name, value in own.items()}
        environment |= {"HOME": str(tmp_path), "DBUS_SESSION_BUS_ADDRESS": panel.address, "LANGUAGE": "en"}
        environment |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
        command = [sys.executable, "-m", "planwhy_agent.cli"]
        enrol = [*command, "enrol", "--url", url, "--code", "C", "--acknowledge-notice"]
        subprocess.run(enrol, env=environment, check=True, capture_output=True)
        agent = desk.program([*command, "run"], **environment)
        wait_for(lambda: words(panel) == "Recording")
        panel.click("Private time: 1 hour")
        wait_for(lambda: words(panel).startswith("Private time until "))
        panel.click("End private time")
        wait_for(lambda: [span for span in stub.timeline() if span["state"] == "private"])
        agent.terminate()
        assert agent.wait(15) == 0
        wait_for(lambda: _is_gone(panel))


def _is_gone(panel: Panel) -> bool:
    """Whether the icon's process has left the bus."""
    answer = panel.ask_item("/StatusNotifierItem", "org.freedesktop.DBus.Peer", "Ping")
    return answer.header.message_type is MessageType.error
