"""`planwhy demo`: everything with one command."""

from pathlib import Path

import click

from planwhy_collector.demo.run import Choices
from planwhy_collector.demo.run import run as run_demo

Folder = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8100, show_default=True)
@click.option(
    "--dir", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path(".demo"), show_default=True
)
@click.option("--days", type=click.IntRange(1, 800), default=90, show_default=True, help="History of the first start.")
@click.option("--agent/--no-agent", default=True, help="Run a real agent on this desktop.")
@click.option("--virtual-display", is_flag=True, help="Give the agent a virtual screen (Xvfb and openbox).")
@click.option("--browser/--no-browser", default=False, help="Open the supervisor's page.")
@click.pass_context
def demo(
    ctx: click.Context, port: int, folder: Path, days: int, agent: bool, virtual_display: bool, browser: bool
) -> None:
    """Run a collector with a simulated team and a real agent on this machine, until Ctrl-C."""
    ctx.exit(run_demo(Choices(folder, port, days, agent, virtual_display, browser)))
