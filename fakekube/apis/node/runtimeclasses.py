"""RuntimeClass. Follows pkg/apis/node and pkg/registry/node/runtimeclass of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import meta
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.podspec.checks import breaches
from fakekube.apis.podspec.resources import validate_overhead
from fakekube.apis.podspec.scheduling import validate_tolerations
from fakekube.apis.resource import Column, Resource, Version
from fakekube.machinery.fielderrors import FieldError, Path, duplicate, invalid
from fakekube.machinery.goformat import Go
from fakekube.machinery.metarules import validate_labels
from fakekube.machinery.names import dns_label, dns_subdomain
from fakekube.machinery.objects import Object

SCHEDULING = Path("scheduling")
KEYS = ("key", "operator", "value", "effect")


def validate(runtime_class: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new class."""
    yield from breaches(runtime_class.get("handler", ""), Path("handler"), dns_label)
    if (overhead := runtime_class.get("overhead")) is not None:
        yield from validate_overhead(overhead.get("podFixed") or {}, Path("overhead"))
    if (scheduling := runtime_class.get("scheduling")) is not None:
        if selector := scheduling.get("nodeSelector"):
            yield from validate_labels(selector, SCHEDULING / "nodeSelector")
        yield from _tolerations(scheduling.get("tolerations") or [], SCHEDULING / "tolerations")


def _tolerations(tolerations: list[Object], path: Path) -> Iterator[FieldError]:
    """The real server says "tolerations" twice in the paths of single fields."""
    yield from validate_tolerations(tolerations, path / "tolerations")
    keys = [tuple(toleration.get(name, "") for name in KEYS) for toleration in tolerations]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            yield duplicate(path @ index, Go(tolerations[index], "core.Toleration"))


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """The handler never changes."""
    yield from meta.validate_object_meta(new["metadata"], False, dns_subdomain)
    yield from validate(new)
    yield from meta.validate_object_meta_update(new["metadata"], old["metadata"])
    if new.get("handler", "") != old.get("handler", ""):
        yield invalid(Path("handler"), new.get("handler", ""), "field is immutable")


RESOURCE = Resource(
    group="node.k8s.io",
    plural="runtimeclasses",
    kind="RuntimeClass",
    versions=(
        Version("v1", since="1.20"),
        Version("v1beta1", storage=True, until="1.25"),
    ),
    namespaced=False,
    validate=validate,
    validate_update=validate_update,
    create_on_update=True,
    unconditional_update=False,
    columns=(NAME, Column("Handler", "string", ".handler"), AGE),
)
