"""Start with the person's session where systemd looks after it: one unit of the person's own manager.

In: on or off. Out: the unit and its link, or none. Never: the system's manager, administrator rights, a unit started or
stopped now.
"""

import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from planwhy_agent.files import write_whole

NAME = "planwhy-agent.service"
TARGET = "graphical-session.target"
RELOAD_S = 20.0
AGAIN_S, PATIENCE_S = 30, 600
"""How long after a failure it is started again, and over how long failures add up: a session in which it can never
work, such as Wayland, is not tried for ever."""
_SHELL = """/bin/sh -c 'exec "$$0" "$$@"'"""
"""Becomes the program named next: systemd refuses a program whose own path has quotes, `$` or `*` in it."""


def switch_on(environment: Mapping[str, str]) -> str:
    """Start the agent with every graphical session from now on; the unit that says so. Raises OSError."""
    path, link = _paths(environment)
    lines = (
        "[Unit]",
        "Description=Planwhy agent",
        f"PartOf={TARGET}",
        f"After={TARGET}",
        f"StartLimitIntervalSec={PATIENCE_S}",
        f"StartLimitBurst={PATIENCE_S // AGAIN_S // 2}",
        "",
        "[Service]",
        f'ExecStart={_SHELL} "{_quoted(sys.executable)}" -P -m planwhy_agent.cli run',
        "Restart=on-failure",
        f"RestartSec={AGAIN_S}",
        "",
        "[Install]",
        f"WantedBy={TARGET}",
    )
    write_whole(path, ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape"))
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(path)
    _reload()
    return str(path)


def switch_off(environment: Mapping[str, str]) -> bool:
    """Start it no more; whether it was started before. Raises OSError."""
    path, link = _paths(environment)
    found = is_on(environment)
    if path.exists() or link.is_symlink():
        path.unlink(missing_ok=True)
        link.unlink(missing_ok=True)
        _reload()
    return found


def is_on(environment: Mapping[str, str]) -> bool:
    """Whether the session starts it: the unit is there and enabled."""
    path, link = _paths(environment)
    return path.exists() and link.is_symlink()


def looks_after(environment: Mapping[str, str]) -> bool:
    """Whether a manager of this person runs now."""
    runtime = environment.get("XDG_RUNTIME_DIR")
    return bool(runtime) and (Path(runtime or "") / "systemd" / "private").exists()


def _paths(environment: Mapping[str, str]) -> tuple[Path, Path]:
    """The unit, and the link by which it is enabled, as `systemctl --user enable` would make it."""
    named = environment.get("XDG_CONFIG_HOME")
    folder = (Path(named) if named else Path.home() / ".config") / "systemd" / "user"
    return folder / NAME, folder / f"{TARGET}.wants" / NAME


def _quoted(text: str) -> str:
    """Quote for a command line of systemd: its own escapes, and `%` and `$`, which stand for something."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return text.replace("%", "%%").replace("$", "$$")


def _reload() -> None:
    """Let a manager that runs know; where none does, it reads its units when the person logs in."""
    with suppress(OSError, subprocess.SubprocessError):
        quiet = subprocess.DEVNULL
        subprocess.run(
            ["systemctl", "--user", "daemon-reload"],
            check=False, stdin=quiet, stdout=quiet, stderr=quiet, timeout=RELOAD_S,
        )  # fmt: skip
