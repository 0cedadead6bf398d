"""What lacks a next step, for scripts. In: `team`, `employee`, `kind`. Out: findings in pages, people by name."""

from flask import Blueprint, Response

from planwhy_collector.explain.next_steps import Finding
from planwhy_collector.facts import Person
from planwhy_collector.jobs.next_steps import next_steps
from planwhy_collector.queries.people import people
from planwhy_collector.report.next_steps import step_document
from planwhy_collector.services import services
from planwhy_collector.web.api.answer import listed
from planwhy_collector.web.api.lists import near
from planwhy_collector.web.next_steps import asked_kind, asked_lists, only
from planwhy_collector.web.roles import role

steps = Blueprint("steps", __name__)


@steps.get("/next-steps")
@role("employee", "supervisor", "admin")
def next_step_list() -> Response:
    """Findings of the people near the visitor by name, each person's by urgency; nobody's last."""
    kind, settings = asked_kind(), services().settings
    with services().database.reading() as session:
        asked = asked_lists(near(session))
        everyone = {one.id: one for one in people(session)}
        lists = next_steps(session, asked, services().now_ms(), settings.deadline_moves)
    found = [(_key(one.person, finding), finding) for one in lists for finding in only(one, kind)]
    return listed(
        sorted(found, key=lambda pair: pair[0]),
        lambda pair: pair[0],
        lambda pair: step_document(pair[1], everyone, settings.crm_url),
    )


def _key(person: Person | None, one: Finding) -> str:
    """The place of a finding in the list, as a cursor."""
    whose = f"0/{person.name}/{person.key}" if person else "1"
    kind, since_ms, entity, key = one.urgency
    return f"{whose}/{kind}/{max(0, since_ms):015}/{entity}/{key}"
