"""Which of the nodes that fit is the best: the scores of the default profile with their weights. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from fakekube.apis.core.pods import placement
from fakekube.machinery.objects import Object
from fakekube.scheduler import affinity, spread
from fakekube.scheduler.filters import Attempt
from fakekube.scheduler.state import CPU, MEMORY, NodeInfo

MOST = 100
AVOID = "scheduler.alpha.kubernetes.io/preferAvoidPods"
MEGABYTE = 1024 * 1024
SMALLEST_IMAGES, LARGEST_IMAGE = 23 * MEGABYTE, 1000 * MEGABYTE


def normalized(raw: Sequence[int], reverse: bool = False) -> list[int]:
    """In proportion to the highest, which becomes 100, or 0 if the lowest is the best."""
    high = max(raw)
    if high == 0:
        return [MOST if reverse else 0] * len(raw)
    return [MOST - MOST * score // high if reverse else MOST * score // high for score in raw]


def _used(attempt: Attempt, info: NodeInfo, name: str) -> tuple[int, int]:
    """(what would be used, what there is)."""
    return info.compared.get(name, 0) + attempt.pod.compared[name], info.allocatable.get(name, 0)


def _least_allocated(attempt: Attempt, nodes: Sequence[NodeInfo]) -> list[int]:
    return [sum(_room(*_used(attempt, info, name)) for name in (CPU, MEMORY)) // 2 for info in nodes]


def _room(used: int, there: int) -> int:
    return 0 if there == 0 or used > there else (there - used) * MOST // there


def _balanced(attempt: Attempt, nodes: Sequence[NodeInfo]) -> list[int]:
    return [_balance(*(_fraction(*_used(attempt, info, name)) for name in (CPU, MEMORY))) for info in nodes]


def _fraction(used: int, there: int) -> float:
    return used / there if there else 1.0


def _balance(cpu: float, memory: float) -> int:
    return 0 if cpu >= 1 or memory >= 1 else int((1 - abs(cpu - memory)) * MOST)


def _node_affinity(attempt: Attempt, nodes: Sequence[NodeInfo]) -> list[int] | None:
    wishes = ((attempt.pod.spec.get("affinity") or {}).get("nodeAffinity") or {}).get(
        "preferredDuringSchedulingIgnoredDuringExecution"
    )
    if not wishes:
        return None
    return normalized([sum(_granted(wish, info) for wish in wishes) for info in nodes])


def _granted(wish: Object, info: NodeInfo) -> int:
    expressions = wish["preference"].get("matchExpressions") or ()
    matches = placement.matches_term({"matchExpressions": expressions}, info.node)
    return int(wish["weight"]) if matches else 0


def _taints(attempt: Attempt, nodes: Sequence[NodeInfo]) -> list[int] | None:
    if not any(info.taints for info in nodes):
        return None
    spec, effects = attempt.pod.spec, (placement.PREFER_NO_SCHEDULE,)
    return normalized([len(list(placement.untolerated(spec, info.taints, effects))) for info in nodes], reverse=True)


def _avoided(attempt: Attempt, nodes: Sequence[NodeInfo]) -> list[int] | None:
    if not any(AVOID in (info.node["metadata"].get("annotations") or ()) for info in nodes):
        return None
    owners = attempt.pod.obj["metadata"].get("ownerReferences") or ()
    owner = next((ref for ref in owners if ref.get("controller")), None)
    if owner is None or owner["kind"] not in ("ReplicationController", "ReplicaSet"):
        return None
    return [0 if _avoids(info, owner) else MOST for info in nodes]


def _avoids(info: NodeInfo, owner: Object) -> bool:
    text = (info.node["metadata"].get("annotations") or {}).get(AVOID)
    try:
        avoided = json.loads(text)["preferAvoidPods"] if text else ()
        signatures = [one["podSignature"]["podController"] for one in avoided]
        return any((one["kind"], one["uid"]) == (owner["kind"], owner["uid"]) for one in signatures)
    except (ValueError, KeyError, TypeError):
        return False


def _images(attempt: Attempt, nodes: Sequence[NodeInfo]) -> list[int]:
    names = [_full_name(container.get("image", "")) for container in attempt.pod.spec["containers"]]
    everywhere = attempt.view.nodes.values()
    shares = {name: sum(name in info.images for info in everywhere) / len(everywhere) for name in names}
    return [
        _image_score(sum(int(info.images.get(name, 0) * shares[name]) for name in names), len(names)) for info in nodes
    ]


def _image_score(total: int, containers: int) -> int:
    highest = LARGEST_IMAGE * containers
    return MOST * (min(max(total, SMALLEST_IMAGES), highest) - SMALLEST_IMAGES) // (highest - SMALLEST_IMAGES)


def _full_name(image: str) -> str:
    return image if image.rfind(":") > image.rfind("/") else f"{image}:latest"


Score = Callable[[Attempt, Sequence[NodeInfo]], list[int] | None]
"""0 to 100 for each node; None: it makes no difference between them."""

SCORES: tuple[tuple[Score, int], ...] = (
    (_balanced, 1),
    (_images, 1),
    (lambda attempt, nodes: affinity.scores(attempt.pod, attempt.view, nodes), 1),
    (_least_allocated, 1),
    (_node_affinity, 1),
    (_avoided, 10000),
    (lambda attempt, nodes: spread.scores(attempt.pod, attempt.view, nodes), 2),
    (_taints, 1),
    (lambda attempt, nodes: spread.sibling_scores(attempt.pod, nodes, attempt.api), 1),
)
"""Each with its weight."""


def best(attempt: Attempt, nodes: Sequence[NodeInfo]) -> NodeInfo:
    """The node with the highest sum; of equal ones, which the real scheduler draws lots for, that with fewest pods."""
    if len(nodes) == 1:
        return nodes[0]
    totals = [0] * len(nodes)
    for score, weight in SCORES:
        for index, number in enumerate(score(attempt, nodes) or ()):
            totals[index] += weight * number
    first = min(range(len(nodes)), key=lambda index: (-totals[index], len(nodes[index].pods), nodes[index].name))
    return nodes[first]
