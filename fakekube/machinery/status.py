"""The one error that answers a request, and its constructors. Follows apimachinery's pkg/api/errors.

A Status has the keys of the real one in the real order: {"kind", "apiVersion", "metadata", "status", "message",
"reason", "details", "code"}; empty ones are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fakekube.machinery.fielderrors import FieldError
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Object

Details = dict[str, Any]


class StatusError(Exception):
    """The request ends here; `status` is the body, its code the HTTP status, `headers` go with it."""

    def __init__(self, status: Object, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status.get("message", ""))
        self.status = status
        self.headers = headers or {}

    @property
    def code(self) -> int:
        """The HTTP status."""
        code: int = self.status["code"]
        return code

    @property
    def reason(self) -> str:
        """The machine-readable reason, such as "NotFound"."""
        reason: str = self.status.get("reason", "")
        return reason

    @property
    def message(self) -> str:
        """The text for people."""
        message: str = self.status.get("message", "")
        return message


def failure(code: int, reason: str, message: str, details: Details | None = None) -> Object:
    """A Status of a failure."""
    status: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    if message:
        status["message"] = message
    if reason:
        status["reason"] = reason
    if details is not None:
        status["details"] = details
    status["code"] = code
    return status


def success(details: Details | None = None) -> Object:
    """The Status that a deletion answers."""
    status: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    if details is not None:
        status["details"] = details
    return status


def details(group: str = "", kind: str = "", name: str = "", uid: str = "", causes: Sequence[Object] = ()) -> Details:
    """StatusDetails; `kind` is mostly the resource's plural, as the real server has it."""
    pairs = (("name", name), ("group", group), ("kind", kind), ("uid", uid), ("causes", list(causes)))
    return {key: value for key, value in pairs if value}


def qualified(group: str, resource: str) -> str:
    """How messages name a resource: "pods", "deployments.apps"."""
    return f"{resource}.{group}" if group else resource


def not_found(group: str, resource: str, name: str) -> StatusError:
    """404: no such object."""
    message = f"{qualified(group, resource)} {quote(name)} not found"
    return StatusError(failure(404, "NotFound", message, details(group, resource, name)))


def already_exists(group: str, resource: str, name: str, *, dying: bool = False) -> StatusError:
    """409: a create met an object of that name, which perhaps is being deleted."""
    message = f"{qualified(group, resource)} {quote(name)} already exists"
    if dying:
        message = f"object is being deleted: {message}"
    return StatusError(failure(409, "AlreadyExists", message, details(group, resource, name)))


def conflict(group: str, resource: str, name: str, why: str) -> StatusError:
    """409: the object is not in the state that the request asked for."""
    message = f"Operation cannot be fulfilled on {qualified(group, resource)} {quote(name)}: {why}"
    return StatusError(failure(409, "Conflict", message, details(group, resource, name)))


MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


def modified(group: str, resource: str, name: str) -> StatusError:
    """409: the resourceVersion that came with an update is not the current one."""
    return conflict(group, resource, name, MODIFIED)


def unauthorized() -> StatusError:
    """401: credentials that nobody vouches for. The real body has no details."""
    return StatusError(failure(401, "Unauthorized", "Unauthorized"))


def forbidden(group: str, resource: str, name: str, why: str) -> StatusError:
    """403: by RBAC or an admission plugin, in the words of `why`."""
    subject = qualified(group, resource)
    if not subject:
        message = f"forbidden: {why}"
    elif name:
        message = f"{subject} {quote(name)} is forbidden: {why}"
    else:
        message = f"{subject} is forbidden: {why}"
    return StatusError(failure(403, "Forbidden", message, details(group, resource, name)))


def bad_request(message: str) -> StatusError:
    """400: the request makes no sense. The real body has no details."""
    return StatusError(failure(400, "BadRequest", message))


def invalid(group: str, kind: str, name: str, errors: Iterable[FieldError]) -> StatusError:
    """422: the causes are the field errors, in order; the message joins them as Go does, equal ones once."""
    errors = list(errors)
    causes = [{"reason": e.reason, "message": e.body, "field": str(e.path)} for e in errors]
    texts = list(dict.fromkeys(str(error) for error in errors))
    joined = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    message = f"{qualified(group, kind)} {quote(name)} is invalid: {joined}"
    return StatusError(failure(422, "Invalid", message, details(group, kind, name, causes=causes)))


def method_not_supported(group: str, resource: str, verb: str, text: str = "") -> StatusError:
    """405: the resource exists and does not do this. `text` says it otherwise; {} is the verb."""
    usual = f'{verb} is not supported on resources of kind "{qualified(group, resource)}"'
    message = text.format(verb) if text else usual
    return StatusError(failure(405, "MethodNotAllowed", message, details(group, resource)))


def expired(message: str) -> StatusError:
    """410: the revision asked for is no longer kept. Clients list anew."""
    return StatusError(failure(410, "Expired", message))


def gone(message: str) -> StatusError:
    """410 with the older reason."""
    return StatusError(failure(410, "Gone", message))


def unsupported_media_type(supported: Iterable[str]) -> StatusError:
    """415: the Content-Type is none that can be decoded."""
    message = f"the body of the request was in an unknown format - accepted media types include: {', '.join(supported)}"
    return StatusError(failure(415, "UnsupportedMediaType", message))


def not_acceptable(supported: Iterable[str]) -> StatusError:
    """406: the Accept header leaves nothing that can be encoded."""
    message = f"only the following media types are accepted: {', '.join(supported)}"
    return StatusError(failure(406, "NotAcceptable", message))


def internal_error(message: str) -> StatusError:
    """500: only where the real server answers so as well."""
    cause = {"message": message}
    return StatusError(failure(500, "InternalError", f"Internal error occurred: {message}", {"causes": [cause]}))


def too_many_requests(message: str, retry_after: int) -> StatusError:
    """429: come back after `retry_after` seconds."""
    body = failure(429, "TooManyRequests", message, {"retryAfterSeconds": retry_after})
    return StatusError(body, {"Retry-After": str(retry_after)})


def unexpected(message: str) -> StatusError:
    """500 without a reason: what the real server answers to an error of its own that is no Status."""
    return StatusError(failure(500, "", message))


def server_timeout(group: str, resource: str, operation: str, message: str = "", retry_after: int = 0) -> StatusError:
    """500: the server could not do it just now (NewServerTimeout)."""
    message = message or (
        f"The {operation} operation against {qualified(group, resource)} could not be completed at this time, "
        "please try again."
    )
    about = details(group, resource, operation)
    if retry_after:
        about["retryAfterSeconds"] = retry_after
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    return StatusError(failure(500, "ServerTimeout", message, about), headers)


def timeout(message: str) -> StatusError:
    """504: the request took longer than it may."""
    return StatusError(failure(504, "Timeout", f"Timeout: {message}", {}))


GENERIC_MESSAGES = {
    404: ("NotFound", "the server could not find the requested resource"),
    405: ("MethodNotAllowed", "the server does not allow this method on the requested resource"),
    406: ("NotAcceptable", "406: Not Acceptable"),
    409: ("Conflict", "the server reported a conflict"),
    415: ("UnsupportedMediaType", "415: Unsupported Media Type"),
}


def generic(code: int, verb: str, group: str = "", resource: str = "", name: str = "") -> StatusError:
    """What the router itself answers, before any resource is known (NewGenericServerResponse)."""
    reason, message = GENERIC_MESSAGES[code]
    if resource and name:
        message = f"{message} ({verb} {qualified(group, resource)} {name})"
    elif resource:
        message = f"{message} ({verb} {qualified(group, resource)})"
    return StatusError(failure(code, reason, message, details(group, resource, name)))
