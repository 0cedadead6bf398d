"""Stage 4, the reserve: disk space set aside beside the spool for the day the disk is full.

In: the spool's path. Out: a file, or none. Never: an error; where there is no room there is no reserve.
"""

import os
from pathlib import Path

RESERVE_BYTES = 1 << 20
"""Size of the file that is given up when the disk is full, so that the spool can still be emptied."""


def reserve(path: Path) -> None:
    """Set disk space aside beside a spool. It holds noise, because some file systems store zeros in no space."""
    beside = path.with_suffix(".reserve")
    try:
        if not beside.exists() or beside.stat().st_size < RESERVE_BYTES:
            beside.write_bytes(os.urandom(RESERVE_BYTES))
    except OSError:
        release(path)


def release(path: Path) -> bool:
    """Give up the reserve beside a spool; whether that made room."""
    try:
        path.with_suffix(".reserve").unlink()
    except OSError:  # there is none, or the file system takes no changes at all
        return False
    return True
