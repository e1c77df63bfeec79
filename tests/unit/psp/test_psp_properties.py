"""Whatever the policy and the pod: filling in settles, judging changes nothing, a tighter policy never allows more."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from psp_samples import APPARMOR, SECCOMP, pods, policies

from fakekube.admission.psp.evaluation import evaluate
from fakekube.machinery.objects import Object


@given(policies(), pods())
@settings(max_examples=400, deadline=None)
def test_what_a_policy_has_changed_it_admits_unchanged(policy: Object, pod: Object) -> None:
    first = evaluate(policy, pod)
    second = evaluate(policy, first.pod)
    assert not second.mutated
    assert second.errors == first.errors


@given(policies(), pods())
@settings(max_examples=200, deadline=None)
def test_neither_pod_nor_policy_is_touched(policy: Object, pod: Object) -> None:
    before = deepcopy((policy, pod))
    result = evaluate(policy, pod)
    assert (policy, pod) == before
    assert result.mutated == (result.pod != pod)


def forbid(field: str) -> Callable[[Object], None]:
    """The policy no longer has the flag."""
    return lambda policy: policy["spec"].update({field: False})


def shorten(field: str, least: int = 0) -> Callable[[Object], None]:
    """One entry less of a list of what is allowed; `least` says how many mean something else."""

    def change(policy: Object) -> None:
        if len(entries := policy["spec"].get(field, [])) > least:
            policy["spec"][field] = entries[:-1]

    return change


def add(field: str, entry: str) -> Callable[[Object], None]:
    """One entry more of a list of what is demanded."""
    return lambda policy: policy["spec"].update({field: [*policy["spec"].get(field, []), entry]})


def rule(field: str, **strategy: Any) -> Callable[[Object], None]:
    """A strategy in place of none."""

    def change(policy: Object) -> None:
        if policy["spec"].get(field, {"rule": "RunAsAny"})["rule"] == "RunAsAny":
            policy["spec"][field] = strategy

    return change


def narrow(field: str) -> Callable[[Object], None]:
    """The last of several ranges goes; the first gives the default."""

    def change(policy: Object) -> None:
        strategy = policy["spec"].get(field, {})
        if len(strategy.get("ranges", [])) > 1:
            policy["spec"][field] = {**strategy, "ranges": strategy["ranges"][:-1]}

    return change


def must(field: str) -> Callable[[Object], None]:
    """What may be left out must be there."""

    def change(policy: Object) -> None:
        if (strategy := policy["spec"].get(field, {})).get("rule") == "MayRunAs":
            policy["spec"][field] = {**strategy, "rule": "MustRunAs"}

    return change


def fewer_profiles(key: str) -> Callable[[Object], None]:
    """One allowed profile less, but not none: that would mean something else."""

    def change(policy: Object) -> None:
        names = policy["metadata"]["annotations"].get(key, "").split(",")
        if len(names) > 1:
            policy["metadata"]["annotations"][key] = ",".join(names[:-1])

    return change


def read_only(policy: Object) -> None:
    """Host paths may only be read."""
    policy["spec"]["allowedHostPaths"] = [
        {**entry, "readOnly": True} for entry in policy["spec"].get("allowedHostPaths", [])
    ]


RANGE = [{"min": 2, "max": 4}]
TIGHTER: list[Callable[[Object], None]] = [
    *(forbid(name) for name in ("privileged", "hostNetwork", "hostPID", "hostIPC", "allowPrivilegeEscalation")),
    *(shorten(name) for name in ("volumes", "hostPorts", "allowedCapabilities", "allowedUnsafeSysctls")),
    *(shorten(name, 1) for name in ("allowedHostPaths", "allowedCSIDrivers", "allowedFlexVolumes")),
    add("requiredDropCapabilities", "SYS_TIME"),
    add("forbiddenSysctls", "net.*"),
    lambda policy: policy["spec"].update(readOnlyRootFilesystem=True),
    rule("runAsUser", rule="MustRunAsNonRoot"),
    *(rule(name, rule="MustRunAs", ranges=RANGE) for name in ("runAsUser", "runAsGroup", "fsGroup")),
    *(rule(name, rule="MayRunAs", ranges=RANGE) for name in ("runAsGroup", "fsGroup", "supplementalGroups")),
    rule("seLinux", rule="MustRunAs", seLinuxOptions={"level": "s0:c1,c2"}),
    *(narrow(name) for name in ("runAsUser", "runAsGroup", "fsGroup", "supplementalGroups")),
    *(must(name) for name in ("runAsGroup", "fsGroup", "supplementalGroups")),
    fewer_profiles(SECCOMP + "allowedProfileNames"),
    fewer_profiles(APPARMOR + "allowedProfileNames"),
    read_only,
]


@given(policies(), pods(), st.lists(st.sampled_from(TIGHTER), min_size=1, max_size=3))
@settings(max_examples=800, deadline=None)
def test_a_tighter_policy_never_allows_more(policy: Object, pod: Object, changes: list[Any]) -> None:
    tighter = deepcopy(policy)
    for change in changes:
        change(tighter)
    if evaluate(tighter, pod).fits:
        assert evaluate(policy, pod).fits
