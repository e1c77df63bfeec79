"""The kubelet's words for what goes wrong with a container, and when it does: pure functions."""

from __future__ import annotations

from collections.abc import Mapping

from fakekube.machinery.objects import Object

CRASH_LOOP = "CrashLoopBackOff"
CONFIG_ERROR = "CreateContainerConfigError"
RUN_ERROR = "RunContainerError"
BACK_OFF = "Back-off restarting failed container"


def pod_text(pod: Object) -> str:
    """How messages name a pod: web_default(UID)."""
    metadata = pod["metadata"]
    return f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"


def back_off_text(delay: float, container: str, pod: Object) -> str:
    """The message of a waiting state after a crash."""
    minutes, seconds = divmod(int(delay), 60)
    shown = f"{minutes}m{seconds}s" if minutes else f"{seconds}s"
    return f"back-off {shown} restarting failed container={container} pod={pod_text(pod)}"


def security(pod: Object, container: Object) -> Mapping[str, object]:
    """The security context that counts: the container's fields over the pod's. Follows pkg/securitycontext."""
    shared = pod["spec"].get("securityContext") or {}
    own = container.get("securityContext") or {}
    return {**{key: value for key, value in shared.items() if value is not None}, **own}


def root_refused(pod: Object, container: Object, uid: int | None, user: str) -> str:
    """Why the container may not run as the user it would run as; "" if it may. `uid` None: the image names a user."""
    context = security(pod, container)
    if not context.get("runAsNonRoot"):
        return ""
    where = f'(pod: "{pod_text(pod)}", container: {container["name"]})'
    if (wanted := context.get("runAsUser")) is not None:
        return f"container's runAsUser breaks non-root policy {where}" if wanted == 0 else ""
    if uid == 0:
        return f"container has runAsNonRoot and image will run as root {where}"
    if uid is None:
        return (
            f"container has runAsNonRoot and image has non-numeric user ({user}), cannot verify user is non-root "
            f"{where}"
        )
    return ""


PULL_FAILURES = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}


def no_log_text(container: str, pod: Object | None, pod_name: str, reason: str) -> str:
    """Why a container that was never started has no log."""
    if not reason:
        initial = pod is not None and pod["spec"].get("initContainers")
        reason = "PodInitializing" if initial else "ContainerCreating"
    return f'container "{container}" in pod "{pod_name}" is waiting to start: {PULL_FAILURES.get(reason, reason)}'
