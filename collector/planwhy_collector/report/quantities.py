"""Measured quantities as rows that people read. In: a Measurement, a Language. Out: texts. Never: a sum of its own."""

from dataclasses import dataclass

from planwhy_collector.explain.measurement import Measurement, QuantityOut
from planwhy_collector.report.language import Language
from planwhy_collector.report.words import QUANTITIES


@dataclass(frozen=True, slots=True)
class QuantityRow:
    """One quantity in words: its value, what was divided by what, where it may lie, how much is recorded."""

    label: str
    value: str
    source: str
    bounds: str
    recorded: str


def quantity_rows(found: Measurement, say: Language) -> tuple[QuantityRow, ...]:
    """The quantities in the order of the identity."""
    return tuple(_row(one, say) for one in found.quantities)


def _row(one: QuantityOut, say: Language) -> QuantityRow:
    bounds = f"{_value(one, one.low, say)} … {_value(one, one.high, say)}" if one.low is not None else ""
    recorded = "" if one.coverage is None else say.percent(one.coverage)
    return QuantityRow(say.say(QUANTITIES[one.name]), _value(one, one.value, say), _source(one, say), bounds, recorded)


def _value(one: QuantityOut, value: float | None, say: Language) -> str:
    if value is None:
        return "—"
    if one.unit in ("share", "per_contact"):
        return say.percent(value, 1)
    if one.unit == "hours":
        return say.hours(value)
    if one.name == "deal_value":
        return say.money(value, one.unit)
    return say.number(value, 2 if one.unit == "per_hour" else 0)


def _source(one: QuantityOut, say: Language) -> str:
    """What was divided by what; empty for what is no ratio."""
    if one.part is None or one.whole is None:
        return ""
    return f"{_counted(one.part, one.part_unit, say)} / {_counted(one.whole, one.whole_unit, say)}"


def _counted(value: float, unit: str, say: Language) -> str:
    if unit == "hours":
        return say.hours(value)
    if unit in ("contacts", "contracts"):
        return say.number(value)
    return say.money(value, unit)
