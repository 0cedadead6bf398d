"""Start with the person's session: which way of doing so fits this system.

In: on or off. Out: what the system's own way says. Never: another person's session, administrator rights.
Each way is a module with the same three functions.
"""

import sys
from collections.abc import Mapping

if sys.platform == "win32":
    from planwhy_agent import autostart_windows as way
else:
    from planwhy_agent import autostart_xdg as way


def switch_on(environment: Mapping[str, str]) -> str:
    """Start the agent with every session from now on; where that stands now. Raises OSError."""
    return way.switch_on(environment)


def switch_off(environment: Mapping[str, str]) -> bool:
    """Start it no more; whether it was started before. Raises OSError."""
    return way.switch_off(environment)


def is_on(environment: Mapping[str, str]) -> bool:
    """Whether it starts with the session."""
    return way.is_on(environment)
