"""One policy and one pod: what the policy makes of it, and what it refuses."""

from __future__ import annotations

from typing import Self

from msgspec import Struct

from fakekube.admission.psp import pods
from fakekube.machinery.fielderrors import FieldError
from fakekube.machinery.objects import Object


class Evaluation(Struct, frozen=True):
    """How a pod fares under one policy."""

    policy: str
    """The policy's name."""
    pod: Object
    """The pod as the policy leaves it; the very same one if it lacks nothing, or if the policy was not tried."""
    mutated: bool = False
    errors: tuple[FieldError, ...] = ()
    """What the policy refuses in the pod that it has filled in."""
    usable: bool = True
    """Whether the pod's creator or its service account may use the policy."""
    fault: str = ""
    """Why the policy cannot be tried at all."""

    @property
    def fits(self) -> bool:
        """Whether the pod passes, perhaps mutated."""
        return self.usable and not self.fault and not self.errors

    @classmethod
    def unusable(cls, policy: Object, pod: Object) -> Self:
        """What there is to know of a policy that nobody may use."""
        return cls(policy["metadata"]["name"], pod, usable=False, fault=pods.fault(policy["spec"]))


def evaluate(policy: Object, pod: Object, *, usable: bool = True) -> Evaluation:
    """Fill in what the policy has defaults for, then judge."""
    name = policy["metadata"]["name"]
    if fault := pods.fault(policy["spec"]):
        return Evaluation(name, pod, usable=usable, fault=fault)
    filled = pods.mutate(policy, pod)
    return Evaluation(name, filled, filled is not pod, tuple(pods.check(policy, filled)), usable)
