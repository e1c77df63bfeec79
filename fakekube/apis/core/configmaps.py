"""ConfigMap. Follows pkg/apis/core/validation and pkg/registry/core/configmap of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.core.keyed import MAX_SIZE, byte_count, validate_frozen, validate_keys
from fakekube.apis.resource import Column, Resource, Version
from fakekube.machinery.fielderrors import FieldError, Path, invalid, too_long
from fakekube.machinery.names import size
from fakekube.machinery.objects import Object

DATA, BINARY = Path("data"), Path("binaryData")
WHOLE = Path("[]")
"""How the server writes the path of the object itself here."""


def default(config_map: Object) -> None:
    """No data is as good as empty data; binaryData tells the two apart."""
    if not config_map.get("data"):
        config_map.pop("data", None)


def validate(config_map: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new config map."""
    yield from again.created(config_map)
    yield from _contents(config_map)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update: a frozen one keeps its contents."""
    yield from again.changed(new, old)
    yield from validate_frozen(new, old, ("data", "binaryData"))
    yield from again.judged(new, namespaced=True)
    yield from _contents(new)


def _contents(config_map: Object) -> Iterator[FieldError]:
    texts, binaries = config_map.get("data") or {}, config_map.get("binaryData") or {}
    for key in texts:
        yield from validate_keys((key,), DATA)
        if key in binaries:
            yield invalid(DATA @ key, key, "duplicate of key present in binaryData")
    yield from validate_keys(binaries, BINARY)
    if sum(map(size, texts.values())) + sum(map(byte_count, binaries.values())) > MAX_SIZE:
        yield too_long(WHOLE, MAX_SIZE)


def _entries(config_map: Object, _: float) -> int:
    return len(config_map.get("data") or ()) + len(config_map.get("binaryData") or ())


RESOURCE = Resource(
    group="",
    plural="configmaps",
    kind="ConfigMap",
    versions=(Version("v1", storage=True, defaults=default),),
    short_names=("cm",),
    validate=validate,
    validate_update=validate_update,
    columns=(NAME, Column("Data", "string", _entries), AGE),
)
