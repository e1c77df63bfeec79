"""Pods that were there before the node: a world that begins with a store of another one's. As after a reboot.

What ran has ended without a word; it is started again where the pod's policy says so.
"""

from __future__ import annotations

from fakekube.machinery.objects import Object
from fakekube.machinery.times import parse_time
from fakekube.node.state import Attempt, Run

LOST = (255, "Unknown")
"""Exit code and reason of a container that ran when its machine went down."""


def restore(run: Run) -> bool:
    """Remember the containers that the pod's status tells of. Gives whether there are any."""
    pod = run.pod
    specs = {one["name"]: one for one in pod["spec"]["containers"]}
    for status in (pod.get("status") or {}).get("containerStatuses") or ():
        spec = specs.get(status["name"])
        if spec is not None and status.get("containerID"):
            run.attempts[spec["name"]] = [_ended(spec, status, run.since)]
    return bool(run.attempts)


def _ended(spec: Object, status: Object, now: float) -> Attempt:
    state = status.get("state") or {}
    ended = state.get("terminated") or (status.get("lastState") or {}).get("terminated") or {}
    code, reason = LOST if "running" in state else (ended.get("exitCode", 0), ended.get("reason", ""))
    started = (state.get("running") or ended).get("startedAt")
    return Attempt(
        spec=spec,
        id=status["containerID"],
        image=status.get("image", ""),
        image_id=status.get("imageID", ""),
        restarts=status.get("restartCount", 0),
        started=parse_time(started) if started else now,
        finished=now if "running" in state or not ended.get("finishedAt") else parse_time(ended["finishedAt"]),
        exit_code=code,
        reason=reason,
        message=ended.get("message", "") if "running" not in state else "",
    )
