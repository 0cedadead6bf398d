"""What lacks a next step: the supervisor's page, and what pages and API ask for. Never: a ranking of people.

The lists hold what the CRM holds, nothing of how anybody's time was spent, so that they are open to the person and to
the person's supervisor without a purpose.
"""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.explain.next_steps import KINDS, Finding
from planwhy_collector.facts import Person
from planwhy_collector.gate import own_people
from planwhy_collector.jobs.next_steps import Asked, PersonSteps, next_steps
from planwhy_collector.queries.people import people
from planwhy_collector.report.next_steps import STEP_KINDS, StepLine, counted, step_line
from planwhy_collector.services import services
from planwhy_collector.web.pages import page
from planwhy_collector.web.roles import role
from planwhy_collector.web.visitor import spoken, user

pages = Blueprint("next_steps", __name__)
MOST = 25
"""Lines of a person shown before the page of that person alone is linked to."""


@pages.get("/next-steps")
@role("supervisor", "admin")
def overview() -> ResponseReturnValue:
    """The lists of one's own people and what is nobody's; counts by kind, which filter."""
    kind, settings = asked_kind(), services().settings
    with services().database.reading() as session:
        members = own_people(session, user())
        asked = asked_lists(members)
        everyone = {one.id: one for one in people(session)}
        found = next_steps(session, asked, services().now_ms(), settings.deadline_moves)
    counts = counted(one for steps in found for one in steps.findings)
    shown = [(steps.person, only(steps, kind)) for steps in found if only(steps, kind)]
    lines = [(person, len(kept), _lines(kept, everyone, len(shown) > 1)) for person, kept in shown]
    chosen = {key: request.args[key][:200] for key in ("employee", "team") if request.args.get(key)}
    return page("next_steps.html", lists=lines, counts=counts, kind=kind, kinds=STEP_KINDS, chosen=chosen)


def asked_kind() -> str | None:
    """The kind that the address names, if any. Raises InvalidInput for one that there is not."""
    kind = request.args.get("kind", "")[:40] or None
    if kind is not None and kind not in KINDS:
        raise InvalidInput(f"kind {kind!r}: expected one of {', '.join(KINDS)}")
    return kind


def asked_lists(members: tuple[Person, ...]) -> Asked:
    """Whose lists the address asks for, of the people whom the visitor may know of. Raises NotFound for others.

    Whoever leads people gets what is nobody's too, except in the list of one person.
    """
    key, team = request.args.get("employee", "")[:200], request.args.get("team", "")[:200]
    chosen = tuple(one for one in members if key in ("", one.key) and team in ("", one.team))
    if (key or team) and not chosen:
        raise NotFound("there is no such employee or team among your people")
    leads = user().role in ("supervisor", "admin")
    return Asked(chosen, nobodys=leads and not key, everything=user().role == "admin" and not team)


def only(steps: PersonSteps, kind: str | None) -> tuple[Finding, ...]:
    """The findings of a kind, or all."""
    return tuple(one for one in steps.findings if kind in (None, one.kind))


def own_steps(person: Person) -> dict[str, object]:
    """What the own page shows of a person's own list: its length and the first lines, or all with `steps=all`."""
    with services().database.reading() as session:
        (steps,) = next_steps(session, Asked((person,)), services().now_ms(), services().settings.deadline_moves)
    lines = _lines(steps.findings, {person.id: person}, request.args.get("steps") != "all")
    return {"steps": lines, "steps_count": len(steps.findings)}


def _lines(findings: tuple[Finding, ...], everyone: dict[int, Person], cut: bool) -> list[StepLine]:
    crm_url = services().settings.crm_url
    return [step_line(one, spoken(), everyone, crm_url) for one in (findings[:MOST] if cut else findings)]
