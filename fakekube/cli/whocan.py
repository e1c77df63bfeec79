"""`kubectl who-can`: which subjects may do something, through which bindings.

Answers as aquasecurity's kubectl-who-can does, on any cluster: the API groups are looked up by discovery, the roles and
bindings are read and compared here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import click
from msgspec import Struct

from fakekube.cli import discovery
from fakekube.cli.connected import Refused, ask, connected
from fakekube.cli.connection import Connection
from fakekube.cli.tabwriter import aligned
from fakekube.machinery.objects import Object

ALL = "*"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


class Action(Struct, frozen=True):
    """What somebody may do or not."""

    verb: str
    resource: str = ""
    """As it was typed."""
    name: str = ""
    subresource: str = ""
    url: str = ""
    group: str = ""
    plural: str = ""

    def __str__(self) -> str:
        if self.url:
            return f"{self.verb} {self.url}"
        return f"{self.verb} {self.resource}" + (f"/{self.name}" if self.name else "")

    def granted_by(self, rule: Object) -> bool:
        """Whether a rule of a role grants it. A URL has to be named in full."""
        if not _has(rule, "verbs", self.verb):
            return False
        if self.url:
            return self.url in (rule.get("nonResourceURLs") or ())
        wanted = f"{self.plural}/{self.subresource}" if self.subresource else self.plural
        names = rule.get("resourceNames") or ()
        return (
            _has(rule, "resources", wanted)
            and _has(rule, "apiGroups", self.group)
            and (not names or self.name in names)
        )


def _has(rule: Object, field: str, wanted: str) -> bool:
    values = rule.get(field) or ()
    return ALL in values or wanted in values


@click.command(name="kubectl who-can", options_metavar="[flags]")
@click.argument("verb", metavar="VERB")
@click.argument("what", metavar="TYPE | TYPE/NAME | NONRESOURCEURL")
@click.option("-A", "--all-namespaces", is_flag=True, help="Check the action in all namespaces.")
@click.option("-n", "--namespace", default="", help="Default: the context's namespace.")
@click.option("--subresource", default="", help="A subresource, such as log or scale.")
@click.option("-o", "--output", type=click.Choice(["wide", "json"]), default=None, help="wide shows the roles.")
@connected
def command(
    connection: Connection,
    verb: str,
    what: str,
    all_namespaces: bool,
    namespace: str,
    subresource: str,
    output: str | None,
) -> None:
    """Show which users, groups and service accounts may do VERB on a resource or a URL.

    \b
    kubectl who-can create pods
    kubectl who-can get pods --subresource log -n dev
    kubectl who-can get svc/mongodb --all-namespaces
    kubectl who-can get /logs
    """
    where = "" if all_namespaces else namespace or connection.namespace
    action = _action(connection, verb, what, subresource)
    if where:
        _check_namespace(connection, where)
    warnings = list(_warnings(connection, where))
    found = find(action, *(_items(connection, path) for path in paths(where)))
    if output == "json":
        click.echo(json.dumps(exported(action, found), indent=4))
        return
    if warnings:
        click.echo("Warning: The list might not be complete due to missing permission(s):")
        click.echo("".join(f"\t{warning}\n" for warning in warnings))
    for line in lines(action, found, wide=output == "wide"):
        click.echo(line)


def paths(namespace: str) -> tuple[str, str, str, str]:
    """Where roles, cluster roles, role bindings and cluster role bindings are."""
    root = f"{RBAC}/namespaces/{quote(namespace)}" if namespace else RBAC
    return f"{root}/roles", f"{RBAC}/clusterroles", f"{root}/rolebindings", f"{RBAC}/clusterrolebindings"


class Found(Struct, frozen=True):
    """The bindings that grant something."""

    in_namespaces: list[Object]
    in_cluster: list[Object]


def find(
    action: Action,
    roles: Iterable[Object],
    cluster_roles: Iterable[Object],
    bindings: Iterable[Object],
    cluster_bindings: Iterable[Object],
) -> Found:
    """The bindings of roles that grant the action."""
    granting = {
        "Role": {_place(role) for role in roles if _grants(role, action)},
        "ClusterRole": {("", role["metadata"]["name"]) for role in cluster_roles if _grants(role, action)},
    }

    def grants(binding: Object) -> bool:
        kind, name = binding["roleRef"]["kind"], binding["roleRef"]["name"]
        namespace = binding["metadata"].get("namespace", "") if kind == "Role" else ""
        return (namespace, name) in granting[kind]

    return Found([one for one in bindings if grants(one)], [one for one in cluster_bindings if grants(one)])


def _place(role: Object) -> tuple[str, str]:
    return role["metadata"].get("namespace", ""), role["metadata"]["name"]


def _grants(role: Object, action: Action) -> bool:
    return any(action.granted_by(rule) for rule in role.get("rules") or ())


def lines(action: Action, found: Found, *, wide: bool) -> Iterator[str]:
    """Both tables, or that there is nobody."""
    if action.resource:
        yield from _table(action, "RoleBinding", found.in_namespaces, wide=wide)
        yield ""
    yield from _table(action, "ClusterRoleBinding", found.in_cluster, wide=wide)


def _table(action: Action, kind: str, bindings: list[Object], *, wide: bool) -> list[str]:
    if not bindings:
        return [f"No subjects found with permissions to {action} assigned through {kind}s"]
    namespaced = kind == "RoleBinding"
    head = [kind.upper(), *(["ROLE"] if wide else []), *(["NAMESPACE"] if namespaced else [])]
    rows = [[*head, "SUBJECT", "TYPE", "SA-NAMESPACE"]]
    for binding in bindings:
        metadata, ref = binding["metadata"], binding["roleRef"]
        about = [metadata["name"], *([f"{ref['kind']}/{ref['name']}"] if wide else [])]
        about += [metadata.get("namespace", "")] if namespaced else []
        subjects = binding.get("subjects") or ()
        rows += [[*about, *(subject.get(field, "") for field in ("name", "kind", "namespace"))] for subject in subjects]
    return aligned(rows)


def exported(action: Action, found: Found) -> Object:
    """The bindings for programs."""
    sorts = {"clusterRoleBindings": found.in_cluster}
    if action.resource:
        sorts["roleBindings"] = found.in_namespaces
    return {
        sort: [
            {
                "name": binding["metadata"]["name"],
                "roleRef": binding["roleRef"],
                **({"subjects": binding["subjects"]} if binding.get("subjects") else {}),
            }
            for binding in bindings
        ]
        for sort, bindings in sorted(sorts.items())
        if bindings
    }


def _action(connection: Connection, verb: str, what: str, subresource: str) -> Action:
    """What the arguments mean. Raises click.ClickException."""
    if what.startswith("/"):
        if subresource:
            raise click.ClickException("--subresource cannot be used with NONRESOURCEURL")
        return Action(verb, url=what)
    resource, _, name = what.partition("/")
    if resource == ALL:
        return Action(verb, resource, name, subresource, plural=ALL, group=ALL)
    group, plural = _resolve(connection, verb, resource, subresource)
    return Action(verb, resource, name, subresource, group=group, plural=plural)


def _resolve(connection: Connection, verb: str, resource: str, subresource: str) -> tuple[str, str]:
    """(group, plural) of a resource by any of its names. Raises click.ClickException."""
    known = discovery.find(discovery.discover(connection), resource, subresource)
    if known is None:
        listed = f"{resource}/{subresource}" if subresource else resource
        raise click.ClickException(f'resolving resource: the server doesn\'t have a resource type "{listed}"')
    if verb != ALL and verb not in known.verbs:
        text = f'the "{known.plural}" resource does not support the "{verb}" verb, only [{" ".join(known.verbs)}]'
        raise click.ClickException(f"resolving resource: {text}")
    return known.group, known.plural.partition("/")[0]


def _check_namespace(connection: Connection, name: str) -> None:
    """Raises click.ClickException."""
    try:
        namespace = ask(connection, "GET", f"/api/v1/namespaces/{quote(name)}")
    except Refused as error:
        why = f'"{name}" not found' if error.code == 404 else f"getting namespace: {error.message}"
        raise click.ClickException(f"validating namespace: {why}") from None
    phase = (namespace.get("status") or {}).get("phase")
    if phase != "Active":
        raise click.ClickException(f"validating namespace: invalid status: {phase}")


def _warnings(connection: Connection, namespace: str) -> Iterator[str]:
    """What the asking user may not see."""
    checks = [("roles", namespace), ("rolebindings", namespace)]
    if not namespace:
        names = [one["metadata"]["name"] for one in _items(connection, "/api/v1/namespaces")]
        checks = [("namespaces", ""), *((kind, name) for name in names for kind in ("roles", "rolebindings"))]
    for resource, where in checks:
        if not _allowed(connection, resource, where):
            yield f"The user is not allowed to list {resource}" + (f" in the {where} namespace" if where else "")


def _allowed(connection: Connection, resource: str, namespace: str) -> bool:
    group = "" if resource == "namespaces" else "rbac.authorization.k8s.io"
    asked = {"verb": "list", "group": group, "resource": resource, "namespace": namespace}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview"}
    answer = ask(connection, "POST", REVIEWS, {**review, "spec": {"resourceAttributes": asked}})
    return bool((answer.get("status") or {}).get("allowed"))


def _items(connection: Connection, path: str) -> list[Any]:
    return list(ask(connection, "GET", path).get("items") or ())


def main() -> None:
    """The console script kubectl-who_can."""
    command(prog_name="kubectl who-can")
