"""Options that come in the query. Follows apimachinery's conversion of url.Values and the options' validation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fakekube.machinery import status
from fakekube.machinery.fielderrors import FieldError, Path, invalid, not_supported, required, too_long
from fakekube.machinery.goformat import Go
from fakekube.machinery.objects import Object

Values = Mapping[str, Sequence[str]]


def text(values: Sequence[str]) -> str:
    """The first value."""
    return values[0]


def texts(values: Sequence[str]) -> list[str]:
    """All values."""
    return list(values)


def flag(values: Sequence[str]) -> bool:
    """Anything but "false" and "0" is true."""
    return bool(values) and values[0].lower() not in ("false", "0")


def number(values: Sequence[str]) -> int | None:
    """The first value, None if it is empty. Raises BadRequest (400)."""
    return _integer(values[0]) if values[0] else None


def numbers(values: Sequence[str]) -> list[int]:
    """All values. Raises BadRequest (400)."""
    return [_integer(value) for value in values]


def _integer(value: str) -> int:
    try:
        return _go_int(value)
    except ValueError as error:
        raise status.bad_request(f'strconv.ParseInt: parsing "{value}": {error}') from None


def _go_int(text: str) -> int:
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("invalid syntax")
    if not -(2**63) <= int(text) < 2**63:
        raise ValueError("value out of range")
    return int(text)


Reader = Callable[[Sequence[str]], Any]
WRITE: dict[str, Reader] = {"dryRun": texts, "fieldManager": text}
PATCH: dict[str, Reader] = {**WRITE, "force": flag}
DELETE: dict[str, Reader] = {
    "gracePeriodSeconds": number,
    "orphanDependents": flag,
    "propagationPolicy": text,
    "dryRun": texts,
}
LIST: dict[str, Reader] = {
    "labelSelector": text,
    "fieldSelector": text,
    "watch": flag,
    "allowWatchBookmarks": flag,
    "resourceVersion": text,
    "resourceVersionMatch": text,
    "timeoutSeconds": number,
    "limit": number,
    "continue": text,
}


def read(values: Values, readers: Mapping[str, Reader]) -> Object:
    """The options that are present; unknown parameters are ignored. Raises BadRequest (400)."""
    return {name: reader(values[name]) for name, reader in readers.items() if name in values}


def check(kind: str, errors: Iterator[FieldError]) -> None:
    """Raise Invalid (422) about options of that kind if there is any error."""
    found = list(errors)
    if found:
        raise status.invalid("meta.k8s.io", kind, "", found)


def write_options_errors(options: Object) -> Iterator[FieldError]:
    """CreateOptions, UpdateOptions."""
    yield from _field_manager_errors(options.get("fieldManager", ""))
    yield from _dry_run_errors(options)


def patch_options_errors(options: Object, apply: bool) -> Iterator[FieldError]:
    """PatchOptions; an apply needs a field manager, and only an apply may be forced."""
    if apply:
        if not options.get("fieldManager"):
            yield required(Path("fieldManager"), "is required for apply patch")
    elif "force" in options:
        yield _forbidden_force()
    yield from _field_manager_errors(options.get("fieldManager", ""))
    yield from _dry_run_errors(options)


def delete_options_errors(options: Object) -> Iterator[FieldError]:
    """DeleteOptions."""
    policy = options.get("propagationPolicy")
    if policy is not None and options.get("orphanDependents") is not None:
        detail = "orphanDependents and deletionPropagation cannot be both set"
        yield invalid(Path("propagationPolicy"), policy, detail)
    if policy is not None and policy not in ("Foreground", "Background", "Orphan"):
        yield not_supported(Path("propagationPolicy"), policy, ("Foreground", "Background", "Orphan", "nil"))
    yield from _dry_run_errors(options)


def _dry_run_errors(options: Object) -> Iterator[FieldError]:
    values = options.get("dryRun") or []
    if any(value != "All" for value in values):
        yield not_supported(Path("dryRun"), Go(values, "[]string"), ("All",))


def _forbidden_force() -> FieldError:
    from fakekube.machinery.fielderrors import forbidden

    return forbidden(Path("force"), "may not be specified for non-apply patch")


def _field_manager_errors(manager: str) -> Iterator[FieldError]:
    if len(manager.encode()) > 128:
        yield too_long(Path("fieldManager"), 128)
    for index, char in enumerate(manager):
        if not char.isprintable():
            detail = f"field manager may only contain printable characters; found unprintable at index {index}"
            yield invalid(Path("fieldManager"), manager, detail)
            return
