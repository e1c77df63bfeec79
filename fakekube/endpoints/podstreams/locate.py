"""From a request to the pod, the container and the kubelet that it is about, and what is said where one is missing."""

from __future__ import annotations

from msgspec import Struct

from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.endpoints.endpoint import Services
from fakekube.machinery import status
from fakekube.machinery.objects import Key, Object, key_of
from fakekube.node.nodes import Nodes
from fakekube.registry.scope import Scope
from fakekube.sandbox.containers import Process

ADDRESS_TYPES = ("Hostname", "InternalDNS", "InternalIP", "ExternalDNS", "ExternalIP")
"""kube-apiserver's --kubelet-preferred-address-types."""


def pod_of(scope: Scope, services: Services) -> Object:
    """The pod. Raises NotFound (404)."""
    return services.registry.store(PODS).get(scope).object


def container_of(pod: Object, wanted: str) -> str:
    """The container that is asked for, or the only one. Raises BadRequest (400)."""
    name, spec = pod["metadata"]["name"], pod["spec"]
    regular = [container["name"] for container in spec["containers"]]
    every = [container["name"] for container in spec.get("initContainers", ())] + regular
    if wanted:
        if wanted not in every:
            raise status.bad_request(f"container {wanted} is not valid for pod {name}")
        return wanted
    if len(regular) == 1:
        only: str = regular[0]
        return only
    raise status.bad_request(f"a container name must be specified for pod {name}, choose one of: [{' '.join(every)}]")


class Host(Struct, frozen=True):
    """Where a kubelet should be."""

    node: str
    name: str
    """The node's preferred address."""
    port: int

    @property
    def failure(self) -> str:
        """Why nobody answers there."""
        if any(char.isalpha() for char in self.name):
            return f"dial tcp: lookup {self.name}: no such host"
        return f"dial tcp {self.name}:{self.port}: connect: connection refused"


def host_of(node: str, services: Services) -> Host:
    """Where the node's kubelet is. Raises NotFound (404), and 500 for a node without an address."""
    entry = services.registry.store(NODES).collection.get(Key("", node))
    if entry is None:
        raise status.not_found("", "nodes", node)
    known = entry.object.get("status", {})
    addresses = known.get("addresses") or []
    by_type = {address["type"]: address["address"] for address in reversed(addresses)}
    name = next((by_type[type_] for type_ in ADDRESS_TYPES if type_ in by_type), None)
    if name is None:
        shown = " ".join(f"{{{address['type']} {address['address']}}}" for address in addresses)
        raise unknown(f"no preferred addresses found; known addresses: [{shown}]")
    return Host(node, name, known.get("daemonEndpoints", {}).get("kubeletEndpoint", {}).get("Port") or 10250)


def assigned_host(pod: Object, services: Services) -> Host:
    """Where the pod's kubelet is. Raises BadRequest (400) for a pod without a node, and as `host_of`."""
    node = pod["spec"].get("nodeName")
    if not node:
        raise status.bad_request(f"pod {pod['metadata']['name']} does not have a host assigned")
    return host_of(node, services)


def nodes(host: Host, services: Services, failure: str) -> Nodes:
    """The simulated nodes, if the host is one of them. Raises 500 with `failure` and why."""
    if services.nodes is not None and services.nodes.serves(host.node):
        return services.nodes
    raise unknown(f"{failure}{host.failure}")


def unknown(message: str) -> status.StatusError:
    """What the real server makes of an error that is no Status: 500, without a reason."""
    return status.StatusError(status.failure(500, "", message))


def running(nodes: Nodes, pod: Object, container: str) -> Process | None:
    """The container's process, if it runs."""
    process = nodes.container(key_of(pod), container)
    return process if process is not None and process.exit_code is None else None


def listening(nodes: Nodes, pod: Object, port: int) -> Process | None:
    """What takes connections to a port of the pod."""
    for container in pod["spec"]["containers"]:
        process = running(nodes, pod, container["name"])
        if process is not None and process.listens(port):
            return process
    return None
