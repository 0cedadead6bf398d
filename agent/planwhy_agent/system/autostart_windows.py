"""Start with the person's session on Windows: one value under the user's own Run key.

In: on or off. Out: the value, or none. Never: another person's session, administrator rights, a console window.
"""

import subprocess
import sys
import winreg
from collections.abc import Mapping
from pathlib import Path

assert sys.platform == "win32"  # noqa: S101  for the type checker: what follows exists on Windows only

KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
NAME = "Planwhy agent"


def switch_on(_environment: Mapping[str, str]) -> str:
    """Start the agent with every session from now on; the value that says so. Raises OSError."""
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, KEY) as key:
        winreg.SetValueEx(key, NAME, 0, winreg.REG_SZ, _command())
    return rf"HKEY_CURRENT_USER\{KEY}\{NAME}"


def switch_off(environment: Mapping[str, str]) -> bool:
    """Start it no more; whether it was started before. Raises OSError."""
    if not is_on(environment):
        return False
    with winreg.OpenKey(winreg.HKEY_CURRENT_USER, KEY, 0, winreg.KEY_SET_VALUE) as key:
        winreg.DeleteValue(key, NAME)
    return True


def is_on(_environment: Mapping[str, str]) -> bool:
    """Whether the session starts it."""
    try:
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, KEY) as key:
            winreg.QueryValueEx(key, NAME)
    except FileNotFoundError:
        return False
    return True


def _command() -> str:
    """The command line; `pythonw.exe` has no console. `-P` keeps the session's first folder off the import path."""
    windowless = Path(sys.executable).with_name("pythonw.exe")
    program = windowless if windowless.exists() else Path(sys.executable)
    return subprocess.list2cmdline([str(program), "-P", "-m", "planwhy_agent.cli", "run"])
