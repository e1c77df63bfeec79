"""Options that come in the query. Follows apimachinery's conversion of url.Values and the options' validation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fakekube.machinery import metarules, status
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, not_supported, required
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Object
from fakekube.machinery.times import format_duration, parse_duration

Values = Mapping[str, Sequence[str]]
TIMEOUT = 34.0
"""Seconds that a write may take if the request does not say."""
SHORTEST = 0.001
"""Seconds within which the real server does not get anything done."""


def text(values: Sequence[str]) -> str:
    """The first value."""
    return values[0]


def texts(values: Sequence[str]) -> list[str]:
    """All values."""
    return list(values)


def flag(values: Sequence[str]) -> bool:
    """Anything but "false" and "0" is true."""
    return bool(values) and values[0].lower() not in ("false", "0")


def number(values: Sequence[str]) -> int:
    """The first value. Raises BadRequest (400)."""
    try:
        return _go_int(values[0])
    except ValueError as error:
        raise status.bad_request(f"strconv.ParseInt: parsing {quote(values[0])}: {error}") from None


def _go_int(text: str) -> int:
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("invalid syntax")
    if not -(2**63) <= int(text) < 2**63:
        raise ValueError("value out of range")
    return int(text)


Reader = Callable[[Sequence[str]], Any]
EXPORT: dict[str, Reader] = {"export": flag, "exact": flag}
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


def read_delete(values: Values) -> Object:
    """DeleteOptions; uid and resourceVersion are preconditions. Raises BadRequest (400)."""
    options = read(values, DELETE)
    wanted = {name: values[name][0] for name in ("uid", "resourceVersion") if values.get(name, [""])[0]}
    return {**options, "preconditions": wanted} if wanted else options


def timeout(values: Values) -> float:
    """Seconds that a write may take. What is no duration counts for nothing."""
    given = values.get("timeout", [""])[0]
    try:
        return parse_duration(given) / 10**9 if given else TIMEOUT
    except ValueError:
        return TIMEOUT


def check_timeout(values: Values) -> None:
    """Raise Timeout (504) if there is no time at all: everything else is quicker than any timeout in use."""
    if (seconds := timeout(values)) < SHORTEST:
        shown = format_duration(round(seconds * 10**9))
        raise status.timeout(f"request did not complete within requested timeout {shown}")


def check(kind: str, errors: Iterator[FieldError]) -> None:
    """Raise Invalid (422) about options of that kind if there is any error."""
    found = list(errors)
    if found:
        raise status.invalid("meta.k8s.io", kind, "", found)


def write_options_errors(options: Object) -> Iterator[FieldError]:
    """CreateOptions, UpdateOptions."""
    yield from metarules.validate_field_manager(options.get("fieldManager", ""), Path("fieldManager"))
    yield from metarules.validate_dry_run(options.get("dryRun") or (), Path("dryRun"))


def patch_options_errors(options: Object, apply: bool) -> Iterator[FieldError]:
    """PatchOptions; an apply needs a field manager, and only an apply may be forced."""
    if apply:
        if not options.get("fieldManager"):
            yield required(Path("fieldManager"), "is required for apply patch")
    elif "force" in options:
        yield forbidden(Path("force"), "may not be specified for non-apply patch")
    yield from metarules.validate_field_manager(options.get("fieldManager", ""), Path("fieldManager"))
    yield from metarules.validate_dry_run(options.get("dryRun") or (), Path("dryRun"))


def delete_options_errors(options: Object) -> Iterator[FieldError]:
    """DeleteOptions."""
    policy = options.get("propagationPolicy")
    if policy is not None and options.get("orphanDependents") is not None:
        detail = "orphanDependents and deletionPropagation cannot be both set"
        yield invalid(Path("propagationPolicy"), policy, detail)
    if policy is not None and policy not in ("Foreground", "Background", "Orphan"):
        yield not_supported(Path("propagationPolicy"), policy, ("Foreground", "Background", "Orphan", "nil"))
    yield from metarules.validate_dry_run(options.get("dryRun") or (), Path("dryRun"))
