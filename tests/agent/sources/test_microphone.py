"""Who has the microphone open, asked of a real sound server with real programs that record."""

import itertools
import os
import shutil
import socket
import struct
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import sound
from desktop import wait_for
from planwhy_agent.sources import microphone, microphone_linux
from planwhy_agent.sources.microphone_linux import server_socket
from planwhy_agent.sources.pulse import NoAnswer, microphone_properties


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a sound server of its own."""
    with sound.sound_server(tmp_path_factory.mktemp("sound")) as environment:
        yield environment


@pytest.fixture
def record(server: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Starts recording programs of any name; they end with the test."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", server["XDG_RUNTIME_DIR"])
    for name in ("PULSE_SERVER", "PULSE_RUNTIME_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(microphone_linux, "CARDS", tmp_path / "no cards")
    running: list[subprocess.Popen[bytes]] = []

    def start(name: str, source: str) -> None:
        running.append(sound.record(tmp_path, server, name, source))

    yield start
    for one in running:
        one.terminate()
        one.wait(timeout=10)


def test_nobody_records_until_a_program_opens_the_microphone(record: Callable[..., None]) -> None:
    assert microphone.recording_programs() == frozenset()
    record("zoom", "mic")
    record("linphone", "mic")
    assert wait_for(lambda: len(found := microphone.recording_programs()) == 2 and found) == {"zoom", "linphone"}


def test_a_program_that_listens_to_an_output_has_no_microphone_open(
    record: Callable[..., None], server: dict[str, str]
) -> None:
    record("meter", "out.monitor")
    record("zoom", "mic")
    listed = ["pactl", "list", "source-outputs"]
    wait_for(lambda: b'"meter"' in (told := subprocess.check_output(listed, env=server)) and b'"zoom"' in told)
    assert microphone.recording_programs() == {"zoom"}


def test_who_stops_recording_is_named_no_more(record: Callable[..., None], server: dict[str, str]) -> None:
    record("zoom", "mic")
    wait_for(microphone.recording_programs)
    listed = subprocess.check_output(["pactl", "list", "short", "source-outputs"], env=server, text=True)
    subprocess.check_call(["pactl", "unload-module", "module-null-source"], env=server)
    assert listed and wait_for(lambda: not microphone.recording_programs())
    subprocess.check_call(["pactl", "load-module", "module-null-source", "source_name=mic"], env=server, **sound.QUIET)


@pytest.mark.parametrize(
    ("environment", "path"),
    [
        ({"XDG_RUNTIME_DIR": "/run/user/7"}, "/run/user/7/pulse/native"),
        ({"PULSE_RUNTIME_PATH": "/x", "XDG_RUNTIME_DIR": "/y"}, "/x/native"),
        ({"PULSE_SERVER": "{id}unix:/x/socket"}, "/x/socket"),
        ({"PULSE_SERVER": "/x/socket"}, "/x/socket"),
        ({"PULSE_SERVER": "tcp:elsewhere:4713", "XDG_RUNTIME_DIR": "/y"}, None),
        ({}, None),
    ],
)
def test_the_server_is_looked_for_where_its_programs_look(environment: dict[str, str], path: str | None) -> None:
    assert server_socket(environment) == (Path(path) if path else None)


def packet(tag: int, values: bytes, command: int = 2) -> bytes:
    body = b"L" + struct.pack(">I", command) + b"L" + struct.pack(">I", tag) + values
    return struct.pack(">5I", len(body), 0xFFFFFFFF, 0, 0, 0) + body


def stream(name: bytes, corked: bytes) -> bytes:
    """A recording as a server lists it, halted or not."""
    number, text = b"L\0\0\0\0", b"tx\0"
    own = b"tapplication.process.binary\0L" + struct.pack(">I", len(name)) + b"x" + struct.pack(">I", len(name)) + name
    head = number + text + number * 3 + b"a\3\2\0\0\xac\x44" + b"m\2\0\1" + (b"U" + bytes(8)) * 2 + text * 2
    return head + b"P" + own + b"N" + corked + b"v\2" + bytes(8) + b"0" + b"1" + b"1" + b"fB\1P" + b"N"


SOURCE = (
    b"L\0\0\0\0tmic\0N" + b"a\3\2\0\0\xac\x44" + b"m\2\0\1" + b"L\0\0\0\0" + b"v\2" + bytes(8) + b"0L\xff\xff\xff\xff"
)


def served(path: Path, answers: Iterable[bytes], asked: int = 99) -> threading.Thread:
    """A server that gives these answers, one for each of so many questions, and then waits."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(1)

    def serve() -> None:
        with suppress(OSError), listener, listener.accept()[0] as link:
            for number, answer in enumerate(answers):
                if number < asked:
                    link.recv(4096)
                link.sendall(answer)
            link.recv(4096)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


def test_a_halted_stream_is_no_open_microphone(tmp_path: Path) -> None:
    listed = stream(b"zoom\0", b"0") + stream(b"linphone\0", b"1")
    answers = [packet(1, b""), packet(2, b""), packet(7, b"", command=99) + packet(3, listed), packet(4, SOURCE)]
    thread = served(tmp_path / "native", answers)
    found = microphone_properties(tmp_path / "native")
    thread.join()
    assert [one["application.process.binary"] for one in found] == ["zoom"]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense that is long enough to be a head",
        struct.pack(">5I", 1 << 30, 0xFFFFFFFF, 0, 0, 0),
        packet(1, b"L\0\0\0\1", command=0),
        packet(1, b"?"),
        packet(1, b"t"),
        packet(1, b"x\xff\xff\xff\xff"),
        packet(1, b"m"),
        b"\0" * 19,
    ],
)
def test_a_server_that_makes_no_sense_is_no_answer_and_never_waited_for_long(tmp_path: Path, answer: bytes) -> None:
    thread = served(tmp_path / "native", [answer])
    with pytest.raises(NoAnswer):
        microphone_properties(tmp_path / "native")
    thread.join()


def test_a_server_that_talks_without_end_of_something_else_is_no_answer(tmp_path: Path) -> None:
    thread = served(tmp_path / "native", itertools.repeat(packet(9, b""), 10**9), asked=1)
    with pytest.raises(NoAnswer):
        microphone_properties(tmp_path / "native")
    thread.join()


def test_a_program_that_uses_the_sound_card_itself_is_named_and_a_sound_server_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, needs_sleep: Callable[[str], int]
) -> None:
    own, held = needs_sleep("linphone"), needs_sleep("pulseaudio")
    for at, text in enumerate((f"state: RUNNING\nowner_pid   : {own}\n", f"owner_pid   : {held}\n", "closed\n")):
        folder = tmp_path / "card0" / f"pcm{at}c" / "sub0"
        folder.mkdir(parents=True)
        (folder / "status").write_text(text)
    played = tmp_path / "card0" / "pcm0p" / "sub0"
    played.mkdir(parents=True)
    (played / "status").write_text(f"state: RUNNING\nowner_pid   : {os.getpid()}\n")
    monkeypatch.setattr(microphone_linux, "CARDS", tmp_path)
    monkeypatch.setenv("PULSE_SERVER", str(tmp_path / "nowhere"))
    assert microphone.recording_programs() == {"linphone"}


@pytest.fixture
def needs_sleep(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], int]]:
    """Starts processes of any name that do nothing."""
    folder, running = tmp_path_factory.mktemp("bin"), []

    def start(name: str) -> int:
        shutil.copy(shutil.which("sleep") or "", folder / name)
        running.append(subprocess.Popen([folder / name, "60"], **sound.QUIET))
        return running[-1].pid

    yield start
    for one in running:
        one.kill()
        one.wait()
