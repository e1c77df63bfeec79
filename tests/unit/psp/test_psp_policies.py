"""Three policies as clusters have them, and the pods that each is there for."""

from __future__ import annotations

import pytest
from psp_samples import BASELINE, PRIVILEGED, RESTRICTED, SECCOMP, container, pod, policy

from fakekube.admission.psp import explanation, selection
from fakekube.admission.psp.evaluation import evaluate
from fakekube.apis.podspec.annotations import APPARMOR_CONTAINER, SECCOMP_POD
from fakekube.machinery.objects import Object

POLICIES = {policy["metadata"]["name"]: policy for policy in (PRIVILEGED, BASELINE, RESTRICTED)}

PODS: list[tuple[str, Object, set[str]]] = [
    ("a plain one", pod(), {"privileged", "baseline", "restricted"}),
    ("one that names an ordinary user", pod(container(runAsUser=1000)), {"privileged", "baseline", "restricted"}),
    ("one that is root", pod(container(runAsUser=0)), {"privileged", "baseline"}),
    ("one whose init container is root", pod(initContainers=[container("i", runAsUser=0)]), {"privileged", "baseline"}),
    ("one that is root all over", pod(securityContext={"runAsUser": 0}), {"privileged", "baseline"}),
    ("one with root's group", pod(securityContext={"fsGroup": 0}), {"privileged", "baseline"}),
    ("one that may gain privileges", pod(container(allowPrivilegeEscalation=True)), {"privileged", "baseline"}),
    ("one that writes to its root", pod(container(readOnlyRootFilesystem=False)), {"privileged", "baseline"}),
    ("one that changes owners", pod(container(capabilities={"add": ["CHOWN"]})), {"privileged", "baseline"}),
    ("one that sets the clock", pod(container(capabilities={"add": ["SYS_TIME"]})), {"privileged"}),
    ("a privileged one", pod(container(privileged=True)), {"privileged"}),
    ("one on the host's network", pod(hostNetwork=True), {"privileged"}),
    ("one that sees the host's processes", pod(hostPID=True), {"privileged"}),
    ("one with a port of the host", pod(container(more={"ports": [{"hostPort": 80}]})), {"privileged"}),
    ("one that reads the host", pod(volumes=[{"name": "v", "hostPath": {"path": "/"}}]), {"privileged"}),
    (
        "one with a scratch volume",
        pod(volumes=[{"name": "v", "emptyDir": {}}]),
        {"privileged", "baseline", "restricted"},
    ),
    ("one that tunes the kernel", pod(securityContext={"sysctls": [{"name": "kernel.msgmax"}]}), {"privileged"}),
    ("one that is not confined", pod(annotations={SECCOMP_POD: "unconfined"}), {"privileged", "baseline"}),
    ("one with a profile of its own", pod(annotations={SECCOMP_POD: "localhost/own"}), {"privileged"}),
    (
        "one that AppArmor ignores",
        pod(annotations={APPARMOR_CONTAINER + "c": "unconfined"}),
        {"privileged", "baseline"},
    ),
]


@pytest.mark.parametrize(("subject", "fitting"), [row[1:] for row in PODS], ids=[row[0] for row in PODS])
def test_who_gets_in(subject: Object, fitting: set[str]) -> None:
    assert {name for name, policy in POLICIES.items() if evaluate(policy, subject).fits} == fitting


@pytest.mark.parametrize(("subject", "fitting"), [row[1:] for row in PODS], ids=[row[0] for row in PODS])
def test_whoever_may_use_all_of_them_has_nothing_changed(subject: Object, fitting: set[str]) -> None:
    """The privileged policy comes after one that mostly does."""
    evaluations = [evaluate(policy, subject) for policy in selection.ordered(POLICIES.values())]
    chosen = selection.choose(evaluations, may_mutate=True)
    assert chosen is not None
    assert chosen.pod is subject
    assert chosen.policy in fitting - {"restricted"}


def test_what_the_restricted_policy_makes_of_a_plain_pod() -> None:
    found = evaluate(RESTRICTED, pod()).pod
    assert found["metadata"]["annotations"] == {
        SECCOMP_POD: "runtime/default",
        APPARMOR_CONTAINER + "c": "runtime/default",
    }
    assert found["spec"]["securityContext"] == {}
    assert found["spec"]["containers"][0]["securityContext"] == {
        "runAsGroup": 1,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
    }


@pytest.mark.parametrize(
    ("usable", "first", "may_mutate", "wanted"),
    [
        ({"restricted", "baseline"}, "", True, "baseline"),
        ({"restricted"}, "", True, "restricted"),
        ({"restricted", "baseline"}, "restricted", True, "restricted"),
        ({"restricted", "baseline"}, "", False, None),
        ({"restricted", "privileged"}, "", False, "privileged"),
        (set(), "", True, None),
    ],
)
def test_the_choice(usable: set[str], first: str, may_mutate: bool, wanted: str | None) -> None:
    policies = selection.ordered(POLICIES.values(), first)
    evaluations = [evaluate(one, pod(), usable=one["metadata"]["name"] in usable) for one in policies]
    chosen = selection.choose(evaluations, may_mutate=may_mutate)
    assert (chosen and chosen.policy) == wanted


def test_an_explanation_tells_everything_of_every_policy() -> None:
    broken = {"metadata": {"name": "broken"}, "spec": {**BASELINE["spec"], "fsGroup": {"rule": "MustRunAs"}}}
    subject = pod(container(privileged=True))
    usable = {"broken": True, "baseline": True, "restricted": True}
    refusal = (
        "spec.containers[0].securityContext.privileged: Invalid value: true: Privileged containers are not allowed"
    )
    missing = "ranges must be supplied for MustRunAs"
    wanted = [
        ("baseline", True, "refuses the pod", [refusal], False),
        ("broken", True, "cannot be tried", [missing], False),
        ("privileged", False, "admits the pod as it is", [], False),
        ("restricted", True, "refuses the pod", [refusal], False),
    ]
    found = explanation.explain([*POLICIES.values(), broken], subject, usable)
    assert [tuple(row[key] for key in ("policy", "usable", "outcome", "reasons", "used")) for row in found] == wanted


def test_an_explanation_names_the_policy_that_decides() -> None:
    found = explanation.explain(POLICIES.values(), pod(), {"restricted": True, "baseline": True})
    assert [row["policy"] for row in found if row["used"]] == ["baseline"]
    assert found[0]["outcome"] == "admits the pod with changes"


def test_an_explanation_tells_what_a_policy_fills_in() -> None:
    subject = pod(container(capabilities={"add": ["KILL"]}))
    rules = policy(
        annotations={SECCOMP + "defaultProfileName": "unconfined", SECCOMP + "allowedProfileNames": "*"},
        allowedCapabilities=["KILL"],
        requiredDropCapabilities=["ALL"],
        readOnlyRootFilesystem=True,
        seLinux={"rule": "MustRunAs", "seLinuxOptions": {"level": "s0"}},
    )
    assert explanation.explain([rules], subject, {"p": True})[0]["changes"] == [
        'metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: "unconfined"',
        'spec.securityContext.seLinuxOptions.level: "s0"',
        'spec.containers[0].securityContext.capabilities.drop: ["ALL"]',
        "spec.containers[0].securityContext.readOnlyRootFilesystem: true",
    ]


def test_the_denial_has_the_reasons_of_the_usable_policies() -> None:
    subject = pod(container(privileged=True))
    found = [evaluate(BASELINE, subject), evaluate(RESTRICTED, subject, usable=False)]
    (refusal,) = found[0].errors
    assert selection.reasons(found) == f"[{refusal}]"
