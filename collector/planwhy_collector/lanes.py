"""Lanes: the threads that serve requests of one kind, so that slow reports cannot keep agents waiting.

In: calls. Out: what they return. Never: a wait without an end for a thread, or for an answer.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from planwhy_collector.metrics import Meters

T = TypeVar("T")


class Busy(Exception):
    """No thread was free in time, or the call did not return in time; it may still end, and what it did stays done."""


class Lane:
    """Some threads. `wait_s`: how long a call may wait for one; `answer_s`: how long its caller waits for the end."""

    def __init__(self, name: str, threads: int, wait_s: float, answer_s: float, meters: Meters) -> None:
        self.name, self._wait_s, self._answer_s = name, wait_s, answer_s
        self._free = asyncio.Semaphore(threads)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._busy, self._waiting = meters.threads_busy.labels(name), meters.requests_waiting.labels(name)
        meters.threads.labels(name).inc(threads)

    async def run(self, call: Callable[..., T], *arguments: object) -> T:
        """Call in a thread of this lane. Raises Busy."""
        await self._turn()
        self._busy.inc()
        future = asyncio.get_running_loop().run_in_executor(self._threads, call, *arguments)
        future.add_done_callback(self._leave)
        done, _ = await asyncio.wait({future}, timeout=self._answer_s)
        if not done:
            raise Busy("the answer takes too long")
        return future.result()

    async def _turn(self) -> None:
        self._waiting.inc()
        try:
            async with asyncio.timeout(self._wait_s):
                await self._free.acquire()
        except TimeoutError:
            raise Busy("too many requests are at work") from None
        finally:
            self._waiting.dec()

    def _leave(self, _future: object) -> None:
        self._busy.dec()
        self._free.release()
