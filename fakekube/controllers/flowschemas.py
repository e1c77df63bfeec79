"""Tells of each flow schema whether its priority level exists. Follows apiserver's util/flowcontrol of v1.20."""

from __future__ import annotations

from collections.abc import Iterable

from fakekube.apis.flowcontrol.flowschemas import RESOURCE as SCHEMAS
from fakekube.apis.flowcontrol.flowschemas import dangling
from fakekube.apis.flowcontrol.prioritylevelconfigurations import RESOURCE as LEVELS
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared.conditions import conditions_of, differ, find
from fakekube.controllers.shared.objects import name_of
from fakekube.machinery.objects import Key, Object, key_of
from fakekube.machinery.times import format_time
from fakekube.registry.client import Client, Reader


def level_of(schema: Object) -> str:
    """The name of the priority level that it sends requests to."""
    name: str = schema["spec"]["priorityLevelConfiguration"]["name"]
    return name


def told(conditions: list[Object], wanted: Object) -> list[Object] | None:
    """The conditions with the wanted one in place of what was said before; None if it says nothing new."""
    before = find(conditions, wanted["type"])
    if before is None:
        return [*conditions, wanted]
    if not differ(before, wanted):
        return None
    return [wanted if condition is before else condition for condition in conditions]


async def reconcile(name: Key, api: Client) -> None:
    """Bring the condition of one schema up to date."""
    schema = api.get(SCHEMAS, name)
    if schema is None:
        return
    level = level_of(schema)
    exists = api.get(LEVELS, Key("", level)) is not None
    conditions = told(conditions_of(schema), dangling(level, exists, format_time(api.clock.now())))
    if conditions is not None:
        await api.patch(SCHEMAS, name, {"status": {"conditions": conditions}}, "status")


def referring(level: Object, api: Reader) -> Iterable[Key]:
    """The schemas that name the priority level."""
    return [key_of(schema) for schema in api.list(SCHEMAS) if level_of(schema) == name_of(level)]


CONTROLLER = Controller(
    "flow-schemas",
    (Watch(SCHEMAS), Watch(LEVELS, referring)),
    reconcile,
    manager="api-priority-and-fairness-config-consumer-v1",
)
