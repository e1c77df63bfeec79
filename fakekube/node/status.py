"""The status that a kubelet reports of a pod: phase, conditions, container statuses. Pure functions of (pod, run).

Follows generateAPIPodStatus of pkg/kubelet/kubelet_pods.go, pkg/kubelet/status and prober_manager.go of v1.20.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fakekube.apis.core.pods.qos import qos_class
from fakekube.machinery.objects import Object
from fakekube.machinery.times import format_time
from fakekube.node import evicting, lifecycle
from fakekube.node.state import Attempt, Run

OWNED = ("Initialized", "Ready", "ContainersReady", "PodScheduled")
"""The conditions that a kubelet writes, in its order; others are kept."""
DEADLINE = ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")
FINAL = ("Succeeded", "Failed")


def status(pod: Object, run: Run, host_ip: str, now: float) -> Object:
    """The pod's status as it is to be stored; `pod` is as the API server has it."""
    before = pod.get("status") or {}
    containers = container_statuses(pod, run)
    initial = init_statuses(pod, run)
    made: Object = {"qosClass": before.get("qosClass") or qos_class(pod["spec"])}
    made["startTime"] = before.get("startTime") or format_time(run.since)
    if run.rejected is not None:
        return _given_up(made, run.rejected.reason, f"Pod {run.rejected.message}")
    if run.evicted:
        return _given_up(made, evicting.REASON, run.evicted)
    made.update(_addresses(pod, run, host_ip))
    if initial:
        made["initContainerStatuses"] = initial
    made["containerStatuses"] = containers
    if run.expired:
        return _expired(made, before)
    made["phase"] = phase(pod, run, containers, initial)
    conditions = _conditions(pod, made["phase"], containers, initial, before.get("conditions") or (), now)
    made["conditions"] = conditions
    made["hostIP"] = host_ip
    return made


def _addresses(pod: Object, run: Run, host_ip: str) -> Object:
    address = run.ip
    if not address and pod["spec"].get("hostNetwork"):
        address = host_ip
    return {"podIP": address, "podIPs": [{"ip": address}]} if address else {}


def _expired(made: Object, before: Object) -> Object:
    """A kubelet that ends a pod reports nothing but what is needed."""
    for one in made["containerStatuses"]:
        one.pop("started", None)
        one["ready"] = False
    kept = [one for one in before.get("conditions") or () if one["type"] not in OWNED]
    reason, message = DEADLINE
    made.update(phase="Failed", reason=reason, message=message)
    return {**made, "conditions": kept} if kept else made


def _given_up(made: Object, reason: str, message: str) -> Object:
    """A pod that the node does not want (any more): it reports no containers."""
    return {"phase": "Failed", "reason": reason, "message": message, "startTime": made["startTime"]}


def phase(pod: Object, run: Run, containers: Sequence[Object], initial: Sequence[Object]) -> str:
    """Where the pod is in its life. A final phase stays."""
    before: str = (pod.get("status") or {}).get("phase", "Pending")
    return before if before in FINAL else _phase(pod["spec"], containers, initial)


def _phase(spec: Object, containers: Sequence[Object], initial: Sequence[Object]) -> str:
    pending, failed = _initialization(initial)
    if failed and spec["restartPolicy"] == "Never":
        return "Failed"
    kinds = [_kind(one) for one in containers]
    if pending or "waiting" in kinds:
        return "Pending"
    if "running" in kinds:
        return "Running"
    if spec["restartPolicy"] == "Always":
        return "Running"
    if all(one["state"].get("terminated", {}).get("exitCode") == 0 for one in containers):
        return "Succeeded"
    return "Failed" if spec["restartPolicy"] == "Never" else "Running"


def _kind(status: Object) -> str:
    """ "running", "stopped" (a wait to be started again is that too) or "waiting"."""
    state = status["state"]
    if "running" in state:
        return "running"
    if "terminated" in state or "terminated" in status["lastState"]:
        return "stopped"
    return "waiting"


def _initialization(initial: Sequence[Object]) -> tuple[int, int]:
    """How many init containers are still to do, and how many have failed."""
    pending = failed = 0
    for one in initial:
        ended = one["state"].get("terminated") or (
            one["lastState"].get("terminated") if "waiting" in one["state"] else None
        )
        if ended is None:
            pending += 1
        elif ended["exitCode"]:
            failed += 1
    return pending, failed


def container_statuses(pod: Object, run: Run) -> list[Object]:
    """Those of the containers, in order of their names."""
    waiting = "PodInitializing" if pod["spec"].get("initContainers") else "ContainerCreating"
    found = [_container(one, pod, run, waiting) for one in pod["spec"]["containers"]]
    for one in found:
        attempt = run.latest(one["name"])
        one["started"] = started(attempt)
        one["ready"] = is_ready(attempt)
    return sorted(found, key=lambda one: str(one["name"]))


def init_statuses(pod: Object, run: Run) -> list[Object]:
    """Those of the init containers, in their order."""
    found = [_container(one, pod, run, "PodInitializing") for one in pod["spec"].get("initContainers") or ()]
    for one in found:
        one["ready"] = one["state"].get("terminated", {}).get("exitCode") == 0
    return found


def started(attempt: Attempt | None) -> bool:
    """Whether it runs and its startup probe, if it has one, has succeeded."""
    if attempt is None or not attempt.running:
        return False
    return bool(attempt.started_up) if attempt.spec.get("startupProbe") else True


def is_ready(attempt: Attempt | None) -> bool:
    """Whether it has started and its readiness probe, if it has one, says so."""
    if attempt is None or not started(attempt):
        return False
    return bool(attempt.ready) if attempt.spec.get("readinessProbe") else True


def _container(container: Object, pod: Object, run: Run, waiting: str) -> Object:
    name = container["name"]
    attempts = run.attempts.get(name) or ()
    made: Object = {
        "name": name, "state": {"waiting": {"reason": waiting}}, "lastState": {}, "ready": False,
        "restartCount": 0, "image": container["image"], "imageID": "",
    }  # fmt: skip
    if attempts:
        latest = attempts[-1]
        made.update(
            state=_state(latest), restartCount=latest.restarts, image=latest.image, imageID=latest.image_id,
            containerID=latest.id,
        )  # fmt: skip
        if len(attempts) > 1:
            made["lastState"] = _state(attempts[-2])
    failure = run.failures.get(name)
    if failure is not None and lifecycle.restarts(container, pod, run) and not _done(attempts, container, pod):
        if "terminated" in made["state"]:
            made["lastState"] = made["state"]
        shown = {"reason": failure.reason, "message": failure.message}
        made["state"] = {"waiting": {key: value for key, value in shown.items() if value}}
    return made


def _done(attempts: Sequence[Attempt], container: Object, pod: Object) -> bool:
    """Whether it is an init container that has succeeded, which is not started again."""
    if not attempts or attempts[-1].running or attempts[-1].exit_code:
        return False
    return any(one["name"] == container["name"] for one in pod["spec"].get("initContainers") or ())


def _state(attempt: Attempt) -> Object:
    if attempt.running:
        return {"running": {"startedAt": format_time(attempt.started)}}
    ended: Object = {
        "exitCode": attempt.exit_code,
        "reason": attempt.reason,
        "startedAt": format_time(attempt.started),
        "finishedAt": format_time(attempt.finished or attempt.started),
        "containerID": attempt.id,
    }
    if attempt.message:
        ended["message"] = attempt.message
    return {"terminated": ended}


def _conditions(
    pod: Object,
    phase_: str,
    containers: Sequence[Object],
    initial: Sequence[Object],
    before: Sequence[Object],
    now: float,
) -> list[Object]:
    kept = [one for one in before if one["type"] not in OWNED]
    ready = containers_ready(pod["spec"], containers, phase_)
    made = {
        "Initialized": initialized(pod["spec"], initial, phase_),
        "Ready": pod_ready(pod["spec"], kept, ready),
        "ContainersReady": ready,
        "PodScheduled": {"status": "True"},
    }
    times = {one["type"]: one for one in before}
    return [*kept, *(_stamped(type_, one, times.get(type_), now) for type_, one in made.items())]


def _stamped(type_: str, made: Object, before: Object | None, now: float) -> Object:
    """The condition; its time is that of the last change of its status."""
    since = before["lastTransitionTime"] if before and before["status"] == made["status"] else None
    return {"type": type_, "lastProbeTime": None, "lastTransitionTime": since or format_time(now), **made}


def initialized(spec: Object, initial: Sequence[Object], phase_: str) -> Object:
    """Whether all init containers have succeeded."""
    if phase_ == "Succeeded":
        return {"status": "True", "reason": "PodCompleted"}
    unready = [one["name"] for one in initial if not one["ready"]]
    if unready:
        message = f"containers with incomplete status: [{' '.join(unready)}]"
        return {"status": "False", "reason": "ContainersNotInitialized", "message": message}
    return {"status": "True"}


def containers_ready(spec: Object, containers: Sequence[Object], phase_: str) -> Object:
    """Whether all containers are ready; they are named in the order of the spec."""
    if phase_ == "Succeeded":
        return {"status": "False", "reason": "PodCompleted"}
    ready = {one["name"] for one in containers if one["ready"]}
    unready = [one["name"] for one in spec["containers"] if one["name"] not in ready]
    if unready:
        message = f"containers with unready status: [{' '.join(unready)}]"
        return {"status": "False", "reason": "ContainersNotReady", "message": message}
    return {"status": "True"}


def pod_ready(spec: Object, conditions: Sequence[Object], ready: Object) -> Object:
    """Whether the pod is: its containers, and then the conditions that its readiness gates name."""
    if ready["status"] != "True":
        return ready
    statuses: Mapping[str, str] = {one["type"]: one["status"] for one in conditions}
    closed = [_closed(gate["conditionType"], statuses) for gate in spec.get("readinessGates") or ()]
    if messages := [message for message in closed if message]:
        return {"status": "False", "reason": "ReadinessGatesNotReady", "message": ", ".join(messages)}
    return {"status": "True"}


def _closed(type_: str, statuses: Mapping[str, str]) -> str:
    if type_ not in statuses:
        return f'corresponding condition of pod readiness gate "{type_}" does not exist.'
    if statuses[type_] != "True":
        return f'the status of pod readiness gate "{type_}" is not "True", but {statuses[type_]}'
    return ""
