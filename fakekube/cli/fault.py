"""`fakekube fault`: requests that are to fail, to be slow, or to lose their connection.

Sugar over the objects of the kind Fault of the group sim.fakekube.dev; RBAC decides who may.
"""

from __future__ import annotations

from typing import Any

import click

from fakekube.apis.sim import faults
from fakekube.cli.connected import Refused, ask, connected, explained
from fakekube.cli.connection import Connection
from fakekube.cli.tabwriter import aligned
from fakekube.machinery.objects import Object

PATH = "/apis/sim.fakekube.dev/v1alpha1/faults"
FIELDS = {"api_groups": "apiGroups", "retry_after": "retryAfterSeconds"}
"""Options of `add` whose fields are called otherwise."""


@click.group(name="fault")
def command() -> None:
    """Requests that are to fail, to be slow, or to lose their connection."""


@command.command()
@click.argument("name")
@click.option("--verb", "verbs", multiple=True, help="Such as create, get, list, watch; any if none is given.")
@click.option("--api-group", "api_groups", multiple=True, help='API group; "" is the core group.')
@click.option("--resource", "resources", multiple=True, help="Such as pods, pods/log.")
@click.option("--in-namespace", "namespaces", multiple=True, help="Namespace of the object.")
@click.option("--object", "names", multiple=True, help="Name of the object.")
@click.option("--user", "users", multiple=True, help="Who asks.")
@click.option("--count", type=click.IntRange(1), help="How many requests meet it; all if it is left out.")
@click.option("--latency", help="Hold them up for so long, such as 500ms, 2s.")
@click.option("--code", type=click.IntRange(400, 599), help="Answer them with this HTTP status.")
@click.option("--message", help="What the answer says.")
@click.option("--retry-after", "retry_after", type=click.IntRange(1), help="Seconds after which to come again.")
@click.option("--drop", is_flag=True, help="Answer them with a broken connection.")
@connected
def add(connection: Connection, name: str, **given: Any) -> None:
    """Let requests meet a fault from now on. The selecting options may be given several times."""
    _ask(connection, "POST", PATH, {"metadata": {"name": name}, "spec": spec_of(given)})
    click.echo(f"fault {name} added")


def spec_of(given: dict[str, Any]) -> Object:
    """The spec that the options say."""
    spec = {FIELDS.get(option, option): value for option, value in given.items() if value not in (None, (), False)}
    return {field: list(value) if isinstance(value, tuple) else value for field, value in spec.items()}


@command.command("list")
@connected
def list_(connection: Connection) -> None:
    """Show the faults and how many requests have met them."""
    found = _ask(connection, "GET", PATH)["items"]
    rows = [("NAME", "REQUESTS", "FAULT", "HITS"), *(_row(fault) for fault in found)]
    click.echo("\n".join(aligned(rows)) if found else "there are no faults")


def _row(fault: Object) -> tuple[str, str, str, str]:
    return (fault["metadata"]["name"], faults.requests(fault, 0), faults.what(fault, 0), faults.hits(fault, 0))


@command.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@connected
def clear(connection: Connection, names: tuple[str, ...]) -> None:
    """Take faults away: those named, or all."""
    for path in [f"{PATH}/{name}" for name in names] or [PATH]:
        _ask(connection, "DELETE", path)
    click.echo(f"cleared: {', '.join(names) or 'all faults'}")


def _ask(connection: Connection, method: str, path: str, body: Object | None = None) -> Object:
    try:
        return ask(connection, method, path, body)
    except Refused as error:
        raise explained(error) from None
