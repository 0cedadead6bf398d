"""A desktop of its own for a test: a virtual screen, real windows, a real Chromium with the real extension.

    with virtual_desk() as desk:
        window = desk.window("a title")          # a window of this process
        terminal = desk.terminal("an xterm")     # a window of another program
        desk.focus(window)
        with desk.chromium(home, agent_environment) as browser, desk.site() as site:
            browser.open(f"{site}/path?query")

Whatever is missing on the machine skips the test with its name.
"""

import contextlib
import functools
import html
import http.server
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import Xlib.display
from chromium_pipe import Chromium
from planwhy_agent.sources.extension import extension_dir, register_native_host
from planwhy_agent.virtual import display_environment, missing_programs, virtual_display
from Xlib import X, Xatom
from Xlib.protocol.event import ClientMessage

WAIT_S = 15.0
REQUEST_BYTES = 100_000
"""What one request to the X server carries at most; longer titles are put together from several."""


def wait_for(check: Callable[[], Any], within_s: float = WAIT_S) -> Any:
    """Wait until the check gives something true, and give that back."""
    end = time.monotonic() + within_s
    while not (found := check()):
        if time.monotonic() > end:
            raise AssertionError(f"did not happen within {within_s} s")
        time.sleep(0.02)
    return found


def insist(act: Callable[[], object], check: Callable[[], Any], within_s: float = WAIT_S) -> None:
    """Do something until it has its effect: a window manager that just started does not hear everything."""
    end = time.monotonic() + within_s
    while True:
        act()
        try:
            wait_for(check, 2.0)
            return
        except AssertionError:
            if time.monotonic() > end:
                raise


def need(*programs: str) -> None:
    """Skip the test unless these programs are installed."""
    if missing := [name for name in programs if shutil.which(name) is None]:
        pytest.skip(f"needs {', '.join(missing)} (see installers/linux/test-packages.txt)")


def needs_browser() -> None:
    """Skip the test unless Chromium is installed."""
    need("chromium", "bash")


@contextlib.contextmanager
def virtual_desk() -> "Iterator[Desk]":
    """Start a virtual screen with a window manager; skips where they are missing."""
    need(*missing_programs(), "xdotool")
    with virtual_display() as name:
        desk = Desk(name)
        try:
            yield desk
        finally:
            desk.close()


class Desk:
    """A running virtual screen."""

    def __init__(self, name: str) -> None:
        self.name, self.environment = name, display_environment(name)
        self.display = Xlib.display.Display(name)
        self.root = self.display.screen().root
        self._programs: list[subprocess.Popen[bytes]] = []

    def window(self, title: str | bytes, name: str = "testwindow", pid: int | None = None) -> int:
        """Open a window of this process with a title (bytes are put there as they are); its id, once it is shown."""
        window = self.root.create_window(10, 10, 300, 200, 0, X.CopyFromParent)
        window.set_wm_class(name, name)
        self._set(window, "_NET_WM_PID", Xatom.CARDINAL, 32, [os.getpid() if pid is None else pid])
        self.retitle(window.id, title)
        insist(lambda: self._show(window), lambda: window.id in self.windows())
        return int(window.id)

    def retitle(self, window_id: int, title: str | bytes) -> None:
        """Give a window another title; text goes where modern programs put it, bytes likewise."""
        data = title.encode() if isinstance(title, str) else title
        self._set(self._object(window_id), "_NET_WM_NAME", self.display.intern_atom("UTF8_STRING"), 8, data)
        self.display.sync()

    def old_title(self, window_id: int, kind: str, data: bytes) -> None:
        """Give a window a title as old programs do: WM_NAME of a type such as STRING, and no modern one."""
        window = self._object(window_id)
        window.delete_property(self.display.intern_atom("_NET_WM_NAME"))
        self._set(window, "WM_NAME", self.display.intern_atom(kind), 8, data)
        self.display.sync()

    def put(self, window_id: int, name: str, kind: str, width: int, data: Any) -> None:
        """Put any property on any window, the root window for 0, however wrong."""
        window = self._object(window_id) if window_id else self.root
        self._set(window, name, self.display.intern_atom(kind), width, data)
        self.display.sync()

    def terminal(self, title: str) -> int:
        """Start an xterm; its window's id."""
        need("xterm")
        before = set(self.windows())
        self.program(["xterm", "-T", title, "-e", "sleep", "600"])
        return int(wait_for(lambda: [new for new in self.windows() if new not in before])[0])

    def program(self, command: list[str], **environment: str) -> subprocess.Popen[bytes]:
        """Start any program on this screen; it ends with the screen."""
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, env=self.environment | environment, stdout=quiet, stderr=quiet)
        self._programs.append(process)
        return process

    def focus(self, window_id: int) -> None:
        """Bring a window to the front as a taskbar does, and wait until it is there."""
        atom = self.display.intern_atom("_NET_ACTIVE_WINDOW")
        ask = ClientMessage(window=self._object(window_id), client_type=atom, data=(32, [2, X.CurrentTime, 0, 0, 0]))
        insist(lambda: self._send_root(ask), lambda: self.active() == window_id)

    def destroy(self, window_id: int) -> None:
        """Let a window vanish."""
        self._object(window_id).destroy()
        self.display.sync()

    def hide(self, window_id: int) -> None:
        """Take a window off the screen."""
        self._object(window_id).unmap()
        self.display.sync()

    def type(self, keys: str = "a") -> None:
        """Press keys, as a hand would."""
        subprocess.run(["xdotool", "key", keys], env=self.environment, check=True)

    def active(self) -> int | None:
        """The id of the window in front."""
        found = self.root.get_full_property(self.display.intern_atom("_NET_ACTIVE_WINDOW"), Xatom.WINDOW)
        return int(found.value[0]) if found and len(found.value) and found.value[0] else None

    def windows(self) -> list[int]:
        """Ids of all windows that the window manager shows, oldest first."""
        found = self.root.get_full_property(self.display.intern_atom("_NET_CLIENT_LIST"), Xatom.WINDOW)
        return [int(one) for one in found.value] if found else []

    def titles(self) -> list[str]:
        """The titles of these windows, as the window manager shows them."""
        atom, kind = self.display.intern_atom("_NET_WM_NAME"), self.display.intern_atom("UTF8_STRING")
        found = [self._object(one).get_full_property(atom, kind) for one in self.windows()]
        return [one.value.decode("utf-8", "replace") for one in found if one]

    @contextlib.contextmanager
    def chromium(self, home: Path, environment: Mapping[str, str], *flags: str) -> Iterator[Chromium]:
        """Start Chromium with a fresh profile under `home`, the extension, and a native host that reaches the agent.

        `environment` is the agent's; of it only PLANWHY_AGENT_RUNTIME_DIR matters.
        """
        needs_browser()
        profile = home / "chromium-profile"
        runtime = Path(environment["PLANWHY_AGENT_RUNTIME_DIR"])
        register_native_host(home / "native-host", runtime, home, profiles=[profile])
        own = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}
        browser = Chromium(profile, self.environment | own, flags, extension_dir())
        try:
            browser.start()
            yield browser
        finally:
            browser.stop()

    @contextlib.contextmanager
    def site(self, titles: Mapping[str, str | None] | None = None) -> Iterator[str]:
        """Serve pages on a loopback port; gives the address without a slash at the end.

        Every path is a page; `titles` gives their titles by path, None for a page without one.
        """
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Pages, titles or {}))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def close(self) -> None:
        """End all programs of this screen."""
        for process in self._programs:
            process.terminate()
        for process in self._programs:
            process.wait(timeout=10)
        self.display.close()

    def _show(self, window: Any) -> None:
        window.unmap()
        window.map()
        self.display.sync()

    def _send_root(self, message: ClientMessage) -> None:
        self.root.send_event(message, event_mask=X.SubstructureRedirectMask | X.SubstructureNotifyMask)
        self.display.sync()

    def _object(self, window_id: int) -> Any:
        return self.display.create_resource_object("window", window_id)

    def _set(self, window: Any, name: str, kind: int, width: int, data: Any) -> None:
        atom, first = self.display.intern_atom(name), data[:REQUEST_BYTES]
        window.change_property(atom, kind, width, first)
        for at in range(REQUEST_BYTES, len(data), REQUEST_BYTES):
            window.change_property(atom, kind, width, data[at : at + REQUEST_BYTES], mode=X.PropModeAppend)


class _Pages(http.server.BaseHTTPRequestHandler):
    def __init__(self, titles: Mapping[str, str | None], *arguments: Any) -> None:
        self.titles = titles
        super().__init__(*arguments)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        title = self.titles.get(path, f"Page {path}")
        head = f"<title>{html.escape(title)}</title>" if title is not None else ""
        body = f"<!doctype html><meta charset=utf-8>{head}<p>A page</p>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
