"""What a StatefulSet does next: it takes one step at a time, unless its pods are managed in parallel. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from fakekube.apis.apps.statefulsets import RESOURCE as STATEFULSETS
from fakekube.controllers.shared import pods as podlib
from fakekube.controllers.shared.history import HASH_LABEL
from fakekube.controllers.shared.objects import (
    fresh,
    is_deleted,
    labels_of,
    name_of,
    namespace_of,
    owner_reference,
)
from fakekube.machinery.objects import Object

POD_NAME = "statefulset.kubernetes.io/pod-name"
MEMBER = re.compile("(.*)-([0-9]+)", re.DOTALL)
CREATE, DELETE, UPDATE, RECREATE = "create", "delete", "update", "recreate"
"""RECREATE is only told, by an event: a deletion and a creation follow."""

Action = tuple[str, Object]
"""What to do with a pod."""


# Pods and their claims


def parent_and_ordinal(pod: Object) -> tuple[str, int]:
    """The name of the set and the number that a pod's name tells; ("", -1) if it tells none."""
    match = MEMBER.fullmatch(name_of(pod))
    if match is None:
        return "", -1
    number = int(match[2])
    return match[1], number if number < 2**31 else -1


def ordinal(pod: Object) -> int:
    """The pod's number, -1 if it has none."""
    return parent_and_ordinal(pod)[1]


def is_member(set_: Object, pod: Object) -> bool:
    """Whether the pod's name is one that this set gives."""
    return parent_and_ordinal(pod)[0] == name_of(set_)


def claim_name(set_: Object, template: Object, number: int) -> str:
    """The claim of one pod from one template."""
    return f"{template['metadata']['name']}-{name_of(set_)}-{number}"


def claim_templates(set_: Object) -> list[Object]:
    """spec.volumeClaimTemplates, read-only."""
    return set_["spec"].get("volumeClaimTemplates") or []


def claims_for(set_: Object, number: int) -> list[Object]:
    """The claims of one pod, with the labels that the set selects."""
    claims = []
    selected = (set_["spec"].get("selector") or {}).get("matchLabels") or {}
    for template in claim_templates(set_):
        metadata = {name: value for name, value in template["metadata"].items() if value}
        metadata["labels"] = {**(metadata.get("labels") or {}), **selected}
        metadata.update(name=claim_name(set_, template, number), namespace=namespace_of(set_))
        claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata}
        claims.append({**claim, "spec": fresh(template["spec"])})
    return claims


def volumes_for(set_: Object, number: int, volumes: Iterable[Object]) -> list[Object]:
    """The pod's claims as volumes, and its other volumes."""
    own = [
        {
            "name": template["metadata"]["name"],
            "persistentVolumeClaim": {"claimName": claim_name(set_, template, number)},
        }
        for template in claim_templates(set_)
    ]
    names = {volume["name"] for volume in own}
    return [*own, *(volume for volume in volumes if volume["name"] not in names)]


def has_identity(set_: Object, pod: Object) -> bool:
    """Whether the pod is named after the set, and its label says so."""
    return is_member(set_, pod) and labels_of(pod).get(POD_NAME) == name_of(pod)


def has_storage(set_: Object, pod: Object) -> bool:
    """Whether the pod has its claims among its volumes."""
    volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes") or ()}
    for template in claim_templates(set_):
        volume = volumes.get(template["metadata"]["name"], {})
        source = volume.get("persistentVolumeClaim") or {}
        if source.get("claimName") != claim_name(set_, template, ordinal(pod)):
            return False
    return True


def repaired(set_: Object, pod: Object) -> Object:
    """The pod with its identity and storage."""
    labels = {**labels_of(pod), POD_NAME: name_of(pod)}
    spec = pod["spec"]
    if not has_storage(set_, pod):
        spec = {**spec, "volumes": volumes_for(set_, ordinal(pod), spec.get("volumes") or ())}
    return {**pod, "metadata": {**pod["metadata"], "labels": labels}, "spec": spec}


def new_pod(set_: Object, template: Object, revision: str, number: int) -> Object:
    """The pod of that number."""
    pod = podlib.from_template(template, set_, owner_reference(STATEFULSETS, set_))
    name = f"{name_of(set_)}-{number}"
    labels = {**labels_of(pod), POD_NAME: name, HASH_LABEL: revision}
    pod["metadata"].update(name=name, labels=labels)
    spec = pod["spec"]
    spec.update(hostname=name, subdomain=set_["spec"].get("serviceName", ""))
    if volumes := volumes_for(set_, number, spec.get("volumes") or ()):
        spec["volumes"] = volumes
    return pod


def is_created(pod: Object) -> bool:
    """Whether the pod is there, not only planned."""
    return podlib.phase_of(pod) != ""


def is_running(pod: Object) -> bool:
    """Running and ready."""
    return podlib.phase_of(pod) == "Running" and podlib.is_ready(pod)


def is_healthy(pod: Object) -> bool:
    """Running, ready, and not being deleted."""
    return is_running(pod) and not is_deleted(pod)


def revision_of(pod: Object) -> str:
    """The name of the revision that the pod was made from."""
    return labels_of(pod).get(HASH_LABEL, "")


# Revisions


def template_of(revision: Object) -> Object:
    """The pod template that a revision has kept."""
    template: Object = fresh(revision["data"]["spec"]["template"])
    template.pop("$patch", None)
    return template


class Versions(Struct, frozen=True):
    """The revisions that pods may have."""

    current: Object
    update: Object

    def of_pod(self, set_: Object, number: int) -> Object:
        """The one that a new pod of that number is made from."""
        strategy = set_["spec"].get("updateStrategy") or {}
        rolling = strategy.get("rollingUpdate")
        if rolling is not None:
            old = number < rolling.get("partition", 0)
        else:
            is_rolling = strategy.get("type", "RollingUpdate") == "RollingUpdate"
            old = is_rolling and number < (set_.get("status") or {}).get("currentReplicas", 0)
        return self.current if old else self.update


# The next step


class Plan(Struct):
    """What to do, and the status that results."""

    actions: list[Action] = field(default_factory=list)
    replicas: int = 0
    ready: int = 0
    current: int = 0
    updated: int = 0

    def count(self, pod: Object, versions: Versions, number: int) -> None:
        """A pod more, or one less, of its revision."""
        self.current += number * (revision_of(pod) == name_of(versions.current))
        self.updated += number * (revision_of(pod) == name_of(versions.update))


def plan(set_: Object, versions: Versions, pods: Sequence[Object]) -> Plan:
    """The next step. Follows the real controller's order: replicas upwards, surplus downwards, then the update."""
    result = Plan()
    size = int(set_["spec"].get("replicas", 1))
    replicas: list[Object] = []
    for pod in pods:
        result.replicas += 1
        result.ready += is_running(pod)
        if is_created(pod) and not is_deleted(pod):
            result.count(pod, versions, 1)
    there = {ordinal(pod): pod for pod in pods}
    replicas = [there.get(number) or _planned(set_, versions, number) for number in range(size)]
    condemned = sorted((pod for pod in pods if ordinal(pod) >= size), key=ordinal)
    if is_deleted(set_):
        return result
    one_by_one = set_["spec"].get("podManagementPolicy", "OrderedReady") != "Parallel"
    done = _fill(result, set_, versions, replicas, one_by_one)
    done = done or _shrink(result, versions, condemned, replicas, one_by_one)
    if not done and (set_["spec"].get("updateStrategy") or {}).get("type", "RollingUpdate") != "OnDelete":
        _roll(result, set_, versions, replicas)
    return result


def _planned(set_: Object, versions: Versions, number: int) -> Object:
    revision = versions.of_pod(set_, number)
    return new_pod(set_, template_of(revision), name_of(revision), number)


def _fill(result: Plan, set_: Object, versions: Versions, replicas: list[Object], one_by_one: bool) -> bool:
    """Create what is missing; whether that was the step."""
    for number, pod in enumerate(replicas):
        if podlib.phase_of(pod) == "Failed":
            result.actions += [(RECREATE, pod), (DELETE, pod)]
            result.count(pod, versions, -1)
            result.replicas -= 1
            replicas[number] = pod = _planned(set_, versions, number)
        if not is_created(pod):
            result.actions.append((CREATE, pod))
            result.replicas += 1
            result.count(pod, versions, 1)
            if one_by_one:
                return True
            continue
        if one_by_one and not is_healthy(pod):
            return True
        if not (has_identity(set_, pod) and has_storage(set_, pod)):
            result.actions.append((UPDATE, pod))
    return False


def _shrink(
    result: Plan, versions: Versions, condemned: Sequence[Object], replicas: Sequence[Object], one_by_one: bool
) -> bool:
    """Delete what is too many, the highest number first; whether that was the step."""
    unhealthy = next((pod for pod in (*replicas, *condemned) if not is_healthy(pod)), None)
    for pod in reversed(condemned):
        if is_deleted(pod):
            if one_by_one:
                return True
            continue
        if not is_running(pod) and one_by_one and pod is not unhealthy:
            return True
        result.actions.append((DELETE, pod))
        result.count(pod, versions, -1)
        if one_by_one:
            return True
    return False


def _roll(result: Plan, set_: Object, versions: Versions, replicas: Sequence[Object]) -> None:
    """Delete the highest pod of an old revision, if all above it are healthy."""
    rolling = (set_["spec"].get("updateStrategy") or {}).get("rollingUpdate") or {}
    for pod in reversed(replicas[rolling.get("partition", 0) :]):
        if revision_of(pod) != name_of(versions.update) and not is_deleted(pod):
            result.actions.append((DELETE, pod))
            result.current -= 1
            return
        if not is_healthy(pod):
            return


def plan_status(set_: Object, versions: Versions, step: Plan, collisions: int) -> Object:
    """The status after a step; when all pods are updated and ready, the update revision becomes the current one."""
    current, current_revision = step.current, name_of(versions.current)
    is_rolling = (set_["spec"].get("updateStrategy") or {}).get("type", "RollingUpdate") == "RollingUpdate"
    if is_rolling and step.updated == step.replicas == step.ready:
        current, current_revision = step.updated, name_of(versions.update)
    counts = {"readyReplicas": step.ready, "currentReplicas": current, "updatedReplicas": step.updated}
    return {
        "observedGeneration": set_["metadata"].get("generation", 0),
        "replicas": step.replicas,
        **{name: count for name, count in counts.items() if count},
        "currentRevision": current_revision,
        "updateRevision": name_of(versions.update),
        "collisionCount": collisions,
    }


def outlived(
    set_: Object, revisions: Sequence[Object], versions: Versions | None, pods: Iterable[Object]
) -> list[Object]:
    """Revisions that nobody has any more, beyond the limit of the history, the oldest first."""
    living = {revision_of(pod) for pod in pods}
    if versions is not None:
        living |= {name_of(versions.current), name_of(versions.update)}
    dead = [revision for revision in revisions if name_of(revision) not in living]
    return dead[: max(0, len(dead) - int(set_["spec"].get("revisionHistoryLimit", 10)))]
