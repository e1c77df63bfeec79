"""Tells of each FlowSchema whether its priority level exists: the condition Dangling, which kube-apiserver keeps.

Follows presyncFlowSchemaStatus of apiserver/pkg/util/flowcontrol of v1.20.
"""

from __future__ import annotations

from collections.abc import Iterable

from fakekube.apis.flowcontrol.flowschemas import RESOURCE as FLOWSCHEMAS
from fakekube.apis.flowcontrol.prioritylevelconfigurations import RESOURCE as PRIORITYLEVELS
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared.conditions import conditions_of, find, without
from fakekube.controllers.shared.objects import key, name_of
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.times import format_time
from fakekube.registry.client import Client, Reader

NAME = "flowschemas"
DANGLING = "Dangling"


def level_of(schema: Object) -> str:
    """The name of its priority level."""
    name: str = schema["spec"]["priorityLevelConfiguration"]["name"]
    return name


def condition(level: str, *, exists: bool) -> Object:
    """What Dangling says, without its time."""
    reason, what = ("Found", "and it exists") if exists else ("NotFound", "but there is no such object")
    message = f"This FlowSchema references the PriorityLevelConfiguration object named {quote(level)} {what}"
    return {"type": DANGLING, "status": "False" if exists else "True", "reason": reason, "message": message}


async def reconcile(name: Key, api: Client) -> None:
    """Write the condition where it says something else. Raises StatusError."""
    schema = api.get(FLOWSCHEMAS, name)
    if schema is None:
        return
    level = level_of(schema)
    wanted = condition(level, exists=api.get(PRIORITYLEVELS, Key("", level)) is not None)
    current = conditions_of(schema)
    if wanted.items() <= (find(current, DANGLING) or {}).items():
        return
    stamped = {**wanted, "lastTransitionTime": format_time(api.clock.now())}
    await api.patch(FLOWSCHEMAS, name, {"status": {"conditions": [*without(current, DANGLING), stamped]}}, "status")


def of_level(level: Object, api: Reader) -> Iterable[Key]:
    """The schemas that name it."""
    return [key(schema) for schema in api.list(FLOWSCHEMAS) if level_of(schema) == name_of(level)]


def comes_or_goes(old: Object | None, new: Object | None) -> bool:
    """Whether the level was not there before, or is not any more."""
    return old is None or new is None


CONTROLLER = Controller(
    NAME,
    (Watch(FLOWSCHEMAS), Watch(PRIORITYLEVELS, of_level, comes_or_goes)),
    reconcile,
    manager="api-priority-and-fairness-config-consumer-v1",
)
