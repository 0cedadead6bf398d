"""When to believe that no window is in front: window managers pass through short states without one.

In: whether a window was seen, look by look. Out: how much longer to wait. Never: a window held back.
"""

import time

SETTLE_MS = 150
"""How long a state without an active window has to last before it is believed."""


class Settling:
    """Remembers since when no window is in front."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._none_since: float | None = None

    def saw(self, window: object | None) -> None:
        """Take in what is in front now; None where no window is."""
        if window is not None:
            self._none_since = None
        elif self._none_since is None:
            self._none_since = time.monotonic()

    def left_ms(self) -> int:
        """How much longer to wait before believing that there is none; 0 when what was seen last can be believed."""
        if self._none_since is None:
            return 0
        return max(0, SETTLE_MS - round(1000 * (time.monotonic() - self._none_since)))
