"""`planwhy measure`: the quantities that explanations are made of, with their rows; no plan is needed."""

import click
import msgspec

from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.cli.explain import PeriodType
from planwhy_collector.cli.instant import InstantType
from planwhy_collector.explain.measurement import Measurement, QuantityOut
from planwhy_collector.jobs.measurements import measured
from planwhy_collector.plan.period import Period
from planwhy_collector.report.language import language
from planwhy_collector.report.objections import objection_line
from planwhy_collector.services import wall_clock_ms


@click.command()
@click.argument("employee")
@click.argument("period", type=PeriodType())
@click.option("--as-of", type=InstantType(), default=None, help="What was known at this instant; now by default.")
@click.option("--currency", default=None, help="Count only contracts in this currency, as a plan of revenue does.")
@click.option("--rows", is_flag=True, help="Show the days, contacts and contracts behind the figures too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output, rows included.")
def measure(employee: str, period: Period, as_of: int | None, currency: str | None, rows: bool, as_json: bool) -> None:
    """Measure EMPLOYEE over PERIOD: what the identity is made of, what each figure was divided from."""
    now = wall_clock_ms() if as_of is None else as_of
    with opened_database() as database:
        found = measured(database, employee, period, now, settings(), currency.upper() if currency else None)
    beside = [objection_line(one, language("en")) for one in found.objections]
    lines = [*map(_quantity, found.quantities), *beside, *(_rows(found) if rows else ())]
    click.echo(msgspec.json.encode(found).decode() if as_json else "\n".join(lines))


def _quantity(one: QuantityOut) -> str:
    value = "–" if one.value is None else f"{one.value:.3f}"
    of = (
        ""
        if one.whole is None or one.part is None
        else f"{one.part:.1f} {one.part_unit} / {one.whole:.1f} {one.whole_unit}"
    )
    bounds = "" if one.low is None or one.high is None else f"[{one.low:.3f} … {one.high:.3f}]"
    cover = "" if one.coverage is None else f"{one.coverage:.1%} recorded"
    return f"{one.name:<19} {value:>12} {one.unit:<12} {of:<38} {bounds:<17} {cover}".rstrip()


def _rows(found: Measurement) -> list[str]:
    days = [
        f"{d.day}  {d.expected_hours:5.2f} h  sales {d.time.work.sales:.2f}  service {d.time.work.service:.2f}  "
        f"general {d.time.work.general:.2f}  non-work {d.time.non_work:.2f}  not recorded {d.time.unrecorded:.2f}"
        for d in found.days
    ]
    contacts = [
        f"{c.at}  contact {c.contact_id or 'implied by the contract'}  deal {c.deal_id or '–'}{_late(c.late)}"
        for c in found.contacts
    ]
    contracts = [
        f"{c.closed_at}  contract {c.deal_id}  {c.amount or '–'} {c.currency or ''}{_late(c.late)}"
        for c in found.contracts
    ]
    return ["", *days, "", *contacts, "", *contracts]


def _late(late: bool) -> str:
    return "  late" if late else ""
