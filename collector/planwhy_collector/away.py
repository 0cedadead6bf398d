"""Which errors mean that the database is away for now. In: an error. Out: yes or no. Never: a look at its text.

Away is all that passes without anyone changing the request: no server, one that starts or stops, a lock or a pool that
was waited for too long, a full disk, a file or a server that takes no writes. What is asked wrongly is not.
"""

from sqlalchemy.exc import DBAPIError, TimeoutError

_SQLITE = frozenset({5, 6, 8, 10, 11, 13, 14, 15, 26})
"""Busy, locked, read-only, I/O error, damaged, full, cannot open, locking protocol, not a database."""
_CLASSES = ("08", "40", "53", "57", "58")
"""Of SQLSTATE: connection, rollback by others, resources (connections, disk, memory), operator, system."""
_STATES = frozenset({"25006", "25P03", "25P04", "55P03"})
"""Read-only transaction, idle in it for too long, transaction for too long, lock not to be had."""
READ_ONLY = "25006"


def is_away(error: BaseException) -> bool:
    """Whether an error means that the database is away for now, and the same request may succeed later."""
    if isinstance(error, TimeoutError):
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if (code := getattr(cause, "sqlite_errorcode", None)) is not None:
        return code & 0xFF in _SQLITE
    state = getattr(cause, "sqlstate", "")
    return _unreached(cause) if state is None else state[:2] in _CLASSES or state in _STATES


def _unreached(cause: object) -> bool:
    """Whether PostgreSQL's driver found no server: it has no SQLSTATE to tell then."""
    return any(kind.__name__ == "OperationalError" for kind in type(cause).__mro__)
