"""Every plugin that is on, mutating ones first, then validating ones. Follows apiserver's admission/chain.go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from fakekube.admission.changes import changes, frozen
from fakekube.admission.plugin import Act, Plugin
from fakekube.machinery.objects import Object
from fakekube.machinery.status import StatusError
from fakekube.registry.attributes import Attributes
from fakekube.registry.client import Client

Acts = tuple[tuple[str, Act], ...]
"""(plugin, what it does), in order."""
CONFIDENTIAL = ("secrets",)
"""Resources whose values no decision record shows."""
MUTATE, VALIDATE = "admit", "validate"
STEPS: dict[str, Callable[[Plugin], Act | None]] = {
    MUTATE: lambda plugin: plugin.mutate,
    VALIDATE: lambda plugin: plugin.validate,
}


class Changes:
    """Notes what each mutating plugin makes of the object, for the decision record: how it was before and after, since
    to compare them takes longer than all plugins do, and few ask."""

    def __init__(self, attributes: Attributes) -> None:
        self._attributes = attributes
        self._before = frozen(attributes.object or {})

    def note(self, plugin: str) -> None:
        """The plugin has just had its turn."""
        a = self._attributes
        now = frozen(a.object or {})
        if now != self._before:
            confidential = a.resource.qualified in CONFIDENTIAL
            a.findings.setdefault(plugin, []).append(partial(_changed, self._before, now, confidential))
            self._before = now


def _changed(before: bytes, after: bytes, confidential: bool) -> Object:
    return {"step": MUTATE, "changed": changes(before, after, confidential=confidential)}


class Chain:
    """Plugins in the order of v1.20. The registry calls the chain and the plugins need the registry: `begin` joins."""

    client: Client

    def __init__(self, plugins: Sequence[Plugin] = ()) -> None:
        self.plugins = tuple(plugins)
        self._acts: dict[tuple[str, str, str, str], Acts] = {}

    def begin(self, plugins: Sequence[Plugin], client: Client) -> None:
        """Let these plugins decide from now on; they read and write through the client."""
        self.plugins = tuple(plugins)
        self._acts = {}
        self.client = client

    async def mutate(self, attributes: Attributes) -> None:
        """Let the mutating plugins change the object, twice if a webhook asks for it. Raises StatusError."""
        await self._run(MUTATE, attributes)
        if attributes.reinvocation.wanted:
            attributes.reinvocation.running = True
            await self._run(MUTATE, attributes)

    async def validate(self, attributes: Attributes) -> None:
        """Let the validating plugins judge. Raises StatusError."""
        await self._run(VALIDATE, attributes)

    async def _run(self, step: str, a: Attributes) -> None:
        kind = (step, a.operation, a.resource.qualified, a.subresource)
        acts = self._acts.get(kind)
        if acts is None:
            acts = self._acts[kind] = self._acts_of(step, a)
        noted = Changes(a) if a.explained and step == MUTATE and a.object else None
        for name, act in acts:
            try:
                if (waiting := act(a, self.client)) is not None:
                    await waiting
            except StatusError as error:
                a.findings.setdefault(name, []).append({"step": step, "refused": error.message})
                raise
            if noted is not None:
                noted.note(name)

    def _acts_of(self, step: str, a: Attributes) -> Acts:
        """Those who see requests like this one: what a plugin handles depends on nothing but the kind of request."""
        found = ((plugin.name, STEPS[step](plugin)) for plugin in self.plugins if plugin.on.handles(a))
        return tuple((name, act) for name, act in found if act is not None)
