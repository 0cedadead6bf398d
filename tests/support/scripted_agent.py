"""A real agent process whose desktop is a script: `python scripted_agent.py` with the agent's environment.

Its windows change every 20 ms and carry planted secrets, so that kills hit it at work and leaks show.
"""

import logging
import os
import sys
import threading
import time

from agent_parts import ScriptedDesktop
from planwhy_agent.app import Agent
from planwhy_agent.cli import main as agent_command
from planwhy_agent.config import load_settings
from planwhy_agent.errors import AgentError
from planwhy_agent.sources.base import Window
from planwhy_agent.watch import Watch

SECRETS = ("4111 1111 1111 1111", "planted.person@example.com", "hunter2-planted", "planted-chat-partner")
WINDOWS = [
    Window("xterm", f"Карта {SECRETS[0]}", 1),
    Window("soffice", f"Письмо {SECRETS[1]}", 2),
    Window("gedit", f"пароль: {SECRETS[2]}", 3),
    Window("telegram-desktop", SECRETS[3], 4),
]


class Restless(ScriptedDesktop):
    """Changes its window whenever it is looked at, and asks to be looked at every 20 ms."""

    def __init__(self) -> None:
        super().__init__(WINDOWS)
        if not os.environ.get("SCRIPTED_QUIET"):
            threading.Thread(target=self._stir, daemon=True).start()

    def read(self) -> Window | None:
        os.read(self._read_fd, 4096)
        return super().read()

    def _stir(self) -> None:
        while True:
            os.write(self._write_fd, b"\0")
            time.sleep(0.02)


class Patient(Restless):
    """The same, for a loop that also looks when nothing has happened."""

    def __init__(self) -> None:
        super().__init__()
        os.set_blocking(self._read_fd, False)

    def read(self) -> Window | None:
        try:
            return super().read()
        except BlockingIOError:
            return self.windows[self.turn % len(self.windows)]


class Polled(ScriptedDesktop):
    """The same where a pipe cannot be waited on: looked at every 20 ms."""

    def __init__(self) -> None:
        super().__init__(WINDOWS)

    def filenos(self) -> tuple[int, ...]:
        """None."""
        return ()

    def poll_ms(self) -> int:
        """20 ms."""
        return 20


def main() -> int:
    """Enrol with the stub where asked to, else record."""
    if len(sys.argv) > 1:
        return agent_command(sys.argv[1:])
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    desktop = Polled if sys.platform == "win32" else Patient
    try:
        return Agent(load_settings(os.environ), Watch(lambda _titled: desktop(), None)).run()
    except AgentError as error:
        sys.stderr.write(f"{error.slug}: {error.detail}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
