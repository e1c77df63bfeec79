"""IngressClass. Follows pkg/apis/networking and pkg/registry/networking/ingressclass of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.deprecation import deprecated
from fakekube.apis.networking.references import validate_reference
from fakekube.apis.resource import Column, Resource, Version
from fakekube.machinery.fielderrors import FieldError, Path, invalid, too_long
from fakekube.machinery.names import domain_prefixed_path, size
from fakekube.machinery.objects import Object

GROUP = "networking.k8s.io"
OLD = deprecated(f"{GROUP}/v1beta1", "IngressClass", "1.19", "1.22", f"{GROUP}/v1 IngressClassList")
SPEC = Path("spec")
MAX_CONTROLLER = 250


def validate(ingress_class: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new class."""
    yield from again.created(ingress_class)
    yield from _spec(ingress_class)


def _spec(ingress_class: Object) -> Iterator[FieldError]:
    spec = ingress_class.get("spec") or {}
    controller = spec.get("controller", "")
    if size(controller) > MAX_CONTROLLER:
        yield too_long(SPEC / "controller", MAX_CONTROLLER)
    yield from domain_prefixed_path(controller, SPEC / "controller")
    if (parameters := spec.get("parameters")) is not None:
        yield from validate_reference(parameters, SPEC / "parameters")


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """The controller never changes."""
    yield from again.changed(new, old)
    now, before = ((one.get("spec") or {}).get("controller", "") for one in (new, old))
    if now != before:
        yield invalid(SPEC / "controller", now, "field is immutable")
    yield from again.judged(new, namespaced=False)
    yield from _spec(new)


def _parameters(ingress_class: Object, _: float) -> str:
    parameters = (ingress_class.get("spec") or {}).get("parameters")
    if parameters is None:
        return "<none>"
    group = parameters.get("apiGroup")
    kind = parameters.get("kind", "") + ("" if group is None else f".{group}")
    return f"{kind}/{parameters.get('name', '')}"


RESOURCE = Resource(
    group=GROUP,
    plural="ingressclasses",
    kind="IngressClass",
    versions=(
        Version("v1", since="1.19"),
        Version("v1beta1", storage=True, since="1.18", until="1.22", deprecated=OLD),
    ),
    namespaced=False,
    validate=validate,
    validate_update=validate_update,
    generation=True,
    columns=(
        NAME,
        Column("Controller", "string", ".spec.controller"),
        Column("Parameters", "string", _parameters),
        AGE,
    ),
)
