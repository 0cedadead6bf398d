"""The type of `--as-of`: an instant that has passed. In: a text. Out: milliseconds. Never: a guess of the offset."""

from datetime import datetime

import click
from planwhy_shared.times import to_ms

from planwhy_collector.services import wall_clock_ms


class InstantType(click.ParamType[int]):
    """An instant such as 2026-10-31T18:00:00+03:00, as milliseconds."""

    name = "instant"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the text; wrong usage where it is none, lacks an offset, or lies in the future."""
        try:
            found = value if isinstance(value, int) else to_ms(datetime.fromisoformat(str(value)))
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is not a time with an offset such as 2026-10-31T18:00:00+03:00", param, ctx)
        if found > wall_clock_ms():
            self.fail(f"{value!r} lies in the future", param, ctx)
        return found
