"""Changes of the rules by administrators: the queue, decisions, the own text, history. In: forms. Out: pages.

Every change is previewed before it is put in force, and put in force only if nobody has changed the rules meanwhile.
Never: who spent the time, a title, a path; people are counted from five on.
"""

from datetime import date, timedelta
from functools import partial

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from planwhy_shared.times import from_ms
from sqlalchemy.orm import Session

from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.classify.exchange import exported, pack_facts
from planwhy_collector.classify.pack_lines import AREAS, LABELS
from planwhy_collector.classify.subject import Subject, subject_from
from planwhy_collector.classify.verdict import Verdict
from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import Context
from planwhy_collector.gate import may_answer
from planwhy_collector.jobs.judging import rules_in_force
from planwhy_collector.jobs.rule_change import change
from planwhy_collector.jobs.rule_deciding import profiles
from planwhy_collector.jobs.rule_past import past_changes
from planwhy_collector.jobs.rule_preview import NAMED, preview
from planwhy_collector.jobs.rule_queue import queue
from planwhy_collector.queries import objections
from planwhy_collector.queries.objections import ObjectionFact
from planwhy_collector.queries.people import person_by_id
from planwhy_collector.queries.rule_versions import additions
from planwhy_collector.queries.suggestions import suggestions_by_subject
from planwhy_collector.services import services
from planwhy_collector.web.asked import typed
from planwhy_collector.web.pages import page
from planwhy_collector.web.roles import role
from planwhy_collector.web.rule_forms import asked_change
from planwhy_collector.web.visitor import user

pages = Blueprint("rule_changes", __name__, url_prefix="/rules")
DAYS = 30
SHOWN = 100
PAGE = 30


@pages.get("/queue")
@role("admin")
def waiting() -> ResponseReturnValue:
    """What no rule knows, by the working time of everybody in the last days."""
    found = queue(services().database, *_days())
    with services().database.reading() as session:
        suggested = {subject: one for subject, one in suggestions_by_subject(session).items() if one.sure}
        rules = rules_in_force(session)
    return page(
        "rules_queue.html", queue=found, shown=found.waiting[:SHOWN], named=NAMED, days=DAYS, suggested=suggested,
        categories=rules.categories,
    )  # fmt: skip


@pages.get("/decide")
@role("admin")
def form() -> ResponseReturnValue:
    """A form for what a host or program counts for."""
    with services().database.reading() as session:
        rules = rules_in_force(session)
    subject = subject_from(request.args.get("kind", ""), request.args.get("subject", ""))
    objection = _objection(request.args.get("objection", ""))
    return page(
        "rules_decide.html", rules=rules, subject=subject, objection=objection, profiles=profiles(rules),
        labels=LABELS, areas=AREAS, now=_now(rules, subject), chosen=request.args.get("category", "")[:40],
    )  # fmt: skip


@pages.post("/preview")
@role("admin")
def look() -> ResponseReturnValue:
    """What a change would move, and a button that puts it in force."""
    with services().database.reading() as session:
        rules, held = rules_in_force(session), additions(session)
    asked = asked_change(rules)
    found = preview(services().database, asked.edit(held), *_days())
    moves = sorted(((m, ms) for m, ms in found.moves.items() if m[0] != m[1]), key=lambda one: -one[1])
    return page("rules_preview.html", asked=asked, found=found, moves=moves, named=NAMED, days=DAYS)


@pages.post("/change")
@role("admin")
def put() -> ResponseReturnValue:
    """Put a change in force that was looked at."""
    with services().database.reading() as session:
        asked = asked_change(rules_in_force(session))
    objection = asked.fields.get("objection")
    accepting = partial(_accept, key=_key(objection), answer=typed("why")) if objection else None
    change(services().database, asked.edit, asked.done, services().now_ms(), typed("looked_at"), accepting)
    return redirect(url_for("pages.objections.overview" if objection else "pages.rule_changes.history"))


@pages.get("/own")
@role("admin")
def own() -> ResponseReturnValue:
    """The text of own rules, and the packs."""
    with services().database.reading() as session:
        held = additions(session)
    return page("rules_own.html", text=held.own, packs=[(name, pack_facts(text)) for name, text in held.packs])


@pages.get("/history")
@role("admin", "council")
def history() -> ResponseReturnValue:
    """What was done to the rules, when, by whom, line by line."""
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) <= 15):
        raise InvalidInput(f"before: {before[:40]!r} is not a number")
    with services().database.reading() as session:
        found = past_changes(session, PAGE, int(before) if before else None)
        version = rules_in_force(session).version
    more = found[-1].event.at_ms if len(found) == PAGE else None
    return page("rules_history.html", changes=found, more=more, version=version)


@pages.get("/export")
@role("admin")
def export() -> ResponseReturnValue:
    """Own rules, decisions and packs as one file."""
    day = _days()[1].isoformat()
    with services().database.reading() as session:
        text = exported(additions(session), rules_in_force(session).version, day)
    about = {"Content-Disposition": f'attachment; filename="planwhy-{day}.rules"'}
    return Response(text, mimetype="text/plain", headers=about)


def _accept(session: Session, key: int, answer: str) -> None:
    """Accept an objection together with the rule that answers it. Raises like `may_answer` and `decide`."""
    found = objections.objection_by_id(session, key)
    may_answer(user(), person_by_id(session, found.said.employee_id))
    objections.decide(session, key, True, answer, user().id, services().now_ms())


def _objection(text: str) -> ObjectionFact | None:
    """The open objection that a decision is asked for; None where none is named. Raises NotFound."""
    if not text:
        return None
    with services().database.reading() as session:
        found = objections.objection_by_id(session, _key(text))
        may_answer(user(), person_by_id(session, found.said.employee_id))
    return found


def _key(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise InvalidInput(f"objection: {text[:20]!r} is not a number")
    return int(text)


def _now(rules: RuleSet, subject: Subject) -> Verdict:
    """What a subject counts for, for everybody."""
    if subject.kind == "program":
        return rules.judge_program(subject.name, "")
    return rules.judge(Context(host=subject.name), "")


def _days() -> tuple[date, date]:
    today = from_ms(services().now_ms()).date()
    return today - timedelta(days=DAYS), today
