"""Notifications: each cause once, whatever the tray goes through; nothing of what the person did in them."""

import time
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from agent_parts import NOON_MS, policy
from hypothesis import given
from hypothesis import strategies as st
from planwhy_agent import health, pause
from planwhy_agent.condition import Facts
from planwhy_agent.config import Settings
from planwhy_agent.identity import Identity, save_identity
from planwhy_agent.policy import PolicyStore, StoredPolicy
from planwhy_agent.tray.icon import SIZES, argb, points
from planwhy_agent.tray.menu import Act, Face, Kind, face_of
from planwhy_agent.tray.notices import Told
from planwhy_agent.tray.process import Tray, next_midnight_ms, notices
from planwhy_agent.words import Words
from planwhy_shared.wire import Notice, PolicyAnswer

SAY = Words("en")
ALIVE = health.Health(7, 0, 0, "active", 0, "xterm", 1, "", False, 0, health.Sending("ok", "", 1))
FACTS = Facts(
    pid=7,
    alive=ALIVE,
    identity=Identity("http://x", "d1", "e1", "One", "file", 1),
    stored=StoredPolicy(PolicyAnswer(policy(), Notice("n1", "read me"))),
    acknowledged=True,
    paused_until_ms=0,
    working=True,
    sending=ALIVE.sending,
)
REFUSED = replace(FACTS, sending=health.Sending("locked_out", "revoked", 1))


def causes(facts: Facts, ended_ms: int = 0) -> list[str]:
    return [told.cause for told in notices.due(facts, ended_ms, SAY, NOON_MS)]


def test_nothing_is_told_while_all_is_well() -> None:
    assert causes(FACTS) == []


def test_each_notice_and_each_private_time_is_a_cause_of_its_own() -> None:
    assert causes(replace(FACTS, acknowledged=False)) == ["notice-n1"]
    assert causes(FACTS, NOON_MS - 1) == [f"private-{NOON_MS - 1}"]


@pytest.mark.parametrize(
    "facts",
    [
        replace(FACTS, working=False),
        replace(FACTS, alive=None),
        replace(FACTS, paused_until_ms=NOON_MS + 1),
    ],
)
def test_the_end_of_private_time_is_told_only_where_recording_goes_on(facts: Facts) -> None:
    assert causes(facts, NOON_MS - 1) == []


def test_private_time_that_ended_long_ago_is_not_told() -> None:
    assert causes(FACTS, NOON_MS - notices.ENDED_LATELY_MS) == []


def test_a_second_refusal_counts_anew_only_after_something_was_taken() -> None:
    told = frozenset(causes(REFUSED))
    waiting = replace(FACTS, sending=health.Sending("waiting", "unreachable"))
    assert notices.still_told(told, REFUSED) == notices.still_told(told, waiting) == told
    assert notices.still_told(told, FACTS) == frozenset()


class Shown:
    """A desktop that remembers what it was shown, and takes notifications or not."""

    def __init__(self, takes: bool = True) -> None:
        self.takes = takes
        self.told: list[Told] = []
        self.faces: list[Face] = []

    def show(self, face: Face) -> None:
        """Remember."""
        self.faces.append(face)

    def notify(self, told: Told) -> bool:
        """Remember, if it takes them."""
        if self.takes:
            self.told.append(told)
        return self.takes

    def withdraw(self, over: object) -> None:
        """Nothing stays here."""

    def drive(self, run: object) -> int:
        """Not driven here."""
        raise NotImplementedError

    def wait(self, timeout_s: float | None) -> None:
        """Not waited for here."""

    ended = False


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(data_dir=str(tmp_path / "data"), runtime_dir=str(tmp_path / "run"))
    save_identity(settings.data, Identity("http://x", "d1", "e1", "One", "file", 1))
    PolicyStore(settings.data).save(policy(), Notice("n1", "read me"), None)
    return settings


def test_what_nobody_took_is_told_later_and_what_was_told_is_remembered(settings: Settings) -> None:
    deaf, first, second = Shown(takes=False), Shown(), Shown()
    tray = Tray(settings, SAY, lambda: NOON_MS)
    for shown in (deaf, first, first):
        tray.look(shown)
    Tray(settings, SAY, lambda: NOON_MS).look(second)
    assert ([t.cause for t in first.told], second.told) == (["notice-n1"], [])


def test_a_damaged_memory_tells_once_more_rather_than_never(settings: Settings) -> None:
    settings.runtime.mkdir()
    (settings.runtime / notices.NAME).write_bytes(b"\xff{")
    shown = Shown()
    Tray(settings, SAY, lambda: NOON_MS).look(shown)
    assert [told.cause for told in shown.told] == ["notice-n1"]


@pytest.mark.parametrize(("act", "minutes"), [(Act.QUARTER, 15), (Act.HOUR, 60)])
def test_private_time_of_a_click_ends_by_itself(settings: Settings, act: Act, minutes: int) -> None:
    tray = Tray(settings, SAY, lambda: NOON_MS)
    tray.click(act)
    assert pause.paused_until(settings.data) == NOON_MS + minutes * 60_000
    tray.click(Act.RESUME)
    assert pause.paused_until(settings.data) == 0


@given(st.integers(0, 4_000_000_000_000))
def test_until_tomorrow_is_the_next_local_midnight_and_never_longer_than_a_long_day(now_ms: int) -> None:
    until = next_midnight_ms(now_ms)
    assert now_ms < until <= now_ms + 26 * 3_600_000
    assert time.localtime(until // 1000)[3:6] == (0, 0, 0)


@given(
    st.sampled_from(["active", "idle", "private", "off", "nothing"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0, NOON_MS + 1, 2**62]),
    st.sampled_from(["idle", "ok", "waiting", "locked_out"]),
    st.sampled_from(["en", "ru"]),
)
def test_a_face_names_no_program_and_can_always_be_clicked(
    recording: str, acknowledged: bool, working: bool, paused: int, sending: str, language: str
) -> None:
    alive = msgspec.structs.replace(ALIVE, recording=recording)
    facts = replace(
        FACTS, alive=alive, acknowledged=acknowledged, working=working, paused_until_ms=paused,
        sending=health.Sending(sending, "why", 1),
    )  # fmt: skip
    face = face_of(facts, Words(language), NOON_MS)
    acts = [item.act for item in face.items if item.enabled and item.text]
    assert {Act.QUARTER, Act.HOUR, Act.TODAY, Act.PAGE, Act.STATUS} <= set(acts) and len(acts) == len(set(acts))
    assert (Act.RESUME in acts, Act.ACKNOWLEDGE in acts) == (bool(paused), not acknowledged)
    assert "xterm" not in str(face)


def test_every_kind_has_a_picture_of_its_own_in_every_size() -> None:
    for size in SIZES:
        pictures = [points(kind, size) for kind in Kind]
        assert len(set(pictures)) == len(Kind) and {len(picture) for picture in pictures} == {4 * size * size}
        greys = {bytes(picture[3::4]) + bytes(picture[1::4]) for picture in pictures}
        assert len(greys) == len(Kind)  # told apart without colours too


def test_the_bus_gets_the_opacity_first() -> None:
    assert (
        argb(Kind.PRIVATE, 22)[4 * 250 : 4 * 251]
        == points(Kind.PRIVATE, 22)[4 * 250 + 3 : 4 * 250 + 4] + points(Kind.PRIVATE, 22)[4 * 250 : 4 * 250 + 3]
    )
