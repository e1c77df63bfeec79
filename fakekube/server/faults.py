"""The faults that requests are to meet, as objects of the kind Fault say."""

from __future__ import annotations

from collections.abc import Iterable

from fakekube.apis.sim.faults import RESOURCE
from fakekube.machinery import status
from fakekube.machinery.objects import Object
from fakekube.machinery.status import StatusError
from fakekube.machinery.users import API_SERVER
from fakekube.registry.registry import Registry
from fakekube.registry.scope import Scope
from fakekube.server.context import RequestContext

MANAGER = "kube-apiserver"
REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    409: "Conflict",
    410: "Gone",
    413: "RequestEntityTooLarge",
    415: "UnsupportedMediaType",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


class Faults:
    """Those that there are, by name."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._faults: dict[str, Object] = {}
        self._hits: dict[str, int] = {}
        """By uid: counted here, since requests come faster than objects are written."""

    def __bool__(self) -> bool:
        return bool(self._faults)

    def follow(self, old: Object | None, new: Object | None) -> None:
        """A fault has come, changed or gone."""
        if old is not None and (new is None or new["metadata"]["uid"] != old["metadata"]["uid"]):
            self._faults.pop(old["metadata"]["name"], None)
            self._hits.pop(old["metadata"]["uid"], None)
        if new is not None:
            self._faults[new["metadata"]["name"]] = new
            self._hits.setdefault(new["metadata"]["uid"], (new.get("status") or {}).get("hits", 0))

    async def take(self, ctx: RequestContext) -> Object | None:
        """The first fault by name that the request meets, which counts it."""
        for name, fault in sorted(self._faults.items()):
            hits = self._hits[fault["metadata"]["uid"]]
            if hits < (fault["spec"].get("count") or hits + 1) and concerns(fault["spec"], ctx):
                self._hits[fault["metadata"]["uid"]] += 1
                await self._count(name, hits + 1)
                return fault
        return None

    async def _count(self, name: str, hits: int) -> None:
        async def make(fault: Object | None) -> Object:
            return {**(fault or {}), "status": {"hits": hits}}

        version = RESOURCE.storage_version
        scope = Scope(RESOURCE, version, API_SERVER, name=name, subresource="status", manager=MANAGER, admitted=True)
        try:
            await self._registry.store(RESOURCE).update(scope, make)
        except StatusError as error:
            if error.code != 404:  # else it was deleted meanwhile
                raise


def concerns(spec: Object, ctx: RequestContext) -> bool:
    """Whether the request is one of those that the spec selects."""
    info = ctx.info
    resource = f"{info.resource}/{info.subresource}" if info.subresource else info.resource
    found = (
        ("verbs", info.verb),
        ("apiGroups", info.group),
        ("resources", resource),
        ("namespaces", info.namespace),
        ("names", info.name),
        ("users", ctx.user.name),
    )
    return all(_listed(value, spec.get(field) or ("*",)) for field, value in found)


def _listed(value: str, names: Iterable[str]) -> bool:
    return any(name in ("*", value) for name in names)


def refusal(fault: Object) -> StatusError:
    """The answer that a fault with a code gives."""
    spec = fault["spec"]
    code, retry = spec["code"], spec.get("retryAfterSeconds", 0)
    message = spec.get("message") or f'the fault "{fault["metadata"]["name"]}" was asked for'
    details = {"retryAfterSeconds": retry} if retry else None
    headers = {"Retry-After": str(retry)} if retry else None
    return StatusError(status.failure(code, REASONS.get(code, ""), message, details), headers)
