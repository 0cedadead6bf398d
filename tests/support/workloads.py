"""What history tells and what a period holds, for tests of plans from workload."""

from planwhy_collector.plan.assume import Known
from planwhy_collector.plan.period import parse_period
from planwhy_collector.plan.workload import Draft, Load, Order, drafted, order_for

TOLD = {
    "presence": 0.9, "attendance": 0.9, "focus": 0.8, "sales_share": 0.7, "hours_per_client": 0.01,
    "contact_rate": 1.5, "late_share": 0.1, "conversion_on_time": 0.2, "conversion_late": 0.1, "deal_value": 1000.0,
}  # fmt: skip
"""October 2026 with 20 clients: 126.72 usable hours, 35.2 of service, 91.52 of sales; conversion 0.19."""
MONTH = Load(176.0, 0.0, 20.0)


def known(**changed: float | None) -> dict[str, Known]:
    """All that history tells, some of it changed; None where it tells nothing."""
    return {name: Known(value, "none" if value is None else "own") for name, value in {**TOLD, **changed}.items()}


def order(metric: str = "contracts", currency: str | None = None, step: float | None = None) -> Order:
    """A plan for October 2026."""
    return order_for(parse_period("2026-10"), metric, currency, step)


def draft(
    load: Load = MONTH, given: dict[str, float] | None = None, plan: Order | None = None, **told: float | None
) -> Draft:
    """A draft of October 2026 with at most 25 clients."""
    return drafted(plan or order(), load, known(**told), given or {}, 25)
