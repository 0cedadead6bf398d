"""Pages for people, and the reading API: same roles, same gate. In: requests. Out: HTML, JSON.

Never: a rule of its own about who may see what; that is the gate's.
"""

from flask import Blueprint, Flask

from planwhy_collector.web import (
    account,
    admin,
    api,
    audit,
    cases,
    decisions,
    erasing,
    error_pages,
    next_steps,
    objecting,
    objections,
    own,
    pages,
    people,
    planning,
    reports,
    rule_changes,
    rules,
    sign_in,
    team,
    teams,
    visitor,
)  # fmt: skip

BLUEPRINTS = (
    sign_in, team, people, cases, decisions, next_steps, own, objecting, objections, planning, reports, rules,
    rule_changes, audit, admin, erasing, teams, account,
)  # fmt: skip


def register(app: Flask) -> None:
    """Add the pages and the reading API."""
    pages.register(app)
    error_pages.register(app)
    visitor.register(app)
    sign_in.register(app)
    site = Blueprint("pages", __name__)
    pages.prepare(site)
    error_pages.prepare(site)
    for module in BLUEPRINTS:
        site.register_blueprint(module.pages)
    app.register_blueprint(site)
    api.register(app)
