"""A connection to an X11 display, as light as the library allows.

In: the name of a display. Out: the open connection, or SourceLost. Never: an extension that nobody here needs.
"""

import os

import Xlib.display
import Xlib.error
import Xlib.ext

from planwhy_agent.sources.base import SourceLost

SAVER = "MIT-SCREEN-SAVER"
_EXTENSIONS = frozenset({"X-Resource", SAVER})
"""Extensions that are loaded; the library would load all it knows, for megabytes, and notes some of their event codes
for all displays of the process, which fails at a display that has others."""


def connect(name: str | None) -> Xlib.display.Display:
    """Open a display, the one of the environment for None. Raises SourceLost where it cannot be reached."""
    library = vars(Xlib.ext)
    known = library["__extensions__"]
    library["__extensions__"] = [pair for pair in known if pair[0] in _EXTENSIONS]
    try:
        display = Xlib.display.Display(name)
    except (Xlib.error.DisplayError, Xlib.error.ConnectionClosedError, OSError) as error:
        raise SourceLost(f"the display {name or os.environ.get('DISPLAY', '')} cannot be reached") from error
    finally:
        library["__extensions__"] = known
    display.set_error_handler(lambda *_: None)
    return display
