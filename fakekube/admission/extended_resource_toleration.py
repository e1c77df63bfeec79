"""ExtendedResourceToleration: who asks for a device may run where it is. Follows plugin/pkg/admission."""

from __future__ import annotations

from fakekube.admission.plugin import WRITES, On, Plugin
from fakekube.apis.podspec.resources import is_extended
from fakekube.apis.podspec.walk import init_and_containers
from fakekube.machinery.objects import Object
from fakekube.registry.attributes import Attributes
from fakekube.registry.client import Client

SAME = ("key", "operator", "value", "effect")
"""Of two tolerations these being equal, the newer one takes the place of the older."""


def mutate(a: Attributes, _: Client) -> None:
    """Add a toleration for every extended resource that a container asks for."""
    assert a.object is not None
    spec = a.object["spec"]
    asked = {
        name
        for container in init_and_containers(spec)
        for name in (container.get("resources") or {}).get("requests") or {}
        if is_extended(name)
    }
    for name in sorted(asked):
        _add(spec, {"key": name, "operator": "Exists", "effect": "NoSchedule"})


def _add(spec: Object, toleration: Object) -> None:
    given = spec.get("tolerations") or []
    same = [all(one.get(name, "") == toleration.get(name, "") for name in SAME) for one in given]
    replaced = [toleration if equal else one for one, equal in zip(given, same, strict=True)]
    spec["tolerations"] = replaced if any(same) else [*replaced, toleration]


PLUGIN = Plugin("ExtendedResourceToleration", On(WRITES, frozenset({"pods"})), mutate)
