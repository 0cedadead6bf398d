"""Stages 3 and 4, what is open beside the focus: it reaches the disk in the same count, and changes nothing else."""

import json
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from agent_parts import NOON_MS, moment
from hypothesis import given, settings
from hypothesis import strategies as st
from planwhy_agent import batches
from planwhy_agent.privacy import Kept, Opened
from planwhy_agent.recorder import Recorder
from planwhy_agent.spans_open import ROW_MS, ROWS_SAVED
from planwhy_agent.spool import Spool
from planwhy_shared.wire import Span

A, B = Kept("active", "a"), Kept("active", "b")
MINUTE, HOUR = 60_000, 3_600_000


@pytest.fixture
def spool(tmp_path: Path):
    found = Spool(tmp_path / "spool.sqlite3", recover=True)
    yield found
    found.close()


def program(name: str, windows: int = 1) -> Opened:
    return Opened(Kept("active", name, None, None, "window"), windows)


def looked(recorder: Recorder, at_ms: int, *names: str) -> None:
    """One sample, and a look around that sees these programs."""
    recorder.take(moment(at_ms), A, 0)
    recorder.look_around([program(name) for name in names])


def spans(spool: Spool) -> list[Span]:
    return batches.waiting_spans(spool, 10_000)


def opened(spool: Spool) -> list[tuple[str | None, int, int]]:
    found = [s for s in spans(spool) if s.track == "open"]
    return [(s.app, s.start_ms - NOON_MS, s.end_ms - NOON_MS) for s in found]


def test_what_was_open_when_the_agent_is_killed_ends_at_the_last_look(spool):
    recorder = Recorder(spool, 0)
    for minute in range(3):
        looked(recorder, minute * MINUTE, "a", "b")
    recorder.take(moment(2 * MINUTE + 30_000), A, 0)
    after = Recorder(Spool(spool.path), 0)
    after.take(moment(10 * MINUTE), A, 0)
    assert opened(spool) == [("a", 0, 2 * MINUTE), ("b", 0, 2 * MINUTE)]
    assert [s.seq for s in spans(spool)] == list(range(1, len(spans(spool)) + 1))
    Recorder(Spool(spool.path), 0).take(moment(20 * MINUTE), A, 0)
    assert len(opened(spool)) == 2


def test_what_stands_open_delays_no_span_behind_it(spool):
    recorder = Recorder(spool, 0)
    looked(recorder, 0, "a")
    recorder.take(moment(30_000), A, 0)
    looked(recorder, MINUTE, "a")
    recorder.take(moment(MINUTE + 1_000), B, 0)
    recorder.write(moment(MINUTE + 2_000))
    sent = batches.next_offer(spool, NOON_MS)
    assert [span.app for span in sent.batch.spans] == ["a"]
    recorder.stop(moment(MINUTE + 3_000))
    assert [(s.seq, s.app, s.track) for s in batches.waiting_spans(spool, 9)][1:] == [
        (2, "b", "focus"),
        (3, "a", "open"),
    ]


def test_the_collectors_clock_moves_what_is_open_with_all_the_rest(spool):
    recorder = Recorder(spool, 0)
    looked(recorder, 0, "a")
    looked(recorder, MINUTE, "a")
    recorder.correct(NOON_MS + HOUR + MINUTE, moment(MINUTE).mono_ms)
    recorder.write(moment(MINUTE))
    Recorder(Spool(spool.path), 0).take(moment(2 * HOUR), A, 0)
    assert opened(spool) == [("a", HOUR, HOUR + MINUTE)]


def test_where_time_skips_forward_what_is_open_ends_before(spool):
    recorder = Recorder(spool, 0)
    looked(recorder, 0, "a")
    recorder.take(moment(1_000), B, 0)
    looked(recorder, MINUTE, "a")
    recorder.write(moment(MINUTE))
    batches.next_offer(spool, NOON_MS)
    recorder.correct(NOON_MS + HOUR + MINUTE, moment(MINUTE).mono_ms)
    looked(recorder, 2 * MINUTE, "a")
    looked(recorder, 3 * MINUTE, "a")
    recorder.stop(moment(3 * MINUTE))
    assert opened(spool) == [("a", 0, MINUTE), ("a", HOUR + 2 * MINUTE, HOUR + 3 * MINUTE)]


def test_what_was_left_out_is_counted_by_its_reason(spool):
    recorder = Recorder(spool, 0)
    looked(recorder, 0, *(str(n) for n in range(ROWS_SAVED + 3)))
    recorder.stop(moment(MINUTE))
    assert spool.counts().by_reason == {"open_limit": 3}


def test_the_busiest_day_of_the_open_track_takes_a_two_thousandth_of_the_quota(spool):
    recorder = Recorder(spool, 0)
    for minute in range(9 * 60):
        names = (f"a-program-with-a-long-name-{minute // 2}-{n}" for n in range(128))
        looked(recorder, minute * MINUTE, *names)
    recorder.stop(moment(9 * HOUR))
    rows = [s for s in spans(spool) if s.track == "open"]
    assert 300 < len(rows) <= ROWS_SAVED + 9 * HOUR // ROW_MS
    assert sum(len(json.dumps(s.app)) + 300 for s in rows) < (500 << 20) / 2_000


steps = st.lists(
    st.tuples(
        st.sampled_from((1_000, 5_000, MINUTE, HOUR)),
        st.sampled_from((A, B, Kept("locked"), None)),
        st.one_of(st.none(), st.sets(st.sampled_from("xyz"))),
        st.sampled_from(("go on", "go on", "kill", "send", "ahead", "behind")),
    ),
    max_size=12,
)


def lived(life, around: bool) -> list[Span]:
    """The spans of a life, with or without looks around."""
    with TemporaryDirectory() as folder:
        spool = Spool(Path(folder) / "spool.sqlite3", recover=True)
        recorder, at_ms = Recorder(spool, 0), 0
        sent: dict[int, Span] = {}
        for passed, kept, seen, then in life:
            at_ms += passed
            recorder.take(moment(at_ms), kept, 0)
            if around:
                recorder.look_around([program(name) for name in sorted(seen)] if seen is not None else None)
            recorder = _happen(then, recorder, at_ms)
            if then == "send" and (offer := batches.next_offer(spool, NOON_MS)):
                sent |= {span.seq: span for span in offer.batch.spans}
        recorder.stop(moment(at_ms + 1_000))
        found = spans(spool)
        spool.close()
        assert {s.seq: s for s in found if s.seq in sent} == sent
        return found


def _happen(then: str, recorder: Recorder, at_ms: int) -> Recorder:
    if then == "kill":
        return Recorder(recorder.spool, 0)
    if then in ("ahead", "behind"):
        by_ms = 10_000 if then == "ahead" else -10_000
        recorder.correct(NOON_MS + at_ms + by_ms, moment(at_ms).mono_ms)
    return recorder


@settings(max_examples=60, deadline=None)
@given(steps)
def test_whatever_happens_numbers_have_no_hole_and_nothing_open_lies_outside_what_was_recorded(life):
    found = lived(life, around=True)
    assert [s.seq for s in found] == list(range(1, len(found) + 1))
    focus = [s for s in found if s.track == "focus"]
    assert all(a.end_ms == b.start_ms for a, b in pairwise(focus))
    for span in (s for s in found if s.track == "open"):
        assert focus[0].start_ms <= span.start_ms < span.end_ms <= focus[-1].end_ms
    by_app = sorted((s.app or "", s.start_ms, s.end_ms) for s in found if s.track == "open")
    assert all(a[0] != b[0] or a[2] <= b[1] for a, b in pairwise(by_app))


@settings(max_examples=60, deadline=None)
@given(steps)
def test_looks_around_change_nothing_in_the_focus(life):
    def focus(found: list[Span]) -> list[tuple[int, int, str | None, str]]:
        return [(s.start_ms, s.end_ms, s.app, s.state) for s in found if s.track == "focus"]

    assert focus(lived(life, around=True)) == focus(lived(life, around=False))
