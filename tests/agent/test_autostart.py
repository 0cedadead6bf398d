"""Starting with the session: the files as their readers read them; launchd and systemd told through their programs."""

import os
import plistlib
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_agent import cli
from planwhy_agent.errors import ConfigError
from planwhy_agent.system import autostart, autostart_macos, autostart_systemd, autostart_xdg

RUN = ["-P", "-m", "planwhy_agent.cli", "run"]
NASTY = "/opt/a b/$HOME `id` \"x\" \\n 100%f %h 'q'/python"
PATHS = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc")), min_size=1)


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home, and programs called launchctl and systemctl that write down what they are told."""
    programs, log = tmp_path / "bin", tmp_path / "told"
    programs.mkdir()
    for name in ("launchctl", "systemctl"):
        (programs / name).write_text(f'#!/bin/sh\necho "{name} $*" >> "{log}"\nexit 5\n')
        (programs / name).chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    for name in ("XDG_CONFIG_HOME", "XDG_CURRENT_DESKTOP", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    return log


def managed(folder: Path, desktop: str) -> Mapping[str, str]:
    """The environment of a session that systemd looks after."""
    (folder / "systemd").mkdir()
    (folder / "systemd" / "private").touch()
    return {"XDG_RUNTIME_DIR": str(folder), "XDG_CURRENT_DESKTOP": desktop}


def exec_of(path: Path) -> list[str]:
    """The command of a desktop entry, read by the rules of its specification: value, then quoting, then codes."""
    line = re.search(r"^Exec=(.*)$", path.read_text(), re.MULTILINE)
    assert line
    value = re.sub(r"\\(.)", lambda m: {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}[m[1]], line[1])
    found = re.findall(r'"((?:\\["`$\\]|[^"`$\\])*)"|([^ "]+)', value)
    words = [re.sub(r'\\(["`$\\])', r"\1", quoted) if quoted else bare for quoted, bare in found]
    return [re.sub(r"%(.)", lambda m: {"%": "%"}[m[1]], word) for word in words]


@pytest.mark.parametrize("program", ["/usr/bin/python3", NASTY])
def test_the_desktop_starts_this_very_python(told: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(sys, "executable", program)
    words = exec_of(Path(autostart.switch_on({})))
    assert words[-5:] == [program, *RUN]
    assert words[:-5] == ([] if "%" not in program else ["/bin/sh", "-c", 'exec "$0" "$@"'])


@given(PATHS)
def test_whatever_a_path_holds_is_read_back_by_the_rules(program: str) -> None:
    value = re.sub(r"\\\\", lambda _m: "\\", autostart_xdg._quoted(program))
    assert re.sub(r'\\(["`$\\])', r"\1", value).replace("%%", "%") == program
    assert not re.search(r'(?<!\\)(\\\\)*["`$]', value)


def test_the_entry_is_one_that_desktops_accept(told: Path) -> None:
    path = autostart.switch_on({})
    if shutil.which("desktop-file-validate") is None:
        pytest.skip("needs desktop-file-validate")
    assert subprocess.run(["desktop-file-validate", path], capture_output=True, check=False).stdout == b""


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_an_entry_that_the_person_switched_off_is_off(told: Path, line: str) -> None:
    path = Path(autostart.switch_on({}))
    assert autostart.is_on({})
    path.write_text(path.read_text() + line + "\n")
    assert not autostart.is_on({})


@pytest.mark.parametrize(
    ("desktop", "managed_now", "kind"),
    [
        ("i3", True, ".service"),
        ("i3", False, ".desktop"),
        ("XFCE", True, ".desktop"),
        ("ubuntu:GNOME", True, ".desktop"),
        ("sway:wlroots", True, ".desktop"),
        ("", True, ".desktop"),
    ],
)
def test_a_unit_is_taken_where_nobody_reads_the_folder(
    told: Path, tmp_path: Path, desktop: str, managed_now: bool, kind: str
) -> None:
    environment = managed(tmp_path, desktop) if managed_now else {"XDG_CURRENT_DESKTOP": desktop}
    assert Path(autostart.switch_on(environment)).suffix == kind


@pytest.mark.parametrize("first", [True, False])
def test_there_is_never_more_than_one_way_on(told: Path, first: bool) -> None:
    for systemd in (first, not first):
        autostart.switch_on({}, systemd)
        assert (autostart_systemd.is_on({}), autostart_xdg.is_on({})) == (systemd, not systemd)
    assert autostart.switch_off({})
    assert not autostart.is_on({})
    assert not autostart.switch_off({})


def test_the_unit_starts_this_very_python_with_the_session(told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", NASTY)
    unit = Path(autostart.switch_on({}, systemd=True))
    text = unit.read_text()
    command = re.search(r"^ExecStart=(.*)$", text, re.MULTILINE)
    assert command
    words = [re.sub(r"[$%].?", lambda m: {"$$": "$", "%%": "%"}[m[0]], word) for word in shlex.split(command[1])]
    assert words == ["/bin/sh", "-c", 'exec "$0" "$@"', NASTY, *RUN]
    assert (unit.parent / "graphical-session.target.wants" / unit.name).resolve() == unit
    assert {"Restart=on-failure", "RestartSec=30", "StartLimitIntervalSec=600", "StartLimitBurst=10"} <= set(
        text.splitlines()
    )
    assert "WantedBy=graphical-session.target" in text.splitlines()
    assert told.read_text() == "systemctl --user daemon-reload\n"


def test_a_unit_for_a_path_with_every_special_character_is_accepted(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze")
    monkeypatch.setattr(sys, "executable", NASTY)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    command = ["systemd-analyze", "--user", "verify", autostart.switch_on({}, systemd=True)]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_systemd_is_refused_where_there_is_none(told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autostart, "_ways", lambda: {"macos": autostart_macos})
    with pytest.raises(ConfigError, match="--systemd"):
        autostart.switch_on({}, systemd=True)


def test_launchd_is_told_and_reads_what_to_run(told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", NASTY)
    path = Path(autostart_macos.switch_on({}))
    agent = plistlib.loads(path.read_bytes())
    assert (path.name, agent["ProgramArguments"]) == (f"{agent['Label']}.plist", [NASTY, *RUN])
    assert (agent["LimitLoadToSessionType"], agent["RunAtLoad"]) == ("Aqua", True)
    assert agent["KeepAlive"] == {"SuccessfulExit": False}
    session = f"gui/{os.getuid()}"
    assert told.read_text().splitlines() == [
        f"launchctl bootout {session}/com.planwhy.agent",
        f"launchctl enable {session}/com.planwhy.agent",
        f"launchctl bootstrap {session} {path}",
    ]


def test_a_launch_agent_comes_and_goes(told: Path) -> None:
    assert not autostart_macos.switch_off({})
    path = Path(autostart_macos.switch_on({}))
    assert autostart_macos.is_on({})
    assert autostart_macos.switch_off({})
    assert told.read_text().splitlines()[-1] == f"launchctl bootout gui/{os.getuid()}/com.planwhy.agent"
    assert not path.exists()


def test_a_system_without_launchctl_or_systemctl_still_writes_the_files(
    told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert Path(autostart_macos.switch_on({})).exists()
    assert Path(autostart_systemd.switch_on({})).exists()


def test_the_command_tells_whether_it_is_on(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["autostart"]) == 1
    assert cli.main(["autostart", "on", "--systemd"]) == 0
    assert cli.main(["autostart"]) == 0
    assert cli.main(["autostart", "off"]) == 0
    assert cli.main(["autostart"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "The agent does not start with the session"
