"""The quality-of-service class of a pod. Follows pkg/apis/core/helper/qos of v1.20."""

from __future__ import annotations

from collections import Counter

from fakekube.apis.podspec.amounts import nanos
from fakekube.machinery.objects import Object

COMPUTE = ("cpu", "memory")
BEST_EFFORT, BURSTABLE, GUARANTEED = "BestEffort", "Burstable", "Guaranteed"


def qos_class(spec: Object) -> str:
    """BestEffort where nothing is asked for, Guaranteed where everything is and is the limit too, else Burstable."""
    requests: Counter[str] = Counter()
    limits: Counter[str] = Counter()
    limited = True
    for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
        resources = container.get("resources") or {}
        requests.update(_positive(resources.get("requests")))
        own = _positive(resources.get("limits"))
        limits.update(own)
        limited = limited and len(own) == len(COMPUTE)
    if not requests and not limits:
        return BEST_EFFORT
    return GUARANTEED if limited and requests == limits else BURSTABLE


def _positive(amounts: Object | None) -> dict[str, int]:
    if not amounts:
        return {}
    return {name: value for name in COMPUTE if name in amounts and (value := nanos(amounts[name])) > 0}
