"""What a policy refuses, in the real server's words, and what it lets pass beside it."""

from __future__ import annotations

from typing import Any

import pytest
from psp_samples import APPARMOR, SECCOMP, container, pod, policy

from fakekube.admission.psp.evaluation import evaluate
from fakekube.apis.podspec.annotations import APPARMOR_CONTAINER, SECCOMP_CONTAINER, SECCOMP_POD
from fakekube.machinery.objects import Object

RANGES = [{"min": 1, "max": 9}, {"min": 20, "max": 20}]
MUST, MAY = {"rule": "MustRunAs", "ranges": RANGES}, {"rule": "MayRunAs", "ranges": RANGES}
SC = "spec.containers[0].securityContext"
POD_SC = "spec.securityContext"
NOTES = "pod.metadata.annotations"


def texts(rules: Object, subject: Object) -> list[str]:
    return [str(error) for error in evaluate(rules, subject).errors]


@pytest.mark.parametrize(
    ("spec", "context", "wanted"),
    [
        ({}, {"privileged": True}, [f"{SC}.privileged: Invalid value: true: Privileged containers are not allowed"]),
        ({"privileged": True}, {"privileged": True}, []),
        ({}, {"procMount": "Unmasked"}, [f'{SC}.procMount: Invalid value: "Unmasked": ProcMountType is not allowed']),
        ({"allowedProcMountTypes": ["Unmasked"]}, {"procMount": "Unmasked"}, []),
        (
            {"allowedProcMountTypes": ["Unmasked"]},
            {},
            [f'{SC}.procMount: Invalid value: "Default": ProcMountType is not allowed'],
        ),
        (
            {"runAsUser": MUST},
            {"runAsUser": 10},
            [f"{SC}.runAsUser: Invalid value: 10: must be in the ranges: [{{1 9}} {{20 20}}]"],
        ),
        ({"runAsUser": MUST}, {"runAsUser": 20}, []),
        (
            {"runAsUser": {"rule": "MustRunAsNonRoot"}},
            {"runAsUser": 0},
            [f"{SC}.runAsUser: Invalid value: 0: running with the root UID is forbidden"],
        ),
        (
            {"runAsUser": {"rule": "MustRunAsNonRoot"}},
            {"runAsNonRoot": False, "runAsUser": 5},
            [f"{SC}.runAsNonRoot: Invalid value: false: must be true"],
        ),
        ({"runAsUser": {"rule": "MustRunAsNonRoot"}}, {"runAsUser": 5}, []),
        (
            {"runAsGroup": MAY},
            {"runAsGroup": 0},
            [f"{SC}: Invalid value: []int64{{0}}: group 0 must be in the ranges: [{{1 9}} {{20 20}}]"],
        ),
        ({"runAsGroup": MAY}, {}, []),
        (
            {"allowedCapabilities": ["KILL"]},
            {"capabilities": {"add": ["KILL", "SYS_TIME"]}},
            [f'{SC}.capabilities.add: Invalid value: "SYS_TIME": capability may not be added'],
        ),
        ({"allowedCapabilities": ["*"]}, {"capabilities": {"add": ["SYS_TIME"]}}, []),
        ({"defaultAddCapabilities": ["KILL"]}, {"capabilities": {"add": ["KILL"]}}, []),
        (
            {"readOnlyRootFilesystem": True},
            {"readOnlyRootFilesystem": False},
            [f"{SC}.readOnlyRootFilesystem: Invalid value: false: ReadOnlyRootFilesystem must be set to true"],
        ),
        (
            {"allowPrivilegeEscalation": False},
            {"allowPrivilegeEscalation": True},
            [
                f"{SC}.allowPrivilegeEscalation: Invalid value: true: "
                "Allowing privilege escalation for containers is not allowed"
            ],
        ),
        (
            {"seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0:c6,c0", "user": "u"}}},
            {"seLinuxOptions": {"level": "s0:c0,c7", "type": "t", "user": "u"}},
            [
                f'{SC}.seLinuxOptions.level: Invalid value: "s0:c0,c7": must be s0:c6,c0',
                f'{SC}.seLinuxOptions.type: Invalid value: "t": must be ',
            ],
        ),
        (
            {"seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0:c6,c0"}}},
            {"seLinuxOptions": {"level": "s0:c0,c6"}},
            [],
        ),
    ],
)
def test_containers(spec: Object, context: Object, wanted: list[str]) -> None:
    assert texts(policy(**spec), pod(container(**context))) == wanted


@pytest.mark.parametrize(
    ("spec", "context", "wanted"),
    [
        (
            {"fsGroup": MUST},
            {"fsGroup": 10},
            [f"{POD_SC}.fsGroup: Invalid value: []int64{{10}}: group 10 must be in the ranges: [{{1 9}} {{20 20}}]"],
        ),
        ({"fsGroup": MAY}, {}, []),
        (
            {"supplementalGroups": MAY},
            {"supplementalGroups": [0, 5, 30]},
            [
                f"{POD_SC}.supplementalGroups: Invalid value: []int64{{0, 5, 30}}: group {number} must be in the "
                "ranges: [{1 9} {20 20}]"
                for number in (0, 30)
            ],
        ),
        (
            {"supplementalGroups": MUST},
            {"supplementalGroups": []},
            [
                f"{POD_SC}.supplementalGroups: Invalid value: []int64{{}}: "
                "unable to validate empty groups against required ranges"
            ],
        ),
        (
            {"forbiddenSysctls": ["kernel.shm*"], "allowedUnsafeSysctls": ["net.core.*"]},
            {"sysctls": [{"name": n} for n in ("kernel.shm_rmid_forced", "net.core.somaxconn", "net.x")]},
            [
                f'pod.{POD_SC}.sysctls[0]: Forbidden: sysctl "kernel.shm_rmid_forced" is not allowed',
                f'pod.{POD_SC}.sysctls[2]: Forbidden: unsafe sysctl "net.x" is not allowed',
            ],
        ),
        ({}, {"sysctls": [{"name": "net.ipv4.tcp_syncookies"}]}, []),
    ],
)
def test_pod_security_contexts(spec: Object, context: Object, wanted: list[str]) -> None:
    assert texts(policy(**spec), pod(securityContext=context)) == wanted


@pytest.mark.parametrize(
    ("spec", "fields", "wanted"),
    [
        (
            {"hostPID": True},
            {"hostNetwork": True, "hostPID": True, "hostIPC": True},
            [
                f"{POD_SC}.hostNetwork: Invalid value: true: Host network is not allowed to be used",
                f"{POD_SC}.hostIPC: Invalid value: true: Host IPC is not allowed to be used",
            ],
        ),
        (
            {"runtimeClass": {"allowedRuntimeClassNames": ["a"]}},
            {"runtimeClassName": "b"},
            ['spec.runtimeClassName: Invalid value: "b"'],
        ),
        ({"runtimeClass": {"allowedRuntimeClassNames": []}}, {}, []),
        ({"runtimeClass": {"allowedRuntimeClassNames": ["*"]}}, {"runtimeClassName": "b"}, []),
        ({}, {"runtimeClassName": "b"}, []),
    ],
)
def test_pods(spec: Object, fields: Object, wanted: list[str]) -> None:
    assert texts(policy(**spec), pod(**fields)) == wanted


TOKEN = {"serviceAccountToken": {"path": "token"}}
NAMESPACE = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
ACCOUNT = [TOKEN, {"configMap": {"name": "kube-root-ca.crt"}}, {"downwardAPI": {"items": [NAMESPACE]}}]


def refused(type_: str) -> list[str]:
    return [f'spec.volumes[0]: Invalid value: "{type_}": {type_} volumes are not allowed to be used']


@pytest.mark.parametrize(
    ("spec", "source", "wanted"),
    [
        ({"volumes": []}, {"emptyDir": {}}, refused("emptyDir")),
        ({"volumes": ["emptyDir"]}, {"emptyDir": {}}, []),
        ({"volumes": []}, {"cephfs": {}}, refused("cephFS")),
        ({"volumes": ["cephFS"]}, {"cephfs": {}}, []),
        ({"volumes": ["secret"]}, {"projected": {"sources": ACCOUNT}}, []),
        ({"volumes": ["configMap"]}, {"projected": {"sources": ACCOUNT}}, refused("projected")),
        ({"volumes": ["secret"]}, {"projected": {"sources": [{"secret": {}}]}}, refused("projected")),
        ({"volumes": ["secret"]}, {"projected": {"sources": [{"configMap": {"name": "x"}}]}}, refused("projected")),
        (
            {"volumes": ["secret"]},
            {"projected": {"sources": [{"serviceAccountToken": {"path": "token", "audience": "a"}}]}},
            refused("projected"),
        ),
        (
            {"volumes": ["secret"]},
            {"projected": {"sources": [{"downwardAPI": {"items": [{**NAMESPACE, "path": "x"}]}}]}},
            refused("projected"),
        ),
        (
            {"allowedFlexVolumes": [{"driver": "a/b"}]},
            {"flexVolume": {"driver": "x/y"}},
            ['spec.volumes[0].driver: Invalid value: "x/y": Flexvolume driver is not allowed to be used'],
        ),
        ({"allowedFlexVolumes": [{"driver": "a/b"}]}, {"flexVolume": {"driver": "a/b"}}, []),
        (
            {"allowedCSIDrivers": [{"name": "a.b"}]},
            {"csi": {"driver": "c.d"}},
            ['spec.volumes[0].csi.driver: Invalid value: "c.d": Inline CSI driver is not allowed to be used'],
        ),
        ({}, {"csi": {"driver": "c.d"}}, []),
    ],
)
def test_volumes(spec: Object, source: Object, wanted: list[str]) -> None:
    assert texts(policy(**spec), pod(volumes=[{"name": "v", **source}])) == wanted


@pytest.mark.parametrize(
    ("allowed", "path", "fine"),
    [
        ([], "/etc", True),
        (["/data/"], "/data", True),
        (["/data"], "/data/x", True),
        (["/data"], "/database", False),
        (["/data"], "/", False),
        (["/"], "/etc", True),
        (["/"], "etc", False),
    ],
)
def test_host_paths(allowed: list[str], path: str, fine: bool) -> None:
    rules = policy(allowedHostPaths=[{"pathPrefix": prefix} for prefix in allowed])
    denial = f'spec.volumes[0].hostPath.pathPrefix: Invalid value: "{path}": is not allowed to be used'
    assert texts(rules, pod(volumes=[{"name": "v", "hostPath": {"path": path}}])) == ([] if fine else [denial])


def test_what_may_only_be_read_must_be_mounted_so() -> None:
    rules = policy(allowedHostPaths=[{"pathPrefix": "/ro", "readOnly": True}, {"pathPrefix": "/ro/rw"}])
    mounts = [{"name": "v", "readOnly": True}, {"name": "other"}, {"name": "v"}]
    subject = pod(
        container(more={"volumeMounts": mounts}),
        initContainers=[container("i", more={"volumeMounts": [{"name": "v"}]})],
        volumes=[{"name": "v", "hostPath": {"path": "/ro/x"}}, {"name": "other", "hostPath": {"path": "/ro/rw/x"}}],
    )
    assert texts(rules, subject) == [
        "spec.initContainers[0].volumeMounts[0].readOnly: Invalid value: false: must be read-only",
        "spec.containers[0].volumeMounts[2].readOnly: Invalid value: false: must be read-only",
    ]


def test_host_ports() -> None:
    rules = policy(hostPorts=[{"min": 80, "max": 80}, {"min": 8000, "max": 8080}])
    ports = [{"containerPort": 1}, {"hostPort": 80}, {"hostPort": 8080}, {"hostPort": 81}]
    assert texts(rules, pod(container(more={"ports": ports}))) == [
        "spec.containers[0].hostPort: Invalid value: 81: "
        "Host port 81 is not allowed to be used. Allowed ports: [80,8000-8080]"
    ]


@pytest.mark.parametrize(
    ("allowed", "profile", "wanted"),
    [
        (None, "", ""),
        (None, "runtime/default", "seccomp may not be set"),
        ("*", "unconfined", ""),
        ("*", "", ""),
        ("docker/default", "runtime/default", ""),
        ("runtime/default", "docker/default", ""),
        ("a,b", "c", "c is not an allowed seccomp profile. Valid values are a,b"),
        ("a", "", " is not an allowed seccomp profile. Valid values are a"),
        ("", "", ""),
    ],
)
def test_seccomp_annotations(allowed: str | None, profile: str, wanted: str) -> None:
    rules = policy(annotations={} if allowed is None else {SECCOMP + "allowedProfileNames": allowed})
    found = texts(rules, pod(annotations={SECCOMP_POD: profile} if profile else {}))
    keys = (SECCOMP_POD, SECCOMP_CONTAINER + "c")
    assert found == ([f"{NOTES}[{key}]: Forbidden: {wanted}" for key in keys] if wanted else [])


def test_seccomp_of_a_container_is_its_fields_before_its_annotations() -> None:
    rules = policy(annotations={SECCOMP + "allowedProfileNames": "runtime/default"})
    notes = {SECCOMP_POD: "runtime/default", SECCOMP_CONTAINER + "c": "unconfined"}
    by_field = container(seccompProfile={"type": "RuntimeDefault"})
    assert texts(rules, pod(by_field, annotations=notes)) == []
    assert texts(rules, pod(annotations=notes)) == [
        f"{NOTES}[{SECCOMP_CONTAINER}c]: Forbidden: "
        "unconfined is not an allowed seccomp profile. Valid values are runtime/default"
    ]


@pytest.mark.parametrize(
    ("allowed", "profile", "wanted"),
    [
        (None, "unconfined", ""),
        ("a,b", "b", ""),
        ("a,b", "c", 'c is not an allowed profile. Allowed values: "a,b"'),
        ("a", "", "AppArmor profile must be set"),
    ],
)
def test_apparmor_annotations(allowed: str | None, profile: str, wanted: str) -> None:
    rules = policy(annotations={} if allowed is None else {APPARMOR + "allowedProfileNames": allowed})
    found = texts(rules, pod(annotations={APPARMOR_CONTAINER + "c": profile}))
    assert found == ([f"{NOTES}[{APPARMOR_CONTAINER}c]: Forbidden: {wanted}"] if wanted else [])


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ({}, ""),
        ({"runAsUser": {"rule": "MustRunAs"}}, "MustRunAs requires at least one range"),
        ({"seLinux": {"rule": "MustRunAs"}}, "MustRunAs requires SELinuxOptions"),
        ({"fsGroup": {"rule": "MayRunAs"}}, "ranges must be supplied for MayRunAs"),
        ({"supplementalGroups": {"rule": "MustRunAs"}}, "ranges must be supplied for MustRunAs"),
        ({"fsGroup": {"rule": "x"}, "seLinux": {}}, "Unrecognized SELinuxContext strategy type , Unrecognized FSGroup"),
    ],
)
def test_policies_that_cannot_be_tried(spec: dict[str, Any], fault: str) -> None:
    found = evaluate(policy(**spec), pod())
    assert found.fault.startswith(fault)
    assert found.fits == (not fault)
