"""The service account controller: every namespace has its default account. Follows pkg/controller/serviceaccount."""

from __future__ import annotations

from collections.abc import Iterable

from fakekube.apis.core.namespaces import RESOURCE as NAMESPACES
from fakekube.apis.core.serviceaccounts import RESOURCE as SERVICEACCOUNTS
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared.errors import is_terminating
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry.client import Client, Reader

DEFAULT = "default"


def of_namespace(account: Object, _: Reader) -> Iterable[Key]:
    """The namespace of an account, if it is the default one."""
    metadata = account["metadata"]
    return (Key("", metadata["namespace"]),) if metadata["name"] == DEFAULT else ()


async def reconcile(name: Key, api: Client) -> None:
    """Create the account where it is missing, unless the namespace is going."""
    namespace = api.get(NAMESPACES, name)
    if namespace is None or namespace.get("status", {}).get("phase") != "Active":
        return
    if api.get(SERVICEACCOUNTS, Key(name.name, DEFAULT)) is not None:
        return
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": DEFAULT, "namespace": name.name}}
    try:
        await api.create(SERVICEACCOUNTS, account)
    except StatusError as error:
        if error.reason != "AlreadyExists" and not is_terminating(error):
            raise


CONTROLLER = Controller(
    "service-account-controller",
    (Watch(NAMESPACES), Watch(SERVICEACCOUNTS, of_namespace)),
    reconcile,
)
