"""The machine's clocks, read together.

In: nothing. Out: a Moment. Never: a decision about jumps, sleep or offsets (stage 3).
"""

import time

from planwhy_agent.spans import Moment

_BOOT = getattr(time, "CLOCK_BOOTTIME", None)


def now() -> Moment:
    """Read the clock that counts sleep, the one that does not, and the wall clock; all in milliseconds."""
    awake = time.monotonic_ns()
    boot = time.clock_gettime_ns(_BOOT) if _BOOT is not None else awake
    return Moment(boot // 1_000_000, awake // 1_000_000, time.time_ns() // 1_000_000)
