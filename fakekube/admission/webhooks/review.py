"""AdmissionReview, v1 and v1beta1: what a webhook is asked and what its answer means. Pure."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Sequence

from msgspec import Struct, field

from fakekube.admission.webhooks.matching import Invocation, namespace_of
from fakekube.apis.resource import Resource
from fakekube.machinery import decoding
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Object, UserInfo
from fakekube.machinery.status import StatusError
from fakekube.registry.attributes import Attributes
from fakekube.runtime.https import CallFailed
from fakekube.runtime.webhooks import answered

GROUP, KIND = "admission.k8s.io", "AdmissionReview"
KNOWN = ("v1", "v1beta1")
META = "meta.k8s.io/v1"
SCHEME = "k8s.io/apiserver/pkg/util/webhook/client.go:71"
"""What its decoder is called in messages."""
OPTIONS = {"CREATE": "CreateOptions", "UPDATE": "UpdateOptions", "DELETE": "DeleteOptions"}
OPTION_FIELDS = {
    "CREATE": ("dryRun", "fieldManager"),
    "UPDATE": ("dryRun", "fieldManager"),
    "DELETE": ("gracePeriodSeconds", "preconditions", "orphanDependents", "propagationPolicy", "dryRun"),
}


class Response(Struct, frozen=True):
    """What a hook answered."""

    allowed: bool
    patch: bytes = b""
    patch_type: str = ""
    result: Object | None = None
    annotations: dict[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()


def version_for(accepted: Sequence[str]) -> str:
    """The first version that the hook accepts and the server knows. Raises CallFailed."""
    for version in accepted:
        if version in KNOWN:
            return version
    raise CallFailed("webhook does not accept known AdmissionReview versions (v1, v1beta1)")


def kind_of(resource: Resource, version: str, subresource: str) -> Object:
    """{"group", "version", "kind"} of the objects in a request for the resource or its subresource."""
    sub = resource.subresource(subresource) if subresource else None
    if sub is None or not sub.kind:
        return {"group": resource.group, "version": version, "kind": resource.kind}
    return {"group": sub.group, "version": sub.version or version, "kind": sub.kind}


def request(
    uid: str, review_version: str, called: Invocation, a: Attributes, obj: Object | None, old: Object | None
) -> Object:
    """The review to send; the objects are in the version that the hook is called for."""
    sub = {"subResource": a.subresource} if a.subresource else {}
    asked = {"requestSubResource": a.subresource} if a.subresource else {}
    where = {"name": a.name, "namespace": namespace_of(a)}
    body = {
        "uid": uid,
        "kind": kind_of(called.resource, called.version, a.subresource),
        "resource": _resource(called.resource, called.version),
        **sub,
        "requestKind": kind_of(a.resource, a.version, a.subresource),
        "requestResource": _resource(a.resource, a.version),
        **asked,
        **{name: text for name, text in where.items() if text},
        "operation": a.operation,
        "userInfo": _user(a.user),
        "object": obj,
        "oldObject": old,
        "dryRun": a.dry_run,
        "options": _options(a),
    }
    return {"kind": KIND, "apiVersion": f"{GROUP}/{review_version}", "request": body}


def _resource(resource: Resource, version: str) -> Object:
    return {"group": resource.group, "version": version, "resource": resource.plural}


def _user(user: UserInfo) -> Object:
    extra = {key: list(values) for key, values in user.extra.items()}
    fields = {"username": user.name, "uid": user.uid, "groups": list(user.groups), "extra": extra}
    return {name: value for name, value in fields.items() if value}


def _options(a: Attributes) -> Object | None:
    if a.operation not in OPTIONS:
        return None
    given = {name: a.options[name] for name in OPTION_FIELDS[a.operation] if a.options.get(name) is not None}
    return {"kind": OPTIONS[a.operation], "apiVersion": META, **given}


def parse(raw: bytes, uid: str, review_version: str, *, mutating: bool) -> Response:
    """What the body of an answer says. Raises CallFailed."""
    document = answered(raw, decoding.Kind(GROUP, review_version, KIND), KNOWN, SCHEME)
    response = document.get("response")
    if not isinstance(response, dict):
        raise CallFailed("webhook response was absent")
    try:
        patch = b64decode(response.get("patch") or "", validate=True)
    except (binascii.Error, TypeError) as error:
        raise CallFailed(str(error)) from None
    type_ = response.get("patchType")
    if review_version == "v1":
        _check_v1(document, response, uid, patch, type_, mutating)
    elif mutating and patch:
        type_ = "JSONPatch"  # the older version never looked at it
    return Response(
        response.get("allowed") is True,
        patch if mutating else b"",
        type_ or "",
        response.get("status"),
        response.get("auditAnnotations") or {},
        response.get("warnings") or (),
    )


def _check_v1(document: Object, response: Object, uid: str, patch: bytes, type_: str | None, mutating: bool) -> None:
    if response.get("uid", "") != uid:
        raise CallFailed(f"expected response.uid={quote(uid)}, got {quote(str(response.get('uid', '')))}")
    version, kind = document.get("apiVersion") or "", document.get("kind") or ""
    if (version, kind) != (f"{GROUP}/v1", KIND):
        shown = version if "/" in version else f"/{version}"
        raise CallFailed(f"expected webhook response of {GROUP}/v1, Kind={KIND}, got {shown}, Kind={kind}")
    if not mutating:
        if patch:
            raise CallFailed("validating webhook may not return response.patch")
        if type_ is not None:
            raise CallFailed("validating webhook may not return response.patchType")
    elif patch and type_ is None:
        raise CallFailed("webhook returned response.patch but not response.patchType")
    elif not patch and type_ is not None:
        raise CallFailed("webhook returned response.patchType but not response.patch")
    elif type_ == "":
        raise CallFailed('webhook returned invalid response.patchType of ""')


def denial(name: str, result: Object | None) -> StatusError:
    """What a client reads when the hook says no: the hook's own Status, made a failure."""
    given = result or {}
    denied = f"admission webhook {quote(name)} denied the request"
    why = given.get("message") or given.get("reason")
    code = given.get("code") or 0
    body: Object = {"kind": "Status", "apiVersion": "v1", "metadata": given.get("metadata") or {}}
    state = given.get("status") or ""
    body["status"] = "Failure" if state in ("", "Success") else state
    body["message"] = f"{denied}: {why}" if why else f"{denied} without explanation"
    for field_ in ("reason", "details"):
        if given.get(field_):
            body[field_] = given[field_]
    body["code"] = code if code >= 400 else 400
    return StatusError(body)
