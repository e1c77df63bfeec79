"""LimitPodHardAntiAffinityTopology: pods keep others off their node, not off a zone. Follows plugin/pkg/admission/antiaffinity."""  # noqa: E501

from __future__ import annotations

from fakekube.admission.plugin import WRITES, On, Plugin, forbidden
from fakekube.registry.attributes import Attributes
from fakekube.registry.client import Client

HOSTNAME = "kubernetes.io/hostname"


def validate(a: Attributes, _: Client) -> None:
    """Raises Forbidden (403)."""
    assert a.object is not None
    against = (a.object["spec"].get("affinity") or {}).get("podAntiAffinity") or {}
    for term in against.get("requiredDuringSchedulingIgnoredDuringExecution") or ():
        if (key := term.get("topologyKey", "")) != HOSTNAME:
            why = f"affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey {key}"
            raise forbidden(a, f"{why} but only key {HOSTNAME} is allowed")


PLUGIN = Plugin("LimitPodHardAntiAffinityTopology", On(WRITES, frozenset({"pods"})), validate=validate)
