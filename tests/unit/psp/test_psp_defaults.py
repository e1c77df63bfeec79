"""What a policy fills in, and what it leaves as it is."""

from __future__ import annotations

import pytest
from psp_samples import APPARMOR, SECCOMP, container, pod, policy

from fakekube.admission.psp.evaluation import evaluate
from fakekube.apis.podspec.annotations import APPARMOR_CONTAINER, SECCOMP_POD
from fakekube.machinery.objects import Object

MUST = {"rule": "MustRunAs", "ranges": [{"min": 5, "max": 9}, {"min": 1, "max": 2}]}
MAY = {"rule": "MayRunAs", "ranges": [{"min": 5, "max": 9}]}
OPTIONS = {"level": "s0"}
SELINUX = {"rule": "MustRunAs", "seLinuxOptions": OPTIONS}


@pytest.mark.parametrize(
    ("spec", "given", "wanted"),
    [
        ({}, {}, {}),
        ({"runAsUser": MUST}, {}, {"runAsUser": 5}),
        ({"runAsUser": MUST}, {"runAsUser": 0}, {"runAsUser": 0}),
        ({"runAsUser": {"rule": "MustRunAsNonRoot"}}, {}, {"runAsNonRoot": True}),
        ({"runAsUser": {"rule": "MustRunAsNonRoot"}}, {"runAsUser": 7}, {"runAsUser": 7}),
        ({"runAsGroup": MUST}, {}, {"runAsGroup": 5}),
        ({"runAsGroup": MAY}, {}, {}),
        ({"readOnlyRootFilesystem": True}, {}, {"readOnlyRootFilesystem": True}),
        ({"defaultAllowPrivilegeEscalation": True}, {}, {"allowPrivilegeEscalation": True}),
        ({"allowPrivilegeEscalation": False}, {}, {"allowPrivilegeEscalation": False}),
        (
            {"allowPrivilegeEscalation": False},
            {"allowPrivilegeEscalation": True},
            {"allowPrivilegeEscalation": True},
        ),
        ({"requiredDropCapabilities": ["KILL", "ALL"]}, {}, {"capabilities": {"drop": ["ALL", "KILL"]}}),
        ({"defaultAddCapabilities": ["B", "A"]}, {}, {"capabilities": {"add": ["A", "B"]}}),
        (
            {"defaultAddCapabilities": ["A", "B"], "requiredDropCapabilities": ["X"]},
            {"capabilities": {"add": ["C"], "drop": ["A"]}},
            {"capabilities": {"add": ["B", "C"], "drop": ["A", "X"]}},
        ),
        (
            {"defaultAddCapabilities": ["A"]},
            {"capabilities": {"add": ["C", "A", "A"]}},
            {"capabilities": {"add": ["C", "A", "A"]}},
        ),
    ],
)
def test_containers(spec: Object, given: Object, wanted: Object) -> None:
    found = evaluate(policy(**spec), pod(container(**given)))
    assert found.pod["spec"]["containers"][0].get("securityContext", {}) == wanted
    assert found.mutated == (given != wanted)


def test_a_pod_without_annotations_gets_none_that_say_nothing() -> None:
    subject = pod()
    del subject["metadata"]["annotations"]
    assert evaluate(policy(readOnlyRootFilesystem=True), subject).pod["metadata"] == {"name": "pod"}


@pytest.mark.parametrize("field", ["initContainers", "containers", "ephemeralContainers"])
def test_every_list_of_containers_is_filled_in(field: str) -> None:
    subject = pod(**{field: [container("a"), container("b")]})
    found = evaluate(policy(readOnlyRootFilesystem=True), subject).pod
    assert all(one["securityContext"]["readOnlyRootFilesystem"] for one in found["spec"][field])


def test_ephemeral_containers_are_not_judged_while_their_feature_is_off() -> None:
    assert evaluate(policy(), pod(ephemeralContainers=[container("e", privileged=True)])).fits


@pytest.mark.parametrize(
    ("spec", "given", "wanted"),
    [
        ({"fsGroup": MUST}, {}, {"fsGroup": 5}),
        ({"fsGroup": MAY}, {}, {}),
        ({"fsGroup": MUST}, {"fsGroup": 1}, {"fsGroup": 1}),
        ({"supplementalGroups": MUST}, {}, {"supplementalGroups": [5]}),
        ({"seLinux": SELINUX}, {}, {"seLinuxOptions": OPTIONS}),
        ({"seLinux": SELINUX}, {"seLinuxOptions": {}}, {"seLinuxOptions": {}}),
    ],
)
def test_pod_security_contexts(spec: Object, given: Object, wanted: Object) -> None:
    found = evaluate(policy(**spec), pod(securityContext=given)).pod["spec"]
    assert found["securityContext"] == wanted
    assert "securityContext" not in found["containers"][0]


def test_containers_keep_to_what_the_pod_says() -> None:
    rules = policy(runAsUser=MUST, runAsGroup=MUST, seLinux=SELINUX)
    found = evaluate(rules, pod(securityContext={"runAsUser": 6, "runAsGroup": 7, "seLinuxOptions": OPTIONS}))
    assert found.fits
    assert not found.mutated


def test_runtime_class() -> None:
    rules = policy(runtimeClass={"allowedRuntimeClassNames": ["a", "b"], "defaultRuntimeClassName": "a"})
    assert evaluate(rules, pod()).pod["spec"]["runtimeClassName"] == "a"
    assert not evaluate(rules, pod(runtimeClassName="b")).mutated


@pytest.mark.parametrize(
    ("given", "context", "wanted"),
    [
        ({}, {}, "runtime/default"),
        ({SECCOMP_POD: "unconfined"}, {}, "unconfined"),
        ({}, {"seccompProfile": {"type": "Localhost", "localhostProfile": "x"}}, "localhost/x"),
        ({SECCOMP_POD: "unconfined"}, {"seccompProfile": {"type": "RuntimeDefault"}}, "unconfined"),
    ],
)
def test_the_seccomp_annotation(given: dict[str, str], context: Object, wanted: str) -> None:
    rules = policy(annotations={SECCOMP + "defaultProfileName": "runtime/default"})
    found = evaluate(rules, pod(annotations=given, securityContext=context))
    assert found.pod["metadata"]["annotations"] == {SECCOMP_POD: wanted}
    assert found.mutated == (SECCOMP_POD not in given)


def test_a_field_alone_becomes_an_annotation_too() -> None:
    found = evaluate(policy(), pod(securityContext={"seccompProfile": {"type": "Unconfined"}}))
    assert found.pod["metadata"]["annotations"] == {SECCOMP_POD: "unconfined"}


def test_apparmor_annotations() -> None:
    rules = policy(annotations={APPARMOR + "defaultProfileName": "runtime/default"})
    given = {APPARMOR_CONTAINER + "b": "unconfined", APPARMOR_CONTAINER + "c": ""}
    subject = pod(container("a"), container("b"), container("c"), annotations=given)
    assert evaluate(rules, subject).pod["metadata"]["annotations"] == {
        APPARMOR_CONTAINER + "a": "runtime/default",
        APPARMOR_CONTAINER + "b": "unconfined",
        APPARMOR_CONTAINER + "c": "runtime/default",
    }
