"""TaintNodesByCondition: a new node takes no pods until it is ready. Follows plugin/pkg/admission/nodetaint."""

from __future__ import annotations

from fakekube.admission.plugin import On, Plugin
from fakekube.registry.attributes import CREATE, Attributes
from fakekube.registry.client import Client

KEY, EFFECT = "node.kubernetes.io/not-ready", "NoSchedule"


def mutate(a: Attributes, _: Client) -> None:
    """Add the taint, which the node controller takes away later."""
    assert a.object is not None
    spec = a.object.setdefault("spec", {})
    taints = spec.get("taints") or []
    if not any(taint.get("key") == KEY and taint.get("effect") == EFFECT for taint in taints):
        spec["taints"] = [*taints, {"key": KEY, "effect": EFFECT}]


PLUGIN = Plugin("TaintNodesByCondition", On(frozenset({CREATE}), frozenset({"nodes"})), mutate)
