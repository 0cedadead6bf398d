"""Who may open which route. Every route states it by a decorator; one that does not is closed.

In: a view function. Out: the same function, marked. The check runs before each request, see `web/visitor.py`.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask

from planwhy_collector.queries.users import ROLES

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = frozenset({"public"})
_MARK = "__planwhy_roles__"


def role(*names: str) -> Callable[[View], View]:
    """Open a route to these roles only."""
    unknown = set(names) - set(ROLES)
    if unknown or not names:
        raise ValueError(f"unknown roles {sorted(unknown)}")
    return _marking(frozenset(names))


def signed_in(view: View) -> View:
    """Open a route to everyone who is signed in; what they see is decided by the gate."""
    return _marking(frozenset(ROLES))(view)


def public(view: View) -> View:
    """Open a route to everyone."""
    return _marking(PUBLIC)(view)


def roles_of(view: Callable[..., Any] | None) -> frozenset[str] | None:
    """The roles that a view states; None where it states none."""
    found: frozenset[str] | None = getattr(view, _MARK, None)
    return found


def stated_roles(app: Flask) -> dict[str, frozenset[str] | None]:
    """Every endpoint with the roles it states: what the guard of routes reads."""
    return {name: roles_of(view) for name, view in app.view_functions.items()}


def _marking(names: frozenset[str]) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, _MARK, names)
        return view

    return mark
