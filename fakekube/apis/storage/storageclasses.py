"""StorageClass. Follows pkg/apis/storage and pkg/registry/storage/storageclass of v1.20."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fakekube.apis import again
from fakekube.apis.columns import AGE
from fakekube.apis.resource import Column, Resource
from fakekube.apis.storage.versions import GROUP, versions
from fakekube.machinery.fielderrors import (
    FieldError,
    Path,
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
    too_long,
)
from fakekube.machinery.metarules import validate_label_name
from fakekube.machinery.names import qualified_name, size
from fakekube.machinery.objects import Object

DEFAULTS = {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"}
RECLAIM_POLICIES = ("Delete", "Retain")
BINDING_MODES = ("Immediate", "WaitForFirstConsumer")
MAX_PARAMETERS, MAX_PARAMETERS_SIZE = 512, 256 * 1024
FIXED = ("parameters", "provisioner", "reclaimPolicy")
DEFAULT_CLASS = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")


def default(storage_class: Object) -> None:
    """Volumes go with their claims, and are bound at once."""
    storage_class.update({name: value for name, value in DEFAULTS.items() if storage_class.get(name) is None})


def validate(storage_class: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new class."""
    yield from again.created(storage_class)
    yield from _all_but_metadata(storage_class)


def _all_but_metadata(storage_class: Object) -> Iterator[FieldError]:
    provisioner, path = storage_class.get("provisioner", ""), Path("provisioner")
    if provisioner:
        yield from (invalid(path, provisioner, wrong) for wrong in qualified_name(provisioner.lower()))
    else:
        yield required(path)
    yield from _parameters(storage_class.get("parameters") or {}, Path("parameters"))
    policy, mode = storage_class.get("reclaimPolicy"), storage_class.get("volumeBindingMode")
    if policy and policy not in RECLAIM_POLICIES:
        yield not_supported(Path("reclaimPolicy"), policy, RECLAIM_POLICIES)
    if mode not in BINDING_MODES:
        yield not_supported(Path("volumeBindingMode"), mode, BINDING_MODES)
    yield from _topologies(storage_class.get("allowedTopologies") or [], Path("allowedTopologies"))


def _parameters(parameters: dict[str, str], path: Path) -> Iterator[FieldError]:
    if len(parameters) > MAX_PARAMETERS:
        yield too_long(path, MAX_PARAMETERS)
        return
    if "" in parameters:
        yield invalid(path, "", "field can not be empty.")
    if sum(size(key) + size(value) for key, value in parameters.items()) > MAX_PARAMETERS_SIZE:
        yield too_long(path, MAX_PARAMETERS_SIZE)


def _topologies(terms: list[Object], path: Path) -> Iterator[FieldError]:
    """The server starts out with as many empty terms as there are terms, so an empty one is a duplicate of each."""
    seen: list[dict[str, set[str]]] = [{} for _ in terms]
    for index, term in enumerate(terms):
        here = path @ index / "matchLabelExpressions"
        expressions: dict[str, set[str]] = {}
        for place, expression in enumerate(term.get("matchLabelExpressions") or ()):
            yield from _expression(expression, expressions, here @ place)
        yield from (duplicate(here, "") for other in seen if other == expressions)
        seen.append(expressions)


def _expression(expression: Object, seen: dict[str, set[str]], path: Path) -> Iterator[FieldError]:
    key, values = expression.get("key", ""), expression.get("values") or []
    if not values:
        yield required(path / "values")
    repeated = ((index, value) for index, value in enumerate(values) if value in values[:index])
    yield from (duplicate(path / "values" @ index, value) for index, value in repeated)
    yield from validate_label_name(key, path / "key")
    if key in seen:
        yield duplicate(path / "key", key)
    seen[key] = set(values)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """What volumes are made from never changes."""
    yield from again.judged(new, namespaced=False)
    yield from _all_but_metadata(new)
    yield from again.changed(new, old)
    for name in FIXED:
        if new.get(name) != old.get(name):
            yield forbidden(Path(name), f"updates to {name} are forbidden.")
    if new.get("volumeBindingMode") != old.get("volumeBindingMode"):
        yield invalid(Path("volumeBindingMode"), new.get("volumeBindingMode"), "field is immutable")


def _name(storage_class: Object, _: float) -> str:
    annotations = storage_class["metadata"].get("annotations") or {}
    name: str = storage_class["metadata"]["name"]
    return f"{name} (default)" if any(annotations.get(key) == "true" for key in DEFAULT_CLASS) else name


def _expands(storage_class: Any, _: float) -> bool:
    return bool(storage_class.get("allowVolumeExpansion"))


RESOURCE = Resource(
    group=GROUP,
    plural="storageclasses",
    kind="StorageClass",
    versions=versions("StorageClass", "1.19", defaults=default),
    namespaced=False,
    short_names=("sc",),
    returns_deleted=True,
    validate=validate,
    validate_update=validate_update,
    columns=(
        Column("Name", "string", _name, format="name"),
        Column("Provisioner", "string", ".provisioner"),
        Column("ReclaimPolicy", "string", ".reclaimPolicy"),
        Column("VolumeBindingMode", "string", ".volumeBindingMode"),
        Column("AllowVolumeExpansion", "string", _expands),
        AGE,
    ),
)
