"""Stages 2 to 4 in a call: present while it lasts, idle from its end, never for ever, and locked stays locked."""

from pathlib import Path

import pytest
from agent_parts import NOON_MS, ScriptedDesktop, moment, rules
from planwhy_agent.batches import waiting_spans
from planwhy_agent.privacy import CALL_LIMIT_MS, keep
from planwhy_agent.recorder import Recorder
from planwhy_agent.sources.base import Window
from planwhy_agent.sources.calls import Calls
from planwhy_agent.spool import Spool
from planwhy_agent.watch import Watch

SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
Told = tuple[str, str | None, str | None, float, float]


def lived(
    folder: Path, until_ms: int, call: tuple[int, int], inputs: tuple[int, ...] = (0,), locked_ms: int = 10**12,
    working_hours: str = "Mon-Sun 00:00-24:00",
) -> list[Told]:  # fmt: skip
    """State, source, mark, from and to (minutes) of a time with keys pressed at `inputs` and a call."""
    desktop, now = ScriptedDesktop([Window("soffice", "Offer", 1)]), 0
    watch = Watch(lambda _titled: desktop, None, Calls(lambda: frozenset({"zoom"} if call[0] <= now < call[1] else ())))
    watch.idle_after_ms = 180 * SECOND
    spool = Spool(folder / "spool.sqlite3", recover=True)
    recorder = Recorder(spool, 0)
    ours = rules(working_hours=working_hours)
    for now in range(0, until_ms + 1, 5 * SECOND):
        desktop.idle = now - max(one for one in inputs if one <= now)
        desktop.is_locked = now >= locked_ms
        sample = watch.look(moment(now))
        assert sample is not None and sample.quiet_ms is not None
        recorder.take(moment(now), keep(ours, sample, NOON_MS + now, True, False), sample.quiet_ms)
    recorder.stop(moment(until_ms))
    return joined(waiting_spans(spool, 9_999))


def joined(spans: list) -> list[Told]:
    """Spans that were closed only because they were long are one."""
    out: list[Told] = []
    for span in spans:
        at, to = (span.start_ms - NOON_MS) / MINUTE, (span.end_ms - NOON_MS) / MINUTE
        told = (span.state, span.source, span.mark)
        if out and out[-1][:3] == told:
            at = out.pop()[3]
        out.append((*told, at, to))
    return out


def test_a_call_keeps_somebody_present_and_idle_begins_with_its_end(tmp_path: Path) -> None:
    assert lived(tmp_path, 30 * MINUTE, (MINUTE, 20 * MINUTE)) == [
        ("active", "window", None, 0, 3),
        ("active", "microphone", None, 3, pytest.approx(20, abs=0.2)),
        ("idle", None, None, pytest.approx(20, abs=0.2), 30),
    ]


def test_a_call_taken_from_idle_makes_nobody_present_before_it(tmp_path: Path) -> None:
    found = lived(tmp_path, 30 * MINUTE, (20 * MINUTE, 40 * MINUTE), inputs=(0, MINUTE))
    assert [(state, source) for state, source, *_ in found] == [
        ("active", "window"),
        ("idle", None),
        ("active", "microphone"),
    ]
    assert found[1][3:] == (1, pytest.approx(20, abs=0.2))


def test_a_key_in_a_call_ends_the_signal_and_begins_its_limit_anew(tmp_path: Path) -> None:
    found = lived(tmp_path, 3 * HOUR, (0, 9 * HOUR), inputs=(0, HOUR))
    assert [(state, source) for state, source, *_ in found] == [
        ("active", "window"),
        ("active", "microphone"),
        ("active", "window"),
        ("active", "microphone"),
    ]


def test_a_microphone_that_is_never_closed_ends_presence_after_two_hours_with_a_mark(tmp_path: Path) -> None:
    found = lived(tmp_path, 4 * HOUR, (0, 9 * HOUR))
    limit = CALL_LIMIT_MS / MINUTE
    assert found[1:] == [
        ("active", "microphone", None, 3, pytest.approx(limit, abs=0.2)),
        ("idle", None, "call_limit", pytest.approx(limit, abs=0.2), 240),
    ]


def test_a_locked_screen_stays_locked_in_a_call(tmp_path: Path) -> None:
    found = lived(tmp_path, 30 * MINUTE, (0, 40 * MINUTE), locked_ms=10 * MINUTE)
    assert found[-1] == ("locked", None, None, 10, 30)


def test_outside_working_hours_a_call_is_a_state_without_anything_else(tmp_path: Path) -> None:
    found = lived(tmp_path, 30 * MINUTE, (0, 20 * MINUTE), working_hours="Sun 03:00-04:00")
    assert found == [
        ("active", None, None, 0, pytest.approx(20, abs=0.2)),
        ("idle", None, None, pytest.approx(20, abs=0.2), 30),
    ]
