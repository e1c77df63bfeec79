"""ReplicaSet. Follows pkg/apis/apps and pkg/registry/apps/replicaset of v1.20."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fakekube.apis.apps.workloads import (
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
from fakekube.machinery.fielderrors import FieldError, invalid
from fakekube.machinery.goformat import Go

COUNTS = ("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration")


def default(replica_set: Any) -> None:
    """One replica."""
    replica_set["spec"].setdefault("replicas", 1)
    if "template" in replica_set["spec"]:
        default_pod_template(replica_set["spec"]["template"])


def prepare_create(replica_set: Any) -> None:
    """Fields of features that are off are dropped."""
    drop_disabled_template_fields(replica_set["spec"]["template"], None)


def prepare_update(new: Any, old: Any) -> None:
    """As on creation, but for what is there already."""
    drop_disabled_template_fields(new["spec"]["template"], old["spec"]["template"])


def validate(replica_set: Any) -> Iterator[FieldError]:
    """The whole spec, on creation and on updates."""
    spec = replica_set["spec"]
    yield from not_negative(spec, ("replicas", "minReadySeconds"), SPEC)
    yield from validate_selector(spec, SPEC / "selector")
    yield from validate_template(spec, SPEC / "template", "ReplicaSet")


def validate_update(new: Any, old: Any) -> Iterator[FieldError]:
    """In apps/v1 the selector never changes."""
    yield from validate(new)
    if new["spec"].get("selector") != old["spec"].get("selector"):
        yield invalid(SPEC / "selector", Go(new["spec"].get("selector"), "v1.LabelSelector"), "field is immutable")


def validate_status_update(new: Any, old: Any) -> Iterator[FieldError]:
    """Counts fit together."""
    status = new.get("status", {})
    yield from not_negative(status, COUNTS, STATUS)
    yield from validate_available(status, ("fullyLabeledReplicas", "readyReplicas", "availableReplicas"))


def _count(name: str) -> Any:
    return lambda replica_set, now: replica_set.get("status", {}).get(name, 0)


RESOURCE = Resource(
    group="apps",
    plural="replicasets",
    kind="ReplicaSet",
    versions=(Version("v1", storage=True, defaults=default),),
    short_names=("rs",),
    categories=("all",),
    subresources=(
        Subresource("scale", group="autoscaling", version="v1", kind="Scale"),
        Subresource("status", validate_update=validate_status_update),
    ),
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    validate=validate,
    validate_update=validate_update,
    generation=True,

    columns=(
        NAME,
        Column("Desired", "integer", lambda replica_set, now: replica_set["spec"].get("replicas", 0)),
        Column("Current", "integer", _count("replicas")),
        Column("Ready", "integer", _count("readyReplicas")),
        AGE,
        *WIDE,
        Column("Selector", "string", selector_text, priority=1),
    ),
)
