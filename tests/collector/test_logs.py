"""The log keeps to one line an event and quotes no data."""

import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.logs import JsonLine, TextLine


def record(text: str, error: Exception | None = None, **more: Any) -> logging.LogRecord:
    caught = (type(error), error, error.__traceback__) if error else None
    return logging.makeLogRecord({"name": "planwhy.x", "levelname": "ERROR", "msg": text, "exc_info": caught} | more)


def fail(text: str) -> None:
    try:
        raise KeyError(text)
    except KeyError as error:
        raise ValueError(text) from error


@pytest.mark.parametrize("form", [JsonLine(), TextLine()])
def test_an_exception_leaves_kind_and_place_but_not_its_text(form: logging.Formatter) -> None:
    try:
        fail("the secret title")
    except ValueError as error:
        line = form.format(record("failed", error, job="x"))
    assert "ValueError at test_logs.py" in line
    assert "from KeyError at test_logs.py" in line
    assert "secret" not in line


@given(st.text(), st.text())
def test_an_event_is_one_line_of_json_with_what_was_given(text: str, value: str) -> None:
    line = JsonLine().format(record(text.replace("%", ""), job=value))
    told = json.loads(line)
    assert len(line.splitlines()) == 1 or "\n" not in line
    assert (told["job"], told["level"], told["logger"]) == (value, "error", "planwhy.x")


@given(st.text(), st.text())
def test_an_event_for_people_is_one_line_too(text: str, value: str) -> None:
    assert len(TextLine().format(record(text.replace("%", ""), job=value)).splitlines()) == 1


def test_the_time_is_utc_with_milliseconds() -> None:
    told = json.loads(JsonLine().format(record("x", created=1_795_000_000.25)))
    assert told["time"] == "2026-11-18T11:06:40.250Z"
