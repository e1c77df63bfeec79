"""What the kinds that run copies of a pod template share. Follows pkg/apis/apps/validation and the printers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fakekube.apis.podspec import validate_pod_template
from fakekube.apis.resource import Column
from fakekube.machinery import selectors
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, not_supported, required
from fakekube.machinery.goformat import Go

SPEC, STATUS = Path("spec"), Path("status")
NOT_NEGATIVE = "must be greater than or equal to 0"
MORE_THAN_REPLICAS = "cannot be greater than status.replicas"


def not_negative(values: Any, names: tuple[str, ...], path: Path) -> Iterator[FieldError]:
    """Counts, in that order."""
    for name in names:
        if values.get(name, 0) < 0:
            yield invalid(path / name, values[name], NOT_NEGATIVE)


def validate_selector(spec: Any, path: Path) -> Iterator[FieldError]:
    """A selector has to be there and to select something."""
    selector = spec.get("selector")
    if selector is None:
        yield required(path)
        return
    yield from selectors.validate_object(selector, path)
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        yield invalid(path, Go(selector, "v1.LabelSelector"), "empty selector is invalid for deployment")


def validate_template(spec: Any, path: Path, kind: str) -> Iterator[FieldError]:
    """The template, and that the selector finds what is made of it; pods run for ever."""
    try:
        selector = selectors.from_object(spec.get("selector"))
    except ValueError:
        yield invalid(SPEC / "selector", Go(spec["selector"], "v1.LabelSelector"), "invalid label selector")
        return
    template = spec["template"]
    labels = template.get("metadata", {}).get("labels", {})
    if not selector.empty and not selector.matches(labels):
        detail = "`selector` does not match template `labels`"
        yield invalid(path / "metadata" / "labels", Go(labels or None, "map[string]string"), detail)
    yield from validate_pod_template(template, path)
    pod = template["spec"]
    if pod.get("restartPolicy") != "Always":
        yield not_supported(path / "spec" / "restartPolicy", pod.get("restartPolicy", ""), ("Always",))
    if "activeDeadlineSeconds" in pod:
        yield forbidden(path / "spec" / "activeDeadlineSeconds", f"activeDeadlineSeconds in {kind} is not Supported")


def validate_available(status: Any, compared: tuple[str, ...]) -> Iterator[FieldError]:
    """No count exceeds the replicas, and no more are available than ready."""
    replicas = status.get("replicas", 0)
    for name in compared:
        if status.get(name, 0) > replicas:
            yield invalid(STATUS / name, status[name], MORE_THAN_REPLICAS)
    if status.get("availableReplicas", 0) > status.get("readyReplicas", 0):
        detail = "cannot be greater than readyReplicas"
        yield invalid(STATUS / "availableReplicas", status["availableReplicas"], detail)


def _containers(obj: Any) -> list[Any]:
    found: list[Any] = obj["spec"].get("template", {}).get("spec", {}).get("containers") or []
    return found


WIDE = (
    Column("Containers", "string", lambda o, now: ",".join(c["name"] for c in _containers(o)), priority=1),
    Column("Images", "string", lambda o, now: ",".join(c.get("image", "") for c in _containers(o)), priority=1),
)


def selector_text(obj: Any, now: float) -> str:
    """The selector as kubectl shows it."""
    return selectors.format_object(obj["spec"].get("selector"))
