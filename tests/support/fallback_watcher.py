"""Watches the display of its environment for a test, and answers each line on standard input by one of JSON.

pywinctl connects to one display when it is loaded and keeps it, therefore it gets a process of its own.
"""

import json
import os
import sys
from dataclasses import asdict, is_dataclass

from planwhy_agent.sources.base import SourceLost, SourceUnsupported
from planwhy_agent.sources.open_desktop import open_desktop


def main() -> int:
    """Open the desktop, say of which kind it is, then do what is asked: the name of a method."""
    try:
        desktop = open_desktop(os.environ)
    except (SourceLost, SourceUnsupported) as error:
        print(json.dumps(str(error)), flush=True)
        return 1
    print(json.dumps(type(desktop).__name__), flush=True)
    for line in sys.stdin:
        try:
            said = getattr(desktop, line.strip())()
            answer = [asdict(one) for one in said] if isinstance(said, tuple) else said
            print(json.dumps(asdict(answer) if is_dataclass(answer) else answer), flush=True)  # type: ignore[call-overload]  mypy does not know that it is an object
        except SourceLost:
            print(json.dumps("lost"), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
