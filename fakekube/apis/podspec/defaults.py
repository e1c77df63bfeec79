"""Defaults of a pod spec. Follows pkg/apis/core/v1/defaults.go and conversion.go of v1.20."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fakekube.machinery.objects import Object
from fakekube.machinery.quantity import MILLI, parse, rewritten

ABSENT: dict[str, dict[str, object]] = {
    "hostPath": {"type": ""},
    "secret": {"defaultMode": 0o644},
    "configMap": {"defaultMode": 0o644},
    "downwardAPI": {"defaultMode": 0o644},
    "projected": {"defaultMode": 0o644},
    "azureDisk": {"cachingMode": "ReadWrite", "fsType": "ext4", "readOnly": False, "kind": "Shared"},
}
"""Per volume source what is filled in where it is absent; an empty value stays."""

EMPTY: dict[str, dict[str, str]] = {
    "iscsi": {"iscsiInterface": "default"},
    "rbd": {"pool": "rbd", "user": "admin", "keyring": "/etc/ceph/keyring"},
    "scaleIO": {"storageMode": "ThinProvisioned", "fsType": "xfs"},
}
"""Per volume source what is filled in where it is absent or empty."""

PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
HOOKS = ("postStart", "preStop")
CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")
BETA_INIT_ANNOTATIONS = (
    "pod.beta.kubernetes.io/init-containers",
    "pod.alpha.kubernetes.io/init-containers",
    "pod.beta.kubernetes.io/init-container-statuses",
    "pod.alpha.kubernetes.io/init-container-statuses",
)

_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_DOMAIN = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
IMAGE = re.compile(
    rf"(?P<name>(?:{_DOMAIN}(?:\.{_DOMAIN})*(?::[0-9]+)?/)?{_COMPONENT}(?:/{_COMPONENT})*)"
    r"(?::(?P<tag>[0-9A-Za-z_][0-9A-Za-z_.-]{0,127}))?(?:@(?P<digest>.+))?",
    re.ASCII,
)
DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")
IMAGE_ID = re.compile("[a-f0-9]{64}")


def default_pod_spec(spec: Object) -> None:
    """Fill in what a pod spec leaves out, wherever it is embedded."""
    _mirror_service_account(spec)
    _fill_empty(spec, {"restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler"})
    _fill_absent(spec, {"terminationGracePeriodSeconds": 30})
    if spec.get("securityContext") is None:
        spec["securityContext"] = {}
    for volume in spec.get("volumes") or ():
        _default_volume(volume)
    if spec.get("hostNetwork"):
        _default_host_ports(spec)
    for name in CONTAINER_LISTS:
        for container in spec.get(name) or ():
            _default_container(container)
    round_up(spec.get("overhead"))


def default_pod_template(template: Object) -> None:
    """Fill in what a pod template leaves out."""
    spec = template.get("spec")
    if spec is None:
        spec = template["spec"] = {}
    default_pod_spec(spec)
    drop_init_annotations(template)


def drop_init_annotations(obj: Object) -> None:
    """Remove the annotations that init containers were once written in; they have no meaning any more."""
    annotations = (obj.get("metadata") or {}).get("annotations")
    if not annotations:
        return
    for name in BETA_INIT_ANNOTATIONS:
        annotations.pop(name, None)
    if not annotations:
        del obj["metadata"]["annotations"]


def default_requests(spec: Object) -> None:
    """Let what a container may use at most be what it asks for; of pods only, not of templates."""
    for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
        resources = container.get("resources") or {}
        limits = resources.get("limits")
        if limits:
            resources["requests"] = {**limits, **(resources.get("requests") or {})}


def set_service_account(spec: Object, name: str) -> None:
    """Set the service account in the field of today and in the deprecated one, which always mirrors it."""
    spec["serviceAccountName"] = spec["serviceAccount"] = name


def pull_policy(image: str) -> str:
    """What imagePullPolicy is if nobody says: an image without tag or digest is the latest."""
    domain, remainder = _normalized(image)
    name = remainder.partition(":")[0]
    match = IMAGE.fullmatch(f"{domain}/{remainder}")
    if match is None or name != name.lower() or len(match["name"]) > 255 or IMAGE_ID.fullmatch(image):
        return "IfNotPresent"  # not a valid name: the real server leaves that to the kubelet
    if match["digest"] and not DIGEST.fullmatch(match["digest"]):
        return "IfNotPresent"
    latest = match["tag"] == "latest" or (match["tag"] is None and match["digest"] is None)
    return "Always" if latest else "IfNotPresent"


def _normalized(image: str) -> tuple[str, str]:
    """The registry's domain and the rest, as docker completes a name."""
    domain, slash, remainder = image.partition("/")
    if not slash or (domain != "localhost" and "." not in domain and ":" not in domain):
        domain, remainder = "docker.io", image
    if domain in ("docker.io", "index.docker.io"):
        return "docker.io", remainder if "/" in remainder else f"library/{remainder}"
    return domain, remainder


def round_up(resources: Object | None) -> None:
    """Quantities of resources are kept in thousandths; finer ones are rounded up."""
    for name, text in (resources or {}).items():
        if text[-1:] in "nu" or "e-" in text:
            resources[name] = rewritten(parse(text).round_up(MILLI))  # type: ignore[index]


def _mirror_service_account(spec: Object) -> None:
    name = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if name:
        set_service_account(spec, name)


def _fill_absent(target: Object, values: dict[str, object]) -> None:
    for name, value in values.items():
        if target.get(name) is None:
            target[name] = value


def _fill_empty(target: Object, values: dict[str, str]) -> None:
    for name, value in values.items():
        if not target.get(name):
            target[name] = value


def _default_host_ports(spec: Object) -> None:
    for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
        for port in container.get("ports") or ():
            if not port.get("hostPort") and port.get("containerPort"):
                port["hostPort"] = port["containerPort"]


def _default_volume(volume: Object) -> None:
    source = next((name for name, value in volume.items() if name != "name" and value is not None), None)
    if source is None:
        volume["emptyDir"] = {}
        return
    for name, value in volume.items():
        if name in ABSENT and value is not None:
            _fill_absent(value, ABSENT[name])
        elif name in EMPTY and value is not None:
            _fill_empty(value, EMPTY[name])
    _default_downward(volume.get("downwardAPI"))
    for projection in (volume.get("projected") or {}).get("sources") or ():
        _default_downward(projection.get("downwardAPI"))
        if (token := projection.get("serviceAccountToken")) is not None:
            _fill_absent(token, {"expirationSeconds": 3600})
    if (claim := (volume.get("ephemeral") or {}).get("volumeClaimTemplate")) is not None:
        default_claim(claim)


def _default_downward(source: Object | None) -> None:
    for item in (source or {}).get("items") or ():
        _default_field(item.get("fieldRef"))


def _default_field(reference: Object | None) -> None:
    if reference is not None and not reference.get("apiVersion"):
        reference["apiVersion"] = "v1"


def default_claim(claim: Object) -> None:
    """Fill in what the spec of a claim, or of a template for claims, leaves out."""
    spec = claim.get("spec")
    if spec is None:
        spec = claim["spec"] = {}
    _fill_absent(spec, {"volumeMode": "Filesystem"})
    _round_requirements(spec)


def _round_requirements(holder: Object) -> None:
    resources = holder.get("resources")
    if resources:
        round_up(resources.get("limits"))
        round_up(resources.get("requests"))


def _default_container(container: Object) -> None:
    if not container.get("imagePullPolicy"):
        container["imagePullPolicy"] = pull_policy(container.get("image") or "")
    _fill_empty(container, {"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"})
    for port in container.get("ports") or ():
        if not port.get("protocol"):
            port["protocol"] = "TCP"
    for variable in container.get("env") or ():
        if variable.get("valueFrom"):
            _default_field(variable["valueFrom"].get("fieldRef"))
    _round_requirements(container)
    _default_probes(container)


def _default_probes(container: Object) -> None:
    for probe in _present(container, PROBES):
        for name, value in PROBE.items():
            if not probe.get(name):
                probe[name] = value
        _default_http(probe)
    lifecycle = container.get("lifecycle")
    for hook in _present(lifecycle, HOOKS) if lifecycle else ():
        _default_http(hook)


def _default_http(handler: Object) -> None:
    if (action := handler.get("httpGet")) is not None:
        _fill_empty(action, {"path": "/", "scheme": "HTTP"})


def _present(holder: Object, names: Iterable[str]) -> Iterable[Object]:
    return [value for name in names if (value := holder.get(name)) is not None]
