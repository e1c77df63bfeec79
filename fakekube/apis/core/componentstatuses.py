"""ComponentStatus. Follows pkg/registry/core of v1.20."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fakekube.apis.columns import NAME
from fakekube.apis.deprecation import deprecated
from fakekube.apis.resource import Column, Resource, Version


def _health(condition: Any) -> str:
    if condition is None:
        return "Unknown"
    return "Healthy" if condition.get("status") == "True" else "Unhealthy"


def _condition(show: Callable[[Any], str]) -> Callable[[Any, float], str]:
    """A cell: something of the one condition that counts."""

    def cell(component: Any, _: float) -> str:
        conditions = component.get("conditions") or ()
        return show(next((one for one in conditions if one.get("type") == "Healthy"), None))

    return cell


def _text(name: str) -> Callable[[Any], str]:
    return lambda condition: (condition or {}).get(name, "")


RESOURCE = Resource(
    group="",
    plural="componentstatuses",
    exportable=False,
    kind="ComponentStatus",
    versions=(Version("v1", storage=True, deprecated=deprecated("v1", "ComponentStatus", "1.19")),),
    namespaced=False,
    short_names=("cs",),
    verbs=("get", "list"),
    stored=False,
    columns=(
        NAME,
        Column("Status", "string", _condition(_health), description="Status of the component conditions"),
        Column("Message", "string", _condition(_text("message")), description="Message of the component conditions"),
        Column("Error", "string", _condition(_text("error")), description="Error of the component conditions"),
    ),
)
