"""Plays the life cycle of one pod at a time: takes the steps that `lifecycle` says, and tells the API server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from math import inf
from typing import Any

from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.machinery.objects import Object
from fakekube.machinery.status import StatusError
from fakekube.node import evicting, lifecycle
from fakekube.node import status as report
from fakekube.node.hooks import run_hook
from fakekube.node.kubelet import Kubelet
from fakekube.node.lifecycle import Step
from fakekube.node.probes import KINDS, Prober
from fakekube.node.pulling import Note
from fakekube.node.state import Attempt, Run, Stop
from fakekube.node.volumes import shows_itself
from fakekube.sandbox.containers import KILL, TERM

BUSY = -1.0
MESSAGE_LIMIT, TAIL_LIMIT, TAIL_LINES = 4096, 2048, 80
"""Of a termination message; of one that is taken from the log."""
MOUNT_PATIENCE = 123.0
"""Seconds until a kubelet complains that a pod's volumes do not come."""
Spawn = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]


class Worker:
    """The hand of one node."""

    def __init__(self, kubelet: Kubelet, wake: Callable[[Run], None], spawn: Spawn) -> None:
        self._kubelet = kubelet
        self._wake = wake
        self._spawn = spawn
        self._clock = kubelet.clock
        self._probers: dict[str, list[Prober]] = {}
        self._do: dict[str, Callable[[Step, Run], None]] = {
            "expire": self._expire,
            "evict": self._evict,
            "stop": self._stop,
            "mount": self._mount,
            "sandbox": self._sandbox,
            "start": self._start,
        }

    async def sync(self, run: Run, pod: Object) -> float | None:
        """Do what is due and report. Gives the seconds until something is due again. Raises StatusError."""
        before, run.pod = run.pod, pod
        if pod is before and self._clock.now() < run.quiet_until:
            return None if run.quiet_until == inf else run.quiet_until - self._clock.now()
        run.quiet_until = BUSY
        if _metadata(before) != _metadata(pod) and shows_itself(pod):
            self.refresh(run)
        if run.step == () and not run.attempts:
            await self._report(run)
        delay = await self._play(run)
        if run.quiet_until == BUSY:  # else something happened meanwhile, and the pod is in the queue again
            run.quiet_until = inf if delay is None else self._clock.now() + delay
        return delay

    async def _play(self, run: Run) -> float | None:
        """Take steps until one has to wait."""
        while True:
            now = self._clock.now()
            step = lifecycle.next_step(run.pod, run, now)
            if step.id != run.step:
                run.step, run.step_since = step.id, now
            wait = run.step_since + self._kubelet.delays.of(step.name) - now
            if step.name == "rest":
                if not run.pulling or lifecycle.is_ending(run.pod, run):  # a kubelet that pulls is in a sync's midst
                    await self._report(run)
                return self._until_next(run, now)
            if wait > 0:
                if step.name == "remove":
                    await self._report(run)
                return wait
            if step.name == "remove":
                await self._remove(run)
                return None
            self._do[step.name](step, run)
            run.step = ()

    def refresh(self, run: Run) -> None:
        """Show in the pod's volumes what has changed."""
        self._kubelet.mounter.refresh(run.volumes or {}, run.pod, self._kubelet.place(run))

    def discard(self, run: Run) -> None:
        """The pod has vanished: end what still runs."""
        for attempt in run.running():
            if attempt.stop is None:
                self._tell(run, Note("Normal", "Killing", f"Stopping container {attempt.spec['name']}"), attempt.spec)
            if attempt.stop is not None and attempt.stop.hook is not None:
                attempt.stop.hook.cancel()
            attempt.stop = attempt.stop or Stop(self._clock.now(), 0.0)
            if attempt.process is not None:
                attempt.process.signal(KILL)
            self._end_probes(attempt)
        self._kubelet.addresses.release(run.ip)

    def _until_next(self, run: Run, now: float) -> float | None:
        self._kill_overdue(run, now)
        times = [moment for moment in lifecycle.wakes(run.pod, run, now) if moment > now]
        return max(min(times) - now, 0.001) if times else None

    def _kill_overdue(self, run: Run, now: float) -> None:
        for attempt in run.running():
            stop = attempt.stop
            if stop is None or attempt.process is None:
                continue
            if stop.signalled is None and stop.hook is not None and now >= stop.since + stop.grace:
                stop.hook.cancel()
            elif stop.signalled is not None and now >= stop.signalled + stop.grace:
                attempt.process.signal(KILL)

    async def _report(self, run: Run) -> None:
        """Write the status if it differs from what the API server has."""
        if run.removed:
            return
        pod = run.pod
        status = report.status(pod, run, self._kubelet.address, self._clock.now())
        if status != pod.get("status"):
            try:
                run.pod = await self._kubelet.api.update(PODS, {**pod, "status": status}, "status")
            except StatusError as error:
                if error.reason != "NotFound":
                    raise

    async def _remove(self, run: Run) -> None:
        run.removed = True
        try:
            await self._kubelet.api.delete(PODS, run.key, uid=run.uid, grace=0)
        except StatusError as error:
            if error.reason not in ("NotFound", "Conflict"):
                run.removed = False
                raise

    def _expire(self, step: Step, run: Run) -> None:
        run.expired = True
        self._tell(run, Note("Normal", *report.DEADLINE), None)

    def _evict(self, step: Step, run: Run) -> None:
        run.evicted = step.message
        self._tell(run, Note("Warning", evicting.REASON, step.message), None)

    def _mount(self, step: Step, run: Run) -> None:
        now = self._clock.now()
        volumes, errors = self._kubelet.mounter.mount(run.pod, self._kubelet.place(run))
        if not errors:
            run.volumes = volumes
            return
        run.mounting.next("mount", now, now)
        run.mount_at = run.mounting.until("mount", now)
        for name, text in errors:
            message = f'MountVolume.SetUp failed for volume "{name}" : {text}'
            self._tell(run, Note("Warning", "FailedMount", message), None)
        if now - run.since >= MOUNT_PATIENCE * (run.complained + 1):
            run.complained += 1
            self._tell(run, Note("Warning", "FailedMount", overdue(run.pod, [name for name, _ in errors])), None)

    def _sandbox(self, step: Step, run: Run) -> None:
        run.sandbox = self._clock.now()
        if run.pod["spec"].get("hostNetwork"):
            run.ip = self._kubelet.address
        else:
            run.ip = self._kubelet.addresses.take()

    def _start(self, step: Step, run: Run) -> None:
        assert step.container is not None
        container, now = step.container, self._clock.now()
        tell = partial(self._tell, run)
        place = self._kubelet.place(run)
        self._kubelet.starter.start(container, run, place, now, tell, partial(self._ended, run))
        attempt = run.latest(container["name"])
        if attempt is not None and attempt.started == now and attempt.running and attempt.process is not None:
            self._begin_probes(run, attempt)
            if hook := (container.get("lifecycle") or {}).get("postStart"):
                self._spawn(self._after_start(run, attempt, hook))

    def _tell(self, run: Run, note: Note, container: Object | None) -> None:
        self._kubelet.tell(run.pod, note, container)

    def _stop(self, step: Step, run: Run) -> None:
        """Stop a container: its hook, then TERM, then KILL when its grace is over."""
        attempt = step.attempt
        assert attempt is not None
        assert attempt.process is not None
        grace, now = lifecycle.grace(run.pod), self._clock.now()
        attempt.replaced = step.message.endswith("restarted")
        message = step.message or f"Stopping container {attempt.spec['name']}"
        self._tell(run, Note("Normal", "Killing", message), attempt.spec)
        attempt.stop = Stop(now, grace)
        self._end_probes(attempt)
        hook = (attempt.spec.get("lifecycle") or {}).get("preStop")
        if hook and grace > 0:
            attempt.stop.hook = self._spawn(self._before_stop(run, attempt, hook))
        else:
            self._terminate(attempt)

    def _terminate(self, attempt: Attempt) -> None:
        stop, now = attempt.stop, self._clock.now()
        assert stop is not None
        stop.hook = None
        stop.grace = max(stop.grace - int(now - stop.since), lifecycle.LEAST_GRACE)
        stop.signalled = now
        if attempt.process is not None and attempt.running:
            attempt.process.signal(TERM)

    async def _before_stop(self, run: Run, attempt: Attempt, hook: Object) -> None:
        try:
            if failure := await run_hook(hook, attempt, run):
                self._tell(run, Note("Warning", "FailedPreStopHook", failure), attempt.spec)
        finally:
            if attempt.running:
                self._terminate(attempt)
                self._wake(run)

    async def _after_start(self, run: Run, attempt: Attempt, hook: Object) -> None:
        failure = await run_hook(hook, attempt, run)
        if failure and attempt.running and attempt.stop is None:
            self._tell(run, Note("Warning", "FailedPostStartHook", failure), attempt.spec)
            self._tell(run, Note("Normal", "Killing", "FailedPostStartHook"), attempt.spec)
            attempt.stop = Stop(self._clock.now(), lifecycle.grace(run.pod))
            self._terminate(attempt)
            self._wake(run)

    def _ended(self, run: Run, attempt: Attempt, code: int) -> None:
        attempt.finished = self._clock.now()
        attempt.exit_code = code
        attempt.reason = "Error" if code else "Completed"
        attempt.message = termination_message(attempt)
        self._end_probes(attempt)
        self._wake(run)

    def _begin_probes(self, run: Run, attempt: Attempt) -> None:
        fields = [name for name in KINDS if attempt.spec.get(name)]
        if not fields or attempt.spec["name"] in {one["name"] for one in run.pod["spec"].get("initContainers") or ()}:
            return
        verdict, complain = partial(self._judge, run, attempt), partial(self._complain, run, attempt)
        made = [Prober(name, attempt, run.ip, self._clock, verdict, complain) for name in fields]
        self._probers[attempt.id] = made
        for prober in made:
            prober.start()

    def _end_probes(self, attempt: Attempt) -> None:
        for prober in self._probers.pop(attempt.id, ()):
            prober.stop()

    def _complain(self, run: Run, attempt: Attempt, kind: str, message: str) -> None:
        self._tell(run, Note("Warning", "Unhealthy", message), attempt.spec)

    def _judge(self, run: Run, attempt: Attempt, kind: str, success: bool) -> None:
        """A probe's result counts."""
        before = (attempt.started_up, attempt.ready, attempt.unhealthy)
        if kind == "readiness":
            attempt.ready = success
        elif not success:
            attempt.unhealthy = attempt.unhealthy or kind
        elif kind == "startup":
            attempt.started_up = True
        if (attempt.started_up, attempt.ready, attempt.unhealthy) != before:
            self._wake(run)


def _metadata(pod: Object) -> tuple[object, object]:
    """What of the pod its volumes may show and may change."""
    return pod["metadata"].get("labels"), pod["metadata"].get("annotations")


def termination_message(attempt: Attempt) -> str:
    """What the container left in its termination log, or the end of its log if it failed and its policy says so."""
    process, spec = attempt.process, attempt.spec
    if process is None:
        return ""
    data = process.read_file(spec.get("terminationMessagePath") or "/dev/termination-log") or b""
    if not data and attempt.exit_code and spec.get("terminationMessagePolicy") == "FallbackToLogsOnError":
        data = process.log.tail(TAIL_LINES, TAIL_LIMIT)
    return data[-MESSAGE_LIMIT:].decode(errors="replace")


def overdue(pod: Object, missing: list[str]) -> str:
    """What a kubelet says after it has waited for volumes long enough."""
    names = " ".join(one["name"] for one in pod["spec"].get("volumes") or ())
    return (
        f"Unable to attach or mount volumes: unmounted volumes=[{' '.join(missing)}], unattached volumes=[{names}]: "
        "timed out waiting for the condition"
    )
