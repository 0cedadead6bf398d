"""`planwhy config`: what is in force."""

import click
import msgspec

from planwhy_collector.cli.context import settings
from planwhy_collector.config import shown


@click.group()
def config() -> None:
    """Settings."""


@config.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def show(as_json: bool) -> None:
    """Print the settings in force, secrets masked."""
    values = shown(settings())
    if as_json:
        click.echo(msgspec.json.encode(values).decode())
        return
    for name, value in values.items():
        click.echo(f"{name} = {value!r}")
