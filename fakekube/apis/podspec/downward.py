"""References to fields and resources of the pod itself: in environment variables and in volumes."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.machinery.fielderrors import FieldError, Path, invalid, not_supported, required
from fakekube.machinery.names import qualified_name
from fakekube.machinery.objects import Object
from fakekube.machinery.quantity import parse

ENV_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.podIP",
    "status.podIPs",
)
VOLUME_FIELDS = ("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid")
KNOWN_FIELDS = frozenset({*ENV_FIELDS, *VOLUME_FIELDS, "spec.restartPolicy", "spec.schedulerName", "status.phase"})
"""What the server can name at all; most of it is not supported here."""

RESOURCES = (
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
)
HUGE_PAGES = ("requests.hugepages-", "limits.hugepages-")

BYTES = ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")
_ONLY_BYTES = f"only divisor's values {', '.join(BYTES)} are supported with the"
DIVISORS = {
    "cpu": (("1m", "1"), "only divisor's values 1m and 1 are supported with the cpu resource"),
    "memory": (BYTES, f"{_ONLY_BYTES} memory resource"),
    "ephemeral-storage": (BYTES, f"{_ONLY_BYTES} local ephemeral storage resource"),
}
HUGE_PAGES_DIVISORS = (BYTES, f"{_ONLY_BYTES} hugepages resource")


def split_subscript(text: str) -> tuple[str, str | None]:
    """ "metadata.labels['a']" is ("metadata.labels", "a"); a path without a subscript is (path, None)."""
    if text.endswith("']"):
        path, bracket, key = text[:-2].partition("['")
        if bracket and path:
            return path, key
    return text, None


def field_reference(reference: Object, path: Path, supported: tuple[str, ...]) -> Iterator[FieldError]:
    """A fieldRef to one of `supported`, or to one label or annotation."""
    version, text = reference.get("apiVersion", ""), reference.get("fieldPath", "")
    for name, value in (("apiVersion", version), ("fieldPath", text)):
        if not value:
            yield required(path / name)
            return
    name, key = split_subscript(text)
    if wrong := _conversion(version, text, name, key):
        yield invalid(path / "fieldPath", text, f"error converting fieldPath: {wrong}")
    elif key is not None:
        for complaint in qualified_name(key.lower() if name == "metadata.annotations" else key):
            yield invalid(path, key, complaint)
    elif (name := "spec.nodeName" if name == "spec.host" else name) not in supported:
        yield not_supported(path / "fieldPath", name, supported)


def resource_reference(reference: Object, path: Path, volume: bool, huge_pages: bool) -> Iterator[FieldError]:
    """A resourceFieldRef; in a volume it has to name the container."""
    resource = reference.get("resource", "")
    if volume and not reference.get("containerName"):
        yield required(path / "containerName")
    elif not resource:
        yield required(path / "resource")
    elif resource not in RESOURCES and not (huge_pages and resource.startswith(HUGE_PAGES)):
        yield not_supported(path / "resource", resource, RESOURCES)
    yield from _divisor(resource, reference.get("divisor") or "0", path)


def _conversion(version: str, text: str, name: str, key: str | None) -> str:
    if version != "v1":
        return f"unsupported pod version: {version}"
    if key is not None:
        subscripted = name in ("metadata.annotations", "metadata.labels")
        return "" if subscripted else f"field label does not support subscript: {text}"
    return "" if name in KNOWN_FIELDS or name == "spec.host" else f"field label not supported: {text}"


def _divisor(resource: str, divisor: str, path: Path) -> Iterator[FieldError]:
    if not parse(divisor):
        return
    if resource in RESOURCES:
        supported, text = DIVISORS[resource.partition(".")[2]]
    elif resource.startswith(HUGE_PAGES):
        supported, text = HUGE_PAGES_DIVISORS
    else:
        return
    if divisor not in supported:
        yield invalid(path / "divisor", resource, text)
