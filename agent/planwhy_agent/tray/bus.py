"""The tray icon on Linux: StatusNotifierItem and its menu, spoken over D-Bus without any toolkit.

In: a Face to show, calls from the panel. Out: the icon, and which item was clicked. Never: a decision what a click
does; an error for what a panel asks, or for a panel that goes away: the icon is shown again when one comes.
"""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from planwhy_agent.tray import icon as tray_icon
from planwhy_agent.tray.menu import Act, Face, Item
from planwhy_agent.tray.session_bus import SessionBus
from planwhy_agent.tray.xml import ITEM_XML, MENU_XML

if TYPE_CHECKING:
    from jeepney import Message

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
ITEM_PATH, MENU_PATH = "/StatusNotifierItem", "/MenuBar"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_FIRST_SEPARATOR = 100
_Variant = tuple[str, object]
_Answer = tuple[str | None, tuple[object, ...]]


class BusIcon:
    """One icon. `clicked` is told what was chosen; `opened` is called before the menu shows, and may `show` anew."""

    def __init__(self, bus: SessionBus, clicked: Callable[[Act], None], opened: Callable[[], None]) -> None:
        self.bus, self.clicked, self.opened = bus, clicked, opened
        self.name = f"{ITEM}-{os.getpid()}-1"
        self.face: Face | None = None
        self._revision = 1

    def show(self, face: Face) -> None:
        """Show something; the panel is told only of what changed. The first time it is asked to show the icon."""
        before, self.face = self.face, face
        if before is None:
            self.bus.own(self.name)
            self.bus.listen(f"type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='{WATCHER}'")
            self.register()
            return
        if before.kind is not face.kind:
            self.bus.tell(ITEM_PATH, ITEM, "NewIcon")
        if before.words != face.words:
            self.bus.tell(ITEM_PATH, ITEM, "NewToolTip")
        if before.items != face.items:
            self._revision += 1
            self.bus.tell(MENU_PATH, MENU, "LayoutUpdated", "ui", (self._revision, 0))

    def register(self) -> None:
        """Ask the tray to show the icon; where there is none now, one that comes is asked then."""
        path = f"/{WATCHER.rpartition('.')[2]}"
        self.bus.ask(WATCHER, path, WATCHER, "RegisterStatusNotifierItem", "s", (self.name,))

    def take(self, message: "Message") -> None:
        """Answer a call of the panel; register anew with a tray that came."""
        from jeepney import HeaderFields, MessageType, new_error, new_method_return  # noqa: PLC0415  with a bus only

        fields = message.header.fields
        path, interface = fields.get(HeaderFields.path), fields.get(HeaderFields.interface)
        member = fields.get(HeaderFields.member)
        if message.header.message_type is MessageType.signal:
            if member == "NameOwnerChanged" and message.body[2:] and message.body[2]:
                self.register()
            return
        try:
            found = self._answer(path, interface, member, message.body)
        except (IndexError, KeyError, TypeError, ValueError):
            found = None
        if found is None:
            self.bus.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", "s", ("not known",)))
        else:
            self.bus.send(new_method_return(message, *found))

    def _answer(
        self, path: str | None, interface: str | None, member: str | None, body: tuple[object, ...]
    ) -> _Answer | None:
        if member == "Introspect":
            return "s", ({ITEM_PATH: ITEM_XML, MENU_PATH: MENU_XML}.get(path or "", "<node/>"),)
        if interface == _PROPERTIES and path in (ITEM_PATH, MENU_PATH):
            return self._property(self._item() if path == ITEM_PATH else _MENU_PROPERTIES, member, body)
        if path == ITEM_PATH and member in _IGNORED:
            return None, ()
        return self._menu_answer(member, body) if path == MENU_PATH else None

    def _property(self, known: dict[str, _Variant], member: str | None, body: tuple[object, ...]) -> _Answer | None:
        if member == "GetAll":
            return "a{sv}", (known,)
        return ("v", (known[str(body[1])],)) if member == "Get" else None

    def _item(self) -> dict[str, _Variant]:
        assert self.face is not None  # noqa: S101  nobody is asked before the first `show`
        pictures = [(size, size, tray_icon.argb(self.face.kind, size)) for size in tray_icon.SIZES]
        return {
            "Category": ("s", "ApplicationStatus"),
            "Id": ("s", "planwhy-agent"),
            "Title": ("s", "Planwhy"),
            "Status": ("s", "Active"),
            "WindowId": ("i", 0),
            "IconName": ("s", ""),
            "IconPixmap": ("a(iiay)", pictures),
            "OverlayIconName": ("s", ""),
            "AttentionIconName": ("s", ""),
            "ToolTip": ("(sa(iiay)ss)", ("", [], "Planwhy", self.face.words)),
            "ItemIsMenu": ("b", True),
            "Menu": ("o", MENU_PATH),
        }

    def _menu_answer(self, member: str | None, body: tuple[object, ...]) -> _Answer | None:
        if member == "GetLayout":
            return "u(ia{sv}av)", (self._revision, self._layout(int(str(body[0]))))
        if member == "GetGroupProperties":
            wanted = body[0] if isinstance(body[0], list) else []
            return "a(ia{sv})", ([(no, told) for no, told in self._lines().items() if not wanted or no in wanted],)
        if member == "GetProperty":
            return "v", (self._lines()[int(str(body[0]))][str(body[1])],)
        if member == "AboutToShow":
            before = self._revision
            self.opened()
            return "b", (self._revision != before,)
        if member == "AboutToShowGroup":
            return "aiai", ([], [])
        return self._events(member, body)

    def _events(self, member: str | None, body: tuple[object, ...]) -> _Answer | None:
        """Events of one item, or of several at once."""
        if member == "Event":
            self._click(body)
            return None, ()
        if member == "EventGroup" and isinstance(body[0], list):
            for event in body[0]:
                self._click(event)
            return "ai", ([],)
        return None

    def _click(self, event: tuple[object, ...]) -> None:
        """Pass a click on, if it is one on an item that does something."""
        items = self.face.items if self.face else ()
        chosen = [item.act for item in items if item.act.value == event[0] and item.text and item.enabled]
        if event[1] == "clicked" and chosen:
            self.clicked(chosen[0])

    def _layout(self, parent: int) -> tuple[object, ...]:
        lines = self._lines()
        nothing: list[object] = []
        children = [("(ia{sv}av)", (no, told, nothing)) for no, told in lines.items() if no and parent == 0]
        return parent, lines[parent], children

    def _lines(self) -> dict[int, dict[str, _Variant]]:
        """Each item's properties by its id; 0 is the menu itself."""
        found: dict[int, dict[str, _Variant]] = {0: {"children-display": ("s", "submenu")}}
        for at, item in enumerate(self.face.items if self.face else ()):
            found[item.act.value or _FIRST_SEPARATOR + at] = _line(item)
        return found


def _line(item: Item) -> dict[str, _Variant]:
    """One item as menus want it: an underscore would mark a shortcut."""
    if not item.text:
        return {"type": ("s", "separator"), "visible": ("b", True)}
    return {"label": ("s", item.text.replace("_", "__")), "enabled": ("b", item.enabled), "visible": ("b", True)}


_IGNORED = ("Activate", "SecondaryActivate", "ContextMenu", "Scroll", "ProvideXdgActivationToken")
"""Calls that need an answer and nothing else: the panel opens the menu by itself."""
_MENU_PROPERTIES: dict[str, _Variant] = {
    "Version": ("u", 3),
    "TextDirection": ("s", "ltr"),
    "Status": ("s", "normal"),
    "IconThemePath": ("as", []),
}
