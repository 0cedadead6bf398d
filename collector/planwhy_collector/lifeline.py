"""How a server process ends: with the one that started it, or in order when it is asked to.

In: signals. Out: calls of what has to end. Never: a killed collector that leaves something on its port; a wait without
an end.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

PR_SET_PDEATHSIG = 1
LOOK_S = 1.0


_forker: list[int] = []
"""The process that forked last, as the child inherits it: a child whose parent has died has another one."""


def tie_children() -> None:
    """Tie processes forked from now on to this one from their first moment, and let them end when they are asked to.

    They inherit this process's handlers, which would swallow a signal that is meant for them while they still start.
    """
    if sys.platform != "win32":
        os.register_at_fork(before=lambda: _forker.__setitem__(slice(None), [os.getpid()]), after_in_child=_born)


def _born() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    if sys.platform == "linux":
        _die_with_parent(_forker[0])


def end_with_parent() -> None:
    """End this process when its parent does: by the kernel on Linux, by looking once a second on other systems."""
    parent = _forker[0] if _forker else os.getppid()
    if sys.platform == "linux":
        _die_with_parent(parent)
    elif sys.platform != "win32":
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _die_with_parent(parent: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def when_asked_to_stop(act: Callable[[], object]) -> None:
    """Act at SIGTERM and Ctrl-C, and then do what was done at them before. For the main thread."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _before(signal.getsignal(number), act))


def _before(known: object, act: Callable[[], object]) -> Callable[[int, FrameType | None], None]:
    def handle(number: int, frame: FrameType | None) -> None:
        act()
        if callable(known):
            known(number, frame)

    return handle


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os._exit(1)
