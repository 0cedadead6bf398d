"""`planwhy rules`: check, try, preview and apply classification rules, and classify a file with them."""

import json
import re
import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click
from planwhy_shared.times import HOUR_MS, from_ms

from planwhy_collector.classify.contexts import context_of
from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.classify.load import OWN, builtin_rules, rules_with
from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.cli.suggest import suggest
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.jobs import rule_change
from planwhy_collector.jobs.carrying import Ahead, ahead, carry_change
from planwhy_collector.jobs.classifying import classify_file
from planwhy_collector.jobs.settle import settle
from planwhy_collector.services import wall_clock_ms

RulesFile = click.Path(path_type=Path, dir_okay=False)


@click.group()
def rules() -> None:
    """Classification rules: what counts as work, and where."""


rules.add_command(suggest)


@rules.command()
@click.argument("files", nargs=-1, type=RulesFile)
def check(files: tuple[Path, ...]) -> None:
    """Check the product's rules and FILES with own rules; tell every problem with file and line."""
    checked = [builtin_rules(), *(_with_own(file) for file in files)]
    last = checked[-1]
    click.echo(f"{len(last.rules)} rules, {len(last.categories)} categories, version {last.version}: no problem")


@rules.command()
@click.argument("app")
@click.argument("title", default="")
@click.argument("url", default="")
@click.option("--position", default="", help="The position of the person in front.")
@click.option("--team", help="The team of the person in front.")
@click.option("--rules", "own", type=RulesFile, help="Own rules; by default those of PLANWHY_RULES_PATH.")
@click.option("--json", "as_json", is_flag=True)
def test(*, app: str, title: str, url: str, position: str, team: str | None, own: Path | None, as_json: bool) -> None:
    """Judge one case, APP with TITLE and URL in front, and show which rule decided, why, and which lost."""
    chosen = _chosen(own)
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
@click.option("--rules", "own", type=RulesFile, help="Own rules; by default those of PLANWHY_RULES_PATH.")
def classify(files: tuple[Path, Path], own: Path | None) -> None:
    """Classify each row of IN and write it to OUT with label, category, area and rule."""
    count = classify_file(files[0], files[1], _chosen(own))
    click.echo(f"{count} rows classified")


@rules.command()
@click.argument("file", type=RulesFile, required=False)
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True)
def preview(file: Path | None, days: int) -> None:
    """Show how many hours of the last days would change their label under the rules of FILE."""
    today = from_ms(wall_clock_ms()).date()
    with opened_database() as database:
        found = rule_change.preview(database, _own(file), today - timedelta(days=days), today)
    click.echo(f"{found.people} people, {found.days} settled days")
    for (old, new), ms in sorted(found.moves.items(), key=str):
        if old != new:
            click.echo(f"{old or 'unclassified'} → {new or 'unclassified'}: {ms / HOUR_MS:.1f} h")


@rules.command()
@click.argument("file", type=RulesFile, required=False)
def apply(file: Path | None) -> None:
    """Put the rules of FILE in force, with the product's behind them, and judge all recorded days anew.

    It may be ended and begun again; the collector's own job brings to the end what is left.
    """
    own, now_ms = _own(file), wall_clock_ms()
    with opened_database() as database:
        chosen = rule_change.apply(database, own, "command line", now_ms)
        left = ahead(database)
        click.echo(f"version {chosen.version} is in force; {left.days} settled days of {left.people} people to judge")
        count = _carried(database, left, now_ms) + settle(database, now_ms)
    click.echo(f"{count} days judged anew")


def _carried(database: Database, left: Ahead, now_ms: int) -> int:
    days = 0
    length, hidden = left.verdicts + left.days, not sys.stderr.isatty()
    with click.progressbar(length=length, label="judging", file=sys.stderr, hidden=hidden) as bar:
        for done in carry_change(database, now_ms):
            days += done.days
            bar.update(done.verdicts + done.days)
    return days


def _own(file: Path | None) -> str:
    """The text of own rules, checked: of the file, else of the configured one, else none."""
    path = file or _configured()
    if path is None:
        return ""
    _with_own(path)
    return _text(path)


def _chosen(file: Path | None) -> RuleSet:
    path = file or _configured()
    return _with_own(path) if path else builtin_rules()


def _configured() -> Path | None:
    return Path(settings().rules_path) if settings().rules_path else None


def _with_own(file: Path) -> RuleSet:
    try:
        return rules_with(_text(file))
    except InvalidInput as error:
        raise InvalidInput(re.sub(rf"\b{OWN}:(?=\d)", f"{file}:", error.detail)) from None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file}: {error}") from None


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return f"{value['type']} {value['id']}"
    return ", ".join(value) if isinstance(value, tuple) else str(value or "—")
