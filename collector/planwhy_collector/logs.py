"""The log: one line for each event, on standard error. In: events of the code. Out: a JSON object, or text for people.

Never: a title, an address, a token. Texts of exceptions may quote data, so only their kinds and places are written.
What belongs to an event stands beside its words: `log.info("request", extra={"status": 200})`.
"""

import json
import logging
import logging.config
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from planwhy_collector import request_ids

_Caught = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
OURS = ("planwhy", "_granian")
"""Beginnings of the names of loggers whose words are known to quote nothing."""
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every event has. All else was given with it."""


class JsonLine(logging.Formatter):
    """Writes an event as one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one event."""
        told = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _said(record),
        }
        return json.dumps(told | _more(record), default=str)


class TextLine(logging.Formatter):
    """Writes an event for people: time, level, words, and what belongs to it as name=value."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one event."""
        more = " ".join(f"{name}={value}" for name, value in _more(record).items())
        line = f"{_time(record)} {record.levelname} {record.name} {_said(record)} {more}".rstrip()
        return " | ".join(line.splitlines())


def configuration(level: str, form: str) -> dict[str, Any]:
    """How `logging` is set up: everything goes one way, that of the server and of libraries too.

    `form`: `json`, `text`, or `auto` for text on a terminal and JSON elsewhere.
    """
    text = form == "text" or (form == "auto" and sys.stderr.isatty())
    quiet = {"level": "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": TextLine if text else JsonLine}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
        "root": {"level": level.upper(), "handlers": ["stderr"]},
        "loggers": {"apscheduler": quiet, "alembic": quiet, "_granian": {"propagate": True, "handlers": []}},
    }


def set_up(level: str, form: str = "text") -> None:
    """Write events of that level and above to standard error, from this process; also those nobody caught."""
    logging.config.dictConfig(configuration(level, form))
    logging.captureWarnings(True)
    sys.excepthook = lambda _kind, error, _at: _uncaught(error)
    sys.unraisablehook = lambda caught: _uncaught(caught.exc_value)
    threading.excepthook = lambda caught: _uncaught(caught.exc_value)


def way_to(error: BaseException) -> str:
    """Name an exception and the calls that led to it, the innermost first, then its cause."""
    frames = traceback.extract_tb(error.__traceback__)
    calls = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[::-1])
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{type(error).__name__} at {calls}" + (f" | from {way_to(before)}" if before else "")


def _uncaught(error: BaseException | None) -> None:
    if isinstance(error, KeyboardInterrupt | SystemExit):
        return
    logging.getLogger("planwhy").critical("uncaught", exc_info=error)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _said(record: logging.LogRecord) -> str:
    """The words of an event. Of other people's code only what cannot quote data: the words before values go in."""
    if record.name == "py.warnings":
        where = str(record.args[0] if isinstance(record.args, tuple) and record.args else record.msg).rpartition("/")[2]
        return ": ".join(where.split(": ")[:2])
    if record.name.startswith(OURS):
        return record.getMessage()
    return str(record.msg).partition("\n")[0]


def _more(record: logging.LogRecord) -> dict[str, Any]:
    """What belongs to an event: the request's id, what was given with it, and the way to its exception."""
    request_id = request_ids.current.get()
    more: dict[str, Any] = {"request_id": request_id} if request_id else {}
    more |= {name: value for name, value in vars(record).items() if name not in _USUAL and value is not None}
    caught: _Caught | None = record.exc_info if isinstance(record.exc_info, tuple) else None
    return more | ({"at": way_to(caught[1])} if caught and caught[1] else {})
