"""Tokens for service accounts: POST serviceaccounts/NAME/token. Follows registry/core/serviceaccount's TokenREST."""

from __future__ import annotations

from typing import NamedTuple

from fakekube.apis.core import pods, secrets, serviceaccounts
from fakekube.apis.podspec.walk import service_account_of
from fakekube.apis.resource import Resource
from fakekube.authn.tokens import BoundToken
from fakekube.authz.escalation import check_name
from fakekube.endpoints.endpoint import Answer, Endpoint, Services
from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import bad_request, conflict, not_found
from fakekube.machinery.status import invalid as status_invalid
from fakekube.machinery.times import format_time
from fakekube.registry.attributes import CREATE
from fakekube.registry.scope import Scope

GROUP, KIND = "authentication.k8s.io", "TokenRequest"
DEFAULT_SECONDS = 3600
LEAST_SECONDS, MOST_SECONDS = 600, 1 << 32
EXTENDED_FROM, EXTENDED_TO = 3607, 365 * 24 * 3600
"""A pod-bound token of just that many seconds, which is what projected volumes ask for, lives on with a warning."""

_TARGETS: dict[str, Resource] = {"Pod": pods.RESOURCE, "Secret": secrets.RESOURCE}


class _Lifetime(NamedTuple):
    seconds: int
    warn_after: int


async def create(scope: Scope, request: Object, services: Services) -> Answer:
    """Issue a token for the account that the scope names. Raises StatusError."""
    spec = request["spec"] = request.get("spec") or {}
    if spec.get("expirationSeconds") is None:
        spec["expirationSeconds"] = DEFAULT_SECONDS
    await services.registry.judge(await services.registry.admit(CREATE, scope, request))
    spec = request["spec"]
    seconds = spec["expirationSeconds"]
    if fault := _fault(seconds):
        raise status_invalid(GROUP, KIND, "", [fault])
    account = _existing(serviceaccounts.RESOURCE, Key(scope.namespace, scope.name), services)
    reference = spec.get("boundObjectRef")
    bound_to = None if reference is None else _bound_object(scope, reference, services)
    audiences = list(spec.get("audiences") or services.authenticator.api_audiences)
    lifetime = _lifetime(seconds, bound_to)
    begin = services.registry.clock.now()
    token = _issue(services, account, audiences, lifetime, begin, bound_to)
    status = {"token": token.token, "expirationTimestamp": format_time(begin + seconds)}
    shown = {"audiences": audiences, "expirationSeconds": seconds, "boundObjectRef": reference}
    return {**request, "spec": shown, "status": status}


def _fault(seconds: int) -> FieldError | None:
    path = Path("spec") / "expirationSeconds"
    if seconds < LEAST_SECONDS:
        return invalid(path, seconds, "may not specify a duration less than 10 minutes")
    if seconds > MOST_SECONDS:
        return invalid(path, seconds, "may not specify a duration larger than 2^32 seconds")
    return None


def _lifetime(seconds: int, bound_to: Object | None) -> _Lifetime:
    if seconds == EXTENDED_FROM and bound_to is not None and bound_to["kind"] == "Pod":
        return _Lifetime(EXTENDED_TO, seconds)
    return _Lifetime(seconds, 0)


def _issue(
    services: Services, account: Object, audiences: list[str], lifetime: _Lifetime, now: float, bound_to: Object | None
) -> BoundToken:
    if services.tokens is None:
        raise bad_request("this server issues no tokens")
    return services.tokens.bound(account, audiences, lifetime.seconds, now, bound_to, lifetime.warn_after)


def _bound_object(scope: Scope, reference: Object, services: Services) -> Object:
    """The pod or secret that the token shall die with."""
    version, kind = reference.get("apiVersion") or "", reference.get("kind") or ""
    group = version.rpartition("/")[0]
    if group or kind not in _TARGETS:
        shown = version if "/" in version else f"/{version}"
        raise bad_request(f"cannot bind token to object of type {shown}, Kind={kind}")
    name, wanted = reference.get("name") or "", reference.get("uid")
    check_name(name)
    obj = _existing(_TARGETS[kind], Key(scope.namespace, name), services)
    if kind == "Pod" and service_account_of(obj["spec"]) != scope.name:
        whom = f"serviceaccount {quote(scope.name)}"
        raise bad_request(f"cannot bind token for {whom} to pod running with different serviceaccount name.")
    if wanted and wanted != obj["metadata"]["uid"]:
        raise conflict("", kind, name, _OTHER_UID.format(wanted))
    return obj


_OTHER_UID = (
    "the UID in the bound object reference ({}) does not match the UID in record. "
    "The object might have been deleted and then recreated"
)


def _existing(resource: Resource, key: Key, services: Services) -> Object:
    entry = services.registry.store(resource).collection.get(key)
    if entry is None:
        raise not_found(resource.group, resource.plural, key.name)
    return entry.object


ENDPOINTS = (Endpoint("", serviceaccounts.RESOURCE.plural, "token", create=create),)
