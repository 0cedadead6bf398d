"""What the tray icon and its menu say of themselves when a panel asks them to describe their interfaces.

In: nothing. Out: two documents of D-Bus introspection. Never: more than is answered.
"""


def _node(interface: str, parts: str) -> str:
    return f'<node><interface name="{interface}">{parts}</interface></node>'


def _properties(text: str) -> str:
    pairs = (one.split(":") for one in text.split())
    return "".join(f'<property name="{name}" type="{kind}" access="read"/>' for name, kind in pairs)


def _call(name: str, takes: str = "", gives: str = "") -> str:
    arguments = [(kind, "in") for kind in takes.split()] + [(kind, "out") for kind in gives.split()]
    inside = "".join(f'<arg type="{kind}" direction="{way}"/>' for kind, way in arguments)
    return f'<method name="{name}">{inside}</method>'


def _told(name: str, gives: str = "") -> str:
    return f'<signal name="{name}">{"".join(f"""<arg type="{kind}"/>""" for kind in gives.split())}</signal>'


ITEM_XML = _node(
    "org.kde.StatusNotifierItem",
    _properties(
        "Category:s Id:s Title:s Status:s WindowId:i IconName:s IconPixmap:a(iiay) OverlayIconName:s "
        "AttentionIconName:s ToolTip:(sa(iiay)ss) ItemIsMenu:b Menu:o"
    )
    + "".join(_call(name, "i i") for name in ("Activate", "SecondaryActivate", "ContextMenu"))
    + _call("Scroll", "i s")
    + _told("NewIcon") + _told("NewToolTip") + _told("NewTitle") + _told("NewStatus", "s"),
)  # fmt: skip
MENU_XML = _node(
    "com.canonical.dbusmenu",
    _properties("Version:u TextDirection:s Status:s IconThemePath:as")
    + _call("GetLayout", "i i as", "u (ia{sv}av)")
    + _call("GetGroupProperties", "ai as", "a(ia{sv})")
    + _call("GetProperty", "i s", "v")
    + _call("Event", "i s v u")
    + _call("EventGroup", "a(isvu)", "ai")
    + _call("AboutToShow", "i", "b")
    + _call("AboutToShowGroup", "ai", "ai ai")
    + _told("LayoutUpdated", "u i")
    + _told("ItemsPropertiesUpdated", "a(ia{sv}) a(ias)"),
)
