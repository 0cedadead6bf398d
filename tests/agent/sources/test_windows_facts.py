"""What numbers and names of Windows mean; runs on every system."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_agent.sources.windows_facts import (
    AHEAD_MS,
    CONSOLE_CONNECT,
    CONSOLE_DISCONNECT,
    LOCK,
    LOGOFF,
    LOGON,
    REMOTE_CONNECT,
    REMOTE_DISCONNECT,
    TURN_MS,
    UNLOCK,
    LastInput,
    Recording,
    Running,
    Seat,
    in_use,
    last_input,
    program_name,
    recording_now,
    seat_after,
    seat_told,
)

DAY_MS = 86_400_000
STEPS = st.integers(1, 60 * DAY_MS).filter(lambda step: step != TURN_MS)
ZOOM = Running(r"C:\Program Files\Zoom\bin\Zoom.exe", None, 50)
TEAMS = Running(r"C:\Program Files\WindowsApps\MSTeams_1\ms-teams.exe", "MSTeams_8wekyb3d8bbwe", 50)


@given(st.integers(0, 1 << 45), st.integers(0, TURN_MS - AHEAD_MS))
def test_the_first_look_tells_idle_time_across_the_turn_of_the_tick(now: int, ago: int) -> None:
    found = last_input(None, (now - ago) % TURN_MS, now)
    assert now - found.at_ms == ago


@given(st.lists(st.tuples(STEPS, st.booleans()), max_size=20), st.integers(0, 1 << 45))
def test_idle_time_is_right_for_as_long_as_one_looks(steps: list[tuple[int, bool]], now: int) -> None:
    at, found = now, last_input(None, now % TURN_MS, now)
    for step, typed in steps:
        now += step
        if typed:
            at = now
        found = last_input(found, at % TURN_MS, now)
        assert found.at_ms == at


@given(st.integers(1 << 33, 1 << 45), st.integers(0, 5_000), st.integers(0, TURN_MS - 1))
def test_another_tick_means_an_input_since_the_last_look_whatever_it_claims(now: int, step: int, tick: int) -> None:
    before = LastInput((tick + 1) % TURN_MS, now - DAY_MS, now - step)
    found = last_input(before, tick, now)
    assert now - step <= found.at_ms <= now


def test_an_input_since_a_look_that_saw_none_is_not_older_than_that_look() -> None:
    first = last_input(None, 0, DAY_MS)
    looked = last_input(first, 0, 2 * DAY_MS)
    assert last_input(looked, 1, 2 * DAY_MS + 10).at_ms == 2 * DAY_MS


@given(st.integers(1 << 33, 1 << 45), st.integers(1, AHEAD_MS - 1))
def test_an_input_said_to_lie_in_the_future_is_now(now: int, ahead: int) -> None:
    assert last_input(None, (now + ahead) % TURN_MS, now).at_ms == now


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (r"C:\Users\иванова\AppData\Local\Zoom\bin\Zoom.exe", "Zoom.exe"),
        (r"\\server\share\1cv8.exe", "1cv8.exe"),
        ("C:/Program Files/app.exe", "app.exe"),
        ("chrome.exe", "chrome.exe"),
        ("C:\\safe\u202etxt.exe", "safetxt.exe"),
        ("C:\\folder\\", None),
        ("", None),
    ],
)
def test_a_program_is_named_without_its_folders(path: str, name: str | None) -> None:
    assert program_name(path) == name


@given(st.text(st.characters(exclude_categories=[]), max_size=600))
def test_no_path_gives_a_folder_or_an_unfit_name(path: str) -> None:
    name = program_name(path)
    assert name is None or not {"\\", "/", "\0"} & set(name)
    assert name is None or (len(name.encode()) > 0 and len(name) <= 255)


@pytest.mark.parametrize(
    ("notices", "seat"),
    [
        ([LOCK], Seat(locked=True)),
        ([LOCK, UNLOCK], Seat()),
        ([LOCK, CONSOLE_DISCONNECT], Seat(locked=True, away=True)),
        ([CONSOLE_DISCONNECT, LOCK, CONSOLE_CONNECT], Seat(locked=True)),
        ([CONSOLE_DISCONNECT, CONSOLE_CONNECT], Seat()),
        ([REMOTE_DISCONNECT], Seat(away=True)),
        ([REMOTE_DISCONNECT, LOCK], Seat(locked=True, away=True)),
        ([LOCK, REMOTE_DISCONNECT, REMOTE_CONNECT, UNLOCK], Seat()),
        ([CONSOLE_DISCONNECT, UNLOCK], Seat()),
        ([LOCK, LOGON], Seat()),
        ([LOGOFF], Seat(away=True)),
        ([LOCK, 9, 10, 11, -1, 1 << 40], Seat(locked=True)),
    ],
)
def test_notices_of_the_session_add_up(notices: list[int], seat: Seat) -> None:
    found = Seat()
    for notice in notices:
        found = seat_after(found, notice)
    assert found == seat


@pytest.mark.parametrize(
    ("state", "flags", "windows", "seat"),
    [
        (0, 0, (10, 0), Seat(locked=True)),
        (0, 1, (10, 0), Seat()),
        (0, 0, (6, 1), Seat()),
        (0, 1, (6, 1), Seat(locked=True)),
        (4, 0, (10, 0), Seat(locked=True, away=True)),
        (4, 1, (6, 2), Seat(away=True)),
        (3, 1, (10, 0), Seat()),
        (0, -1, (10, 0), None),
        (4, -1, (10, 0), Seat(away=True)),
        (99, 7, (10, 0), Seat(away=True)),
    ],
)
def test_state_and_flags_say_whether_a_person_sits_there(
    state: int, flags: int, windows: tuple[int, int], seat: Seat | None
) -> None:
    assert seat_told(state, flags, windows) == seat


@pytest.mark.parametrize(
    ("start", "stop", "used"),
    [
        (70, 0, True),
        (70, 71, False),
        (0, 0, False),
        ("70", 0, False),
        (70, b"", False),
        (None, None, False),
        (-1, 0, False),
    ],
)
def test_a_microphone_is_in_use_from_its_start_until_it_stops(start: object, stop: object, used: bool) -> None:
    assert in_use("key", True, start, stop) == (Recording("key", True, 70) if used else None)


@pytest.mark.parametrize(
    ("key", "packaged", "since", "running", "names"),
    [
        ("C:#Program Files#Zoom#bin#Zoom.exe", False, 70, [ZOOM, TEAMS], {"Zoom.exe"}),
        ("c:#program files#zoom#BIN#zoom.EXE", False, 50, [ZOOM], {"Zoom.exe"}),
        ("C:#Program Files#Zoom#bin#Zoom.exe", False, 49, [ZOOM], set()),
        ("C:#Program Files#Zoom#bin#Zoom.exe", True, 70, [ZOOM], set()),
        ("C:#Elsewhere#Zoom.exe", False, 70, [ZOOM], set()),
        ("MSTeams_8wekyb3d8bbwe", True, 70, [ZOOM, TEAMS], {"ms-teams.exe"}),
        ("MSTeams_8wekyb3d8bbwe", True, 70, [ZOOM], set()),
        ("MSTeams_8wekyb3d8bbwe", False, 70, [TEAMS], set()),
    ],
)
def test_only_programs_that_still_run_record(
    key: str, packaged: bool, since: int, running: list[Running], names: set[str]
) -> None:
    note = in_use(key, packaged, since, 0)
    assert note is not None
    assert recording_now([note], running) == names


@given(st.text(max_size=80), st.booleans(), st.integers(1, 1 << 62), st.lists(st.tuples(st.text(), st.text())))
def test_no_key_and_no_process_is_an_error(
    key: str, packaged: bool, since: int, running: list[tuple[str, str]]
) -> None:
    note = in_use(key, packaged, since, 0)
    assert note is not None
    found = recording_now([note], [Running(path, family, 0) for path, family in running])
    assert all(found)
