"""RequestRecord: why a request was answered as it was. The server keeps the latest; nobody else writes them."""

from __future__ import annotations

from collections.abc import Callable

from fakekube.apis.columns import AGE, NAME
from fakekube.apis.resource import Column, Resource, Version
from fakekube.apis.sim.definitions import GROUP, VERSION
from fakekube.machinery.objects import Object


def _text(part: str, field: str) -> Callable[[Object], str]:
    return lambda record: str((record.get(part) or {}).get(field) or "")


SELECTABLE = {
    "request.auditID": _text("request", "auditID"),
    "request.resource": _text("request", "resource"),
    "user.username": _text("user", "username"),
    "response.code": _text("response", "code"),
}

RESOURCE = Resource(
    group=GROUP,
    plural="requestrecords",
    singular="requestrecord",
    kind="RequestRecord",
    versions=(Version(VERSION, storage=True),),
    namespaced=False,
    verbs=("get", "list", "watch"),
    selectable=SELECTABLE,
    columns=(
        NAME,
        Column("Code", "integer", ".response.code"),
        Column("User", "string", ".user.username"),
        Column("Method", "string", ".request.method"),
        Column("URI", "string", ".request.uri"),
        AGE,
    ),
)
