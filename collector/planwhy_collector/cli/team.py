"""`planwhy team`: teams, and from when on a plan of theirs is a case. Teams come with the employees of imports."""

from dataclasses import replace
from typing import Any

import click
import msgspec
from msgspec import Struct

from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.errors import NotFound
from planwhy_collector.plan.miss import NAMES, OwnThresholds, Thresholds
from planwhy_collector.queries.thresholds import common_thresholds, own_thresholds, reset_thresholds, set_thresholds


class TeamLine(Struct, frozen=True):
    """A team, the thresholds in force for it, and the names of those that are its own."""

    team: str
    thresholds: Thresholds
    own: tuple[str, ...]


@click.group()
def team() -> None:
    """Teams, and from when on a missed plan of theirs is a case."""


@team.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def list_(as_json: bool) -> None:
    """List teams with the thresholds in force; a star marks the team's own."""
    found = [_team_line(name, own) for name, own in _teams().items()]
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    width = max((len(_plain(one.team)) for one in found), default=0)
    for one in found:
        click.echo(_line(one, width))


@team.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def show(name: str, as_json: bool) -> None:
    """Show the thresholds of a team."""
    one = _team_line(name, _own(_teams(), name))
    click.echo(msgspec.json.encode(one).decode() if as_json else _line(one))


@team.command("set")
@click.argument("name")
@click.option("--miss-share", type=float, help="Share (0-1) of the target missed at the end.")
@click.option("--overdue-tasks", "miss_overdue_tasks", type=int, help="Overdue tasks, at least.")
@click.option("--overdue-hours", "miss_overdue_hours", type=float, help="Or overdue working hours, at least.")
@click.option("--pace-share", type=float, help="Pace (0-1) of a running plan below which it is behind.")
@click.option("--pace-after", type=float, help="Share (0-1) of its hours that must have passed before.")
def set_(name: str, **given: Any) -> None:
    """Give a team thresholds of its own; those not named stay as they are."""
    chosen = {key: value for key, value in given.items() if value is not None}
    if not chosen:
        raise click.UsageError("name at least one threshold")
    with opened_database() as database, database.writing() as session:
        set_thresholds(session, name, replace(_own(own_thresholds(session), name), **chosen))
    click.echo(f"thresholds of {_plain(name)} set", err=True)


@team.command()
@click.argument("name")
def reset(name: str) -> None:
    """Let the settings hold for a team."""
    with opened_database() as database, database.writing() as session:
        reset_thresholds(session, name)
    click.echo(f"the settings hold for {_plain(name)}", err=True)


def _teams() -> dict[str, OwnThresholds]:
    with opened_database() as database, database.reading() as session:
        return own_thresholds(session)


def _own(teams: dict[str, OwnThresholds], name: str) -> OwnThresholds:
    if name not in teams:
        raise NotFound(f"there is no team {name[:80]!r}")
    return teams[name]


def _team_line(name: str, own: OwnThresholds) -> TeamLine:
    in_force = own.over(common_thresholds(settings()))
    return TeamLine(name, in_force, tuple(key for key in NAMES if getattr(own, key) is not None))


def _line(one: TeamLine, width: int = 0) -> str:
    told = (f"{key} {getattr(one.thresholds, key):.4g}{'*' if key in one.own else ''}" for key in NAMES)
    return f"{_plain(one.team):{width}}  {'  '.join(told)}"


def _plain(name: str) -> str:
    return "".join(char if char.isprintable() else " " for char in name)[:80]
