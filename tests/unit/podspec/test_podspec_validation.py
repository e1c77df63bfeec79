# ruff: noqa: E501 - the texts are the server's, and longer than a line
"""What is wrong with a pod spec, in the server's words and order. The expected texts are a real server's answers."""

from __future__ import annotations

from typing import Any

import pytest

from fakekube.apis.podspec import (
    Options,
    default_pod_template,
    options_for,
    validate_pod_spec,
    validate_pod_template,
    validate_pod_template_update,
)
from fakekube.apis.podspec.claims import validate_claim_template
from fakekube.apis.podspec.spec import validate_pod_spec as judge
from fakekube.machinery.fielderrors import Path
from fakekube.machinery.names import LABEL_TEXT, QUALIFIED_TEXT, SUBDOMAIN_TEXT

ONE_VOLUME = "Forbidden: may not specify more than 1 volume type"
PORT_RANGE = "must be between 1 and 65535, inclusive"


def errors(spec: dict[str, Any], metadata: dict[str, Any] | None = None) -> list[str]:
    template = {"metadata": metadata or {}, "spec": {"containers": [{"name": "c", "image": "i"}], **spec}}
    default_pod_template(template)
    return [str(error).removeprefix("spec.") for error in validate_pod_template(template, Path())]


def of_container(**fields: Any) -> list[str]:
    return [
        text.removeprefix("containers[0].") for text in errors({"containers": [{"name": "c", "image": "i", **fields}]})
    ]


def of_volume(**source: Any) -> list[str]:
    return [text.removeprefix("volumes[0].") for text in errors({"volumes": [{"name": "v", **source}]})]


def test_a_good_template_has_no_errors() -> None:
    assert errors({}) == []


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"containers": []}, ["containers: Required value"]),
        ({"restartPolicy": "Odd"}, ['restartPolicy: Unsupported value: "Odd": supported values: "Always", "OnFailure", "Never"']),
        ({"dnsPolicy": "None"}, ["dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"]),
        (
            {"dnsPolicy": "None", "dnsConfig": {}},
            ["dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None"],
        ),
        ({"dnsConfig": {"nameservers": ["x"]}}, ['dnsConfig.nameservers[0]: Invalid value: "x": must be valid IP address']),
        ({"dnsConfig": {"searches": ["A_"]}}, [f'dnsConfig.searches[0]: Invalid value: "A_": {SUBDOMAIN_TEXT}']),
        ({"dnsConfig": {"options": [{}]}}, ["dnsConfig.options[0]: Required value: must not be empty"]),
        ({"hostAliases": [{"ip": "x"}]}, ['hostAliases.ip: Invalid value: "x": must be valid IP address']),
        ({"activeDeadlineSeconds": 0}, ["activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"]),
        ({"hostname": "A.b"}, [f'hostname: Invalid value: "A.b": {LABEL_TEXT}']),
        ({"preemptionPolicy": ""}, ["preemptionPolicy: Required value"]),
        ({"nodeSelector": {"a b": "c"}}, [f'nodeSelector: Invalid value: "a b": name part {QUALIFIED_TEXT}']),
        ({"readinessGates": [{"conditionType": "a b"}]}, [
            f'readinessGates[0].conditionType: Invalid value: "a b": name part {QUALIFIED_TEXT}',
        ]),
        ({"overhead": {"foo": "1"}}, [
            'overhead.limits[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
            'overhead.limits[foo]: Invalid value: "foo": must be a standard resource for containers',
        ]),
        ({"topologySpreadConstraints": [{"maxSkew": 0}, {"maxSkew": 1, "topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule"}]}, [
            "topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
            "topologySpreadConstraints[0].topologyKey: Required value: can not be empty",
            'topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "": supported values: "DoNotSchedule", "ScheduleAnyway"',
        ]),
    ],
)  # fmt: skip
def test_parts_of_a_spec(spec: dict[str, Any], expected: list[str]) -> None:
    assert errors(spec) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": ""}, ["name: Required value"]),
        ({"image": ""}, ["image: Required value"]),
        ({"ports": [{}]}, ["ports[0].containerPort: Required value"]),
        ({"ports": [{"containerPort": 70000}]}, [f"ports[0].containerPort: Invalid value: 70000: {PORT_RANGE}"]),
        ({"ports": [{"containerPort": 1, "protocol": "tcp"}]}, [
            'ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"',
        ]),
        ({"ports": [{"containerPort": 1, "hostPort": 2}, {"containerPort": 2, "hostPort": 2}]}, [
            'ports[1].hostPort: Duplicate value: "TCP//2"',
        ]),
        ({"env": [{"name": "1"}]}, [
            'env[0].name: Invalid value: "1": a valid environment variable name must consist of alphabetic characters, '
            "digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or "
            "'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')",
        ]),
        ({"env": [{"name": "A", "value": "b", "valueFrom": {}}]}, [
            'env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, '
            "`configMapKeyRef` or `secretKeyRef`",
        ]),
        ({"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels"}}}]}, [
            'env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: '
            '"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", '
            '"status.hostIP", "status.podIP", "status.podIPs"',
        ]),
        ({"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "bogus"}}}]}, [
            'env[0].valueFrom.fieldRef.fieldPath: Invalid value: "bogus": error converting fieldPath: '
            "field label not supported: bogus",
        ]),
        ({"env": [{"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "2"}}}]}, [
            'env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 '
            "are supported with the cpu resource",
        ]),
        ({"envFrom": [{}]}, ['envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`']),
        ({"volumeMounts": [{"name": "x", "mountPath": ""}]}, [
            'volumeMounts[0].name: Not found: "x"', "volumeMounts[0].mountPath: Required value",
        ]),
        ({"volumeDevices": [{"name": "x", "devicePath": "/a/../b"}]}, [
            'volumeDevices[0].name: Not found: "x"',
            "volumeDevices[0].devicePath: Invalid value: \"/a/../b\": can not contain backsteps ('..')",
        ]),
        ({"livenessProbe": {}}, ["livenessProbe: Required value: must specify a handler type"]),
        ({"livenessProbe": {"exec": {"command": ["x"]}, "successThreshold": 2}}, [
            "livenessProbe.successThreshold: Invalid value: 2: must be 1",
        ]),
        ({"readinessProbe": {"tcpSocket": {"port": 0}, "httpGet": {"port": 1}}}, [
            "readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type",
        ]),
        ({"readinessProbe": {"httpGet": {"port": 0, "scheme": "ftp", "httpHeaders": [{"name": "a b"}]}}}, [
            f"readinessProbe.httpGet.port: Invalid value: 0: {PORT_RANGE}",
            'readinessProbe.httpGet.scheme: Unsupported value: "ftp": supported values: "HTTP", "HTTPS"',
            'readinessProbe.httpGet.httpHeaders: Invalid value: "a b": a valid HTTP header must consist of '
            "alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
        ]),
        ({"lifecycle": {"preStop": {"exec": {}}}}, ["lifecycle.preStop.exec.command: Required value"]),
        ({"imagePullPolicy": "Odd"}, [
            'imagePullPolicy: Unsupported value: "Odd": supported values: "Always", "IfNotPresent", "Never"',
        ]),
        ({"terminationMessagePolicy": "Odd"}, [
            "terminationMessagePolicy: Invalid value: \"Odd\": must be 'File' or 'FallbackToLogsOnError'",
        ]),
        ({"resources": {"limits": {"cpu": "-1"}}}, [
            'resources.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
        ]),
        ({"resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "1500m"}}}, [
            'resources.requests: Invalid value: "1500m": must be less than or equal to cpu limit',
        ]),
        ({"resources": {"requests": {"example.com/x": "1"}}}, [
            "resources.limits: Required value: Limit must be set for non overcommitable resources",
        ]),
        ({"resources": {"limits": {"hugepages-2Mi": "2Mi"}}}, ["resources: Forbidden: HugePages require cpu or memory"]),
        ({"securityContext": {"runAsUser": -1}}, [
            "securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
        ]),
        ({"securityContext": {"seccompProfile": {}}}, [
            "securityContext.seccompProfile.type: Required value: type is required when seccompProfile is set",
        ]),
        ({"securityContext": {"windowsOptions": {"runAsUserName": "a\\b\\c"}}}, [
            'securityContext.windowsOptions.runAsUserName: Invalid value: "a\\\\b\\\\c": runAsUserName cannot contain '
            "more than one backslash",
        ]),
    ],
)  # fmt: skip
def test_parts_of_a_container(fields: dict[str, Any], expected: list[str]) -> None:
    assert of_container(**fields) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"hostPath": {"path": "/a/../b"}}, ["hostPath.path: Invalid value: \"/a/../b\": must not contain '..'"]),
        ({"hostPath": {"path": "/", "type": "Odd"}}, [
            'hostPath.type: Unsupported value: "Odd": supported values: "", "BlockDevice", "CharDevice", "Directory", '
            '"DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
        ]),
        ({"secret": {"items": [{"key": "k", "path": "..x", "mode": 512}]}}, [
            "secret.secretName: Required value",
            "secret.items[0].path: Invalid value: \"..x\": must not start with '..'",
            "secret.items[0].mode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive",
        ]),
        ({"emptyDir": {}, "cephfs": {"monitors": ["m"]}, "downwardAPI": {}}, [f"cephFS: {ONE_VOLUME}", f"downwarAPI: {ONE_VOLUME}"]),
        ({"gcePersistentDisk": {"partition": 256}}, [
            "persistentDisk.pdName: Required value",
            "persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive",
        ]),
        ({"nfs": {}}, [
            "nfs.server: Required value", "nfs.path: Required value",
            'nfs.path: Invalid value: "": must be an absolute path',
        ]),
        ({"iscsi": {"targetPortal": "t", "iqn": "bad", "chapAuthSession": True}}, [
            'iscsi.iqn: Invalid value: "bad": must be valid format starting with iqn, eui, or naa',
            "iscsi.secretRef: Required value",
        ]),
        ({"fc": {"targetWWNs": ["w"]}}, ["fc.lun: Required value: lun is required if targetWWNs is specified"]),
        ({"flocker": {}}, ["flocker: Required value: one of datasetName and datasetUUID is required"]),
        ({"flexVolume": {"driver": "d", "options": {"k8s.io/x": "y"}}}, [
            'flexVolume.options[k8s.io/x]: Invalid value: "k8s.io/x": kubernetes.io and k8s.io namespaces are reserved',
        ]),
        ({"azureDisk": {"diskName": "d", "diskURI": "x", "kind": "Managed"}}, [
            'azureDisk.diskURI: Unsupported value: "x": supported values: "/subscriptions/{sub-id}/resourcegroups/'
            '{group-name}/providers/microsoft.compute/disks/{disk-id}"',
        ]),
        ({"quobyte": {"registry": "h", "volume": "v"}}, [
            'quobyte.registry: Invalid value: "h": must be a host:port pair or multiple pairs separated by commas',
        ]),
        ({"csi": {"driver": "d", "nodePublishSecretRef": {}}}, ["csi.nodePublishSecretRef .name: Required value"]),
        ({"downwardAPI": {"items": [{"path": "p"}]}}, [
            "downwardAPI: Required value: one of fieldRef and resourceFieldRef is required",
        ]),
        ({"projected": {"sources": [{"serviceAccountToken": {"expirationSeconds": 5}}]}}, [
            "projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 5: may not specify a duration "
            "less than 10 minutes",
            "projected.path: Required value",
        ]),
        ({"projected": {"sources": [{"secret": {"name": "a"}, "configMap": {"name": "b"}}]}}, [
            f"projected.sources[0]: {ONE_VOLUME}",
        ]),
        ({"projected": {"sources": [{"configMap": {"name": "b", "items": [{"key": "k", "path": "p"}] * 2}}]}}, [
            'projected: Invalid value: "b": conflicting duplicate paths',
        ]),
    ],
)  # fmt: skip
def test_volumes(source: dict[str, Any], expected: list[str]) -> None:
    assert of_volume(**source) == expected


def test_names_of_volumes_are_unique_and_bad_volumes_cannot_be_mounted() -> None:
    mount = {"name": "v", "mountPath": "/v"}
    spec = {
        "volumes": [{"name": "v", "nfs": {"server": "s", "path": "rel"}}, {"name": "w"}, {"name": "w"}],
        "containers": [{"name": "c", "image": "i", "volumeMounts": [mount]}],
    }
    assert errors(spec) == [
        'volumes[0].nfs.path: Invalid value: "rel": must be an absolute path',
        'volumes[2].name: Duplicate value: "w"',
        'containers[0].volumeMounts[0].name: Not found: "v"',
    ]


@pytest.mark.parametrize(
    ("toleration", "expected"),
    [
        ({}, ['operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"']),
        ({"key": "a", "tolerationSeconds": 1}, ["effect: Invalid value: \"\": effect must be 'NoExecute' when `tolerationSeconds` is set"]),
        ({"key": "a", "operator": "Gt"}, ['operator: Unsupported value: "Gt": supported values: "Equal", "Exists"']),
        ({"key": "a", "effect": "Odd"}, [
            'effect: Unsupported value: "Odd": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
        ]),
    ],
)  # fmt: skip
def test_tolerations(toleration: dict[str, Any], expected: list[str]) -> None:
    found = errors({"tolerations": [toleration]})
    assert [text.removeprefix("tolerations[0].") for text in found] == expected


def test_affinity() -> None:
    term = {
        "matchExpressions": [{"key": "a", "operator": "Gt", "values": []}],
        "matchFields": [{"key": "x", "operator": "Exists"}],
    }
    affinity = {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []},
            "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 0, "preference": term}],
        },
        "podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"namespaces": ["A"], "topologyKey": "z"}]},
    }
    required, preferred = (f"{word}DuringSchedulingIgnoredDuringExecution" for word in ("required", "preferred"))
    node, pod = "affinity.nodeAffinity", "affinity.podAffinity"
    assert errors({"affinity": affinity}) == [
        f"{node}.{required}.nodeSelectorTerms: Required value: must have at least one node selector term",
        f"{node}.{preferred}[0].weight: Invalid value: 0: must be in the range 1-100",
        f"{node}.{preferred}[0].preference.matchExpressions[0].values: Required value: must be specified single value "
        "when `operator` is 'Lt' or 'Gt'",
        f'{node}.{preferred}[0].preference.matchFields[0].operator: Invalid value: "Exists": not a valid selector operator',
        f'{node}.{preferred}[0].preference.matchFields[0].key: Invalid value: "x": not a valid field selector key',
        f'{pod}.{required}[0].namespace: Invalid value: "A": {LABEL_TEXT}',
    ]


def test_init_containers_come_before_and_have_no_probes() -> None:
    init = {"name": "c", "image": "i", "lifecycle": {}}
    found = errors({"initContainers": [init]})
    assert found[0] == 'initContainers[0].name: Duplicate value: "c"'
    assert found[1].startswith("initContainers[0].lifecycle: Invalid value: ")
    assert found[1].endswith(": must not be set for init containers")


def test_ephemeral_containers_are_for_looking_only() -> None:
    spec: dict[str, Any] = {
        "containers": [{"name": "c", "image": "i", "terminationMessagePolicy": "File", "imagePullPolicy": "Always"}],
        "restartPolicy": "Always",
        "dnsPolicy": "Default",
        "ephemeralContainers": [
            {"image": "i"},
            {
                "name": "c", "image": " i", "terminationMessagePolicy": "File", "imagePullPolicy": "Always",
                "targetContainerName": "x", "ports": [{"containerPort": 1, "protocol": "TCP"}],
            },
        ],
    }  # fmt: skip
    assert [str(error) for error in judge(spec, Path())] == [
        "ephemeralContainers[0]: Required value: ephemeralContainer requires a name",
        'ephemeralContainers[1].targetContainerName: Not found: "x"',
        'ephemeralContainers[1][0].image: Invalid value: " i": must not have leading or trailing whitespace',
        'ephemeralContainers[1].name: Duplicate value: "c"',
        "ephemeralContainers[1].ports: Forbidden: cannot be set for an Ephemeral Container",
    ]


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        ({"kubernetes.io/config.mirror": "x"}, [
            'annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod '
            "annotation is set",
        ]),
        ({"seccomp.security.alpha.kubernetes.io/pod": "odd"}, [
            'annotations.seccomp.security.alpha.kubernetes.io/pod: Invalid value: "odd": must be a valid seccomp profile',
        ]),
        ({"container.seccomp.security.alpha.kubernetes.io/c": "localhost/../x"}, [
            "annotations.container.seccomp.security.alpha.kubernetes.io/c: Invalid value: \"../x\": must not contain '..'",
        ]),
        ({"container.apparmor.security.beta.kubernetes.io/z": "odd"}, [
            'annotations[container.apparmor.security.beta.kubernetes.io/z]: Invalid value: "z": container not found',
            'annotations[container.apparmor.security.beta.kubernetes.io/z]: Invalid value: "odd": '
            'invalid AppArmor profile name: "odd"',
        ]),
        ({"scheduler.alpha.kubernetes.io/tolerations": '[{"Key": "a b"}]'}, [
            'annotations.scheduler.alpha.kubernetes.io/tolerations[0].key: Invalid value: "a b": '
            f"name part {QUALIFIED_TEXT}",
        ]),
    ],
)  # fmt: skip
def test_annotations_that_mean_something(annotations: dict[str, str], expected: list[str]) -> None:
    assert errors({}, {"annotations": annotations}) == expected


def test_seccomp_is_said_once_or_twice_the_same() -> None:
    key = "seccomp.security.alpha.kubernetes.io/pod"
    for annotation, profile, wrong in (
        ("unconfined", {"type": "Unconfined"}, []),
        ("docker/default", {"type": "RuntimeDefault"}, []),
        ("unconfined", {"type": "RuntimeDefault"}, ["type: Forbidden: seccomp type in annotation and field must match"]),
        ("localhost/a", {"type": "Localhost", "localhostProfile": "b"}, [
            "localhostProfile: Forbidden: seccomp profile in annotation and field must match",
        ]),
    ):  # fmt: skip
        found = errors({"securityContext": {"seccompProfile": profile}}, {"annotations": {key: annotation}})
        assert [text.removeprefix("securityContext.seccompProfile.") for text in found] == wrong


def test_labels_of_a_template_are_named_without_metadata() -> None:
    assert errors({}, {"labels": {"a b": "c"}}) == [f'labels: Invalid value: "a b": name part {QUALIFIED_TEXT}']


def test_an_update_may_keep_references_to_huge_pages() -> None:
    reference = {"resourceFieldRef": {"resource": "limits.hugepages-2Mi"}}
    old = {"containers": [{"name": "c", "image": "i", "env": [{"name": "A", "valueFrom": reference}]}]}
    template = {"spec": old}
    default_pod_template(template)
    assert options_for(old) == Options(downward_huge_pages=True)
    assert len(list(validate_pod_template(template, Path("t")))) == 1
    assert list(validate_pod_template_update(template, {"spec": old}, Path("t"))) == []
    assert len(list(validate_pod_template_update(template, None, Path("t")))) == 1


def test_claim_templates_have_labels_and_annotations_only() -> None:
    template = {"metadata": {"name": "n", "uid": "u"}, "spec": {"accessModes": ["Odd"], "dataSource": {}}}
    assert [str(error) for error in validate_claim_template(template, Path("t"))] == [
        "t.metadata.name: Forbidden: cannot be set for an ephemeral volume",
        "t.metadata.uID: Forbidden: cannot be set for an ephemeral volume",
        't.spec.accessModes: Unsupported value: "Odd": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce"',
        "t.spec.resources[storage]: Required value",
        "t.spec.dataSource.name: Required value",
        "t.spec.dataSource.kind: Required value",
        't.spec.dataSource: Invalid value: ""',
    ]


def test_the_claim_of_an_ephemeral_volume_belongs_to_the_pod() -> None:
    claim = {"metadata": {}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
    spec = {
        "containers": [{"name": "c", "image": "i", "terminationMessagePolicy": "File", "imagePullPolicy": "Always"}],
        "restartPolicy": "Always",
        "dnsPolicy": "Default",
        "volumes": [
            {"name": "v", "ephemeral": {"volumeClaimTemplate": claim}},
            {"name": "w", "persistentVolumeClaim": {"claimName": "web-v"}},
        ],
    }
    assert [str(error) for error in validate_pod_spec(spec, Path(), pod_name="web")] == [
        'volumes[1].persistentVolumeClaim.claimName: Invalid value: "web-v": must not reference a PVC that gets '
        "created for an ephemeral volume"
    ]
