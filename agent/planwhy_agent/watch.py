"""Stage 1 as a whole: desktop, browsers and clocks become one sample.

In: the sources. Out: a Sample, or the reason why there is none now. Never: a guess while the desktop is out of sight.
"""

import logging
from collections.abc import Callable

from planwhy_agent.sources.base import (
    Browsers,
    Desktop,
    OpenProgram,
    OpenSite,
    Sample,
    SourceLost,
    SourceUnsupported,
    Titled,
    Window,
    every_title,
)
from planwhy_agent.sources.calls import Calls
from planwhy_agent.spans import Moment

FIRST_RETRY_MS = 1_000
LAST_RETRY_MS = 60_000

log = logging.getLogger("planwhy.watch")


def no_one_waits() -> None:
    """Before the agent waits, and after, changes need not be told."""


class Watch:
    """The sources of one agent. The desktop is opened when first needed, and again after it was lost.

    `titled` says which titles may be read, `idle_after_ms` after how long without input it matters whether there is a
    call (None: not to be asked); `on_event` is called, from any thread, when it is worth a look before the next one
    is due. All may be replaced at any time. No title is read while the session is locked, and none of a browser whose
    extension speaks for it: what its window shows comes from there, or is private.
    """

    def __init__(
        self, open_desktop: Callable[[Titled], Desktop], browsers: Browsers | None, calls: Calls | None = None
    ) -> None:
        self._open = open_desktop
        self._browsers = browsers
        self._calls = calls or Calls()
        self.idle_after_ms: int | None = None
        self._desktop: Desktop | None = None
        self._retry_at_ms = 0
        self._retry_ms = FIRST_RETRY_MS
        self.problem = "not opened yet"
        self.settle_ms = 0
        self.titled: Titled = every_title
        self._locked = False
        self.on_event: Callable[[], None] = no_one_waits

    def open(self) -> None:
        """Open the desktop now. Raises SourceLost or SourceUnsupported."""
        self._desktop = self._open(self._may_read_title)
        self.problem = ""
        self._retry_ms = FIRST_RETRY_MS

    def happened(self) -> None:
        """Pass on that a source has seen a change; from any thread."""
        self.on_event()

    def filenos(self) -> tuple[int, ...]:
        """Descriptors to wait on now."""
        desktop = self._desktop.filenos() if self._desktop else ()
        return desktop + (self._browsers.filenos() if self._browsers else ())

    def poll_ms(self) -> int | None:
        """How often to look although no descriptor asks for it; None where events suffice."""
        return self._desktop.poll_ms() if self._desktop else None

    def look(self, moment: Moment) -> Sample | None:
        """Take everything in. None while the desktop is out of sight (`problem`) or unsettled (`settle_ms`)."""
        self.settle_ms = 0
        if self._browsers:
            self._browsers.read()
        if self._desktop is None and not self._reopened(moment.mono_ms):
            return None
        try:
            return self._sample(moment)
        except SourceLost as error:
            self._lose(str(error), moment.mono_ms)
            return None

    def around(self, moment: Moment) -> tuple[tuple[OpenProgram, ...], tuple[OpenSite, ...]] | None:
        """What is open beside the focus, programs and sites; None while the desktop is out of sight."""
        if self._desktop is None:
            return None
        try:
            return self._desktop.programs(), self._browsers.sites() if self._browsers else ()
        except SourceLost as error:
            self._lose(str(error), moment.mono_ms)
            return None

    def browsers(self) -> int:
        """How many browsers are connected."""
        return self._browsers.connected() if self._browsers else 0

    def browser_trouble(self) -> dict[str, int]:
        """What did not go as it should with browsers, by name."""
        return self._browsers.trouble() if self._browsers else {}

    def remote(self) -> bool:
        """Whether the session is seen from another machine, as far as the desktop tells."""
        return self._desktop is not None and self._desktop.remote()

    def rest(self) -> None:
        """Let go of the desktop and of what was read of it, until it is looked at again."""
        if self._desktop is not None:
            self._desktop.close()
            self._desktop, self.problem = None, "not looked at while nothing may be recorded"

    def close(self) -> None:
        """Let go of the sources."""
        for source in (self._desktop, self._browsers):
            if source is not None:
                source.close()
        self._desktop = self._browsers = None

    def _may_read_title(self, app: str | None, pid: int | None) -> bool:
        if self._locked or not self.titled(app, pid):
            return False
        return self._browsers is None or not self._browsers.speaks_for(app, pid)

    def _sample(self, moment: Moment) -> Sample | None:
        assert self._desktop is not None  # noqa: S101  asked before
        window, locked = self._front(self._desktop)
        tab = self._browsers.tab_of(window) if self._browsers and window else None
        self.settle_ms = max(self._desktop.settle_ms(), self._browsers.settle_ms() if self._browsers else 0)
        if self.settle_ms > 0:
            return None
        idle_ms = self._desktop.idle_ms()
        call = None
        if self.idle_after_ms is None or locked or idle_ms < self.idle_after_ms:
            self._calls.rest()
        else:
            call = self._calls.look(moment.mono_ms, self._desktop, window, tab)
        quiet_ms = self._calls.quiet_ms(moment.mono_ms, idle_ms)
        return Sample(moment.mono_ms, moment.awake_ms, moment.wall_ms, window, tab, idle_ms, locked, call, quiet_ms)

    def _front(self, desktop: Desktop) -> tuple[Window | None, bool]:
        """The window in front and whether the session is locked; a lock that came or went turns what may be read."""
        window, locked = desktop.read(), desktop.locked()
        if locked != self._locked:
            self._locked = locked
            window = desktop.read()
        return window, locked

    def _reopened(self, mono_ms: int) -> bool:
        if mono_ms < self._retry_at_ms:
            return False
        try:
            self.open()
        except (SourceLost, SourceUnsupported) as error:
            self._lose(str(error), mono_ms)
            return False
        log.info("the desktop is in sight")
        return True

    def _lose(self, problem: str, mono_ms: int) -> None:
        log.warning("the desktop is out of sight: %s", problem)
        if self._desktop is not None:
            self._desktop.close()
        self._desktop, self.problem = None, problem
        self._retry_at_ms = mono_ms + self._retry_ms
        self._retry_ms = min(LAST_RETRY_MS, self._retry_ms * 2)
