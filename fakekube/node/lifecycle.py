"""What happens to a pod next: a table of transitions with delays, and pure functions of (pod, run, now) beside it.

The table is read from the top; the first transition that applies is the next one, and it is made once it has applied
for its delay. Follows syncPod of pkg/kubelet/kubelet.go and computePodActions of pkg/kubelet/kuberuntime of v1.20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from msgspec import Struct

from fakekube.apis.podspec.walk import is_terminal
from fakekube.machinery.objects import Object
from fakekube.machinery.times import parse_time
from fakekube.node import evicting
from fakekube.node.state import Attempt, Run

LEAST_GRACE = 2.0
"""Seconds that a container has at least between TERM and KILL."""


class Step(NamedTuple):
    """The transition's name and what it is about."""

    name: str
    container: Object | None = None
    attempt: Attempt | None = None
    message: str = ""

    @property
    def id(self) -> tuple[str, ...]:
        """What makes it another step than the one before."""
        return (self.name, self.container["name"]) if self.container else (self.name,)


class Delays(Struct, frozen=True):
    """Seconds that a transition takes. A real node's are longer; the order of things is the same."""

    mount: float = 0.0
    sandbox: float = 0.02
    pull: float = 0.2
    start: float = 0.0
    stop: float = 0.0
    remove: float = 0.35
    """Between the end of a deleted pod's containers and its removal: a kubelet cleans up first."""
    pull_failure: float = 0.5
    """How long a failed pull is shown before its back-off is."""
    retry: float = 10.0
    """Until a container that could not be started is tried again."""

    def of(self, step: str) -> float:
        """The step's delay."""
        return float(getattr(self, step, 0.0))


Find = Callable[[Object, Run, float], Step | None]


class Transition(Struct, frozen=True):
    """`find` gives the step if it applies."""

    name: str
    find: Find


def is_deleted(pod: Object) -> bool:
    """Whether the pod's deletion has begun."""
    return "deletionTimestamp" in pod["metadata"]


def is_ending(pod: Object, run: Run) -> bool:
    """Whether nothing of the pod may run any more."""
    return is_deleted(pod) or run.expired or bool(run.evicted) or run.rejected is not None or is_terminal(pod)


def deadline(pod: Object) -> float | None:
    """The moment at which the pod has been active for too long."""
    seconds, start = pod["spec"].get("activeDeadlineSeconds"), (pod.get("status") or {}).get("startTime")
    return parse_time(start) + float(seconds) if seconds is not None and start else None


def grace(pod: Object) -> float:
    """Seconds that containers have to end."""
    period = pod["metadata"].get("deletionGracePeriodSeconds")
    if period is None:
        period = pod["spec"].get("terminationGracePeriodSeconds")
    return float(LEAST_GRACE if period is None else period)


def _expire(pod: Object, run: Run, now: float) -> Step | None:
    end = deadline(pod)
    return Step("expire") if end is not None and now >= end and not run.expired and not is_ending(pod, run) else None


def _evict(pod: Object, run: Run, now: float) -> Step | None:
    if is_ending(pod, run) or not run.running() or not any(evicting.limits(pod)):
        return None
    volumes = {name: volume.root for name, volume in (run.volumes or {}).items()}
    used = {one.spec["name"]: one.process.written for one in run.running() if one.process is not None}
    reason = evicting.excess(pod, volumes, used)
    return Step("evict", message=reason) if reason else None


def _stop(pod: Object, run: Run, now: float) -> Step | None:
    if is_ending(pod, run):
        found = next((one for one in run.running() if one.stop is None), None)
        return Step("stop", found.spec, found) if found else None
    return next(_unwanted(pod, run), None)


def _unwanted(pod: Object, run: Run) -> Iterator[Step]:
    """Running containers that have to go although the pod stays."""
    for container in pod["spec"]["containers"]:
        attempt = run.latest(container["name"])
        if attempt is None or not attempt.running or attempt.stop is not None:
            continue
        if message := _why_unwanted(container, attempt):
            restart = attempt.spec != container or pod["spec"]["restartPolicy"] != "Never"
            yield Step("stop", container, attempt, f"{message}, will be restarted" if restart else message)


def _why_unwanted(container: Object, attempt: Attempt) -> str:
    if attempt.spec is not container and attempt.spec != container:
        return f"Container {container['name']} definition changed"
    if attempt.unhealthy:
        return f"Container {container['name']} failed {attempt.unhealthy} probe"
    return ""


def _remove(pod: Object, run: Run, now: float) -> Step | None:
    return Step("remove") if is_deleted(pod) and not run.running() and not run.removed else None


def _rest(pod: Object, run: Run, now: float) -> Step | None:
    return Step("rest") if is_ending(pod, run) else None


def _mount(pod: Object, run: Run, now: float) -> Step | None:
    if run.volumes is not None:
        return None
    return Step("mount") if run.mount_at <= now else Step("rest")


def _sandbox(pod: Object, run: Run, now: float) -> Step | None:
    return Step("sandbox") if run.sandbox is None else None


def _init(pod: Object, run: Run, now: float) -> Step | None:
    """The next init container, or the wait for one; nothing once all have succeeded."""
    for container in pod["spec"].get("initContainers") or ():
        attempt = run.latest(container["name"])
        if attempt is not None and not attempt.running and attempt.exit_code == 0:
            continue
        if attempt is not None and (attempt.running or pod["spec"]["restartPolicy"] == "Never"):
            return Step("rest")
        return Step("start", container) if run.retry.get(container["name"], 0.0) <= now else Step("rest")
    return None


def _start(pod: Object, run: Run, now: float) -> Step | None:
    for container in pod["spec"]["containers"]:
        if restarts(container, pod, run) and run.retry.get(container["name"], 0.0) <= now:
            return Step("start", container)
    return None


def restarts(container: Object, pod: Object, run: Run) -> bool:
    """Whether the container is to be started, for the first time or again."""
    attempt = run.latest(container["name"])
    if is_deleted(pod):
        return False
    if attempt is None:
        return True
    if attempt.running:
        return False
    if attempt.replaced:
        return True
    policy = pod["spec"]["restartPolicy"]
    return policy == "Always" or (policy == "OnFailure" and attempt.exit_code != 0)


TRANSITIONS = (
    Transition("expire", _expire),
    Transition("evict", _evict),
    Transition("stop", _stop),
    Transition("remove", _remove),
    Transition("rest", _rest),
    Transition("mount", _mount),
    Transition("sandbox", _sandbox),
    Transition("init", _init),
    Transition("start", _start),
)


def next_step(pod: Object, run: Run, now: float) -> Step:
    """What comes next; "rest" if nothing does until something changes or a moment of `wakes` comes."""
    for transition in TRANSITIONS:
        step = transition.find(pod, run, now)
        if step is not None:
            return step
    return Step("rest")


def wakes(pod: Object, run: Run, now: float) -> Iterator[float]:
    """Moments at which there may be something to do although nothing happened."""
    for attempt in run.running():
        stop = attempt.stop
        if stop is not None and stop.signalled is not None:
            yield stop.signalled + stop.grace
        elif stop is not None and stop.hook is not None:
            yield stop.since + stop.grace
    if is_ending(pod, run):
        return
    if (end := deadline(pod)) is not None:
        yield end
    if run.volumes is None:
        yield run.mount_at
    if run.running() and any(evicting.limits(pod)):
        yield now + evicting.PERIOD
    yield from run.retry.values()
