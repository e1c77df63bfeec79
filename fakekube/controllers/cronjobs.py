"""The CronJob controller: makes jobs when their time has come. Follows pkg/controller/cronjob of v1.20.

The real one looks every ten seconds; this one comes when the next time of a schedule is there, and at the real one's
next look when a job has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from fakekube.apis.batch.cronjobs import RESOURCE as CRONJOBS
from fakekube.apis.batch.jobs import RESOURCE as JOBS
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.jobs import finished_as, is_finished
from fakekube.controllers.shared.errors import is_terminating, raise_unless
from fakekube.controllers.shared.objects import (
    controlled_key,
    controller_of,
    created,
    fresh,
    is_deleted,
    key,
    name_of,
    namespace_of,
    owner_reference,
    revised,
    uid_of,
)
from fakekube.machinery import cron
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.machinery.times import format_time, parse_time
from fakekube.registry.client import Client, Reader
from fakekube.registry.events import reference

LOOK = 10.0
MOST_MISSED = 100
TOO_MANY = "too many missed start time (> 100). Set or decrease .spec.startingDeadlineSeconds or check clock skew"


class Undecidable(ValueError):
    """Nobody can tell whether a job is due."""


def earliest(cronjob: Object, now: float) -> float:
    """The moment after which jobs may be missing: the last one's, or the creation, but within the deadline."""
    last = (cronjob.get("status") or {}).get("lastScheduleTime")
    start = parse_time(last) if last else created(cronjob)
    deadline = cronjob["spec"].get("startingDeadlineSeconds")
    return start if deadline is None else max(start, now - deadline)


def missed(cronjob: Object, schedule: cron.Schedule, now: float) -> list[float]:
    """The moments, oldest first, at which a job should have started but did not. Raises Undecidable."""
    moments: list[float] = []
    moment = schedule.next(earliest(cronjob, now))
    while moment is None or moment <= now:
        if moment is None or len(moments) == MOST_MISSED:  # Go's zero time, for "never", is always past
            raise Undecidable(TOO_MANY)
        moments.append(moment)
        moment = schedule.next(moment)
    return moments


def job_for(cronjob: Object, moment: float) -> Object:
    """The job of that moment. Its name says the moment, so that it cannot be made twice."""
    template = fresh(cronjob["spec"]["jobTemplate"])
    metadata = template.get("metadata") or {}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": f"{name_of(cronjob)}-{int(moment)}",
            "namespace": namespace_of(cronjob),
            **{field: metadata[field] for field in ("labels", "annotations") if metadata.get(field)},
            "ownerReferences": [owner_reference(CRONJOBS, cronjob)],
        },
        "spec": template["spec"],
    }


def surplus(cronjob: Object, jobs: Iterable[Object]) -> list[Object]:
    """Finished jobs beyond the limits of the history, the oldest first."""
    jobs, doomed = list(jobs), []
    for type_, field in (("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")):
        limit = cronjob["spec"].get(field)
        ended = sorted((job for job in jobs if finished_as(job) == type_), key=_start)
        if limit is not None:
            doomed += ended[: max(0, len(ended) - limit)]
    return doomed


def _start(job: Object) -> tuple[bool, float, str]:
    start = (job.get("status") or {}).get("startTime")
    return start is None, parse_time(start) if start else 0.0, name_of(job)


def review(active: Sequence[Object], jobs: Sequence[Object]) -> tuple[list[Object], list[tuple[str, str, str]]]:
    """The references that stay in status.active, and (type, reason, message) of the events about it."""
    events: list[tuple[str, str, str]] = []
    kept = list(active)
    for job in jobs:
        known = any(ref.get("uid") == uid_of(job) for ref in kept)
        if not known and not is_finished(job):
            text = f"Saw a job that the controller did not create or forgot: {name_of(job)}"
            events.append(("Warning", "UnexpectedJob", text))
        elif known and is_finished(job):
            kept = without(kept, uid_of(job))
            text = f"Saw completed job: {name_of(job)}, status: {finished_as(job)}"
            events.append(("Normal", "SawCompletedJob", text))
    there = {uid_of(job) for job in jobs}
    for ref in list(kept):
        if ref.get("uid") not in there:
            kept = without(kept, ref.get("uid", ""))
            events.append(("Normal", "MissingJob", f"Active job went missing: {ref.get('name', '')}"))
    return kept, events


def without(active: Iterable[Object], uid: str) -> list[Object]:
    """The references to other jobs."""
    return [ref for ref in active if ref.get("uid") != uid]


class Sync:
    """One look at one cron job."""

    def __init__(self, cronjob: Object, jobs: Sequence[Object], api: Client) -> None:
        self.cronjob = cronjob
        self.jobs = jobs
        self.api = api
        self.active: list[Object] = list((cronjob.get("status") or {}).get("active") or ())

    async def run(self) -> float | None:
        """Gives the seconds until the next moment of the schedule."""
        self.active, events = review(self.active, self.jobs)
        for event in events:
            await self.api.record(self.cronjob, *event)
        await self._write_status()
        delay = None
        if not is_deleted(self.cronjob) and not self.cronjob["spec"].get("suspend"):
            delay = await self._start_due()
        for job in surplus(self.cronjob, self.jobs):
            await self._delete(job)
        await self._write_status()
        return delay

    async def _start_due(self) -> float | None:
        now = self.api.clock.now()
        text = self.cronjob["spec"]["schedule"]
        try:
            schedule = cron.parse(text)
            moments = missed(self.cronjob, schedule, now)
        except (cron.CronError, Undecidable) as error:
            why = f"unparseable schedule: {text} : {error}" if isinstance(error, cron.CronError) else str(error)
            await self._warn("FailedNeedsStart", f"Cannot determine if job needs to be started: {why}")
            return None
        if moments:
            await self._start(moments[-1], now)
        following = schedule.next(now)
        return None if following is None else following - now + 0.001

    async def _start(self, moment: float, now: float) -> None:
        spec = self.cronjob["spec"]
        deadline = spec.get("startingDeadlineSeconds")
        if deadline is not None and moment + deadline < now:
            when = datetime.fromtimestamp(moment, UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
            await self._warn("MissSchedule", f"Missed scheduled time to start a job: {when}")
            return
        policy = spec.get("concurrencyPolicy", "Allow")
        if (policy == "Forbid" and self.active) or (policy == "Replace" and not await self._replace()):
            return
        try:
            job = await self.api.create(JOBS, job_for(self.cronjob, moment))
        except StatusError as error:
            if not is_terminating(error):
                await self._warn("FailedCreate", f"Error creating job: {error.message}")
            return
        await self.api.record(self.cronjob, "Normal", "SuccessfulCreate", f"Created job {name_of(job)}")
        self.active.append(reference(job))
        await self._write_status(format_time(moment))

    async def _replace(self) -> bool:
        """Delete the jobs that still run; whether all are gone."""
        for ref in list(self.active):
            job = self.api.get(JOBS, Key(ref["namespace"], ref["name"]))
            if job is None:
                await self._warn("FailedGet", f'Get job: jobs.batch "{ref["name"]}" not found')
                return False
            if not await self._delete(job):
                return False
        return True

    async def _delete(self, job: Object) -> bool:
        try:
            await self.api.delete(JOBS, key(job), propagation="Background")
        except StatusError as error:
            await self._warn("FailedDelete", f"Deleted job: {error.message}")
            return False
        self.active = without(self.active, uid_of(job))
        await self.api.record(self.cronjob, "Normal", "SuccessfulDelete", f"Deleted job {name_of(job)}")
        return True

    async def _warn(self, reason: str, message: str) -> None:
        await self.api.record(self.cronjob, "Warning", reason, message)

    async def _write_status(self, last: str = "") -> None:
        before = self.cronjob.get("status") or {}
        status = {name: value for name, value in before.items() if name != "active"}
        if self.active:
            status["active"] = self.active
        if last:
            status["lastScheduleTime"] = last
        if status != before:
            self.cronjob = await self.api.update(CRONJOBS, revised(self.cronjob, status=status), "status")


async def reconcile(name: Key, api: Client) -> float | None:
    """Look at one cron job; come back at its next moment."""
    cronjob = api.get(CRONJOBS, name)
    if cronjob is None:
        return None
    jobs = [job for job in api.list(JOBS, name.namespace) if (controller_of(job) or {}).get("uid") == uid_of(cronjob)]
    try:
        return await Sync(cronjob, jobs, api).run()
    except StatusError as error:
        raise_unless(error, "NotFound")
        return None


def of_job(job: Object, _: Reader) -> Iterable[Key]:
    """The cron job that made it."""
    return controlled_key(job, "CronJob")


def until_look(_: Object | None, __: Object | None, ___: Key, now: float) -> float:
    """Seconds until the next of the moments at which the real controller looks at everything."""
    return LOOK - now % LOOK


CONTROLLER = Controller("cronjob-controller", (Watch(CRONJOBS), Watch(JOBS, of_job, delay=until_look)), reconcile)
