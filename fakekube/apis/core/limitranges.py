"""LimitRange. Follows pkg/apis/core/validation and pkg/registry/core/limitrange of v1.20."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from fakekube.apis import again
from fakekube.apis.podspec.defaults import round_up
from fakekube.apis.podspec.resources import allows_overcommit, container_resource_name, resource_name
from fakekube.apis.resource import Resource, Version
from fakekube.machinery import generate
from fakekube.machinery.fielderrors import FieldError, Path, duplicate, forbidden, invalid, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import qualified_name
from fakekube.machinery.objects import Object
from fakekube.machinery.quantity import Quantity, parse

LIMITS = Path("spec") / "limits"
TYPES = ("Pod", "Container", "PersistentVolumeClaim")
PARTS = ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")
NEEDS_STORAGE = "either minimum or maximum storage value is required, but neither was provided"
NOT_FOR_PODS = "may not be specified when `type` is 'Pod'"
MAX_MILLI = (2**63 - 1) // 1000
ONE = parse("1")

REQUEST = "default request value"
COMPARED = (
    ("min", "max", "min", "min", "min value {} is greater than max value {}"),
    ("min", "defaultRequest", "defaultRequest", "defaultRequest", f"min value {{}} is greater than {REQUEST} {{}}"),
    ("defaultRequest", "max", "defaultRequest", "defaultRequest", f"{REQUEST} {{}} is greater than max value {{}}"),
    (
        "defaultRequest",
        "default",
        "defaultRequest",
        "defaultRequest",
        f"{REQUEST} {{}} is greater than default limit value {{}}",
    ),
    ("min", "default", "default", "min", "min value {} is greater than default value {}"),
    ("default", "max", "default", "max", "default value {} is greater than max value {}"),
)
"""(smaller, larger, the part of the path, the part whose value is shown, the text)."""


def default(limit_range: Object) -> None:
    """Containers get their defaults out of what they may use at most and at least."""
    for item in (limit_range.get("spec") or {}).get("limits") or ():
        if item.get("type") == "Container":
            limits = {**(item.get("max") or {}), **(item.get("default") or {})}
            requests = {**(item.get("min") or {}), **limits, **(item.get("defaultRequest") or {})}
            item.update({name: part for name, part in (("default", limits), ("defaultRequest", requests)) if part})
        for name in PARTS:
            round_up(item.get(name))


def prepare_create(limit_range: Object) -> None:
    """One without a name gets one."""
    if not limit_range["metadata"].get("name"):
        limit_range["metadata"]["name"] = generate.uid()


def validate(limit_range: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new one."""
    yield from again.created(limit_range)
    yield from _items(limit_range)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an updated one; anything may change."""
    yield from again.judged(new, namespaced=True)
    yield from _items(new)


def _items(limit_range: Object) -> Iterator[FieldError]:
    seen: set[str] = set()
    for index, item in enumerate((limit_range.get("spec") or {}).get("limits") or ()):
        path, kind = LIMITS @ index, item.get("type", "")
        yield from _type(kind, path / "type")
        if kind in seen:
            yield duplicate(path / "type", kind)
        seen.add(kind)
        yield from _names(item, kind, path)
        yield from _amounts(item, kind, path)


def _type(kind: str, path: Path) -> Iterator[FieldError]:
    wrong = list(qualified_name(kind))
    yield from (invalid(path, kind, text) for text in wrong)
    if not wrong and "/" not in kind and kind not in TYPES:
        yield invalid(path, kind, "must be a standard limit type or fully qualified")


def _names(item: Object, kind: str, path: Path) -> Iterator[FieldError]:
    rule = container_resource_name if kind in ("Pod", "Container") else resource_name
    for part in PARTS:
        if part == "maxLimitRequestRatio":
            yield from _needs_storage(item, kind, path)
        if kind != "Pod" or not part.startswith("default"):
            for name in item.get(part) or ():
                yield from rule(name, path / part @ name)
        elif item.get(part):
            yield forbidden(path / part, NOT_FOR_PODS)


def _needs_storage(item: Object, kind: str, path: Path) -> Iterator[FieldError]:
    if kind == "PersistentVolumeClaim" and not any("storage" in (item.get(part) or ()) for part in ("min", "max")):
        yield required(path / "limits", NEEDS_STORAGE)


def _amounts(item: Object, kind: str, path: Path) -> Iterator[FieldError]:
    """Amounts of one resource fit together."""
    parts = [part for part in PARTS if kind != "Pod" or not part.startswith("default")]
    for name in dict.fromkeys(name for part in parts for name in item.get(part) or ()):
        texts = {part: item[part][name] for part in parts if name in (item.get(part) or ())}
        yield from _fits(name, texts, path)


def _fits(name: str, texts: Mapping[str, str], path: Path) -> Iterator[FieldError]:
    values = {part: parse(text) for part, text in texts.items()}
    for smaller, larger, where, shown, text in COMPARED:
        if smaller in values and larger in values and values[smaller] > values[larger]:
            yield _invalid(path / where @ name, texts[shown], text.format(texts[smaller], texts[larger]))
    if "maxLimitRequestRatio" in values:
        yield from _ratio(values, texts["maxLimitRequestRatio"], path / "maxLimitRequestRatio" @ name)
    both = "default" in values and "defaultRequest" in values
    if both and not allows_overcommit(name) and values["default"] != values["defaultRequest"]:
        limit, request = texts["default"], texts["defaultRequest"]
        why = f"default value {limit} must equal to defaultRequest value {request} in {name}"
        yield _invalid(path / "defaultRequest" @ name, request, why)


def _ratio(values: Mapping[str, Quantity], text: str, path: Path) -> Iterator[FieldError]:
    ratio = values["maxLimitRequestRatio"]
    if ratio < ONE:
        yield _invalid(path, text, f"ratio {text} is less than 1")
    if "min" not in values or "max" not in values:
        return
    allowed, least, most = float(ratio.value()), values["min"].value(), values["max"].value()
    if max(ratio.value(), least, most) < MAX_MILLI:
        allowed, least, most = ratio.milli_value() / 1000, values["min"].milli_value(), values["max"].milli_value()
    limit = most / least if least else math.nan
    if allowed > limit:
        yield _invalid(path, text, f"ratio {text} is greater than max/min = {limit:f}")


def _invalid(path: Path, text: str, why: str) -> FieldError:
    return invalid(path, Go(text, "resource.Quantity"), why)


RESOURCE = Resource(
    group="",
    plural="limitranges",
    kind="LimitRange",
    versions=(Version("v1", storage=True, defaults=default),),
    short_names=("limits",),
    create_on_update=True,
    prepare_create=prepare_create,
    validate=validate,
    validate_update=validate_update,
)
