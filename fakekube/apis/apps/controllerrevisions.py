"""ControllerRevision. Follows pkg/apis/apps and pkg/registry/apps/controllerrevision of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.apps.workloads import immutable, not_negative
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.resource import Column, Resource, Version
from fakekube.machinery.fielderrors import FieldError, Path, required
from fakekube.machinery.objects import Object

DATA = Path("data")


def validate(revision: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new one."""
    yield from again.created(revision)
    yield from _validate(revision)


def _validate(revision: Object) -> Iterator[FieldError]:
    if revision.get("data") is None:
        yield required(DATA, "data is mandatory")
    yield from not_negative(revision, ("revision",), Path())


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update; the data never change."""
    yield from again.changed(new, old)
    yield from again.judged(new, namespaced=True)
    yield from _validate(new)
    if new.get("data") is not None:
        yield from immutable(new["data"], old.get("data"), DATA, "runtime.Unknown")
    elif old.get("data") is not None:
        yield from immutable(None, old["data"], DATA, "*runtime.Unknown")


def _controller(revision: Object, now: float) -> str:
    """ "statefulset.apps/web"."""
    owners = revision["metadata"].get("ownerReferences") or ()
    owner = next((owner for owner in owners if owner.get("controller")), None)
    if owner is None:
        return "<none>"
    group = owner.get("apiVersion", "").rpartition("/")[0]
    kind = f"{owner['kind']}.{group}" if group else owner["kind"]
    return f"{kind.lower()}/{owner['name']}"


RESOURCE = Resource(
    group="apps",
    plural="controllerrevisions",
    kind="ControllerRevision",
    versions=(Version("v1", storage=True),),
    validate=validate,
    validate_update=validate_update,
    columns=(
        NAME,
        Column("Controller", "string", _controller, description="Controller of the object"),
        Column("Revision", "string", lambda revision, now: revision.get("revision", 0)),
        AGE,
    ),
)
