"""What kubelets may do: their own node's affairs, and whatever the pods on their node refer to.

Follows plugin/pkg/auth/authorizer/node. The paths node <- pod <- secret, config map, claim, service account and
node <- pod <- claim <- volume <- secret are looked up among the namespace's pods when a kubelet asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fakekube.apis.core import nodes, persistentvolumeclaims, persistentvolumes, pods
from fakekube.apis.podspec.walk import config_map_names, secret_names, service_account_of
from fakekube.apis.storage import volumeattachments
from fakekube.authz.attributes import Attributes, Decision, Verdict
from fakekube.authz.bootstrap import node_rules
from fakekube.authz.modes import UserRules
from fakekube.authz.rules import CompiledRule, rules_allow
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Key, Object, UserInfo
from fakekube.registry.client import Reader

NAME = "Node"
USER_PREFIX = "system:node:"
GROUP = "system:nodes"
LEASE_NAMESPACE = "kube-node-lease"
MIRROR = "kubernetes.io/config.mirror"
_NO_NODE = Verdict(Decision.NO_OPINION, authorizer=NAME)
_OWN_VERBS = frozenset({"get", "create", "update", "patch", "delete"})
_READ_VERBS = frozenset({"get", "list", "watch"})


def node_name(user: UserInfo) -> str | None:
    """The node that the user is the kubelet of, or None for anybody else; it may be ""."""
    if user.name.startswith(USER_PREFIX) and GROUP in user.groups:
        return user.name.removeprefix(USER_PREFIX)
    return None


class Node:
    """The mode Node of --authorization-mode."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._rules = tuple(CompiledRule(rule) for rule in node_rules())

    async def decide(self, attributes: Attributes) -> Verdict:
        """ALLOW, or NO_OPINION with the reason why a kubelet may not."""
        node = node_name(attributes.user)
        if node is None:
            return _NO_NODE
        reason = self._refusal(node, attributes)
        if reason is None:
            return Verdict(Decision.ALLOW, authorizer=NAME)
        return Verdict(Decision.NO_OPINION, reason, NAME)

    def rules_for(self, user: UserInfo, namespace: str) -> UserRules:
        """Nobody can list what a kubelet may do, as it depends on its pods."""
        if node_name(user) is None:
            return UserRules()
        return UserRules(incomplete=True, errors=("node authorizer does not support user rule resolution",))

    def _refusal(self, node: str, a: Attributes) -> str | None:
        """Why not, possibly without words; None: allowed."""
        if not node:
            return f"unknown node for user {quote(a.user.name)}"
        rule = _RULES.get((a.group, a.resource)) if a.is_resource else None
        if rule is not None:
            return rule(self._reader, node, a)
        return None if rules_allow(self._rules, a) else ""


Rule = Callable[[Reader, str, Attributes], str | None]
Related = Callable[[Reader, str, str, str], bool]
"""(reader, node, namespace, name): whether something on the node refers to the object."""


def _read(related: Related) -> Rule:
    def rule(reader: Reader, node: str, a: Attributes) -> str | None:
        if a.verb not in _READ_VERBS:
            return "can only read resources of this type"
        if a.subresource:
            return "cannot read subresource"
        if not a.namespace:
            return "can only read namespaced object of this type"
        return _needs_relation(related, reader, node, a)

    return rule


def _get(related: Related) -> Rule:
    def rule(reader: Reader, node: str, a: Attributes) -> str | None:
        if a.verb != "get":
            return "can only get individual resources of this type"
        if a.subresource:
            return "cannot get subresource"
        return _needs_relation(related, reader, node, a)

    return rule


def _claim(reader: Reader, node: str, a: Attributes) -> str | None:
    if a.subresource != "status":
        return _get(_claimed)(reader, node, a)
    if a.verb not in ("update", "patch"):
        return "can only get/update/patch this type"
    return _needs_relation(_claimed, reader, node, a)


def _token(reader: Reader, node: str, a: Attributes) -> str | None:
    if a.verb != "create" or not a.name:
        return "can only create tokens for individual service accounts"
    if a.subresource != "token":
        return "can only create token subresource of serviceaccount"
    return _needs_relation(_runs_as, reader, node, a)


def _lease(_: Reader, node: str, a: Attributes) -> str | None:
    if a.verb not in _OWN_VERBS:
        return "can only get, create, update, patch, or delete a node lease"
    if a.namespace != LEASE_NAMESPACE:
        return f"can only access leases in the {quote(LEASE_NAMESPACE)} system namespace"
    if a.verb != "create" and a.name != node:  # a create has no name yet; admission checks it
        return "can only access node lease with the same name as the requesting node"
    return None


def _csi_node(_: Reader, node: str, a: Attributes) -> str | None:
    if a.verb not in _OWN_VERBS:
        return "can only get, create, update, patch, or delete a CSINode"
    if a.subresource:
        return "cannot authorize CSINode subresources"
    if a.verb != "create" and a.name != node:
        return "can only access CSINode with the same name as the requesting node"
    return None


def _needs_relation(related: Related, reader: Reader, node: str, a: Attributes) -> str | None:
    if not a.name:
        return "No Object name found"
    if related(reader, node, a.namespace, a.name):
        return None
    return f"no relationship found between node '{node}' and this object"


def _pods(reader: Reader, node: str, namespace: str) -> Iterator[Object]:
    """The specs of the node's pods; a mirror pod has no claim on anything."""
    for pod in reader.list(pods.RESOURCE, namespace):
        spec = pod["spec"]
        if spec.get("nodeName") == node and MIRROR not in (pod["metadata"].get("annotations") or {}):
            yield spec


def _config_map(reader: Reader, node: str, namespace: str, name: str) -> bool:
    if any(name in config_map_names(spec) for spec in _pods(reader, node, namespace)):
        return True
    mine = reader.get(nodes.RESOURCE, Key("", node)) or {}
    source = ((mine.get("spec") or {}).get("configSource") or {}).get("configMap") or {}
    return (source.get("namespace"), source.get("name")) == (namespace, name)


def _secret(reader: Reader, node: str, namespace: str, name: str) -> bool:
    if any(name in secret_names(spec) for spec in _pods(reader, node, namespace)):
        return True
    return any(
        (namespace, name) in _volume_secrets(volume) and _volume_used(reader, node, volume)
        for volume in reader.list(persistentvolumes.RESOURCE)
    )


def _claimed(reader: Reader, node: str, namespace: str, name: str) -> bool:
    return any(name in _claims(spec) for spec in _pods(reader, node, namespace))


def _claims(spec: Object) -> list[str]:
    claims = [volume.get("persistentVolumeClaim") or {} for volume in spec.get("volumes") or ()]
    return [claim["claimName"] for claim in claims if claim.get("claimName")]


def _volume(reader: Reader, node: str, _: str, name: str) -> bool:
    volume = reader.get(persistentvolumes.RESOURCE, Key("", name))
    return volume is not None and _volume_used(reader, node, volume)


def _volume_used(reader: Reader, node: str, volume: Object) -> bool:
    claim = volume["spec"].get("claimRef") or {}
    return bool(claim) and _claimed(reader, node, claim.get("namespace", ""), claim.get("name", ""))


def _volume_secrets(volume: Object) -> Iterator[tuple[str, str]]:
    """The secrets that a kubelet needs for a volume. Those of its controllers are not among them."""
    spec = volume["spec"]
    of_claim = (spec.get("claimRef") or {}).get("namespace", "")
    for source in spec.values():
        if not isinstance(source, dict):
            continue
        if name := source.get("secretName"):
            yield source.get("secretNamespace") or of_claim, name
        for field in ("secretRef", "nodePublishSecretRef", "nodeStageSecretRef"):
            if ref := source.get(field):
                yield ref.get("namespace") or of_claim, ref.get("name", "")


def _attachment(reader: Reader, node: str, _: str, name: str) -> bool:
    attachment = reader.get(volumeattachments.RESOURCE, Key("", name))
    return attachment is not None and attachment["spec"].get("nodeName") == node


def _runs_as(reader: Reader, node: str, namespace: str, name: str) -> bool:
    return any(service_account_of(spec) == name for spec in _pods(reader, node, namespace))


_RULES: dict[tuple[str, str], Rule] = {
    ("", "secrets"): _read(_secret),
    ("", "configmaps"): _read(_config_map),
    ("", persistentvolumeclaims.RESOURCE.plural): _claim,
    ("", persistentvolumes.RESOURCE.plural): _get(_volume),
    ("storage.k8s.io", volumeattachments.RESOURCE.plural): _get(_attachment),
    ("", "serviceaccounts"): _token,
    ("coordination.k8s.io", "leases"): _lease,
    ("storage.k8s.io", "csinodes"): _csi_node,
}
"""What is not allowed to all nodes alike."""
