"""What a kubelet may see and do."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from readers import ObjectsReader

from fakekube.apis.core import nodes, persistentvolumes, pods
from fakekube.apis.storage import volumeattachments
from fakekube.authz.attributes import Attributes
from fakekube.authz.node import Node
from fakekube.machinery.objects import Object, UserInfo

N1 = UserInfo("system:node:n1", groups=("system:nodes", "system:authenticated"))


def pod(name: str, node: str, *volumes: Object, mirror: bool = False, **spec: Any) -> Object:
    annotations = {"kubernetes.io/config.mirror": "x"} if mirror else {}
    metadata = {"namespace": "x", "name": name, "annotations": annotations}
    return {"metadata": metadata, "spec": {"nodeName": node, "volumes": list(volumes), **spec}}


def secret(name: str) -> Object:
    return {"secret": {"secretName": name}}


@pytest.fixture
def mode() -> Node:
    reader = ObjectsReader()
    environment = [{"env": [{"valueFrom": {"configMapKeyRef": {"name": "of-env"}}}]}]
    reader.put(
        pods.RESOURCE,
        pod("a", "n1", secret("mine"), {"persistentVolumeClaim": {"claimName": "claim"}}, serviceAccountName="sa"),
        pod("b", "n2", secret("theirs"), initContainers=environment),
        pod("c", "n1", secret("mirrored"), mirror=True),
    )
    volume = {"claimRef": {"namespace": "x", "name": "claim"}, "csi": {"nodeStageSecretRef": {"name": "stage"}}}
    unused = {"claimRef": {"namespace": "x", "name": "unused"}, "rbd": {"secretRef": {"name": "unused"}}}
    reader.put(
        persistentvolumes.RESOURCE,
        {"metadata": {"name": "used"}, "spec": volume},
        {"metadata": {"name": "unused"}, "spec": unused},
    )
    reader.put(volumeattachments.RESOURCE, {"metadata": {"name": "att"}, "spec": {"nodeName": "n1"}})
    source = {"configMap": {"namespace": "kube-system", "name": "kubelet"}}
    reader.put(nodes.RESOURCE, {"metadata": {"name": "n1"}, "spec": {"configSource": source}})
    return Node(reader)


def ask(mode: Node, a: Attributes) -> tuple[bool, str]:
    verdict = asyncio.run(mode.decide(a))
    return verdict.allowed, verdict.reason


UNRELATED = "no relationship found between node 'n1' and this object"
GET_ONLY = "can only get individual resources of this type"


@pytest.mark.parametrize(
    ("verb", "resource", "namespace", "name", "reason"),
    [
        ("get", "secrets", "x", "mine", None),
        ("watch", "secrets", "x", "mine", None),
        ("get", "secrets", "x", "stage", None),
        ("get", "secrets", "x", "unused", UNRELATED),
        ("get", "secrets", "x", "theirs", UNRELATED),
        ("get", "secrets", "x", "mirrored", UNRELATED),
        ("get", "secrets", "y", "mine", UNRELATED),
        ("list", "secrets", "x", "", "No Object name found"),
        ("list", "secrets", "", "", "can only read namespaced object of this type"),
        ("delete", "secrets", "x", "mine", "can only read resources of this type"),
        ("get", "secrets/y", "x", "mine", "cannot read subresource"),
        ("get", "configmaps", "x", "of-env", UNRELATED),
        ("get", "configmaps", "kube-system", "kubelet", None),
        ("get", "persistentvolumeclaims", "x", "claim", None),
        ("list", "persistentvolumeclaims", "x", "claim", GET_ONLY),
        ("patch", "persistentvolumeclaims/status", "x", "claim", None),
        ("get", "persistentvolumeclaims/status", "x", "claim", "can only get/update/patch this type"),
        ("get", "persistentvolumes", "", "used", None),
        ("get", "persistentvolumes", "", "unused", UNRELATED),
        ("get", "persistentvolumes/status", "", "used", "cannot get subresource"),
        ("get", "volumeattachments.storage.k8s.io", "", "att", None),
        ("create", "serviceaccounts/token", "x", "sa", None),
        ("create", "serviceaccounts/token", "x", "default", UNRELATED),
        ("get", "serviceaccounts", "x", "sa", "can only create tokens for individual service accounts"),
        ("create", "serviceaccounts", "x", "sa", "can only create token subresource of serviceaccount"),
        ("update", "leases.coordination.k8s.io", "kube-node-lease", "n1", None),
        ("create", "leases.coordination.k8s.io", "kube-node-lease", "", None),
        (
            "update",
            "leases.coordination.k8s.io",
            "kube-node-lease",
            "n2",
            "can only access node lease with the same name as the requesting node",
        ),
        (
            "update",
            "leases.coordination.k8s.io",
            "x",
            "n1",
            'can only access leases in the "kube-node-lease" system namespace',
        ),
        (
            "list",
            "leases.coordination.k8s.io",
            "x",
            "",
            "can only get, create, update, patch, or delete a node lease",
        ),
        ("update", "csinodes.storage.k8s.io", "", "n1", None),
        (
            "update",
            "csinodes.storage.k8s.io",
            "",
            "n2",
            "can only access CSINode with the same name as the requesting node",
        ),
        ("get", "csinodes/x.storage.k8s.io", "", "n1", "cannot authorize CSINode subresources"),
        ("list", "csinodes.storage.k8s.io", "", "", "can only get, create, update, patch, or delete a CSINode"),
        ("list", "pods", "", "", None),
        ("delete", "nodes", "", "n2", ""),
    ],
)
def test_rules_of_kubelets(mode: Node, verb: str, resource: str, namespace: str, name: str, reason: str | None) -> None:
    whole, _, group = resource.partition(".")
    plural, _, subresource = whole.partition("/")
    a = Attributes(N1, verb, namespace, group, "v1", plural, subresource, name)
    assert ask(mode, a) == (reason is None, reason or "")


@pytest.mark.parametrize(
    ("user", "reason"),
    [
        (UserInfo("system:node:n1"), ""),
        (UserInfo("ann", groups=("system:nodes",)), ""),
        (UserInfo("system:node:", groups=("system:nodes",)), 'unknown node for user "system:node:"'),
    ],
)
def test_others_are_no_kubelets(mode: Node, user: UserInfo, reason: str) -> None:
    assert ask(mode, Attributes(user, "list", resource="pods")) == (False, reason)


def test_rules_cannot_be_listed(mode: Node) -> None:
    assert mode.rules_for(N1, "x").incomplete
    assert not mode.rules_for(UserInfo("ann"), "x").incomplete


def test_paths_follow_the_rules_of_all_nodes(mode: Node) -> None:
    assert ask(mode, Attributes(N1, "get", path="/healthz", is_resource=False)) == (False, "")
