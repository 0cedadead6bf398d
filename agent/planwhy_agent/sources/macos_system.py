"""The interfaces of macOS that the agent asks, thin: each answer goes on as it came.

In: nothing. Out: the values that AppKit, Accessibility and Core Graphics give. Never: a decision, a title of another
program's window by way of the screen (that would need the permission to record it), an object kept over a look.

Never run so far: written from Apple's documentation and from the signatures that pyobjc carries.
"""

from collections.abc import Mapping
from typing import Any

import objc
from AppKit import NSWorkspace
from CoreFoundation import CFRunLoopRunInMode, kCFRunLoopDefaultMode, kCFRunLoopRunHandledSource
from HIServices import (
    AXIsProcessTrusted,
    AXUIElementCopyAttributeValue,
    AXUIElementCreateApplication,
    AXUIElementCreateSystemWide,
    AXUIElementSetMessagingTimeout,
)
from Quartz.CoreGraphics import (
    CGEventSourceSecondsSinceLastEventType,
    CGSessionCopyCurrentDictionary,
    CGWindowListCopyWindowInfo,
    kCGAnyInputEventType,
    kCGEventSourceStateCombinedSessionState,
    kCGNullWindowID,
    kCGWindowListExcludeDesktopElements,
    kCGWindowListOptionAll,
    kCGWindowListOptionOnScreenOnly,
)

PATIENCE_S = 0.25
"""How long another program may take to answer a question about its windows; the system's own limit is six seconds."""
TURNS = 50
"""How many waiting events one look takes in, so that a flood of them holds nobody up."""


class CocoaSystem:
    """Keeps the protocol `MacSystem`. To be used in the main thread, whose run loop it turns."""

    def __init__(self) -> None:
        """Set how long programs are waited for, once for all of them."""
        AXUIElementSetMessagingTimeout(AXUIElementCreateSystemWide(), PATIENCE_S)

    def turn(self) -> None:
        """Let the main run loop take in what has arrived."""
        with objc.autorelease_pool():
            for _ in range(TURNS):
                if CFRunLoopRunInMode(kCFRunLoopDefaultMode, 0.0, True) != kCFRunLoopRunHandledSource:
                    return

    def front(self) -> tuple[int, str | None] | None:
        """NSWorkspace.frontmostApplication."""
        with objc.autorelease_pool():
            found = NSWorkspace.sharedWorkspace().frontmostApplication()
            return (int(found.processIdentifier()), _executable(found)) if found is not None else None

    def running(self) -> list[tuple[int, int, str | None]]:
        """NSWorkspace.runningApplications."""
        with objc.autorelease_pool():
            found = NSWorkspace.sharedWorkspace().runningApplications()
            return [(int(one.processIdentifier()), int(one.activationPolicy()), _executable(one)) for one in found]

    def trusted(self) -> bool:
        """AXIsProcessTrusted; it never asks the person."""
        return bool(AXIsProcessTrusted())

    def application(self, pid: int) -> Any:
        """AXUIElementCreateApplication."""
        return AXUIElementCreateApplication(pid)

    def attribute(self, element: Any, name: str) -> tuple[int, Any]:
        """AXUIElementCopyAttributeValue; the bridge gives error and value together."""
        with objc.autorelease_pool():
            error, value = AXUIElementCopyAttributeValue(element, name, None)
            return int(error), value

    def shown_windows(self) -> list[Mapping[str, Any]]:
        """CGWindowListCopyWindowInfo of what is on the screen, front to back."""
        return _windows(kCGWindowListOptionOnScreenOnly)

    def all_windows(self) -> list[Mapping[str, Any]]:
        """CGWindowListCopyWindowInfo of all windows of the session, in no order."""
        return _windows(kCGWindowListOptionAll)

    def seconds_since_input(self) -> float:
        """CGEventSourceSecondsSinceLastEventType. `Combined` counts a shared screen's input too."""
        return float(
            CGEventSourceSecondsSinceLastEventType(kCGEventSourceStateCombinedSessionState, kCGAnyInputEventType)
        )

    def session(self) -> Mapping[str, Any] | None:
        """CGSessionCopyCurrentDictionary."""
        with objc.autorelease_pool():
            found = CGSessionCopyCurrentDictionary()
            return dict(found) if found is not None else None


def _executable(application: Any) -> str | None:
    """The last part of NSRunningApplication.executableURL; None where the system does not tell it."""
    url = application.executableURL()
    name = url.lastPathComponent() if url is not None else None
    return str(name) if name else None


def _windows(which: int) -> list[Mapping[str, Any]]:
    """One list of windows, each as a plain dictionary."""
    with objc.autorelease_pool():
        found = CGWindowListCopyWindowInfo(which | kCGWindowListExcludeDesktopElements, kCGNullWindowID)
        return [dict(one) for one in found or ()]
