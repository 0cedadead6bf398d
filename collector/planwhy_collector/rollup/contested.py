"""Stage 8d, pure: what a person's hosts and programs were counted as, and how much of it is contested.

In: the first level of days, the subjects of contexts, verdicts; or times by subject and label. Out: milliseconds.
Never: a time that no label was given for (idle, locked, …), a share, a figure of any total changed.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from planwhy_collector.classify.subject import Subject
from planwhy_collector.facts import Area, Label
from planwhy_collector.rollup.judge import Areas, Meaning, Verdicts, meaning
from planwhy_collector.rollup.piece import ContextTotal

UNCLASSIFIED = "unclassified"
JUDGED = ("active", "call")
"""The presences that count for something."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The time of one subject that counts for the same: milliseconds within and outside of working hours.

    `label` None: not classified. `rule` is the code that says so for most of that time.
    """

    subject: Subject
    label: Label | None
    category: str | None
    area: Area | None
    rule: str | None
    working_ms: int
    other_ms: int

    @property
    def key(self) -> str:
        """What it counts for, as one text: tells the rows of a subject apart."""
        return "/".join(one or "" for one in (self.label, self.category, self.area))


def counted(
    first_level: Iterable[ContextTotal], subjects: Mapping[int, Subject], verdicts: Verdicts, areas: Areas
) -> tuple[Counted, ...]:
    """Add up the time of subjects by what it counts for, the longest first; contexts without a subject are left out."""
    sums: defaultdict[tuple[Subject, Meaning], list[int]] = defaultdict(lambda: [0, 0])
    rules: defaultdict[tuple[Subject, Meaning], Counter[str]] = defaultdict(Counter)
    for one in first_level:
        subject = subjects.get(one.context_id)
        if subject is None or one.presence not in JUDGED:
            continue
        of = meaning(one.presence, one.context_id, verdicts, areas)
        key = subject, Meaning(of.label, of.category, of.area)
        sums[key][0] += one.working_ms
        sums[key][1] += one.other_ms
        verdict = verdicts.get(one.context_id)
        rules[key][(verdict and verdict.rule) or ""] += one.working_ms + one.other_ms
    rows = [_row(*key, _most(rules[key]), both) for key, both in sums.items() if any(both)]
    return tuple(sorted(rows, key=lambda row: (-row.working_ms, -row.other_ms, row.subject, row.key)))


def contested(
    times: Iterable[tuple[Subject | None, Label | None, int]], objected: Collection[Subject]
) -> dict[Subject, dict[str, int]]:
    """Milliseconds of each subject objected to, by the label that its time counts for; without what is zero."""
    found: dict[Subject, Counter[str]] = {}
    for subject, label, ms in times:
        if subject is not None and subject in objected and ms:
            found.setdefault(subject, Counter())[label or UNCLASSIFIED] += ms
    return {subject: dict(by_label) for subject, by_label in found.items()}


def label_times(rows: Iterable[Counted]) -> dict[Subject, dict[str, int]]:
    """Milliseconds within working hours of each subject by label; without what is zero."""
    found = tuple(rows)
    return contested(((r.subject, r.label, r.working_ms) for r in found), {r.subject for r in found})


def _row(subject: Subject, of: Meaning, rule: str, both: list[int]) -> Counted:
    return Counted(subject, of.label, of.category, of.area, rule or None, *both)


def _most(rules: Counter[str]) -> str:
    return max(sorted(rules), key=lambda rule: rules[rule])
