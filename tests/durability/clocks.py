"""Clocks that are set, drift, change their zone, and machines that sleep or stand still: durations stay what they were.

Wall clocks are moved by libfaketime under a real process. A machine of tests cannot be suspended: the clock that
counts sleep runs ahead of the one that does not, which is all that the agent sees of a suspension.
"""

import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ingest_stub import IngestStub, ingest_stub
from running import eventually

from tests.durability.found import Found
from tests.durability.machine import Machine
from tests.durability.reckoning import numbered, reckon

CHUNK = 1
DAY, YEAR = 86_400, 31_536_000
LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)
STOPPED_S = 125.0
WORK_S = 1.5
NEAR_MS = 6_000


class Timed(Machine):
    """A machine whose wall clock and sleep a trial moves."""

    def __init__(self, folder: Path, url: str, stub: IngestStub, **more: str) -> None:
        self.wall, self.asleep = folder / "wall", folder / "asleep"
        more |= {"SUBJECT_EVERY_S": "0.03", "SUBJECT_CLOCKS": str(self.asleep)}
        if LIBRARY is not None:
            more |= {
                "LD_PRELOAD": str(LIBRARY),
                "FAKETIME_TIMESTAMP_FILE": str(self.wall),
                "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
        super().__init__(folder, url, stub, **more)
        self.set(0)
        self.sleep(0)

    def set(self, seconds: float) -> None:
        """The wall clock is so much ahead of the right time from now on."""
        part = self.wall.with_suffix(".part")
        part.write_text(f"{seconds:+.3f}")
        part.replace(self.wall)

    def sleep(self, ms: int) -> None:
        """The machine has slept so long in all."""
        part = self.asleep.with_suffix(".part")
        part.write_text(f"{ms} 0")
        part.replace(self.asleep)


def run(first: int, count: int, _deadline: float) -> Found:
    """The cases from `first` on."""
    if LIBRARY is None:
        return Found(skipped="libfaketime is not installed")
    found = Found()
    for name, case in CASES[first : first + count]:
        with tempfile.TemporaryDirectory() as folder, ingest_stub() as (stub, url):
            machine = Timed(Path(folder), url, stub)
            try:
                faults = case(machine, stub)
                found += _reckoned(machine, stub, faults).named(name)
            except AssertionError as error:
                found += Found(1, faults=(f"{name}: {error}",))
            finally:
                machine.end()
    return found


def _set_while_it_runs(*seconds: float, marked: bool = True) -> Callable[[Timed, IngestStub], list[str]]:
    def case(machine: Timed, stub: IngestStub) -> list[str]:
        _work(machine, stub)
        for one in seconds:
            machine.set(one)
            time.sleep(WORK_S / (1 if marked else 5))
        counted = len(stub.counted)
        eventually(lambda: len(stub.counted) > counted)
        ended = _stop(machine)
        marks = sum(s.get("mark") == "clock_jump" for s in stub.spans.values())
        faults = [] if (marks >= len(seconds)) == marked else [f"{marks} spans are marked as jumps"]
        return faults + _right_time(stub, ended)

    return case


def _set_before_the_start(seconds: float, ran_before: bool) -> Callable[[Timed, IngestStub], list[str]]:
    def case(machine: Timed, stub: IngestStub) -> list[str]:
        if ran_before:
            _work(machine, stub)
            _stop(machine)
        machine.set(seconds)
        _work(machine, stub)
        return _right_time(stub, _stop(machine))

    return case


def _set_back_before_the_restart(seconds: float) -> Callable[[Timed, IngestStub], list[str]]:
    """Wrong while the collector is heard, right at the next start: what was heard then is not believed for ever."""

    def case(machine: Timed, stub: IngestStub) -> list[str]:
        machine.set(seconds)
        _work(machine, stub)
        _stop(machine)
        machine.set(0)
        _work(machine, stub)
        return _right_time(stub, _stop(machine))

    return case


def _summer_time(zone: str, turn_s: int) -> Callable[[Timed, IngestStub], list[str]]:
    """Two seconds before the clocks of a zone turn, with collector and machine agreed about the time."""

    def case(machine: Timed, stub: IngestStub) -> list[str]:
        ahead = turn_s - 2 - int(time.time())
        stub.clock_ahead_s = ahead
        stub.policy = stub.policy | {"time_zone": zone, "version": "p-zone"}
        machine.environment["TZ"] = zone
        machine.set(ahead)
        _work(machine, stub)
        time.sleep(4)
        return _right_time(stub, _stop(machine) + ahead * 1_000)

    return case


def _zone_changes(machine: Timed, stub: IngestStub) -> list[str]:
    """A journey: the zone of policy and machine changes while it runs."""
    _work(machine, stub)
    for zone in ("Asia/Vladivostok", "America/St_Johns", "Pacific/Apia"):
        stub.policy = stub.policy | {"time_zone": zone, "version": f"p-{zone}"}
        time.sleep(WORK_S)
    return _right_time(stub, _stop(machine))


def _suspended(*hours: float) -> Callable[[Timed, IngestStub], list[str]]:
    def case(machine: Timed, stub: IngestStub) -> list[str]:
        _work(machine, stub)
        slept = 0
        for one in hours:
            slept += int(one * 3_600_000)
            machine.sleep(slept)
            time.sleep(WORK_S)
        ended = _stop(machine)
        asleep = [s["end_ms"] - s["start_ms"] for s in stub.timeline() if s["state"] == "asleep"]
        near = len(asleep) == len(hours) and all(
            abs(a - h * 3_600_000) < 1_000 for a, h in zip(asleep, hours, strict=True)
        )
        return ([] if near else [f"asleep {asleep}"]) + _right_time(stub, ended + slept)

    return case


def _stopped(machine: Timed, stub: IngestStub) -> list[str]:
    """SIGSTOP for two minutes: awake time without a sample belongs to nobody."""
    _work(machine, stub)
    assert machine.process
    machine.process.send_signal(signal.SIGSTOP)
    time.sleep(STOPPED_S)
    machine.process.send_signal(signal.SIGCONT)
    time.sleep(WORK_S)
    ended = _stop(machine)
    off = [s["end_ms"] - s["start_ms"] for s in stub.timeline() if s.get("mark") == "stalled"]
    near = len(off) == 1 and abs(off[0] - STOPPED_S * 1_000) < 3_000
    return ([] if near else [f"stalled {off}"]) + _right_time(stub, ended)


def _work(machine: Timed, stub: IngestStub) -> None:
    counted = len(stub.counted)
    machine.start()
    eventually(lambda: len(stub.counted) > counted + 5)
    time.sleep(WORK_S)


def _stop(machine: Timed) -> int:
    ended = int(time.time() * 1_000)
    assert machine.stop(30) == 0, "did not end well"
    return ended


def _right_time(stub: IngestStub, ended_ms: int) -> list[str]:
    """The last span ends when it did, by the collector's clock."""
    last = max(s["end_ms"] for s in stub.spans.values())
    return [] if abs(last - ended_ms) < NEAR_MS else [f"the last span ends {(last - ended_ms) / 1000:.1f} s off"]


def _reckoned(machine: Timed, stub: IngestStub, faults: list[str]) -> Found:
    found = reckon(stub.spans, stub.gaps)
    lost = sum(key not in stub.spans and not numbered(stub.gaps, key[1]) for key in machine.written())
    jumps = sum(s.get("mark") == "clock_jump" for s in stub.spans.values())
    return found + Found(
        0, lost, faults=(*faults, *machine.crashes()), figures={"spans marked clock_jump": float(jumps)}
    )


CASES: list[tuple[str, Callable[[Timed, IngestStub], list[str]]]] = [
    ("a day ahead and back", _set_while_it_runs(DAY, 0)),
    ("a suspended hour, then three", _suspended(1, 3)),
    ("a day behind and back", _set_while_it_runs(-DAY, 0)),
    ("a year ahead and back", _set_while_it_runs(YEAR, 0)),
    ("a year behind and back", _set_while_it_runs(-YEAR, 0)),
    ("half a minute to and fro", _set_while_it_runs(30, -30, 0)),
    ("an hour to and fro", _set_while_it_runs(3_600, -3_600, 0)),
    ("small steps", _set_while_it_runs(*[0.4 * i for i in range(1, 6)], marked=False)),
    *((f"{s / DAY:+.0f} days at the first start", _set_before_the_start(s, False)) for s in (DAY, -DAY, YEAR, -YEAR)),
    *((f"{s / DAY:+.0f} days at a later start", _set_before_the_start(s, True)) for s in (DAY, -DAY, YEAR, -YEAR)),
    *((f"{s / DAY:+.0f} days, then right", _set_back_before_the_restart(s)) for s in (DAY, -DAY, YEAR, -YEAR)),
    ("into summer time", _summer_time("Europe/Berlin", 1_774_746_000)),
    ("out of summer time", _summer_time("Europe/Berlin", 1_792_890_000)),
    ("half an hour of summer time", _summer_time("Australia/Lord_Howe", 1_775_314_800)),
    ("another zone", _zone_changes),
    ("SIGSTOP for two minutes", _stopped),
]
FULL, SMALL = len(CASES), 2
