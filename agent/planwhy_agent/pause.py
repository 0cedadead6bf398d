"""Private time: the person's own switch, a file that says until when.

In: the data folder. Out: until when nothing but `private` is recorded. Never: a reason; nobody asks for one.
"""

from pathlib import Path

from planwhy_agent.files import read_or_none, remove, write_whole

LONGEST_MINUTES = 24 * 60
NAME = "paused-until"


def pause(folder: Path, until_ms: int) -> None:
    """Begin private time."""
    write_whole(folder / NAME, str(until_ms).encode())


def resume(folder: Path) -> bool:
    """End private time; whether there was any."""
    found = (folder / NAME).exists()
    remove(folder / NAME)
    return found


def paused_until(folder: Path) -> int:
    """When private time ends, in ms; 0 where there is none. A file that cannot be read counts as private time."""
    raw = read_or_none(folder / NAME)
    if raw is None:
        return 0
    return int(raw) if raw.strip().isdigit() else 2**62
