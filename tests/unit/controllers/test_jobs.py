from __future__ import annotations

from typing import Any

import pytest
from fake_client import FakeClient, manager
from podsamples import NOW, STAMP, pod

from fakekube.apis.batch.cronjobs import RESOURCE as CRONJOBS
from fakekube.apis.batch.jobs import RESOURCE as JOBS
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.controllers import cronjobs, jobs
from fakekube.controllers.jobs import Count
from fakekube.machinery import cron
from fakekube.machinery.objects import Key, Object, key_of

PI = Key("ns", "pi")


def job(status: Object | None = None, **spec: Any) -> Object:
    template = {"metadata": {"labels": {"j": "pi"}}, "spec": {"restartPolicy": "Never", "containers": [{"name": "c"}]}}
    whole = {"parallelism": 1, "completions": 1, "backoffLimit": 6, "template": template, **spec}
    whole["selector"] = {"matchLabels": {"j": "pi"}}
    return {"metadata": {"name": "pi", "namespace": "ns", "uid": "uid-pi"}, "spec": whole, "status": status or {}}


@pytest.mark.parametrize(
    ("spec", "counted", "surplus"),
    [
        ({"parallelism": 3, "completions": 5}, Count(0, 0, 0), -3),
        ({"parallelism": 3, "completions": 5}, Count(1, 4, 0), 0),
        ({"parallelism": 3, "completions": 5}, Count(0, 3, 2), -2),
        ({"parallelism": 1, "completions": 5}, Count(3, 0, 0), 2),
        ({"parallelism": 0}, Count(2, 0, 0), 2),
        ({"parallelism": 2, "completions": None}, Count(0, 0, 0), -2),
        ({"parallelism": 2, "completions": None}, Count(1, 1, 0), 0),
    ],
)
def test_how_many_pods_are_missing(spec: Object, counted: Count, surplus: int) -> None:
    assert jobs.surplus(job(**spec), counted) == surplus


@pytest.mark.parametrize(
    ("spec", "status", "counted", "expected"),
    [
        ({"backoffLimit": 1}, {}, Count(0, 0, 2), "BackoffLimitExceeded"),
        ({"backoffLimit": 1}, {"failed": 2}, Count(0, 0, 2), None),
        ({"backoffLimit": 1}, {}, Count(1, 0, 2), None),
        ({"activeDeadlineSeconds": 5}, {"startTime": STAMP}, Count(1, 0, 0), "DeadlineExceeded"),
        ({"activeDeadlineSeconds": 500}, {"startTime": STAMP}, Count(1, 0, 0), None),
    ],
)
def test_when_a_job_fails(spec: Object, status: Object, counted: Count, expected: str | None) -> None:
    why = jobs.failure(job(status, **spec), [], counted, NOW + 10)
    assert (why and why[0]) == expected


def test_restarts_count_where_containers_are_restarted() -> None:
    obj = job(backoffLimit=1)
    obj["spec"]["template"]["spec"]["restartPolicy"] = "OnFailure"
    restarted = pod("a")
    restarted["status"]["containerStatuses"] = [{"restartCount": 1}]
    assert jobs.failure(obj, [restarted], Count(1, 0, 0), NOW) == jobs.EXCEEDED


class World:
    """Jobs and cron jobs with their controllers running."""

    def __init__(self) -> None:
        self.api = FakeClient()
        self.manager = manager(self.api, (jobs.controller(), cronjobs.CONTROLLER))
        self.manager.start()

    async def advance(self, seconds: float) -> None:
        self.api.clock.advance(seconds)
        await self.manager.idle()

    async def end(self, phase: str) -> None:
        """All pods that are not over end so."""
        for one in self.api.list(PODS):
            if one.get("status", {}).get("phase") not in ("Succeeded", "Failed"):
                await self.api.patch(PODS, key_of(one), {"status": {"phase": phase}}, "status")
        await self.manager.idle()

    def status(self) -> Object:
        found = self.api.get(JOBS, PI)
        assert found is not None
        status: Object = found["status"]
        return status


async def test_a_job_runs_until_enough_pods_have_succeeded() -> None:
    world = World()
    await world.api.create(JOBS, job(parallelism=2, completions=3))
    await world.manager.idle()
    assert world.status()["active"] == 2
    await world.end("Succeeded")
    assert (world.status()["active"], world.status()["succeeded"]) == (1, 2)
    await world.end("Succeeded")
    assert [condition["type"] for condition in world.status()["conditions"]] == ["Complete"]
    assert world.api.events[-1] == ("pi", "Normal", "Completed", "Job completed")


async def test_failing_pods_are_replaced_at_once_then_later_and_later() -> None:
    world = World()
    await world.api.create(JOBS, job())
    await world.manager.idle()
    await world.end("Failed")
    assert world.status()["failed"] == 1
    assert len(world.api.list(PODS)) == 2
    await world.end("Failed")
    assert len(world.api.list(PODS)) == 2
    await world.advance(10.1)
    assert len(world.api.list(PODS)) == 3


async def test_a_job_may_not_take_longer_than_its_deadline() -> None:
    world = World()
    await world.api.create(JOBS, job(activeDeadlineSeconds=60))
    await world.manager.idle()
    await world.advance(61)
    assert world.status()["conditions"][0]["reason"] == "DeadlineExceeded"
    assert world.api.list(PODS) == []


# CronJobs


def cronjob(schedule: str = "*/5 * * * *", status: Object | None = None, **spec: Any) -> Object:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": job()["spec"]}
    whole = {"schedule": schedule, "concurrencyPolicy": "Allow", "jobTemplate": template, **spec}
    metadata = {"name": "tick", "namespace": "ns", "creationTimestamp": STAMP, "uid": "uid-tick"}
    return {"metadata": metadata, "spec": whole, "status": status or {}}


def test_missed_moments() -> None:
    every_minute = cron.parse("* * * * *")
    assert len(cronjobs.missed(cronjob(), every_minute, NOW + 185)) == 3
    assert len(cronjobs.missed(cronjob(startingDeadlineSeconds=60), every_minute, NOW + 3600)) == 1
    with pytest.raises(cronjobs.Undecidable):
        cronjobs.missed(cronjob(), every_minute, NOW + 200 * 60)
    with pytest.raises(cronjobs.Undecidable):
        cronjobs.missed(cronjob(), cron.parse("0 0 31 2 *"), NOW)


async def test_jobs_come_when_their_time_has_come() -> None:
    world = World()
    await world.api.create(CRONJOBS, cronjob())
    await world.manager.idle()
    assert world.api.list(JOBS) == []
    await world.advance(5 * 60)
    (made,) = world.api.list(JOBS)
    assert made["metadata"]["name"] == "tick-1600000200"
    found = world.api.get(CRONJOBS, Key("ns", "tick"))
    assert found is not None
    assert [ref["name"] for ref in found["status"]["active"]] == ["tick-1600000200"]


@pytest.mark.parametrize(("policy", "names"), [
    ("Allow", ["tick-1600000200", "tick-1600000500"]),
    ("Forbid", ["tick-1600000200"]),
    ("Replace", ["tick-1600000500"]),
])  # fmt: skip
async def test_concurrency(policy: str, names: list[str]) -> None:
    world = World()
    await world.api.create(CRONJOBS, cronjob(concurrencyPolicy=policy))
    await world.manager.idle()
    await world.advance(5 * 60)
    await world.advance(5 * 60)
    assert [one["metadata"]["name"] for one in world.api.list(JOBS)] == names


def test_surplus_of_the_history() -> None:
    ended = []
    for number in range(3):
        one = job({"conditions": [{"type": "Complete", "status": "True"}], "startTime": f"2020-09-13T12:0{number}:00Z"})
        one["metadata"] = {**one["metadata"], "name": f"j{number}"}
        ended.append(one)
    doomed = cronjobs.surplus(cronjob(successfulJobsHistoryLimit=1), ended)
    assert [one["metadata"]["name"] for one in doomed] == ["j0", "j1"]
