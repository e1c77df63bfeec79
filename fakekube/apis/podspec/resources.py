"""What a container may use and asks for: names and amounts of resources."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from fakekube.apis.podspec.checks import NEGATIVE
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import qualified_name
from fakekube.machinery.objects import Object
from fakekube.machinery.quantity import parse

quantity = lru_cache(maxsize=2048)(parse)
"""Parsed quantities, which are few and come again and again."""

HUGE_PAGES = "hugepages-"
COMPUTE = frozenset({"cpu", "memory"})
CONTAINER = frozenset({"cpu", "memory", "ephemeral-storage"})
COUNTED = frozenset(
    {
        "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps",
        "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
    }
)  # fmt: skip
STANDARD = COUNTED | CONTAINER | {f"{kind}.{name}" for kind in ("requests", "limits") for name in CONTAINER} | {
    "storage",
    "requests.storage",
}  # fmt: skip


def is_huge_page(name: str) -> bool:
    """Whether it is a size of huge pages."""
    return name.startswith(HUGE_PAGES)


def is_native(name: str) -> bool:
    """Whether Kubernetes itself defines the resource."""
    return "/" not in name or "kubernetes.io/" in name


def is_extended(name: str) -> bool:
    """Whether it is a well-formed resource of somebody else."""
    if is_native(name) or name.startswith("requests."):
        return False
    return not any(qualified_name(f"requests.{name}"))


def is_standard(name: str) -> bool:
    """Whether Kubernetes knows a resource without a domain by that name, in a quota or elsewhere."""
    return name in STANDARD or is_huge_page(name) or name.startswith(f"requests.{HUGE_PAGES}")


def is_counted(name: str) -> bool:
    """Whether only whole numbers of it make sense."""
    return name in COUNTED or is_extended(name)


def allows_overcommit(name: str) -> bool:
    """Whether a container may use more of it than it asks for."""
    return is_native(name) and not is_huge_page(name)


def resource_name(name: str, path: Path) -> Iterator[FieldError]:
    """The name of any resource."""
    wrong = list(qualified_name(name))
    yield from (invalid(path, name, text) for text in wrong)
    if not wrong and "/" not in name and not is_standard(name):
        yield invalid(path, name, "must be a standard resource type or fully qualified")


def amount(name: str, text: str, path: Path) -> Iterator[FieldError]:
    """An amount of the resource: not negative, and whole where it is counted."""
    if text.startswith("-") and quantity(text).sign < 0:
        yield invalid(path, text, NEGATIVE)
    if name not in CONTAINER and is_counted(name) and quantity(text).milli_value() % 1000:
        yield invalid(path, Go(text, "resource.Quantity"), "must be an integer")


def validate_requirements(requirements: Object, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with limits and requests of a container."""
    limits, requests = requirements.get("limits") or {}, requirements.get("requests") or {}
    for name, text in limits.items():
        if name not in CONTAINER or text.startswith("-"):
            yield from _entry(name, text, path / "limits" @ name)
    for name, text in requests.items():
        if name not in CONTAINER or text.startswith("-"):
            yield from _entry(name, text, path / "requests" @ name)
        yield from _fits(name, text, limits.get(name), path)
    names = {*limits, *requests}
    if not names & COMPUTE and any(map(is_huge_page, names)):
        yield forbidden(path, "HugePages require cpu or memory")


def validate_overhead(overhead: Object, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with the overhead of a pod; the server judges it as limits."""
    yield from validate_requirements({"limits": overhead}, path)


def _entry(name: str, text: str, path: Path) -> Iterator[FieldError]:
    if name not in CONTAINER:
        yield from container_resource_name(name, path)
    yield from amount(name, text, path)


def container_resource_name(name: str, path: Path) -> Iterator[FieldError]:
    """The name of what a container may use."""
    yield from resource_name(name, path)
    if "/" not in name:
        if name not in CONTAINER and not is_huge_page(name):
            yield invalid(path, name, "must be a standard resource for containers")
    elif not is_native(name) and not is_extended(name):
        yield invalid(path, name, "doesn't follow extended resource name standard")


def _fits(name: str, text: str, limit: str | None, path: Path) -> Iterator[FieldError]:
    if limit is None:
        if not allows_overcommit(name):
            yield required(path / "limits", "Limit must be set for non overcommitable resources")
    elif text != limit:
        value, most = quantity(text), quantity(limit)
        if value != most and not allows_overcommit(name):
            yield invalid(path / "requests", text, f"must be equal to {name} limit")
        elif value > most:
            yield invalid(path / "requests", text, f"must be less than or equal to {name} limit")
