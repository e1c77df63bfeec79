"""Webhooks as the configurations declare them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from fakekube.apis.resource import Resource
from fakekube.machinery.objects import Object
from fakekube.registry.client import Reader


class Hook(Struct, frozen=True):
    """One entry of a configuration's `webhooks`, with the defaults that it was stored with."""

    configuration: str
    uid: str
    """Tells it from all others, for reinvocation."""
    spec: Object

    @property
    def name(self) -> str:
        """Its name, which every message tells."""
        name: str = self.spec["name"]
        return name

    @property
    def timeout(self) -> int:
        """Seconds."""
        return self.spec.get("timeoutSeconds") or 10

    @property
    def ignores_failures(self) -> bool:
        """Whether a request passes if the hook cannot be asked."""
        return self.spec.get("failurePolicy") == "Ignore"

    @property
    def reinvoked(self) -> bool:
        """Whether it wants to see what was changed after it."""
        return self.spec.get("reinvocationPolicy") == "IfNeeded"

    @property
    def dry_runs(self) -> bool:
        """Whether it leaves nothing behind when it hears of a dry run."""
        return self.spec.get("sideEffects") in ("None", "NoneOnDryRun")


class Source:
    """The hooks of one kind of configuration, read anew when any configuration has changed."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource
        self._revision = -1
        self._hooks: Sequence[Hook] = ()

    def hooks(self, reader: Reader) -> Sequence[Hook]:
        """All of them, by the names of their configurations."""
        revision = reader.revision(self._resource)
        if revision != self._revision:
            self._hooks = [hook for one in reader.list(self._resource) for hook in hooks_of(one)]
            self._revision = revision
        return self._hooks


def hooks_of(configuration: Object) -> list[Hook]:
    """The hooks of one configuration, in its order."""
    name = configuration["metadata"]["name"]
    seen: Counter[str] = Counter()
    found = []
    for spec in configuration.get("webhooks") or ():
        found.append(Hook(name, f"{name}/{spec['name']}/{seen[spec['name']]}", spec))
        seen[spec["name"]] += 1
    return found
