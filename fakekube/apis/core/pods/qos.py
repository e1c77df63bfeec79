"""The quality-of-service class of a pod. Follows pkg/apis/core/helper/qos of v1.20."""

from __future__ import annotations

from fakekube.apis.podspec.resources import quantity
from fakekube.machinery.objects import Object
from fakekube.machinery.quantity import ZERO, Quantity

COMPUTE = ("cpu", "memory")
BEST_EFFORT, BURSTABLE, GUARANTEED = "BestEffort", "Burstable", "Guaranteed"


def qos_class(spec: Object) -> str:
    """BestEffort where nothing is asked for, Guaranteed where everything is and is the limit too, else Burstable."""
    requests: dict[str, Quantity] = {}
    limits: dict[str, Quantity] = {}
    limited = True
    for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
        resources = container.get("resources") or {}
        _add(resources.get("requests"), requests)
        limited = _add(resources.get("limits"), limits) == len(COMPUTE) and limited
    if not requests and not limits:
        return BEST_EFFORT
    return GUARANTEED if limited and requests == limits else BURSTABLE


def _add(amounts: Object | None, total: dict[str, Quantity]) -> int:
    """Add what is positive to the total; gives of how many resources it is."""
    found = 0
    for name in COMPUTE if amounts else ():
        if amounts and name in amounts and (amount := quantity(amounts[name])).sign > 0:
            total[name] = total.get(name, ZERO) + amount
            found += 1
    return found
