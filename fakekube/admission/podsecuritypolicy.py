"""PodSecurityPolicy: a pod has to fit a policy that its creator or its service account may use.

Follows plugin/pkg/admission/security/podsecuritypolicy. The judging itself is in `psp`. Off by default.
"""

from __future__ import annotations

from collections.abc import Sequence

from fakekube.admission.plugin import WRITES, On, Permits, Plugin, Wiring, forbidden
from fakekube.admission.psp import explanation, selection
from fakekube.admission.psp.evaluation import Evaluation, evaluate
from fakekube.apis.policy.podsecuritypolicies import RESOURCE as POLICIES
from fakekube.machinery.objects import Key, Object, UserInfo
from fakekube.machinery.users import service_account_user
from fakekube.registry.attributes import CREATE, UPDATE, Attributes
from fakekube.registry.client import Client

NAME = "PodSecurityPolicy"
ANNOTATION = "kubernetes.io/psp"
"""Names the policy that a pod was admitted under."""
AUDIT_PREFIX = "podsecuritypolicy.policy.k8s.io/"
GROUPS = (POLICIES.group, "extensions")
"""Whoever may `use` a policy in either group may use it; it was in the second one first."""
COLLECTED = ("ownerReferences", "finalizers", "managedFields", "selfLink")
"""What the garbage collector changes, whatever the pod is."""


def plugin(wiring: Wiring, _: Object | None) -> Plugin:
    """The plugin, on the authorizers. It takes no configuration."""

    async def mutate(a: Attributes, client: Client) -> None:
        """Let a policy fill in what a new pod leaves out. Raises Forbidden (403)."""
        if a.operation == CREATE:
            await _mutate(a, client, wiring.permits)

    async def validate(a: Attributes, client: Client) -> None:
        """The pod as it will be stored fits. Raises Forbidden (403)."""
        if a.operation != UPDATE or not _only_collected(a):
            await _validate(a, client, wiring.permits)

    return Plugin(NAME, On(WRITES, frozenset({"pods"})), mutate, validate)


async def _mutate(a: Attributes, client: Client, permits: Permits) -> None:
    assert a.object is not None
    chosen = await _choose(a, a.object, client, permits, "admit")
    metadata = chosen.pod["metadata"]
    annotations = {**(metadata.get("annotations") or {}), ANNOTATION: chosen.policy}
    a.object["metadata"] = {**metadata, "annotations": annotations}
    a.object["spec"] = chosen.pod["spec"]


async def _validate(a: Attributes, client: Client, permits: Permits) -> None:
    assert a.object is not None
    hint = (a.object["metadata"].get("annotations") or {}).get(ANNOTATION, "")
    await _choose(a, a.object, client, permits, "validate", hint)


async def _choose(
    a: Attributes, pod: Object, client: Client, permits: Permits, step: str, hint: str = ""
) -> Evaluation:
    """The policy that decides; only in the step "admit" it may change the pod. Raises Forbidden (403)."""
    may_mutate = step == "admit"
    evaluations = await _evaluations(a, pod, selection.ordered(client.list(POLICIES), hint), permits)
    record = {"step": step, "policies": explanation.record(evaluations, may_mutate=may_mutate)}
    a.findings.setdefault(NAME, []).append(record)
    chosen = selection.choose(evaluations, may_mutate=may_mutate)
    if chosen is not None:
        a.annotations[f"{AUDIT_PREFIX}{step}-policy"] = chosen.policy
        return chosen
    if all(one.fault for one in evaluations):
        raise forbidden(a, f"{NAME}: no providers available to validate pod request")
    raise forbidden(a, f"{NAME}: unable to {step} pod: {selection.reasons(evaluations)}")


async def _evaluations(a: Attributes, pod: Object, policies: Sequence[Object], permits: Permits) -> list[Evaluation]:
    """How the pod fares under one policy after the other, until one lets it pass as it is."""
    users = [a.user]
    if account := pod["spec"].get("serviceAccountName"):
        users.insert(0, service_account_user(Key(a.namespace, account)))
    evaluations: list[Evaluation] = []
    for policy in policies:
        usable = await _may_use(users, a.namespace, policy["metadata"]["name"], permits)
        evaluations.append(evaluate(policy, pod) if usable else Evaluation.unusable(policy, pod))
        if evaluations[-1].fits and not evaluations[-1].mutated:
            break
    return evaluations


async def _may_use(users: Sequence[UserInfo], namespace: str, policy: str, permits: Permits) -> bool:
    for user in users:
        for group in GROUPS:
            if await permits(user, "use", group=group, resource=POLICIES.plural, namespace=namespace, name=policy):
                return True
    return False


def _only_collected(a: Attributes) -> bool:
    """Whether an update changes nothing but what the garbage collector needs."""
    return _without_collected(a.object) == _without_collected(a.old_object)


def _without_collected(pod: Object | None) -> Object:
    assert pod is not None
    metadata = {key: value for key, value in pod["metadata"].items() if key not in COLLECTED}
    return {**pod, "metadata": metadata}
