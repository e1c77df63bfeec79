"""Metadata that a kind judges itself, besides what the store judges for all kinds.

On the real server a kind's own validation looks at metadata too, so an update repeats errors: clients see each of them
as often as it was found. Follows ValidateObjectMeta and ValidateObjectMetaUpdate of pkg/apis/core/validation of v1.20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from fakekube.apis import meta
from fakekube.machinery.fielderrors import FieldError
from fakekube.machinery.names import dns_subdomain
from fakekube.machinery.objects import Object


def created(obj: Object) -> Iterator[FieldError]:
    """Yield what is wrong with new metadata, beyond what the store has judged already."""
    return meta.validate_standard_finalizers(obj["metadata"])


def judged(
    obj: Object, *, namespaced: bool, rule: Callable[[str], Iterable[str]] = dns_subdomain
) -> Iterator[FieldError]:
    """Yield all that is wrong with the metadata of an updated object by itself."""
    yield from meta.validate_object_meta(obj["metadata"], namespaced, rule)
    yield from created(obj)


def changed(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield all that is wrong with the change of the metadata."""
    yield from meta.validate_object_meta_update(new["metadata"], old["metadata"])
    yield from created(new)
