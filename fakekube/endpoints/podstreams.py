"""pods/log, exec, attach and portforward up to the point where a node would be asked.

Follows pkg/registry/core/pod/strategy.go: the container is found, and a pod without a node is told so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.endpoints.endpoint import Connect, Endpoint, Services
from fakekube.machinery import status
from fakekube.machinery.objects import Key, Object
from fakekube.registry.scope import Scope

Query = Mapping[str, Sequence[str]]


async def log(scope: Scope, query: Query, services: Services) -> str:
    """The log of a container. Raises BadRequest (400), NotFound (404)."""
    pod = _pod(scope, services)
    _container(pod, query)
    if not pod["spec"].get("nodeName"):
        return ""
    raise _unreachable(pod, services)


async def stream(scope: Scope, query: Query, services: Services) -> str:
    """exec and attach. Raises BadRequest (400), NotFound (404)."""
    pod = _pod(scope, services)
    _container(pod, query)
    raise _no_host(pod) if not pod["spec"].get("nodeName") else _unreachable(pod, services)


async def forward(scope: Scope, query: Query, services: Services) -> str:
    """portforward. Raises BadRequest (400), NotFound (404)."""
    pod = _pod(scope, services)
    raise _no_host(pod) if not pod["spec"].get("nodeName") else _unreachable(pod, services)


def _pod(scope: Scope, services: Services) -> Object:
    return services.registry.store(PODS).get(scope).object


def _container(pod: Object, query: Query) -> str:
    """The container that is asked for, or the only one. Raises BadRequest (400)."""
    name, spec = pod["metadata"]["name"], pod["spec"]
    regular = [container["name"] for container in spec["containers"]]
    initial = [container["name"] for container in spec.get("initContainers", ())]
    wanted = (query.get("container") or [""])[0]
    if wanted:
        if wanted not in (*regular, *initial):
            raise status.bad_request(f"container {wanted} is not valid for pod {name}")
        return wanted
    if len(regular) == 1:
        only: str = regular[0]
        return only
    choice = f", choose one of: [{' '.join(regular)}]" if regular else ""
    initials = f" or one of the init containers: [{' '.join(initial)}]" if initial else ""
    raise status.bad_request(f"a container name must be specified for pod {name}{choice}{initials}")


def _no_host(pod: Object) -> status.StatusError:
    return status.bad_request(f"pod {pod['metadata']['name']} does not have a host assigned")


def _unreachable(pod: Object, services: Services) -> status.StatusError:
    """Nobody runs a kubelet on the pod's node."""
    node = pod["spec"]["nodeName"]
    if services.registry.store(NODES).collection.get(Key("", node)) is None:
        return status.not_found("", "nodes", node)
    return status.internal_error(f"dial tcp: lookup {node}: no such host")


def _endpoint(subresource: str, connect: Connect) -> Endpoint:
    return Endpoint(PODS.group, PODS.plural, subresource, connect=connect)


ENDPOINTS = (
    _endpoint("log", log),
    _endpoint("exec", stream),
    _endpoint("attach", stream),
    _endpoint("portforward", forward),
)
