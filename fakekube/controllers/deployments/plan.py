"""What a Deployment makes of its ReplicaSets: which is the new one, how many pods each has, the annotations. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fakekube.apis.apps.deployments import RESOURCE as DEPLOYMENTS
from fakekube.controllers.shared.amounts import fenceposts, scaled
from fakekube.controllers.shared.objects import (
    annotations_of,
    created,
    fresh,
    is_deleted,
    name_of,
    namespace_of,
    owner_reference,
    uid_of,
)
from fakekube.controllers.shared.templates import HASH_LABEL, same_template, template_hash
from fakekube.machinery.objects import Object

REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"
ROLLBACK = "deprecated.deployment.rollback.to"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
NOT_COPIED = frozenset({REVISION, HISTORY, DESIRED, MAXIMUM, ROLLBACK, LAST_APPLIED})
LONGEST_HISTORY = 2000
NO_LIMIT = 2**31 - 1


def replicas_of(obj: Object) -> int:
    """spec.replicas, of a Deployment or a ReplicaSet."""
    replicas: int = obj["spec"].get("replicas", 1)
    return replicas


def counted(obj: Object, name: str) -> int:
    """A number of the status."""
    number: int = (obj.get("status") or {}).get(name) or 0
    return number


def is_rolling(deployment: Object) -> bool:
    """RollingUpdate rather than Recreate."""
    type_: str = (deployment["spec"].get("strategy") or {}).get("type", "RollingUpdate")
    return type_ == "RollingUpdate"


def _fenceposts(deployment: Object) -> tuple[int, int]:
    rolling = (deployment["spec"].get("strategy") or {}).get("rollingUpdate") or {}
    return fenceposts(rolling.get("maxSurge"), rolling.get("maxUnavailable"), replicas_of(deployment))


def max_surge(deployment: Object) -> int:
    """How many pods there may be too many during an update."""
    return _fenceposts(deployment)[0] if is_rolling(deployment) else 0


def max_unavailable(deployment: Object) -> int:
    """How many pods may be unavailable during an update."""
    if not is_rolling(deployment) or replicas_of(deployment) == 0:
        return 0
    return min(_fenceposts(deployment)[1], replicas_of(deployment))


def has_deadline(deployment: Object) -> bool:
    """Whether progress is watched over."""
    return bool(deployment["spec"].get("progressDeadlineSeconds", NO_LIMIT) != NO_LIMIT)


# ReplicaSets


def oldest_first(replica_sets: Iterable[Object]) -> list[Object]:
    """By creation, then by name."""
    return sorted(replica_sets, key=lambda rs: (created(rs), name_of(rs)))


def active(replica_sets: Iterable[Object]) -> list[Object]:
    """Those that want pods."""
    return [rs for rs in replica_sets if replicas_of(rs) > 0]


def find_new(deployment: Object, replica_sets: Iterable[Object]) -> Object | None:
    """The oldest ReplicaSet with the Deployment's template."""
    template = deployment["spec"]["template"]
    return next((rs for rs in oldest_first(replica_sets) if same_template(rs["spec"]["template"], template)), None)


def find_old(new: Object | None, replica_sets: Iterable[Object]) -> list[Object]:
    """The others, oldest first."""
    return [rs for rs in oldest_first(replica_sets) if new is None or uid_of(rs) != uid_of(new)]


def revision_of(replica_set: Object) -> int:
    """The number in its annotation, 0 if there is none."""
    text = annotations_of(replica_set).get(REVISION, "")
    return int(text) if text.lstrip("+-").isdecimal() else 0


def max_revision(replica_sets: Iterable[Object]) -> int:
    """The highest revision."""
    return max((revision_of(rs) for rs in replica_sets), default=0)


def last_revision(replica_sets: Iterable[Object]) -> int:
    """The highest revision but one, 0 if there is none."""
    return ([0, 0, *sorted(revision_of(rs) for rs in replica_sets)])[-2]


def history(current: str, old: str) -> str:
    """The revision history with one more revision; the oldest go when it gets too long."""
    revisions = [*current.split(","), old] if current else [old]
    while len(revisions) > 1 and len(",".join(revisions)) > LONGEST_HISTORY:
        revisions.pop(0)
    return ",".join(revisions)


def replica_annotations(deployment: Object) -> dict[str, str]:
    """What tells a ReplicaSet the size that its share was computed for."""
    replicas = replicas_of(deployment)
    return {DESIRED: str(replicas), MAXIMUM: str(replicas + max_surge(deployment))}


def new_annotations(deployment: Object, current: dict[str, str], revision: int) -> dict[str, str]:
    """The annotations of the new ReplicaSet: the Deployment's, and the revision if it has risen."""
    copied = {name: text for name, text in annotations_of(deployment).items() if name not in NOT_COPIED}
    annotations = {**current, **copied}
    old = current.get(REVISION, "")
    if old and not old.isdecimal():
        return annotations
    if int(old or 0) < revision:
        annotations[REVISION] = str(revision)
        if old:
            annotations[HISTORY] = history(current.get(HISTORY, ""), old)
    return annotations


def new_replica_set(deployment: Object, others: Sequence[Object], revision: int) -> Object:
    """The ReplicaSet that is to be created for the Deployment's template."""
    template = fresh(deployment["spec"]["template"])
    hash_ = template_hash(template, (deployment.get("status") or {}).get("collisionCount"))
    labels = {**((template.get("metadata") or {}).get("labels") or {}), HASH_LABEL: hash_}
    template["metadata"] = {**(template.get("metadata") or {}), "labels": labels}
    selector = fresh(deployment["spec"]["selector"])
    selector["matchLabels"] = {**(selector.get("matchLabels") or {}), HASH_LABEL: hash_}
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{name_of(deployment)}-{hash_}",
            "namespace": namespace_of(deployment),
            "labels": dict(labels),
            "annotations": {**new_annotations(deployment, {}, revision), **replica_annotations(deployment)},
            "ownerReferences": [owner_reference(DEPLOYMENTS, deployment)],
        },
        "spec": {
            "replicas": new_replicas(deployment, 0, sum(map(replicas_of, others))),
            "minReadySeconds": deployment["spec"].get("minReadySeconds", 0),
            "selector": selector,
            "template": template,
        },
    }


# Sizes


def new_replicas(deployment: Object, current: int, total: int) -> int:
    """How many pods the new ReplicaSet may have, with `current` of the `total` being its own now."""
    desired = replicas_of(deployment)
    if not is_rolling(deployment):
        return desired
    rolling = (deployment["spec"].get("strategy") or {}).get("rollingUpdate") or {}
    room = desired + scaled(rolling.get("maxSurge"), desired, up=True) - total
    return current if room <= 0 else current + min(room, desired - current)


def reconciled_new(deployment: Object, new: Object, all_sets: Sequence[Object]) -> int:
    """The size of the new ReplicaSet in a rolling update."""
    desired, current = replicas_of(deployment), replicas_of(new)
    if current >= desired:
        return desired
    return new_replicas(deployment, current, sum(map(replicas_of, all_sets)))


def unhealthy_down(deployment: Object, new: Object, old: Sequence[Object]) -> dict[str, int]:
    """name -> size of old ReplicaSets once pods that are not available are gone; also whether any can go at all."""
    room = removable(deployment, new, old)
    sizes: dict[str, int] = {}
    for rs in oldest_first(old):
        excess = min(room, replicas_of(rs) - counted(rs, "availableReplicas"))
        if excess > 0:
            sizes[name_of(rs)] = replicas_of(rs) - excess
            room -= excess
    return sizes


def is_lagging(old: Sequence[Object]) -> bool:
    """Whether an old ReplicaSet still counts pods that it is about to delete: what can go is not known then."""
    return any(0 < replicas_of(rs) < counted(rs, "availableReplicas") for rs in old)


def removable(deployment: Object, new: Object, old: Sequence[Object]) -> int:
    """How many old pods can go without too few being available, even if all new unavailable ones stay so."""
    if not any(map(replicas_of, old)):
        return 0
    total = sum(map(replicas_of, old)) + replicas_of(new)
    minimum = replicas_of(deployment) - max_unavailable(deployment)
    return total - minimum - (replicas_of(new) - counted(new, "availableReplicas"))


def available_down(deployment: Object, all_sets: Sequence[Object], old: Sequence[Object]) -> dict[str, int]:
    """name -> size of old ReplicaSets once as many available pods are gone as may be."""
    room = sum(counted(rs, "availableReplicas") for rs in all_sets)
    room -= replicas_of(deployment) - max_unavailable(deployment)
    sizes: dict[str, int] = {}
    for rs in oldest_first(old):
        excess = min(room, replicas_of(rs))
        if excess > 0:
            sizes[name_of(rs)] = replicas_of(rs) - excess
            room -= excess
    return sizes


def is_saturated(deployment: Object, new: Object | None) -> bool:
    """Whether the new ReplicaSet has all pods, and they are available."""
    if new is None:
        return False
    desired = replicas_of(deployment)
    return (
        replicas_of(new) == desired
        and annotations_of(new).get(DESIRED) == str(desired)
        and counted(new, "availableReplicas") == desired
    )


def active_or_latest(new: Object | None, old: Sequence[Object]) -> Object | None:
    """The one ReplicaSet that wants pods, or the latest if none does; None: there are several, or none at all."""
    all_sets = [*old, *([new] if new else [])]
    wanting = active(all_sets)
    if len(wanting) > 1 or not all_sets:
        return None
    if wanting:
        return wanting[0]
    return new if new is not None else oldest_first(old)[-1]


def _round(value: float) -> int:
    return int(value - 0.5) if value < 0 else int(value + 0.5)


def _fraction(deployment: Object, replica_set: Object) -> int:
    """By how much its share changes when the Deployment is scaled."""
    current = replicas_of(replica_set)
    if replicas_of(deployment) == 0:
        return -current
    text = annotations_of(replica_set).get(MAXIMUM, "")
    annotated = int(text) if text.isdecimal() else counted(deployment, "replicas")
    size = replicas_of(deployment) + max_surge(deployment)
    return _round(current * size / annotated if annotated else 0) - current


def proportions(deployment: Object, all_sets: Sequence[Object]) -> dict[str, int]:
    """name -> size of each ReplicaSet that wants pods, when the Deployment is scaled during an update."""
    wanting = active(all_sets)
    desired = replicas_of(deployment)
    to_add = (desired + max_surge(deployment) if desired > 0 else 0) - sum(map(replicas_of, wanting))
    sign = -1 if to_add > 0 else 1  # among equals, the newest grow first and the oldest shrink first
    ordered = sorted(oldest_first(wanting), key=lambda rs: (-replicas_of(rs), sign * created(rs)))
    sizes, added = {}, 0
    for rs in ordered:
        share = 0
        if to_add != added:
            allowed = to_add - added
            fraction = _fraction(deployment, rs)
            share = min(fraction, allowed) if to_add > 0 else max(fraction, allowed)
        sizes[name_of(rs)] = replicas_of(rs) + share
        added += share
    if ordered and to_add:
        first = name_of(ordered[0])
        sizes[first] = max(0, sizes[first] + to_add - added)
    return sizes


def outdated(deployment: Object, old: Sequence[Object]) -> list[Object]:
    """Old ReplicaSets beyond the revision history limit that have no pods any more."""
    limit = deployment["spec"].get("revisionHistoryLimit", NO_LIMIT)
    living = oldest_first(rs for rs in old if not is_deleted(rs))
    surplus = living[: max(0, len(living) - limit)]
    return [
        rs
        for rs in surplus
        if not replicas_of(rs)
        and not counted(rs, "replicas")
        and rs["metadata"].get("generation", 0) <= counted(rs, "observedGeneration")
    ]


def is_scaled(deployment: Object, all_sets: Iterable[Object]) -> bool:
    """Whether the Deployment's size has changed since its ReplicaSets got theirs."""
    desired = str(replicas_of(deployment))
    texts = (annotations_of(rs).get(DESIRED, "") for rs in active(all_sets))
    return any(text.isdecimal() and text != desired for text in texts)
