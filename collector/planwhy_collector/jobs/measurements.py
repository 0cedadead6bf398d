"""The measured quantities of a person with their rows: query → pure. In: a person, a period, an instant.

Out: one Measurement. Safe to run twice: it settles days that need it and stores nothing else.
"""

import msgspec
from planwhy_shared.times import days_bounds

from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.explain.measurement import Measurement, measurement
from planwhy_collector.jobs.measuring import Scope, measure
from planwhy_collector.jobs.objecting import standing
from planwhy_collector.plan.period import Period
from planwhy_collector.queries.people import person


def measured(
    database: Database,
    employee_key: str,
    period: Period,
    as_of_ms: int,
    settings: Settings,
    currency: str | None = None,
    *,
    disclosed: bool = False,
) -> Measurement:
    """Measure a period of an employee. With a currency only contracts in it are counted, as for a plan of revenue.

    `disclosed` as for `explain`. Raises NotFound, and InvalidInput for a period that begins after `as_of_ms`.
    """
    with database.reading() as session:
        one = person(session, employee_key)
    if as_of_ms <= days_bounds(period.first, period.last, one.zone).start_ms:
        raise InvalidInput(f"period {period.text}: it has not begun yet, there is nothing to measure")
    scope = Scope("revenue" if currency else "contracts", currency, as_of_ms)
    found = measure(database, one, period.first, period.last, scope)
    time, days = found.measured.time, found.days.by_day
    told = measurement(one, period, as_of_ms, time, found.sales, days, settings.coverage_limit)
    with database.reading() as session:
        beside = standing(session, one, period.first, period.last, as_of_ms, disclosed=disclosed)
    return msgspec.structs.replace(told, objections=beside)
