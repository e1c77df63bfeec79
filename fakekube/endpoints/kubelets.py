"""What endpoints ask of the nodes. cluster.py passes an implementation in; kubelets of others cannot be reached."""

from __future__ import annotations

from typing import Protocol

from fakekube.machinery.objects import Object
from fakekube.sandbox.containers import Process
from fakekube.sandbox.logs import Log


class Kubelets(Protocol):
    """All simulated kubelets."""

    def has(self, node: str) -> bool:
        """Whether a simulated kubelet runs on that node."""

    def process(self, pod: Object, container: str) -> Process | None:
        """The container as it runs now; None if it does not."""

    def log(self, pod: Object, container_id: str) -> Log | None:
        """What the container of that ID ("containerd://…") wrote, also after its end; None if it is gone."""
