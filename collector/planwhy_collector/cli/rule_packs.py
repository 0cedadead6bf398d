"""`planwhy rules packs`: lists of others, taken over by an operator, each with its licence, after the product's own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click
from planwhy_shared.times import from_ms

from planwhy_collector.classify.exchange import pack_facts, with_pack
from planwhy_collector.classify.list_pack import Report, pack_text
from planwhy_collector.classify.public_lists import SourceKind
from planwhy_collector.cli.context import opened_database
from planwhy_collector.cli.rule_telling import BY, Days, Looking, carried_out, show_preview
from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import Area, Label
from planwhy_collector.jobs.judging import rules_in_force
from planwhy_collector.jobs.public_list_files import read_public_list
from planwhy_collector.jobs.rule_deciding import add_pack, remove_pack
from planwhy_collector.queries.rule_versions import additions
from planwhy_collector.services import wall_clock_ms

SOURCE_KINDS: tuple[str, ...] = get_args(SourceKind)


@click.group()
def packs() -> None:
    """Lists of hosts that others publish, taken over as packs of one's own. The product's rules come first."""


@packs.command(name="list")
@click.option("--json", "as_json", is_flag=True)
def list_(as_json: bool) -> None:
    """Show the packs in force, with source, licence and day."""
    with opened_database() as database, database.reading() as session:
        found = [{"name": name} | pack_facts(text) for name, text in additions(session).packs]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        click.echo("  ".join([one["name"], *(f"{key}: {value}" for key, value in one.items() if key != "name")]))
    if not found:
        click.echo("no packs")


@packs.command()
@click.argument("name")
@click.argument("path", type=click.Path(path_type=Path))
@click.argument("kind", type=click.Choice(SOURCE_KINDS))
@click.argument("category")
@click.option("--label", type=click.Choice(get_args(Label)), help="By default that of the category.")
@click.option("--area", type=click.Choice(get_args(Area)), help="The area of work; by default general.")
@click.option("--licence", required=True, help="Under which licence the list is published; it stands in the pack.")
@click.option("--source", required=True, help="Where the list is from; it stands in the pack.")
@Looking
@Days
def add(
    *, name: str, path: Path, kind: SourceKind, category: str, label: Label | None, area: Area | None, licence: str,
    source: str, looking: bool, days: int,
) -> None:  # fmt: skip
    """Take the public list at PATH (of KIND v2fly, hosts, domains or ut1) over as the pack NAME of a CATEGORY.

    Only hosts are taken; whatever else the list says is left out and counted. The product's rules come first.
    """
    now_ms = wall_clock_ms()
    with opened_database() as database:
        with database.reading() as session:
            known = rules_in_force(session).categories.get(category)
        if known is None:
            raise InvalidInput(f"category: {category[:40]!r} is not one of the rules")
        day, chosen = from_ms(now_ms).date(), label or known.label
        texts = read_public_list(path, kind)
        text, found = pack_text(name, kind, texts, category, chosen, area, licence, source, day)
        for line in _left_out(found):
            click.echo(line)
        if looking:
            show_preview(database, lambda added: with_pack(added, name, text), days)
            return
        carried_out(database, add_pack(database, name, text, BY, now_ms).version, now_ms)


@packs.command()
@click.argument("name")
def remove(name: str) -> None:
    """Take the pack NAME away; what it said of the past goes with it."""
    now_ms = wall_clock_ms()
    with opened_database() as database:
        carried_out(database, remove_pack(database, name, BY, now_ms).version, now_ms)


def _left_out(found: Report) -> Iterator[str]:
    yield f"{found.hosts} hosts"
    for reason, number in found.left_out.items():
        yield f"left out: {number} × {reason}"
    for place, reason in found.places[:5]:
        yield f"  {place}: {reason}"
