"""Job. Follows pkg/apis/batch and pkg/registry/batch/job of v1.20."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fakekube.apis import again
from fakekube.apis.apps.workloads import (
    IMMUTABLE,
    SELECTOR,
    SPEC,
    STATUS,
    TEMPLATE,
    immutable,
    labels_mismatch,
    not_negative,
    same_template,
)
from fakekube.apis.batch.jobspecs import validate_job_spec, wide
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.podspec import default_pod_template, drop_disabled_template_fields
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.machinery import selectors
from fakekube.machinery.fielderrors import FieldError, invalid, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.objects import Object
from fakekube.machinery.times import human_duration, parse_time

UID_LABEL, NAME_LABEL = "controller-uid", "job-name"


def default(job: Object) -> None:
    """One run, six attempts; the labels of the template."""
    spec = job["spec"]
    if spec.get("parallelism") is None:
        if spec.get("completions") is None:
            spec["completions"] = 1
        spec["parallelism"] = 1
    spec.setdefault("backoffLimit", 6)
    default_pod_template(spec["template"])
    default_labels(job)


def default_labels(job: Object) -> Object:
    """A job without labels has those of its template: the very same, so what is added there is added here."""
    labels = job["spec"]["template"].get("metadata", {}).get("labels")
    if labels and not job["metadata"].get("labels"):
        job["metadata"]["labels"] = labels
    return job


def prepare_create(job: Object) -> None:
    """Fields of features that are off are dropped."""
    job["spec"].pop("ttlSecondsAfterFinished", None)
    drop_disabled_template_fields(job["spec"]["template"], None)


def prepare_update(new: Object, old: Object) -> None:
    """As on creation, but for what is there already."""
    if "ttlSecondsAfterFinished" not in old["spec"]:
        new["spec"].pop("ttlSecondsAfterFinished", None)
    drop_disabled_template_fields(new["spec"]["template"], old["spec"]["template"])


def validate(job: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new one; it gets its selector here, since that has to know the uid."""
    if not job["spec"].get("manualSelector"):
        _generate_selector(job)
    yield from again.created(job)
    yield from _validate(job, None)


def _generate_selector(job: Object) -> None:
    """Pods are told apart by the job's uid; what the client chose for the same labels stays, and is judged."""
    metadata, spec = job["metadata"], job["spec"]
    labels = spec["template"].setdefault("metadata", {}).setdefault("labels", {})
    labels.setdefault(NAME_LABEL, metadata.get("name", ""))
    labels.setdefault(UID_LABEL, metadata["uid"])
    selector = spec.setdefault("selector", {})
    selector["matchLabels"] = {UID_LABEL: metadata["uid"], **(selector.get("matchLabels") or {})}


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update; what is being run never changes."""
    spec, before = new["spec"], old["spec"]
    yield from again.judged(new, namespaced=True)
    yield from _validate(new, before)
    yield from again.changed(new, old)
    yield from _validate_spec(spec, before)
    yield from immutable(spec.get("completions"), before.get("completions"), SPEC / "completions", "*int32")
    yield from immutable(spec.get("selector"), before.get("selector"), SELECTOR, "*v1.LabelSelector")
    if not same_template(spec["template"], before["template"]):
        from fakekube.apis.podspec.difference import internal_template

        yield invalid(TEMPLATE, Go(internal_template(spec["template"]), "core.PodTemplateSpec"), IMMUTABLE)


def _validate(job: Object, old: Object | None) -> Iterator[FieldError]:
    yield from _validate_generated(job)
    yield from _validate_spec(job["spec"], old)


def _validate_spec(spec: Object, old: Object | None) -> Iterator[FieldError]:
    yield from validate_job_spec(spec, old, SPEC)
    selector = spec.get("selector")
    if selector is None:
        yield required(SELECTOR)
    else:
        yield from selectors.validate_object(selector, SELECTOR)
    labels = spec["template"].get("metadata", {}).get("labels") or {}
    if _matches(selector, labels) is False:
        yield labels_mismatch(spec["template"])


def _matches(selector: Object | None, labels: Object) -> bool | None:
    """None for a selector that makes no sense."""
    try:
        return selectors.from_object(selector).matches(labels)
    except ValueError:
        return None


def _validate_generated(job: Object) -> Iterator[FieldError]:
    """A selector that nobody made by hand is the one that the server makes."""
    spec, selector = job["spec"], job["spec"].get("selector")
    if spec.get("manualSelector") or selector is None:
        return
    expected = {UID_LABEL: job["metadata"]["uid"], NAME_LABEL: job["metadata"].get("name", "")}
    labels = spec["template"].get("metadata", {}).get("labels") or {}
    for name, value in expected.items():
        path, detail = TEMPLATE / "metadata" / "labels" @ name, f"must be '{value}'"
        if name not in labels:
            yield required(path, detail)
        elif labels[name] != value:
            yield invalid(path, Go(labels, "map[string]string"), detail)
    if _matches(selector, expected) is False:
        yield invalid(SELECTOR, Go(selector, "v1.LabelSelector"), "`selector` not auto-generated")


def validate_status_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update of the status."""
    yield from again.changed(new, old)
    yield from not_negative(new.get("status", {}), ("active", "succeeded", "failed"), STATUS)


def _completions(job: Object, now: float) -> str:
    spec, done = job["spec"], job.get("status", {}).get("succeeded", 0)
    if spec.get("completions") is not None:
        return f"{done}/{spec['completions']}"
    parallel = spec.get("parallelism", 0)
    return f"{done}/1 of {parallel}" if parallel > 1 else f"{done}/1"


def _duration(job: Object, now: float) -> str:
    status: dict[str, Any] = job.get("status", {})
    if not status.get("startTime"):
        return ""
    end = parse_time(status["completionTime"]) if status.get("completionTime") else now
    return human_duration(end - parse_time(status["startTime"]))


RESOURCE = Resource(
    group="batch",
    plural="jobs",
    kind="Job",
    versions=(Version("v1", storage=True, defaults=default),),
    persist=default_labels,
    categories=("all",),
    subresources=(Subresource("status", validate_update=validate_status_update),),
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    validate=validate,
    validate_update=validate_update,
    default_propagation="Orphan",
    selectable={"status.successful": lambda job: str(job.get("status", {}).get("succeeded", 0))},
    not_selectable="field label {} not supported for batchv1.Job",
    columns=(
        NAME,
        Column("Completions", "string", _completions),
        Column("Duration", "string", _duration, description="Time required to complete the job."),
        AGE,
        *wide(lambda job: job["spec"]),
    ),
)
