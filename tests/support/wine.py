"""Windows programs under Wine: the Python that `make wine` puts together, and the folders as it sees them."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from planwhy_agent.virtual import missing_programs, virtual_display

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "wine"
PYTHON = FOLDER / "python.exe"
_PLACES = ("wine64", "/usr/lib/wine/wine64", "wine")


def wine_program() -> str | None:
    """Where Wine is; Debian's package leaves it off the path."""
    return next((found for name in _PLACES if (found := shutil.which(name))), None)


def missing() -> str:
    """Why nothing can be run; empty where it can."""
    if wine_program() is None:
        return "Wine is not installed"
    return "" if PYTHON.exists() else "the Windows Python is not put together; `make wine` does it"


def seen_from_windows(path: Path) -> str:
    """The same file by the name that it has there."""
    return "Z:" + str(path.absolute()).replace("/", "\\")


def environment(**more: str) -> dict[str, str]:
    """What a Windows program needs of the environment, to be added to this process's own."""
    quiet = {"WINEDEBUG": "-all", "WINEPREFIX": str(FOLDER / "prefix"), "LC_ALL": "C.UTF-8"}
    return quiet | {"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"} | more


def command(*arguments: str) -> list[str]:
    """The command line that runs the Windows Python with arguments."""
    return [wine_program() or "wine64", str(PYTHON), *arguments]


def run(arguments: Sequence[str], more: Mapping[str, str], within_s: float) -> tuple[int, str]:
    """Run the Windows Python to its end; its exit code and what it said."""
    done = subprocess.run(
        command(*arguments),
        env=os.environ | environment(**more),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,  # where its output is a file, a program in Python ends at its start under Wine
        stderr=subprocess.STDOUT,
        timeout=within_s,
        check=False,
    )
    return done.returncode, done.stdout.decode("utf-8", "replace")


@contextmanager
def desktop() -> Iterator[dict[str, str]]:
    """A screen for its windows, as an environment; an empty one where this machine can make none."""
    if missing_programs():
        yield {}
        return
    with virtual_display() as display:
        yield {"DISPLAY": display}
