"""Two sources of browser tabs as one: the first that speaks for a window counts.

In: two sources. Out: their answers. Never: one source's tab for a window that the other speaks for.
"""

from planwhy_agent.sources.base import OPEN_AT_MOST, Browsers, OpenSite, Tab, Window


class BothBrowsers:
    """Our own extension before others. Keeps the protocol `Browsers`."""

    def __init__(self, first: Browsers, second: Browsers) -> None:
        """Take both over; they are closed with this one."""
        self._first, self._second = first, second

    def filenos(self) -> tuple[int, ...]:
        """Descriptors to wait on; they change as browsers come and go."""
        return self._first.filenos() + self._second.filenos()

    def read(self) -> None:
        """Take in all pending messages without blocking."""
        self._first.read()
        self._second.read()

    def tab_of(self, window: Window) -> Tab | None:
        """The first source's tab, the second's where the first does not speak for the window."""
        first, second = self._first.tab_of(window), self._second.tab_of(window)
        return second if first is None else first

    def speaks_for(self, app: str | None, pid: int | None) -> bool:
        """Whether either does without the titles of a window."""
        return self._first.speaks_for(app, pid) or self._second.speaks_for(app, pid)

    def settle_ms(self) -> int:
        """How much longer to wait before believing `tab_of`."""
        return max(self._first.settle_ms(), self._second.settle_ms())

    def connected(self) -> int:
        """How many browsers are connected, by either way."""
        return self._first.connected() + self._second.connected()

    def trouble(self) -> dict[str, int]:
        """What did not go as it should, by name."""
        return self._first.trouble() | self._second.trouble()

    def sites(self) -> tuple[OpenSite, ...]:
        """What either knows to be open."""
        return (*self._first.sites(), *self._second.sites())[:OPEN_AT_MOST]

    def close(self) -> None:
        """Let go of both."""
        self._first.close()
        self._second.close()
