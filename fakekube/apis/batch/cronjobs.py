"""CronJob. Follows pkg/apis/batch and pkg/registry/batch/cronjob of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.apps.workloads import SPEC, not_negative
from fakekube.apis.batch.jobspecs import validate_job_spec, wide
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.podspec import default_pod_template, drop_disabled_template_fields
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.machinery import cron
from fakekube.machinery.fielderrors import FieldError, Path, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.objects import Object
from fakekube.machinery.times import age

CONCURRENCY = ("Allow", "Forbid", "Replace")
MAX_NAME = 52
"""Jobs add 11 characters to the name, and their names are labels."""


def default(cron_job: Object) -> None:
    """Jobs may overlap; the last three that succeeded and the last one that failed are kept."""
    spec = cron_job["spec"]
    if not spec.get("concurrencyPolicy"):
        spec["concurrencyPolicy"] = "Allow"
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)
    default_pod_template(_template(cron_job))


def _job_spec(cron_job: Object) -> Object:
    spec: Object = cron_job["spec"]["jobTemplate"]["spec"]
    return spec


def _template(cron_job: Object) -> Object:
    template: Object = _job_spec(cron_job)["template"]
    return template


def prepare_create(cron_job: Object) -> None:
    """Fields of features that are off are dropped."""
    drop_disabled_template_fields(_template(cron_job), None)


def prepare_update(new: Object, old: Object) -> None:
    """As on creation, but for what is there already."""
    drop_disabled_template_fields(_template(new), _template(old))


def validate(cron_job: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new one."""
    yield from again.created(cron_job)
    yield from _validate_spec(cron_job["spec"], None)
    name = cron_job["metadata"].get("name", "")
    if len(name) > MAX_NAME:
        yield invalid(Path("metadata") / "name", name, f"must be no more than {MAX_NAME} characters")


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update."""
    yield from again.changed(new, old)
    yield from _validate_spec(new["spec"], _job_spec(old))


def _validate_spec(spec: Object, old: Object | None) -> Iterator[FieldError]:
    yield from _validate_schedule(spec.get("schedule", ""), SPEC / "schedule")
    yield from not_negative(spec, ("startingDeadlineSeconds",), SPEC)
    policy = spec.get("concurrencyPolicy", "")
    if not policy:
        yield required(SPEC / "concurrencyPolicy")
    elif policy not in CONCURRENCY:
        yield not_supported(SPEC / "concurrencyPolicy", policy, CONCURRENCY)
    yield from _validate_job(spec["jobTemplate"]["spec"], old, SPEC / "jobTemplate" / "spec")
    yield from not_negative(spec, ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"), SPEC)


def _validate_schedule(schedule: str, path: Path) -> Iterator[FieldError]:
    if not schedule:
        yield required(path)
        return
    try:
        cron.parse(schedule)
    except cron.CronError as error:
        yield invalid(path, schedule, str(error))


def _validate_job(spec: Object, old: Object | None, path: Path) -> Iterator[FieldError]:
    yield from validate_job_spec(spec, old, path)
    if (selector := spec.get("selector")) is not None:
        yield invalid(path / "selector", Go(selector, "v1.LabelSelector"), "`selector` will be auto-generated")
    if spec.get("manualSelector"):
        yield not_supported(path / "manualSelector", True, ("nil", "false"))


def _suspended(cron_job: Object, now: float) -> str:
    suspended = cron_job["spec"].get("suspend")
    return "<unset>" if suspended is None else str(suspended)


def _last_schedule(cron_job: Object, now: float) -> str:
    last = cron_job.get("status", {}).get("lastScheduleTime")
    return age(last, now) if last else "<none>"


RESOURCE = Resource(
    group="batch",
    plural="cronjobs",
    kind="CronJob",
    versions=(
        Version("v1", since="1.21", defaults=default),
        Version("v1beta1", storage=True, until="1.25", defaults=default),
    ),
    short_names=("cj",),
    categories=("all",),
    subresources=(Subresource("status"),),
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    validate=validate,
    validate_update=validate_update,
    default_propagation="Orphan",
    selectable={"status.successful": lambda cron_job: ""},
    not_selectable='field label {} not supported for "CronJob"',
    columns=(
        NAME,
        Column("Schedule", "string", ".spec.schedule"),
        Column("Suspend", "boolean", _suspended),
        Column("Active", "integer", lambda cron_job, now: len(cron_job.get("status", {}).get("active") or ())),
        Column("Last Schedule", "string", _last_schedule),
        AGE,
        *wide(_job_spec),
    ),
)
