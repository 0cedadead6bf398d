"""The daily digest of missing next steps: findings → view → subject, text and HTML in the reader's language.

In: lists of findings, those of the last digest, a language, addresses. Out: a Digest, rendered. Never: a list of more
than `MOST` lines for a person, a remote image, a text that is not escaped, a title in the subject.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from planwhy_collector.explain.next_steps import Finding
from planwhy_collector.facts import Person
from planwhy_collector.report.environment import template
from planwhy_collector.report.language import Language
from planwhy_collector.report.next_steps import STEP_KINDS, StepLine, counted, step_line
from planwhy_collector.report.plain import one_line

MOST = 12
"""Lines of a person; the rest stand on the page."""
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Section:
    """One person's part. `new` holds what was not there at the last digest, `rest` how many lines are left out."""

    name: str
    count: int
    new: tuple[StepLine, ...]
    standing: tuple[StepLine, ...]
    rest: int
    address: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What one mail says; `account` is where it is switched off."""

    count: int
    new: int
    totals: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    address: str
    account: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What lines are written with: the language, everyone by database key, the collector's and the CRM's address."""

    say: Language
    people: Mapping[int, Person]
    base: str
    crm_url: str


def section(name: str, findings: Sequence[Finding], before: Collection[Key], address: str, using: Setting) -> Section:
    """Make a person's part: the new first, each half by urgency, cut at `MOST` lines."""
    new = [one for one in findings if one.key not in before]
    standing = [one for one in findings if one.key in before]
    shown_new, shown_standing = new[:MOST], standing[: max(0, MOST - len(new))]
    return Section(
        one_line(name), len(findings), _lines(shown_new, using), _lines(shown_standing, using),
        len(findings) - len(shown_new) - len(shown_standing), using.base + address,
    )  # fmt: skip


def digest(
    parts: Sequence[Section], findings: Sequence[Finding], before: Collection[Key], home: str, using: Setting
) -> Digest:
    """Put the parts of a mail together, with totals by kind."""
    say = using.say
    totals = tuple((say.say(STEP_KINDS[kind]), say.number(count)) for kind, count in counted(findings).items())
    new = sum(one.key not in before for one in findings)
    return Digest(len(findings), new, totals, tuple(parts), using.base + home, f"{using.base}/account#digest")


def digest_subject(made: Digest, say: Language) -> str:
    """The subject: how much, never what."""
    return say.say("Next steps: %(count)s in all, %(new)s new", count=say.number(made.count), new=say.number(made.new))


def digest_text(made: Digest, say: Language) -> str:
    """The text part: short lines, addresses bare."""
    lines = [digest_subject(made, say), "", *(f"{count}  {name}" for name, count in made.totals)]
    for part in made.sections:
        lines += ["", "", f"{part.name} ({say.number(part.count)})"]
        for title, listed in halves(part, say):
            lines += ["", title, *(line for one in listed for line in _text(one))]
        if part.rest:
            lines += ["", f"{say.say('and more: %(count)s', count=say.number(part.rest))}  {part.address}"]
    lines += ["", "", say.say("Planwhy lists what could get lost. It scores nobody and ranks nobody.")]
    lines += [f"{say.say('The lists on the page')}: {made.address}"]
    return "\n".join([*lines, f"{say.say('Switch this mail off')}: {made.account}", ""])


def digest_html(made: Digest, say: Language) -> str:
    """The HTML part: styles inside, nothing fetched from anywhere."""
    subject = digest_subject(made, say)
    return template("digest.html").render(digest=made, say=say, subject=subject, halves=halves, words=_words(say))


def halves(part: Section, say: Language) -> list[tuple[str, tuple[StepLine, ...]]]:
    """The two halves of a part with their titles, without an empty one."""
    both = ((say.say("New since the last digest"), part.new), (say.say("Still open"), part.standing))
    return [(title, lines) for title, lines in both if lines]


def _words(say: Language) -> dict[str, str]:
    return {
        "page": say.say("The lists on the page"),
        "off": say.say("Switch this mail off"),
        "never": say.say("Planwhy lists what could get lost. It scores nobody and ranks nobody."),
        "more": say.say("and more: %(count)s", count="{count}"),
    }


def _lines(findings: Sequence[Finding], using: Setting) -> tuple[StepLine, ...]:
    return tuple(step_line(one, using.say, using.people, using.crm_url) for one in findings)


def _text(one: StepLine) -> list[str]:
    notes = (one_line(one.notes, 240), one.address)
    return [f"- {one.what}: {one.entity} {one.title}", *(f"  {note}" for note in notes if note)]
