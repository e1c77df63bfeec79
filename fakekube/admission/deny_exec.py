"""DenyEscalatingExec and DenyExecOnPrivileged: nobody gets into pods that have the host. Follow plugin/pkg/admission/exec."""  # noqa: E501

from __future__ import annotations

from collections.abc import Callable

from fakekube.admission.plugin import On, Plugin, forbidden
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.podspec.defaults import CONTAINER_LISTS
from fakekube.machinery import status
from fakekube.machinery.objects import Key, Object
from fakekube.registry.attributes import CONNECT, Attributes
from fakekube.registry.client import Client

HOST = {"hostNetwork": "host network", "hostPID": "host pid", "hostIPC": "host ipc"}
INTO = "cannot exec into or attach to"


def _validate(checked: dict[str, str]) -> Callable[[Attributes, Client], None]:
    def validate(a: Attributes, client: Client) -> None:
        pod = client.get(PODS, Key(a.namespace, a.name))
        if pod is None:
            raise forbidden(a, status.not_found("", PODS.plural, a.name).message)
        for field, label in checked.items():
            if pod["spec"].get(field):
                raise forbidden(a, f"{INTO} a container using {label}")
        if _privileged(pod["spec"]):
            raise forbidden(a, f"{INTO} a privileged container")

    return validate


def _privileged(spec: Object) -> bool:
    every = (container for name in CONTAINER_LISTS for container in spec.get(name) or ())
    return any((container.get("securityContext") or {}).get("privileged") for container in every)


_ON = On(frozenset({CONNECT}), frozenset({"pods"}), frozenset({"exec", "attach"}))
ESCALATING = Plugin("DenyEscalatingExec", _ON, validate=_validate(HOST))
PRIVILEGED = Plugin("DenyExecOnPrivileged", _ON, validate=_validate({}))
