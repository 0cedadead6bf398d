"""`planwhy rules packs`: lists of others, taken over by an operator, each with its licence, after the product's own."""

import json

import click

from planwhy_collector.classify.exchange import pack_facts
from planwhy_collector.cli.context import opened_database
from planwhy_collector.cli.rule_telling import BY, carried_out
from planwhy_collector.jobs.rule_deciding import remove_pack
from planwhy_collector.queries.rule_versions import additions
from planwhy_collector.services import wall_clock_ms


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
def remove(name: str) -> None:
    """Take the pack NAME away; what it said of the past goes with it."""
    now_ms = wall_clock_ms()
    with opened_database() as database:
        carried_out(database, remove_pack(database, name, BY, now_ms).version, now_ms)
