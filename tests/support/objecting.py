"""Objections put in as people make them, for tests of where they stand and who decides them."""

from planwhy_collector.classify.subject import Subject, SubjectKind
from planwhy_collector.jobs.objecting import object_to
from planwhy_collector.queries.objections import decide
from signed_in import OWN, Site

SAID = "There I look for <b>candidates</b> for our team"
ANSWER = "We <i>agreed</i> on another site for that"


def objected(place: Site, name: str = "hh.ru", kind: SubjectKind = "host", text: str = SAID) -> int:
    """Let the site's person object to a subject; the key."""
    return object_to(place.database, place.person, place.user(OWN).id, Subject(kind, name), text, place.now)


def decided(place: Site, objection: int, by: str, accepted: bool = False, answer: str = ANSWER) -> None:
    """Let an account decide it."""
    with place.database.writing() as session:
        decide(session, objection, accepted, answer, place.user(by).id, place.now)
