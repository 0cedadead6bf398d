"""Disks that fill up, that run out of names, that take no writes or give errors: on file systems of their own."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from ingest_stub import IngestStub, ingest_stub
from running import eventually

from tests.durability.found import Found
from tests.durability.machine import Machine

CHUNK = 1
FULL_S, SHORT_S = 20.0, 4.0
SHUTDOWN = (
    "import fcntl, os, struct, sys; fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack('I', 2))"
)
"""EXT4_IOC_SHUTDOWN without a flush: from now on every write gives an error, as on a disk that was pulled out."""


def run(first: int, count: int, _deadline: float) -> Found:
    """The cases from `first` on."""
    found = Found()
    for name, case in list(CASES.items())[first : first + count]:
        with tempfile.TemporaryDirectory() as folder, ingest_stub() as (stub, url):
            try:
                found += case(Path(folder), stub, url).named(name)
            except AssertionError as error:
                found += Found(1, faults=(f"{name}: {error}",))
            except subprocess.CalledProcessError as error:
                found += Found(1, skipped=f"{name}: {error.stderr.decode().strip()}")
    return found


def filled(folder: Path, stub: IngestStub, url: str) -> Found:
    """The disk is filled to the last byte while the agent works, stays full, and is freed again; twice."""
    with mounted(folder / "disk", "tmpfs", "size=12m") as disk:
        machine = _machine(folder, url, stub, disk)
        machine.start()
        eventually(machine.works)
        faults = []
        for _ in range(2):
            _fill(disk / "filler")
            eventually(lambda: _says_full(machine), 60)
            time.sleep(FULL_S)
            if machine.process and machine.process.poll() is not None:
                faults.append("ended while the disk was full")
            (disk / "filler").unlink()
            eventually(lambda: not _says_full(machine), 60)
        return _ended(machine, stub, faults)


def filled_while_away(folder: Path, stub: IngestStub, url: str) -> Found:
    """Full before the start: the agent waits for room, and what was on the disk is sent all the same."""
    with mounted(folder / "disk", "tmpfs", "size=12m") as disk:
        machine = _machine(folder, url, stub, disk)
        stub.modes = ["503 1"] * 20
        machine.start()
        eventually(lambda: len(machine.written()) > 50)
        machine.kill()
        stub.modes = []
        _fill(disk / "filler")
        (disk / "data" / "spool.reserve").unlink(missing_ok=True)
        _fill(disk / "filler-2")
        machine.start()
        time.sleep(FULL_S)
        faults = [] if machine.process and machine.process.poll() is None else ["ended while the disk was full"]
        for name in ("filler", "filler-2"):
            (disk / name).unlink()
        written = len(machine.written())
        eventually(lambda: len(machine.written()) > written, 60)
        return _ended(machine, stub, faults)


def no_names_left(folder: Path, stub: IngestStub, url: str) -> Found:
    """No file can be made any more (inodes), while there is room in those that are there."""
    with mounted(folder / "disk", "tmpfs", "size=12m,nr_inodes=64") as disk:
        machine = _machine(folder, url, stub, disk)
        machine.start()
        eventually(machine.works)
        made = 0
        with suppress(OSError):
            while True:
                (disk / f"name-{made}").touch()
                made += 1
        written, counted = len(machine.written()), len(stub.counted)
        eventually(lambda: len(machine.written()) > written + 20, 60)
        eventually(lambda: len(stub.counted) > counted + 20, 60)
        for i in range(made):
            (disk / f"name-{i}").unlink()
        return _ended(machine, stub, [])


def read_only(folder: Path, stub: IngestStub, url: str) -> Found:
    """A file system mounted read-only: a clear message and exit 1; writable again, everything that was kept is sent."""
    with mounted(folder / "disk", "tmpfs", "size=12m") as disk:
        machine = _machine(folder, url, stub, disk)
        stub.modes = ["503 1"] * 20
        machine.start()
        eventually(lambda: len(machine.written()) > 20)
        machine.kill()
        stub.modes = []
        _mount("-o", "remount,ro", str(disk))
        faults = _refuses(machine)
        _mount("-o", "remount,rw", str(disk))
        machine.start()
        eventually(lambda: len(stub.counted) > 20)
        return _ended(machine, stub, faults)


def pulled_out(folder: Path, stub: IngestStub, url: str) -> Found:
    """A disk that gives an error for every write: recording goes on in memory; mounted again, what was safe is sent."""
    image = folder / "image"
    with image.open("wb") as file:
        file.truncate(32 << 20)
    _run("mkfs.ext4", "-q", str(image))
    with mounted(folder / "disk", str(image), "loop", kind=None) as disk:
        machine = _machine(folder, url, stub, disk)
        machine.start()
        eventually(lambda: len(stub.counted) > 20)
        _run(sys.executable, "-c", SHUTDOWN, str(disk))
        time.sleep(SHORT_S)
        faults = [] if machine.process and machine.process.poll() is None else ["ended when the disk was pulled out"]
        machine.end()
        _run("umount", str(disk))
        _mount("-o", "loop", str(image), str(disk))
        counted = len(stub.counted)
        machine.start()
        eventually(lambda: len(stub.counted) > counted)
        return _ended(machine, stub, faults)


def not_ours(folder: Path, stub: IngestStub, url: str) -> Found:
    """A folder that the person may not write to: a clear message and exit 1, no traceback."""
    machine = Machine(folder / "m", url, stub)
    os.chown(machine.data, 65_534, 65_534)
    for path in machine.data.iterdir():
        os.chown(path, 65_534, 65_534)
    machine.data.chmod(0o500)
    (folder / "m" / "run").mkdir(mode=0o777)
    folder.chmod(0o711)
    (folder / "m").chmod(0o777)
    machine.command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *machine.command]
    faults = _refuses(machine)
    machine.data.chmod(0o700)
    return Found(1, faults=tuple(faults))


CASES: dict[str, Callable[[Path, IngestStub, str], Found]] = {
    "filled up": filled,
    "full at the start": filled_while_away,
    "no names left": no_names_left,
    "read-only": read_only,
    "pulled out": pulled_out,
    "not ours": not_ours,
}
FULL, SMALL = len(CASES), 3


@contextmanager
def mounted(where: Path, what: str, options: str, kind: str | None = "tmpfs") -> Iterator[Path]:
    """A file system of its own. Raises CalledProcessError where that is not permitted."""
    where.mkdir()
    _mount(*(["-t", kind] if kind else []), "-o", options, what, str(where))
    try:
        yield where
    finally:
        subprocess.run(["umount", "-l", str(where)], capture_output=True, check=False)


def _machine(folder: Path, url: str, stub: IngestStub, disk: Path) -> Machine:
    return Machine(folder / "m", url, stub, disk / "data", SUBJECT_EVERY_S="0.02", SUBJECT_PADDING="200")


def _refuses(machine: Machine) -> list[str]:
    machine.start()
    assert machine.process
    try:
        code = machine.process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        machine.end()
        return ["neither recorded nor ended"]
    said = machine.log.read_text().strip().splitlines()[-1:]
    return [] if code == 1 and said and "Traceback" not in machine.log.read_text() else [f"ended with {code}: {said}"]


def _says_full(machine: Machine) -> bool:
    path = machine.folder / "run" / "health.json"
    return path.exists() and '"disk_full":true' in path.read_text()


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4_096))


def _ended(machine: Machine, stub: IngestStub, faults: list[str]) -> Found:
    """Stop, send the rest, and reckon."""
    try:
        if (code := machine.stop(30)) != 0:
            faults.append(f"ended with {code}")
        machine.start()
        counted = len(stub.counted)
        eventually(lambda: len(stub.counted) > counted)
        machine.stop(30)
    finally:
        machine.end()
    figures = {f"spans lost by {g['reason']}, declared": float(g["count"]) for g in stub.gaps}
    return replace(machine.reckoned(1) + Found(faults=tuple(faults), figures=figures))


def _mount(*arguments: str) -> None:
    _run("mount", *arguments)


def _run(*command: str) -> None:
    if shutil.which(command[0]) is None:
        raise subprocess.CalledProcessError(127, command, stderr=b"not installed")
    subprocess.run(command, check=True, capture_output=True, timeout=60)
