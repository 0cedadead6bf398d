"""The tray's icon, drawn here point by point: a disc whose colour and sign tell the state, also without colours.

In: a kind, a size. Out: rows of points, red, green, blue, opacity, one byte each. Never: a file.
Recording: a green disc with a dot. Resting: a grey ring. Private: a blue disc with two bars. Attention: an orange
triangle with an exclamation mark.
"""

from collections.abc import Callable
from functools import lru_cache
from math import hypot

from planwhy_agent.tray.menu import Kind

SIZES = (22, 32, 48)
_WHITE = (255, 255, 255)
_GREEN, _GREY, _BLUE, _ORANGE = (28, 140, 84), (128, 134, 142), (44, 104, 196), (216, 108, 12)

_Shape = Callable[[float, float], float]
"""Distance to the edge of a shape in a square from -1 to 1, negative inside."""


@lru_cache(maxsize=len(Kind) * len(SIZES))
def points(kind: Kind, size: int) -> bytes:
    """Draw the icon, row by row from the top, four bytes a point."""
    layers = _LAYERS[kind]
    drawn = bytearray()
    for row in range(size):
        for column in range(size):
            x, y = (2 * column + 1) / size - 1, (2 * row + 1) / size - 1
            drawn += bytes(_point(layers, x, y, size / 2))
    return bytes(drawn)


def argb(kind: Kind, size: int) -> bytes:
    """The same with the opacity first, as trays on D-Bus want it."""
    rgba = points(kind, size)
    return b"".join(rgba[at + 3 : at + 4] + rgba[at : at + 3] for at in range(0, len(rgba), 4))


def _point(layers: tuple[tuple[tuple[int, int, int], _Shape], ...], x: float, y: float, scale: float) -> list[int]:
    """Lay the shapes over each other; an edge is one point wide, so that it looks smooth."""
    colour, opacity = [0.0, 0.0, 0.0], 0.0
    for paint, shape in layers:
        cover = min(1.0, max(0.0, 0.5 - shape(x, y) * scale))
        total = cover + opacity * (1 - cover)
        if total:
            below = opacity * (1 - cover)
            colour = [(p * cover + c * below) / total for p, c in zip(paint, colour, strict=True)]
        opacity = total
    return [*(round(c) for c in colour), round(opacity * 255)]


def _disc(radius: float) -> _Shape:
    return lambda x, y: hypot(x, y) - radius


def _ring(radius: float, width: float) -> _Shape:
    return lambda x, y: abs(hypot(x, y) - radius) - width / 2


def _bar(left: float, top: float, right: float, bottom: float) -> _Shape:
    return lambda x, y: max(left - x, x - right, top - y, y - bottom)


def _triangle(x: float, y: float) -> float:
    """A triangle that stands on its base, with sides of slope two."""
    return max(y - 0.82, (2 * abs(x) - (y + 0.92)) / 5**0.5)


_LAYERS: dict[Kind, tuple[tuple[tuple[int, int, int], _Shape], ...]] = {
    Kind.RECORDING: ((_GREEN, _disc(0.9)), (_WHITE, _disc(0.36))),
    Kind.RESTING: ((_GREY, _ring(0.72, 0.26)),),
    Kind.PRIVATE: (
        (_BLUE, _disc(0.9)),
        (_WHITE, _bar(-0.38, -0.42, -0.12, 0.42)),
        (_WHITE, _bar(0.12, -0.42, 0.38, 0.42)),
    ),
    Kind.ATTENTION: (
        (_ORANGE, _triangle),
        (_WHITE, _bar(-0.1, -0.3, 0.1, 0.3)),
        (_WHITE, _bar(-0.1, 0.45, 0.1, 0.65)),
    ),
}
"""What is drawn of each kind, from the bottom up."""
