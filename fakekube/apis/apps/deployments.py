"""Deployment. Follows pkg/apis/apps and pkg/registry/apps/deployment of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.apps.workloads import (
    READY,
    SELECTOR,
    SPEC,
    STATUS,
    WIDE,
    Counted,
    count,
    immutable,
    not_negative,
    parse_int,
    validate_available,
    validate_collisions,
    validate_counts,
    validate_replicated_template,
    validate_selector,
)
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.intorpercent import amount, at_most_all, positive
from fakekube.apis.podspec import default_pod_template, drop_disabled_template_fields
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.apis.statuses import keep_labels_too
from fakekube.machinery.decoding import DecodeError
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, not_supported
from fakekube.machinery.goformat import Go
from fakekube.machinery.objects import Object

STRATEGIES = ("Recreate", "RollingUpdate")
COUNTS = (
    "observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas",
    "collisionCount",
)  # fmt: skip
ROLLBACK = "deprecated.deployment.rollback.to"
"""The annotation that stands for a field of older versions: the revision to go back to."""


def default(deployment: Object) -> None:
    """Rolling updates by a quarter, ten old revisions, ten minutes of patience."""
    spec = deployment["spec"]
    spec.setdefault("replicas", 1)
    strategy = spec.setdefault("strategy", {})
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)
    default_pod_template(spec["template"])


def to_storage(deployment: Object) -> Object:
    """The revision to go back to is a number, or not there at all. Raises DecodeError."""
    metadata = deployment["metadata"]
    annotations = metadata.get("annotations") or {}
    if annotations.get(ROLLBACK):
        annotations[ROLLBACK] = str(_revision(annotations[ROLLBACK]))
    elif ROLLBACK in annotations:
        del annotations[ROLLBACK]
        if not annotations:
            del metadata["annotations"]
    return deployment


def _revision(text: str) -> int:
    try:
        return parse_int(text)
    except DecodeError as error:
        raise DecodeError(f"failed to parse annotation[{ROLLBACK}]={text} as int64: {error}") from None


def prepare_create(deployment: Object) -> None:
    """Fields of features that are off are dropped."""
    drop_disabled_template_fields(deployment["spec"]["template"], None)


def prepare_update(new: Object, old: Object) -> None:
    """As on creation, but for what is there already."""
    drop_disabled_template_fields(new["spec"]["template"], old["spec"]["template"])


def validate(deployment: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new one."""
    yield from again.created(deployment)
    yield from _validate_spec(deployment, None)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update; in apps/v1 the selector never changes."""
    yield from again.changed(new, old)
    yield from _validate_spec(new, old["spec"])
    yield from immutable(new["spec"].get("selector"), old["spec"].get("selector"), SELECTOR, "*v1.LabelSelector")


def _validate_spec(deployment: Object, old: Object | None) -> Iterator[FieldError]:
    spec = deployment["spec"]
    yield from not_negative(spec, ("replicas",), SPEC)
    yield from validate_selector(spec.get("selector"), "deployment")
    yield from validate_replicated_template(spec, old)
    yield from _validate_strategy(spec.get("strategy", {}), SPEC / "strategy")
    yield from not_negative(spec, ("minReadySeconds", "revisionHistoryLimit"), SPEC)
    if ROLLBACK in (deployment["metadata"].get("annotations") or {}):
        revision = int(deployment["metadata"]["annotations"][ROLLBACK])
        yield from not_negative({"version": revision}, ("version",), SPEC / "rollback")
    yield from not_negative(spec, ("progressDeadlineSeconds",), SPEC)
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None and deadline <= spec.get("minReadySeconds", 0):
        yield invalid(SPEC / "progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")


def _validate_strategy(strategy: Object, path: Path) -> Iterator[FieldError]:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind not in STRATEGIES:
        yield not_supported(path, Go(strategy, "apps.DeploymentStrategy"), STRATEGIES)
    elif kind == "Recreate" and rolling is not None:
        yield forbidden(path / "rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")
    elif kind == "RollingUpdate":
        yield from _validate_rolling(rolling or {}, path / "rollingUpdate")


def _validate_rolling(rolling: Object, path: Path) -> Iterator[FieldError]:
    unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    yield from positive(unavailable, path / "maxUnavailable")
    yield from positive(surge, path / "maxSurge")
    if amount(unavailable) == 0 and amount(surge) == 0:
        value = Go(unavailable, "intstr.IntOrString")
        yield invalid(path / "maxUnavailable", value, "may not be 0 when `maxSurge` is 0")
    yield from at_most_all(unavailable, path / "maxUnavailable")


def validate_status_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update of the status: counts fit together, collisions never fall."""
    yield from again.changed(new, old)
    status = new.get("status", {})
    yield from not_negative(status, COUNTS, STATUS)
    yield from validate_counts(status, ("updatedReplicas", "readyReplicas", "availableReplicas"))
    yield from validate_available(status)
    yield from validate_collisions(status, old.get("status", {}))


def counted(deployment: Object) -> Counted:
    """The spec and the annotations."""
    return Counted(deployment["spec"], deployment["metadata"].get("annotations") or {})


RESOURCE = Resource(
    group="apps",
    plural="deployments",
    kind="Deployment",
    versions=(Version("v1", storage=True, defaults=default, to_storage=to_storage),),
    field_annotations=(ROLLBACK,),
    short_names=("deploy",),
    categories=("all",),
    subresources=(
        Subresource("scale", group="autoscaling", version="v1", kind="Scale"),
        Subresource("status", prepare_update=keep_labels_too, validate_update=validate_status_update),
    ),
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    validate=validate,
    validate_update=validate_update,
    generation=True,
    counted=counted,
    columns=(
        NAME,
        READY,
        Column("Up-to-date", "string", count("updatedReplicas")),
        Column("Available", "string", count("availableReplicas")),
        AGE,
        *WIDE,
    ),
)
