"""Start with the person's session on a desktop that keeps to XDG: one file of its autostart folder.

In: on or off. Out: the file, or none. Never: another person's session, administrator rights.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from planwhy_agent.files import read_or_none, write_whole

NAME = "planwhy-agent.desktop"
BARE = frozenset(
    {"i3", "sway", "hyprland", "bspwm", "dwm", "awesome", "herbstluftwm", "qtile", "xmonad", "river", "niri"}
)
"""Window managers that read no autostart folder, by what they call themselves in XDG_CURRENT_DESKTOP."""
_BECOME = 'exec "$0" "$@"'
"""Lets a shell become the program that is named next."""
_OFF = ("Hidden=true", "X-GNOME-Autostart-enabled=false")
"""Lines by which the settings of a desktop switch an entry off."""


def switch_on(environment: Mapping[str, str]) -> str:
    """Start the agent with every session from now on; the file that says so. Raises OSError."""
    path = _path(environment)
    lines = (
        "[Desktop Entry]",
        "Type=Application",
        "Name=Planwhy agent",
        "Name[ru]=Агент Planwhy",
        "Comment=Records which windows are in front, as the notice says",
        "Comment[ru]=Записывает, какие окна открыты на переднем плане, как сказано в уведомлении",
        f"Exec={_program(sys.executable)} -P -m planwhy_agent.cli run",
        "Terminal=false",
        "NoDisplay=true",
    )
    write_whole(path, ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape"))
    return str(path)


def switch_off(environment: Mapping[str, str]) -> bool:
    """Start it no more; whether it was started before. Raises OSError."""
    found = is_on(environment)
    _path(environment).unlink(missing_ok=True)
    return found


def is_on(environment: Mapping[str, str]) -> bool:
    """Whether the desktop starts it: the file is there and nobody switched it off in the desktop's settings."""
    text = (read_or_none(_path(environment)) or b"").decode("utf-8", "replace")
    lines = {line.strip() for line in text.splitlines()}
    return bool(lines) and not any(off in lines for off in _OFF)


def is_read_by(environment: Mapping[str, str]) -> bool:
    """Whether the desktop of this session reads the folder; one that does not tell its name is taken to do so."""
    names = {name.lower() for name in environment.get("XDG_CURRENT_DESKTOP", "").split(":") if name}
    return not names or not names <= BARE


def _path(environment: Mapping[str, str]) -> Path:
    """Where the desktop looks for programs to start with the session."""
    named = environment.get("XDG_CONFIG_HOME")
    return (Path(named) if named else Path.home() / ".config") / "autostart" / NAME


def _program(path: str) -> str:
    """Name the program for the Exec key. Desktops look for it before they read `%%`, and none may have a `=` in it."""
    through = f'/bin/sh -c "{_quoted(_BECOME)}" ' if set(path) & set("%=") else ""
    return f'{through}"{_quoted(path)}"'


def _quoted(text: str) -> str:
    """Quote for the Exec key of a desktop entry: the argument's own escapes, and once more those of every value."""
    for character in '\\"`$':
        text = text.replace(character, f"\\{character}")
    return text.replace("\\", "\\\\").replace("%", "%%")
