"""A partition of working time as outside tools see it. In: a TimeSplit. Out: hours. Never: rounding."""

from dataclasses import fields

from planwhy_shared.times import HOUR_MS

from planwhy_collector.explain.result import CoverageOut, TimeOut, WorkOut
from planwhy_collector.plan.measured import TimeSplit


def time_out(time: TimeSplit) -> TimeOut:
    """A partition of working time in hours."""
    hours = {f.name: getattr(time, f.name) / HOUR_MS for f in fields(TimeSplit) if f.name not in ("off", "none")}
    work = WorkOut(*(hours.pop(area) for area in ("sales", "service", "general")))
    return TimeOut(work=work, unrecorded=time.unrecorded / HOUR_MS, **hours)


def coverage_out(time: TimeSplit, conclusive: bool) -> CoverageOut:
    """How much of the expected time was recorded; 0 where none is expected."""
    hours = (time.expected / HOUR_MS, time.absent / HOUR_MS, time.recorded / HOUR_MS)
    return CoverageOut(*hours, time.coverage if time.expected else 0.0, conclusive)
