"""The default roles and bindings of v1.20, and how they come back after someone changed them.

policy.json says in short form what they are. A rule there is [verbs, groups, resources] or [verbs, groups, resources,
names] or [verbs, non-resource URLs], each a text of words; "core" is the group "". A role that reads "aggregated"
gathers the rules of those that `aggregatedTo` sends to it. A subject is "Group NAME", "User NAME" or "ServiceAccount
NAMESPACE/NAME". A cluster role binding binds the cluster role of its own name, a role binding the role named first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import orjson

from fakekube.apis.rbac import clusterrolebindings, clusterroles, rolebindings, roles
from fakekube.apis.resource import Resource, api_version
from fakekube.machinery.objects import Object

AUTO_UPDATE = "rbac.authorization.kubernetes.io/autoupdate"
LABELS = {"kubernetes.io/bootstrapping": "rbac-defaults"}
ANNOTATIONS = {AUTO_UPDATE: "true"}
AGGREGATE_TO = "rbac.authorization.k8s.io/aggregate-to-"
_GROUP = roles.RESOURCE.group
_VERSION = api_version(_GROUP, "v1")


def policy() -> Iterator[tuple[Resource, Object]]:
    """Every default object, roles before the bindings to them; fresh dicts in the form that they are stored in."""
    data = _data()
    aggregated_to: Mapping[str, str] = data["aggregatedTo"]
    for name, rules in data["clusterRoles"].items():
        yield clusterroles.RESOURCE, _cluster_role(name, rules, aggregated_to)
    for name, subjects in data["clusterRoleBindings"].items():
        yield clusterrolebindings.RESOURCE, _binding("ClusterRoleBinding", name, "", "ClusterRole", name, subjects)
    for namespace, named in data["roles"].items():
        for name, rules in named.items():
            yield roles.RESOURCE, _object("Role", name, namespace, rules=[rule(short) for short in rules])
    for namespace, named in data["roleBindings"].items():
        for name, (role, *subjects) in named.items():
            yield rolebindings.RESOURCE, _binding("RoleBinding", name, namespace, "Role", role, subjects)


def node_rules() -> list[Object]:
    """What the Node authorizer lets every node do: the rules of the cluster role system:node."""
    return [rule(short) for short in _data()["clusterRoles"]["system:node"]]


def rule(short: Sequence[str]) -> Object:
    """A policy rule out of its short form."""
    verbs, *rest = [["" if word == "core" else word for word in words.split(" ")] for words in short]
    if len(rest) == 1:
        return {"verbs": verbs, "nonResourceURLs": rest[0]}
    return {"verbs": verbs, **dict(zip(("apiGroups", "resources", "resourceNames"), rest, strict=False))}


def _cluster_role(name: str, rules: str | list[list[str]], aggregated_to: Mapping[str, str]) -> Object:
    more = {"aggregationRule": _aggregation_rule(name)} if rules == "aggregated" else {}
    role = _object("ClusterRole", name, "", rules=_rules(name), **more)
    if name in aggregated_to:
        role["metadata"]["labels"][AGGREGATE_TO + aggregated_to[name]] = "true"
    return role


def _rules(name: str) -> list[Object]:
    """The role's rules; an aggregated role begins with what the aggregation controller would gather at once."""
    data = _data()
    short = data["clusterRoles"][name]
    if short != "aggregated":
        return [rule(each) for each in short]
    gathered: list[Object] = []
    for source in sorted(source for source, target in data["aggregatedTo"].items() if target == name):
        gathered += [each for each in _rules(source) if each not in gathered]
    return gathered


def _aggregation_rule(name: str) -> Object:
    return {"clusterRoleSelectors": [{"matchLabels": {AGGREGATE_TO + name: "true"}}]}


def _binding(kind: str, name: str, namespace: str, role_kind: str, role: str, subjects: Sequence[str]) -> Object:
    more = {"subjects": [_subject(subject) for subject in subjects]} if subjects else {}
    return _object(kind, name, namespace, **more, roleRef={"apiGroup": _GROUP, "kind": role_kind, "name": role})


def _subject(text: str) -> Object:
    kind, _, name = text.partition(" ")
    if kind == "ServiceAccount":
        namespace, _, name = name.partition("/")
        return {"kind": kind, "name": name, "namespace": namespace}
    return {"kind": kind, "apiGroup": _GROUP, "name": name}


def _object(kind: str, name: str, namespace: str, **fields: Any) -> Object:
    where = {"namespace": namespace} if namespace else {}
    metadata = {"name": name, **where, "labels": dict(LABELS), "annotations": dict(ANNOTATIONS)}
    return {"kind": kind, "apiVersion": _VERSION, "metadata": metadata, **fields}


@cache
def _data() -> Any:
    return orjson.loads(resources.files(__name__).joinpath("policy.json").read_bytes())
