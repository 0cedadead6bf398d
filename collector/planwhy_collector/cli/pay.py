"""`planwhy pay`: what a month brings, under which scheme, and what it would bring if. Never: a deduction."""

from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

import click
import msgspec
from planwhy_shared.times import from_ms, rfc3339

from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.cli.explain import PeriodType
from planwhy_collector.errors import InvalidInput
from planwhy_collector.jobs.paying import apply_scheme, needed_basis
from planwhy_collector.plan.pay import month_pay
from planwhy_collector.plan.pay_scheme import Scheme, read_scheme
from planwhy_collector.plan.pay_what_if import Assumed, read_amount, read_amounts, what_if_pay
from planwhy_collector.plan.period import Period
from planwhy_collector.queries.pay import SchemeFact, pay_schemes
from planwhy_collector.queries.people import person as find_person
from planwhy_collector.report.language import LOCALES, language
from planwhy_collector.report.pay import pay_document, what_if_document
from planwhy_collector.report.pay_table import changes_table, pay_table
from planwhy_collector.services import wall_clock_ms

SchemeFile = click.Path(path_type=Path, dir_okay=False)
Lang = click.Choice(LOCALES)


@click.group()
def pay() -> None:
    """What a month brings; never a fine, and nothing of recorded activity."""


@pay.command()
def example() -> None:
    """Print a scheme with comments, to start from."""
    found = resources.files("planwhy_collector.plan") / "pay_example.toml"
    click.echo(found.read_text(encoding="utf-8"), nl=False)


@pay.command()
@click.argument("file", type=SchemeFile)
def check(file: Path) -> None:
    """Check the scheme in FILE and tell what is wrong with it."""
    scheme = _scheme(file)
    click.echo(f"{file}: a scheme in {scheme.currency}, no problem")


@pay.command()
@click.argument("file", type=SchemeFile)
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="A day; months that begin later use it."
)
@click.option("--correct", is_flag=True, help="Let it change what months that have ended brought.")
def apply(file: Path, since: datetime, correct: bool) -> None:
    """Put the scheme in FILE in force from a day on. A month uses the scheme in force on its first day."""
    _scheme(file)
    now_ms, day = wall_clock_ms(), since.date()
    scheme = SchemeFact(day, _text(file), now_ms, "command line")
    with opened_database() as database, database.writing() as session:
        replaced = apply_scheme(session, scheme, from_ms(now_ms).date(), correct)
    instead = f", instead of the one applied {rfc3339(replaced.applied_ms)}" if replaced else ""
    click.echo(f"in force for months that begin on {day} or later{instead}")


@pay.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def schemes(as_json: bool) -> None:
    """List the schemes, the earliest first."""
    with opened_database() as database, database.reading() as session:
        found = pay_schemes(session)
    if as_json:
        _print([_listed(one) for one in found])
        return
    for one in found:
        currency = read_scheme(one.body, f"pay scheme since {one.since}").currency
        click.echo(f"{one.since}  {currency}  applied {rfc3339(one.applied_ms)} by {one.applied_by}")


@pay.command()
@click.argument("employee")
@click.argument("month", type=PeriodType())
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--lang", type=Lang, default=None, help="Language of the table.")
def show(employee: str, month: Period, as_json: bool, lang: str | None) -> None:
    """Show what MONTH (2026-10) brings EMPLOYEE, line by line."""
    with opened_database() as database, database.reading() as session:
        person = find_person(session, employee)
        basis = needed_basis(session, person, month)
    found = month_pay(basis.scheme, basis.facts)
    if as_json:
        _print(pay_document(person.key, month, basis.stored.since, found))
        return
    say = language(lang or settings().default_locale)
    click.echo(f"{person.key}  {say.days(month.first, month.last)}\n\n{pay_table(found, say)}")


@pay.command("what-if")
@click.argument("employee")
@click.argument("month", type=PeriodType())
@click.option("--new", multiple=True, metavar="AMOUNT", help="One new contract more; may be repeated.")
@click.option("--upsell", multiple=True, metavar="AMOUNT", help="One upsell more; may be repeated.")
@click.option("--client", multiple=True, metavar="PAYMENT", help="One client in care more, all month; may be repeated.")
@click.option("--target", default=None, help="Another plan for the month.")
@click.option("--scheme", "file", type=SchemeFile, default=None, help="Another scheme than the one in force.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--lang", type=Lang, default=None, help="Language of the table.")
def what_if(*, employee: str, month: Period, file: Path | None, as_json: bool, lang: str | None, **given: Any) -> None:
    """Show what MONTH would bring EMPLOYEE with assumptions on top of the facts, and the difference line by line."""
    assumed = _assumed(given)
    with opened_database() as database, database.reading() as session:
        person = find_person(session, employee)
        basis = needed_basis(session, person, month)
    scheme = _scheme(file) if file else basis.scheme
    both = what_if_pay(basis.scheme, scheme, basis.facts, assumed)
    if as_json:
        _print(what_if_document(person.key, month, basis.stored.since, both))
        return
    say = language(lang or settings().default_locale)
    click.echo(f"{person.key}  {say.days(month.first, month.last)}\n\n{changes_table(both, say)}")


def _assumed(given: dict[str, Any]) -> Assumed:
    amounts = {name: read_amounts(f"--{name}", given[name]) for name in ("new", "upsell", "client")}
    target = None if given["target"] is None else read_amount("--target", given["target"])
    return Assumed(**amounts, target=target)


def _scheme(file: Path) -> Scheme:
    return read_scheme(_text(file), str(file))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file}: {error}") from None


def _listed(one: SchemeFact) -> dict[str, Any]:
    return {"since": one.since, "applied_at": rfc3339(one.applied_ms), "applied_by": one.applied_by, "body": one.body}


def _print(document: object) -> None:
    click.echo(msgspec.json.encode(document).decode())
