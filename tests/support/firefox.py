"""A real Firefox, driven through its own remote protocol (Marionette) over a loopback port that it chooses itself."""

import itertools
import json
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

PROGRAMS = ("firefox-esr", "firefox")
PREFERENCES = {
    "marionette.port": 0,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.aboutwelcome.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "termsofuse.bypassNotification": True,
}
ANSWER_S = 60.0


def program() -> str | None:
    """The Firefox that is installed here, ESR first."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Firefox:
    """One Firefox process on a profile folder; `before` is shell that runs first, in a mount namespace of its own."""

    def __init__(self, profile: Path, environment: dict[str, str], before: str) -> None:
        self.profile, self.environment, self.before = profile, environment, before
        self._ids = itertools.count(1)

    @property
    def pid(self) -> int:
        """The browser's main process."""
        return self.process.pid

    def start(self) -> None:
        """Start it, and a session with its first tab."""
        self.profile.mkdir(parents=True, exist_ok=True)
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
        (self.profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
        arguments = [
            "--marionette",
            "--remote-allow-system-access",
            "--no-remote",
            "--profile",
            str(self.profile),
            "about:blank",
        ]
        script = f'{self.before}exec {program()} "$@"'
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(
            ["unshare", "--mount", "bash", "-c", script, "-", *arguments],
            env=self.environment, stdout=quiet, stderr=quiet, stdin=quiet,
        )  # fmt: skip
        self._link = self._connected()
        self._read = self._link.makefile("rb")
        self._message()
        self.call("WebDriver:NewSession", capabilities={})

    def call(self, command: str, **parameters: Any) -> Any:
        """Send one command and wait for its result."""
        text = json.dumps([0, next(self._ids), command, parameters])
        self._link.sendall(f"{len(text.encode())}:{text}".encode())
        _, _, error, result = self._message()
        assert error is None, f"{command}: {error}"
        return result

    def open(self, url: str) -> None:
        """Go to an address in the current tab."""
        self.call("WebDriver:Navigate", url=url)

    def open_private(self, url: str) -> str:
        """Open an address in a private window; gives its handle, which is the current one then."""
        handle = self.call("WebDriver:NewWindow", type="window", focus=True, private=True)["handle"]
        self.switch(handle)
        self.open(url)
        return str(handle)

    def current(self) -> str:
        """The handle of the current tab."""
        return str(self.call("WebDriver:GetWindowHandle")["value"])

    def switch(self, handle: str) -> None:
        """Go on with another tab."""
        self.call("WebDriver:SwitchToWindow", handle=handle, focus=True)

    def close_tab(self) -> None:
        """Close the current tab."""
        self.call("WebDriver:CloseWindow")

    def inside(self, script: str) -> Any:
        """Run a script with the browser's own rights; the value that it returns."""
        self.call("Marionette:SetContext", value="chrome")
        try:
            return self.call("WebDriver:ExecuteScript", script=script, args=[])["value"]
        finally:
            self.call("Marionette:SetContext", value="content")

    def kill(self) -> None:
        """End it like a crash."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self) -> None:
        """End it, politely first."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.kill()

    def _connected(self) -> socket.socket:
        end, port = time.monotonic() + ANSWER_S, self.profile / "MarionetteActivePort"
        while True:
            assert self.process.poll() is None, "Firefox ended"
            assert time.monotonic() < end, "Firefox does not answer"
            try:
                return socket.create_connection(("127.0.0.1", int(port.read_text())), timeout=ANSWER_S)
            except (OSError, ValueError):
                time.sleep(0.1)

    def _message(self) -> Any:
        length = b""
        while (byte := self._read.read(1)) != b":":
            assert byte, "Firefox ended"
            length += byte
        return json.loads(self._read.read(int(length)))
