"""ReplicaSet. Follows pkg/apis/apps and pkg/registry/apps/replicaset of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.apps import workloads
from fakekube.apis.apps.workloads import (
    SPEC,
    WIDE,
    count,
    counted_spec,
    not_negative,
    validate_replica_status,
    validate_replicated_template,
    validate_selector,
)
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.podspec import default_pod_template
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.machinery.fielderrors import FieldError
from fakekube.machinery.objects import Object


def default(replica_set: Object) -> None:
    """One replica."""
    replica_set["spec"].setdefault("replicas", 1)
    default_pod_template(replica_set["spec"].setdefault("template", {}))


def validate(replica_set: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new one."""
    yield from again.created(replica_set)
    yield from _validate_spec(replica_set["spec"], None)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update."""
    yield from workloads.validate_update(new, old, _validate_spec)


def _validate_spec(spec: Object, old: Object | None) -> Iterator[FieldError]:
    yield from not_negative(spec, ("replicas", "minReadySeconds"), SPEC)
    yield from validate_selector(spec.get("selector"), "deployment")
    yield from validate_replicated_template(spec, old)


RESOURCE = Resource(
    group="apps",
    plural="replicasets",
    kind="ReplicaSet",
    versions=(Version("v1", storage=True, defaults=default),),
    short_names=("rs",),
    categories=("all",),
    subresources=(
        Subresource("scale", group="autoscaling", version="v1", kind="Scale"),
        Subresource("status", validate_update=validate_replica_status),
    ),
    prepare_create=workloads.prepare_create,
    prepare_update=workloads.prepare_update,
    validate=validate,
    validate_update=validate_update,
    generation=True,
    counted=counted_spec,
    columns=(
        NAME,
        Column("Desired", "integer", lambda replica_set, now: replica_set["spec"].get("replicas", 0)),
        Column("Current", "integer", count("replicas")),
        Column("Ready", "integer", count("readyReplicas")),
        AGE,
        *WIDE,
    ),
)
