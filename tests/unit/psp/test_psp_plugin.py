"""Who may use which policy, what is remembered of it, and which requests are none of its business."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, cast

import pytest
from psp_samples import PRIVILEGED, container, pod, policy

from fakekube.admission import podsecuritypolicy
from fakekube.admission.plugin import Plugin, Wiring
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.machinery.objects import Object, UserInfo
from fakekube.machinery.status import StatusError
from fakekube.registry.attributes import CREATE, DELETE, UPDATE, Attributes
from fakekube.registry.client import Client

ANN = UserInfo("ann", groups=("dev",))
READ_ONLY = policy("a-read-only", readOnlyRootFilesystem=True)
PLAIN = policy("b-plain")
ACCOUNT = "system:serviceaccount:ns:robot"
PREFIX = 'pods "pod" is forbidden: PodSecurityPolicy: '


class Policies:
    """The policies of a cluster, and who may use them: user or group -> (API group, policy)."""

    def __init__(self, policies: list[Object], grants: dict[str, set[tuple[str, str]]]) -> None:
        self._policies = policies
        self._grants = grants
        self.asked: list[tuple[str, str, str]] = []

    def list(self, *_: Any) -> list[Object]:
        return self._policies

    async def permits(self, user: UserInfo, verb: str, *, group: str, resource: str, namespace: str, name: str) -> bool:
        assert (verb, resource, namespace) == ("use", "podsecuritypolicies", "ns")
        self.asked.append((user.name, group, name))
        return any((group, name) in self._grants.get(subject, set()) for subject in (user.name, *user.groups))

    @property
    def plugin(self) -> Plugin:
        return podsecuritypolicy.plugin(Wiring(cast(Any, self.permits), cast(Any, None), cast(Any, None)), None)

    async def mutate(self, a: Attributes) -> None:
        await self._act(self.plugin.mutate, a)

    async def validate(self, a: Attributes) -> None:
        await self._act(self.plugin.validate, a)

    async def _act(self, act: Any, a: Attributes) -> None:
        if self.plugin.on.handles(a):
            await act(a, cast(Client, self))


def attributes(
    obj: Object | None = None, operation: str = CREATE, old: Object | None = None, sub: str = ""
) -> Attributes:
    obj = deepcopy(obj or pod(serviceAccountName="robot"))
    return Attributes(operation, PODS, "v1", sub, "ns", "pod", ANN, obj, old)


@pytest.mark.parametrize(
    ("subject", "group"),
    [
        ("ann", "policy"),
        ("ann", "extensions"),
        ("dev", "policy"),
        (ACCOUNT, "policy"),
        (ACCOUNT, "extensions"),
        ("system:serviceaccounts", "policy"),
        ("system:serviceaccounts:ns", "policy"),
    ],
)
async def test_a_grant_to_the_user_or_to_the_service_account(subject: str, group: str) -> None:
    world = Policies([PLAIN], {subject: {(group, "b-plain")}})
    a = attributes()
    await world.mutate(a)
    assert a.object is not None
    assert a.object["metadata"]["annotations"] == {"kubernetes.io/psp": "b-plain"}
    await world.validate(a)
    assert a.annotations == {
        "podsecuritypolicy.policy.k8s.io/admit-policy": "b-plain",
        "podsecuritypolicy.policy.k8s.io/validate-policy": "b-plain",
    }


@pytest.mark.parametrize("subject", ["system:authenticated", "system:serviceaccounts:other", "bob"])
async def test_no_grant(subject: str) -> None:
    world = Policies([PLAIN, PRIVILEGED], {subject: {("policy", "b-plain"), ("policy", "privileged")}})
    with pytest.raises(StatusError) as refusal:
        await world.mutate(attributes(pod(container(privileged=True), serviceAccountName="robot")))
    assert refusal.value.status["message"] == PREFIX + "unable to admit pod: []"


async def test_the_service_account_is_asked_first() -> None:
    world = Policies([PLAIN], {ACCOUNT: {("policy", "b-plain")}})
    await world.mutate(attributes())
    assert world.asked == [(ACCOUNT, "policy", "b-plain")]


async def test_only_the_refusals_of_usable_policies_are_told() -> None:
    world = Policies([READ_ONLY, PLAIN], {"ann": {("policy", "b-plain")}})
    with pytest.raises(StatusError) as refusal:
        await world.mutate(attributes(pod(container(privileged=True))))
    why = "spec.containers[0].securityContext.privileged: Invalid value: true: Privileged containers are not allowed"
    assert refusal.value.status["message"] == f"{PREFIX}unable to admit pod: [{why}]"
    assert refusal.value.status["code"] == 403


@pytest.mark.parametrize("policies", [[], [policy("broken", fsGroup={"rule": "MustRunAs"})]])
async def test_no_policy_that_can_be_tried(policies: list[Object]) -> None:
    with pytest.raises(StatusError) as refusal:
        await Policies(policies, {"ann": {("policy", "broken")}}).mutate(attributes())
    assert refusal.value.status["message"] == PREFIX + "no providers available to validate pod request"


GRANTED = {"ann": {("policy", "a-read-only"), ("policy", "b-plain")}}


async def test_a_policy_that_changes_nothing_goes_before_one_that_does() -> None:
    a = attributes()
    await Policies([PLAIN, READ_ONLY], GRANTED).mutate(a)
    assert a.object is not None
    assert a.object["metadata"]["annotations"]["kubernetes.io/psp"] == "b-plain"
    assert "securityContext" not in a.object["spec"]["containers"][0]
    assert a.findings == {
        "PodSecurityPolicy": [
            {
                "step": "admit",
                "policies": [
                    {"policy": "a-read-only", "outcome": "admits the pod with changes", "reasons": []},
                    {"policy": "b-plain", "outcome": "admits the pod as it is", "reasons": []},
                ],
            }
        ]
    }


async def test_the_changes_of_the_policy_arrive_in_the_pod() -> None:
    a = attributes(pod(annotations={"kubernetes.io/psp": "mine", "x": "y"}))
    await Policies([READ_ONLY], GRANTED).mutate(a)
    assert a.object is not None
    assert a.object["metadata"]["annotations"] == {"kubernetes.io/psp": "a-read-only", "x": "y"}
    assert a.object["spec"]["containers"][0]["securityContext"] == {"readOnlyRootFilesystem": True}


async def test_the_policy_of_the_annotation_is_tried_first() -> None:
    both = [policy("a"), policy("b"), policy("c")]
    world = Policies(both, {"ann": {("policy", name) for name in "abc"}})
    a = attributes(pod(annotations={"kubernetes.io/psp": "b"}), UPDATE, pod())
    await world.validate(a)
    assert a.annotations == {"podsecuritypolicy.policy.k8s.io/validate-policy": "b"}


async def test_an_update_is_judged_and_not_changed() -> None:
    world = Policies([READ_ONLY], GRANTED)
    a = attributes(pod(serviceAccountName="robot"), UPDATE, pod())
    before = deepcopy(a.object)
    await world.mutate(a)
    assert a.object == before
    with pytest.raises(StatusError) as refusal:
        await world.validate(a)
    assert refusal.value.status["message"] == PREFIX + "unable to validate pod: []"
    assert a.findings["PodSecurityPolicy"][0]["policies"][0]["outcome"] == "would have to change the pod"


def with_metadata(**fields: Any) -> Object:
    obj = pod()
    obj["metadata"].update(fields)
    return obj


@pytest.mark.parametrize(
    ("new", "judged"),
    [
        (with_metadata(finalizers=["a/b"]), False),
        (with_metadata(ownerReferences=[{"name": "x"}], managedFields=[{}]), False),
        (with_metadata(labels={"a": "b"}), True),
        (with_metadata(), False),
    ],
)
async def test_the_garbage_collector_gets_its_way(new: Object, judged: bool) -> None:
    a = attributes(new, UPDATE, pod())
    if judged:
        with pytest.raises(StatusError):
            await Policies([], {}).validate(a)
    else:
        await Policies([], {}).validate(a)


@pytest.mark.parametrize(
    ("operation", "sub"), [(UPDATE, "status"), (CREATE, "binding"), (CREATE, "exec"), (DELETE, "")]
)
async def test_other_requests_pass(operation: str, sub: str) -> None:
    a = attributes(operation=operation, sub=sub)
    await Policies([], {}).mutate(a)
    await Policies([], {}).validate(a)
    assert a.findings == {}
