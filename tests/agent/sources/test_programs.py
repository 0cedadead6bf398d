"""What is asked of processes is right, compared with psutil, and nothing about one that is gone is an error."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from desktop import wait_for
from planwhy_agent.sources import processes_psutil
from planwhy_agent.sources.programs import Programs

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
SLEEP = [shutil.which("sleep") or "sleep", "60"]


@linux
@pytest.mark.parametrize("name", ["sleep", "a-program-with-a-long-name", "odd (name) )", "имя", "x" * 15])
def test_name_start_owner_and_parent_are_those_that_psutil_tells(tmp_path: Path, name: str) -> None:
    from planwhy_agent.sources import processes_linux

    program = tmp_path / name
    shutil.copy(SLEEP[0], program)
    with subprocess.Popen([str(program), "60"]) as process:
        try:
            wait_for(lambda: psutil.Process(process.pid).cmdline())  # a process that just began has no first word yet
            name_told, _ = processes_linux.identity_of(process.pid) or ("", 0)
            assert name_told == psutil.Process(process.pid).name() == name
            assert processes_linux.parent_of(process.pid) == processes_psutil.parent_of(process.pid) == os.getpid()
            assert processes_linux.owner_of(process.pid) == processes_psutil.owner_of(process.pid) == os.getuid()
        finally:
            process.kill()


@linux
def test_two_processes_under_one_number_are_told_apart_by_their_start() -> None:
    from planwhy_agent.sources import processes_linux

    with subprocess.Popen(SLEEP) as one, subprocess.Popen(SLEEP) as other:
        starts = {(processes_linux.identity_of(pid) or ("", 0))[1] for pid in (os.getpid(), one.pid, other.pid)}
        one.kill()
        other.kill()
    assert len(starts) >= 2


@pytest.mark.parametrize("pid", [0, -1, 2**22 + 5, 2**63, 10**30])
def test_a_process_that_is_not_there_has_no_name_and_no_relatives(pid: int) -> None:
    programs = Programs()
    assert programs.name_of(pid) is None
    assert not programs.is_ours(pid)
    assert not programs.related(pid, os.getpid())


def test_a_child_of_a_child_is_related_and_a_stranger_is_not() -> None:
    if sys.platform == "win32":
        pytest.skip("no shell")
    with subprocess.Popen(["sh", "-c", f"{SLEEP[0]} 60 & echo $!; wait"], stdout=subprocess.PIPE, text=True) as shell:
        assert shell.stdout
        child = int(shell.stdout.readline())
        with subprocess.Popen(SLEEP) as stranger:
            programs = Programs()
            assert programs.related(child, os.getpid())
            assert programs.related(os.getpid(), child)
            assert not programs.related(child, stranger.pid)
            stranger.kill()
        psutil.Process(child).kill()
