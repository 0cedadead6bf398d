"""Real processes for tests: the collector, the agent, and their command lines, each with folders of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from planwhy_collector.cli import main
from planwhy_collector.cli.context import settings

BIN = Path(sys.executable).parent
START_S = 30.0


def free_port() -> int:
    """A port that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(check: Callable[[], Any], within_s: float = START_S, every_s: float = 0.1) -> Any:
    """Wait until the check gives something true, and give that back."""
    end = time.monotonic() + within_s
    while not (found := check()):
        assert time.monotonic() < end, f"not within {within_s} s: {check}"
        time.sleep(every_s)
    return found


class Program:
    """A program that is started, stopped or killed, and whose output is kept in a file."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.command, self.environment, self.log = command, os.environ | environment, log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, appending to its log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.log.parent,
            )

    def kill(self) -> None:
        """End it like a power cut of this program: no handler runs."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self, within_s: float = 20) -> int:
        """Ask it to end and wait; its exit code."""
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=within_s)

    def end(self) -> None:
        """Make sure that nothing of it is left."""
        if self.process and self.process.poll() is None:
            self.kill()


class CollectorProgram(Program):
    """`planwhy serve` on a database of its own."""

    def __init__(self, folder: Path, database_url: str | None = None, **settings: object) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database_url = database_url or f"sqlite:///{folder / 'planwhy.sqlite3'}"
        environment = {"PLANWHY_DATABASE_URL": self.database_url, "PLANWHY_PORT": str(self.port)}
        environment |= {f"PLANWHY_{name.upper()}": str(value) for name, value in settings.items()}
        super().__init__([str(BIN / "planwhy"), "serve", "--scheduler"], environment, folder / "collector.log")

    def start(self) -> None:
        """Start it and wait until it answers."""
        super().start()
        eventually(self.ready)

    def ready(self) -> bool:
        """Whether it says that it is ready."""
        assert self.process
        assert self.process.poll() is None, self.log.read_text(encoding="utf-8")[-2000:]
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def command_line(self, *arguments: str, code: int = 0) -> str:
        """Run `planwhy …` against the same database; its standard output."""
        return run([str(BIN / "planwhy"), *arguments], self.environment, self.folder, code)

    def call(self, *arguments: str, code: int = 0) -> str:
        """The same within this process, where a process of its own would prove nothing more."""
        return call(arguments, self.environment, code)

    def json(self, *arguments: str) -> Any:
        """Call `planwhy …` and read the JSON it prints."""
        return json.loads(self.call(*arguments))


class AgentProgram(Program):
    """`planwhy-agent run` with data, configuration and runtime folders of its own."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        own = {
            "PLANWHY_AGENT_DATA_DIR": str(folder / "data"),
            "PLANWHY_AGENT_RUNTIME_DIR": str(folder / "run"),
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / ".config"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        super().__init__([str(BIN / "planwhy-agent"), "run"], environment | own, folder / "agent.log")

    def command_line(self, *arguments: str, code: int = 0) -> str:
        """Run `planwhy-agent …` with the same folders; its standard output."""
        return run([str(BIN / "planwhy-agent"), *arguments], self.environment, self.folder, code)


def call(arguments: Sequence[str], environment: dict[str, str], code: int = 0) -> str:
    """Call the command `planwhy …` within this process; its standard output. Fails unless it ends with the code."""
    settings.cache_clear()
    try:
        done = CliRunner().invoke(main, arguments, env=environment)
    finally:
        settings.cache_clear()
    assert done.exit_code == code, f"{arguments}: {done.exit_code}\n{done.output[-4000:]}\n{done.exception!r}"
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.stdout


def run(command: list[str], environment: dict[str, str], folder: Path, code: int = 0) -> str:
    """Run a command to its end; its standard output. Fails unless it ends with the code."""
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert done.returncode == code, f"{command}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout
