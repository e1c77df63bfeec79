"""`fakekube admission`: which admission plugins are on, and switching them in the running server.

Sugar over the AdmissionConfiguration `cluster` of the group sim.fakekube.dev; RBAC decides who may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import click

from fakekube.cli.connected import Refused, ask, connected, explained
from fakekube.cli.connection import Connection
from fakekube.machinery.objects import Object

PATH = "/apis/sim.fakekube.dev/v1alpha1/admissionconfigurations/cluster"
ATTEMPTS = 5
"""How often a change is tried that others get ahead of."""
Change = Callable[[Object], Object]


@click.group(name="admission")
def command() -> None:
    """Admission plugins: which are on; switch them on and off in the running server."""


@command.command("list")
@connected
def list_(connection: Connection) -> None:
    """Show all plugins in the order in which they run, and whether they are on."""
    click.echo("\n".join(rows(_read(connection))))


@command.command()
@click.argument("plugins", metavar="PLUGIN...", nargs=-1, required=True)
@connected
def enable(connection: Connection, plugins: tuple[str, ...]) -> None:
    """Switch plugins on, from the next request on."""
    _change(connection, lambda spec: switched(spec, plugins, on=True))
    _tell(plugins, "on")


@command.command()
@click.argument("plugins", metavar="PLUGIN...", nargs=-1, required=True)
@connected
def disable(connection: Connection, plugins: tuple[str, ...]) -> None:
    """Switch plugins off, from the next request on."""
    _change(connection, lambda spec: switched(spec, plugins, on=False))
    _tell(plugins, "off")


def _tell(plugins: Iterable[str], state: str) -> None:
    for plugin in plugins:
        click.echo(f"{plugin} is {state}")


def switched(spec: Object, plugins: Iterable[str], *, on: bool) -> Object:
    """The spec with these plugins on, or off, whatever they are by default."""
    named = list(dict.fromkeys(plugins))
    enabled = [name for name in spec.get("enabledPlugins") or () if name not in named]
    disabled = [name for name in spec.get("disabledPlugins") or () if name not in named]
    (enabled if on else disabled).extend(named)
    return {"enabledPlugins": enabled, "disabledPlugins": disabled}


def rows(configuration: Object) -> Iterator[str]:
    """The table of plugins: those that are on in their order, then the others."""
    spec, status = configuration.get("spec") or {}, configuration.get("status") or {}
    asked = {**dict.fromkeys(spec.get("enabledPlugins") or (), "enabled")}
    asked |= dict.fromkeys(spec.get("disabledPlugins") or (), "disabled")
    states = [(name, "on") for name in status.get("activePlugins") or ()]
    states += [(name, "off") for name in status.get("inactivePlugins") or ()]
    width = max((len(name) for name, _ in states), default=6)
    yield f"{'PLUGIN':{width}}   STATE   BECAUSE"
    for name, state in states:
        yield f"{name:{width}}   {state:5}   {asked.get(name, 'default')}"


def _read(connection: Connection) -> Object:
    try:
        return ask(connection, "GET", PATH)
    except Refused as error:
        raise explained(error) from None


def _change(connection: Connection, change: Change) -> None:
    """Read, change, write, again if somebody else was quicker. Raises click.ClickException."""
    for _ in range(ATTEMPTS):
        configuration = _read(connection)
        try:
            ask(connection, "PUT", PATH, {**configuration, "spec": change(configuration.get("spec") or {})})
            return
        except Refused as error:
            if error.code != 409:
                raise explained(error) from None
    raise click.ClickException("others keep changing the configuration; try again")
