"""ReplicationController. Follows pkg/apis/core/validation and pkg/registry/core/replicationcontroller of v1.20."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fakekube.apis import again
from fakekube.apis.apps.workloads import (
    CONTAINERS,
    IMAGES,
    SELECTOR,
    SPEC,
    TEMPLATE,
    Counted,
    count,
    labels_mismatch,
    not_negative,
    validate_replica_status,
    validate_runs_forever,
    validate_update_twice,
)
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.podspec import (
    default_pod_template,
    drop_disabled_template_fields,
    options_for,
    validate_pod_template,
)
from fakekube.apis.podspec.volumes import validate_read_only_disks
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.machinery.fielderrors import FieldError, Path, invalid, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.objects import Object

NON_CONVERTIBLE = "non-convertible.kubernetes.io"


def default(controller: Object) -> None:
    """One replica; the template's labels are those of the controller and its selector."""
    spec = controller["spec"]
    if (template := spec.get("template")) is not None:
        default_pod_template(template)
        _default_labels(controller, (template.get("metadata") or {}).get("labels"))
    if spec.get("replicas") is None:
        spec["replicas"] = 1


def _default_labels(controller: Object, labels: Object | None) -> None:
    if not labels:
        return
    if not controller["spec"].get("selector"):
        controller["spec"]["selector"] = {**labels}
    if not controller["metadata"].get("labels"):
        controller["metadata"]["labels"] = {**labels}


def prepare_create(controller: Object) -> None:
    """Fields of features that are off are dropped."""
    drop_disabled_template_fields(controller["spec"].get("template") or {})


def prepare_update(new: Object, old: Object) -> None:
    """As on creation, but for what is there already."""
    drop_disabled_template_fields(new["spec"].get("template") or {}, old["spec"].get("template"))


def validate(controller: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new one."""
    yield from again.created(controller)
    yield from _spec(controller["spec"], None)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update."""
    yield from validate_update_twice(new, old, _spec)
    yield from _non_convertible(new["spec"], old)


def _spec(spec: Object, old: Object | None) -> Iterator[FieldError]:
    yield from not_negative(spec, ("minReadySeconds",), SPEC)
    if not spec.get("selector"):
        yield required(SELECTOR)
    yield from not_negative(spec, ("replicas",), SPEC)
    if (template := spec.get("template")) is None:
        yield required(TEMPLATE)
    else:
        yield from _template(template, spec, (old or {}).get("template"))


def _template(template: Object, spec: Object, old: Object | None) -> Iterator[FieldError]:
    labels = (template.get("metadata") or {}).get("labels") or {}
    if (spec.get("selector") or {}).items() - labels.items():
        yield labels_mismatch(template)
    yield from validate_pod_template(template, TEMPLATE, options_for((old or {}).get("spec")))
    if spec.get("replicas", 0) > 1:
        yield from validate_read_only_disks(template["spec"].get("volumes") or (), TEMPLATE / "spec" / "volumes")
    yield from validate_runs_forever(template["spec"], "ReplicationController")


def _non_convertible(spec: Object, old: Object) -> Iterator[FieldError]:
    """Annotations of a long gone form of the selector."""
    for key, value in (old["metadata"].get("annotations") or {}).items():
        if not key.startswith(NON_CONVERTIBLE) or key.count("/") != 1:
            continue
        name = key.partition("/")[2]
        if "selector" not in name:
            yield FieldError(
                "FieldValueNotFound", "Not found", Path(name), "unknown non-convertible field", value, shows_value=True
            )
        elif (spec.get("selector") or {}) != (old["spec"].get("selector") or {}):
            shown = Go(spec.get("selector"), "map[string]string")
            yield invalid(SELECTOR, shown, "cannot update non-convertible selector")


def counted(controller: Object) -> Any:
    """The whole spec, also without a template."""
    spec: Object = controller["spec"]
    return Counted(spec) if spec.get("template") is not None else spec


def _selector(controller: Object, _: float) -> str:
    selector = controller["spec"].get("selector") or {}
    return ",".join(f"{name}={selector[name]}" for name in sorted(selector)) or "<none>"


RESOURCE = Resource(
    group="",
    plural="replicationcontrollers",
    kind="ReplicationController",
    versions=(Version("v1", storage=True, defaults=default),),
    short_names=("rc",),
    categories=("all",),
    subresources=(
        Subresource("scale", group="autoscaling", version="v1", kind="Scale"),
        Subresource("status", validate_update=validate_replica_status),
    ),
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    validate=validate,
    validate_update=validate_update,
    generation=True,
    counted=counted,
    default_propagation="Orphan",
    selectable={"status.replicas": lambda controller: str((controller.get("status") or {}).get("replicas", 0))},
    columns=(
        NAME,
        Column("Desired", "integer", lambda controller, now: controller["spec"].get("replicas", 0)),
        Column("Current", "integer", count("replicas")),
        Column("Ready", "integer", count("readyReplicas")),
        AGE,
        CONTAINERS,
        IMAGES,
        Column("Selector", "string", _selector, priority=1),
    ),
)
