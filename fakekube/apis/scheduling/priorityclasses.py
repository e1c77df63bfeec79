"""PriorityClass. Follows pkg/apis/scheduling and pkg/registry/scheduling/priorityclass of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.deprecation import deprecated
from fakekube.apis.resource import Column, Resource, Version
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, not_supported, required
from fakekube.machinery.objects import Object

GROUP = "scheduling.k8s.io"
OLD = deprecated(f"{GROUP}/v1beta1", "PriorityClass", "1.14", "1.22", f"{GROUP}/v1")
HIGHEST_USER_PRIORITY = 1_000_000_000
SYSTEM_PREFIX = "system-"
SYSTEM_CLASSES = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}
POLICIES = ("PreemptLowerPriority", "Never")


def default(priority_class: Object) -> None:
    """Pods preempt others unless the class says otherwise."""
    if priority_class.get("preemptionPolicy") is None:
        priority_class["preemptionPolicy"] = "PreemptLowerPriority"


def validate(priority_class: Object) -> Iterator[FieldError]:
    """The value of any class but the two system ones has a ceiling."""
    yield from again.created(priority_class)
    name, value = priority_class["metadata"].get("name", ""), priority_class.get("value", 0)
    if name.startswith(SYSTEM_PREFIX):
        if wrong := _not_the_systems(name, value, priority_class.get("globalDefault", False)):
            text = (
                f"priority class names with '{SYSTEM_PREFIX}' prefix are reserved for system use only. error: {wrong}"
            )
            yield forbidden(Path("metadata") / "name", text)
    elif value > HIGHEST_USER_PRIORITY:
        yield forbidden(Path("value"), f"maximum allowed value of a user defined priority is {HIGHEST_USER_PRIORITY}")
    policy = priority_class.get("preemptionPolicy")
    if policy == "":
        yield required(Path("preemptionPolicy"))
    elif policy is not None and policy not in POLICIES:
        yield not_supported(Path("preemptionPolicy"), policy, POLICIES)


def _not_the_systems(name: str, value: int, is_default: bool) -> str:
    """What distinguishes it from the system's class of that name."""
    if name not in SYSTEM_CLASSES:
        return f"{name} is not a known system priority class"
    if value != SYSTEM_CLASSES[name]:
        return f"value of {name} PriorityClass must be {SYSTEM_CLASSES[name]}"
    return f"globalDefault of {name} PriorityClass must be false" if is_default else ""


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Neither the value nor the policy ever changes."""
    yield from again.changed(new, old)
    if new.get("value", 0) != old.get("value", 0):
        yield forbidden(Path("Value"), "may not be changed in an update.")  # the real server writes this path so
    if new.get("preemptionPolicy") != old.get("preemptionPolicy"):
        yield invalid(Path("preemptionPolicy"), new.get("preemptionPolicy"), "field is immutable")


def _global_default(priority_class: Object, _: float) -> bool:
    return bool(priority_class.get("globalDefault"))


def _value(priority_class: Object, _: float) -> int:
    value: int = priority_class.get("value", 0)
    return value


RESOURCE = Resource(
    group=GROUP,
    plural="priorityclasses",
    kind="PriorityClass",
    short_names=("pc",),
    versions=(
        Version("v1", storage=True, defaults=default),
        Version("v1beta1", until="1.22", defaults=default, deprecated=OLD),
    ),
    namespaced=False,
    validate=validate,
    validate_update=validate_update,
    generation=True,
    columns=(
        NAME,
        Column("Value", "integer", _value),
        Column("Global-Default", "boolean", _global_default),
        AGE,
    ),
)
