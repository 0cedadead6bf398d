"""Whether a display is the X11 face of a Wayland session.

In: an open display. Out: yes or no. Never: a word of the environment, which may come from elsewhere.
Such a display shows the windows of some programs only; to take them for all would be a guess.
"""

import Xlib.display
import Xlib.error
from Xlib.ext import randr

_EXTENSION, _OUTPUTS = "XWAYLAND", "XWAYLAND"
"""Newer ones say so by an extension, older ones by the names of their outputs (`XWAYLAND0`)."""


def is_face_of_wayland(display: Xlib.display.Display) -> bool:
    """Ask the display for the two marks. Raises ConnectionClosedError, OSError where it ends meanwhile."""
    if display.query_extension(_EXTENSION) is not None:
        return True
    return any(name.startswith(_OUTPUTS) for name in _outputs(display))


def _outputs(display: Xlib.display.Display) -> list[str]:
    """The names of the screens that the display tells of; none where it does not know them apart.

    The extension is not loaded as the library would: that notes its event codes for all displays of this process, and
    fails at the next display whose codes are others.
    """
    extension = display.query_extension(randr.extname)
    if extension is None:
        return []
    display.display.set_extension_major(randr.extname, extension.major_opcode)
    root = display.screen().root
    try:
        found = randr.get_screen_resources_current(root)
        return [str(randr.get_output_info(root, one, found.config_timestamp).name) for one in found.outputs]
    except Xlib.error.XError:  # an old server, or a screen that was unplugged just now
        return []
