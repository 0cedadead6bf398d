"""A window with a text, and a yes or no, from whatever this desktop has for it; for people without a terminal.

In: a title, a text, words for the buttons. Out: whether the person agreed. Never: an agreement nobody gave: a window
that is closed, fails or cannot be opened is no.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from planwhy_agent.errors import NoWindow
from planwhy_agent.words import Words

WIDTH, HEIGHT = 940, 640


@dataclass(frozen=True, slots=True)
class Asked:
    """What a window shows. `yes` is empty where there is nothing to choose."""

    title: str
    path: Path
    no: str
    yes: str


def chosen(title: str, text: str, no: str, yes: str) -> bool:
    """Show a text with two buttons; whether `yes` was chosen. Raises NoWindow."""
    with _as_file(text) as path:
        return _answer(Asked(title, path, no, yes)) == 0


def agreed(title: str, text: str, say: Words) -> bool:
    """Show a text and ask whether it was read. Raises NoWindow."""
    with _as_file(text) as path:
        return _answer(Asked(title, path, say("Not now"), say("I have read this"))) == 0


def _answer(asked: Asked) -> int:
    """0 for yes, 1 for no."""
    for command in (*(make(asked) for name, make in _COMMANDS if shutil.which(name)), _tk(asked)):
        done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode in (0, 1):
            return done.returncode
    raise NoWindow("no window can be opened here; use a terminal")


@contextmanager
def _as_file(text: str) -> Iterator[Path]:
    """Texts go by a file, which only its owner can read: a command line can be seen by others."""
    with tempfile.TemporaryDirectory(prefix="planwhy-") as folder:
        path = Path(folder) / "text"
        path.write_text(text, encoding="utf-8")
        yield path


def _zenity(asked: Asked) -> list[str]:
    size = [f"--width={WIDTH}", f"--height={HEIGHT}"]
    buttons = [f"--cancel-label={asked.no}", f"--ok-label={asked.yes or asked.no}"]
    return ["zenity", "--text-info", f"--title={asked.title}", f"--filename={asked.path}", *size, *buttons]


def _tk(asked: Asked) -> list[str]:
    """Python's own toolkit, where Python was installed with it."""
    return [
        sys.executable,
        "-P",
        "-m",
        "planwhy_agent.tray.window_tk",
        asked.title,
        str(asked.path),
        asked.no,
        asked.yes,
    ]


_COMMANDS: tuple[tuple[str, Callable[[Asked], list[str]]], ...] = (("zenity", _zenity),)
"""Programs that open windows, the best first; one that fails gives way to the next."""
