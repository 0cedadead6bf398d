"""The log keeps to one line an event and quotes no data."""

import io
import logging

from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.logs import FORMAT, OneLine


def logged(text: str, error: Exception | None = None) -> str:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(OneLine(FORMAT))
    caught = (type(error), error, error.__traceback__) if error else None
    handler.emit(logging.LogRecord("planwhy.x", logging.ERROR, "x.py", 1, text, (), caught))
    return out.getvalue()


def fail(text: str) -> None:
    try:
        raise KeyError(text)
    except KeyError as error:
        raise ValueError(text) from error


def test_an_exception_leaves_kind_and_place_but_not_its_text() -> None:
    try:
        fail("the secret title")
    except ValueError as error:
        line = logged("job=x failed", error)
    assert "ValueError at test_logs.py" in line
    assert "from KeyError at test_logs.py" in line
    assert "secret" not in line


@given(st.text())
def test_an_event_is_one_line(text: str) -> None:
    assert logged(text.replace("%", "")).count("\n") == 1
