"""The ReplicationController controller: its selector is a plain map, all else is a ReplicaSet's."""

from __future__ import annotations

from fakekube.apis.core.replicationcontrollers import RESOURCE as REPLICATIONCONTROLLERS
from fakekube.controllers.shared.replicas import Parent, Replicas
from fakekube.machinery import selectors
from fakekube.machinery.objects import Object


def _selector(controller: Object) -> selectors.Selector:
    wanted = controller["spec"].get("selector")
    return selectors.from_set(wanted) if wanted else selectors.NOTHING


CONTROLLER = Replicas(Parent(REPLICATIONCONTROLLERS, _selector)).controller("replication-controller")
