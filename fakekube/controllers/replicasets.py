"""The ReplicaSet controller."""

from __future__ import annotations

from fakekube.apis.apps.replicasets import RESOURCE as REPLICASETS
from fakekube.controllers.shared.replicas import Parent, Replicas
from fakekube.machinery import selectors
from fakekube.machinery.objects import Object


def _selector(replica_set: Object) -> selectors.Selector:
    return selectors.from_object(replica_set["spec"].get("selector"))


CONTROLLER = Replicas(Parent(REPLICASETS, _selector)).controller("replicaset-controller")
