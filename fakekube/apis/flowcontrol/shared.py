"""What FlowSchema and PriorityLevelConfiguration have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fakekube.apis import again
from fakekube.apis.resource import Column, Mutate, Resource, Subresource, Validate, Version
from fakekube.apis.statuses import keep_metadata_too
from fakekube.machinery.fielderrors import FieldError, Path, duplicate, required
from fakekube.machinery.objects import Object

GROUP = "flowcontrol.apiserver.k8s.io"
SPEC = Path("spec")


def configuration(
    kind: str,
    default: Mutate,
    own: Validate,
    columns: tuple[Column, ...],
    row_order: Callable[[Any], Any] | None = None,
) -> Resource:
    """A kind of the group. `own` judges all but the metadata and the status; everything may change."""

    def validate(obj: Object) -> Iterator[FieldError]:
        yield from again.created(obj)
        yield from own(obj)
        yield from validate_conditions(obj)

    def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
        yield from again.judged(new, namespaced=False)
        yield from own(new)
        yield from validate_conditions(new)

    def validate_status(new: Object, old: Object) -> Iterator[FieldError]:
        return validate_conditions(new)

    return Resource(
        group=GROUP,
        plural=f"{kind.lower()}s",
        kind=kind,
        versions=(Version("v1beta1", storage=True, since="1.20", until="1.26", defaults=default),),
        namespaced=False,
        subresources=(Subresource("status", prepare_update=keep_metadata_too, validate_update=validate_status),),
        validate=validate,
        validate_update=validate_update,
        generation=True,
        columns=columns,
        row_order=row_order,
    )


def validate_conditions(obj: Object) -> Iterator[FieldError]:
    """Conditions have a type, and one of each."""
    path = Path("status") / "conditions"
    types = [condition.get("type", "") for condition in (obj.get("status") or {}).get("conditions") or ()]
    for index, type_ in enumerate(types):
        if type_ in types[:index]:
            yield duplicate(path @ index / "type", type_)
        if not type_:
            yield required(path @ index / "type", "must not be empty")


def same(value: Any, other: Any) -> bool:
    """Whether two specs mean the same: what is empty counts as absent."""
    return bool(_bare(value) == _bare(other))


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: bare for name, item in value.items() if (bare := _bare(item)) not in (None, {}, [], "", False)}
    return [_bare(item) for item in value] if isinstance(value, list) else value
