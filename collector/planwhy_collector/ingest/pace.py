"""How often one sender may ask. In: a sender's key and the time. Out: seconds to wait, 0 to go on.

In memory of one process: a brake on mistakes and guessing, not an account. Never: more keys than the cap.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from flask import Flask, current_app

KEYS = 20_000


class Pace:
    """A token bucket for each key: `burst` at once, then `per_s` a second."""

    def __init__(self, burst: float, per_s: float) -> None:
        self._burst, self._per_s = burst, per_s
        self._buckets: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, key: str, now_ms: int) -> int:
        """Take one token; the seconds until there is one where there is none."""
        with self._lock:
            left, at = self._buckets.pop(key, (self._burst, now_ms))
            left = min(self._burst, left + max(0, now_ms - at) / 1000 * self._per_s)
            allowed = left >= 1
            self._buckets[key] = (left - 1 if allowed else left, now_ms)
            if len(self._buckets) > KEYS:
                self._buckets.popitem(last=False)
        return 0 if allowed else max(1, round((1 - left) / self._per_s))


@dataclass(frozen=True, slots=True)
class Paces:
    """The brakes of one application: batches by device, enrolments by address."""

    spans: Pace = field(default_factory=lambda: Pace(burst=3000, per_s=100))
    enrolments: Pace = field(default_factory=lambda: Pace(burst=30, per_s=0.5))


def attach_paces(app: Flask, paces: Paces | None = None) -> None:
    """Hang the brakes on an application."""
    app.extensions["planwhy_paces"] = paces or Paces()


def paces() -> Paces:
    """The brakes of the application that handles this request."""
    found: Paces = current_app.extensions["planwhy_paces"]
    return found
