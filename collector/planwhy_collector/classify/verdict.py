"""The verdict on a context: what it is, which rule says so, and which rules lost.

`label` None is "not classified", which is never the same as non-work.
"""

from dataclasses import dataclass

from planwhy_collector.facts import Area, EntityRef, Label


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say. `field` and `matched` show the evidence, `lost` the codes of rules that also matched."""

    label: Label | None
    category: str | None
    area: Area | None
    rule: str | None
    version: str
    entity: EntityRef | None = None
    field: str | None = None
    matched: str | None = None
    lost: tuple[str, ...] = ()
