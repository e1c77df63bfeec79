"""NodeRestriction: a kubelet changes its own node and the pods on it, no more. Follows plugin/pkg/admission/noderestriction."""  # noqa: E501

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from fakekube.admission.plugin import On, Plugin, forbidden
from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.podspec.walk import config_map_names, secret_names
from fakekube.apis.resource import Resource
from fakekube.machinery import status
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Key, Object, UserInfo
from fakekube.registry.attributes import CREATE, DELETE, UPDATE, Attributes
from fakekube.registry.client import Client, Reader

GROUP, PREFIX = "system:nodes", "system:node:"
MIRROR = "kubernetes.io/config.mirror"
LEASES = "kube-node-lease"
RESTRICTED = "node-restriction.kubernetes.io"
KUBERNETES = ("kubernetes.io", "k8s.io")
KUBELET_NAMESPACES = ("kubelet.kubernetes.io", "node.kubernetes.io")
KUBELET_LABELS = frozenset(
    {
        "kubernetes.io/hostname", "topology.kubernetes.io/zone", "topology.kubernetes.io/region",
        "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region",
        "beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type",
        "kubernetes.io/os", "kubernetes.io/arch", "beta.kubernetes.io/os", "beta.kubernetes.io/arch",
    }
)  # fmt: skip
"""What a kubelet may say of itself among the labels of Kubernetes' own namespaces."""

Check = Callable[[Attributes, Reader, str], Iterator[str]]
"""(attributes, reader, node) -> the first thing is why it is refused. May raise NotFound (404)."""


def mutate(a: Attributes, client: Client) -> None:
    """Judge requests of kubelets only. Raises Forbidden (403), NotFound (404)."""
    node = node_of(a.user)
    if node is None:
        return
    if not node:
        raise forbidden(a, f"could not determine node from user {quote(a.user.name)}")
    check = CHECKS.get(a.resource.qualified)
    for why in check(a, client, node) if check else ():
        raise forbidden(a, why)


def node_of(user: UserInfo) -> str | None:
    """The node that the user is the kubelet of; "" if the name does not tell, None if the user is no kubelet."""
    if not user.name.startswith(PREFIX) or GROUP not in user.groups:
        return None
    return user.name.removeprefix(PREFIX)


def _pods(a: Attributes, reader: Reader, node: str) -> Iterator[str]:
    if a.subresource in POD_CHECKS:
        yield from POD_CHECKS[a.subresource](a, reader, node)
    else:
        yield f"unexpected pod subresource {quote(a.subresource)}, only 'status' and 'eviction' are allowed"


def _pod(a: Attributes, reader: Reader, node: str) -> Iterator[str]:
    if a.operation == CREATE:
        yield from _new_pod(a, reader, node)
    elif a.operation != DELETE:
        yield f"unexpected operation {quote(a.operation)}, node {quote(node)} can only create and delete mirror pods"
    elif _existing(PODS, Key(a.namespace, a.name), reader)["spec"].get("nodeName") != node:
        yield f"node {quote(node)} can only delete pods with spec.nodeName set to itself"


def _new_pod(a: Attributes, reader: Reader, node: str) -> Iterator[str]:
    assert a.object is not None
    metadata, spec = a.object["metadata"], a.object["spec"]
    who = f"node {quote(node)}"
    if MIRROR not in metadata.get("annotations", {}):
        yield f"pod does not have {quote(MIRROR)} annotation, {who} can only create mirror pods"
    if spec.get("nodeName") != node:
        yield f"{who} can only create pods with spec.nodeName set to itself"
    yield from _owners(metadata.get("ownerReferences") or [], reader, node)
    if spec.get("serviceAccountName"):
        yield f"{who} can not create pods that reference a service account"
    if secret_names(spec):
        yield f"{who} can not create pods that reference secrets"
    if config_map_names(spec):
        yield f"{who} can not create pods that reference configmaps"
    if any(volume.get("persistentVolumeClaim") is not None for volume in spec.get("volumes", ())):
        yield f"{who} can not create pods that reference persistentvolumeclaims"


def _owners(owners: list[Object], reader: Reader, node: str) -> Iterator[str]:
    """The node itself owns its mirror pods, and nobody else does."""
    who = f"node {quote(node)}"
    if len(owners) > 1:
        yield f"{who} can only create pods with a single owner reference set to itself"
    names = [(owner.get("apiVersion"), owner.get("kind"), owner.get("name")) for owner in owners]
    if names != [("v1", "Node", node)]:
        yield f"{who} can only create pods with an owner reference set to itself"
    owner = owners[0]
    if not owner.get("controller"):
        yield f"{who} can only create pods with a controller owner reference set to itself"
    if owner.get("blockOwnerDeletion"):
        yield f"{who} must not set blockOwnerDeletion on an owner reference"
    uid = _existing(NODES, Key("", node), reader)["metadata"]["uid"]
    if owner.get("uid") != uid:
        yield f"node {node} UID mismatch: expected {owner.get('uid', '')} got {uid}"


def _pod_status(a: Attributes, _: Reader, node: str) -> Iterator[str]:
    if a.operation != UPDATE:
        yield f"unexpected operation {quote(a.operation)}"
    new, old = a.object or {}, a.old_object or {}
    if old["spec"].get("nodeName") != node:
        yield f"node {quote(node)} can only update pod status for pods with spec.nodeName set to itself"  # noqa: S608
    if _labels(old) != _labels(new):
        yield f"node {quote(node)} cannot update labels through pod status"


def _eviction(a: Attributes, reader: Reader, node: str) -> Iterator[str]:
    if a.operation != CREATE:
        yield f"unexpected operation {a.operation}"
    name = a.name or (a.object or {}).get("metadata", {}).get("name", "")
    if not name:
        yield "could not determine pod from request data"
    if _existing(PODS, Key(a.namespace, name), reader)["spec"].get("nodeName") != node:
        yield f"node {node} can only evict pods with spec.nodeName set to itself"


def _node(a: Attributes, _: Reader, node: str) -> Iterator[str]:
    if a.name != node:
        yield f"node {quote(node)} is not allowed to modify node {quote(a.name)}"
    new, old = a.object or {}, a.old_object or {}
    source = new.get("spec", {}).get("configSource")
    if a.operation == CREATE:
        if source is not None:
            yield f"node {quote(node)} is not allowed to create pods with a non-nil configSource"
        if labels := forbidden_labels(_labels(new), {}):
            yield f"node {quote(node)} is not allowed to set the following labels: {', '.join(labels)}"
    if a.operation == UPDATE:
        before = old.get("spec", {})
        if source is not None and source != before.get("configSource"):
            yield f"node {quote(node)} is not allowed to update configSource to a new non-nil configSource"
        if (new.get("spec", {}).get("taints") or []) != (before.get("taints") or []):
            yield f"node {quote(node)} is not allowed to modify taints"
        if labels := forbidden_labels(_labels(new), _labels(old)):
            yield f"is not allowed to modify labels: {', '.join(labels)}"


def forbidden_labels(new: Mapping[str, str], old: Mapping[str, str]) -> list[str]:
    """The labels that differ and that a kubelet may not touch, sorted."""
    changed = {key for key in {*new, *old} if new.get(key) != old.get(key)}
    return sorted(key for key in changed if not _is_kubelets_own(key))


def _is_kubelets_own(key: str) -> bool:
    namespace, slash, _ = key.partition("/")
    if not slash:
        return True
    if _within(namespace, (RESTRICTED,)):
        return False
    return not _within(namespace, KUBERNETES) or key in KUBELET_LABELS or _within(namespace, KUBELET_NAMESPACES)


def _within(namespace: str, domains: tuple[str, ...]) -> bool:
    return any(namespace == domain or namespace.endswith(f".{domain}") for domain in domains)


def _claims(a: Attributes, _: Reader, node: str) -> Iterator[str]:
    if a.subresource != "status":
        yield "may only update PVC status"
    if a.operation != UPDATE:
        yield f"unexpected operation {quote(a.operation)}"
    new, old = _fixed_part(a.object or {}), _fixed_part(a.old_object or {})
    if new != old and (text := _difference(old, new)):
        fixed = "fields other than status.capacity and status.conditions"
        yield f"node {quote(node)} is not allowed to update {fixed}: {text}"


def _difference(old: Object, new: Object) -> str:
    from fakekube.apis.difference import difference  # slow to load, and kubelets do not do this

    text = difference(old, new, "core.PersistentVolumeClaim")
    return text.replace("core.", "&core.", 1)  # the real plugin compares pointers


def _fixed_part(claim: Object) -> Object:
    """The claim without what a kubelet may change."""
    metadata = {k: v for k, v in claim["metadata"].items() if k not in ("resourceVersion", "managedFields")}
    state = {k: v for k, v in (claim.get("status") or {}).items() if k not in ("capacity", "conditions")}
    rest = {name: value for name, value in claim.items() if name not in ("kind", "apiVersion")}
    return {**rest, "metadata": metadata, "status": state}


def _service_accounts(a: Attributes, reader: Reader, node: str) -> Iterator[str]:
    """Tokens for the pods on the node only."""
    if a.operation != CREATE or a.subresource != "token":
        return
    reference = ((a.object or {}).get("spec") or {}).get("boundObjectRef") or {}
    name, uid = reference.get("name"), reference.get("uid")
    if (reference.get("apiVersion"), reference.get("kind")) != ("v1", "Pod") or not name:
        yield "node requested token not bound to a pod"
    if not uid:
        yield "node requested token with a pod binding without a uid"
    pod = _existing(PODS, Key(a.namespace, str(name)), reader)
    recorded = pod["metadata"]["uid"]
    if uid != recorded:
        yield (
            f"the UID in the bound object reference ({uid}) does not match the UID in record ({recorded}). "
            "The object might have been deleted and then recreated"
        )
    if pod["spec"].get("nodeName") != node:
        yield "node requested token bound to a pod scheduled on a different node"


def _leases(a: Attributes, _: Reader, node: str) -> Iterator[str]:
    if a.namespace != LEASES:
        yield f"can only access leases in the {quote(LEASES)} system namespace"
    if _name(a) != node:
        yield "can only access node lease with the same name as the requesting node"


def _csi_nodes(a: Attributes, _: Reader, node: str) -> Iterator[str]:
    if _name(a) != node:
        yield "can only access CSINode with the same name as the requesting node"


def _name(a: Attributes) -> str:
    """On creation the object's own name, else the path's."""
    name: str = (a.object or {})["metadata"].get("name", "") if a.operation == CREATE else a.name
    return name


def _labels(obj: Object) -> dict[str, str]:
    return obj.get("metadata", {}).get("labels") or {}


def _existing(resource: Resource, key: Key, reader: Reader) -> Object:
    found = reader.get(resource, key)
    if found is None:  # client-go's listers name the resource in the singular
        raise status.not_found(resource.group, resource.kind.lower(), key.name)
    return found


POD_CHECKS: dict[str, Check] = {"": _pod, "status": _pod_status, "eviction": _eviction}
CHECKS: dict[str, Check] = {
    "pods": _pods,
    "nodes": _node,
    "persistentvolumeclaims": _claims,
    "serviceaccounts": _service_accounts,
    "leases.coordination.k8s.io": _leases,
    "csinodes.storage.k8s.io": _csi_nodes,
}
PLUGIN = Plugin(
    "NodeRestriction", On(frozenset({CREATE, UPDATE, DELETE}), frozenset(CHECKS), subresources=None), mutate
)
