"""What a person is told of the session: that it is Wayland, that it is a remote one."""

import os
from pathlib import Path

import pytest
from agent_parts import ScriptedDesktop
from planwhy_agent import cli, condition, health, status, status_words
from planwhy_agent.app import lock_path
from planwhy_agent.config import Settings
from planwhy_agent.system.instance_lock import InstanceLock
from planwhy_agent.watch import Watch
from planwhy_agent.words import Words


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in [n for n in os.environ if n.startswith(("PLANWHY_", "XDG_", "WAYLAND_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PLANWHY_AGENT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PLANWHY_AGENT_RUNTIME_DIR", str(tmp_path / "run"))
    return Settings(data_dir=str(tmp_path / "data"), runtime_dir=str(tmp_path / "run"))


@pytest.mark.parametrize("name", ["WAYLAND_DISPLAY", "XDG_SESSION_TYPE"])
def test_status_and_doctor_name_a_wayland_session(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setenv(name, "wayland")
    monkeypatch.setenv("DISPLAY", ":0")
    assert cli.main(["status"]) == 0
    assert "unsupported: wayland" in capsys.readouterr().out
    assert cli.main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "unsupported: wayland" in said
    assert "on Xorg" in said


def test_an_old_state_of_an_agent_that_is_gone_says_nothing_of_the_session(settings: Settings) -> None:
    health.save_health(settings.runtime, told(remote=True))
    assert not status.report(settings, 0).remote


@pytest.mark.parametrize("remote", [True, False])
def test_status_tells_a_remote_session(settings: Settings, remote: bool) -> None:
    lock = InstanceLock(lock_path(settings))
    try:
        health.save_health(settings.runtime, told(remote))
        found, facts = status.report(settings, 0), condition.facts_of(settings, 0)
    finally:
        lock.release()
    assert found.remote is remote
    said = status_words.lines(facts, status.Counts(0, 0, 0, 0, {}), Words("en"), 0)
    assert ("remote session" in "\n".join(said)) is remote


def told(remote: bool) -> health.Health:
    return health.Health(os.getpid(), 0, 0, "active", 0, "xterm", 0, "", False, 0, health.Sending(), remote=remote)


def test_the_watch_passes_on_what_the_desktop_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    desktop = ScriptedDesktop()
    watch = Watch(lambda _titled: desktop, None)
    assert not watch.remote()
    watch.open()
    monkeypatch.setattr(desktop, "remote", lambda: True)
    assert watch.remote()
    watch.close()
