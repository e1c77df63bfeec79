"""Deployment. Follows pkg/apis/apps and pkg/registry/apps/deployment of v1.20."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fakekube.apis.apps.workloads import (
    NOT_NEGATIVE,
    SPEC,
    STATUS,
    WIDE,
    not_negative,
    selector_text,
    validate_available,
    validate_selector,
    validate_template,
)
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.podspec import default_pod_template, drop_disabled_template_fields
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.apis.statuses import keep_labels_too
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, not_supported
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import percent

STRATEGIES = ("Recreate", "RollingUpdate")
COUNTS = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas", "collisionCount")


def default(deployment: Any) -> None:
    """Rolling updates by a quarter, ten old revisions, ten minutes of patience."""
    spec = deployment["spec"]
    spec.setdefault("replicas", 1)
    strategy = spec.setdefault("strategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)
    default_pod_template(spec["template"])


def prepare_create(deployment: Any) -> None:
    """Fields of features that are off are dropped."""
    drop_disabled_template_fields(deployment["spec"]["template"], None)


def prepare_update(new: Any, old: Any) -> None:
    """As on creation, but for what is there already."""
    drop_disabled_template_fields(new["spec"]["template"], old["spec"]["template"])


def validate(deployment: Any) -> Iterator[FieldError]:
    """The whole spec, on creation and on updates."""
    spec = deployment["spec"]
    yield from not_negative(spec, ("replicas",), SPEC)
    yield from validate_selector(spec, SPEC / "selector")
    yield from validate_template(spec, SPEC / "template", "ReplicaSet")
    yield from _strategy(spec.get("strategy", {}), SPEC / "strategy")
    yield from not_negative(spec, ("minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"), SPEC)
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None and deadline <= spec.get("minReadySeconds", 0):
        yield invalid(SPEC / "progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")


def validate_update(new: Any, old: Any) -> Iterator[FieldError]:
    """In apps/v1 the selector never changes."""
    yield from validate(new)
    if new["spec"].get("selector") != old["spec"].get("selector"):
        value = Go(new["spec"].get("selector"), "v1.LabelSelector")
        yield invalid(SPEC / "selector", value, "field is immutable")


def validate_status_update(new: Any, old: Any) -> Iterator[FieldError]:
    """Counts fit together; the collision count never falls."""
    status, before = new.get("status", {}), old.get("status", {})
    yield from not_negative(status, ("observedGeneration", *COUNTS), STATUS)
    yield from validate_available(status, ("updatedReplicas", "readyReplicas", "availableReplicas"))
    if "collisionCount" in before and status.get("collisionCount", 0) < before["collisionCount"]:
        detail = "cannot be decremented" if "collisionCount" in status else "cannot be cleared or decremented"
        yield invalid(STATUS / "collisionCount", status.get("collisionCount"), detail)


def _strategy(strategy: Any, path: Path) -> Iterator[FieldError]:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind not in STRATEGIES:
        yield not_supported(path, Go(strategy, "apps.DeploymentStrategy"), STRATEGIES)
    elif kind == "Recreate" and rolling is not None:
        yield forbidden(path / "rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")
    elif kind == "RollingUpdate":
        yield from _rolling(rolling or {}, path / "rollingUpdate")


def _rolling(rolling: Any, path: Path) -> Iterator[FieldError]:
    unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    yield from int_or_percent(unavailable, path / "maxUnavailable")
    yield from int_or_percent(surge, path / "maxSurge")
    if _number(unavailable) == 0 and _number(surge) == 0:
        yield invalid(
            path / "maxUnavailable", Go(unavailable, "intstr.IntOrString"), "may not be 0 when `maxSurge` is 0"
        )
    if isinstance(unavailable, str) and (_number(unavailable) or 0) > 100:
        value = Go(unavailable, "intstr.IntOrString")
        yield invalid(path / "maxUnavailable", value, "must not be greater than 100%")


def int_or_percent(value: Any, path: Path) -> Iterator[FieldError]:
    """A number that is not negative, or a percentage."""
    if isinstance(value, str):
        for wrong in percent(value):
            yield invalid(path, Go(value, "intstr.IntOrString"), wrong)
    elif value < 0:
        yield invalid(path, value, NOT_NEGATIVE)


def _number(value: Any) -> int | None:
    if isinstance(value, str):
        return int(value[:-1]) if value[:-1].isdigit() and value.endswith("%") else 0
    return int(value)


def _ready(deployment: Any, now: float) -> str:
    return f"{deployment.get('status', {}).get('readyReplicas', 0)}/{deployment['spec'].get('replicas', 0)}"


def _count(name: str) -> Any:
    return lambda deployment, now: deployment.get("status", {}).get(name, 0)


RESOURCE = Resource(
    group="apps",
    plural="deployments",
    kind="Deployment",
    versions=(Version("v1", storage=True, defaults=default),),
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
    counted=lambda deployment: (deployment["spec"], deployment["metadata"].get("annotations")),
    columns=(
        NAME,
        Column("Ready", "string", _ready),
        Column("Up-to-date", "string", _count("updatedReplicas")),
        Column("Available", "string", _count("availableReplicas")),
        AGE,
        *WIDE,
        Column("Selector", "string", selector_text, priority=1),
    ),
)
