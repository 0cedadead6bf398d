"""What commands tell of changes of rules. In: previews and versions. Out: lines for people, facts for scripts."""

import json
import sys
from collections.abc import Iterator
from datetime import date, timedelta

import click
from planwhy_shared.times import HOUR_MS, from_ms

from planwhy_collector.db import Database
from planwhy_collector.jobs.carrying import Ahead, ahead, carry_change
from planwhy_collector.jobs.rule_change import Edit
from planwhy_collector.jobs.rule_preview import NAMED, Meaning, Preview, preview
from planwhy_collector.jobs.settle import settle
from planwhy_collector.queries.rule_versions import additions
from planwhy_collector.services import wall_clock_ms

BY = "command line"
"""How the command line signs what it changes."""
Days = click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True)
Looking = click.option("--preview", "looking", is_flag=True, help="Only show what it would move.")


def counted(people: int) -> str:
    """A number of people as others may see it."""
    return str(people) if people >= NAMED else f"fewer than {NAMED}" if people else "none"


def preview_lines(found: Preview) -> Iterator[str]:
    """What would move, and for how many."""
    yield f"{found.people} people, {found.days} settled days"
    for (old, new), ms in sorted(found.moves.items(), key=lambda one: -one[1]):
        if old != new:
            yield f"{_meaning(old)} → {_meaning(new)}: {ms / HOUR_MS:.1f} h"
    if not found.moved_ms:
        yield "nothing would move"
        return
    yield f"for people: {counted(found.touched.people)}"
    for team, people in found.touched.teams:
        yield f"  {team}: {people}"
    if found.touched.others:
        yield f"  teams with fewer than {NAMED} such people: {found.touched.others}"


def preview_facts(found: Preview) -> dict[str, object]:
    """The same for scripts: hours; null where fewer people than may be counted are concerned."""
    people = found.touched.people
    return {
        "version": found.version,
        "people": found.people,
        "days": found.days,
        "moves": [
            {"from": _fact(old), "to": _fact(new), "hours": round(ms / HOUR_MS, 2)}
            for (old, new), ms in sorted(found.moves.items(), key=lambda one: -one[1])
            if old != new
        ],
        "people_concerned": people if people >= NAMED or not people else None,
        "teams": [{"team": team, "people": number} for team, number in found.touched.teams],
        "other_teams": found.touched.others,
    }


def last_days(days: int) -> tuple[date, date]:
    """The first and last of the last days, today among them."""
    today = from_ms(wall_clock_ms()).date()
    return today - timedelta(days=days), today


def show_preview(database: Database, edit: Edit, days: int, as_json: bool = False) -> None:
    """Tell what an edit would move in the last days; nothing is stored."""
    with database.reading() as session:
        added = edit(additions(session))
    found = preview(database, added, *last_days(days))
    click.echo(json.dumps(preview_facts(found), ensure_ascii=False) if as_json else "\n".join(preview_lines(found)))


def carried_out(database: Database, version: str, now_ms: int) -> None:
    """Bring all recorded days to the rules in force, telling how far it is."""
    left = ahead(database)
    click.echo(f"version {version} is in force; {left.days} settled days of {left.people} people to judge")
    count = _carried(database, left, now_ms) + settle(database, now_ms)
    click.echo(f"{count} days judged anew")


def _carried(database: Database, left: Ahead, now_ms: int) -> int:
    days = 0
    length, hidden = left.verdicts + left.days, not sys.stderr.isatty()
    with click.progressbar(length=length, label="judging", file=sys.stderr, hidden=hidden) as bar:
        for done in carry_change(database, now_ms):
            days += done.days
            bar.update(done.verdicts + done.days)
    return days


def _meaning(meaning: Meaning) -> str:
    label, area = meaning
    return f"{label} ({area})" if area else label or "unclassified"


def _fact(meaning: Meaning) -> dict[str, str | None]:
    return {"label": meaning[0], "area": meaning[1]}
