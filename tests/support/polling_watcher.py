"""What the agent is measured against: the plain way to watch windows, once a second, a heartbeat sent for each look.

`python polling_watcher.py ADDRESS` on the display of the environment. It keeps nothing and survives nothing; it asks
for the window in front and the idle time every second and posts them with the standard library, as a watcher does
that was written in an afternoon. Its cost is what looking at a desktop costs anyway.
"""

import http.client
import json
import sys
import time
from urllib.parse import urlsplit

import Xlib.display
from Xlib import X


def front(display: Xlib.display.Display) -> dict[str, object]:
    """The window in front, its class and title, and the idle time."""
    root = display.screen().root
    told = root.get_full_property(display.intern_atom("_NET_ACTIVE_WINDOW"), X.AnyPropertyType)
    found: dict[str, object] = {"idle": root.screensaver_query_info().idle}
    if told is None or not told.value[0]:
        return found
    window = display.create_resource_object("window", int(told.value[0]))
    title = window.get_full_property(display.intern_atom("_NET_WM_NAME"), X.AnyPropertyType)
    kind = window.get_wm_class()
    return found | {"app": kind and kind[1], "title": title and title.value.decode("utf-8", "replace")}


def main() -> None:
    """Look and post for ever."""
    display = Xlib.display.Display()
    address = urlsplit(sys.argv[1])
    while True:
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
        body = json.dumps({"at": time.time(), **front(display)})
        connection.request("POST", "/heartbeat", body, {"Content-Type": "application/json"})
        connection.getresponse().read()
        connection.close()
        time.sleep(1)


if __name__ == "__main__":
    main()
