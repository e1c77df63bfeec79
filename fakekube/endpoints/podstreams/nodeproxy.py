"""HTTP to the kubelet of a node. Follows the kubelet's server: of its paths, those that need no container."""

from __future__ import annotations

from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.endpoints.connection import Call, Content, Reply
from fakekube.endpoints.endpoint import Services
from fakekube.endpoints.podstreams import locate
from fakekube.endpoints.podstreams.proxy import parse_target
from fakekube.machinery import status
from fakekube.machinery.objects import Object
from fakekube.registry.codec import dumps
from fakekube.registry.scope import Scope

PLAIN = (("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff"))
JSON = (("Content-Type", "application/json"),)


async def node(scope: Scope, call: Call, services: Services) -> Reply:
    """To a kubelet. Raises BadRequest (400), NotFound (404), 500 where none answers."""
    target = parse_target(scope.name)
    if target is None:
        raise status.bad_request(f'invalid node request "{scope.name}"')
    host = locate.host_of(target.name, services)
    locate.nodes(host, services, "error trying to reach service: ")
    if target.port not in ("", str(host.port)):
        why = f"dial tcp {host.name}:{target.port}: connect: connection refused"
        raise locate.unknown(f"error trying to reach service: {why}")
    if not call.subpath:
        query = f"?{call.query_string}" if call.query_string else ""
        return Content(301, [("Location", f"{call.path}/{query}")], foreign=True)
    match call.subpath.rstrip("/"):
        case "/healthz":
            return Content(200, PLAIN, b"ok", foreign=True)
        case "/pods":
            return Content(200, JSON, dumps(_pods(target.name, services)), foreign=True)
    return Content(404, PLAIN, b"404 page not found\n", foreign=True)


def _pods(node_name: str, services: Services) -> Object:
    entries = services.registry.store(PODS).collection.list()
    items = [_seen(one.object) for one in entries if one.object["spec"].get("nodeName") == node_name]
    return {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": items}


def _seen(pod: Object) -> Object:
    """A pod as the kubelet holds it: it notes when and from where it heard of it, and leaves out the kind."""
    metadata = pod["metadata"]
    seen = metadata["creationTimestamp"].replace("Z", ".000000000Z")
    annotations = {"kubernetes.io/config.seen": seen, "kubernetes.io/config.source": "api"}
    rest = {key: value for key, value in pod.items() if key not in ("kind", "apiVersion")}
    return {**rest, "metadata": {**metadata, "annotations": {**metadata.get("annotations", {}), **annotations}}}
