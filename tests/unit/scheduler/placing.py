"""A scheduler's state, and pods that look for a node."""

from __future__ import annotations

from readers import ObjectsReader

from fakekube.machinery.objects import Object
from fakekube.scheduler.filters import Attempt
from fakekube.scheduler.state import PodInfo, State


def state(nodes: list[Object], pods: list[Object] | None = None) -> State:
    made = State()
    for one in nodes:
        made.take_node(None, one)
    for one in pods or ():
        made.take_pod(None, one)
    return made


def attempt(wanted: Object, of: State, api: ObjectsReader | None = None) -> Attempt:
    return Attempt(PodInfo(wanted), of.view, api or ObjectsReader())


def asking(**requests: str) -> list[Object]:
    return [{"name": "c", "resources": {"requests": {name.replace("_", "-"): text for name, text in requests.items()}}}]
