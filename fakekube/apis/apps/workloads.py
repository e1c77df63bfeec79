"""What the kinds that run copies of a pod template share. Follows pkg/apis/apps/validation and printers of v1.20."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fakekube.apis import again
from fakekube.apis.equality import same
from fakekube.apis.podspec import drop_disabled_template_fields, options_for, validate_pod_template
from fakekube.apis.podspec.volumes import validate_read_only_disks
from fakekube.apis.resource import Column
from fakekube.machinery import selectors
from fakekube.machinery.decoding import DecodeError
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, not_supported, required
from fakekube.machinery.goformat import Go, quote
from fakekube.machinery.objects import Object

SPEC, STATUS = Path("spec"), Path("status")
TEMPLATE = SPEC / "template"
SELECTOR = SPEC / "selector"
NOT_NEGATIVE = "must be greater than or equal to 0"
MORE_THAN_REPLICAS = "cannot be greater than status.replicas"
IMMUTABLE = "field is immutable"
NO_MATCH = "`selector` does not match template `labels`"
REPLICA_COUNTS = ("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration")
INT64 = range(-(2**63), 2**63)


# Strategies


def prepare_create(workload: Object) -> None:
    """Fields of features that are off are dropped."""
    drop_disabled_template_fields(workload["spec"]["template"], None)


def prepare_update(new: Object, old: Object) -> None:
    """As on creation, but for what is there already."""
    drop_disabled_template_fields(new["spec"]["template"], old["spec"]["template"])


# Validation


ValidateSpec = Callable[[Object, Object | None], Iterator[FieldError]]
"""(spec, the one before an update)."""


def validate_update_twice(new: Object, old: Object, validate_spec: ValidateSpec) -> Iterator[FieldError]:
    """Yield what is wrong with an update, twice, as the real server does."""
    yield from again.judged(new, namespaced=True)
    yield from validate_spec(new["spec"], old["spec"])
    yield from again.changed(new, old)
    yield from validate_spec(new["spec"], old["spec"])


def validate_update(new: Object, old: Object, validate_spec: ValidateSpec) -> Iterator[FieldError]:
    """The same of a kind of apps/v1, whose selector never changes."""
    yield from validate_update_twice(new, old, validate_spec)
    yield from immutable(new["spec"].get("selector"), old["spec"].get("selector"), SELECTOR, "*v1.LabelSelector")


def not_negative(values: Object, names: tuple[str, ...], path: Path) -> Iterator[FieldError]:
    """Yield the counts below zero, in the order of the names."""
    for name in names:
        if values.get(name, 0) < 0:
            yield invalid(path / name, values[name], NOT_NEGATIVE)


def immutable(new: Any, old: Any, path: Path, type_: str) -> Iterator[FieldError]:
    """Yield an error if a value of that Go type has changed."""
    if not same(new, old, type_):
        yield invalid(path, Go(new, type_), IMMUTABLE)


def validate_selector(selector: Object | None, kind: str) -> Iterator[FieldError]:
    """Yield what is wrong with spec.selector: it has to be there and to select something."""
    if selector is None:
        yield required(SELECTOR)
        return
    yield from selectors.validate_object(selector, SELECTOR)
    yield from not_empty(selector, kind)


def not_empty(selector: Object, kind: str) -> Iterator[FieldError]:
    """Yield an error for a spec.selector without any condition."""
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        yield invalid(SELECTOR, Go(selector, "v1.LabelSelector"), f"empty selector is invalid for {kind}")


def labels_mismatch(template: Object) -> FieldError:
    """The selector does not find what is made of the template."""
    labels = template.get("metadata", {}).get("labels")
    return invalid(TEMPLATE / "metadata" / "labels", Go(labels, "map[string]string"), NO_MATCH)


def validate_runs_forever(pod: Object, kind: str) -> Iterator[FieldError]:
    """Yield an error for a pod that ends by itself."""
    path = TEMPLATE / "spec"
    if pod.get("restartPolicy") != "Always":
        yield not_supported(path / "restartPolicy", pod.get("restartPolicy", ""), ("Always",))
    if "activeDeadlineSeconds" in pod:
        yield forbidden(path / "activeDeadlineSeconds", f"activeDeadlineSeconds in {kind} is not Supported")


def template_matches(spec: Object) -> bool | None:
    """Whether the selector finds what is made of the template; None for a selector that makes no sense."""
    try:
        selector = selectors.from_object(spec.get("selector"))
    except ValueError:
        return None
    return selector.empty or selector.matches(spec["template"].get("metadata", {}).get("labels") or {})


def validate_replicated_template(spec: Object, old: Object | None) -> Iterator[FieldError]:
    """Yield what is wrong with the template of a Deployment or ReplicaSet; `old` is the spec before an update."""
    matches = template_matches(spec)
    if matches is None:
        yield invalid(SELECTOR, Go(spec["selector"], "v1.LabelSelector"), "invalid label selector")
        return
    template = spec["template"]
    if not matches:
        yield labels_mismatch(template)
    yield from validate_pod_template(template, TEMPLATE, options_for(old and old["template"].get("spec")))
    if spec.get("replicas", 0) > 1:
        yield from validate_read_only_disks(template["spec"].get("volumes") or (), TEMPLATE / "spec" / "volumes")
    yield from validate_runs_forever(template["spec"], "ReplicaSet")


def validate_counts(status: Object, names: tuple[str, ...]) -> Iterator[FieldError]:
    """Yield the counts that exceed status.replicas."""
    replicas = status.get("replicas", 0)
    for name in names:
        if (number := status.get(name, 0)) > replicas:
            yield invalid(STATUS / name, number, MORE_THAN_REPLICAS)


def validate_available(status: Object) -> Iterator[FieldError]:
    """Yield an error if more replicas are available than ready."""
    if (number := status.get("availableReplicas", 0)) > status.get("readyReplicas", 0):
        yield invalid(STATUS / "availableReplicas", number, "cannot be greater than readyReplicas")


def validate_replica_status(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update of the status of a controller of replicas: its counts fit together."""
    yield from again.changed(new, old)
    status = new.get("status") or {}
    yield from not_negative(status, REPLICA_COUNTS, STATUS)
    yield from validate_counts(status, ("fullyLabeledReplicas", "readyReplicas", "availableReplicas"))
    yield from validate_available(status)


def validate_collisions(status: Object, before: Object) -> Iterator[FieldError]:
    """Yield an error if the collision count falls or vanishes."""
    count, old = status.get("collisionCount"), before.get("collisionCount")
    if old is not None and (count is None or count < old):
        yield invalid(STATUS / "collisionCount", count or 0, "cannot be decremented")


# Generation


class Counted:
    """What metadata.generation counts the changes of; templates that the server sees as equal are equal."""

    __slots__ = ("rest", "spec")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, spec: Object, rest: Any = None) -> None:
        self.spec = spec
        self.rest = rest

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Counted) or self.rest != other.rest:
            return False
        if self.spec == other.spec:
            return True
        mine, theirs = ({**spec, "template": None} for spec in (self.spec, other.spec))
        return mine == theirs and same_template(self.spec["template"], other.spec["template"])


def counted_spec(obj: Object) -> Counted:
    """The whole spec."""
    return Counted(obj["spec"])


def same_template(new: Object, old: Object) -> bool:
    """Whether the server sees no difference between two pod templates."""
    if new == old:
        return True
    from fakekube.apis.podspec.difference import same_pod_template

    return same_pod_template(new, old)


# Annotations that stand for fields of older versions


def parse_int(text: str) -> int:
    """strconv.ParseInt of 64 bits. Raises DecodeError with its words."""
    number = selectors.parse_int(text)
    if number is None:
        digits = text.removeprefix("-") if text[:1] == "-" else text.removeprefix("+")
        why = "value out of range" if digits.isascii() and digits.isdigit() else "invalid syntax"
        raise DecodeError(f"strconv.ParseInt: parsing {quote(text)}: {why}")
    return number


def annotate(obj: Object, name: str, value: str) -> None:
    """Set an annotation."""
    metadata = obj["metadata"]
    metadata["annotations"] = {**(metadata.get("annotations") or {}), name: value}


# Tables


def _each(name: str) -> Callable[[Object, float], str]:
    def cell(obj: Object, now: float) -> str:
        containers = obj["spec"]["template"].get("spec", {}).get("containers") or ()
        return ",".join(container.get(name, "") for container in containers)

    return cell


CONTAINERS = Column(
    "Containers", "string", _each("name"), priority=1, description="Names of each container in the template."
)
IMAGES = Column(
    "Images", "string", _each("image"), priority=1, description="Images referenced by each container in the template."
)


def selector_text(obj: Object, now: float) -> str:
    """The selector as kubectl shows it."""
    return selectors.format_object(obj["spec"].get("selector"))


WIDE = (CONTAINERS, IMAGES, Column("Selector", "string", selector_text, priority=1))


def count(name: str) -> Callable[[Object, float], int]:
    """A cell: a count of the status."""
    return lambda obj, now: obj.get("status", {}).get(name, 0)


def ready_of_wanted(obj: Object, now: float) -> str:
    """ "1/2": replicas that are ready, of those wanted."""
    status: Mapping[str, Any] = obj.get("status", {})
    return f"{status.get('readyReplicas', 0)}/{obj['spec'].get('replicas', 0)}"


READY = Column("Ready", "string", ready_of_wanted, description="Number of the pod with ready state")
