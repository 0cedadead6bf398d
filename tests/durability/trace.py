"""What strace recorded, as operations on files in the order in which they took effect.

In: the recording of one program. Out: Ops. Only files below the given folder are of interest.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

CALLS = "openat,write,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir"
_LINE = re.compile(r"^(\d+)\s+(.*)$")
_CALL = re.compile(r"^(\w+)\((.*)\)\s+=\s+(-?\d+)")
_FD = re.compile(r"^\d+<(.*?)>$")


@dataclass(frozen=True)
class Op:
    """`create`, `truncate`, `write`, `sync`, `sync_folder`, `rename` or `unlink`; `at` None is the end of the file."""

    kind: str
    path: str
    other: str = ""
    at: int | None = None
    data: bytes = b""
    begun: int = 0


def ops_of(lines: Iterator[str], root: str) -> Iterator[Op]:
    """Read a recording; `begun` is how many operations had taken effect when this one began."""
    unfinished: dict[str, tuple[str, int]] = {}
    done = 0
    for line in lines:
        if (found := _LINE.match(line)) is None:
            continue
        pid, text = found.groups()
        begun = done
        if text.endswith("<unfinished ...>"):
            unfinished[pid] = text[: -len("<unfinished ...>")].rstrip(), done
            continue
        if text.startswith("<... "):
            before, begun = unfinished.pop(pid, ("", done))
            text = before + text.split("resumed>", 1)[1]
        for op in _ops(text, root, begun):
            yield op
            done += 1


def _ops(text: str, root: str, begun: int) -> Iterator[Op]:
    if (found := _CALL.match(text)) is None or int(found[3]) < 0:
        return
    call, arguments = found[1], _arguments(found[2])
    path = _path(call, arguments)
    if not path.startswith(root):
        return
    if call == "openat":
        if "O_CREAT" in arguments[2]:
            yield Op("create", path, begun=begun)
        if "O_TRUNC" in arguments[2]:
            yield Op("truncate", path, at=0, begun=begun)
    elif call == "write":
        yield Op("write", path, data=_bytes(arguments[1]), begun=begun)
    elif call == "pwrite64":
        yield Op("write", path, at=int(arguments[3]), data=_bytes(arguments[1]), begun=begun)
    elif call == "ftruncate":
        yield Op("truncate", path, at=int(arguments[1]), begun=begun)
    elif call in ("fsync", "fdatasync"):
        yield Op("sync", path, begun=begun)
    elif call.startswith("rename"):
        target = arguments[1] if call == "rename" else arguments[3]
        yield Op("rename", path, _bytes(target).decode(), begun=begun)
    elif call.startswith("unlink"):
        yield Op("unlink", path, begun=begun)


def _path(call: str, arguments: list[str]) -> str:
    if call in ("rename", "unlink", "mkdir"):
        return _bytes(arguments[0]).decode()
    if call in ("openat", "renameat", "renameat2", "unlinkat"):
        return _bytes(arguments[1]).decode()
    found = _FD.match(arguments[0])
    return _unescaped(found[1]).decode() if found else ""


def _arguments(text: str) -> list[str]:
    """Split at commas; texts are hexadecimal throughout, so that no comma stands in one."""
    return [part.strip() for part in text.split(",")]


def _bytes(text: str) -> bytes:
    return _unescaped(text.strip('"'))


def _unescaped(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", "")) if text.startswith("\\x") else text.encode()
