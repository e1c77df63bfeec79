"""What 10,000 role bindings cost a request, beside what ten cost: RBAC's evaluation alone, in this process.

    python benchmarks/rbac.py [--bindings 10000]

"known" is a request of a user whose rules are at hand, "new" the first one of a user, "changed" the first one after
some binding was written. Budget: with 10,000 bindings each of them takes no more than 50 µs over ten.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence

from fakekube.apis.rbac import clusterrolebindings, clusterroles, rolebindings
from fakekube.apis.resource import Resource
from fakekube.authz.attributes import Attributes
from fakekube.authz.rbac import RBAC
from fakekube.machinery.objects import Key, Object, UserInfo, key_of
from fakekube.registry.changes import Handler

BUDGET = 50.0
ROUNDS = 2_000
FEW = 10


class Objects:
    """What RBAC asks of the cache and its changes."""

    def __init__(self) -> None:
        self._objects: dict[str, dict[Key, Object]] = {}
        self._handlers: dict[str, Handler] = {}

    def put(self, resource: Resource, *objects: Object) -> None:
        """Write objects."""
        stored = self._objects.setdefault(resource.plural, {})
        for obj in objects:
            old, stored[key_of(obj)] = stored.get(key_of(obj)), obj
            if handler := self._handlers.get(resource.plural):
                handler(old, obj)

    def get(self, resource: Resource, key: Key) -> Object | None:
        """One object."""
        return self._objects.get(resource.plural, {}).get(key)

    def subscribe(self, resource: Resource, handler: Handler) -> None:
        """Tell what there is, and what is written from now on."""
        for obj in self._objects.get(resource.plural, {}).values():
            handler(None, obj)
        self._handlers[resource.plural] = handler


def binding(number: int, namespace: str = "") -> Object:
    """A binding of the role to a user of its own."""
    metadata = {"name": f"b{number}", **({"namespace": namespace} if namespace else {})}
    subjects = [{"kind": "User", "name": f"user-{number}"}]
    return {"metadata": metadata, "roleRef": {"kind": "ClusterRole", "name": "view"}, "subjects": subjects}


def authorizer(bindings: int) -> tuple[RBAC, Objects]:
    """RBAC over that many bindings, half of them in one namespace."""
    reader = Objects()
    rules = [{"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods", "services"]}]
    reader.put(clusterroles.RESOURCE, {"metadata": {"name": "view"}, "rules": rules})
    reader.put(clusterrolebindings.RESOURCE, *(binding(number) for number in range(0, bindings, 2)))
    reader.put(rolebindings.RESOURCE, *(binding(number, "ns") for number in range(1, bindings, 2)))
    return RBAC(reader, reader), reader  # type: ignore[arg-type]


def asked(number: int) -> Attributes:
    """What that user asks for."""
    return Attributes(UserInfo(f"user-{number}", groups=("system:authenticated",)), "list", "ns", "", "v1", "pods")


def median(times: Sequence[float]) -> float:
    """Microseconds."""
    return sorted(times)[len(times) // 2] * 1e6


def timed(work: Callable[[int], object], rounds: int) -> float:
    """Median of the CPU time of a round, in microseconds."""
    times = []
    for number in range(rounds):
        begin = time.process_time_ns()
        work(number)
        times.append((time.process_time_ns() - begin) / 1e9)
    return median(times)


def measure(bindings: int) -> dict[str, float]:
    """Name -> microseconds a request."""
    rbac, reader = authorizer(bindings)
    assert rbac.evaluate(asked(1)).allowed
    known = timed(lambda _: rbac.evaluate(asked(1)), ROUNDS)
    new = timed(lambda number: rbac.evaluate(asked(2 + number % bindings)), min(bindings, ROUNDS) - 2)

    def changed(number: int) -> None:
        reader.put(rolebindings.RESOURCE, binding(1, f"other-{number}"))
        rbac.evaluate(asked(1))

    return {"known": known, "new": new, "changed": timed(changed, ROUNDS)}


def main() -> int:
    """Print the table; 1 if the budget is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bindings", type=int, default=10_000)
    many = parser.parse_args().bindings
    few, lots = measure(FEW), measure(many)
    print(f"{'request':10}{FEW:>10}{many:>10}  (µs, bindings)")
    for name in few:
        print(f"{name:10}{few[name]:10.1f}{lots[name]:10.1f}")
    over = max(lots[name] - few[name] for name in few)
    print(f"{many} bindings cost a request at most {over:.1f} µs over {FEW} (budget {BUDGET:.0f} µs)")
    return int(over > BUDGET)


if __name__ == "__main__":
    sys.exit(main())
