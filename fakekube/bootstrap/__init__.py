"""What every cluster has from the start, besides what its controllers make: as data, and as objects to create.

objects.json says in short form what they are. A priority level that is a list is [shares, queues, hand size, queue
length]. A flow schema without `resources` is for every request of its subjects; one of `resources` is [verbs, groups,
resources, namespaces]. Texts are lists of words; "core" is the group "".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from ipaddress import ip_network
from typing import Any

import orjson

from fakekube.apis import rbac
from fakekube.apis.apiregistration import apiservices
from fakekube.apis.core import configmaps, namespaces, serviceaccounts, services
from fakekube.apis.flowcontrol import flowschemas, prioritylevelconfigurations
from fakekube.apis.resource import Resource, api_version
from fakekube.apis.scheduling import priorityclasses
from fakekube.authz.bootstrap import policy
from fakekube.authz.bootstrap.reconciliation import Operation, reconcile
from fakekube.machinery.objects import Object, key_of
from fakekube.machinery.times import format_time
from fakekube.options import Options
from fakekube.registry.client import Client

Wanted = tuple[Resource, Object]

FRONT_PROXY = {
    "requestheader-allowed-names": '["front-proxy-client"]',
    "requestheader-extra-headers-prefix": '["X-Remote-Extra-"]',
    "requestheader-group-headers": '["X-Remote-Group"]',
    "requestheader-username-headers": '["X-Remote-User"]',
}
"""How a front proxy says on whose behalf it asks; `authn.requestheader` reads requests accordingly."""


def wanted_objects(
    authority: str, port: int, options: Options, *, front_proxy_authority: str = "", now: float | None = None
) -> Iterator[Wanted]:
    """Every object, in the order in which they have to be created; fresh dicts of the storage version.

    `authority` is the PEM by which client certificates are verified, `port` the one that the server listens on. Flow
    schemas and API services come with their status.
    """
    moment = format_time(time.time() if now is None else now)
    data = _data()
    for name in data["namespaces"]:
        yield namespaces.RESOURCE, _namespace(name)
    yield configmaps.RESOURCE, _authentication(authority, front_proxy_authority)
    yield from policy()
    for resource, key, make in _NAMED:
        for name, short in data[key].items():
            yield resource, make(name, short, moment)
    for group, short in data["apiServices"].items():
        for version, priority in short["versions"].items():
            yield apiservices.RESOURCE, _api_service(group, version, short["priority"], priority, moment)
    for name in data["controllerAccounts"].split():
        yield serviceaccounts.RESOURCE, _object(serviceaccounts.RESOURCE, name, "kube-system")
    yield services.RESOURCE, _kubernetes_service(service_address(options.service_cluster_ip_range), port)


async def ensure(client: Client, resource: Resource, wanted: Object) -> None:
    """Create the object with its status if it is missing; bring back what a default role or binding has lost."""
    key = key_of(wanted)
    existing = client.get(resource, key)
    if resource.group == rbac.RESOURCES[0].group:
        await _reconcile(client, resource, existing, wanted)
    elif existing is None:
        made = await client.create(resource, wanted)
        if wanted.get("status") and not made.get("status"):
            await client.update(resource, {**made, "status": wanted["status"]}, "status")


async def _reconcile(client: Client, resource: Resource, existing: Object | None, wanted: Object) -> None:
    operation, obj = reconcile(existing, wanted)
    if operation is Operation.UPDATE:
        await client.update(resource, obj)
    elif operation is not Operation.NONE:
        if operation is Operation.RECREATE:
            await client.delete(resource, key_of(wanted))
        await client.create(resource, obj)


def service_address(cidr: str) -> str:
    """The cluster IP of the service "kubernetes": the first of the range. Raises ValueError."""
    return str(ip_network(cidr, strict=False)[1])


def _namespace(name: str) -> Object:
    return _object(namespaces.RESOURCE, name, spec={"finalizers": ["kubernetes"]}, status={"phase": "Active"})


def _authentication(authority: str, front_proxy_authority: str) -> Object:
    """What extension servers learn from the main one in order to authenticate its users."""
    data = {"client-ca-file": authority}
    if front_proxy_authority:
        data |= {**FRONT_PROXY, "requestheader-client-ca-file": front_proxy_authority}
    return _object(configmaps.RESOURCE, "extension-apiserver-authentication", "kube-system", data=data)


def _priority_class(name: str, short: list[Any], _: str) -> Object:
    value, description = short
    more = {"value": value, "description": description, "preemptionPolicy": "PreemptLowerPriority"}
    return _object(priorityclasses.RESOURCE, name, **more)


def _priority_level(name: str, short: list[int] | Object, _: str) -> Object:
    return _object(prioritylevelconfigurations.RESOURCE, name, spec=_level_spec(short), status={})


def _level_spec(short: list[int] | Object) -> Object:
    if isinstance(short, dict):
        return short
    shares, queues, hand_size, length = short
    queuing = {"queues": queues, "handSize": hand_size, "queueLengthLimit": length}
    response = {"type": "Queue", "queuing": queuing}
    return {"type": "Limited", "limited": {"assuredConcurrencyShares": shares, "limitResponse": response}}


def _flow_schema(name: str, short: Object, moment: str) -> Object:
    rules: Object = {"subjects": [_subject(subject) for subject in short["subjects"]]}
    if "resources" in short:
        rules["resourceRules"] = [_resource_rule(*words) for words in short["resources"]]
    else:
        rules["resourceRules"] = [{**_resource_rule("*", "*", "*", "*", cluster_scope=True)}]
        rules["nonResourceRules"] = [{"verbs": ["*"], "nonResourceURLs": ["*"]}]
    spec: Object = {
        "priorityLevelConfiguration": {"name": short["level"]},
        "matchingPrecedence": short["precedence"],
        **({"distinguisherMethod": {"type": short["by"]}} if short["by"] else {}),
        "rules": [rules],
    }
    return _object(
        flowschemas.RESOURCE,
        name,
        spec=spec,
        status={"conditions": [flowschemas.dangling(short["level"], True, moment)]},
    )


def _resource_rule(verbs: str, groups: str, names: str, namespaces_: str, *, cluster_scope: bool = False) -> Object:
    made: Object = {"verbs": verbs.split(), "apiGroups": ["" if word == "core" else word for word in groups.split()]}
    made["resources"] = names.split()
    if cluster_scope:
        made["clusterScope"] = True
    return {**made, "namespaces": namespaces_.split()}


def _subject(text: str) -> Object:
    kind, _, name = text.partition(" ")
    if kind == "ServiceAccount":
        namespace, _, name = name.partition("/")
        return {"kind": kind, "serviceAccount": {"namespace": namespace, "name": name}}
    return {"kind": kind, kind.lower(): {"name": name}}


def _api_service(group: str, version: str, priority: int, version_priority: int, moment: str) -> Object:
    spec: Object = {**({"group": group} if group else {}), "version": version}
    spec |= {"groupPriorityMinimum": priority, "versionPriority": version_priority}
    condition = {
        "type": "Available",
        "status": "True",
        "lastTransitionTime": moment,
        "reason": "Local",
        "message": "Local APIServices are always available",
    }
    made = _object(apiservices.RESOURCE, f"{version}.{group}", spec=spec, status={"conditions": [condition]})
    made["metadata"]["labels"] = {"kube-aggregator.kubernetes.io/automanaged": "onstart"}
    return made


def _kubernetes_service(address: str, port: int) -> Object:
    spec = {
        "ports": [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": port}],
        "clusterIP": address,
        "clusterIPs": [address],
        "type": "ClusterIP",
        "sessionAffinity": "None",
    }
    made = _object(services.RESOURCE, "kubernetes", "default", spec=spec, status={"loadBalancer": {}})
    made["metadata"]["labels"] = {"component": "apiserver", "provider": "kubernetes"}
    return made


def _object(resource: Resource, name: str, namespace: str = "", **fields: Any) -> Object:
    version = api_version(resource.group, resource.storage_version.name)
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"kind": resource.kind, "apiVersion": version, "metadata": metadata, **fields}


_NAMED: tuple[tuple[Resource, str, Callable[[str, Any, str], Object]], ...] = (
    (priorityclasses.RESOURCE, "priorityClasses", _priority_class),
    (prioritylevelconfigurations.RESOURCE, "priorityLevels", _priority_level),
    (flowschemas.RESOURCE, "flowSchemas", _flow_schema),
)


@cache
def _data() -> Mapping[str, Any]:
    data: Mapping[str, Any] = orjson.loads(resources.files(__name__).joinpath("objects.json").read_bytes())
    return data
