"""The command line, one file per noun. Exit codes: 0 done, 1 "no" or failed, 2 wrong usage."""

import importlib
import sys

import click
from sqlalchemy.exc import SQLAlchemyError

from planwhy_collector.away import is_away
from planwhy_collector.errors import PlanwhyError
from planwhy_collector.logs import set_up

COMMANDS = {
    "config": "config_:config",
    "db": "db_:db",
    "demo": "demo_:demo",
    "device": "device:device",
    "digest": "digest:digest",
    "employee": "employee:employee",
    "enrol-code": "enrol_code:enrol_code",
    "explain": "explain:explain",
    "import": "import_:import_",
    "job": "job:job",
    "measure": "measure:measure",
    "pace": "pace:pace",
    "plan": "plan:plan",
    "pay": "pay:pay",
    "policy": "policy:policy",
    "next-steps": "next_steps:next_steps_",
    "objections": "objections:objections",
    "rebuild": "rebuild:rebuild",
    "report": "report:report",
    "rules": "rules:rules",
    "serve": "serve:serve",
    "simulate": "simulate:simulate",
    "team": "team:team",
    "timeline": "timeline:timeline",
    "user": "user:user",
}
"""Where each command lives; it is imported when it is used, so that `planwhy --help` stays quick."""


class Planwhy(click.Group):
    """The root command: errors that a user can cause end with one line and exit code 1, never a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's own signature
        """Name all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found = getattr(importlib.import_module(f"planwhy_collector.cli.{module}"), name)
        assert isinstance(found, click.Command)  # noqa: S101  a slip in the table above
        return found

    def invoke(self, ctx: click.Context) -> object:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except PlanwhyError as error:
            _fail(ctx, error.detail)
        except SQLAlchemyError as error:
            if not is_away(error):
                raise
            _fail(ctx, f"the database cannot be reached: {getattr(error, 'orig', error)}")
        except BrokenPipeError:
            sys.stderr.close()
            ctx.exit(1)
        return None


def _fail(ctx: click.Context, text: str) -> None:
    click.echo(f"planwhy: {text}", err=True)
    ctx.exit(1)


@click.group(cls=Planwhy)
@click.version_option(package_name="planwhy-collector", prog_name="planwhy")
def main() -> None:
    """Explains why a sales plan was missed."""
    set_up("warning")


if __name__ == "__main__":
    sys.exit(main())
