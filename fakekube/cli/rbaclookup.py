"""`kubectl rbac-lookup`: which roles are bound to a user, group or service account, and where.

Answers as FairwindsOps' rbac-lookup does, on any cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import click

from fakekube.cli.connected import Refused, ask, connected
from fakekube.cli.connection import Connection
from fakekube.cli.tabwriter import aligned
from fakekube.machinery.objects import Object

RBAC = "/apis/rbac.authorization.k8s.io/v1"
EVERYWHERE = "cluster-wide"


class Binding(NamedTuple):
    """One role that one subject has; sorts as it is printed."""

    subject: str
    scope: str
    kind: str
    """The subject's."""
    role: str
    source: str


@click.command(name="rbac-lookup", options_metavar="[flags]")
@click.argument("query", metavar="[subject query]", default="")
@click.option("-k", "--kind", default="", help="Subjects of this kind only: user, group, serviceaccount.")
@click.option("-o", "--output", default="", help="Output format: normal, wide.")
@connected
def command(connection: Connection, query: str, kind: str, output: str) -> None:
    """Show the roles of all subjects whose name contains the query."""
    try:
        documents = [item for name in ("rolebindings", "clusterrolebindings") for item in _items(connection, name)]
    except Refused as error:
        raise click.ClickException(f"Error loading RBAC Bindings: {error.message}") from None
    found = sorted(bindings(documents, query, kind.lower()), key=lambda binding: binding[:2])
    if not found:
        click.echo("No RBAC Bindings found")
        return
    for line in lines(found, wide=output == "wide"):
        click.echo(line)


def bindings(documents: Iterable[Object], query: str, kind: str) -> Iterator[Binding]:
    """What role bindings and cluster role bindings give to the subjects that are looked for."""
    for document in documents:
        metadata, ref = document["metadata"], document["roleRef"]
        scope = metadata.get("namespace") or EVERYWHERE
        source = "RoleBinding" if metadata.get("namespace") else "ClusterRoleBinding"
        for subject in document.get("subjects") or ():
            if query in subject["name"] and kind in ("", subject["kind"].lower()):
                name = subject["name"]
                if subject["kind"] == "ServiceAccount":
                    name = f"{subject.get('namespace', '')}:{name}"
                role = f"{ref['kind']}/{ref['name']}"
                yield Binding(name, scope, subject["kind"], role, f"{source}/{metadata['name']}")


def lines(found: Iterable[Binding], *, wide: bool) -> list[str]:
    """The table."""
    if not wide:
        return aligned(
            [["SUBJECT", " SCOPE", " ROLE"], *([f"{b.subject} ", f" {b.scope}", f" {b.role}"] for b in found)]
        )
    rows = ([f"{b.kind}/{b.subject} ", f" {b.scope}", f" {b.role}", f" {b.source}"] for b in found)
    return aligned([["SUBJECT", " SCOPE", " ROLE", " SOURCE"], *rows])


def _items(connection: Connection, name: str) -> list[Object]:
    return list(ask(connection, "GET", f"{RBAC}/{name}").get("items") or ())


def main() -> None:
    """The console script kubectl-rbac_lookup."""
    command(prog_name="rbac-lookup")
