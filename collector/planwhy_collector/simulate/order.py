"""What to simulate: how many people and days, which causes, and how much of it to hide. Pure.

In: choices. Out: an Order, checked. Never: today's date.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from planwhy_collector.errors import InvalidInput

LONGEST_DAYS = 800
MOST_EMPLOYEES = 5_000


@dataclass(frozen=True, slots=True)
class Order:
    """People, days that end with `last`, and the seed that decides everything else.

    `causes` gives every full month one of them in turn; none: the last full month goes through all, and some months
    before have one. `hide` are shares of what is not seen, in turn by month; `bare` is the share of plans without
    assumptions. `typical` leaves chance out of the numbers of contacts and contracts, so that each month shows its
    cause. Raises InvalidInput where a figure is out of range.
    """

    employees: int
    days: int
    seed: int
    last: date
    causes: tuple[str, ...] = ()
    hide: tuple[float, ...] = ()
    bare: float = 0.0
    typical: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.employees <= MOST_EMPLOYEES:
            raise InvalidInput(f"employees: {self.employees} is not between 1 and {MOST_EMPLOYEES}")
        if not 1 <= self.days <= LONGEST_DAYS:
            raise InvalidInput(f"days: {self.days} is not between 1 and {LONGEST_DAYS}")
        for name, shares in (("hide", self.hide), ("bare", (self.bare,))):
            if not all(0 <= share <= 1 for share in shares):
                raise InvalidInput(f"{name}: a share lies between 0 and 1")

    @property
    def first(self) -> date:
        """The first simulated day."""
        return self.last - timedelta(days=self.days - 1)

    def hidden(self, number: int, months_back: int) -> float:
        """The share hidden of a person's month; people change places every round of causes, so that all meet all."""
        if not self.hide:
            return 0.0
        rounds = (number + months_back) // max(1, len(self.causes))
        return self.hide[(number + rounds) % len(self.hide)]

    def is_bare(self, number: int, months_back: int) -> bool:
        """Whether the plan of a person's month comes without assumptions."""
        chance = Random(f"{self.seed}/bare/{number}/{months_back}")  # noqa: S311  a simulation, not a secret
        return chance.random() < self.bare
