"""The machine's clocks, read together.

In: nothing. Out: a Moment. Never: a decision about jumps, sleep or offsets (stage 3).
"""

import sys
import time

from planwhy_agent.spans import Moment

if sys.platform == "win32":
    from planwhy_agent.system.clock_windows import awake_ns, boot_ns
else:
    # On macOS CLOCK_MONOTONIC_RAW counts sleep, and `time.monotonic` does not; on Linux CLOCK_BOOTTIME does.
    _BOOT = getattr(time, "CLOCK_MONOTONIC_RAW" if sys.platform == "darwin" else "CLOCK_BOOTTIME", None)
    awake_ns = time.monotonic_ns

    def boot_ns() -> int:
        """Read the clock that counts sleep."""
        return time.clock_gettime_ns(_BOOT) if _BOOT is not None else awake_ns()


def now() -> Moment:
    """Read the clock that counts sleep, the one that does not, and the wall clock; all in milliseconds."""
    awake = awake_ns()
    return Moment(boot_ns() // 1_000_000, awake // 1_000_000, time.time_ns() // 1_000_000)


def mono_ms() -> int:
    """The clock that counts sleep alone, in milliseconds."""
    return boot_ns() // 1_000_000
