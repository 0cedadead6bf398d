"""The demo's programs: started in sessions of their own, stopped in order, and never outliving the demo.

In: commands. Out: running programs with a log each. Never: a signal to a process that was not started here.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from planwhy_collector.errors import Unavailable
from planwhy_collector.lifeline import end_with_parent

STOP_S = 15.0
READY_S = 60.0


class Child:
    """A program of the demo. Use it in a `with` block, which stops it.

    `pipe`: its output is read, not logged, and it ends by itself when its input does.
    """

    def __init__(
        self,
        name: str,
        command: list[str],
        environment: Mapping[str, str],
        log: Path,
        folder: Path,
        pipe: bool = False,
    ) -> None:
        self.name, self.log = name, log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                command,
                env=environment,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if pipe else out,
                stderr=out,
                start_new_session=True,
                preexec_fn=end_with_parent if sys.platform == "linux" and not pipe else None,  # noqa: PLW1509  one thread only
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def stop(self) -> None:
        """Ask it to end, wait, and make sure that nothing of it is left."""
        if self.alive:
            self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_S)
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)  # its session: it and what it started
        elif self.alive:
            self.process.kill()
        self.process.wait()
        for end in (self.process.stdin, self.process.stdout):
            if end:
                end.close()

    def last_words(self) -> str:
        """The last line that it wrote."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else "nothing"


def wait_ready(child: Child, url: str) -> None:
    """Wait until the collector says that it is ready. Raises Unavailable where it ends or takes too long."""
    end = time.monotonic() + READY_S
    while not _answers(f"{url}/readyz"):
        if not child.alive or time.monotonic() > end:
            raise Unavailable(f"the {child.name} did not start ({child.last_words()}); see {child.log}")
        time.sleep(0.1)


def clean_environment() -> dict[str, str]:
    """This process's environment without settings of Planwhy: the demo has its own."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PLANWHY_")}


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  our own loopback address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
