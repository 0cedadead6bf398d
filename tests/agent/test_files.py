"""Small files: old or new, never half, and the new one is on the disk when the call returns."""

import os
from pathlib import Path

import pytest
from planwhy_agent.files import STALE_S, clear_parts, write_whole
from planwhy_agent.spool_reserve import RESERVE_BYTES, release, reserve


@pytest.mark.skipif(os.name != "posix", reason="a folder cannot be opened there")
def test_file_and_folder_are_synced_in_this_order(tmp_path, monkeypatch):
    synced = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.append(Path(f"/proc/self/fd/{fd}").resolve()), real(fd)))
    write_whole(tmp_path / "sent.json", b"{}")
    assert [path.name for path in synced] == [f".sent.json.{os.getpid()}.part", tmp_path.name]


def test_what_a_killed_process_left_half_written_is_removed_and_what_is_being_written_is_not(tmp_path):
    old, fresh = tmp_path / ".token.1.part", tmp_path / ".token.2.part"
    for part in (old, fresh):
        part.touch()
    os.utime(old, (fresh.stat().st_mtime - STALE_S - 1,) * 2)
    clear_parts(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [fresh.name]


def test_the_reserve_takes_real_space_and_is_given_up_once(tmp_path):
    spool = tmp_path / "spool.sqlite3"
    reserve(spool)
    content = (tmp_path / "spool.reserve").read_bytes()
    assert (len(content), len(set(content)) > 200) == (RESERVE_BYTES, True)
    assert (release(spool), release(spool)) == (True, False)


def test_a_reserve_that_a_power_cut_left_too_small_is_made_anew(tmp_path):
    (tmp_path / "spool.reserve").write_bytes(b"x")
    reserve(tmp_path / "spool.sqlite3")
    assert (tmp_path / "spool.reserve").stat().st_size == RESERVE_BYTES
