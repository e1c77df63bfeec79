"""Fault: requests that are to fail, to be slow, or to lose their connection, so that clients can be tried out.

A list of the spec that is empty stands for all; what a list holds is meant as in RBAC's rules. The status counts the
requests that have met the fault.
"""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis.columns import AGE, NAME
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.apis.sim.definitions import GROUP, VERSION
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, required
from fakekube.machinery.objects import Object
from fakekube.machinery.times import TimeError, parse_duration

CODES = range(400, 600)
LONGEST = 600
"""Seconds that a request may be held up."""
SPEC = Path("spec")


def seconds(fault: Object) -> float:
    """How long a valid fault holds a request up."""
    return parse_duration(fault["spec"].get("latency") or "0") / 1e9


def validate(fault: Object) -> Iterator[FieldError]:
    """A fault does something, and what it does makes sense."""
    spec = fault.get("spec") or {}
    if not any(spec.get(field) for field in ("code", "latency", "drop")):
        yield required(SPEC, "one of code, latency, drop")
    if spec.get("code", CODES.start) not in CODES:
        yield invalid(SPEC / "code", spec["code"], f"must be between {CODES.start} and {CODES.stop - 1}, inclusive")
    if spec.get("code") and spec.get("drop"):
        yield forbidden(SPEC / "drop", "may not be set when `code` is set")
    yield from _latency(spec.get("latency") or "0", SPEC / "latency")
    if spec.get("count") is not None and spec["count"] < 1:
        yield invalid(SPEC / "count", spec["count"], "must be greater than zero")
    if spec.get("retryAfterSeconds", 0) < 0:
        yield invalid(SPEC / "retryAfterSeconds", spec["retryAfterSeconds"], "must be greater than or equal to 0")


def _latency(text: str, path: Path) -> Iterator[FieldError]:
    try:
        duration = parse_duration(text) / 1e9
    except TimeError as error:
        yield invalid(path, text, str(error))
        return
    if not 0 <= duration <= LONGEST:
        yield invalid(path, text, f"must be between 0s and {LONGEST}s, inclusive")


def validate_update(new: Object, _: Object) -> Iterator[FieldError]:
    """Everything may change."""
    yield from validate(new)


def requests(fault: Object, _: float) -> str:
    """The requests in few words: "create,delete pods"."""
    return " ".join(",".join(fault["spec"].get(field) or ("*",)) for field in ("verbs", "resources"))


def what(fault: Object, _: float) -> str:
    """What happens to them in few words: "2s 503"."""
    spec = fault["spec"]
    parts = (spec.get("latency"), spec.get("code"), "drop" if spec.get("drop") else "")
    return " ".join(str(part) for part in parts if part)


def hits(fault: Object, _: float) -> str:
    """How many have met it, of how many if there is a limit."""
    met, count = (fault.get("status") or {}).get("hits", 0), fault["spec"].get("count")
    return f"{met}/{count}" if count else str(met)


RESOURCE = Resource(
    group=GROUP,
    plural="faults",
    singular="fault",
    kind="Fault",
    versions=(Version(VERSION, storage=True),),
    namespaced=False,
    subresources=(Subresource("status"),),
    validate=validate,
    validate_update=validate_update,
    generation=True,
    columns=(
        NAME,
        Column("Requests", "string", requests),
        Column("Fault", "string", what),
        Column("Hits", "string", hits),
        AGE,
    ),
)
