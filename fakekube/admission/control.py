"""Which plugins are on, as the AdmissionConfiguration named `cluster` says. The chain follows every change of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fakekube.admission import table
from fakekube.admission.chain import Chain
from fakekube.admission.plugin import Plugin, Wiring
from fakekube.apis.sim.admissionconfigurations import CLUSTER, RESOURCE
from fakekube.machinery.fielderrors import FieldError, Path, invalid, not_supported
from fakekube.machinery.objects import Key, Object, UserInfo
from fakekube.registry.client import Client
from fakekube.registry.registry import Registry
from fakekube.registry.scope import Scope

ENABLED, DISABLED = "enabledPlugins", "disabledPlugins"
SPEC = Path("spec")


class Control:
    """Builds plugins, each once, and puts those that are on into the chain."""

    def __init__(self, chain: Chain, client: Client, wiring: Wiring, configurations: Mapping[str, Object]) -> None:
        self._chain, self._client = chain, client
        self._wiring, self._configurations = wiring, configurations
        self._made: dict[str, Plugin] = {}

    def plugins(self, spec: Object) -> list[Plugin]:
        """What a spec switches on, in the chain's order. Raises ValueError for a bad name or configuration."""
        return [self._plugin(name) for name in table.names(spec.get(ENABLED) or (), spec.get(DISABLED) or ())]

    def _plugin(self, name: str) -> Plugin:
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = table.make(name, self._wiring, self._configurations.get(name))
        return found

    def use(self, spec: Object) -> None:
        """Let the plugins of that spec decide from the next request on. Raises ValueError."""
        self._chain.begin(self.plugins(spec), self._client)

    def errors(self, spec: Object) -> Iterator[FieldError]:
        """What is wrong with a spec."""
        faults = [error for field in (ENABLED, DISABLED) for error in unknown(spec.get(field) or (), SPEC / field)]
        yield from faults
        if not faults:
            try:
                self.plugins(spec)
            except ValueError as error:
                yield invalid(SPEC, Shown(spec), str(error))

    async def begin(self, registry: Registry, user: UserInfo, spec: Object) -> None:
        """Write the object, whatever it was before, and follow it from now on."""
        obj = {"metadata": {"name": CLUSTER}, "spec": spec, "status": status(spec)}
        store = registry.store(RESOURCE)
        version = RESOURCE.storage_version
        scope = Scope(RESOURCE, version, user, name=CLUSTER, manager="kube-apiserver", admitted=True)

        async def make(_: Object | None) -> Object:
            return registry.codec.decode(RESOURCE, version, obj)

        if store.collection.get(Key("", CLUSTER)) is None:
            await store.create(scope, await make(None))
        else:
            await store.update(scope, make)
        registry.subscribe(RESOURCE, self._follow)

    def _follow(self, _: Object | None, new: Object | None) -> None:
        if new is not None and new["metadata"]["name"] == CLUSTER:
            self.use(new["spec"])


def unknown(names: Sequence[str], path: Path) -> Iterator[FieldError]:
    """The names that no plugin has."""
    for index, name in enumerate(names):
        if name not in table.PLUGINS:
            yield not_supported(path @ index, name, tuple(sorted(table.PLUGINS)))


def status(spec: Object) -> Object:
    """The status that belongs to a spec without errors."""
    active = table.names(spec.get(ENABLED) or (), spec.get(DISABLED) or ())
    return {"activePlugins": active, "inactivePlugins": [name for name in table.PLUGINS if name not in active]}


class Shown:
    """A spec as messages show it."""

    def __init__(self, spec: Object) -> None:
        self._spec = spec

    def __str__(self) -> str:
        return " ".join(f"{field}={','.join(self._spec.get(field) or ()) or '-'}" for field in (ENABLED, DISABLED))
