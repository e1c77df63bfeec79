"""How the audit log writes an event. Follows apiserver's plugin/pkg/audit/log and audit/format.go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from fakekube.machinery.goformat import quote

Event = Mapping[str, Any]
Write = Callable[[Event], bytes]


def as_json(event: Event) -> bytes:
    """The event as audit.k8s.io/v1 has it."""
    return orjson.dumps(event)


def as_text(event: Event) -> bytes:
    """One line of text with what matters most."""
    user, other = event.get("user") or {}, event.get("impersonatedUser")
    name = user.get("username")
    fields = {
        "id": event["auditID"],
        "stage": event["stage"],
        "ip": next(iter(event.get("sourceIPs") or ()), "<unknown>"),
        "method": event["verb"],
        "user": name or "<none>",
        "groups": _groups(user.get("groups") if name else None, "<none>"),
        "as": "<self>" if other is None else other.get("username", ""),
        "asgroups": _groups(other and other.get("groups"), "<lookup>"),
        "namespace": (event.get("objectRef") or {}).get("namespace") or "<none>",
        "uri": event["requestURI"],
    }
    shown = " ".join(f"{field}={quote(value)}" for field, value in fields.items())
    code = (event.get("responseStatus") or {}).get("code", "<deferred>")
    moment = event["requestReceivedTimestamp"].removesuffix("Z").rstrip("0").removesuffix(".")
    return f'{moment}Z AUDIT: {shown} response="{code}"'.encode()


def _groups(names: list[str] | None, nothing: str) -> str:
    return ",".join(map(quote, names)) if names else nothing


FORMATS: dict[str, Write] = {"json": as_json, "legacy": as_text}
