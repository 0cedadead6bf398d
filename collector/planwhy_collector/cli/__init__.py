"""The command line, one file per noun. Exit codes: 0 done, 1 "no" or failed, 2 wrong usage."""

import sys

import click

from planwhy_collector.errors import PlanwhyError


class Planwhy(click.Group):
    """The root command: errors that a user can cause end with one line and exit code 1, never a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except PlanwhyError as error:
            click.echo(f"planwhy: {error.detail}", err=True)
            ctx.exit(1)


@click.group(cls=Planwhy)
@click.version_option(package_name="planwhy-collector", prog_name="planwhy")
def main() -> None:
    """Explains why a sales plan was missed."""


if __name__ == "__main__":
    sys.exit(main())
