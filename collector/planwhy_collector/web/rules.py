"""The rules for everybody who is signed in: what counts for what, and one case tried. In: a case. Out: its verdict.

What is typed to be tried is judged and forgotten: it comes in a form, so that no log keeps it.
"""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from planwhy_collector.classify.contexts import context_of
from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.jobs.judging import chats_known, judge, rules_in_force
from planwhy_collector.services import services
from planwhy_collector.web.asked import typed
from planwhy_collector.web.pages import page
from planwhy_collector.web.roles import signed_in

pages = Blueprint("rules", __name__, url_prefix="/rules")
LONGEST = 2_000
FIELDS = ("app", "title", "url", "position", "team")


@pages.get("")
@signed_in
def rules() -> ResponseReturnValue:
    """The categories of the rules in force, and what they count for."""
    return _page()


@pages.post("")
@signed_in
def test() -> ResponseReturnValue:
    """Judge one case that is typed in, and show which rule decided, why, and which lost."""
    return _page()


def _page() -> str:
    with services().database.reading() as session:
        found = rules_in_force(session)
        case = {name: typed(name)[:LONGEST].strip() for name in FIELDS}
        tried = _tried(session, found, case) if request.method == "POST" else None
    return page("rules.html", rules=found, case=case, tried=tried)


def _tried(session: Session, rules: RuleSet, case: dict[str, str]) -> dict[str, object]:
    profile = rules.profile_of(case["position"], case["team"] or None)
    context = context_of(case["app"] or None, case["url"] or None, case["title"] or None)
    verdict = judge(context, rules, profile, chats_known(session))
    category = rules.categories.get(verdict.category or "")
    return {"verdict": verdict, "category": category, "profile": profile, "why": rules.why(verdict.rule or "")}
