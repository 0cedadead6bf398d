"""`planwhy device`: machines with an agent."""

import click
import msgspec
from planwhy_shared.times import rfc3339

from planwhy_collector.cli.context import opened_database
from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.queries.devices import DeviceFact, devices, revoke_device
from planwhy_collector.queries.people import person
from planwhy_collector.services import wall_clock_ms


@click.group()
def device() -> None:
    """Machines with an agent."""


@device.command("list")
@click.option("--employee", default=None, help="Only this employee's.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def list_(employee: str | None, as_json: bool) -> None:
    """List machines, when they were enrolled and last seen, revoked, or found to be two under one token."""
    with opened_database() as database, database.reading() as session:
        found = devices(session, person(session, employee).id if employee else None)
    if as_json:
        click.echo(msgspec.json.encode([_shown(d) for d in found]).decode())
        return
    for row in map(_shown, found):
        click.echo("  ".join(str(value or "-") for value in row.values()))


@device.command()
@click.argument("device_id")
def revoke(device_id: str) -> None:
    """Refuse a machine from now on; what it sent before stays."""
    if not (device_id.isascii() and device_id.isdigit() and int(device_id[:20]) < 1 << 63):
        raise InvalidInput(f"device id {device_id!r} is not a number")
    with opened_database() as database, database.writing() as session:
        if not revoke_device(session, int(device_id), wall_clock_ms()):
            raise NotFound(f"there is no device {device_id} in use")
    click.echo(f"revoked {device_id}", err=True)


def _shown(found: DeviceFact) -> dict[str, str | None]:
    return {
        "device_id": str(found.id),
        "employee_id": found.employee_key,
        "hostname": found.hostname,
        "os_user": found.os_user,
        "agent_version": found.agent_version,
        "enrolled_at": rfc3339(found.enrolled_ms),
        "seen_at": rfc3339(found.seen_ms) if found.seen_ms else None,
        "revoked_at": rfc3339(found.revoked_ms) if found.revoked_ms else None,
        "cloned_at": rfc3339(found.cloned_ms) if found.cloned_ms else None,
        "policy_version": found.policy_tag.partition("-")[0] if found.policy_tag else None,
    }
