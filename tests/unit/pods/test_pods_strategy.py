"""A pod on its way to storage, and out of it."""

from __future__ import annotations

from typing import Any

import pytest

from fakekube.apis.core.pods import RESOURCE
from fakekube.apis.core.pods.binding import NotAssignable, bound, set_condition, validate_binding
from fakekube.apis.core.pods.qos import qos_class
from fakekube.apis.core.pods.strategy import default_pod, grace_period, prepare_create, prepare_status

SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"
OF_C = "container.seccomp.security.alpha.kubernetes.io/c"


def pod(metadata: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "p", **(metadata or {})},
        "spec": {"containers": [{"name": "c", "image": "i"}], **spec},
    }


def resources(requests: dict[str, str] | None, limits: dict[str, str] | None) -> dict[str, Any]:
    return {"name": "c", "resources": {"requests": requests, "limits": limits}}


FULL = {"cpu": "1", "memory": "1Gi"}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"containers": [{"name": "c"}]}, "BestEffort"),
        ({"containers": [resources({"ephemeral-storage": "1Gi"}, None)]}, "BestEffort"),
        ({"containers": [resources({"cpu": "0"}, None)]}, "BestEffort"),
        ({"containers": [resources({"cpu": "1"}, None)]}, "Burstable"),
        ({"containers": [resources(FULL, FULL)]}, "Guaranteed"),
        ({"containers": [resources({"cpu": "1000m", "memory": "1024Mi"}, FULL)]}, "Guaranteed"),
        ({"containers": [resources({"cpu": "500m", "memory": "1Gi"}, FULL)]}, "Burstable"),
        ({"containers": [resources(FULL, FULL), {"name": "d"}]}, "Burstable"),
        ({"containers": [resources(FULL, FULL)], "initContainers": [{"name": "i"}]}, "Burstable"),
        ({"containers": [resources(None, FULL)]}, "Burstable"),
        ({}, "BestEffort"),
    ],
)
def test_quality_of_service(spec: dict[str, Any], expected: str) -> None:
    assert qos_class(spec) == expected


def test_a_pod_gets_what_templates_do_not() -> None:
    made = pod(containers=[{"name": "c", "resources": {"limits": {"cpu": "1"}}}])
    default_pod(made)
    assert made["spec"]["enableServiceLinks"] is True
    assert made["spec"]["containers"][0]["resources"]["requests"] == {"cpu": "1"}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"podIP": "1.1.1.1"}, {"podIP": "1.1.1.1", "podIPs": [{"ip": "1.1.1.1"}]}),
        ({"podIPs": [{"ip": "1.1.1.1"}]}, {"podIP": "1.1.1.1", "podIPs": [{"ip": "1.1.1.1"}]}),
        ({"podIP": "2.2.2.2", "podIPs": [{"ip": "1.1.1.1"}]}, {"podIP": "2.2.2.2", "podIPs": [{"ip": "2.2.2.2"}]}),
        ({"phase": "Running"}, {"phase": "Running"}),
    ],
)
def test_the_two_fields_of_an_address_agree(status: dict[str, Any], expected: dict[str, Any]) -> None:
    made = {**pod(), "status": status}
    default_pod(made)
    assert made["status"] == expected


def test_a_new_pod_is_pending() -> None:
    made = {**pod(), "status": {"phase": "Running"}}
    prepare_create(made)
    assert made["status"] == {"phase": "Pending", "qosClass": "BestEffort"}


def test_seccomp_fields_make_annotations() -> None:
    container = {"name": "c", "securityContext": {"seccompProfile": {"type": "Localhost", "localhostProfile": "x"}}}
    made = pod(securityContext={"seccompProfile": {"type": "RuntimeDefault"}}, containers=[container])
    prepare_create(made)
    assert made["metadata"]["annotations"] == {SECCOMP: "runtime/default", OF_C: "localhost/x"}


def test_seccomp_annotations_make_fields() -> None:
    made = pod({"annotations": {SECCOMP: "docker/default", OF_C: "unconfined"}})
    prepare_create(made)
    assert made["spec"]["securityContext"] == {"seccompProfile": {"type": "RuntimeDefault"}}
    assert made["spec"]["containers"][0]["securityContext"] == {"seccompProfile": {"type": "Unconfined"}}


@pytest.mark.parametrize("annotation", ["localhost/", "odd", ""])
def test_bad_seccomp_annotations_make_nothing(annotation: str) -> None:
    made = pod({"annotations": {SECCOMP: annotation}})
    prepare_create(made)
    assert "securityContext" not in made["spec"]


def test_through_the_status_labels_change_and_owners_do_not() -> None:
    old = pod({"ownerReferences": [{"name": "o"}], "labels": {"a": "b"}})
    new = {
        **pod({"labels": {"a": "c"}, "ownerReferences": [], "deletionTimestamp": "x"}),
        "status": {"phase": "Failed"},
    }
    new["spec"] = {"nodeName": "n"}
    prepare_status(new, old)
    assert new["spec"] is old["spec"]
    assert new["metadata"] == {"name": "p", "labels": {"a": "c"}, "ownerReferences": [{"name": "o"}]}
    assert new["status"] == {"phase": "Failed"}


@pytest.mark.parametrize(
    ("spec", "phase", "asked", "seconds"),
    [
        ({}, "Pending", 30, 0),
        ({"nodeName": "n", "terminationGracePeriodSeconds": 30}, "Running", None, 30),
        ({"nodeName": "n", "terminationGracePeriodSeconds": 30}, "Running", 5, 5),
        ({"nodeName": "n", "terminationGracePeriodSeconds": 30}, "Running", 0, 0),
        ({"nodeName": "n", "terminationGracePeriodSeconds": 30}, "Succeeded", 5, 0),
        ({"nodeName": "n"}, "Running", None, 0),
    ],
)
def test_grace(spec: dict[str, Any], phase: str, asked: int | None, seconds: int) -> None:
    assert grace_period({**pod(**spec), "status": {"phase": phase}}, asked) == seconds


def test_field_selectors() -> None:
    made = {
        **pod(nodeName="n", restartPolicy="Never", schedulerName="s", serviceAccountName="a"),
        "status": {"phase": "Running", "podIPs": [{"ip": "1.1.1.1"}], "nominatedNodeName": "m"},
    }
    values = {name: read(made) for name, read in RESOURCE.selectable.items()}
    assert values == {
        "spec.nodeName": "n",
        "spec.host": "n",
        "spec.restartPolicy": "Never",
        "spec.schedulerName": "s",
        "spec.serviceAccountName": "a",
        "status.phase": "Running",
        "status.podIP": "1.1.1.1",
        "status.podIPs": "",
        "status.nominatedNodeName": "m",
    }
    assert {read(pod()) for read in RESOURCE.selectable.values()} == {""}


def test_binding_gives_the_pod_its_node() -> None:
    old = {**pod({"annotations": {"a": "1"}}), "status": {"phase": "Pending"}}
    new = bound(old, {"metadata": {"annotations": {"b": "2"}}, "target": {"name": "n"}}, 0)
    assert new["spec"]["nodeName"] == "n"
    assert new["metadata"]["annotations"] == {"a": "1", "b": "2"}
    assert new["status"]["conditions"] == [
        {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": "1970-01-01T00:00:00Z"}
    ]
    assert "nodeName" not in old["spec"]


@pytest.mark.parametrize(
    ("taken", "why"),
    [
        (pod(nodeName="m"), 'pod p is already assigned to node "m"'),
        (pod({"deletionTimestamp": "x"}), "pod p is being deleted, cannot be assigned to a host"),
    ],
)
def test_some_pods_cannot_be_bound(taken: dict[str, Any], why: str) -> None:
    with pytest.raises(NotAssignable, match=why):
        bound(taken, {"target": {"name": "n"}}, 0)


def test_the_time_of_a_condition_stays_while_its_status_does() -> None:
    old = [{"type": "A", "status": "True", "lastTransitionTime": "1"}, {"type": "B", "status": "True"}]
    same = set_condition(old, {"type": "A", "status": "True", "lastTransitionTime": "2"})
    assert same[0] == {"type": "A", "status": "True", "lastTransitionTime": "1"}
    changed = set_condition(old, {"type": "A", "status": "False", "lastTransitionTime": "2"})
    assert changed[0] == {"type": "A", "status": "False", "lastTransitionTime": "2"}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({}, ["target.name: Required value"]),
        ({"kind": "Pod", "name": "n"}, ['target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"']),
        ({"kind": "Node", "name": "n"}, []),
    ],
)
def test_targets_of_bindings(target: dict[str, Any], expected: list[str]) -> None:
    assert [str(error) for error in validate_binding({"target": target})] == expected
