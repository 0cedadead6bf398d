"""From when on a team's plan is a case. In: team names, thresholds. Out: thresholds, a team's own and those in force.

Teams come from imports and are called by their names. Never: thresholds of one person.
"""

from dataclasses import asdict

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from planwhy_collector.config import Settings
from planwhy_collector.errors import NotFound
from planwhy_collector.models import Team, TeamThresholds
from planwhy_collector.plan.miss import NAMES, OwnThresholds, Thresholds, checked
from planwhy_collector.queries.upsert import upsert


def common_thresholds(settings: Settings) -> Thresholds:
    """What the settings say, for teams without thresholds of their own."""
    return Thresholds(**{name: getattr(settings, name) for name in NAMES})


def own_thresholds(session: Session) -> dict[str, OwnThresholds]:
    """Every team in order of its name, with what it has of its own."""
    query = select(Team.name, TeamThresholds).outerjoin(TeamThresholds, TeamThresholds.team_id == Team.id)
    return {name: _own(row) for name, row in session.execute(query.order_by(Team.name))}


def set_thresholds(session: Session, team: str, own: OwnThresholds) -> None:
    """Give a team thresholds of its own, all at once. Raises NotFound, and InvalidInput that names the wrong one."""
    upsert(session, TeamThresholds, [{"team_id": _team_id(session, team)} | asdict(checked(own))])


def reset_thresholds(session: Session, team: str) -> None:
    """Let the settings hold for a team. Raises NotFound."""
    session.execute(delete(TeamThresholds).where(TeamThresholds.team_id == _team_id(session, team)))


def _team_id(session: Session, name: str) -> int:
    found = session.scalar(select(Team.id).where(Team.name == name))
    if found is None:
        raise NotFound(f"there is no team {name[:80]!r}")
    return found


def _own(row: TeamThresholds | None) -> OwnThresholds:
    return OwnThresholds() if row is None else OwnThresholds(**{name: getattr(row, name) for name in NAMES})
