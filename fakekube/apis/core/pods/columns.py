"""The Table of pods. Follows printPod of pkg/printers/internalversion of v1.20."""

from __future__ import annotations

from collections.abc import Sequence

from fakekube.apis.columns import AGE, NAME
from fakekube.apis.podspec.walk import condition, is_ready
from fakekube.apis.resource import Column
from fakekube.machinery.objects import Object

NONE = "<none>"
UNREACHABLE = "NodeLost"
"""status.reason of a pod whose node went away."""


def ready(pod: Object, now: float) -> str:
    """ "1/2": containers that run and are ready, of all."""
    count = 0 if _initialization(pod) else sum(map(_runs, _statuses(pod, "containerStatuses")))
    return f"{count}/{len(pod['spec'].get('containers') or ())}"


def restarts(pod: Object, now: float) -> int:
    """Restarts of the init containers as long as they run, of the containers afterwards."""
    initialization = _initialization(pod)
    statuses = initialization[1] if initialization else _statuses(pod, "containerStatuses")
    return sum(status.get("restartCount", 0) for status in statuses)


def status(pod: Object, now: float) -> str:
    """Why the pod is in its phase, in one word."""
    if "deletionTimestamp" in pod["metadata"]:
        return "Unknown" if _status(pod).get("reason") == UNREACHABLE else "Terminating"
    initialization = _initialization(pod)
    return initialization[0] if initialization else _running_reason(pod)


def _status(pod: Object) -> Object:
    return pod.get("status") or {}


def _statuses(pod: Object, name: str) -> Sequence[Object]:
    return _status(pod).get(name) or ()


def _initialization(pod: Object) -> tuple[str, list[Object]] | None:
    """The reason, and the statuses up to the init container that is not through; None where all are."""
    seen: list[Object] = []
    for index, one in enumerate(_statuses(pod, "initContainerStatuses")):
        seen.append(one)
        state = one.get("state") or {}
        ended, waiting = state.get("terminated"), state.get("waiting")
        if ended is not None and not ended.get("exitCode"):
            continue
        if ended is not None:
            return f"Init:{_ending(ended)}", seen
        why = (waiting or {}).get("reason", "")
        if why and why != "PodInitializing":
            return f"Init:{why}", seen
        return f"Init:{index}/{len(pod['spec'].get('initContainers') or ())}", seen
    return None


def _running_reason(pod: Object) -> str:
    reason = _status(pod).get("reason") or _status(pod).get("phase", "")
    statuses = _statuses(pod, "containerStatuses")
    for one in reversed(statuses):
        reason = _container_reason(one) or reason
    if reason == "Completed" and any(map(_runs, statuses)):
        return "Running" if is_ready(pod) else "NotReady"
    return str(reason)


def _container_reason(one: Object) -> str:
    state = one.get("state") or {}
    if waiting := (state.get("waiting") or {}).get("reason"):
        return str(waiting)
    return _ending(state["terminated"]) if state.get("terminated") is not None else ""


def _ending(ended: Object) -> str:
    if reason := ended.get("reason"):
        return str(reason)
    return f"Signal:{ended['signal']}" if ended.get("signal") else f"ExitCode:{ended.get('exitCode', 0)}"


def _runs(one: Object) -> bool:
    state = one.get("state") or {}
    if (state.get("waiting") or {}).get("reason") or state.get("terminated") is not None:
        return False
    return bool(one.get("ready")) and state.get("running") is not None


def _or_none(path: str, name: str) -> Column:
    outer, field = path.split(".")
    return Column(name, "string", lambda pod, now: (pod.get(outer) or {}).get(field) or NONE, priority=1)


def pod_ip(pod: Object) -> str:
    """The first address of the pod, "" before it has one."""
    addresses = _status(pod).get("podIPs")
    return str(addresses[0].get("ip", "")) if addresses else ""


def readiness_gates(pod: Object, now: float) -> str:
    """ "1/2": readiness gates that are True, of all."""
    gates = pod["spec"].get("readinessGates") or ()
    if not gates:
        return NONE
    conditions = [condition(pod, gate.get("conditionType", "")) for gate in gates]
    passed = sum(one is not None and one.get("status") == "True" for one in conditions)
    return f"{passed}/{len(gates)}"


ENDED = {
    "Succeeded": "The pod has completed successfully.",
    "Failed": "The pod failed.",
}


def row_conditions(pod: Object) -> list[Object]:
    """What a row says of a pod that has ended."""
    phase = _status(pod).get("phase", "")
    message = ENDED.get(phase)
    return [{"type": "Completed", "status": "True", "reason": phase, "message": message}] if message else []


COLUMNS = (
    NAME,
    Column("Ready", "string", ready, description="The aggregate readiness state of this pod for accepting traffic."),
    Column("Status", "string", status, description="The aggregate status of the containers in this pod."),
    Column(
        "Restarts", "integer", restarts,
        description="The number of times the containers in this pod have been restarted.",
    ),
    AGE,
    Column("IP", "string", lambda pod, now: pod_ip(pod) or NONE, priority=1),
    _or_none("spec.nodeName", "Node"),
    _or_none("status.nominatedNodeName", "Nominated Node"),
    Column("Readiness Gates", "string", readiness_gates, priority=1),
)  # fmt: skip
