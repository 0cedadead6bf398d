"""Start with the session on Windows: a value that the session's start reads, and that the shell can run."""

import subprocess
import sys

import pytest

if sys.platform != "win32":
    pytest.skip("Windows only; under Wine by `make wine`", allow_module_level=True)

import winreg

from planwhy_agent import cli
from planwhy_agent.system import autostart
from planwhy_agent.system.autostart_windows import KEY, NAME


def value() -> str:
    with winreg.OpenKey(winreg.HKEY_CURRENT_USER, KEY) as key:
        return str(winreg.QueryValueEx(key, NAME)[0])


def test_on_and_off_come_and_go(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["autostart", "on"]) == 0
    assert rf"HKEY_CURRENT_USER\{KEY}" in capsys.readouterr().out
    assert autostart.is_on({})
    assert cli.main(["autostart", "off"]) == 0
    assert not autostart.is_on({})
    assert cli.main(["autostart", "off"]) == 0
    assert "did not start" in capsys.readouterr().out


def test_the_session_starts_it_without_a_console(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["autostart", "on"])
    words = value()
    cli.main(["autostart", "off"])
    assert "pythonw.exe" in words
    assert words.endswith("-P -m planwhy_agent.cli run")
    assert subprocess.run(words.replace(" run", " stop"), check=False).returncode == 0
