"""Measurements and assumptions for tests of the pure stages, and hypothesis strategies of them."""

from dataclasses import fields

from hypothesis import strategies as st
from planwhy_collector.facts import Assumptions
from planwhy_collector.plan.measured import Measured, SalesCounts, TimeSplit
from planwhy_shared.times import HOUR_MS


def hours(**spent: float) -> TimeSplit:
    """A partition given in hours."""
    return TimeSplit(**{name: round(value * HOUR_MS) for name, value in spent.items()})


@st.composite
def sales_counts(draw: st.DrawFn) -> SalesCounts:
    """Counts as they can occur: a side with contracts has contacts."""
    on_time, late = draw(st.integers(0, 60)), draw(st.integers(0, 20))
    won = draw(st.integers(0, 10 if on_time else 0)), draw(st.integers(0, 5 if late else 0))
    amount = st.one_of(st.just(0.0), st.floats(0.01, 1e6))
    return SalesCounts(on_time, late, *won, tuple(draw(st.lists(amount, min_size=sum(won), max_size=sum(won)))))


times = st.builds(
    TimeSplit, **{f.name: st.one_of(st.just(0), st.integers(0, 200 * HOUR_MS)) for f in fields(TimeSplit)}
)
measured = st.builds(Measured, times, sales_counts())

_share = st.one_of(st.none(), st.just(0.0), st.floats(0.01, 1))
_rate = st.one_of(st.none(), st.just(0.0), st.floats(0.01, 20))
assumptions = st.builds(
    Assumptions,
    expected_hours=st.none(),
    attendance=_share,
    focus=_share,
    sales_share=_share,
    contact_rate=_rate,
    late_share=_share,
    conversion_on_time=_share,
    conversion_late=_share,
    deal_value=st.one_of(st.none(), st.floats(1, 1e6)),
)
