"""Where in a pattern the mistake lies. In: a pattern and what RE2 says of it. Out: words for whoever wrote it.

RE2 names the reason and a fragment, not the place. It reads from the left, so the mistake ends where the shortest
beginning of the pattern ends that is wrong for the same reason.
"""

from collections.abc import Callable

Trial = Callable[[str], Exception | None]
"""What RE2 says of a pattern; None where it is valid."""
_UNCLOSED = "missing )"
_UNOPENED = "unexpected )"


def told(pattern: str, error: Exception, trial: Trial) -> str:
    """Say what is wrong with a pattern, at which character, counted from 1, and with what part of it."""
    reason, _, fragment = _words(error).partition(": ")
    at = _place(pattern, reason, fragment, trial)
    if at is None:
        return f"the pattern is not valid: {reason}" + (f": {fragment!r}" if fragment else "")
    shown = fragment if fragment and fragment != pattern else pattern[at:]
    return f"the pattern is not valid at character {at + 1}: {reason}" + (f": {shown!r}" if shown else "")


def _place(pattern: str, reason: str, fragment: str, trial: Trial) -> int | None:
    if reason == _UNCLOSED:
        opened = [at for at, letter in enumerate(pattern) if letter == "(" and trial(pattern[:at]) is None]
        return opened[-1] if opened else None
    wanted = reason if reason == _UNOPENED else f"{reason}: {fragment}"
    for end in range(1, len(pattern) + 1):
        found = trial(pattern[:end])
        if found is not None and (_words(found) == wanted or _words(found).startswith(f"{wanted}: ")):
            return end - 1 if reason == _UNOPENED else end - len(fragment)
    return len(pattern) - 1 if pattern and reason.startswith("trailing") else None


def _words(error: Exception) -> str:
    said = error.args[0]
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
