"""What others want to know of a pod or its spec: containers, references, readiness."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fakekube.apis.podspec.defaults import CONTAINER_LISTS, set_service_account
from fakekube.machinery.fielderrors import Path
from fakekube.machinery.objects import Object

__all__ = [
    "condition", "config_map_names", "containers", "init_and_containers", "is_ready", "is_terminal", "secret_names",
    "service_account_of", "set_service_account",
]  # fmt: skip

SECRET_IN_VOLUME = ("cephfs", "cinder", "flexVolume", "rbd", "scaleIO", "iscsi", "storageos")
"""Volume sources with a secretRef."""


def containers(spec: Object, path: Path | None = None) -> Iterator[tuple[Object, Path]]:
    """Every init container and container with its path, in the order in which the server visits them."""
    base = Path("spec") if path is None else path
    for name in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(name) or ()):
            yield container, base / name @ index


def init_and_containers(spec: Object) -> list[Object]:
    """The init containers, then the containers."""
    return [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]


def secret_names(spec: Object) -> list[str]:
    """The secrets that the pod needs or may use, in the order of the spec, each once."""
    names = [secret.get("name", "") for secret in spec.get("imagePullSecrets") or ()]
    for container in _all_containers(spec):
        names += _env_names(container, "secretRef", "secretKeyRef")
    for volume in spec.get("volumes") or ():
        names += _volume_secrets(volume)
    return list(dict.fromkeys(name for name in names if name))


def config_map_names(spec: Object) -> list[str]:
    """The config maps that the pod needs or may use, each once."""
    names: list[str] = []
    for container in _all_containers(spec):
        names += _env_names(container, "configMapRef", "configMapKeyRef")
    for volume in spec.get("volumes") or ():
        sources = [volume, *((volume.get("projected") or {}).get("sources") or ())]
        names += [source["configMap"].get("name", "") for source in sources if source.get("configMap")]
    return list(dict.fromkeys(name for name in names if name))


def condition(pod: Object, type_: str) -> Object | None:
    """The pod's condition of that type."""
    for one in (pod.get("status") or {}).get("conditions") or ():
        if one.get("type") == type_:
            found: Object = one
            return found
    return None


def is_ready(pod: Object) -> bool:
    """Whether the pod's condition Ready is True."""
    ready = condition(pod, "Ready")
    return ready is not None and ready.get("status") == "True"


def is_terminal(pod: Object) -> bool:
    """Whether all containers have ended for good."""
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def service_account_of(spec: Object) -> str:
    """The name of the service account, "" where none is set."""
    return str(spec.get("serviceAccountName") or spec.get("serviceAccount") or "")


def _all_containers(spec: Object) -> Iterator[Object]:
    for name in CONTAINER_LISTS:
        yield from spec.get(name) or ()


def _env_names(container: Object, whole: str, key: str) -> list[str]:
    sources: list[Any] = [source.get(whole) for source in container.get("envFrom") or ()]
    sources += [(variable.get("valueFrom") or {}).get(key) for variable in container.get("env") or ()]
    return [source.get("name", "") for source in sources if source]


def _volume_secrets(volume: Object) -> list[str]:
    names = [(volume.get("secret") or {}).get("secretName", ""), (volume.get("azureFile") or {}).get("secretName", "")]
    names += [((volume.get(name) or {}).get("secretRef") or {}).get("name", "") for name in SECRET_IN_VOLUME]
    names.append(((volume.get("csi") or {}).get("nodePublishSecretRef") or {}).get("name", ""))
    sources = (volume.get("projected") or {}).get("sources") or ()
    return names + [source["secret"].get("name", "") for source in sources if source.get("secret")]
