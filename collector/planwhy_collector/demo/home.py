"""The demo's folder: what lies in it, whether it is complete, and that no other demo uses it.

In: a path. Out: a Home. Never: a file of anybody else's; a folder that is not a demo's is refused.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planwhy_collector.errors import ConfigError

_MARKER = "demo.json"
_OWN = ("simulated", "planwhy.sqlite3", "planwhy.sqlite3-wal", "planwhy.sqlite3-shm", "agent", "agent-run")
"""What a first start makes; a start that was cut short is swept away and made anew."""


@dataclass(frozen=True, slots=True)
class Home:
    """A demo's folder."""

    folder: Path

    @property
    def database_url(self) -> str:
        """The embedded database."""
        return f"sqlite:///{self.folder / 'planwhy.sqlite3'}"

    @property
    def simulated(self) -> Path:
        """The simulated team's files."""
        return self.folder / "simulated"

    @property
    def agent(self) -> Path:
        """The real agent's spool and identity."""
        return self.folder / "agent"

    @property
    def state(self) -> dict[str, Any]:
        """What was noted: `ready` once the first start is complete, and the `port` used last."""
        try:
            read = json.loads((self.folder / _MARKER).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return read if isinstance(read, dict) else {}

    def note(self, **values: Any) -> None:
        """Note something for the next start; the file is replaced in one step."""
        fresh = self.folder / f"{_MARKER}.new"
        fresh.write_text(json.dumps(self.state | values), encoding="utf-8")
        fresh.replace(self.folder / _MARKER)

    def log(self, name: str) -> Path:
        """Where a program's output goes."""
        return self.folder / f"{name}.log"


def opened(folder: Path) -> Home:
    """Open a demo's folder, new or used before. Raises ConfigError for a folder that holds other things."""
    home = Home(folder.resolve())
    try:
        home.folder.mkdir(parents=True, exist_ok=True)
        if any(home.folder.iterdir()) and not (home.folder / _MARKER).exists():
            raise ConfigError(f"{folder}: not empty and not a demo's folder; give another one with --dir")
        home.note()
    except OSError as error:
        raise ConfigError(f"{folder}: {error.strerror or error}") from None
    return home


def sweep(home: Home) -> None:
    """Remove what a first start that was cut short has left."""
    for name in _OWN:
        path = home.folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def alone(home: Home) -> Iterator[None]:
    """Hold the folder for this process. Raises ConfigError where a demo runs in it already."""
    with (home.folder / "lock").open("w") as file:
        with suppress(ImportError):  # there is no fcntl on Windows
            import fcntl  # noqa: PLC0415

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise ConfigError(f"{home.folder}: a demo runs in this folder already") from None
        yield
