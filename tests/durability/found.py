"""What a trial found: how often it was run, and the figures that have to be 0."""

from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Found:
    """Sums over the runs of a trial.

    `lost`: spans that the agent had on the disk or the collector had acknowledged, and that neither arrived nor lie in
    a declared gap. `doubled`: time counted twice. `holes`: time or numbers missing without a gap. `aside`: rows set
    aside, which is no fault. `faults`: everything else that is wrong, in words. `figures`: what was measured, summed.
    """

    runs: int = 0
    lost: int = 0
    doubled: int = 0
    holes: int = 0
    aside: int = 0
    faults: tuple[str, ...] = ()
    figures: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    skipped: str = ""

    @property
    def well(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.doubled or self.holes or self.faults)

    def __add__(self, other: "Found") -> "Found":
        figures = Counter(self.figures)
        for name, value in other.figures.items():
            largest = name.startswith("most ")
            figures[name] = max(figures[name], value) if largest else figures[name] + value
        return Found(
            self.runs + other.runs,
            self.lost + other.lost,
            self.doubled + other.doubled,
            self.holes + other.holes,
            self.aside + other.aside,
            (*self.faults, *other.faults),
            dict(figures),
            self.seconds + other.seconds,
            self.skipped or other.skipped,
        )

    def named(self, name: str) -> "Found":
        """The same with the name of the case before each fault; what was lost without a word becomes one."""
        told = [f"{name}: {fault}" for fault in self.faults]
        if self.lost or self.doubled or self.holes:
            told.append(f"{name}: {self.lost} lost, {self.doubled} doubled, {self.holes} holes")
        return replace(self, faults=tuple(told))

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"well": self.well}


def lines(found: dict[str, Found]) -> list[str]:
    """One table of all trials, and under it the faults."""
    head = f"{'trial':14}{'runs':>7}{'lost':>7}{'twice':>7}{'holes':>7}{'aside':>7}{'faults':>8}{'seconds':>9}  verdict"
    told = [head, "-" * len(head)]
    for name, one in found.items():
        verdict = f"not run: {one.skipped}" if one.skipped and not one.runs else "ok" if one.well else "WRONG"
        told.append(
            f"{name:14}{one.runs:>7}{one.lost:>7}{one.doubled:>7}{one.holes:>7}{one.aside:>7}{len(one.faults):>8}"
            f"{one.seconds:>9.0f}  {verdict}"
        )
        if one.runs and one.skipped not in ("", "through"):
            told.append(f"{'':14}left out: {one.skipped}")
        for label, value in sorted(one.figures.items()):
            told.append(f"{'':14}{label}: {value:,.10g}")
    for name, one in found.items():
        told += [f"{name}: {fault}" for fault in one.faults[:20]]
    return told
