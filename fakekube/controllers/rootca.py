"""The root CA publisher: kube-root-ca.crt in every namespace. Follows certificates/rootcacertpublisher of v1.20."""

from __future__ import annotations

from collections.abc import Iterable

from fakekube.apis.core.configmaps import RESOURCE as CONFIGMAPS
from fakekube.apis.core.namespaces import RESOURCE as NAMESPACES
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared.errors import is_terminating, raise_unless
from fakekube.controllers.shared.objects import revised
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry.client import Client, Reader

NAME = "kube-root-ca.crt"


def of_namespace(configmap: Object, _: Reader) -> Iterable[Key]:
    """The namespace whose CA this is."""
    metadata = configmap["metadata"]
    return (Key("", metadata["namespace"]),) if metadata["name"] == NAME else ()


def controller(root_ca: str) -> Controller:
    """The publisher of this CA (PEM)."""
    data = {"ca.crt": root_ca}

    async def reconcile(name: Key, api: Client) -> None:
        namespace = api.get(NAMESPACES, name)
        if namespace is None or namespace.get("status", {}).get("phase") != "Active":
            return
        current = api.get(CONFIGMAPS, Key(name.name, NAME))
        if current is None:
            await _create(name.name, data, api)
        elif current.get("data") != data:
            await api.update(CONFIGMAPS, revised(current, data=dict(data)))

    return Controller("root-ca-cert-publisher", (Watch(NAMESPACES), Watch(CONFIGMAPS, of_namespace)), reconcile)


async def _create(namespace: str, data: dict[str, str], api: Client) -> None:
    metadata = {"name": NAME, "namespace": namespace}
    try:
        await api.create(
            CONFIGMAPS, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": dict(data)}
        )
    except StatusError as error:
        if not is_terminating(error):
            raise_unless(error, "NotFound")
