"""Policies and pods to judge: builders, three policies of the usual kinds, and strategies that draw any."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fakekube.apis.podspec.annotations import APPARMOR_CONTAINER, SECCOMP_CONTAINER, SECCOMP_POD
from fakekube.machinery.objects import Object

ANY = {"rule": "RunAsAny"}
SECCOMP = "seccomp.security.alpha.kubernetes.io/"
APPARMOR = "apparmor.security.beta.kubernetes.io/"


def policy(name: str = "p", annotations: dict[str, str] | None = None, **spec: Any) -> Object:
    """A policy that allows next to nothing special and fills in nothing, but for what is given."""
    rules = dict.fromkeys(("runAsUser", "seLinux", "fsGroup", "supplementalGroups"), ANY)
    return {
        "metadata": {"name": name, "annotations": annotations or {}},
        "spec": {"allowPrivilegeEscalation": True, "volumes": ["*"], **rules, **spec},
    }


def pod(*containers: Object, annotations: dict[str, str] | None = None, **spec: Any) -> Object:
    """A pod with one container "c", or those given."""
    return {
        "metadata": {"name": "pod", "annotations": annotations or {}},
        "spec": {"securityContext": {}, "containers": list(containers) or [container()], **spec},
    }


def container(name: str = "c", *, more: Object | None = None, **context: Any) -> Object:
    """A container with that security context; none at all where nothing is given."""
    return {"name": name, "image": "i", **({"securityContext": context} if context else {}), **(more or {})}


PRIVILEGED = policy(
    "privileged",
    {SECCOMP + "allowedProfileNames": "*"},
    privileged=True,
    hostNetwork=True,
    hostPID=True,
    hostIPC=True,
    hostPorts=[{"min": 0, "max": 65535}],
    allowedCapabilities=["*"],
    allowedUnsafeSysctls=["*"],
)
BASELINE = policy(
    "baseline",
    {
        SECCOMP + "allowedProfileNames": "runtime/default,unconfined",
        SECCOMP + "defaultProfileName": "runtime/default",
    },
    allowedCapabilities=["CHOWN", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID"],
    volumes=["configMap", "downwardAPI", "emptyDir", "persistentVolumeClaim", "projected", "secret"],
)
RESTRICTED = policy(
    "restricted",
    {
        SECCOMP + "allowedProfileNames": "runtime/default",
        SECCOMP + "defaultProfileName": "runtime/default",
        APPARMOR + "allowedProfileNames": "runtime/default",
        APPARMOR + "defaultProfileName": "runtime/default",
    },
    allowPrivilegeEscalation=False,
    requiredDropCapabilities=["ALL"],
    readOnlyRootFilesystem=True,
    runAsUser={"rule": "MustRunAsNonRoot"},
    runAsGroup={"rule": "MustRunAs", "ranges": [{"min": 1, "max": 65535}]},
    fsGroup={"rule": "MayRunAs", "ranges": [{"min": 1, "max": 65535}]},
    supplementalGroups={"rule": "MayRunAs", "ranges": [{"min": 1, "max": 65535}]},
    volumes=["configMap", "downwardAPI", "emptyDir", "persistentVolumeClaim", "projected", "secret"],
)

# What hypothesis draws. Few values, so that pods and policies meet.

CAPABILITIES = st.lists(st.sampled_from(["CHOWN", "KILL", "SYS_TIME", "ALL"]), max_size=3)
NUMBERS = st.integers(0, 6)
PROFILES = st.sampled_from(["runtime/default", "docker/default", "unconfined", "localhost/a"])
SECCOMP_FIELDS = st.sampled_from(
    [{"type": "RuntimeDefault"}, {"type": "Unconfined"}, {"type": "Localhost", "localhostProfile": "a"}]
)
SYSCTLS = st.sampled_from(["kernel.shm_rmid_forced", "net.core.somaxconn", "kernel.msgmax"])
VOLUMES = ("secret", "hostPath", "emptyDir", "csi", "projected", "flexVolume")
PATTERNS = st.lists(st.sampled_from(["net.*", "kernel.msgmax", "kernel.*", "net.core.somaxconn"]), max_size=2)
PATHS = st.sampled_from(["/", "/a", "/a/b", "/ab", "/c/"])
SELINUX = st.fixed_dictionaries({}, optional={"level": st.sampled_from(["s0:c1,c2", "s0:c2,c1", "s1"])})


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Object]:
    """An object that has any of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


@st.composite
def ranges(draw: st.DrawFn) -> list[Object]:
    """One or two ranges."""
    ends = draw(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=2))
    return [{"min": min(pair), "max": max(pair)} for pair in ends]


def groups() -> st.SearchStrategy[Object]:
    """A strategy for group IDs."""
    return st.just(ANY) | st.fixed_dictionaries(
        {"rule": st.sampled_from(["MustRunAs", "MayRunAs"]), "ranges": ranges()}
    )


def users() -> st.SearchStrategy[Object]:
    """A strategy for user IDs."""
    return (
        st.just(ANY)
        | st.just({"rule": "MustRunAsNonRoot"})
        | st.fixed_dictionaries({"rule": st.just("MustRunAs"), "ranges": ranges()})
    )


def selinux() -> st.SearchStrategy[Object]:
    """A strategy for SELinux."""
    return st.just(ANY) | st.fixed_dictionaries({"rule": st.just("MustRunAs"), "seLinuxOptions": SELINUX})


def _names(*values: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3).map(",".join)


def policies() -> st.SearchStrategy[Object]:
    """Any policy that can be tried."""
    flag = st.booleans()
    spec = some(
        privileged=flag, hostNetwork=flag, hostPID=flag, hostIPC=flag, readOnlyRootFilesystem=flag,
        defaultAllowPrivilegeEscalation=flag, defaultAddCapabilities=CAPABILITIES,
        requiredDropCapabilities=CAPABILITIES, allowedCapabilities=CAPABILITIES | st.just(["*"]), hostPorts=ranges(),
        volumes=st.lists(st.sampled_from(["*", *VOLUMES]), max_size=3),
        allowedHostPaths=st.lists(some(pathPrefix=PATHS, readOnly=flag), max_size=2),
        allowedCSIDrivers=st.lists(st.just({"name": "a"}), max_size=1),
        allowedFlexVolumes=st.lists(st.just({"driver": "a/b"}), max_size=1), runAsUser=users(), runAsGroup=groups(),
        fsGroup=groups(), supplementalGroups=groups(), seLinux=selinux(), allowedUnsafeSysctls=PATTERNS,
        forbiddenSysctls=PATTERNS, allowPrivilegeEscalation=flag,
        runtimeClass=st.fixed_dictionaries(
            {"allowedRuntimeClassNames": st.sampled_from([["x"], ["x", "y"], ["*"]])},
            optional={"defaultRuntimeClassName": st.just("x")},
        ),
    )  # fmt: skip
    annotations = st.fixed_dictionaries(
        {},
        optional={
            SECCOMP + "allowedProfileNames": _names("runtime/default", "docker/default", "localhost/a", "*"),
            SECCOMP + "defaultProfileName": PROFILES,
            APPARMOR + "allowedProfileNames": _names("runtime/default", "unconfined", "localhost/a"),
            APPARMOR + "defaultProfileName": PROFILES,
        },
    )
    return st.builds(lambda fields, notes: policy("p", notes, **fields), spec, annotations)


def containers(name: str) -> st.SearchStrategy[Object]:
    """Any container of that name."""
    flag, ports = st.booleans(), st.lists(st.builds(lambda number: {"hostPort": number}, NUMBERS), max_size=2)
    context = some(
        privileged=flag, allowPrivilegeEscalation=flag, readOnlyRootFilesystem=flag, runAsNonRoot=flag,
        runAsUser=NUMBERS, runAsGroup=NUMBERS, seLinuxOptions=SELINUX,
        procMount=st.sampled_from(["Default", "Unmasked"]), capabilities=some(add=CAPABILITIES, drop=CAPABILITIES),
        seccompProfile=SECCOMP_FIELDS,
    )  # fmt: skip
    mounts = st.lists(st.builds(lambda flag: {"name": "v0", "readOnly": flag}, flag), max_size=1)
    return st.fixed_dictionaries({"name": st.just(name)}, optional={
        "securityContext": context, "ports": ports, "volumeMounts": mounts,
    })  # fmt: skip


def volumes() -> st.SearchStrategy[Object]:
    """Any source."""
    return st.one_of(
        st.sampled_from([{"emptyDir": {}}, {"secret": {}}, {"csi": {"driver": "a"}}, {"csi": {"driver": "b"}}]),
        st.sampled_from(["a/b", "c/d"]).map(lambda driver: {"flexVolume": {"driver": driver}}),
        st.builds(lambda path: {"hostPath": {"path": path}}, PATHS),
        st.sampled_from(["token", "other"]).map(
            lambda path: {"projected": {"sources": [{"serviceAccountToken": {"path": path}}]}}
        ),
    )


def pods() -> st.SearchStrategy[Object]:
    """Any pod."""
    flag = st.booleans()
    context = some(
        runAsUser=NUMBERS, runAsGroup=NUMBERS, runAsNonRoot=flag, fsGroup=NUMBERS, seLinuxOptions=SELINUX,
        supplementalGroups=st.lists(NUMBERS, min_size=1, max_size=2),
        sysctls=st.lists(SYSCTLS.map(lambda name: {"name": name}), max_size=2),
        seccompProfile=SECCOMP_FIELDS,
    )  # fmt: skip
    optional = {
        "hostNetwork": flag, "hostPID": flag, "hostIPC": flag, "runtimeClassName": st.sampled_from(["x", "y", "z"]),
        "initContainers": st.lists(containers("i"), max_size=1),
        "ephemeralContainers": st.lists(containers("e"), max_size=1),
        "volumes": st.lists(volumes(), max_size=2).map(
            lambda sources: [{"name": f"v{index}", **source} for index, source in enumerate(sources)]
        ),
    }  # fmt: skip
    fixed = {"securityContext": context, "containers": st.lists(containers("c"), min_size=1, max_size=2)}
    notes = st.fixed_dictionaries(
        {}, optional={SECCOMP_POD: PROFILES, SECCOMP_CONTAINER + "c": PROFILES, APPARMOR_CONTAINER + "c": PROFILES}
    )
    spec = st.fixed_dictionaries(fixed, optional=optional)
    return st.builds(lambda spec, notes: {"metadata": {"name": "pod", "annotations": notes}, "spec": spec}, spec, notes)
