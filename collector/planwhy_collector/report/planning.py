"""Plans as people read them: proposals with their reasons, stored plans with sources and changes.

In: proposals, plans, a language. Out: rows of texts, the same for pages and the command line. Never: a person's
measured focus or attendance alone; both show as one figure, the usable share of the hours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from planwhy_collector.facts import PlanChange, PlanFact
from planwhy_collector.plan.change import Change, Part, conversion_of
from planwhy_collector.plan.period import Period
from planwhy_collector.plan.proposal import Proposal
from planwhy_collector.plan.workload import QUANTITIES
from planwhy_collector.report import planning_words as words
from planwhy_collector.report.language import Language

MOST_REASONS = 2
LEAST_SHARE = 0.05
"""A reason below this share of the largest one is not told."""
_HIDDEN = frozenset({"attendance", "focus"})


@dataclass(frozen=True, slots=True)
class Figure:
    """One quantity: its name, its value (empty where not known) and source, and what a form calls it.

    `field` None: it cannot be given by hand.
    """

    name: str
    value: str
    source: str
    field: str | None = None
    given: str = ""


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """One person's proposal in words. Figures that are not known are empty; `load` is "", "many" or "above"."""

    key: str
    name: str
    hours: str
    clients: str
    load: str
    usable: str
    service: str
    sales: str
    rate: str
    conversion: str
    target: str
    earlier: str
    change: str
    reasons: tuple[str, ...]
    refusal: str
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A stored plan in words."""

    key: str
    name: str
    period: str
    days: str
    metric: str
    target: str
    actual: str
    made_by: str
    figures: tuple[Figure, ...]
    changes: tuple[str, ...]


def proposal_row(found: Proposal, say: Language, given: dict[str, float]) -> ProposalRow:
    """Word a proposal. `given` is what was given by hand for this person."""
    draft, basis = found.draft, found.draft.basis
    metric, currency = _unit(found)
    return ProposalRow(
        key=found.person.key,
        name=found.person.name,
        hours=say.number(draft.values["expected_hours"] or 0.0, 1),
        clients=_or_empty(draft.values["clients"], say, "clients", None),
        load=next((slug for slug in ("above_cap", "many_clients") if slug in draft.notes), ""),
        usable=say.number(basis.usable_hours, 1) if basis else "",
        service=say.number(basis.service_hours, 1) if basis else "",
        sales=say.number(basis.sales_hours, 1) if basis else "",
        rate=_or_empty(draft.values["contact_rate"], say, "contact_rate", None),
        conversion=say.percent(basis.conversion, 1) if basis else "",
        target=amount(found.plan.target, metric, currency, say) if found.plan else "",
        earlier=amount(found.earlier.target, metric, found.earlier.currency, say) if found.earlier else "",
        change=_signed(found.change.after - found.change.before, metric, say) if found.change else "",
        reasons=change_words(found.change, found.plan, say) if found.change and found.plan else (),
        refusal=_refusal(found, say),
        missing=draft.missing if draft.refusal == "missing" and not found.existing else (),
        notes=_notes(found, say),
        figures=_editable(found, say, given),
    )


def plan_row(
    plan: PlanFact, key: str, name: str, actual: float | None, changes: Iterable[tuple[PlanChange, str]], say: Language
) -> PlanRow:
    """Word a stored plan. `actual` None: it has not begun. Each change comes with its moment as text."""
    return PlanRow(
        key, name, plan.period, say.days(plan.first, plan.last), say.say(words.METRIC_NAMES[plan.metric]),
        amount(plan.target, plan.metric, plan.currency, say),
        "" if actual is None else amount(actual, plan.metric, plan.currency, say),
        plan.made_by, plan_figures(plan, say), tuple(_changed(plan, one, when, say) for one, when in changes),
    )  # fmt: skip


def plan_figures(plan: PlanFact, say: Language) -> tuple[Figure, ...]:
    """The assumptions of a stored plan with their sources; attendance and focus as one usable share."""
    a, load, sources = plan.assumptions, plan.workload, plan.sources
    usable = None if a.attendance is None or a.focus is None else a.attendance * a.focus
    found: list[tuple[str, float | None, str]] = [
        ("expected_hours", a.expected_hours, sources.get("expected_hours", "none")),
        ("usable", usable, _joint(sources)),
        ("clients", load.clients if load else None, sources.get("clients", "none")),
        ("hours_per_client", load.hours_per_client if load else None, sources.get("hours_per_client", "none")),
        ("sales_share", a.sales_share, sources.get("sales_share", "none")),
        ("contact_rate", a.contact_rate, sources.get("contact_rate", "none")),
        ("conversion", conversion_of(plan), sources.get("conversion_on_time", "none")),
        ("deal_value", a.deal_value if plan.metric == "revenue" else None, sources.get("deal_value", "none")),
    ]
    return tuple(
        Figure(say.say(words.NAMES[name]), figure(name, value, plan.currency, say), _source(name, source, say))
        for name, value, source in found
        if value is not None
    )


def moment_words(period: Period, today: date, say: Language) -> str:
    """A word on a period that has begun or ended; empty before it begins."""
    if today < period.first:
        return ""
    text = words.MOMENTS["ended" if period.last < today else "begun"]
    return say.say(text)


def change_words(change: Change, plan: PlanFact, say: Language) -> tuple[str, ...]:
    """The largest parts of a change, at most two, or why there are none."""
    if not change.parts:
        return (say.say(words.NOT_COMPARABLE),)
    parts = sorted(_usable(change.parts), key=lambda part: -abs(part.part))
    least = LEAST_SHARE * abs(parts[0].part)
    told = [part for part in parts[:MOST_REASONS] if part.part and abs(part.part) >= least]
    return tuple(_part(part, plan, say) for part in told)


def figure(name: str, value: float, currency: str | None, say: Language) -> str:
    """Write one quantity."""
    if name in words.SHARES:
        return say.percent(value, words.SHARES[name])
    return say.money(value, currency) if name == "deal_value" else say.number(value, words.DIGITS.get(name, 2))


def amount(value: float, metric: str, currency: str | None, say: Language) -> str:
    """Write an amount of the metric."""
    return say.money(value, currency) if metric == "revenue" else say.number(value, 2)


def _part(part: Part, plan: PlanFact, say: Language) -> str:
    """One reason; service per working hour is told in hours of this plan's period."""
    scale = (plan.assumptions.expected_hours or 0.0) if part.name in ("hours_per_client", "service") else 1.0
    before, after = (figure(part.name, value * scale, plan.currency, say) for value in (part.before, part.after))
    told = _signed(part.part, plan.metric, say)
    return say.say(words.REASON, name=say.say(words.NAMES[part.name]), before=before, after=after, part=told)


def _usable(parts: Sequence[Part]) -> list[Part]:
    """Attendance and focus as one part."""
    attendance, focus = (next(part for part in parts if part.name == name) for name in ("attendance", "focus"))
    both = replace(
        attendance,
        name="usable",
        before=attendance.before * focus.before,
        after=attendance.after * focus.after,
        part=attendance.part + focus.part,
    )
    return [both, *(part for part in parts if part.name not in _HIDDEN)]


def _refusal(found: Proposal, say: Language) -> str:
    draft, basis = found.draft, found.draft.basis
    if found.existing:
        metric, currency = _unit(found)
        return say.say(words.EXISTS, target=amount(found.existing.target, metric, currency, say))
    if draft.refusal is None:
        return ""
    if draft.refusal == "missing":
        return say.say(words.MISSING, list=", ".join(say.say(words.NAMES[name]) for name in draft.missing))
    if draft.refusal == "service" and basis:
        figures = {"service": say.hours(basis.service_hours), "usable": say.hours(basis.usable_hours)}
        return say.say(words.SERVICE, **figures)
    if draft.refusal == "step" and basis:
        return say.say(words.STEP, worth=say.number(basis.worth, 2))
    return say.say(words.REFUSALS[draft.refusal])


def _notes(found: Proposal, say: Language) -> tuple[str, ...]:
    told = [say.say(words.NOTES[slug]) for slug in found.draft.notes if slug in words.NOTES]
    if found.draft.load.absent_hours:
        told.insert(0, say.say(words.ABSENCE, hours=say.hours(found.draft.load.absent_hours)))
    if found.other_currency:
        told.append(say.say(words.OTHER_CURRENCY, count=say.number(found.other_currency)))
    return tuple(told)


def _editable(found: Proposal, say: Language, given: dict[str, float]) -> tuple[Figure, ...]:
    """Every quantity that may be given; of attendance and focus only what was given by hand is written."""
    draft, (metric, currency) = found.draft, _unit(found)
    out = []
    for name in QUANTITIES:
        value = None if name in _HIDDEN and name not in given else draft.values[name]
        if name == "deal_value" and metric != "revenue":
            continue
        text = "" if value is None else figure(name, value, currency, say)
        typed = f"{given[name]:.15g}" if name in given else ""
        out.append(Figure(say.say(words.NAMES[name]), text, _source(name, draft.sources[name], say), name, typed))
    return tuple(out)


def _changed(plan: PlanFact, change: PlanChange, when: str, say: Language) -> str:
    values = (change.old_target, change.new_target)
    before, after = (amount(value, plan.metric, plan.currency, say) for value in values)
    told = say.say(words.CHANGED, when=when, who=change.changed_by, before=before, after=after)
    return f"{told}: {change.reason}" if change.reason else told


def _unit(found: Proposal) -> tuple[str, str | None]:
    plan = found.plan or found.existing or found.earlier
    return (plan.metric, plan.currency) if plan else ("contracts", None)


def _joint(sources: dict[str, str]) -> str:
    """The less certain of the two sources."""
    order = ("given", "own", "team", "none")
    return max((sources.get(name, "none") for name in ("attendance", "focus")), key=order.index)


def _source(name: str, slug: str, say: Language) -> str:
    own = words.OWN_SOURCES.get(name) if slug == "own" else None
    return say.say(own or words.SOURCE_NAMES[slug])


def _signed(value: float, metric: str, say: Language) -> str:
    return say.signed(value, 0 if metric == "revenue" else 1)


def _or_empty(value: float | None, say: Language, name: str, currency: str | None) -> str:
    return "" if value is None else figure(name, value, currency, say)
