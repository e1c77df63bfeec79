"""The Job controller: runs pods until enough of them have succeeded. Follows pkg/controller/job of v1.20."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from fakekube.apis.batch.jobs import RESOURCE as JOBS
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared import pods as podlib
from fakekube.controllers.shared.claims import claim
from fakekube.controllers.shared.conditions import conditions_of, made
from fakekube.controllers.shared.objects import is_deleted, key, labels_of, owner_reference, revised
from fakekube.controllers.shared.parents import label_selector, pod_keys
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.machinery.times import format_time, parse_time
from fakekube.registry.client import Client

FIRST_BACKOFF = 10.0
LONGEST_BACKOFF = 360.0
EXCEEDED = ("BackoffLimitExceeded", "Job has reached the specified backoff limit")
TOO_LONG = ("DeadlineExceeded", "Job was active longer than specified deadline")
DONE = ("Completed", "Job completed")


class Count(Struct, frozen=True):
    """The pods of a job by state."""

    active: int
    succeeded: int
    failed: int


def is_finished(job: Object) -> bool:
    """Complete or failed, once and for all."""
    return finished_as(job) != ""


def finished_as(job: Object) -> str:
    """ "Complete", "Failed", or "" while it runs."""
    for condition in conditions_of(job):
        if condition["type"] in ("Complete", "Failed") and condition["status"] == "True":
            type_: str = condition["type"]
            return type_
    return ""


def count(pods: Sequence[Object]) -> Count:
    """How many pods there are of each kind; what is being deleted counts as neither active nor failed."""
    phases = [podlib.phase_of(pod) for pod in pods]
    return Count(sum(map(podlib.is_active, pods)), phases.count("Succeeded"), phases.count("Failed"))


def restarts(pods: Sequence[Object]) -> int:
    """How often containers of pods that are not over were restarted."""
    total = 0
    for pod in pods:
        if podlib.phase_of(pod) in ("Running", "Pending"):
            status = pod.get("status") or {}
            for name in ("initContainerStatuses", "containerStatuses"):
                total += sum(one.get("restartCount", 0) for one in status.get(name) or ())
    return total


def failure(job: Object, pods: Sequence[Object], counted: Count, now: float) -> tuple[str, str] | None:
    """(reason, message), if the job is to fail now."""
    spec, status = job["spec"], job.get("status") or {}
    limit = spec.get("backoffLimit", 6)
    is_new = counted.failed > status.get("failed", 0)
    if is_new and counted.active != spec.get("parallelism", 1) and counted.failed > limit:
        return EXCEEDED
    if spec["template"]["spec"].get("restartPolicy") == "OnFailure" and restarts(pods) >= max(limit, 1):
        return EXCEEDED
    remaining = remaining_time(job, now)
    return TOO_LONG if remaining is not None and remaining <= 0 else None


def remaining_time(job: Object, now: float) -> float | None:
    """Seconds until the active deadline; None if there is none, or the job has not begun."""
    deadline, start = job["spec"].get("activeDeadlineSeconds"), (job.get("status") or {}).get("startTime")
    return None if deadline is None or start is None else parse_time(start) + float(deadline) - now


def surplus(job: Object, counted: Count) -> int:
    """How many pods too many are active; below 0: how many are to be created."""
    parallelism, completions = job["spec"].get("parallelism", 1), job["spec"].get("completions")
    if counted.active >= parallelism:
        return counted.active - int(parallelism)
    if completions is None:
        wanted = counted.active if counted.succeeded else parallelism
    else:
        wanted = min(completions - counted.succeeded, parallelism)
    return min(0, counted.active - int(wanted))


def is_complete(job: Object, counted: Count) -> bool:
    """Whether enough pods have succeeded; without a number of completions, one success and no pod that still runs."""
    completions = job["spec"].get("completions")
    if completions is None:
        return counted.succeeded > 0 and counted.active == 0
    return counted.succeeded >= int(completions)


def complaints(job: Object, counted: Count) -> list[tuple[str, str]]:
    """(reason, message) of the warnings at the completion of a job."""
    completions = job["spec"].get("completions")
    found = []
    if completions is not None and counted.active:
        found.append(("TooManyActivePods", "Too many active pods running after completion count reached"))
    if completions is not None and counted.succeeded > completions:
        found.append(("TooManySucceededPods", "Too many succeeded pods running after completion count reached"))
    return found


def plan_status(job: Object, counted: Count, new: Object | None, now: float) -> Object:
    """The status with these counts and perhaps one more condition; zeros are left out."""
    old = job.get("status") or {}
    counts = {"active": counted.active, "succeeded": counted.succeeded, "failed": counted.failed}
    status = {name: value for name, value in old.items() if name not in counts}
    status.setdefault("startTime", format_time(now))
    status.update({name: number for name, number in counts.items() if number})
    if new is not None:
        status["conditions"] = [*conditions_of(job), new]
        if new["type"] == "Complete":
            status["completionTime"] = format_time(now)
    return status


def _condition(type_: str, reason: str, message: str, now: float) -> Object:
    moment = format_time(now)
    return made(type_, "True", reason, message, lastProbeTime=moment, lastTransitionTime=moment)


def _earliest(*delays: float | None) -> float | None:
    return min((delay for delay in delays if delay is not None), default=None)


class Jobs:
    """The controller's memory: how often each job was to be looked at again because pods had failed."""

    def __init__(self) -> None:
        self._retries: dict[Key, int] = {}

    def failure_delay(self, old: Object | None, new: Object | None, job: Key, _: float) -> float:
        """A pod that fails is not replaced at once, if others failed before it."""
        if old is None or new is None or is_deleted(new) or podlib.phase_of(new) != "Failed":
            return 0
        return self._backoff(self._retries.get(job, 0) - 1)

    @staticmethod
    def _backoff(exponent: int) -> float:
        return 0 if exponent < 0 else min(FIRST_BACKOFF * 2.0 ** min(exponent, 16), LONGEST_BACKOFF)

    def _retry(self, name: Key) -> float:
        retries = self._retries.get(name, 0)
        self._retries[name] = retries + 1
        return self._backoff(retries)

    async def reconcile(self, name: Key, api: Client) -> float | None:
        """Count pods, create or delete some, write the status. Any failure waits for the job's back-off."""
        job = api.get(JOBS, name)
        if job is None or is_finished(job):
            self._retries.pop(name, None)
            return None
        try:
            again = await self._sync(job, api)
        except StatusError:
            again = True
        job = api.get(JOBS, name)
        deadline = remaining_time(job, api.clock.now()) if job is not None and not is_finished(job) else None
        return _earliest(self._retry(name) if again else None, max(deadline, 0) if deadline is not None else None)

    async def _sync(self, job: Object, api: Client) -> bool:
        """Gives whether the job is to be looked at again after its back-off."""
        name, selector = key(job), label_selector(job)
        pods = await claim(PODS, job, JOBS, lambda pod: selector.matches(labels_of(pod)), api)
        counted, now = count(pods), api.clock.now()
        why = failure(job, pods, counted, now)
        new = error = None
        if why is not None:
            _, error = await podlib.delete_many(filter(podlib.is_active, pods), job, api)
            counted = Count(0, counted.succeeded, counted.failed + counted.active)
            new = _condition("Failed", *why, now)
            await api.record(job, "Warning", *why)
        else:
            if not is_deleted(job):
                counted, error = await _manage(job, pods, counted, api)
            new = await _complete(job, counted, api)
        status = plan_status(job, counted, new, now)
        before = job.get("status") or {}
        if not any(status.get(field) != before.get(field) for field in ("active", "succeeded", "failed", "conditions")):
            if status.get("succeeded", 0) > before.get("succeeded", 0):
                self._retries.pop(name, None)
            return error is not None
        current = api.get(JOBS, name)
        if current is not None:
            await api.update(JOBS, revised(current, status=status), "status")
        if counted.failed > before.get("failed", 0) and new is None:
            return True
        self._retries.pop(name, None)
        return error is not None


async def _manage(job: Object, pods: Sequence[Object], counted: Count, api: Client) -> tuple[Count, StatusError | None]:
    """Create or delete pods; gives the counts that result and the first failure."""
    too_many = surplus(job, counted)
    active = counted.active
    error = None
    if too_many > 0:
        doomed = podlib.to_delete(list(filter(podlib.is_active, pods)), (), too_many)
        failed, error = await podlib.delete_many(doomed, job, api)
        active -= too_many - failed
    elif too_many < 0:
        result = await podlib.create_many(job["spec"]["template"], job, owner_reference(JOBS, job), -too_many, api)
        active, error = active + result.count, result.error
    return Count(active, counted.succeeded, counted.failed), error


async def _complete(job: Object, counted: Count, api: Client) -> Object | None:
    if not is_complete(job, counted):
        return None
    for complaint in complaints(job, counted):
        await api.record(job, "Warning", *complaint)
    await api.record(job, "Normal", *DONE)
    return _condition("Complete", "", "", api.clock.now())


def controller() -> Controller:
    """A controller with a memory of its own."""
    jobs = Jobs()
    watches = (Watch(JOBS), Watch(PODS, pod_keys(JOBS), delay=jobs.failure_delay))
    return Controller("job-controller", watches, jobs.reconcile, workers=2)
