"""What a refused form is told in the reader's language. In: an error's English detail. Out: a sentence to act on.

Never: a changed meaning; a detail that has no sentence here is shown as it is. The API and the command line keep the
detail, which names the field.
"""

import re

from planwhy_collector.report.language import N_, Language

_SENTENCES = (
    (r"circumstances: write a sentence.*", N_("Write a sentence beside at least one circumstance.")),
    (r"conclusion 'circumstances': .*", N_("Recognise at least one circumstance, with a sentence.")),
    (r"conclusion 'plan_adjusted': .*", N_("Adjust the plan in this case first.")),
    (r"conclusion .*: expected one of.*", N_("Choose a conclusion.")),
    (r"circumstance .*: it is recognised already", N_("This circumstance is recognised already.")),
    (r"this case has a conclusion already", N_("This case has a conclusion already.")),
    (r"the detail of this case was extended already", N_("The detail of this case was extended already.")),
    (r"\w+: at least (?P<num>\d+) characters are needed", N_("Write at least %(num)s characters.")),
    (r"\w+: longer than (?P<num>\d+) characters", N_("Write at most %(num)s characters.")),
    (r"subject .*: an objection to it is open already", N_("Your objection to this is open already.")),
    (r"subject .*: nothing of it in your last (?P<num>\d+) days", N_("Nothing of it is in your last %(num)s days.")),
    (r"objections: at most (?P<num>\d+) may be open at once", N_("At most %(num)s objections may be open at once.")),
    (r"this objection was decided or taken back already", N_("This objection was decided or taken back already.")),
    (r"reason: \d+ characters; .* needs (?P<num>\d+) to .*", N_("Write a reason of at least %(num)s characters.")),
    (r"\w+: is empty", N_("Write something first.")),
    (r"target: it is (?P<num>\S+) already", N_("The target is %(num)s already.")),
    (r"target: someone .* it is (?P<num>\S+) now", N_("Someone changed the target meanwhile; it is %(num)s now.")),
    (r"period (?P<what>.*): it has not begun yet", N_("The period %(what)s has not begun yet.")),
    (r"period (?P<what>.*): expected .*", N_("%(what)s is no period; write such as 2026-12, 2026-W50 or 2026-Q1.")),
    (r"currency .*: a plan of revenue .*", N_("A plan of revenue needs a currency, such as RUB.")),
    (r"[\w.]+:? (?P<what>'.*'):? (?:expected a|is not a) number", N_("%(what)s is not a number.")),
    (r".*: attendance and focus are given together .*", N_("Give attendance and focus together, or neither.")),
    (r"stretch: ends before it begins", N_("The stretch of time ends before it begins.")),
    (r"confirm: type .*", N_("Type the person's id to erase the person.")),
    (r"old password: is wrong", N_("The old password is wrong.")),
)
_KNOWN = tuple((re.compile(pattern, re.DOTALL), sentence) for pattern, sentence in _SENTENCES)


def refusal_words(detail: str, say: Language) -> str | None:
    """The sentence for a detail; None where there is none."""
    found = ((pattern.fullmatch(detail), sentence) for pattern, sentence in _KNOWN)
    return next((say.say(sentence, **match.groupdict()) for match, sentence in found if match), None)
