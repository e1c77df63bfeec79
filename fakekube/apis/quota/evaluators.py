"""How much of what an object uses. Pods, services and claims have rules of their own; all else is counted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import lru_cache

from msgspec import Struct

from fakekube.apis.podspec.resources import is_extended, is_native
from fakekube.apis.quota import scopes
from fakekube.apis.quota.amounts import NONE, ONE, Amounts, add, largest, read
from fakekube.apis.resource import Resource
from fakekube.machinery.objects import Object
from fakekube.machinery.quantity import Quantity
from fakekube.machinery.times import parse_time

CREATE, UPDATE = "CREATE", "UPDATE"
REQUESTS, LIMITS, HUGE_PAGES = "requests.", "limits.", "hugepages-"
COMPUTE = ("cpu", "memory", "ephemeral-storage")
EXPLICIT = frozenset({"cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"})
"""Where a quota limits these, every container has to say what it needs."""
STORAGE_CLASS = ".storageclass.storage.k8s.io/"
CLAIM_NAMES = ("persistentvolumeclaims", "requests.storage")
LEGACY = frozenset({"configmaps", "resourcequotas", "replicationcontrollers", "secrets"})
"""Counted under their plain names, too."""
IGNORED = frozenset(
    {
        "bindings", "componentstatuses", "events", "tokenreviews.authentication.k8s.io",
        "subjectaccessreviews.authorization.k8s.io", "selfsubjectaccessreviews.authorization.k8s.io",
        "localsubjectaccessreviews.authorization.k8s.io", "selfsubjectrulesreviews.authorization.k8s.io",
    }
)  # fmt: skip
"""Never limited."""


def _nothing_missing(_: Collection[str], __: Object) -> list[str]:
    return []


class Evaluator(Struct, frozen=True):
    """One resource's rules."""

    operations: frozenset[str]
    """The ones that may change what is used."""
    measures: Callable[[str], bool]
    """Whether a name of a quota is about this resource."""
    usage: Callable[[Object, float], Amounts]
    """(object, now) -> what it uses."""
    in_scope: Callable[[Object, Object], bool] = scopes.never
    """(selector, object). Raises scopes.BadSelector."""
    missing: Callable[[Collection[str], Object], list[str]] = _nothing_missing
    """What of the measured names the object has to say and does not."""

    def measured(self, names: Iterable[str]) -> set[str]:
        """Those of the names that are about this resource."""
        return {name for name in names if self.measures(name)}


def evaluator_of(resource: Resource) -> Evaluator | None:
    """The rules for a resource, None for one that is never limited."""
    if resource.qualified in IGNORED:
        return None
    return SPECIAL.get(resource.qualified) or _counted(resource.qualified)


@lru_cache(maxsize=512)
def _counted(qualified: str) -> Evaluator:
    names = frozenset({f"count/{qualified}", *({qualified} & LEGACY)})
    used = dict.fromkeys(names, ONE)
    return Evaluator(frozenset({CREATE}), names.__contains__, lambda _obj, _now: used)


POD_COUNT = "count/pods"
POD_NAMES = frozenset({POD_COUNT, "pods", *(prefix + name for name in COMPUTE for prefix in ("", REQUESTS, LIMITS))})


def _measures_pods(name: str) -> bool:
    return (
        name in POD_NAMES
        or name.startswith((HUGE_PAGES, REQUESTS + HUGE_PAGES))
        or (name.startswith(REQUESTS) and not is_native(name))
    )


def pod_usage(pod: Object, now: float) -> Amounts:
    """All pods are counted; only those that may still run use anything."""
    result = {POD_COUNT: ONE}
    if not is_charged(pod, now):
        return result
    requests: Amounts = {}
    limits: Amounts = {}
    for container in pod["spec"].get("containers") or ():
        own = _resources(container)
        requests, limits = add(requests, own[0]), add(limits, own[1])
    for container in pod["spec"].get("initContainers") or ():
        own = _resources(container)
        requests, limits = largest(requests, own[0]), largest(limits, own[1])
    return {**result, **compute_usage(requests, limits)}


def is_charged(pod: Object, now: float) -> bool:
    """Whether the pod has neither ended nor is overdue in ending."""
    metadata = pod["metadata"]
    if (pod.get("status") or {}).get("phase") in ("Failed", "Succeeded"):
        return False
    grace = metadata.get("deletionGracePeriodSeconds")
    if "deletionTimestamp" not in metadata or grace is None:
        return True
    return now <= parse_time(metadata["deletionTimestamp"]) + float(grace)


def compute_usage(requests: Amounts, limits: Amounts) -> dict[str, Quantity]:
    """What requests and limits come to, under all the names that quotas have for them."""
    result = {"pods": ONE}
    for name in COMPUTE:
        if name in requests:
            result[name] = result[REQUESTS + name] = requests[name]
        if name in limits:
            result[LIMITS + name] = limits[name]
    for name, amount in requests.items():
        if name.startswith(HUGE_PAGES):
            result[name] = result[REQUESTS + name] = amount
        if is_extended(name):
            result[REQUESTS + name] = amount
    return result


def _missing_in_pod(names: Collection[str], pod: Object) -> list[str]:
    required = EXPLICIT.intersection(names)
    spec = pod["spec"]
    missing: set[str] = set()
    for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
        missing |= required - compute_usage(*_resources(container)).keys()
    return sorted(missing)


def _resources(holder: Object) -> tuple[Amounts, Amounts]:
    resources = holder.get("resources") or {}
    return read(resources.get("requests")), read(resources.get("limits"))


SERVICE_NAMES = frozenset({"count/services", "services", "services.nodeports", "services.loadbalancers"})
EXPOSED = ("NodePort", "LoadBalancer")


def service_type(service: Object) -> str:
    """The type, as far as it counts."""
    type_: str = service["spec"].get("type") or ""
    return type_ if type_ in EXPOSED else ""


def _service_usage(service: Object, _: float) -> Amounts:
    type_ = service_type(service)
    ports = Quantity(len(service["spec"].get("ports") or ()))
    return {
        "count/services": ONE,
        "services": ONE,
        "services.nodeports": ports if type_ else NONE,
        "services.loadbalancers": ONE if type_ == "LoadBalancer" else NONE,
    }


def _measures_claims(name: str) -> bool:
    if name in ("count/persistentvolumeclaims", *CLAIM_NAMES):
        return True
    return any(name.endswith(STORAGE_CLASS + plain) for plain in CLAIM_NAMES)


def _claim_usage(claim: Object, _: float) -> Amounts:
    used = {"persistentvolumeclaims": ONE}
    request = _resources(claim["spec"])[0].get("storage")
    if request is not None:
        used["requests.storage"] = request.round_up(0)
    name = _storage_class(claim)
    by_class = {f"{name}{STORAGE_CLASS}{plain}": amount for plain, amount in used.items()} if name else {}
    return {"count/persistentvolumeclaims": ONE, **used, **by_class}


def _storage_class(claim: Object) -> str:
    annotations = claim["metadata"].get("annotations") or {}
    old: str | None = annotations.get("volume.beta.kubernetes.io/storage-class")
    return (claim["spec"].get("storageClassName") or "") if old is None else old


SPECIAL: dict[str, Evaluator] = {
    "pods": Evaluator(frozenset({CREATE}), _measures_pods, pod_usage, scopes.pod_matches, _missing_in_pod),
    "services": Evaluator(frozenset({CREATE, UPDATE}), SERVICE_NAMES.__contains__, _service_usage),
    "persistentvolumeclaims": Evaluator(frozenset({CREATE, UPDATE}), _measures_claims, _claim_usage),
}
