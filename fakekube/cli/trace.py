"""`fakekube trace`: who asked for what, and why it was allowed, refused or changed.

Reads the RequestRecords of the group sim.fakekube.dev; RBAC decides who may.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote, urlencode

import click

from fakekube.cli.connected import Refused, ask, connected
from fakekube.cli.connection import Connection
from fakekube.cli.render import record_lines
from fakekube.machinery.objects import Object

PATH = "/apis/sim.fakekube.dev/v1alpha1/requestrecords"
OWN_GROUP = "sim.fakekube.dev"
Wanted = Callable[[Object], bool]


@click.command(name="trace")
@click.argument("audit_id", default="")
@click.option("-f", "--follow", is_flag=True, help="Go on with what is asked from now on, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document a line.")
@click.option("-n", "--last", type=click.IntRange(0), default=10, show_default=True, help="How many to begin with.")
@click.option("--user", default="", help="Requests of this user only.")
@click.option("--code", type=int, default=None, help="Requests with this answer only, such as 403.")
@click.option(
    "--all", "everything", is_flag=True, help="Discovery, health checks, nodes and this command's own requests as well."
)
@connected
def command(
    connection: Connection,
    audit_id: str,
    follow: bool,
    as_json: bool,
    last: int,
    user: str,
    code: int | None,
    everything: bool,
) -> None:
    """Show who asked for what, and why it was allowed, refused or changed.

    For each request: the user and who vouched for it, the binding and rule that allowed it or the roles that came
    closest, what each admission plugin did, and the time it took. AUDIT_ID, which answers carry in their Audit-Id
    header, picks one request. The server keeps the latest thousand.
    """
    selected = {"request.auditID": audit_id, "user.username": user, "response.code": str(code) if code else ""}
    query = {"fieldSelector": ",".join(f"{name}={value}" for name, value in selected.items() if value)}
    found = _read(connection, f"{PATH}?{urlencode(query, quote_via=quote)}")
    show = _show_json if as_json else _show
    wanted = _anything if everything or audit_id else of_interest
    records = [record for record in found["items"] if wanted(record)]
    if audit_id and not records:
        raise click.ClickException(f'the request "{audit_id}" is not known; the server keeps the latest only')
    for record in records[len(records) - last :] if len(records) > last else records:
        show(record)
    if follow:
        query |= {"watch": "true", "resourceVersion": found["metadata"]["resourceVersion"]}
        with suppress(KeyboardInterrupt):
            _follow(connection, f"{PATH}?{urlencode(query, quote_via=quote)}", wanted, show)


def _read(connection: Connection, path: str) -> Object:
    try:
        return ask(connection, "GET", path)
    except Refused as error:
        if error.code == 404:
            raise click.ClickException("this cluster has no sim.fakekube.dev: it is not fakekube") from None
        raise


def _follow(connection: Connection, path: str, wanted: Wanted, show: Callable[[Object], None]) -> None:
    for event in connection.stream(path):
        if event.get("type") == "ERROR" or event.get("kind") == "Status":
            raise click.ClickException(str((event.get("object") or event).get("message")))
        if event.get("type") == "ADDED" and wanted(event["object"]):
            show(event["object"])


def _anything(_: Object) -> bool:
    return True


def of_interest(record: Object) -> bool:
    """Whether a person wants to see it: nothing of nodes, health checks, clients that look around, this command."""
    request, user = record.get("request") or {}, record.get("user") or {}
    if request.get("apiGroup") == OWN_GROUP and request.get("resource") == "requestrecords":
        return False
    if not request.get("resource") and (record.get("response") or {}).get("code", 0) < 400:
        return False
    return "system:nodes" not in (user.get("groups") or ())


def _show_json(record: Object) -> None:
    click.echo(json.dumps(record, separators=(",", ":")))


def _show(record: Object) -> None:
    for line in record_lines(record):
        click.echo(line)
