"""Objects within custom resources: they say what they are. Follows apiextensions-apiserver's schema/objectmeta."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fakekube.apis import meta
from fakekube.apis.apiextensions.structural import EMBEDDED
from fakekube.machinery.fielderrors import FieldError, Path, invalid, required
from fakekube.machinery.names import dns_1035_label, path_segment
from fakekube.machinery.objects import Object
from fakekube.machinery.structural.walking import children

EMPTY = "must not be empty"


def validate(value: Any, schema: Object, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with the embedded objects of a value."""
    if isinstance(value, dict) and schema.get(EMBEDDED):
        yield from _validate_object(value, path)
    for child in children(value, schema, path):
        yield from validate(*child)


def _validate_object(value: Object, path: Path) -> Iterator[FieldError]:
    yield from (required(path / name, EMPTY) for name in NAMED if name not in value)
    for name, wrong in NAMED.items():
        if name in value:
            yield from _validate_text(value[name], wrong, path / name)
    metadata = value.get("metadata")
    if isinstance(metadata, dict):
        named = {**metadata, "name": metadata.get("name") or "fakename"}
        yield from meta.validate_object_meta(named, bool(metadata.get("namespace")), path_segment, path / "metadata")


def _validate_text(value: Any, wrong: Callable[[str], Iterable[str]], path: Path) -> Iterator[FieldError]:
    if not isinstance(value, str):
        yield invalid(path, value, "must be a string")
    elif not value:
        yield invalid(path, value, EMPTY)
    elif text := ",".join(wrong(value)):
        yield invalid(path, value, text)


def _wrong_version(value: str) -> Iterator[str]:
    if value.count("/") > 1:
        yield f"unexpected GroupVersion string: {value}"


def _wrong_kind(value: str) -> Iterator[str]:
    if problems := ",".join(dns_1035_label(value.lower())):
        yield f"may have mixed case, but should otherwise match: {problems}"


NAMED = {"apiVersion": _wrong_version, "kind": _wrong_kind}
"""What an object has to say, and what is wrong with how it says it."""
