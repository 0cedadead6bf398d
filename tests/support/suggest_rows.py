"""Small rules and windows for tests of suggestions: few names that look alike within a category."""

from datetime import date

from planwhy_collector.classify.contexts import context_id
from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.classify.load import rule_set
from planwhy_collector.db import Database
from planwhy_collector.facts import Context, Person
from planwhy_collector.models import ContextRow, Day, DayContext
from planwhy_collector.queries.secrets import secret

HEAD = "category games | Games | Игры | non_work\ncategory finance_gov | Money | Деньги | neutral\n"
SMALL = HEAD + (
    "[games non_work]\nhost igra-one.com games-two.net play-game.org igry-mir.ru gamesland.com supergame.io\n"
    "program GameBox.exe | gamebox\nprogram PlayGames.exe\n"
    "[finance_gov neutral]\nhost bank-one.com thebank.net mybank.org bankrossii.com credit-bank.ru banking.io\n"
    "program BankClient.exe\nprogram MobileBank.exe | mobilebank\n"
)


def small_rules(own: str = "") -> RuleSet:
    """Two categories, by names that a person would tell apart too."""
    return rule_set({"small": SMALL} | ({"own": own} if own else {}))


def spend(database: Database, who: Person, day: date, context: Context, minutes: int) -> int:
    """Store a context with active working time on a day that is settled; return its id."""
    with database.writing() as session:
        number = context_id(secret(session, "context"), context)
        session.merge(
            ContextRow(
                id=number, app=context.app, host=context.host, path=context.path, title=context.title, seen_day=1
            )
        )
        session.merge(Day(employee_id=who.id, day=day, dirty=0, frozen=False, settled_ms=1, version=""))
        session.merge(
            DayContext(
                employee_id=who.id, day=day, presence="active", context_id=number,
                working_ms=minutes * 60_000, other_ms=0,
            )
        )  # fmt: skip
    return number
