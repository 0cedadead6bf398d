"""`planwhy rules`: what counts as work, checked, tried, previewed, put in force."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import click
from planwhy_shared.times import from_ms

from planwhy_collector.classify.contexts import context_of
from planwhy_collector.classify.exchange import exported, is_export
from planwhy_collector.classify.load import Additions, builtin_rules
from planwhy_collector.cli import rule_decisions, rule_packs
from planwhy_collector.cli.context import opened_database
from planwhy_collector.cli.rule_files import (
    RulesFile,
    chosen_rules,
    configured,
    read_file,
    rules_of_file,
    text_of,
    write_text,
)
from planwhy_collector.cli.rule_telling import BY, Days, carried_out, show_preview
from planwhy_collector.cli.suggest import suggest
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.jobs.classifying import classify_file
from planwhy_collector.jobs.judging import rules_in_force
from planwhy_collector.jobs.rule_deciding import replace_all
from planwhy_collector.queries.rule_versions import additions
from planwhy_collector.services import wall_clock_ms


@click.group()
def rules() -> None:
    """Classification rules: what counts as work, and where."""


for command in (*rule_decisions.COMMANDS, rule_packs.packs, suggest):
    rules.add_command(command)


@rules.command()
@click.argument("files", nargs=-1, type=RulesFile)
def check(files: tuple[Path, ...]) -> None:
    """Check the product's rules and FILES with own rules; tell every problem with file and line."""
    checked = [builtin_rules(), *(rules_of_file(file, read_file(file)[0]) for file in files)]
    last = checked[-1]
    click.echo(f"{len(last.rules)} rules, {len(last.categories)} categories, version {last.version}: no problem")


@rules.command()
@click.argument("app")
@click.argument("title", default="")
@click.argument("url", default="")
@click.option("--position", default="", help="The position of the person in front.")
@click.option("--team", help="The team of the person in front.")
@click.option("--rules", "own", type=RulesFile, help="Own rules, in place of those in force.")
@click.option("--json", "as_json", is_flag=True)
def test(*, app: str, title: str, url: str, position: str, team: str | None, own: Path | None, as_json: bool) -> None:
    """Judge one case, APP with TITLE and URL in front, and show which rule decided, why, and which lost."""
    chosen = chosen_rules(own)
    profile = chosen.profile_of(position, team)
    verdict = asdict(chosen.judge(context_of(app or None, url or None, title or None), profile))
    shown = {"profile": profile, **verdict, "why": chosen.why(verdict["rule"] or "")}
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    for name, value in shown.items():
        click.echo(f"{name}: {_plain(value)}")


@rules.command()
@click.option("--csv", "files", nargs=2, type=RulesFile, required=True, metavar="IN OUT")
@click.option("--rules", "own", type=RulesFile, help="Own rules, in place of those in force.")
def classify(files: tuple[Path, Path], own: Path | None) -> None:
    """Classify each row of IN and write it to OUT with label, category, area and rule."""
    count = classify_file(files[0], files[1], chosen_rules(own))
    click.echo(f"{count} rows classified")


@rules.command(name="preview")
@click.argument("file", type=RulesFile, required=False)
@Days
@click.option("--json", "as_json", is_flag=True)
def preview_(file: Path | None, days: int, as_json: bool) -> None:
    """Show how many hours of the last days would change their label under the rules of FILE, and for how many."""
    with opened_database() as database:
        added = _in_place(database, file)
        show_preview(database, lambda _: added, days, as_json)


@rules.command()
@click.argument("file", type=RulesFile, required=False)
def apply(file: Path | None) -> None:
    """Put the rules of FILE in force, with the product's behind them, and judge all recorded days anew.

    It may be ended and begun again; the collector's own job brings to the end what is left.
    """
    _put_in_force(file)


@rules.command(name="import")
@click.argument("file", type=RulesFile)
def import_(file: Path) -> None:
    """Put in force what `planwhy rules export` wrote: own rules and packs, in place of those there are."""
    if not is_export(text_of(file)):
        raise InvalidInput(f"{file}: this is no export of rules; `planwhy rules apply` takes a text of own rules")
    _put_in_force(file)


@rules.command()
@click.argument("file", type=RulesFile, required=False)
def export(file: Path | None) -> None:
    """Write own rules, decisions and packs into FILE, or print them: one text that `import` takes."""
    with opened_database() as database, database.reading() as session:
        text = exported(
            additions(session), rules_in_force(session).version, from_ms(wall_clock_ms()).date().isoformat()
        )
    if file is None:
        click.echo(text, nl=False)
        return
    write_text(file, text)
    click.echo(f"{file}: written")


def _put_in_force(file: Path | None) -> None:
    now_ms = wall_clock_ms()
    with opened_database() as database:
        chosen = replace_all(database, _in_place(database, file), BY, now_ms)
        carried_out(database, chosen.version, now_ms)


def _in_place(database: Database, file: Path | None) -> Additions:
    """What a file puts in place of what there is: an export all of it, a text of own rules these alone."""
    path = file or configured()
    added, whole = read_file(path) if path else (Additions(), False)
    if whole:
        return added
    with database.reading() as session:
        return replace(additions(session), own=added.own)


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return f"{value['type']} {value['id']}"
    return ", ".join(value) if isinstance(value, tuple) else str(value or "—")
