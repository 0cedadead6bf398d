"""The log: one line for each event, on standard error. In: events of the code. Out: `time level logger text`.

Never: a title, an address, a token. Texts of exceptions may quote data, so only their kinds and places are written.
"""

import logging
import sys
import traceback
from types import TracebackType
from typing import Any

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
_Caught = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class OneLine(logging.Formatter):
    """Writes an event and the way to its exception on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one event."""
        return super().format(record).replace("\r", " ").replace("\n", " | ")

    def formatException(self, ei: Any) -> str:  # noqa: N802  logging's own name
        """Write kind and place of an exception and of what led to it, without its text."""
        caught: _Caught = ei
        return way_to(caught[1]) if caught[1] else ""


def set_up(level: str) -> None:
    """Write events of that level and above to standard error, from this process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(FORMAT))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def way_to(error: BaseException) -> str:
    """Name an exception and the calls that led to it, the innermost first, then its cause."""
    frames = traceback.extract_tb(error.__traceback__)
    calls = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[::-1])
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{type(error).__name__} at {calls}" + (f" | from {way_to(before)}" if before else "")
