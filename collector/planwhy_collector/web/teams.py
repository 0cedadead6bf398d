"""The administrator's page of thresholds: from when on a team's plan is a case. In: forms. Out: a table of teams.

Shares are typed as percentages, and an empty field takes the setting. Never: a threshold of one person.
"""

from dataclasses import asdict

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from planwhy_collector.errors import InvalidInput
from planwhy_collector.plan.miss import NAMES, SHARES, OwnThresholds
from planwhy_collector.queries.thresholds import common_thresholds, own_thresholds, reset_thresholds, set_thresholds
from planwhy_collector.services import services
from planwhy_collector.web.asked import typed, typed_number
from planwhy_collector.web.pages import page
from planwhy_collector.web.roles import role

pages = Blueprint("teams", __name__, url_prefix="/admin/teams")


@pages.get("")
@role("admin")
def home() -> ResponseReturnValue:
    """Every team with its own thresholds, and those of the settings."""
    with services().database.reading() as session:
        teams = own_thresholds(session)
    common = asdict(common_thresholds(services().settings))
    return page("teams.html", teams=teams, common=common, names=NAMES, shares=SHARES, typed=_typed)


@pages.post("")
@role("admin")
def save() -> ResponseReturnValue:
    """Give a team the thresholds of the form; empty fields take the settings."""
    own = OwnThresholds(
        _number("miss_share", 100), _tasks(), _number("miss_overdue_hours"), _number("pace_share", 100),
        _number("pace_after", 100),
    )  # fmt: skip
    with services().database.writing() as session:
        set_thresholds(session, typed("team"), own)
    return redirect(url_for("pages.teams.home"))


@pages.post("/reset")
@role("admin")
def reset() -> ResponseReturnValue:
    """Let the settings hold for a team."""
    with services().database.writing() as session:
        reset_thresholds(session, typed("team"))
    return redirect(url_for("pages.teams.home"))


def _typed(name: str, value: float | None) -> str:
    """A threshold as a form takes it."""
    return "" if value is None else f"{value * 100:.4g}" if name in SHARES else f"{value:g}"


def _number(name: str, of: float = 1.0) -> float | None:
    return typed_number(name) / of if typed(name).strip() else None


def _tasks() -> int | None:
    number = _number("miss_overdue_tasks")
    if number is not None and number != int(number):
        raise InvalidInput(f"miss_overdue_tasks {number:g}: expected a whole number")
    return None if number is None else int(number)
