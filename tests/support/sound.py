"""A sound server of its own for a test, with a microphone, and programs of any name that record from it."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from desktop import need, wait_for

QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
_LOADS = ("module-native-protocol-unix", "module-null-sink sink_name=out", "module-null-source source_name=mic")


@contextmanager
def sound_server(folder: Path) -> Iterator[dict[str, str]]:
    """Start a server with a source `mic` and an output `out`; gives the environment of its programs."""
    need("pulseaudio", "pacat", "parec")
    home = {"XDG_RUNTIME_DIR": str(folder), "HOME": str(folder), "PULSE_CLIENTCONFIG": "/dev/null"}
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PULSE_")} | home
    modules = [word for load in _LOADS for word in ("-L", load)]
    command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes", "--use-pid-file=no"]
    server = subprocess.Popen([*command, *modules], env=environment, **QUIET)  # type: ignore[call-overload]
    try:
        wait_for((folder / "pulse" / "native").exists)
        yield environment
    finally:
        server.terminate()
        server.wait(timeout=10)


def record(folder: Path, environment: Mapping[str, str], name: str, source: str = "mic") -> "subprocess.Popen[bytes]":
    """Start a program of this name that records; whoever starts it ends it."""
    program = folder / name
    shutil.copy(shutil.which("pacat") or "", program)
    started: subprocess.Popen[bytes] = subprocess.Popen(  # type: ignore[call-overload]
        [program, "--record", "-d", source], env=environment, **QUIET
    )
    return started
