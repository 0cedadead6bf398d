"""What the agent puts on a machine goes away again: the home folder before enrolment and after `purge` is the same."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from agent_parts import stretches
from ingest_stub import ingest_stub
from planwhy_agent import cli
from planwhy_agent.spool import Spool

SUPPORT = Path(__file__).parents[1] / "support"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with things of its own, a secret store, nothing of the agent."""
    for name in [n for n in os.environ if n.startswith(("PLANWHY_", "XDG_", "LANG", "LC_", "DBUS_"))]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    for folder in (".config/chromium/Default", ".mozilla/firefox", "Documents", ".local/share/other"):
        (home / folder).mkdir(parents=True)
        (home / folder / "mine.txt").write_text("mine")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("PYTHONPATH", str(SUPPORT))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "stored_secrets.Keyring")
    monkeypatch.setenv("STORED_SECRETS", str(tmp_path / "secrets.json"))
    (tmp_path / "runtime").mkdir(mode=0o700)
    return home


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Each file and folder below, with its mode and content."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in folder.rglob("*")
    }


def lived_in(home: Path) -> Path:
    """A machine that was enrolled, recorded, was killed in the middle, paused, shown in a tray; its data folder."""
    with ingest_stub() as (_, url):
        assert cli.main(["enrol", "--url", url, "--code", "C", "--acknowledge-notice"]) == 0
    data = home / ".local" / "share" / "planwhy-agent"
    spool = Spool(data / "spool.sqlite3", recover=True)
    spool.write(stretches(3), None)
    spool.reserve()
    spool.close()
    for name in (
        "spool.sqlite3.damaged-1",
        "spool.sqlite3.damaged-1-wal",
        "spool-of-d0.sqlite3",
        ".policy.json.7.part",
    ):
        (data / name).write_bytes(b"x")
    (home.parent / "runtime" / "planwhy-agent" / "told.json").write_text("[]")
    assert cli.main(["pause", "15"]) == 0
    assert cli.main(["autostart", "on"]) == 0
    return data


def test_the_home_folder_is_as_it_was_before_enrolment(home: Path, tmp_path: Path, capsys) -> None:
    before = everything(home)
    lived_in(home)
    assert json.loads((tmp_path / "secrets.json").read_text()) == {"planwhy-agent/d1": "secret-token"}
    assert len(everything(home)) > len(before) + 15
    assert cli.main(["purge", "--yes"]) == 0
    assert (everything(home), everything(tmp_path / "runtime")) == (before, {})
    assert json.loads((tmp_path / "secrets.json").read_text()) == {}


def test_purge_tells_what_it_removed_and_how_much_was_not_sent(home: Path, capsys) -> None:
    data = lived_in(home)
    capsys.readouterr()
    cli.main(["purge", "--yes"])
    said = capsys.readouterr().out
    assert "not sent yet: 3 records" in said and "keyring: d1" in said
    for path in (data / "identity.json", data / "spool.reserve"):
        assert str(path) in said
    assert "  autostart\n" in said
    assert ".config/chromium/NativeMessagingHosts/com.planwhy.agent.json" in said
    cli.main(["purge", "--yes"])
    assert "There was nothing to remove" in capsys.readouterr().out


def test_a_damaged_identity_does_not_keep_the_rest_from_going(home: Path) -> None:
    before = everything(home)
    data = lived_in(home)
    (data / "identity.json").write_text("{")
    assert cli.main(["purge", "--yes"]) == 0
    assert everything(home) == before


def test_files_that_only_look_like_the_agents_stay(home: Path) -> None:
    data = lived_in(home)
    (data / "spooling.txt").write_text("mine")
    (data / "token.d").mkdir()
    assert cli.main(["purge", "--yes"]) == 0
    assert sorted(path.name for path in data.iterdir()) == ["spooling.txt", "token.d"]


def test_purge_without_a_yes_removes_nothing(home: Path, capsys) -> None:
    lived_in(home)
    before = everything(home).keys()
    assert cli.main(["purge"]) == 1
    assert everything(home).keys() == before


def test_a_real_agent_that_was_killed_leaves_nothing_behind_its_purge(home: Path) -> None:
    before = everything(home)
    with ingest_stub() as (_, url):
        cli.main(["enrol", "--url", url, "--code", "C", "--acknowledge-notice"])
        with _recording() as agent:
            agent.send_signal(signal.SIGKILL)
            agent.wait()
    assert cli.main(["purge", "--yes"]) == 0
    assert everything(home) == before


def _recording() -> subprocess.Popen[str]:
    """A real agent with a desktop that stands still, once it has written its first spans."""
    code = (
        "import sys\n"
        "from agent_parts import ScriptedDesktop\n"
        "from planwhy_agent.app import Agent\nfrom planwhy_agent.config import load_settings\n"
        "from planwhy_agent.sources.browser import BrowserTabs\nfrom planwhy_agent.watch import Watch\n"
        "import os\nsettings = load_settings(os.environ)\n"
        "watch = Watch(lambda titled: ScriptedDesktop(), BrowserTabs.open(settings.runtime))\nwatch.open()\n"
        "def told(what):\n print('recording', flush=True)\n"
        "Agent(settings, watch, told=told).run()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "recording\n"
    return process
