"""Starting one container: its image, its environment and volumes, its user; then the runtime has it.

Follows startContainer and generateContainerConfig of pkg/kubelet/kuberuntime of v1.20.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from msgspec import Struct

from fakekube.machinery.objects import Object
from fakekube.node import failures
from fakekube.node.environment import ConfigError, Place, environment
from fakekube.node.expansion import expand
from fakekube.node.pulling import Note, Puller, canonical, image_id
from fakekube.node.serviceenv import ServiceVariables
from fakekube.node.state import Attempt, Failure, Run
from fakekube.node.volumes import mounts
from fakekube.registry.client import Reader
from fakekube.sandbox.containers import Launch, Runtime, StartError
from fakekube.sandbox.images import Image

STANDARD = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
SHOWN = 1.0
"""Seconds that a failure to start is shown before the next attempt."""
Tell = Callable[[Note, Object | None], None]
"""(event, container): an event about the pod's container."""
Ended = Callable[[Attempt, int], None]


class Starter(Struct, frozen=True):
    """What it takes to start containers on one node."""

    puller: Puller
    runtime: Runtime
    services: ServiceVariables
    reader: Reader
    retry: float
    """Seconds until a container that could not be started is tried again."""

    def start(self, container: Object, run: Run, place: Place, now: float, tell: Tell, ended: Ended) -> None:
        """Start it, or note in the run why not and when to try again."""
        name = container["name"]
        if self._held_up(container, run, now, tell):
            return
        pull = self.puller.ensure(container, run, now)
        for note in pull.notes:
            tell(note, container)
        if pull.image is None:
            run.retry[name] = pull.until
            if pull.failure is not None:
                run.failures[name] = pull.failure
            return
        run.retry.pop(name, None)
        try:
            launch = self._launch(container, run, place, pull.image, now, tell)
        except ConfigError as error:
            self._fail(container, run, failures.CONFIG_ERROR, str(error), now, tell)
            return
        run.failures.pop(name, None)
        self._begin(launch, container, run, now, tell, ended)

    def _held_up(self, container: Object, run: Run, now: float, tell: Tell) -> bool:
        """Whether the container crashed and its back-off is not over."""
        name = container["name"]
        ended = [one for one in run.attempts.get(name, ()) if not one.running and one.spec == container]
        # A kubelet looks before it kills: of one that it has just stopped for its probe, the attempt before counts.
        seen = ended[:-1] if ended and ended[-1].replaced else ended
        if not seen or name in run.pulling:
            return False
        since = seen[-1].finished or 0.0
        if run.backoff.until(name, since) <= now:
            run.backoff.next(name, since, now)
            return False
        ended[-1].replaced = False
        run.retry[name] = run.backoff.until(name, ended[-1].finished or 0.0)
        text = failures.back_off_text(run.backoff.delay(name), name, run.pod)
        run.failures[name] = Failure(failures.CRASH_LOOP, text)
        tell(Note("Warning", "BackOff", failures.BACK_OFF), container)
        return True

    def _fail(self, container: Object, run: Run, reason: str, message: str, now: float, tell: Tell) -> None:
        tell(Note("Warning", "Failed", f"Error: {message}"), container)
        run.failures[container["name"]] = Failure(reason, message)
        run.retry[container["name"]] = now + self.retry

    def _launch(self, container: Object, run: Run, place: Place, image: Image, now: float, tell: Tell) -> Launch:
        """The container as data. Raises ConfigError."""
        pod = run.pod
        links = pod["spec"].get("enableServiceLinks", True)
        services = self.services.of(pod["metadata"]["namespace"], links=links)
        own = environment(pod, container, place, services, self.reader)
        for warning in own.warnings:
            tell(Note("Warning", "InvalidEnvironmentVariableNames", warning), None)
        if refusal := failures.root_refused(pod, container, image.uid, image.user.partition(":")[0]):
            raise ConfigError(refusal)
        hostname = pod["spec"].get("hostname") or pod["metadata"]["name"]
        if pod["spec"].get("hostNetwork"):
            hostname = run.node
        command = tuple(expand(part, own.values) for part in container.get("command") or ())
        arguments = tuple(expand(part, own.values) for part in container.get("args") or ())
        context = failures.security(pod, container)
        return Launch(
            pod=pod,
            name=container["name"],
            image=image,
            argv=_argv(command, arguments, image),
            env={**STANDARD, **image.env, "HOSTNAME": hostname, **own.values},
            working_dir=container.get("workingDir") or image.working_dir,
            user=_number(context.get("runAsUser"), image.uid, image.user),
            group=_group(context.get("runAsGroup"), image.user),
            groups=_groups(pod),
            mounts=mounts(container, run.volumes or {}, own.values, now),
            hostname=hostname[:63],
            ip=place.pod_ip,
            stdin=bool(container.get("stdin")),
            stdin_once=bool(container.get("stdinOnce")),
            tty=bool(container.get("tty")),
            read_only_root=bool(context.get("readOnlyRootFilesystem")),
            may_gain=context.get("allowPrivilegeEscalation") is not False,
            termination_log=container.get("terminationMessagePath") or "/dev/termination-log",
            own_command=bool(command),
        )

    def _begin(self, launch: Launch, container: Object, run: Run, now: float, tell: Tell, ended: Ended) -> None:
        name = container["name"]
        before = run.attempts.get(name, [])
        attempt = Attempt(
            spec=container,
            id=f"containerd://{secrets.token_hex(32)}",
            image=canonical(container["image"]),
            image_id=image_id(container["image"]),
            restarts=before[-1].restarts + 1 if before else _restarts(run.pod, name),
            started=now,
        )
        run.attempts[name] = [*before[-1:], attempt]
        tell(Note("Normal", "Created", f"Created container {name}"), container)
        early: list[int] = []

        def on_exit(code: int) -> None:
            ended(attempt, code) if attempt.process is not None else early.append(code)

        try:
            attempt.process = self.runtime.start(launch, on_exit)
        except StartError as error:
            attempt.finished, attempt.exit_code, attempt.reason, attempt.message = now, 128, "StartError", str(error)
            self._fail(container, run, failures.RUN_ERROR, str(error), now, tell)
            run.retry[name] = now + SHOWN
            return
        tell(Note("Normal", "Started", f"Started container {name}"), container)
        for code in early:
            ended(attempt, code)


def _restarts(pod: Object, name: str) -> int:
    """One more than the API server knows of, for a container that another life of the node has started."""
    statuses = pod.get("status") or {}
    known = [*(statuses.get("containerStatuses") or ()), *(statuses.get("initContainerStatuses") or ())]
    return next((int(one["restartCount"]) + 1 for one in known if one["name"] == name and one.get("containerID")), 0)


def _argv(command: tuple[str, ...], arguments: tuple[str, ...], image: Image) -> tuple[str, ...]:
    """The pod's command replaces the image's entrypoint and its arguments; the pod's arguments replace those."""
    if command:
        return command + arguments
    return image.entrypoint + (arguments or image.cmd)


def _number(wanted: object, uid: int | None, user: str) -> int:
    if isinstance(wanted, int):
        return wanted
    if uid is not None:
        return uid
    return 0 if user.partition(":")[0] == "root" else 1000


def _groups(pod: Object) -> tuple[int, ...]:
    """Further groups of all the pod's processes: those that it names, and that of its volumes."""
    context = pod["spec"].get("securityContext") or {}
    groups = [*(context.get("supplementalGroups") or ()), context.get("fsGroup")]
    return tuple(group for group in groups if group is not None)


def _group(wanted: object, user: str) -> int:
    if isinstance(wanted, int):
        return wanted
    group = user.partition(":")[2]
    return int(group) if group.isdigit() else 0
