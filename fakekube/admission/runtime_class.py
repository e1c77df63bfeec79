"""RuntimeClass: a pod gets the overhead and the scheduling of its runtime class. Follows plugin/pkg/admission/runtimeclass."""  # noqa: E501

from __future__ import annotations

from typing import Any

from fakekube.admission import tolerations
from fakekube.admission.plugin import On, Plugin, forbidden
from fakekube.apis.node.runtimeclasses import RESOURCE as RUNTIMECLASSES
from fakekube.machinery import quantity, status
from fakekube.machinery.goformat import quote
from fakekube.machinery.names import path_segment
from fakekube.machinery.objects import Key, Object
from fakekube.registry.attributes import CREATE, Attributes
from fakekube.registry.client import Client

MISMATCH = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
UNFOUNDED = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"


def mutate(a: Attributes, client: Client) -> None:
    """Set overhead, node selector and tolerations. Raises Forbidden (403)."""
    assert a.object is not None
    spec = a.object["spec"]
    runtime_class = _class_of(a, spec, client)
    if runtime_class is None:
        return
    if (overhead := runtime_class.get("overhead")) is not None:
        fixed = overhead.get("podFixed") or {}
        if spec.get("overhead") is not None and not _same(fixed, spec["overhead"]):
            raise forbidden(a, MISMATCH)
        if fixed:
            spec["overhead"] = dict(fixed)
    if (scheduling := runtime_class.get("scheduling")) is not None:
        _schedule(a, spec, scheduling)


def validate(a: Attributes, client: Client) -> None:
    """The overhead is still the class's. Raises Forbidden (403)."""
    assert a.object is not None
    spec = a.object["spec"]
    overhead = (_class_of(a, spec, client) or {}).get("overhead")
    if overhead is None:
        if spec.get("overhead") is not None:
            raise forbidden(a, UNFOUNDED)
    elif not _same(overhead.get("podFixed") or {}, spec.get("overhead") or {}):
        raise forbidden(a, MISMATCH)


def _class_of(a: Attributes, spec: Object, client: Client) -> Object | None:
    name = spec.get("runtimeClassName")
    if name is None:
        return None
    if not name:  # the real plugin looks it up with a client, which asks for a name
        raise status.StatusError(status.failure(500, "", "resource name may not be empty"))
    if faults := list(path_segment(name)):
        text = f"invalid resource name {quote(name)}: [{', '.join(faults)}]"
        raise status.StatusError(status.failure(500, "", text))
    found = client.get(RUNTIMECLASSES, Key("", name))
    if found is None:
        raise forbidden(a, f"pod rejected: RuntimeClass {quote(name)} not found")
    return found


def _schedule(a: Attributes, spec: Object, scheduling: Object) -> None:
    selector = dict(spec.get("nodeSelector") or {})
    for key, value in (scheduling.get("nodeSelector") or {}).items():
        if selector.get(key, value) != value:
            why = (
                f"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; "
                f"pod.spec.nodeSelector[{key}] = {selector[key]}"
            )
            raise forbidden(a, why)
        selector[key] = value
    if selector:
        spec["nodeSelector"] = selector
    if merged := tolerations.merge(spec.get("tolerations") or [], scheduling.get("tolerations") or []):
        spec["tolerations"] = merged


def _same(a: Any, b: Any) -> bool:
    """Whether the amounts are equal, however they are written."""
    return {k: quantity.parse(v) for k, v in a.items()} == {k: quantity.parse(v) for k, v in b.items()}


PLUGIN = Plugin("RuntimeClass", On(frozenset({CREATE}), frozenset({"pods"})), mutate, validate)
