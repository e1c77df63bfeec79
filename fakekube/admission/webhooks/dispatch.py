"""The two plugins: mutating hooks one after the other, validating ones all at once. Follows the two dispatcher.go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import orjson
from msgspec import Struct, field

from fakekube.admission.plugin import ALL, On, Plugin, Wiring
from fakekube.admission.webhooks import matching, review
from fakekube.admission.webhooks.calling import Caller, target_of
from fakekube.admission.webhooks.hooks import Hook, Source
from fakekube.admission.webhooks.matching import Invocation
from fakekube.admission.webhooks.review import Response
from fakekube.apis.admissionregistration import mutatingwebhookconfigurations, validatingwebhookconfigurations
from fakekube.machinery import decoding, generate, jsonvalues, status
from fakekube.machinery.fielderrors import Path as FieldPath
from fakekube.machinery.fielderrors import invalid
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Object
from fakekube.machinery.patch import json_patch
from fakekube.machinery.status import StatusError
from fakekube.registry.attributes import CREATE, Attributes
from fakekube.registry.client import Client
from fakekube.registry.codec import Codec
from fakekube.runtime import kubeconfigs
from fakekube.runtime.https import CallFailed
from fakekube.runtime.kubeconfigs import Users

MUTATING, VALIDATING = "MutatingAdmissionWebhook", "ValidatingAdmissionWebhook"
MUTATION_NOTE = "mutation.webhook.admission.k8s.io/"
PATCH_NOTE = "patch.webhook.admission.k8s.io/"
CONFIGURATIONS = (
    ("apiserver.config.k8s.io/v1", "WebhookAdmissionConfiguration"),
    ("apiserver.config.k8s.io/v1alpha1", "WebhookAdmission"),
)


class _Rounds(Struct):
    """What the mutating plugin remembers of one request between its two rounds."""

    called: set[str] = field(default_factory=set)
    """Hooks that were called and would like to be called again after a later change."""
    due: set[str] = field(default_factory=set)
    """Hooks that are called in the second round."""
    output: Object | None = None
    """The object after the first round."""

    def changed(self) -> None:
        """Something changed: whoever was called so far is to see it."""
        self.due |= self.called
        self.called = set()


def mutating(wiring: Wiring, configuration: Object | None) -> Plugin:
    """Hooks that change objects. The configuration names a kubeconfig with credentials for them. Raises ValueError."""
    source = Source(mutatingwebhookconfigurations.RESOURCE)
    dispatcher = _Dispatcher(wiring, users_of(configuration))

    async def mutate(a: Attributes, client: Client) -> None:
        if not matching.is_about_webhooks(a) and (hooks := source.hooks(client)):
            await dispatcher.mutate(a, client, hooks)

    return Plugin(MUTATING, On(ALL, subresources=None), mutate=mutate)


def validating(wiring: Wiring, configuration: Object | None) -> Plugin:
    """Hooks that judge. The configuration names a kubeconfig with credentials for them. Raises ValueError."""
    source = Source(validatingwebhookconfigurations.RESOURCE)
    dispatcher = _Dispatcher(wiring, users_of(configuration))

    async def validate(a: Attributes, client: Client) -> None:
        if not matching.is_about_webhooks(a) and (hooks := source.hooks(client)):
            await dispatcher.validate(a, client, hooks)

    return Plugin(VALIDATING, On(ALL, subresources=None), validate=validate)


def users_of(configuration: Object | None) -> Users:
    """The users of the kubeconfig that a WebhookAdmissionConfiguration names. Raises ValueError."""
    if configuration is None:
        return Users({}, Path())
    given = (configuration.get("apiVersion"), configuration.get("kind"))
    if given not in CONFIGURATIONS:
        raise ValueError(f'no kind "{given[1] or ""}" is registered for version "{given[0] or ""}"')
    name = configuration.get("kubeConfigFile") or ""
    path = Path(name)
    if not path.is_absolute():
        raise ValueError(str(invalid(FieldPath("kubeConfigFile"), name, "must be an absolute file path")))
    return Users(kubeconfigs.load(path), path.parent)


class _Dispatcher:
    """Calls hooks about a request."""

    def __init__(self, wiring: Wiring, users: Users) -> None:
        self._catalog = wiring.catalog
        self._codec = wiring.codec
        self._caller = Caller(users, wiring.pods)

    async def mutate(self, a: Attributes, client: Client, hooks: Sequence[Hook]) -> None:
        """One round. Raises StatusError."""
        context = a.reinvocation
        rounds: _Rounds = context.memory.setdefault(MUTATING, _Rounds())
        if context.running and rounds.output != a.object:
            rounds.changed()
        for index, hook in enumerate(hooks):
            called = matching.invocation(hook, a, client, self._catalog)
            if called is None or (context.running and hook.uid not in rounds.due):
                continue
            if await self._mutate_once(called, a, client, f"round_{int(context.running)}_index_{index}"):
                rounds.changed()
                context.wanted = True
            if hook.reinvoked:
                rounds.called.add(hook.uid)
        rounds.output = jsonvalues.deep_copy(a.object)

    async def _mutate_once(self, called: Invocation, a: Attributes, client: Client, position: str) -> bool:
        """Whether the hook changed the object."""
        hook = called.hook
        note = {"configuration": hook.configuration, "webhook": hook.name}
        changed = False
        try:
            response, shown = await self._ask(called, a, client, mutating=True)
            changed = self._patch(called, a, response, shown, f"{PATCH_NOTE}{position}")
        except CallFailed as error:
            _raise_unless_ignored(hook, error)
        finally:
            a.annotations[f"{MUTATION_NOTE}{position}"] = orjson.dumps({**note, "mutated": changed}).decode()
        return changed

    def _patch(self, called: Invocation, a: Attributes, response: Response, shown: Object | None, note: str) -> bool:
        """Apply the answer's patch to the object; whether that changed anything."""
        if not response.patch:
            return False
        hook = called.hook
        try:
            patch = json_patch.decode(response.patch)
            if not patch:
                return False
            if shown is None:
                raise status.bad_request(
                    f"admission webhook {quote(hook.name)} attempted to modify the object, "
                    "which is not supported for this operation"
                )
            if response.patch_type != "JSONPatch":
                raise CallFailed(f"unsupported patch type {quote(response.patch_type)}")
            patched = _decoded(self._codec, called, a, json_patch.applied(shown, patch))
        except (StatusError, json_patch.Failed, decoding.DecodeError) as error:
            raise status.internal_error(str(error)) from None
        told = {"configuration": hook.configuration, "webhook": hook.name, "patch": patch, "patchType": "JSONPatch"}
        a.annotations[note] = orjson.dumps(told).decode()
        assert a.object is not None
        changed = patched != a.object
        a.object.clear()
        a.object.update(patched)
        return changed

    async def validate(self, a: Attributes, client: Client, hooks: Sequence[Hook]) -> None:
        """All hooks that hear of the request, at the same time. Raises StatusError."""
        invocations = [found for hook in hooks if (found := matching.invocation(hook, a, client, self._catalog))]
        outcomes = await asyncio.gather(
            *(self._validate_once(called, a, client) for called in invocations), return_exceptions=True
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _validate_once(self, called: Invocation, a: Attributes, client: Client) -> None:
        try:
            await self._ask(called, a, client, mutating=False)
        except CallFailed as error:
            _raise_unless_ignored(called.hook, error)

    async def _ask(
        self, called: Invocation, a: Attributes, client: Client, *, mutating: bool
    ) -> tuple[Response, Object | None]:
        """The hook's answer, and the object that it was shown. Raises CallFailed, or StatusError if it says no."""
        hook = called.hook
        if a.dry_run and not hook.dry_runs:
            raise status.bad_request(f"admission webhook {quote(hook.name)} does not support dry run")
        version = review.version_for(hook.spec.get("admissionReviewVersions") or ())
        shown, old = (_shown(self._codec, called, a, obj) for obj in (a.object, a.old_object))
        uid = generate.uid()
        document = review.request(uid, version, called, a, shown, old)
        raw = await self._caller.post(hook, target_of(hook, client), document)
        response = review.parse(raw, uid, version, mutating=mutating)
        a.annotations.update({f"{hook.name}/{key}": value for key, value in response.annotations.items()})
        a.warnings.extend(response.warnings)
        if not response.allowed:
            raise review.denial(hook.name, response.result)
        return response, shown


def _raise_unless_ignored(hook: Hook, error: CallFailed) -> None:
    if not hook.ignores_failures:
        raise status.internal_error(f"failed calling webhook {quote(hook.name)}: {error}") from None


def _own_kind(called: Invocation, a: Attributes) -> bool:
    """Whether the request is about objects of the resource's own kind, not of one that a subresource has."""
    sub = called.resource.subresource(a.subresource) if a.subresource else None
    return sub is None or not sub.kind or sub.kind == called.resource.kind


def _shown(codec: Codec, called: Invocation, a: Attributes, obj: Object | None) -> Object | None:
    """An object as the hook is to see it."""
    if obj is None or not _own_kind(called, a):
        return obj
    shown = codec.version_of(called.resource, called.resource.version(called.version), obj)
    completed = codec.shown(called.resource, called.version, shown)
    if a.operation == CREATE:
        completed["metadata"] = {k: v for k, v in completed["metadata"].items() if k != "resourceVersion"}
    return completed


def _decoded(codec: Codec, called: Invocation, a: Attributes, document: Object) -> Object:
    """A patched object, of the storage version again. Raises DecodeError."""
    if _own_kind(called, a):
        version = called.resource.version(called.version)
        return codec.decode(called.resource, version, document, orjson.dumps(document))
    kind = review.kind_of(called.resource, called.version, a.subresource)
    try:
        type_ = codec.type_of(kind["group"], kind["version"], kind["kind"])
    except KeyError:
        return document
    converted: Object = decoding.convert(document, type_)
    return {"kind": document.get("kind"), "apiVersion": document.get("apiVersion"), **converted}
