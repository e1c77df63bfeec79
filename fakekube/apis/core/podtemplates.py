"""PodTemplate. Follows pkg/registry/core/podtemplate of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import meta
from fakekube.apis.columns import NAME
from fakekube.apis.podspec import (
    default_pod_template,
    drop_disabled_template_fields,
    validate_pod_template,
    validate_pod_template_update,
)
from fakekube.apis.resource import Column, Resource, Version
from fakekube.machinery.fielderrors import FieldError, Path
from fakekube.machinery.objects import Object

TEMPLATE = Path("template")


def default(obj: Object) -> None:
    """Fill in what the template leaves out."""
    if obj.get("template") is None:
        obj["template"] = {}
    default_pod_template(obj["template"])


def prepare_create(obj: Object) -> None:
    """Drop fields of disabled features."""
    drop_disabled_template_fields(obj["template"])


def prepare_update(new: Object, old: Object) -> None:
    """Drop fields of disabled features that were not in use."""
    drop_disabled_template_fields(new["template"], old["template"])


def validate(obj: Object) -> Iterator[FieldError]:
    """The template is a valid one."""
    yield from meta.validate_standard_finalizers(obj["metadata"])
    yield from validate_pod_template(obj["template"], TEMPLATE)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Anything may change."""
    yield from meta.validate_object_meta_update(new["metadata"], old["metadata"])
    yield from meta.validate_standard_finalizers(new["metadata"])
    yield from validate_pod_template_update(new["template"], old["template"], TEMPLATE)


def _each(name: str, obj: Object) -> str:
    containers = obj["template"].get("spec", {}).get("containers") or ()
    return ",".join(container.get(name, "") for container in containers)


def _labels(obj: Object) -> str:
    labels = (obj["template"].get("metadata") or {}).get("labels") or {}
    return ",".join(f"{name}={labels[name]}" for name in sorted(labels)) or "<none>"


COLUMNS = (
    NAME,
    Column(
        "Containers", "string", lambda obj, now: _each("name", obj),
        description="Names of each container in the template.",
    ),
    Column(
        "Images", "string", lambda obj, now: _each("image", obj),
        description="Images referenced by each container in the template.",
    ),
    Column(
        "Pod Labels", "string", lambda obj, now: _labels(obj),
        description="The labels for the pod template.",
    ),
)  # fmt: skip

RESOURCE = Resource(
    group="",
    plural="podtemplates",
    kind="PodTemplate",
    versions=(Version("v1", storage=True, defaults=default),),
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    validate=validate,
    validate_update=validate_update,
    columns=COLUMNS,
    returns_deleted=True,
)
