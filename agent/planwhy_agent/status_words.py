"""`status` in words: what is recorded now and since when, what was sent, what is kept, who looked.

In: facts, counts, a language, the moment. Out: lines for a terminal or a window. Never: a title, an address that was
visited, a token.
"""

import os
from collections.abc import Iterator

from planwhy_shared.hours import FREE
from planwhy_shared.wire import Policy, ToldLook

from planwhy_agent.condition import Condition, Facts, condition_of, headline, own_page, private_words, sending_words
from planwhy_agent.policy_facts import PolicyFacts, policy_facts
from planwhy_agent.sources.open_desktop import named_reason
from planwhy_agent.spool import Counts
from planwhy_agent.words import N_, Words

LOOKS_SHOWN = 5
NAMES_SHOWN = 8


def paragraphs(facts: Facts, counts: Counts, say: Words, now_ms: int) -> str:
    """The same for a window, whose letters differ in width: each subject with its lines below."""
    found = _subjects(facts, counts, say, now_ms)
    return "\n\n".join("\n".join((name, *(f"    {_printable(line)}" for line in told))) for name, told in found)


def lines(facts: Facts, counts: Counts, say: Words, now_ms: int) -> list[str]:
    """Everything a person may want to know, one subject after the other, in two columns."""
    found = list(_subjects(facts, counts, say, now_ms))
    width = max(len(name) for name, _ in found) + 2
    return [
        f"{name if first else '':{width}}{_printable(line)}"
        for name, told in found
        for first, line in zip((True, *[False] * len(told)), told, strict=False)
    ]


def _printable(line: str) -> str:
    """Names come from elsewhere and must not steer a terminal."""
    return "".join(character if character.isprintable() else "?" for character in line)


def _subjects(facts: Facts, counts: Counts, say: Words, now_ms: int) -> Iterator[tuple[str, list[str]]]:
    yield say("Now"), _now(facts, say, now_ms)
    yield say("Private time"), _private(facts, say, now_ms)
    yield say("Person"), [_person(facts, say)]
    if facts.identity is not None:
        yield say("My page"), [own_page(facts) or ""]
    yield say("Notice"), [_notice(facts, say)]
    yield say("Policy"), _policy(facts, say)
    yield say("Sent"), _sent(facts, say, now_ms)
    yield say("Waiting"), _waiting(counts, say)
    yield say("Looked"), _looks(facts, say, now_ms)


def _now(facts: Facts, say: Words, now_ms: int) -> list[str]:
    told = [headline(facts, say, now_ms)]
    alive = facts.alive
    if alive is None:
        return [*told, *filter(None, [named_reason(os.environ)])]
    if condition_of(facts) is Condition.RECORDING:
        told[0] = _doing(facts, say, now_ms)
        told.append(say("Browsers connected: {n}", n=alive.browsers))
    if alive.browser_trouble:
        told.append(_trouble(alive.browser_trouble, say))
    if alive.remote:
        told.append(say("This is a remote session"))
    if alive.disk_full:
        told.append(say("The disk is full: what is recorded waits in memory; free some space"))
    if alive.display:
        told.append(alive.display)
    return told


def _doing(facts: Facts, say: Words, now_ms: int) -> str:
    alive = facts.alive
    assert alive is not None  # noqa: S101  asked before
    what = say(_STATES.get(alive.recording, alive.recording))
    if alive.app:
        what = say("in front: {app}", app=alive.app)
    if alive.since_ms is None:
        return say("Recording: {what}", what=what)
    since, ago = say.at(alive.since_ms, now_ms), say.ago(now_ms - alive.since_ms)
    return say("Recording: {what}, since {since} ({ago})", what=what, since=since, ago=ago)


def _trouble(counts: dict[str, int], say: Words) -> str:
    """What went wrong with browsers since the agent started, counted."""
    told = ", ".join(f"{say(_TROUBLE.get(name, name))} {count}" for name, count in counts.items())
    return say("With browsers: {told}", told=told)


def _private(facts: Facts, say: Words, now_ms: int) -> list[str]:
    """Whether there is private time; its end stands above where it is what goes on now."""
    if not facts.paused_until_ms:
        return [say("no; begin it with: planwhy-agent pause MINUTES")]
    until = private_words(facts.paused_until_ms, say, now_ms)
    told = [] if condition_of(facts) is Condition.PRIVATE else [until]
    return [*told, say("end it with: planwhy-agent resume")]


def _person(facts: Facts, say: Words) -> str:
    if facts.identity is None:
        return say("not enrolled: planwhy-agent enrol --url ADDRESS --code CODE")
    return say("{name}, at {url}", name=facts.identity.employee_name, url=facts.identity.url)


def _notice(facts: Facts, say: Words) -> str:
    return say("acknowledged" if facts.acknowledged else "not acknowledged; read it with: planwhy-agent notice")


def _policy(facts: Facts, say: Words) -> list[str]:
    if facts.damaged:
        return [say("policy_invalid: the stored one cannot be read")]
    if facts.stored is None:
        return [say("none is known")]
    policy = facts.stored.answer.policy
    told = [_hours(policy, say), say(_TITLES[policy.titles]), say(_NEVER)]
    kept = policy_facts(policy)
    told += [
        say(text, names=_names(names))
        for names, text in (
            (kept.titles_kept, N_("Titles are kept at {names}")),
            (kept.titles_masked, N_("Of titles only the shape is kept at {names}")),
            (kept.titles_dropped, N_("Titles are not kept at {names}")),
        )
        if names
    ]
    if kept.patterns:
        told.append(say("Struck out of titles besides the usual: {patterns}",
                        patterns=say.count(kept.patterns, "patterns")))  # fmt: skip
    told += _addresses(kept, say)
    if facts.alive is not None and facts.alive.policy_problem:
        told.append(say("A newer policy is not understood, this one stays: {why}", why=facts.alive.policy_problem))
    return told


def _hours(policy: Policy, say: Words) -> str:
    if policy.working_hours == FREE:
        return say("Recorded: not at all in the coming week, it is free ({zone})", zone=policy.time_zone)
    hours = policy.working_hours
    for day in _DAYS:
        hours = hours.replace(day, say(day))
    return say("Recorded: {hours} ({zone})", hours=hours, zone=policy.time_zone)


def _addresses(kept: PolicyFacts, say: Words) -> list[str]:
    if kept.paths_kept:
        hosts = _names(kept.paths_kept)
        told = [say("Of addresses only the site's name is kept; with the path at {hosts}", hosts=hosts)]
    else:
        told = [say("Of addresses only the site's name is kept")]
    if kept.addresses_dropped:
        told.append(say("Addresses are not kept at all at {names}", names=_names(kept.addresses_dropped)))
    return told


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(names[:NAMES_SHOWN]) + (" …" if len(names) > NAMES_SHOWN else "")


def _sent(facts: Facts, say: Words, now_ms: int) -> list[str]:
    sent_ms = facts.sending.sent_ms
    told = [say("nothing so far")]
    if sent_ms is not None:
        told = [say("{when} ({ago})", when=say.at(sent_ms, now_ms), ago=say.ago(now_ms - sent_ms))]
    if problem := sending_words(facts, say, now_ms):
        told.append(problem)
        told.append(say("Reason: {why}", why=facts.sending.problem))
    if facts.sending.next_ms is not None and facts.pid is not None:
        told.append(say("Next attempt: {when}", when=say.at(facts.sending.next_ms, now_ms)))
    return told


def _waiting(counts: Counts, say: Words) -> list[str]:
    told = [say.count(counts.waiting, "records")]
    if counts.aside:
        told.append(say("Set aside because the collector refused them: {n}", n=say.count(counts.aside, "records")))
    if counts.by_reason:
        reasons = ", ".join(f"{reason} {n}" for reason, n in sorted(counts.by_reason.items()))
        told.append(say("Lost: {reasons}", reasons=reasons))
    return told


def _looks(facts: Facts, say: Words, now_ms: int) -> list[str]:
    looks = facts.stored.answer.looks if facts.stored else ()
    if not looks:
        return [say("nobody looked at my detail in the last 30 days")]
    told = [_look(look, say, now_ms) for look in looks[:LOOKS_SHOWN]]
    if len(looks) > LOOKS_SHOWN:
        told.append(say("and {n} more; all of them are on my page", n=len(looks) - LOOKS_SHOWN))
    return told


def _look(look: ToldLook, say: Words, now_ms: int) -> str:
    who = look.name or say("someone no longer known")
    role = f" ({say(_ROLES.get(look.role, look.role))})" if look.role else ""
    purpose = say(_PURPOSES.get(look.purpose, look.purpose))
    return say("{when} {who}: {purpose}", when=say.at(look.at_ms, now_ms), who=who + role, purpose=purpose)


_DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_STATES = {
    "active": N_("someone works at the computer"),
    "idle": N_("nobody works at the computer"),
    "locked": N_("the screen is locked"),
    "asleep": N_("the computer sleeps"),
}
_NEVER = N_("Never kept: titles of messengers, mail, banks, health, religion, job search, private windows")
_TROUBLE = {
    "refused": N_("messages not understood"),
    "missed": N_("messages missing"),
    "dropped": N_("messages while the agent was away"),
    "closed": N_("connections closed"),
    "floods": N_("of them for too many messages"),
}
_TITLES = {
    "keep": N_("Titles of windows and tabs are kept"),
    "mask": N_("Of titles of windows and tabs only the shape is kept, not the words"),
    "drop": N_("Titles of windows and tabs are not kept"),
}
_ROLES = {
    "employee": N_("employee"),
    "supervisor": N_("supervisor"),
    "admin": N_("administrator"),
    "council": N_("works council"),
}
_PURPOSES = {
    "overdue_task": N_("overdue tasks"),
    "client_complaint": N_("a client's complaint"),
    "support_request": N_("help that I asked for"),
    "workload_review": N_("review of the workload"),
    "person_asked": N_("I asked for it"),
    "security": N_("a security incident"),
    "missed_plan": N_("missed plan"),
}
