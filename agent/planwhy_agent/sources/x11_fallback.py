"""The portable fallback on an X11 display that lacks the screen saver extension.

In: the name of such a display. Out: an open desktop. Never: Wayland behind an X11 face, where pywinctl would see some
windows only; a display other than the one named, though pywinctl asks the environment of the process for it.
"""

import os
from collections.abc import Mapping

from planwhy_agent.sources.base import SourceLost, SourceUnsupported, Titled, every_title
from planwhy_agent.sources.fallback import FallbackDesktop
from planwhy_agent.sources.lock import SessionLock
from planwhy_agent.sources.remote import is_remote
from planwhy_agent.sources.x11_idle import X11Idle


def open_fallback(environment: Mapping[str, str], display: str, titled: Titled = every_title) -> FallbackDesktop:
    """Open pywinctl with idle time from the display itself.

    Raises SourceLost where the display cannot be reached, SourceUnsupported where it tells no idle time either.
    """
    idle, locks = X11Idle(display), SessionLock()
    try:
        if os.environ.get("DISPLAY") != display:
            raise SourceUnsupported("unsupported: the portable fallback sees the display of its own environment only")
        return FallbackDesktop.open(idle, locks, is_remote(environment, display, idle.has_extension), titled)
    except (SourceLost, SourceUnsupported):
        idle.close()
        locks.close()
        raise
