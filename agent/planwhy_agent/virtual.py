"""A virtual screen for machines without one: Xvfb with a light window manager.

In: a size. Out: the name of a display on which windows can be opened and focused. Never: anything left running
after the block ends, nor a display that was there before.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from planwhy_agent.sources.base import SourceLost, SourceUnsupported

PROGRAMS = ("Xvfb", "openbox")
"""What has to be installed, by the names of the programs; Debian's packages are `xvfb` and `openbox`."""
START_S = 15.0


def missing_programs() -> tuple[str, ...]:
    """Name the programs that a virtual display needs and this machine lacks."""
    return tuple(name for name in PROGRAMS if shutil.which(name) is None)


def display_environment(display: str) -> dict[str, str]:
    """Make the environment for programs on the display: no trace of another session's Wayland or X."""
    foreign = {"WAYLAND_DISPLAY", "WAYLAND_SOCKET", "XDG_SESSION_TYPE", "XAUTHORITY"}
    return {name: value for name, value in os.environ.items() if name not in foreign} | {"DISPLAY": display}


@contextmanager
def virtual_display(width: int = 1280, height: int = 800) -> Iterator[str]:
    """Start a screen of its own with a window manager and give its name, such as `:7`.

    Raises SourceUnsupported where a program is missing, SourceLost where one does not start.
    """
    if missing := missing_programs():
        raise SourceUnsupported(f"unsupported: no virtual screen without {' and '.join(missing)}")
    server, display = _start_server(width, height)
    try:
        manager = _start(["openbox", "--sm-disable"], display_environment(display))
        try:
            _await_manager(display)
            yield display
        finally:
            _stop(manager)
    finally:
        _stop(server)


def _start_server(width: int, height: int) -> tuple[subprocess.Popen[bytes], str]:
    """Start Xvfb on a display number that it finds free itself and tells through a pipe."""
    reader, writer = os.pipe()
    screen = ["-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"]
    with os.fdopen(reader) as numbers:
        try:
            server = _start(["Xvfb", "-displayfd", str(writer), *screen], dict(os.environ), keep=(writer,))
        finally:
            os.close(writer)
        number = numbers.readline().strip()
    if not number:
        _stop(server)
        raise SourceLost("Xvfb did not start")
    return server, f":{number}"


def _start(command: list[str], environment: dict[str, str], keep: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, so that a Ctrl-C meant for us does not end it before its clients."""
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        command, env=environment, pass_fds=keep, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )


def _await_manager(display: str) -> None:
    """Wait until the window manager says on the root window that it is there. Raises SourceLost if it never does."""
    from planwhy_agent.sources.x11 import X11Desktop  # noqa: PLC0415 - the demo imports this module without a screen

    desktop = X11Desktop.open(display)
    try:
        end = time.monotonic() + START_S
        while desktop.manager() is None:
            if time.monotonic() > end:
                raise SourceLost("the window manager of the virtual screen did not start")
            time.sleep(0.02)
    finally:
        desktop.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a program, politely first."""
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main() -> int:
    """Run a virtual screen for another program: tells its name, and ends when standard input does.

    1 where a screen cannot be made, after saying why.
    """
    try:
        with virtual_display() as display:
            print(display, flush=True)  # noqa: T201 - the program that started this one reads it
            sys.stdin.buffer.read()
    except (SourceLost, SourceUnsupported) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sys.exit(main())
