"""Loads msgspec without a package that it takes where it finds it, and that costs the agent five megabytes.

In: nothing. Out: msgspec, loaded. Never: another program kept from that package; it can be imported afterwards.
`typing_extensions` gives msgspec nothing that the interpreter's own `typing` lacks from 3.11 on.
"""

import sys

_HEAVY = "typing_extensions"

if _HEAVY not in sys.modules:
    sys.modules[_HEAVY] = None  # type: ignore[assignment]  # how the interpreter itself says "not to be had"
    try:
        import msgspec  # noqa: F401  loaded for all who import it later
    finally:
        del sys.modules[_HEAVY]
