"""The people of a simulated company: neutral made-up names, teams of a dozen, and each one's usual figures. Pure.

In: how many, and a source of chance. Out: persons with traits. Never: a real customer or person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from zoneinfo import ZoneInfo

from planwhy_shared.hours import DEFAULT, parse_hours

from planwhy_collector.facts import Person

TEAM_SIZE = 12
COUNTRY = "RU"
POSITION = "Менеджер по продажам"
DOMAIN = "planwhy-demo.example"
_ZONES = ("Europe/Moscow",) * 5 + ("Asia/Yekaterinburg",)
_WOMEN = ("Анна", "Мария", "Ольга", "Елена", "Ирина", "Наталья", "Светлана", "Юлия", "Дарья", "Вера")
_MEN = ("Иван", "Пётр", "Алексей", "Дмитрий", "Сергей", "Андрей", "Михаил", "Николай", "Павел", "Олег")
_SURNAMES = (
    "Соколов", "Лебедев", "Морозов", "Волков", "Зайцев", "Голубев", "Воробьёв", "Журавлёв", "Орлов", "Ершов",
    "Щукин", "Карпов", "Медведев", "Лосев", "Бобров", "Барсуков", "Сорокин", "Чижов", "Филин", "Скворцов",
)  # fmt: skip
TEAMS = ("Север", "Юг", "Запад", "Восток")


@dataclass(frozen=True, slots=True)
class Traits:
    """A person's usual figures, those of the plan's assumptions. Shares 0–1, contacts per hour, money in roubles."""

    attendance: float
    focus: float
    sales_share: float
    contact_rate: float
    late_share: float
    conversion_on_time: float
    conversion_late: float
    deal_value: float


@dataclass(frozen=True, slots=True)
class Member:
    """A simulated person. `number` counts from 0."""

    number: int
    person: Person
    traits: Traits
    metric: str
    clients: int


def roster(count: int, seed: int) -> Iterator[Member]:
    """Make the people; the first ones are the same whatever the count."""
    for number in range(count):
        rng = Random(f"{seed}/person/{number}")  # noqa: S311  a simulation, not a secret
        metric = "revenue" if number % 4 == 3 else "contracts"
        yield Member(number, _person(number), _traits(rng), metric, rng.randint(17, 23))


def team_of(number: int) -> str:
    """Name the team of a person."""
    team = number // TEAM_SIZE
    return TEAMS[team % len(TEAMS)] + (f" {team // len(TEAMS) + 1}" if team >= len(TEAMS) else "")


def supervisor_of(number: int) -> str:
    """The address of a person's supervisor."""
    return f"supervisor{number // TEAM_SIZE + 1}@{DOMAIN}"


def _person(number: int) -> Person:
    key = f"e{number + 1}"
    zone = ZoneInfo(_ZONES[number % len(_ZONES)])
    return Person(
        number + 1, key, _name(number), team_of(number), POSITION, zone, parse_hours(DEFAULT), COUNTRY,
        email=f"{key}@{DOMAIN}", supervisor_email=supervisor_of(number),
    )  # fmt: skip


def _name(number: int) -> str:
    woman = number % 2 == 0
    first = (_WOMEN if woman else _MEN)[number // 2 % 10]
    surname = _SURNAMES[(number + number // 20) % 20] + ("а" if woman else "")
    extra = number // 400
    return f"{first} {surname}" + (f" {extra + 1}" if extra else "")


def _traits(rng: Random) -> Traits:
    on_time = round(rng.uniform(0.12, 0.16), 3)
    return Traits(
        attendance=round(rng.uniform(0.82, 0.92), 3),
        focus=round(rng.uniform(0.87, 0.94), 3),
        sales_share=round(rng.uniform(0.58, 0.72), 3),
        contact_rate=round(rng.uniform(1.5, 1.9), 3),
        late_share=round(rng.uniform(0.05, 0.1), 3),
        conversion_on_time=on_time,
        conversion_late=round(rng.uniform(0.25, 0.4) * on_time, 3),
        deal_value=float(rng.randrange(60_000, 120_001, 5_000)),
    )
