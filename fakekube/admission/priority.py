"""Priority: a pod's priority is that of its class. Follows plugin/pkg/admission/priority."""

from __future__ import annotations

from fakekube.admission.plugin import WRITES, On, Plugin, forbidden
from fakekube.apis.scheduling.priorityclasses import RESOURCE as PRIORITYCLASSES
from fakekube.machinery.objects import Key, Object
from fakekube.registry.attributes import CREATE, Attributes
from fakekube.registry.client import Client

NO_CLASS: Object = {"metadata": {"name": ""}, "value": 0, "preemptionPolicy": "PreemptLowerPriority"}
"""What holds for pods without a class while no class is the default."""


def mutate(a: Attributes, client: Client) -> None:
    """Resolve the class of a new pod; keep what was resolved on updates. Raises Forbidden (403)."""
    if a.resource is PRIORITYCLASSES:
        return
    assert a.object is not None
    spec = a.object["spec"]
    if a.operation != CREATE:
        _keep(spec, (a.old_object or {}).get("spec", {}))
        return
    chosen = _class(a, spec, client)
    if chosen["metadata"]["name"]:
        spec["priorityClassName"] = chosen["metadata"]["name"]
    _resolve(a, spec, "priority", "integer value of priority", chosen.get("value", 0))
    if policy := chosen.get("preemptionPolicy"):
        _resolve(a, spec, "preemptionPolicy", "string value of PreemptionPolicy", policy)


def validate(a: Attributes, client: Client) -> None:
    """Only one class is the default. Raises Forbidden (403)."""
    if a.resource is not PRIORITYCLASSES or not (a.object or {}).get("globalDefault"):
        return
    assert a.object is not None
    current = _default_class(client)
    if current is None or (a.operation != CREATE and current["metadata"]["name"] == a.object["metadata"]["name"]):
        return
    name = current["metadata"]["name"]
    raise forbidden(a, f"PriorityClass {name} is already marked as default. Only one default can exist")


def _class(a: Attributes, spec: Object, client: Client) -> Object:
    name = spec.get("priorityClassName")
    if not name:
        return _default_class(client) or NO_CLASS
    found = client.get(PRIORITYCLASSES, Key("", name))
    if found is None:
        raise forbidden(a, f"no PriorityClass with name {name} was found")
    return found


def _default_class(client: Client) -> Object | None:
    """The default one with the lowest value, should there be several."""
    defaults = client.list(PRIORITYCLASSES, matches=lambda obj: bool(obj.get("globalDefault")))
    return min(defaults, key=lambda obj: obj.get("value", 0), default=None)


def _resolve(a: Attributes, spec: Object, field: str, label: str, value: object) -> None:
    if spec.get(field, value) != value:
        why = (
            f"the {label} ({spec[field]}) must not be provided in pod spec; priority admission controller computed "
            f"{value} from the given PriorityClass name"
        )
        raise forbidden(a, why)
    spec[field] = value


def _keep(spec: Object, old: Object) -> None:
    for field in ("priority", "preemptionPolicy"):
        if field not in spec and field in old:
            spec[field] = old[field]


HANDLED = frozenset({"pods", "priorityclasses.scheduling.k8s.io"})
PLUGIN = Plugin("Priority", On(WRITES, HANDLED), mutate, validate)
