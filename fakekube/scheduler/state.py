"""What the scheduler knows of pods and nodes: kept up with every change, so that nothing is counted anew for each pod.

Follows pkg/scheduler/framework/types.go and internal/cache of v1.20. Amounts are whole numbers: thousandths of CPUs,
bytes, pieces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from msgspec import Struct, field

from fakekube.apis.core.pods import placement
from fakekube.machinery import quantity, selectors
from fakekube.machinery.objects import Object
from fakekube.machinery.selectors import Selector

CPU, MEMORY = "cpu", "memory"
UNNAMED = {CPU: 100, MEMORY: 200 * 1024 * 1024}
"""What a container that asks for nothing counts for when nodes are compared."""
ANY_ADDRESS = "0.0.0.0"  # noqa: S104  a pod's, not ours
REMEMBERED = 64
"""Counts of pods by label that a node keeps up."""
ZONE_LABELS = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone")
REGION_LABELS = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
FINAL_PHASES = ("Succeeded", "Failed")

Amounts = dict[str, int]
Labelled = tuple[str, frozenset[tuple[str, str]]]
"""(namespace, labels)"""
Port = tuple[str, str, int]
"""(address, protocol, number)"""


@lru_cache(4096)
def amount(name: str, text: str) -> int:
    """A quantity as a whole number."""
    parsed = quantity.parse(text)
    return parsed.milli_value() if name == CPU else parsed.value()


def amounts(found: Mapping[str, str] | None) -> Amounts:
    """Quantities by resource as whole numbers."""
    return {name: amount(name, str(text)) for name, text in (found or {}).items()}


def requested(spec: Object) -> Amounts:
    """What a pod asks for: its containers together, or its largest init container if that is more; and its overhead."""
    total: Amounts = {}
    for container in spec["containers"]:
        for name, number in _requests(container).items():
            total[name] = total.get(name, 0) + number
    for container in spec.get("initContainers") or ():
        for name, number in _requests(container).items():
            total[name] = max(total.get(name, 0), number)
    for name, number in amounts(spec.get("overhead")).items():
        total[name] = total.get(name, 0) + number
    return total


def _requests(container: Object) -> Amounts:
    return amounts((container.get("resources") or {}).get("requests"))


def compared(spec: Object) -> Amounts:
    """CPU and memory as they count when nodes are compared: containers that ask for nothing count too."""
    overhead = amounts(spec.get("overhead"))
    total = {}
    for name, least in UNNAMED.items():
        each = [_requests(container).get(name, least) for container in spec["containers"]]
        first = [_requests(container).get(name, least) for container in spec.get("initContainers") or ()]
        total[name] = max([sum(each), *first]) + overhead.get(name, 0)
    return total


def host_ports(spec: Object) -> frozenset[Port]:
    """The ports of the node that a pod takes."""
    ports = (port for container in spec["containers"] for port in container.get("ports") or ())
    return frozenset(
        (port.get("hostIP") or ANY_ADDRESS, port.get("protocol", "TCP"), port["hostPort"])
        for port in ports
        if port.get("hostPort")
    )


class Term(Struct, frozen=True):
    """Which pods a pod wants near it, or not: those in these namespaces that match, in the same part of a topology."""

    namespaces: frozenset[str]
    selector: Selector
    topology: str
    weight: int = 0

    def matches(self, pod: PodInfo) -> bool:
        """Whether it speaks of that pod."""
        return pod.namespace in self.namespaces and self.selector.matches(pod.labels)


def _terms(pod: Object, kind: str, namespace: str) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """(required, preferred) of podAffinity or podAntiAffinity."""
    affinity = (pod["spec"].get("affinity") or {}).get(kind) or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or ()
    preferred = affinity.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
    return (
        tuple(_term(term, namespace, 0) for term in required),
        tuple(_term(term["podAffinityTerm"], namespace, term["weight"]) for term in preferred if term["weight"]),
    )


def _term(term: Object, namespace: str, weight: int) -> Term:
    namespaces = frozenset(term.get("namespaces") or (namespace,))
    return Term(namespaces, selectors.from_object(term.get("labelSelector")), term["topologyKey"], weight)


class PodInfo:
    """A pod with what the rules ask of it."""

    __slots__ = (
        "affinity", "anti_affinity", "compared", "labels", "name", "namespace", "node", "nominated", "obj", "ports",
        "preferred", "preferred_anti", "priority", "requests", "uid",
    )  # fmt: skip

    def __init__(self, obj: Object) -> None:
        metadata, spec = obj["metadata"], obj["spec"]
        self.obj = obj
        self.uid: str = metadata["uid"]
        self.name: str = metadata["name"]
        self.namespace: str = metadata.get("namespace", "")
        self.labels: dict[str, str] = metadata.get("labels") or {}
        self.node: str = spec.get("nodeName", "")
        self.nominated: str = (obj.get("status") or {}).get("nominatedNodeName", "")
        self.priority: int = spec.get("priority") or 0
        self.requests = requested(spec)
        self.compared = compared(spec)
        self.ports = host_ports(spec)
        self.affinity, self.preferred = _terms(obj, "podAffinity", self.namespace)
        self.anti_affinity, self.preferred_anti = _terms(obj, "podAntiAffinity", self.namespace)

    @property
    def spec(self) -> Object:
        """The pod's spec, read-only."""
        spec: Object = self.obj["spec"]
        return spec

    @property
    def leaving(self) -> bool:
        """Whether the pod is being deleted."""
        return "deletionTimestamp" in self.obj["metadata"]

    @property
    def has_terms(self) -> bool:
        """Whether it has wishes about other pods."""
        return bool(self.affinity or self.anti_affinity or self.preferred or self.preferred_anti)


def zone_of(labels: Mapping[str, str]) -> str:
    """Region and zone as one text, "" if the labels tell of neither."""
    zone, region = (
        next((labels[name] for name in names if labels.get(name)), "") for names in (ZONE_LABELS, REGION_LABELS)
    )
    return f"{region}:\0:{zone}" if zone or region else ""


class NodeInfo(Struct):
    """A node, its pods, and what they take of it."""

    node: Object
    pods: dict[str, PodInfo] = field(default_factory=dict)
    requested: Amounts = field(default_factory=dict)
    compared: Amounts = field(default_factory=lambda: {CPU: 0, MEMORY: 0})
    allocatable: Amounts = field(default_factory=dict)
    name: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    """Read-only."""
    taints: list[Object] = field(default_factory=list)
    """Read-only."""
    closed: bool = False
    """spec.unschedulable."""
    images: dict[str, int] = field(default_factory=dict)
    """Name -> size in bytes."""
    zone: str = ""
    """Region and zone, "" without labels for them."""
    _counts: dict[Labelled, int] = field(default_factory=dict)
    """How many pods have certain labels: kept up, since each pod of a large workload asks for the same."""

    def __post_init__(self) -> None:
        self.set_node(self.node)

    def set_node(self, node: Object) -> None:
        """The node has changed: read now what every pod will ask."""
        status = node.get("status") or {}
        self.node = node
        self.name = node["metadata"]["name"]
        self.labels = node["metadata"].get("labels") or {}
        self.taints = placement.taints_of(node)
        self.closed = bool((node.get("spec") or {}).get("unschedulable"))
        self.allocatable = amounts(status.get("allocatable"))
        images = status.get("images") or ()
        self.images = {name: one.get("sizeBytes", 0) for one in images for name in one.get("names") or ()}
        self.zone = zone_of(self.labels)

    def add(self, pod: PodInfo) -> None:
        """Count the pod in."""
        self.pods[pod.uid] = pod
        self._recount(pod, 1)
        _sum(self.requested, pod.requests, 1)
        _sum(self.compared, pod.compared, 1)

    def remove(self, uid: str) -> None:
        """Count the pod out."""
        pod = self.pods.pop(uid, None)
        if pod is not None:
            self._recount(pod, -1)
            _sum(self.requested, pod.requests, -1)
            _sum(self.compared, pod.compared, -1)

    def count(self, wanted: Labelled) -> int:
        """How many of the pods are of the namespace, have the labels and stay."""
        found = self._counts.get(wanted)
        if found is None:
            if len(self._counts) >= REMEMBERED:
                self._counts.clear()
            found = self._counts[wanted] = sum(_has(pod, wanted) for pod in self.pods.values())
        return found

    def _recount(self, pod: PodInfo, sign: int) -> None:
        for wanted in self._counts:
            if _has(pod, wanted):
                self._counts[wanted] += sign

    def copy(self) -> NodeInfo:
        """One to try things on."""
        made = NodeInfo(self.node)
        made.pods, made.requested, made.compared = dict(self.pods), dict(self.requested), dict(self.compared)
        return made


def _has(pod: PodInfo, wanted: Labelled) -> bool:
    namespace, labels = wanted
    return pod.namespace == namespace and labels <= pod.labels.items() and not pod.leaving


def _sum(total: Amounts, more: Amounts, sign: int) -> None:
    for name, number in more.items():
        total[name] = total.get(name, 0) + sign * number


class View(Struct, frozen=True):
    """Nodes with their pods, as they are or as they would be."""

    nodes: Mapping[str, NodeInfo]
    terms: int
    """How many pods have wishes about others; where there are none, nobody is asked."""

    def pods(self) -> Iterator[tuple[NodeInfo, PodInfo]]:
        """All pods that have a node."""
        for info in self.nodes.values():
            for pod in info.pods.values():
                yield info, pod

    def having(self, changed: NodeInfo) -> View:
        """With that node in place of the one of its name."""
        return View({**self.nodes, changed.name: changed}, self.terms)


def _takes_room(pod: Object) -> bool:
    """Whether it is to be counted with a node: it has one, or is promised room there, and has not ended."""
    status = pod.get("status") or {}
    somewhere = pod["spec"].get("nodeName") or status.get("nominatedNodeName")
    return bool(somewhere) and status.get("phase") not in FINAL_PHASES


class State:
    """Follows pods and nodes."""

    def __init__(self) -> None:
        self._nodes: dict[str, NodeInfo] = {}
        self._homeless: dict[str, dict[str, PodInfo]] = {}
        """Pods of nodes that do not exist, by node."""
        self._where: dict[str, PodInfo] = {}
        self._terms = 0
        self._nominated: dict[str, dict[str, PodInfo]] = {}

    @property
    def view(self) -> View:
        """As things are."""
        return View(self._nodes, self._terms)

    @property
    def any_nominated(self) -> bool:
        """Whether any pod waits for a node that has been promised to it."""
        return any(self._nominated.values())

    def nominated(self, node: str) -> Iterable[PodInfo]:
        """Pods that wait for room on that node, which has been promised to them."""
        return list(self._nominated.get(node, {}).values())

    def take_node(self, old: Object | None, new: Object | None) -> None:
        """Follow one change of a node."""
        if new is None:
            if old is not None and (info := self._nodes.pop(old["metadata"]["name"], None)) is not None and info.pods:
                self._homeless[info.name] = info.pods
            return
        name = new["metadata"]["name"]
        if name in self._nodes:
            self._nodes[name].set_node(new)
            return
        info = self._nodes[name] = NodeInfo(new)
        for pod in self._homeless.pop(name, {}).values():
            info.add(pod)

    def take_pod(self, old: Object | None, new: Object | None) -> None:
        """Follow one change of a pod."""
        if old is not None:
            self._drop(old["metadata"]["uid"])
        if new is None or not _takes_room(new):
            return
        pod = PodInfo(new)
        if pod.node:
            self._place(pod)
        elif pod.nominated and not pod.leaving:
            self._nominated.setdefault(pod.nominated, {})[pod.uid] = pod

    def _place(self, pod: PodInfo) -> None:
        self._where[pod.uid] = pod
        self._terms += pod.has_terms
        if pod.node in self._nodes:
            self._nodes[pod.node].add(pod)
        else:
            self._homeless.setdefault(pod.node, {})[pod.uid] = pod

    def _drop(self, uid: str) -> None:
        for waiting in self._nominated.values():
            waiting.pop(uid, None)
        pod = self._where.pop(uid, None)
        if pod is None:
            return
        self._terms -= pod.has_terms
        if pod.node in self._nodes:
            self._nodes[pod.node].remove(uid)
        else:
            self._homeless.get(pod.node, {}).pop(uid, None)
