"""What holds off a browser that talks too much: a limit per connection, and pauses that grow.

In: moments, and who talked too much. Out: whether it may go on, and how long it has to wait. Never: a cost that grows
with the flood, for what is over the limit is not read. Both ends use it: the native host towards the extension, the
agent towards native hosts. Pauses are kept in a file, because each port of an extension is a process of its own.
"""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PER_S = 20.0
"""Messages per second that one connection may send for ever; an extension sends two at most."""
BURST = 200.0
"""Messages that it may send at once."""
FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 300.0
FORGIVEN_S = 600.0
"""After so long without a flood the next pause is the first again."""
REMEMBERED = 64
"""Who talked too much, remembered at most; the longest ago is forgotten first."""
FILE_NAME = "flood.json"


class Flooded(Exception):
    """Somebody sent more than a Bucket allows."""


Clock = Callable[[], float]


class Bucket:
    """A limit: `per_s` for ever and `burst` at once. Time is an argument, seconds that never run back."""

    def __init__(self, now: float, per_s: float = PER_S, burst: float = BURST) -> None:
        """Start full."""
        self._per_s, self._burst = per_s, burst
        self._left, self._at = burst, now

    def take(self, count: float, now: float) -> bool:
        """Take so many; False where there are too few, and then nothing is taken."""
        self._left = min(self._burst, self._left + max(0.0, now - self._at) * self._per_s)
        self._at = max(now, self._at)
        if count > self._left:
            return False
        self._left -= count
        return True

    def wait_s(self, now: float) -> float:
        """How long until one can be taken."""
        left = self._left + max(0.0, now - self._at) * self._per_s
        return max(0.0, (1.0 - left) / self._per_s)


@dataclass(frozen=True, slots=True)
class Strike:
    """How often somebody talked too much, and until when nobody listens, on a clock that all processes share."""

    times: int
    until: float


class Pauses:
    """Who has to wait. `clock` is the machine's monotonic clock, the same in all its processes."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        """Start with nobody."""
        self._clock = clock
        self._strikes: dict[int, Strike] = {}

    def strike(self, pid: int) -> float:
        """Somebody talked too much: how long the pause is, seconds; each is twice the last."""
        before = self._known(pid)
        times = before.times + 1 if before else 1
        pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * float(2 ** min(times - 1, 16)))
        self._strikes.pop(pid, None)
        self._strikes[pid] = Strike(times, self._clock() + pause_s)
        while len(self._strikes) > REMEMBERED:
            del self._strikes[next(iter(self._strikes))]
        return pause_s

    def wait_s(self, pid: int) -> float:
        """How long somebody has to wait still; 0 where there is no pause."""
        known = self._known(pid)
        return min(LONGEST_PAUSE_S, max(0.0, known.until - self._clock())) if known else 0.0

    def _known(self, pid: int) -> Strike | None:
        found = self._strikes.get(pid)
        return found if found and self._clock() < found.until + FORGIVEN_S else None


class KeptPauses(Pauses):
    """The same in a file of a folder; a file that cannot be read or written counts as none."""

    def __init__(self, folder: Path, clock: Clock = time.monotonic) -> None:
        """Read what other processes left."""
        super().__init__(clock)
        self._path = folder / FILE_NAME
        with suppress(OSError, ValueError, TypeError, AttributeError, RecursionError):
            kept = json.loads(self._path.read_bytes())
            self._strikes = {int(pid): Strike(int(times), float(until)) for pid, (times, until) in kept.items()}

    def strike(self, pid: int) -> float:
        """The same, and others will know."""
        pause_s = super().strike(pid)
        part = self._path.with_suffix(f".{pid}")
        with suppress(OSError):
            kept = {who: (strike.times, strike.until) for who, strike in self._strikes.items()}
            part.write_text(json.dumps(kept), encoding="ascii")
            part.chmod(0o600)
            part.replace(self._path)
        return pause_s
