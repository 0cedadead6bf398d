"""What was measured of one person over some days: a partition of working time, and counts of contacts and contracts.

In: sums that stage 10 makes from day totals and CRM facts. Out: the ratios of the identity, None where a ratio is
undefined. Never: an opinion on what an undefined ratio should be.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self

from planwhy_shared.times import HOUR_MS


def ratio(part: float, whole: float) -> float | None:
    """Divide; None where there is nothing to divide by."""
    return part / whole if whole > 0 else None


@dataclass(frozen=True, slots=True)
class TimeSplit:
    """A partition of working time in milliseconds. Calls are work of their area; `off` and `none` are unrecorded."""

    sales: int = 0
    service: int = 0
    general: int = 0
    non_work: int = 0
    neutral: int = 0
    unclassified: int = 0
    idle: int = 0
    locked: int = 0
    asleep: int = 0
    private: int = 0
    absent: int = 0
    off: int = 0
    none: int = 0

    @property
    def expected(self) -> int:
        """All of it: the working calendar's time."""
        return sum(getattr(self, field.name) for field in fields(self))

    @property
    def work(self) -> int:
        """Work of every area."""
        return self.sales + self.service + self.general

    @property
    def present(self) -> int:
        """Time in which the workstation was used or a call or meeting took place."""
        return self.work + self.non_work + self.neutral + self.unclassified

    @property
    def unrecorded(self) -> int:
        """Time of which nothing is known."""
        return self.off + self.none

    @property
    def recorded(self) -> int:
        """Expected time that is neither approved absence nor unrecorded; private time is recorded."""
        return self.expected - self.absent - self.unrecorded

    @property
    def coverage(self) -> float:
        """Recorded time as a share of the expected time without approved absence (method, section 3).

        1 where all of the time is approved absence, 0 where no time is expected at all.
        """
        whole = self.expected - self.absent
        return self.recorded / whole if whole else float(self.absent > 0)

    @property
    def attendance(self) -> float | None:
        """Present time over expected time, scaled for coverage (method, section 1)."""
        return ratio(self.present, self.coverage * self.expected)

    @property
    def focus(self) -> float | None:
        """Work over work and non-work."""
        return ratio(self.work, self.work + self.non_work)

    @property
    def sales_share(self) -> float | None:
        """Sales work over sales and service work."""
        return ratio(self.sales, self.sales + self.service)

    @property
    def attendance_bounds(self) -> tuple[float | None, float | None]:
        """Attendance if all unrecorded time was absent, and if all of it was present (method, section 3)."""
        return ratio(self.present, self.expected), ratio(self.present + self.unrecorded, self.expected)

    @property
    def focus_bounds(self) -> tuple[float | None, float | None]:
        """Focus if all unclassified time was non-work, and if all of it was work (method, section 2)."""
        whole = self.work + self.non_work + self.unclassified
        return ratio(self.work, whole), ratio(self.work + self.unclassified, whole)

    @property
    def sales_hours(self) -> float:
        """Hours by the identity: expected x attendance x focus x sales share; neutral and general are shared out."""
        return self.usable_hours * (self.sales_share or 0.0)

    @property
    def service_hours(self) -> float:
        """The rest of the usable hours: expected x attendance x focus x (1 - sales share)."""
        return self.usable_hours * (1 - self.sales_share) if self.sales_share is not None else 0.0

    @property
    def usable_hours(self) -> float:
        """Hours of sales and service by the identity: expected x attendance x focus."""
        return self.expected / HOUR_MS * (self.attendance or 0.0) * (self.focus or 0.0)

    def plus(self, other: Self) -> Self:
        """Add two partitions."""
        return type(self)(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class SalesCounts:
    """Sales contacts and contracts, on time and late, and the amounts of the contracts in the plan's currency."""

    contacts_on_time: int = 0
    contacts_late: int = 0
    contracts_on_time: int = 0
    contracts_late: int = 0
    amounts: tuple[float, ...] = ()

    @property
    def contacts(self) -> int:
        """All sales contacts, those implied by a contract included."""
        return self.contacts_on_time + self.contacts_late

    @property
    def contracts(self) -> int:
        """All contracts."""
        return self.contracts_on_time + self.contracts_late

    @property
    def revenue(self) -> float:
        """Sum of the amounts."""
        return sum(self.amounts)

    @property
    def late_share(self) -> float | None:
        """Late contacts over contacts."""
        return ratio(self.contacts_late, self.contacts)

    @property
    def conversion(self) -> float | None:
        """Contracts per contact."""
        return ratio(self.contracts, self.contacts)

    @property
    def conversion_on_time(self) -> float | None:
        """Contracts per contact on the on-time side."""
        return ratio(self.contracts_on_time, self.contacts_on_time)

    @property
    def conversion_late(self) -> float | None:
        """Contracts per contact on the late side."""
        return ratio(self.contracts_late, self.contacts_late)

    @property
    def deal_value(self) -> float | None:
        """Revenue per contract."""
        return ratio(self.revenue, self.contracts)

    def plus(self, other: Self) -> Self:
        """Add two counts."""
        return type(self)(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class Measured:
    """Time and sales of the same days of one person, or of several people added up."""

    time: TimeSplit
    sales: SalesCounts

    @property
    def contact_rate(self) -> float | None:
        """Sales contacts per sales hour of the identity."""
        return ratio(self.sales.contacts, self.time.sales_hours)

    def plus(self, other: Self) -> Self:
        """Add two measurements."""
        return type(self)(self.time.plus(other.time), self.sales.plus(other.sales))


NOTHING = Measured(TimeSplit(), SalesCounts())


def added(parts: Iterable[Measured]) -> Measured:
    """Add up measurements; nothing at all gives NOTHING."""
    whole = NOTHING
    for part in parts:
        whole = whole.plus(part)
    return whole
