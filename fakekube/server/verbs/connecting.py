"""Admission of connections: exec, attach, port forwarding and proxies are CONNECT; logs, a mere GET, are not.

Follows ConnectResource in apiserver's endpoints/handlers/rest.go.
"""

from __future__ import annotations

from fakekube.endpoints.podstreams.ports import ports_of
from fakekube.machinery.objects import Object
from fakekube.registry.attributes import CONNECT
from fakekube.server import parameters
from fakekube.server.context import RequestContext
from fakekube.server.parameters import Reader
from fakekube.server.plane import ControlPlane
from fakekube.server.values import values
from fakekube.server.verbs import common

STREAMS: dict[str, Reader] = {
    "stdin": parameters.flag, "stdout": parameters.flag, "stderr": parameters.flag, "tty": parameters.flag,
    "container": parameters.text,
}  # fmt: skip
OPTIONS: dict[str, dict[str, Reader]] = {
    "PodExecOptions": {**STREAMS, "command": parameters.texts},
    "PodAttachOptions": STREAMS,
    "PodPortForwardOptions": {"ports": ports_of},
}
"""The parameters of each kind of options; those of proxies have the path below the subresource."""


async def admit(ctx: RequestContext, plane: ControlPlane) -> None:
    """Ask admission about the connection. Raises StatusError."""
    resource, version = common.target(ctx)
    sub = resource.subresource(ctx.info.subresource, version.name)
    if sub is None or not sub.kind:
        return
    attributes = await plane.registry.admit(CONNECT, common.scope(ctx, {}), _options(ctx, sub.kind))
    await plane.registry.judge(attributes)


def _options(ctx: RequestContext, kind: str) -> Object:
    readers = OPTIONS.get(kind)
    if readers is None:
        rest = "/".join(ctx.info.parts[3:])
        given: Object = {"path": f"/{rest}"} if rest else {}
    else:
        read = parameters.read(values(ctx.query), readers)
        given = {name: value for name, value in read.items() if value}
    return {"kind": kind, "apiVersion": "v1", **given}
