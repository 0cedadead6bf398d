"""Reading and acknowledging the notice without a terminal: only a yes that was given is one."""

import os
import sys
from pathlib import Path

import pytest
from desktop import virtual_desk, wait_for
from ingest_stub import ingest_stub
from planwhy_agent import cli
from planwhy_agent.policy import PolicyStore


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of an enrolled machine whose notice nobody has read; nothing on the path but Python."""
    for name in [n for n in os.environ if n.startswith(("PLANWHY_", "XDG_", "LANG", "LC_", "DBUS_", "DISPLAY"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PLANWHY_AGENT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PLANWHY_AGENT_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with ingest_stub() as (_, url):
        cli.main(["enrol", "--url", url, "--code", "C"])
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    (tmp_path / "programs").mkdir()
    return tmp_path / "data"


def program(data: Path, code: int) -> Path:
    """A stand-in for the desktop's program: keeps what it was called with and the text, ends with a code."""
    path = data.parent / "programs" / "zenity"
    path.write_text(
        f"#!{sys.executable}\nimport sys\nfrom pathlib import Path\n"
        "name = next(a for a in sys.argv if a.startswith('--filename='))[11:]\n"
        f"Path({str(data.parent / 'called')!r}).write_text(repr(sys.argv) + Path(name).read_text('utf-8'), 'utf-8')\n"
        f"sys.exit({code})\n"
    )
    path.chmod(0o700)
    return data.parent / "called"


@pytest.mark.parametrize(("code", "acknowledged"), [(0, "n1"), (1, None)])
def test_only_yes_is_yes(data: Path, code: int, acknowledged: str | None) -> None:
    called = program(data, code)
    assert cli.main(["notice", "--window", "--lang", "ru"]) == 0
    assert PolicyStore(data).acknowledged() == acknowledged
    arguments, _, text = called.read_text("utf-8").partition("]")
    assert "--ok-label=Прочитано" in arguments
    assert (arguments.count("Что записывается"), text) == (1, "Что записывается")  # the title alone


def test_a_window_that_fails_is_no_and_says_to_use_a_terminal(data: Path, capsys) -> None:
    program(data, 5)
    assert cli.main(["notice", "--window"]) == 1
    assert PolicyStore(data).acknowledged() is None
    assert "no_window" in capsys.readouterr().err


def test_without_any_program_and_without_a_display_it_says_so(data: Path, capsys) -> None:
    assert cli.main(["notice", "--window"]) == 1
    assert "no_window" in capsys.readouterr().err


def test_the_status_comes_in_a_window_too(data: Path) -> None:
    called = program(data, 1)
    assert cli.main(["status", "--window", "--lang", "en"]) == 0
    assert "Now\n    The notice is not acknowledged: nothing is recorded" in called.read_text("utf-8")
    assert "--ok-label=Open my page" in called.read_text("utf-8")


@pytest.mark.desktop
def test_the_window_of_our_own_takes_a_yes_by_its_button_only(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tkinter")
    monkeypatch.undo()
    with virtual_desk() as desk:
        for keys, answer in (("Escape", 1), ("Tab space", 0)):
            text = data.parent / "text"
            text.write_text("Что записывается на этом компьютере", encoding="utf-8")
            words = ["Notice", str(text), "Not now", "I have read this"]
            window = desk.program([sys.executable, "-m", "planwhy_agent.tray.window_tk", *words])
            desk.focus(wait_for(desk.windows)[-1])
            for key in keys.split():
                desk.type(key)
            assert window.wait(10) == answer
