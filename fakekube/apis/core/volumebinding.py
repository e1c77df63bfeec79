"""Which persistent volume suits which claim: asked by the binder and by the scheduler. Pure.

Follows pkg/controller/volume/persistentvolume/util of v1.20.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from fakekube.apis.core.pods import placement
from fakekube.machinery import quantity, selectors
from fakekube.machinery.objects import Object

BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"
BIND_COMPLETED = "pv.kubernetes.io/bind-completed"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
CLASS = "volume.beta.kubernetes.io/storage-class"
WAIT_FOR_CONSUMER = "WaitForFirstConsumer"


def annotations_of(obj: Object) -> dict[str, str]:
    """metadata.annotations, read-only."""
    return obj["metadata"].get("annotations") or {}


def class_of(obj: Object) -> str:
    """The storage class of a claim or a volume, "" for none."""
    name: str = annotations_of(obj).get(CLASS) or obj["spec"].get("storageClassName") or ""
    return name


def waits_for_consumer(class_: Object | None) -> bool:
    """Whether claims of the class are bound only when a pod that uses them is scheduled."""
    return class_ is not None and class_.get("volumeBindingMode") == WAIT_FOR_CONSUMER


def capacity_of(volume: Object) -> quantity.Quantity:
    """The volume's size."""
    return quantity.parse((volume["spec"].get("capacity") or {}).get("storage", "0"))


def request_of(claim: Object) -> quantity.Quantity:
    """The size that a claim asks for."""
    return quantity.parse(((claim["spec"].get("resources") or {}).get("requests") or {}).get("storage", "0"))


def is_bound_to(volume: Object, claim: Object) -> bool:
    """Whether the volume is the claim's, or is kept for it by name."""
    ref = volume["spec"].get("claimRef")
    if ref is None:
        return False
    metadata = claim["metadata"]
    if (ref.get("namespace"), ref.get("name")) != (metadata.get("namespace"), metadata["name"]):
        return False
    return ref.get("uid", "") in ("", metadata["uid"])


def modes_differ(claim: Object, volume: Object) -> bool:
    """Whether one is a block device and the other a file system."""
    modes = [obj["spec"].get("volumeMode") or "Filesystem" for obj in (claim, volume)]
    return bool(modes[0] != modes[1])


def has_modes(claim: Object, volume: Object) -> bool:
    """Whether the volume has all access modes that the claim asks for."""
    return set(claim["spec"].get("accessModes") or ()) <= set(volume["spec"].get("accessModes") or ())


def is_reachable(volume: Object, node: Object) -> bool:
    """Whether the node has access to the volume."""
    required = (volume["spec"].get("nodeAffinity") or {}).get("required")
    return required is None or placement.matches_terms(required.get("nodeSelectorTerms") or (), node)


def mismatch(volume: Object, claim: Object) -> str:
    """Why the volume that a claim names does not do, "" if it does."""
    if "deletionTimestamp" in volume["metadata"]:
        return f'the volume is marked for deletion "{volume["metadata"]["name"]}"'
    checks = (
        (capacity_of(volume) < request_of(claim), "requested PV is too small"),
        (class_of(volume) != class_of(claim), "storageClassName does not match"),
        (modes_differ(claim, volume), "incompatible volumeMode"),
        (not has_modes(claim, volume), "incompatible accessMode"),
    )
    return next((text for wrong, text in checks if wrong), "")


def best_match(
    claim: Object,
    volumes: Iterable[Object],
    *,
    node: Object | None = None,
    taken: Collection[str] = (),
    delayed: bool = False,
) -> Object | None:
    """The smallest volume that suits the claim; one that is kept for it wins. `delayed`: only such a one will do.

    With a node, the volume must be reachable from there.
    """
    selector = claim["spec"].get("selector")
    wanted = selectors.from_object(selector) if selector is not None else selectors.EVERYTHING
    best: Object | None = None
    for volume in volumes:
        if volume["metadata"]["name"] in taken or not _is_candidate(volume, claim):
            continue
        reachable = node is None or is_reachable(volume, node)
        if is_bound_to(volume, claim):
            return volume if reachable else None
        if (node is None and delayed) or not reachable or not _is_free(volume, claim, wanted):
            continue
        if node is not None and not has_modes(claim, volume):
            continue
        if best is None or capacity_of(volume) < capacity_of(best):
            best = volume
    return best


def _is_candidate(volume: Object, claim: Object) -> bool:
    if volume["spec"].get("claimRef") is not None and not is_bound_to(volume, claim):
        return False
    deleted = "deletionTimestamp" in volume["metadata"]
    return not deleted and not modes_differ(claim, volume) and not capacity_of(volume) < request_of(claim)


def _is_free(volume: Object, claim: Object, wanted: selectors.Selector) -> bool:
    phase = (volume.get("status") or {}).get("phase")
    labels = volume["metadata"].get("labels") or {}
    return phase == "Available" and wanted.matches(labels) and class_of(volume) == class_of(claim)


def by_modes(claim: Object, volumes: Iterable[Object]) -> list[list[Object]]:
    """The volumes that have the claim's access modes, grouped: those with the fewest modes first."""
    groups: dict[tuple[str, ...], list[Object]] = {}
    for volume in volumes:
        if has_modes(claim, volume):
            groups.setdefault(tuple(sorted(set(volume["spec"].get("accessModes") or ()))), []).append(volume)
    return [groups[modes] for modes in sorted(groups, key=lambda modes: (len(modes), modes))]


def find_volume(claim: Object, volumes: Sequence[Object], delayed: bool) -> Object | None:
    """The volume that the binder takes for a claim."""
    matches = (best_match(claim, group, delayed=delayed) for group in by_modes(claim, volumes))
    return next((volume for volume in matches if volume is not None), None)


def bound_volume(volume: Object, claim: Object, reference: Object) -> Object | None:
    """The volume with the claim's reference in it; None if it is so already."""
    ref, metadata = volume["spec"].get("claimRef"), claim["metadata"]
    names = ("namespace", "name", "uid")
    same = ref is not None and all(ref.get(name) == metadata.get(name) for name in names)
    annotations = annotations_of(volume)
    if not is_bound_to(volume, claim) and BOUND_BY_CONTROLLER not in annotations:
        annotations = {**annotations, BOUND_BY_CONTROLLER: "yes"}
    elif same:
        return None
    changed = {**volume["metadata"], **({"annotations": annotations} if annotations else {})}
    return {**volume, "metadata": changed, "spec": {**volume["spec"], **({} if same else {"claimRef": reference})}}
