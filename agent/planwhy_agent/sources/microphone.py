"""Which programs have the microphone open, on any system.

In: the system's own register of open recordings. Out: names of programs. Never: sound, or what is said with whom.
"""

import importlib
import sys

_BY_SYSTEM = {"linux": "microphone_linux", "win32": "microphone_windows", "darwin": "microphone_macos"}
"""Each module has a function of the same name."""


def recording_programs() -> frozenset[str]:
    """Names, as the system knows them, of programs that have the microphone open; none where nobody can tell."""
    try:
        module = importlib.import_module(f"planwhy_agent.sources.{_BY_SYSTEM[sys.platform]}")
    except (KeyError, ImportError):
        return frozenset()
    found: frozenset[str] = module.recording_programs()
    return found
