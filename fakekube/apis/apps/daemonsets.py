"""DaemonSet. Follows pkg/apis/apps and pkg/registry/apps/daemonset of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.apps import workloads
from fakekube.apis.apps.workloads import (
    SELECTOR,
    SPEC,
    STATUS,
    TEMPLATE,
    WIDE,
    annotate,
    count,
    counted_spec,
    labels_mismatch,
    not_empty,
    not_negative,
    parse_int,
    same_template,
    validate_collisions,
    validate_runs_forever,
)
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.intorpercent import amount, at_most_all, positive
from fakekube.apis.podspec import (
    default_pod_template,
    drop_disabled_template_fields,
    options_for,
    validate_pod_template,
)
from fakekube.apis.podspec.volumes import validate_read_only_disks
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.apis.statuses import keep_all_but_status
from fakekube.machinery import selectors
from fakekube.machinery.fielderrors import FieldError, Path, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.objects import Object

STRATEGIES = ("RollingUpdate", "OnDelete")
COUNTS = (
    "currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady", "observedGeneration",
    "updatedNumberScheduled", "numberAvailable", "numberUnavailable", "collisionCount",
)  # fmt: skip
TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"
"""The annotation that stands for a field of older versions, which counts the changes of the template."""


def default(daemon_set: Object) -> None:
    """Rolling updates, one node at a time; ten old revisions."""
    spec = daemon_set["spec"]
    strategy = spec.setdefault("updateStrategy", {})
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        strategy.setdefault("rollingUpdate", {}).setdefault("maxUnavailable", 1)
    spec.setdefault("revisionHistoryLimit", 10)
    default_pod_template(spec["template"])


def to_storage(daemon_set: Object) -> Object:
    """The template's generation is always there, as a number. Raises DecodeError."""
    text = (daemon_set["metadata"].get("annotations") or {}).get(TEMPLATE_GENERATION, "0")
    _set_template_generation(daemon_set, parse_int(text))
    return daemon_set


def _template_generation(daemon_set: Object) -> int:
    return int((daemon_set["metadata"].get("annotations") or {}).get(TEMPLATE_GENERATION, 0))


def _set_template_generation(daemon_set: Object, number: int) -> None:
    annotate(daemon_set, TEMPLATE_GENERATION, str(number))


def prepare_create(daemon_set: Object) -> None:
    """The template's generation begins with 1 at least."""
    _set_template_generation(daemon_set, max(_template_generation(daemon_set), 1))
    drop_disabled_template_fields(daemon_set["spec"]["template"], None)


def prepare_update(new: Object, old: Object) -> None:
    """The template's generation counts its changes, whatever the client says."""
    template, before = new["spec"]["template"], old["spec"]["template"]
    drop_disabled_template_fields(template, before)
    _set_template_generation(new, _template_generation(old) + (not same_template(template, before)))


def prepare_status_update(new: Object, old: Object) -> None:
    """The template's generation is a part of the spec, which stays."""
    keep_all_but_status(new, old)
    _set_template_generation(new, _template_generation(old))


def validate(daemon_set: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new one."""
    yield from again.created(daemon_set)
    yield from _validate_spec(daemon_set["spec"], None)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update."""
    yield from workloads.validate_update(new, old, _validate_spec)


def _validate_spec(spec: Object, old: Object | None) -> Iterator[FieldError]:
    yield from _validate_selector(spec)
    template = spec["template"]
    yield from validate_pod_template(template, TEMPLATE, options_for(old and old["template"].get("spec")))
    yield from validate_read_only_disks(template["spec"].get("volumes") or (), TEMPLATE / "spec" / "volumes")
    yield from validate_runs_forever(template["spec"], "DaemonSet")
    yield from not_negative(spec, ("minReadySeconds",), SPEC)
    yield from _validate_strategy(spec["updateStrategy"], SPEC / "updateStrategy")
    yield from not_negative(spec, ("revisionHistoryLimit",), SPEC)


def _validate_selector(spec: Object) -> Iterator[FieldError]:
    selector = spec.get("selector")
    if selector is not None:
        yield from selectors.validate_object(selector, SELECTOR)
    labels = spec["template"].get("metadata", {}).get("labels") or {}
    try:
        if not selectors.from_object(selector).matches(labels):
            yield labels_mismatch(spec["template"])
    except ValueError:
        pass  # the errors above say it
    if selector is not None:
        yield from not_empty(selector, "daemonset")


def _validate_strategy(strategy: Object, path: Path) -> Iterator[FieldError]:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind not in STRATEGIES:
        yield not_supported(path, Go(strategy, "apps.DaemonSetUpdateStrategy"), STRATEGIES)
    elif kind == "RollingUpdate":
        path = path / "rollingUpdate"
        if rolling is None:
            yield required(path)
        else:
            yield from _validate_unavailable(rolling.get("maxUnavailable", 0), path / "maxUnavailable")


def _validate_unavailable(value: int | str, path: Path) -> Iterator[FieldError]:
    yield from positive(value, path)
    if amount(value) == 0:
        yield invalid(path, Go(value, "intstr.IntOrString"), "cannot be 0")
    yield from at_most_all(value, path)


def validate_status_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update of the status."""
    yield from again.changed(new, old)
    status = new.get("status", {})
    yield from not_negative(status, COUNTS, STATUS)
    yield from validate_collisions(status, old.get("status", {}))


def _node_selector(daemon_set: Object, now: float) -> str:
    labels = daemon_set["spec"]["template"]["spec"].get("nodeSelector") or {}
    return ",".join(f"{name}={labels[name]}" for name in sorted(labels)) or "<none>"


RESOURCE = Resource(
    group="apps",
    plural="daemonsets",
    kind="DaemonSet",
    versions=(Version("v1", storage=True, defaults=default, to_storage=to_storage),),
    field_annotations=(TEMPLATE_GENERATION,),
    short_names=("ds",),
    categories=("all",),
    subresources=(Subresource("status", prepare_update=prepare_status_update, validate_update=validate_status_update),),
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    validate=validate,
    validate_update=validate_update,
    generation=True,
    counted=counted_spec,
    columns=(
        NAME,
        Column("Desired", "integer", count("desiredNumberScheduled")),
        Column("Current", "integer", count("currentNumberScheduled")),
        Column("Ready", "integer", count("numberReady")),
        Column("Up-to-date", "integer", count("updatedNumberScheduled")),
        Column("Available", "integer", count("numberAvailable")),
        Column("Node Selector", "string", _node_selector),
        AGE,
        *WIDE,
    ),
)
