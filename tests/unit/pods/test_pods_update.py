# ruff: noqa: E501 - the texts are the server's, and longer than a line
"""What of a pod may change."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from fakekube.apis.core.pods.strategy import default_pod
from fakekube.apis.core.pods.validation import ONLY_MUTABLE, validate, validate_status_update, validate_update
from fakekube.machinery.names import QUALIFIED_TEXT, SUBDOMAIN_TEXT

METADATA = {
    "name": "p",
    "namespace": "n",
    "uid": "u",
    "resourceVersion": "1",
    "creationTimestamp": "2020-01-01T00:00:00Z",
}


def stored(**spec: Any) -> dict[str, Any]:
    made = {
        "metadata": dict(METADATA),
        "spec": {
            "containers": [{"name": "c", "image": "nginx:1.19"}],
            "tolerations": [{"key": "a", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}],
            "serviceAccountName": "default",
            **spec,
        },
        "status": {"phase": "Running"},
    }
    default_pod(made)
    return made


def refused(change: Any, old: dict[str, Any] | None = None) -> list[str]:
    old = old or stored()
    new = deepcopy(old)
    change(new)
    return [str(error) for error in validate_update(new, old)]


def test_nothing_changed() -> None:
    assert refused(lambda pod: None) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda pod: pod["spec"]["containers"][0].update(image="nginx:2"),
        lambda pod: pod["spec"].update(activeDeadlineSeconds=5),
        lambda pod: pod["spec"]["tolerations"].append({"operator": "Exists"}),
        lambda pod: pod["spec"]["tolerations"][0].update(tolerationSeconds=7),
        lambda pod: pod["spec"].update(nodeSelector={}, readinessGates=[]),
        lambda pod: pod["metadata"].update(labels={"a": "b"}),
    ],
)
def test_what_may_change(change: Any) -> None:
    assert refused(change) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda spec: spec["containers"].append({"name": "d", "image": "i"}), "spec.containers: Forbidden: pod updates may not add or remove containers"),
        (lambda spec: spec["tolerations"].pop(), "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"),
        (lambda spec: spec["containers"][0].update(image=" i"), "spec.containers[0].image: Invalid value: \" i\": must not have leading or trailing whitespace"),
        (lambda spec: spec.update(activeDeadlineSeconds=-1), "spec.activeDeadlineSeconds: Invalid value: -1: must be between 0 and 2147483647, inclusive"),
    ],
)  # fmt: skip
def test_what_may_not(change: Any, expected: str) -> None:
    assert expected in refused(lambda pod: change(pod["spec"]))


@pytest.mark.parametrize(
    ("deadline", "expected"),
    [
        (60, ["spec.activeDeadlineSeconds: Invalid value: 60: must be less than or equal to previous value"]),
        (
            None,
            ['spec.activeDeadlineSeconds: Invalid value: "null": must not update from a positive integer to nil value'],
        ),
        (40, []),
    ],
)
def test_a_deadline_only_shrinks(deadline: int | None, expected: list[str]) -> None:
    assert (
        refused(lambda pod: pod["spec"].update(activeDeadlineSeconds=deadline), stored(activeDeadlineSeconds=50))
        == expected
    )


def test_the_refusal_shows_what_differs() -> None:
    change = {"nodeName": "n1"}
    (found,) = refused(lambda pod: pod["spec"].update(change))
    expected = (
        "  core.PodSpec{\n"
        "  \t... // 9 identical fields\n"
        '  \tServiceAccountName:           "default",\n'
        "  \tAutomountServiceAccountToken: nil,\n"
        '- \tNodeName:                     "n1",\n'
        '+ \tNodeName:                     "",\n'
        "  \tSecurityContext:              &{},\n"
        "  \tImagePullSecrets:             nil,\n"
        "  \t... // 16 identical fields\n"
        "  }\n"
    )
    assert found == f"spec: Forbidden: {ONLY_MUTABLE}\n{expected}"


def test_fields_of_the_host_are_part_of_the_security_context() -> None:
    (found,) = refused(lambda pod: pod["spec"].update(hostPID=True))
    assert "- \t\tHostPID:               true,\n+ \t\tHostPID:               false,\n" in found


def test_metadata_is_judged_twice() -> None:
    found = refused(lambda pod: pod["metadata"].update(labels={"a b": "c"}))
    assert found == [f'metadata.labels: Invalid value: "a b": name part {QUALIFIED_TEXT}'] * 2


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({}, {"kubernetes.io/config.mirror": "x"}, "may not add mirror pod annotation"),
        ({"kubernetes.io/config.mirror": "x"}, {}, "may not remove or update mirror pod annotation"),
        ({}, {"container.apparmor.security.beta.kubernetes.io/c": "unconfined"}, "may not add AppArmor annotations"),
        (
            {"container.apparmor.security.beta.kubernetes.io/c": "unconfined"},
            {"container.apparmor.security.beta.kubernetes.io/c": "runtime/default"},
            "may not remove or update AppArmor annotations",
        ),
    ],
)
def test_some_annotations_stay(old: dict[str, str], new: dict[str, str], expected: str) -> None:
    before = stored(nodeName="n")
    before["metadata"]["annotations"] = old
    (found,) = refused(lambda pod: pod["metadata"].update(annotations=new), before)
    assert found.endswith(f"Forbidden: {expected}")


def test_tokens_need_a_service_account() -> None:
    volume = {"name": "v", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}
    made = stored(serviceAccountName="", volumes=[volume])
    assert [str(error) for error in validate(made)] == [
        "spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when "
        "serviceAccountName is not set"
    ]


def test_ephemeral_containers_and_spaces_are_for_templates() -> None:
    made = stored(containers=[{"name": "c", "image": " i"}])
    made["spec"]["ephemeralContainers"] = [{}]
    texts = [str(error) for error in validate(made)]
    assert texts[-2:] == [
        'spec.containers[0].image: Invalid value: " i": must not have leading or trailing whitespace',
        "spec.ephemeralContainers: Forbidden: cannot be set on create",
    ]


def of_status(new: dict[str, Any], old: dict[str, Any] | None = None, policy: str = "Never") -> list[str]:
    before = {**stored(restartPolicy=policy), "status": old or {}}
    return [str(error) for error in validate_status_update({**before, "status": new}, before)]


ENDED = {"name": "c", "state": {"terminated": {"exitCode": 0}}}
FAILED = {"name": "c", "state": {"terminated": {"exitCode": 1}}}
RUNS = {"name": "c", "state": {"running": {}}}
REVIVED = ["status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state"]


@pytest.mark.parametrize(
    ("policy", "old", "expected"),
    [
        ("Never", ENDED, REVIVED),
        ("Never", FAILED, REVIVED),
        ("OnFailure", ENDED, REVIVED),
        ("OnFailure", FAILED, []),
        ("Always", ENDED, []),
        ("Never", RUNS, []),
    ],
)
def test_what_ended_for_good_does_not_run_again(policy: str, old: dict[str, Any], expected: list[str]) -> None:
    assert of_status({"containerStatuses": [RUNS]}, {"containerStatuses": [old]}, policy) == expected


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ({"conditions": [{"type": "Ready"}, {"type": "a b"}]}, [f'metadata.conditions[1].Type: Invalid value: "a b": name part {QUALIFIED_TEXT}']),
        ({"nominatedNodeName": "N_"}, [f'status.nominatedNodeName: Invalid value: "N_": {SUBDOMAIN_TEXT}']),
        ({"podIPs": [{"ip": "x"}]}, ['status.podIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']),
        ({"podIPs": [{"ip": "1.1.1.1"}, {"ip": "::1"}]}, []),
    ],
)  # fmt: skip
def test_the_status(new: dict[str, Any], expected: list[str]) -> None:
    assert of_status(new) == expected


def test_addresses_of_one_family_are_one() -> None:
    found = of_status({"podIPs": [{"ip": "1.1.1.1"}, {"ip": "1.1.1.1"}]})
    assert [text.partition(": ")[0] for text in found] == ["status.podIPs", "status.podIPs[1]"]
    assert found[0].endswith("may specify no more than one IP for each IP family")
    assert of_status({"podIPs": [{"ip": "x"}]}, {"podIPs": [{"ip": "y"}]}) == []  # it was bad before
