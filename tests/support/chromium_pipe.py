"""A real Chromium with the real extension, driven through its debugging pipe."""

import itertools
import json
import os
import select
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

ANSWER_S = 30.0
TRIES = 6
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-component-update",
    "--no-first-run",
    "--no-default-browser-check",
    "--password-store=basic",
    "--lang=en",
    "--disable-features=Translate",
    "--remote-debugging-pipe",
    "--enable-unsafe-extension-debugging",
)


class Silent(AssertionError):
    """The browser gave no answer in time."""


class Chromium:
    """One Chromium process on a profile folder."""

    def __init__(
        self,
        profile: Path,
        environment: dict[str, str],
        flags: tuple[str, ...] = (),
        unpacked: Path | None = None,
        before: str = "",
    ) -> None:
        """`unpacked` is the extension's folder, None where a policy brings it; `before` is shell that runs first, in a
        mount namespace of its own."""
        self.profile, self.environment, self.flags = profile, environment, flags
        self.unpacked, self.before, self.extension_id = unpacked, before, ""
        self._first = ""
        self.process: subprocess.Popen[bytes] | None = None
        self._ids = itertools.count(1)

    @property
    def pid(self) -> int:
        """The browser's main process."""
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start it, and load the extension."""
        self.profile.mkdir(parents=True, exist_ok=True)
        command_reader, self._commands = os.pipe()
        self._answers, answer_writer = os.pipe()
        quiet = subprocess.DEVNULL
        # Chromium reads commands from descriptor 3 and answers on 4; a shell that knows larger numbers puts ours there.
        script = f'{self.before}exec 3<&{command_reader} 4>&{answer_writer}; exec chromium "$@"'
        command = [
            *(("unshare", "--mount") if self.before else ()),
            "bash",
            "-c",
            script,
            "chromium",
            *FLAGS,
            *(("--disable-background-networking",) if self.unpacked else ()),  # a policy's package is fetched so
            f"--user-data-dir={self.profile}",
            *self.flags,
            "about:blank",
        ]
        try:
            self.process = subprocess.Popen(
                command, env=self.environment, pass_fds=(command_reader, answer_writer), stdout=quiet, stderr=quiet
            )
        finally:
            os.close(command_reader)
            os.close(answer_writer)
        self._held = b""
        if self.unpacked is not None:
            self.extension_id = self.call("Extensions.loadUnpacked", path=str(self.unpacked))["id"]

    def call(self, method: str, session: str | None = None, within_s: float = ANSWER_S, **parameters: Any) -> Any:
        """Send one command of the debugging protocol and wait for its result. Raises Silent without one in time."""
        number = next(self._ids)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + within_s
        while (left := end - time.monotonic()) > 0:
            answer = self._next(left)
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
        raise Silent(f"{method}: no answer")

    def open(self, url: str) -> None:
        """Go to an address in the tab in front."""
        self.call("Page.navigate", self._tab(), url=url)

    def evaluate(self, expression: str, awaited: bool = False) -> Any:
        """Run JavaScript in the tab in front and give its value, or what it promises."""
        answer = self.call(
            "Runtime.evaluate", self._tab(), expression=expression, returnByValue=True, awaitPromise=awaited
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"]["value"]

    def act(self, expression: str) -> None:
        """Run JavaScript in the tab in front as if the person had clicked."""
        answer = self.call("Runtime.evaluate", self._tab(), expression=expression, userGesture=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]

    def open_incognito(self, url: str) -> str:
        """Open an address in a private window; gives the id of its target."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        return str(self.call("Target.createTarget", url=url, browserContextId=context, newWindow=True)["targetId"])

    def open_window(self, url: str) -> str:
        """Open an address in another ordinary window."""
        return str(self.call("Target.createTarget", url=url, newWindow=True)["targetId"])

    def new_tab(self, url: str) -> str:
        """Open an address in another tab of the window in front."""
        return str(self.call("Target.createTarget", url=url)["targetId"])

    def close_target(self, target: str) -> None:
        """Close a tab or a window with one tab."""
        self.call("Target.closeTarget", targetId=target)

    def end_worker(self) -> None:
        """Kill the extension's worker, as the browser may do at any time."""
        for target in self.workers():
            self.call("Target.closeTarget", targetId=target)

    def workers(self) -> list[str]:
        """The targets of the extension's worker: one, or none while it is ended."""
        found = self.call("Target.getTargets", filter=[{}])["targetInfos"]
        return [one["targetId"] for one in found if one["type"] == "service_worker" and self.extension_id in one["url"]]

    def in_worker(self, expression: str) -> Any:
        """Run JavaScript in the extension's worker and give what it promises."""
        session = self._worker()
        answer = self.call("Runtime.evaluate", session, expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def _worker(self) -> str:
        """A session with the extension's worker; one that was just started may be deaf to the first."""
        for _ in range(TRIES):
            (worker,) = self.workers()
            session = str(self.call("Target.attachToTarget", targetId=worker, flatten=True)["sessionId"])
            with suppress(Silent):
                self.call("Runtime.evaluate", session, ANSWER_S / TRIES, expression="1")
                return session
        raise Silent("the extension's worker does not answer")

    def kill(self) -> None:
        """End it like a crash."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self) -> None:
        """End it, politely first."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()
        for fd in (self._commands, self._answers):
            with suppress(OSError):
                os.close(fd)

    def _tab(self) -> str:
        """A session with the first ordinary page, the same one as long as it is open."""
        pages = [one["targetId"] for one in self.call("Target.getTargets")["targetInfos"] if one["type"] == "page"]
        if self._first not in pages:
            self._first = pages[0]
        return str(self.call("Target.attachToTarget", targetId=self._first, flatten=True)["sessionId"])

    def _next(self, within_s: float) -> dict[str, Any]:
        """The next message from the browser. Raises Silent without one in time."""
        while b"\0" not in self._held:
            if not select.select([self._answers], [], [], within_s)[0]:
                raise Silent("Chromium does not answer")
            data = os.read(self._answers, 1 << 16)
            assert data, "Chromium ended"
            self._held += data
        message, _, self._held = self._held.partition(b"\0")
        return dict(json.loads(message))
