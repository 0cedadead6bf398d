"""Strips of days cover what was recorded, day by day, without overlaps."""

from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.report.strip import kind_of, strips
from planwhy_collector.rollup.piece import Judged

MOSCOW = ZoneInfo("Europe/Moscow")
START = 1_790_000_000_000
PRESENCES = ("active", "call", "idle", "locked", "asleep", "private", "absent", "off", "none")


def piece(start: int, end: int, presence: str = "active", label: str | None = None, area: str | None = None) -> Judged:
    return Judged(start, end, presence, 0, True, label, None, area, None)  # type: ignore[arg-type]


@st.composite
def days(draw: st.DrawFn) -> list[Judged]:
    at, made = START, []
    for length in draw(st.lists(st.integers(1, 5 * 3_600_000), min_size=1, max_size=30)):
        made.append(piece(at, at + length, draw(st.sampled_from(PRESENCES))))
        at += length
    return made


@given(days())
def test_stretches_never_overlap_and_stay_within_their_day(pieces: list[Judged]) -> None:
    found = strips(pieces, MOSCOW)
    assert found and all(0 <= s.from_minute < s.to_minute <= 24 * 60 for s in found)
    for one, two in pairwise(found):
        assert one.day < two.day or one.to_minute <= two.from_minute


def test_a_slot_shows_what_took_most_of_it() -> None:
    pieces = [piece(START, START + 60_000, "idle"), piece(START + 60_000, START + 360_000, "active", "work", "sales")]
    assert {s.kind for s in strips(pieces, MOSCOW, 400_000_000)} == {"sales"}


def test_kinds_tell_not_classified_from_not_work_and_not_recorded() -> None:
    assert kind_of(piece(0, 1)) == "unclassified"
    assert kind_of(piece(0, 1, label="non_work")) == "non_work"
    assert kind_of(piece(0, 1, "call", "work")) == "general"
    assert kind_of(piece(0, 1, "off")) == "unrecorded"
