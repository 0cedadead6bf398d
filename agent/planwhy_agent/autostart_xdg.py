"""Start with the person's session on a desktop that keeps to XDG: one file of its autostart folder.

In: on or off. Out: the file, or none. Never: another person's session, administrator rights.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from planwhy_agent.files import write_whole

NAME = "planwhy-agent.desktop"


def switch_on(environment: Mapping[str, str]) -> str:
    """Start the agent with every session from now on; the file that says so. Raises OSError."""
    path = _path(environment)
    command = f'"{_quoted(sys.executable)}" -m planwhy_agent.cli run'
    lines = ("[Desktop Entry]", "Type=Application", "Name=Planwhy agent", f"Exec={command}", "NoDisplay=true")
    write_whole(path, ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape"))
    return str(path)


def switch_off(environment: Mapping[str, str]) -> bool:
    """Start it no more; whether it was started before. Raises OSError."""
    found = is_on(environment)
    _path(environment).unlink(missing_ok=True)
    return found


def is_on(environment: Mapping[str, str]) -> bool:
    """Whether the desktop starts it."""
    return _path(environment).exists()


def _path(environment: Mapping[str, str]) -> Path:
    """Where the desktop looks for programs to start with the session."""
    named = environment.get("XDG_CONFIG_HOME")
    return (Path(named) if named else Path.home() / ".config") / "autostart" / NAME


def _quoted(text: str) -> str:
    """Quote for the Exec key of a desktop entry, whose own escapes come on top of the shell's."""
    for character in '\\"`$':
        text = text.replace(character, f"\\\\{character}")
    return text.replace("%", "%%")
