"""What a pod spec leaves out is filled in."""

from __future__ import annotations

from typing import Any

import pytest

from fakekube.apis.podspec import (
    default_pod_spec,
    default_pod_template,
    drop_disabled_fields,
    drop_disabled_template_fields,
)
from fakekube.apis.podspec.defaults import default_requests, pull_policy

DIGEST = "sha256:" + "0" * 64


def container(**fields: Any) -> dict[str, Any]:
    return {"name": "c", "image": "nginx", **fields}


def defaulted(**fields: Any) -> dict[str, Any]:
    spec = {"containers": [container()], **fields}
    default_pod_spec(spec)
    return spec


def defaulted_container(**fields: Any) -> Any:
    return defaulted(containers=[container(**fields)])["containers"][0]


def test_a_minimal_spec() -> None:
    assert defaulted() == {
        "containers": [
            {
                "name": "c",
                "image": "nginx",
                "imagePullPolicy": "Always",
                "terminationMessagePath": "/dev/termination-log",
                "terminationMessagePolicy": "File",
            }
        ],
        "restartPolicy": "Always",
        "dnsPolicy": "ClusterFirst",
        "schedulerName": "default-scheduler",
        "terminationGracePeriodSeconds": 30,
        "securityContext": {},
    }


def test_what_is_given_stays() -> None:
    given = {
        "restartPolicy": "Never",
        "dnsPolicy": "Default",
        "schedulerName": "mine",
        "terminationGracePeriodSeconds": 0,
        "securityContext": {"runAsUser": 0},
    }
    assert defaulted(**given).items() >= given.items()


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("nginx:1.19", "IfNotPresent"),
        ("reg.example:5000/a/b", "Always"),
        ("reg.example:5000/a/b:v1", "IfNotPresent"),
        ("localhost/Upper", "IfNotPresent"),
        ("Foo/bar", "IfNotPresent"),
        (f"a@{DIGEST}", "IfNotPresent"),
        (f"a:latest@{DIGEST}", "Always"),
        ("a@sha256:12", "IfNotPresent"),
        (" nginx", "IfNotPresent"),
        ("", "IfNotPresent"),
        ("a" * 64, "IfNotPresent"),
        ("z" * 64, "Always"),
        ("x__y", "Always"),
        ("x___y", "IfNotPresent"),
        ("a/" * 130 + "b", "IfNotPresent"),
        ("x" * 237, "Always"),
        ("x" * 238, "IfNotPresent"),  # docker.io/library/ comes before it, and 255 is the most
        ("index.docker.io/nginx", "Always"),
    ],
)
def test_the_tag_decides_how_an_image_is_pulled(image: str, policy: str) -> None:
    assert pull_policy(image) == policy


def test_a_hostile_image_is_judged_quickly() -> None:
    assert pull_policy("a-" * 5000 + "!") == "IfNotPresent"


@pytest.mark.parametrize(
    ("source", "filled"),
    [
        ({}, {"emptyDir": {}}),
        ({"hostPath": {"path": "/x"}}, {"hostPath": {"path": "/x", "type": ""}}),
        ({"secret": {"secretName": "s"}}, {"secret": {"secretName": "s", "defaultMode": 420}}),
        ({"configMap": {"defaultMode": 0}}, {"configMap": {"defaultMode": 0}}),
        ({"iscsi": {"iscsiInterface": ""}}, {"iscsi": {"iscsiInterface": "default"}}),
        ({"rbd": {"user": "me"}}, {"rbd": {"user": "me", "pool": "rbd", "keyring": "/etc/ceph/keyring"}}),
        ({"scaleIO": {}}, {"scaleIO": {"storageMode": "ThinProvisioned", "fsType": "xfs"}}),
        (
            {"azureDisk": {"kind": "Managed"}},
            {"azureDisk": {"kind": "Managed", "cachingMode": "ReadWrite", "fsType": "ext4", "readOnly": False}},
        ),
        (
            {"downwardAPI": {"items": [{"path": "l", "fieldRef": {"fieldPath": "metadata.labels"}}]}},
            {
                "downwardAPI": {
                    "items": [{"path": "l", "fieldRef": {"fieldPath": "metadata.labels", "apiVersion": "v1"}}],
                    "defaultMode": 420,
                }
            },
        ),
        (
            {"projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
            {
                "projected": {
                    "sources": [{"serviceAccountToken": {"path": "t", "expirationSeconds": 3600}}],
                    "defaultMode": 420,
                }
            },
        ),
        (
            {"ephemeral": {"volumeClaimTemplate": {}}},
            {"ephemeral": {"volumeClaimTemplate": {"spec": {"volumeMode": "Filesystem"}}}},
        ),
    ],
)
def test_volumes(source: dict[str, Any], filled: dict[str, Any]) -> None:
    assert defaulted(volumes=[{"name": "v", **source}])["volumes"] == [{"name": "v", **filled}]


def test_probes_and_hooks() -> None:
    http = {"httpGet": {"port": 80}}
    made = defaulted_container(livenessProbe=http, lifecycle={"preStop": {"httpGet": {"port": 81}}})
    assert made["livenessProbe"] == {
        "httpGet": {"port": 80, "path": "/", "scheme": "HTTP"},
        "timeoutSeconds": 1,
        "periodSeconds": 10,
        "successThreshold": 1,
        "failureThreshold": 3,
    }
    assert made["lifecycle"] == {"preStop": {"httpGet": {"port": 81, "path": "/", "scheme": "HTTP"}}}


def test_ports_and_variables() -> None:
    variable = {"name": "N", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
    made = defaulted_container(ports=[{"containerPort": 80}], env=[variable])
    assert made["ports"] == [{"containerPort": 80, "protocol": "TCP"}]
    assert made["env"][0]["valueFrom"]["fieldRef"]["apiVersion"] == "v1"


def test_on_the_host_network_ports_are_the_hosts() -> None:
    spec = defaulted(hostNetwork=True, containers=[container(ports=[{"containerPort": 8080}, {"hostPort": 1}])])
    assert [port["hostPort"] for port in spec["containers"][0]["ports"]] == [8080, 1]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("100u", "1m"), ("1500n", "1m"), ("1001u", "2m"), ("-1u", "-1m"), ("100m", "100m"), ("1Gi", "1Gi")],
)
def test_resources_are_kept_in_thousandths(sent: str, kept: str) -> None:
    made = defaulted_container(resources={"limits": {"cpu": sent}})
    assert made["resources"]["limits"] == {"cpu": kept}
    assert defaulted(overhead={"cpu": sent})["overhead"] == {"cpu": kept}


@pytest.mark.parametrize("name", ["serviceAccount", "serviceAccountName"])
def test_the_deprecated_service_account_mirrors_the_other(name: str) -> None:
    spec = defaulted(**{name: "builder"})
    assert (spec["serviceAccount"], spec["serviceAccountName"]) == ("builder", "builder")
    both = defaulted(serviceAccount="old", serviceAccountName="new")
    assert (both["serviceAccount"], both["serviceAccountName"]) == ("new", "new")


def test_requests_follow_limits_in_pods() -> None:
    spec = {
        "containers": [container(resources={"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m"}})],
        "initContainers": [container(resources={"limits": {"cpu": "2"}}), container()],
    }
    default_requests(spec)
    assert spec["containers"][0]["resources"]["requests"] == {"cpu": "500m", "memory": "1Gi"}
    assert spec["initContainers"][0]["resources"]["requests"] == {"cpu": "2"}


def test_a_template_gets_a_spec_and_loses_old_annotations() -> None:
    template = {"metadata": {"annotations": {"pod.beta.kubernetes.io/init-containers": "[]"}}}
    default_pod_template(template)
    assert template["spec"]["restartPolicy"] == "Always"  # type: ignore[index]
    assert template["metadata"] == {}


def test_fields_of_disabled_features_are_dropped() -> None:
    spec: dict[str, Any] = {
        "ephemeralContainers": [{"name": "e"}],
        "volumes": [{"name": "v", "ephemeral": {}}],
        "containers": [container(securityContext={"procMount": "Unmasked"})],
    }
    drop_disabled_template_fields({"spec": spec})
    assert spec == {"volumes": [{"name": "v"}], "containers": [container(securityContext={"procMount": "Default"})]}


def test_fields_of_disabled_features_stay_where_the_old_spec_has_them() -> None:
    old: dict[str, Any] = {
        "ephemeralContainers": [{"name": "e"}],
        "volumes": [{"name": "v", "csi": {"driver": "d"}}],  # what the server looks at
        "containers": [container(securityContext={"procMount": "Unmasked"})],
    }
    spec: dict[str, Any] = {
        "ephemeralContainers": [{"name": "e"}],
        "volumes": [{"name": "v", "ephemeral": {}}],
        "containers": [container(securityContext={"procMount": "Unmasked"})],
    }
    drop_disabled_fields(spec, old)
    assert "ephemeralContainers" in spec
    assert spec["volumes"] == [{"name": "v", "ephemeral": {}}]
    assert spec["containers"][0]["securityContext"] == {"procMount": "Unmasked"}
