"""ControllerRevision. Follows pkg/apis/apps and pkg/registry/apps/controllerrevision of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.apps.workloads import IMMUTABLE, immutable, not_negative
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.resource import Column, Resource, Version
from fakekube.machinery.fielderrors import FieldError, Path, invalid, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.jsontext import text_of
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
    """Yield what is wrong with an update; the data never change, not even the white space in them."""
    yield from again.changed(new, old)
    yield from again.judged(new, namespaced=True)
    yield from _validate(new)
    data, before = new.get("data"), old.get("data")
    if data is None:
        yield from immutable(None, before, DATA, "*runtime.Unknown")
    elif before is None or text_of(data) != text_of(before):
        yield invalid(DATA, Go(data, "runtime.Unknown"), IMMUTABLE)


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
    verbatim="data",
    validate=validate,
    validate_update=validate_update,
    columns=(
        NAME,
        Column("Controller", "string", _controller, description="Controller of the object"),
        Column("Revision", "string", lambda revision, now: revision.get("revision", 0)),
        AGE,
    ),
)
