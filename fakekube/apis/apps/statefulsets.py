"""StatefulSet. Follows pkg/apis/apps and pkg/registry/apps/statefulset of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.apps import workloads
from fakekube.apis.apps.workloads import (
    CONTAINERS,
    IMAGES,
    READY,
    SELECTOR,
    SPEC,
    STATUS,
    TEMPLATE,
    counted_spec,
    labels_mismatch,
    not_negative,
    template_matches,
    validate_collisions,
    validate_counts,
    validate_runs_forever,
    validate_selector,
)
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.equality import same
from fakekube.apis.podspec import default_pod_template
from fakekube.apis.podspec.annotations import validate_annotations
from fakekube.apis.podspec.defaults import default_claim, round_up
from fakekube.apis.resource import Resource, Subresource, Version
from fakekube.machinery import metarules
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.objects import Object

COUNTS = (
    "replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "observedGeneration", "collisionCount",
)  # fmt: skip
CHANGEABLE = ("replicas", "template", "updateStrategy")
FIXED = "updates to statefulset spec for fields other than 'replicas', 'template', and 'updateStrategy' are forbidden"


def default(stateful_set: Object) -> None:
    """One pod after the other, rolling updates of all of them, ten old revisions."""
    spec = stateful_set["spec"]
    if not spec.get("podManagementPolicy"):
        spec["podManagementPolicy"] = "OrderedReady"
    _default_strategy(spec.setdefault("updateStrategy", {}))
    spec.setdefault("replicas", 1)
    spec.setdefault("revisionHistoryLimit", 10)
    default_pod_template(spec["template"])
    for claim in spec.get("volumeClaimTemplates") or ():
        _default_claim_template(claim)


def _default_strategy(strategy: Object) -> None:
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
        strategy.setdefault("rollingUpdate", {})
    if strategy["type"] == "RollingUpdate" and strategy.get("rollingUpdate") is not None:
        strategy["rollingUpdate"].setdefault("partition", 0)


def _default_claim_template(claim: Object) -> None:
    default_claim(claim)
    status = claim.setdefault("status", {})
    if not status.get("phase"):
        status["phase"] = "Pending"
    round_up(status.get("capacity"))


def to_storage(stateful_set: Object) -> Object:
    """Claim templates say what they are, whatever the client wrote."""
    for claim in stateful_set["spec"].get("volumeClaimTemplates") or ():
        claim["kind"], claim["apiVersion"] = "PersistentVolumeClaim", "v1"
    return stateful_set


def validate(stateful_set: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new one. The pod spec is not judged before there are pods."""
    yield from again.created(stateful_set)
    yield from _validate_spec(stateful_set["spec"])


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update; most of the spec never changes."""
    yield from again.judged(new, namespaced=True)
    yield from _validate_spec(new["spec"])
    yield from again.changed(new, old)
    if not same(_fixed(new["spec"]), _fixed(old["spec"]), "apps.StatefulSetSpec"):
        yield forbidden(SPEC, FIXED)
    yield from not_negative(new["spec"], ("replicas",), SPEC)


def _fixed(spec: Object) -> Object:
    return {name: value for name, value in spec.items() if name not in CHANGEABLE}


def _validate_spec(spec: Object) -> Iterator[FieldError]:
    yield from _validate_policy(spec.get("podManagementPolicy", ""), SPEC / "podManagementPolicy")
    yield from _validate_strategy(spec["updateStrategy"], SPEC / "updateStrategy")
    yield from not_negative(spec, ("replicas",), SPEC)
    yield from validate_selector(spec.get("selector"), "statefulset")
    matches = template_matches(spec)
    if matches is None:
        yield invalid(SELECTOR, Go(spec["selector"], "v1.LabelSelector"), "")
    else:
        yield from _validate_template(spec["template"], matches)
    yield from validate_runs_forever(spec["template"]["spec"], "StatefulSet")


def _validate_policy(policy: str, path: Path) -> Iterator[FieldError]:
    if not policy:
        yield required(path)
    elif policy not in ("OrderedReady", "Parallel"):
        yield invalid(path, policy, "must be 'OrderedReady' or 'Parallel'")


def _validate_strategy(strategy: Object, path: Path) -> Iterator[FieldError]:
    kind, rolling = strategy.get("type", ""), strategy.get("rollingUpdate")
    if not kind:
        yield required(path)
    elif kind == "OnDelete":
        if rolling is not None:
            value = Go(rolling, "apps.RollingUpdateStatefulSetStrategy")
            yield invalid(path / "rollingUpdate", value, "only allowed for updateStrategy 'RollingUpdate'")
    elif kind == "RollingUpdate":
        yield from not_negative(rolling or {}, ("partition",), path / "rollingUpdate")
    else:
        yield invalid(path, Go(strategy, "apps.StatefulSetUpdateStrategy"), "must be 'RollingUpdate' or 'OnDelete'")


def _validate_template(template: Object, matches: bool) -> Iterator[FieldError]:
    metadata = template.get("metadata") or {}
    if not matches:
        yield labels_mismatch(template)
    yield from metarules.validate_labels(metadata.get("labels") or {}, TEMPLATE / "labels")
    annotations = metadata.get("annotations") or {}
    if annotations:
        yield from metarules.validate_annotations(annotations, TEMPLATE / "annotations")
        yield from validate_annotations(annotations, template["spec"], TEMPLATE / "annotations")


def validate_status_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update of the status: counts fit together, collisions never fall."""
    status = new.get("status", {})
    yield from not_negative(status, COUNTS, STATUS)
    yield from validate_counts(status, ("readyReplicas", "currentReplicas", "updatedReplicas"))
    yield from again.changed(new, old)
    yield from validate_collisions(status, old.get("status", {}))


RESOURCE = Resource(
    group="apps",
    plural="statefulsets",
    kind="StatefulSet",
    versions=(Version("v1", storage=True, defaults=default, to_storage=to_storage),),
    short_names=("sts",),
    categories=("all",),
    subresources=(
        Subresource("scale", group="autoscaling", version="v1", kind="Scale"),
        Subresource("status", validate_update=validate_status_update),
    ),
    prepare_create=workloads.prepare_create,
    prepare_update=workloads.prepare_update,
    validate=validate,
    validate_update=validate_update,
    generation=True,
    counted=counted_spec,
    columns=(NAME, READY, AGE, CONTAINERS, IMAGES),
)
