"""LimitRanger: defaults, minima and maxima that a namespace has for containers, pods and claims.

Follows plugin/pkg/admission/limitranger. Where Go goes through a map in any order, the order here is that of names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from fakekube.admission.plugin import WRITES, On, Plugin, forbidden
from fakekube.apis.core.limitranges import RESOURCE as LIMITRANGES
from fakekube.machinery import quantity
from fakekube.machinery.goformat import aggregate
from fakekube.machinery.objects import Object
from fakekube.machinery.quantity import DECIMAL_SI, MAX_INT64, MILLI, Quantity
from fakekube.registry.attributes import UPDATE, Attributes
from fakekube.registry.client import Client

Amounts = Mapping[str, Quantity]
Constraint = Callable[[str, str, Quantity, Amounts, Amounts], str | None]
"""(type of the limit, resource, limit, requests, limits) -> why it is refused."""

ANNOTATION = "kubernetes.io/limit-ranger"
MOST_MILLI = MAX_INT64 // 1000
"""Larger numbers are compared as whole ones."""


def mutate(a: Attributes, client: Client) -> None:
    """Give a new pod's containers what they do not ask for themselves."""
    if _ignored(a) or a.resource.plural != "pods":
        return
    assert a.object is not None
    for limit_range in client.list(LIMITRANGES, a.namespace):
        set_defaults(a.object, limit_range)


def validate(a: Attributes, client: Client) -> None:
    """Raises Forbidden (403) with everything that one LimitRange has against it."""
    if _ignored(a):
        return
    assert a.object is not None
    refusals = pod_refusals if a.resource.plural == "pods" else claim_refusals
    for limit_range in client.list(LIMITRANGES, a.namespace):
        if why := list(refusals(a.object, _items(limit_range))):
            raise forbidden(a, aggregate(why))


def _ignored(a: Attributes) -> bool:
    """A pod's containers never change, and what is being deleted is left alone."""
    if a.operation == UPDATE and a.resource.plural == "pods":
        return True
    return a.old_object is not None and "deletionTimestamp" in a.old_object["metadata"]


def set_defaults(pod: Object, limit_range: Object) -> None:
    """Default requests and limits of every container; an annotation says which."""
    requests: dict[str, str] = {}
    limits: dict[str, str] = {}
    for item in _items(limit_range):
        if item["type"] == "Container":
            requests |= item.get("defaultRequest") or {}
            limits |= item.get("default") or {}
    notes: list[str] = []
    for field, label in (("containers", "container"), ("initContainers", "init container")):
        for container in pod["spec"].get(field) or ():
            for kind, defaults in (("requests", requests), ("limits", limits)):
                if added := _fill(container, kind, defaults):
                    notes.append(f"{', '.join(added)} {kind[:-1]} for {label} {container['name']}")
    if notes:
        annotations = pod["metadata"].get("annotations") or {}
        pod["metadata"]["annotations"] = {**annotations, ANNOTATION: f"LimitRanger plugin set: {'; '.join(notes)}"}


def _fill(container: Object, kind: str, defaults: Mapping[str, str]) -> list[str]:
    """Add what is missing to the container's requests or limits; gives the names, sorted."""
    resources = container.get("resources") or {}
    given = resources.get(kind) or {}
    added = sorted(defaults.keys() - given.keys())
    if added:
        container["resources"] = {**resources, kind: {**given, **{name: defaults[name] for name in added}}}
    return added


def pod_refusals(pod: Object, items: Iterable[Object]) -> Iterator[str]:
    """What a LimitRange's items have against the pod."""
    spec = pod["spec"]
    containers = [_resources(container) for container in spec.get("containers") or ()]
    initial = [_resources(container) for container in spec.get("initContainers") or ()]
    for item in items:
        if item["type"] == "Container":
            for requests, limits in (*containers, *initial):
                yield from _refusals(item, POD_CONSTRAINTS, requests, limits)
        elif item["type"] == "Pod":
            requests, limits = (
                effective([one[side] for one in containers], [one[side] for one in initial]) for side in (0, 1)
            )
            yield from _refusals(item, POD_CONSTRAINTS, requests, limits)


def claim_refusals(claim: Object, items: Iterable[Object]) -> Iterator[str]:
    """What a LimitRange's items have against the claim; its limits do not count."""
    requests, _ = _resources(claim["spec"])
    for item in items:
        if item["type"] == "PersistentVolumeClaim":
            yield from _refusals(item, CLAIM_CONSTRAINTS, requests, {})


def _refusals(item: Object, constraints: Mapping[str, Constraint], requests: Amounts, limits: Amounts) -> Iterator[str]:
    for field, constraint in constraints.items():
        for name, text in sorted((item.get(field) or {}).items()):
            if why := constraint(item["type"], name, quantity.parse(text), requests, limits):
                yield why


def effective(containers: list[Amounts], initial: list[Amounts]) -> Amounts:
    """What a pod needs: the sum of its containers where all say something, more if an init container needs more."""
    total = dict(_sum(containers))
    for amounts in initial:
        for name, amount in amounts.items():
            if name not in total or amount > total[name]:
                total[name] = amount
    return total


def _sum(amounts: list[Amounts]) -> Iterator[tuple[str, Quantity]]:
    for name in dict.fromkeys(name for one in amounts for name in one):
        if all(name in one for one in amounts):
            exponent = MILLI if name == "cpu" else 0
            yield name, Quantity(sum(one[name].scaled_value(exponent) for one in amounts), exponent, DECIMAL_SI)


def minimum(type_: str, name: str, enforced: Quantity, requests: Amounts, limits: Amounts) -> str | None:
    """Requests, and limits if there are any, are not below it."""
    request, limit = requests.get(name), limits.get(name)
    text = f"minimum {name} usage per {type_} is {enforced}"
    if request is None:
        return f"{text}.  No request is specified"
    least, asked, capped = _comparable(enforced, request, limit)
    if asked < least:
        return f"{text}, but request is {request}"
    if limit is not None and capped < least:
        return f"{text}, but limit is {limit}"
    return None


def maximum(type_: str, name: str, enforced: Quantity, requests: Amounts, limits: Amounts) -> str | None:
    """Limits, and requests if there are any, are not above it."""
    request, limit = requests.get(name), limits.get(name)
    text = f"maximum {name} usage per {type_} is {enforced}"
    if limit is None:
        return f"{text}.  No limit is specified"
    most, asked, capped = _comparable(enforced, request, limit)
    if capped > most:
        return f"{text}, but limit is {limit}"
    if request is not None and asked > most:
        return f"{text}, but request is {request}"
    return None


def maximum_request(type_: str, name: str, enforced: Quantity, requests: Amounts, _: Amounts) -> str | None:
    """Requests are not above it."""
    request = requests.get(name)
    text = f"maximum {name} usage per {type_} is {enforced}"
    if request is None:
        return f"{text}.  No request is specified"
    most, asked, _capped = _comparable(enforced, request, None)
    return f"{text}, but request is {request}" if asked > most else None


def ratio(type_: str, name: str, enforced: Quantity, requests: Amounts, limits: Amounts) -> str | None:
    """The limit is not more than so many times the request."""
    request, limit = requests.get(name), limits.get(name)
    text = f"{name} max limit to request ratio per {type_} is {enforced}"
    _, asked, capped = _comparable(enforced, request, limit)
    if not asked:
        return f"{text}, but no request is specified or request is 0"
    if not capped:
        return f"{text}, but no limit is specified or limit is 0"
    observed = capped / asked
    exceeded = observed > enforced.value()
    if enforced.value() <= MOST_MILLI:
        exceeded = observed * 1000 > enforced.milli_value()
    return f"{text}, but provided ratio is {observed:.6f}" if exceeded else None


def _comparable(enforced: Quantity, request: Quantity | None, limit: Quantity | None) -> tuple[int, int, int]:
    """The numbers in one unit: thousandths, unless they are too large."""
    numbers = (enforced, request or quantity.ZERO, limit or quantity.ZERO)
    exponent = MILLI if all(number.value() <= MOST_MILLI for number in numbers) else 0
    least, asked, capped = (number.scaled_value(exponent) for number in numbers)
    return least, asked, capped


def _resources(holder: Object) -> tuple[Amounts, Amounts]:
    """(requests, limits) of a container or a claim's spec."""
    resources = holder.get("resources") or {}
    requests, limits = (_parsed(resources.get(kind) or {}) for kind in ("requests", "limits"))
    return requests, limits


def _parsed(amounts: Mapping[str, str]) -> Amounts:
    return {name: quantity.parse(text) for name, text in amounts.items()}


def _items(limit_range: Object) -> list[Object]:
    return limit_range["spec"].get("limits") or []


POD_CONSTRAINTS: dict[str, Constraint] = {"min": minimum, "max": maximum, "maxLimitRequestRatio": ratio}
CLAIM_CONSTRAINTS: dict[str, Constraint] = {"min": minimum, "max": maximum_request}
PLUGIN = Plugin("LimitRanger", On(WRITES, frozenset({"pods", "persistentvolumeclaims"})), mutate, validate)
