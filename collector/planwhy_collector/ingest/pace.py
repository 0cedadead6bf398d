"""How often one sender may ask. In: a sender's key and the time. Out: seconds to wait, 0 to go on.

In memory of one process: a brake on mistakes and guessing, not an account. Never: more keys than the cap.
"""

import math
import threading
from collections import OrderedDict
from dataclasses import dataclass

from flask import Flask, current_app

from planwhy_collector.config import Settings

KEYS = 20_000


class Pace:
    """A token bucket for each key: `burst` at once, then `per_s` a second."""

    def __init__(self, burst: float, per_s: float) -> None:
        self._burst, self._per_s = burst, per_s
        self._buckets: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, key: str, now_ms: int) -> int:
        """Seconds until this key has a token again; 0 where it has one. Takes none."""
        with self._lock:
            left = self._left(key, now_ms)
        return 0 if left >= 1 else max(1, math.ceil((1 - left) / self._per_s))

    def take(self, key: str, now_ms: int) -> int:
        """Take a token; 0, or the seconds to wait where there is none."""
        with self._lock:
            left = self._left(key, now_ms)
            self._buckets[key] = (left - 1 if left >= 1 else left, now_ms)
            self._buckets.move_to_end(key)
            if len(self._buckets) > KEYS:
                self._buckets.popitem(last=False)
        return 0 if left >= 1 else max(1, math.ceil((1 - left) / self._per_s))

    def _left(self, key: str, now_ms: int) -> float:
        left, at = self._buckets.get(key, (self._burst, now_ms))
        return min(self._burst, left + max(0, now_ms - at) / 1000 * self._per_s)


@dataclass(frozen=True, slots=True)
class Paces:
    """The brakes of one application: requests by device, refused enrolments by address."""

    device: Pace
    refused_codes: Pace


def attach_paces(app: Flask, settings: Settings) -> None:
    """Hang the brakes on an application. Codes have 50 bits: ten guesses a minute find none."""
    per_minute = settings.device_rate_per_minute
    app.extensions["planwhy_paces"] = Paces(Pace(per_minute, per_minute / 60), Pace(burst=20, per_s=1 / 6))


def paces() -> Paces:
    """The brakes of the application that handles this request."""
    found: Paces = current_app.extensions["planwhy_paces"]
    return found
