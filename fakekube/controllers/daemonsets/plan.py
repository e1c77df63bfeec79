"""Which nodes a DaemonSet wants its pods on, and which of the pods have to go. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct, field

from fakekube.apis.core.pods import placement
from fakekube.controllers.shared import pods as podlib
from fakekube.controllers.shared.amounts import scaled
from fakekube.controllers.shared.history import HASH_LABEL, hash_of
from fakekube.controllers.shared.objects import annotations_of, created, fresh, is_deleted, labels_of, name_of
from fakekube.machinery.objects import Object

GENERATION = "deprecated.daemonset.template.generation"
GENERATION_LABEL = "pod-template-generation"
NODE_NAME = "metadata.name"
TOLERATIONS = (
    ("node.kubernetes.io/not-ready", placement.NO_EXECUTE),
    ("node.kubernetes.io/unreachable", placement.NO_EXECUTE),
    ("node.kubernetes.io/disk-pressure", placement.NO_SCHEDULE),
    ("node.kubernetes.io/memory-pressure", placement.NO_SCHEDULE),
    ("node.kubernetes.io/pid-pressure", placement.NO_SCHEDULE),
    ("node.kubernetes.io/unschedulable", placement.NO_SCHEDULE),
)
OF_HOST_NETWORK = ("node.kubernetes.io/network-unavailable", placement.NO_SCHEDULE)
COUNTS = ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")
"""Counts that are written even where they are 0."""

ByNode = Mapping[str, Sequence[Object]]
"""Node -> the set's pods there, or on their way there."""


# Pods


def tolerations(spec: Object) -> list[Object]:
    """Those of the pod spec and those that all daemons have."""
    found = list(spec.get("tolerations") or ())
    for key, effect in (*TOLERATIONS, *((OF_HOST_NETWORK,) if spec.get("hostNetwork") else ())):
        wanted = {"key": key, "operator": "Exists", "effect": effect}
        same = (
            one for one in found if all(one.get(name, "") == text for name, text in (*wanted.items(), ("value", "")))
        )
        old = next(same, None)
        if old is None:
            found.append(wanted)
        elif old != wanted:
            found[found.index(old)] = wanted
    return found


def pod_template(daemon_set: Object, node: str, hash_: str) -> Object:
    """The template of the pod for one node: the scheduler is told where it goes by an affinity for the node's name."""
    template: Object = fresh(daemon_set["spec"]["template"])
    spec, metadata = template["spec"], template.setdefault("metadata", {})
    spec["tolerations"] = tolerations(spec)
    labels = metadata["labels"] = {**(metadata.get("labels") or {})}
    generation = annotations_of(daemon_set).get(GENERATION, "")
    if generation.lstrip("+-").isdecimal():
        labels[GENERATION_LABEL] = str(int(generation))
    labels[HASH_LABEL] = hash_
    affinity = spec["affinity"] = {**(spec.get("affinity") or {})}
    node_affinity = affinity["nodeAffinity"] = {**(affinity.get("nodeAffinity") or {})}
    terms = [{"matchFields": [{"key": NODE_NAME, "operator": "In", "values": [node]}]}]
    node_affinity["requiredDuringSchedulingIgnoredDuringExecution"] = {"nodeSelectorTerms": terms}
    return template


def target_node(pod: Object) -> str:
    """The node that a pod is on or meant for; "" if nobody can tell."""
    if node := podlib.node_of(pod):
        return node
    required = placement.required_affinity(pod["spec"]) or {}
    for term in required.get("nodeSelectorTerms") or ():
        for expression in term.get("matchFields") or ():
            if expression["key"] == NODE_NAME and expression["operator"] == "In":
                values: list[str] = expression.get("values") or []
                return values[0] if len(values) == 1 else ""
    return ""


def by_node(pods: Iterable[Object]) -> dict[str, list[Object]]:
    """The pods by the node that they are on or meant for."""
    found: dict[str, list[Object]] = {}
    for pod in pods:
        if node := target_node(pod):
            found.setdefault(node, []).append(pod)
    return found


def precedence(pod: Object) -> tuple[bool, float, str]:
    """Sort key: of several pods for a node the first one counts."""
    return not podlib.node_of(pod), created(pod), name_of(pod)


# Nodes


def should_run(daemon_set: Object, node: Object) -> tuple[bool, bool]:
    """(whether a pod is to be started on the node, whether one that is there may stay)."""
    spec = daemon_set["spec"]["template"]["spec"]
    if spec.get("nodeName", "") not in ("", name_of(node)) or not placement.matches_node(spec, node):
        return False, False
    with_tolerations = {"tolerations": tolerations(spec)}
    taints = placement.taints_of(node)
    refusing = list(
        placement.untolerated(with_tolerations, taints, (placement.NO_SCHEDULE, placement.NO_EXECUTE)),
    )
    return not refusing, all(taint["effect"] != placement.NO_EXECUTE for taint in refusing)


class Changes(Struct):
    """Where pods are missing, and which are to go."""

    missing: list[str] = field(default_factory=list)
    """Names of nodes."""
    doomed: list[Object] = field(default_factory=list)
    failed: list[tuple[str, Object]] = field(default_factory=list)
    """(node, pod) of those of the doomed that failed by themselves."""


def plan(
    daemon_set: Object, nodes: Sequence[Object], there: ByNode, waits: Callable[[str], bool] = lambda node: False
) -> Changes:
    """One pod on each node that should have one. `waits`: whether the failed pod of a node is to stay a while."""
    changes = Changes()
    for node in nodes:
        run, stay = should_run(daemon_set, node)
        pods = there.get(name_of(node))
        if run and pods is None:
            changes.missing.append(name_of(node))
        elif stay:
            _tidy(changes, name_of(node), pods or (), waits)
        elif pods is not None:
            changes.doomed += [pod for pod in pods if not is_deleted(pod)]
    known = {name_of(node) for node in nodes}
    for name, pods in there.items():
        if name not in known:
            changes.doomed += [pod for pod in pods if not podlib.node_of(pod)]
    return changes


def _tidy(changes: Changes, node: str, pods: Iterable[Object], waits: Callable[[str], bool]) -> None:
    running = []
    for pod in pods:
        if is_deleted(pod):
            continue
        if podlib.phase_of(pod) != "Failed":
            running.append(pod)
        elif not waits(node):
            changes.failed.append((node, pod))
            changes.doomed.append(pod)
    changes.doomed += sorted(running, key=precedence)[1:]


# Rolling update


def is_updated(pod: Object, hash_: str) -> bool:
    """Whether the pod was made from the present template."""
    return bool(hash_) and labels_of(pod).get(HASH_LABEL) == hash_


def is_available(daemon_set: Object, pod: Object, now: float) -> bool:
    """Whether the pod has been ready for long enough."""
    return podlib.is_available(pod, daemon_set["spec"].get("minReadySeconds", 0), now)


def outdated(daemon_set: Object, nodes: Sequence[Object], there: ByNode, hash_: str, now: float) -> list[Object]:
    """The old pods that a rolling update deletes now: all unavailable ones, and as many others as may be missing."""
    old = [pod for pods in there.values() for pod in pods if not is_updated(pod, hash_)]
    wanting = [node for node in nodes if should_run(daemon_set, node)[0]]
    unavailable = sum(not _has_available(daemon_set, there.get(name_of(node), ()), now) for node in wanting)
    strategy = (daemon_set["spec"].get("updateStrategy") or {}).get("rollingUpdate") or {}
    room = scaled(strategy.get("maxUnavailable", 1), len(wanting), up=True) - unavailable
    available = [pod for pod in old if is_available(daemon_set, pod, now)]
    doomed = [pod for pod in old if not is_deleted(pod) and not is_available(daemon_set, pod, now)]
    return doomed + available[: max(0, room)]


def _has_available(daemon_set: Object, pods: Iterable[Object], now: float) -> bool:
    return any(is_available(daemon_set, pod, now) and not is_deleted(pod) for pod in pods)


def outlived(daemon_set: Object, old: Sequence[Object], pods: Iterable[Object]) -> list[Object]:
    """Revisions beyond the limit of the history, the oldest first, but for those that pods still have."""
    surplus = len(old) - int(daemon_set["spec"].get("revisionHistoryLimit", 10))
    living = {labels_of(pod).get(HASH_LABEL) for pod in pods}
    return [revision for revision in old if hash_of(revision) not in living][: max(0, surplus)]


# Status


def plan_status(daemon_set: Object, nodes: Sequence[Object], there: ByNode, hash_: str, now: float) -> Object:
    """The status; of the counts only four are written where they are 0."""
    counts = dict.fromkeys((*COUNTS, "updatedNumberScheduled", "numberAvailable"), 0)
    for node in nodes:
        pods = there.get(name_of(node))
        if not should_run(daemon_set, node)[0]:
            counts["numberMisscheduled"] += bool(pods)
            continue
        counts["desiredNumberScheduled"] += 1
        if pods:
            pod = min(pods, key=precedence)
            counts["currentNumberScheduled"] += 1
            counts["numberReady"] += podlib.is_ready(pod)
            counts["numberAvailable"] += is_available(daemon_set, pod, now)
            counts["updatedNumberScheduled"] += is_updated(pod, hash_)
    counts["numberUnavailable"] = counts["desiredNumberScheduled"] - counts["numberAvailable"]
    kept = {name: value for name, value in (daemon_set.get("status") or {}).items() if name not in counts}
    kept["observedGeneration"] = daemon_set["metadata"].get("generation", 0)
    return {**kept, **{name: count for name, count in counts.items() if count or name in COUNTS}}
