"""The answers to requests that no authorizer allowed. Follows apiserver's handlers/responsewriters."""

from __future__ import annotations

import re

from fakekube.authz.attributes import Attributes, Verdict
from fakekube.machinery.goformat import quote
from fakekube.machinery.status import StatusError
from fakekube.machinery.status import forbidden as status_forbidden

_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_DIRECTIVE = re.compile(r"%[-+# 0]*\d*(?:\.\d*)?(.?)", re.DOTALL)


def forbidden(a: Attributes, verdict: Verdict) -> StatusError:
    """403 in the real server's words."""
    text = message(a).translate(_HTML)
    if verdict.reason:
        text = f"{text}: {verdict.reason}"
    return status_forbidden(a.group, a.resource, a.name, _printed(text))


def message(a: Attributes) -> str:
    """What the user cannot do."""
    who = f"User {quote(a.user.name)} cannot {a.verb}"
    if not a.is_resource:
        return f"{who} path {quote(a.path)}"
    resource = f"{a.resource}/{a.subresource}" if a.subresource else a.resource
    where = f"in the namespace {quote(a.namespace)}" if a.namespace else "at the cluster scope"
    return f"{who} resource {quote(resource)} in API group {quote(a.group)} {where}"


def internal_error_text(uri: str, error: object) -> str:
    """The plain-text body of a 500 about something that kept the server from deciding; `uri` as it was requested."""
    return f"Internal Server Error: {quote(uri)}: {error}".translate(_HTML) + "\n"


def _printed(text: str) -> str:
    """The real server takes the text for a format without arguments; clients see what Go makes of a "%" in it."""
    return _DIRECTIVE.sub(_directive, text) if "%" in text else text


def _directive(match: re.Match[str]) -> str:
    verb = match[1]
    if verb == "%":
        return "%"
    return f"%!{verb}(MISSING)" if verb else "%!(NOVERB)"
