"""NamespaceAutoProvision and NamespaceExists. Follow plugin/pkg/admission/namespace."""

from __future__ import annotations

from fakekube.admission.plugin import On, Plugin, forbidden
from fakekube.apis.core.namespaces import RESOURCE as NAMESPACES
from fakekube.machinery import status
from fakekube.machinery.objects import Key
from fakekube.registry.attributes import CREATE, DELETE, UPDATE, Attributes
from fakekube.registry.client import Client


async def provision(a: Attributes, client: Client) -> None:
    """Create the namespace of a new object. Raises Forbidden (403) with the reason why that failed."""
    if a.dry_run or not a.namespace or client.get(NAMESPACES, Key("", a.namespace)) is not None:
        return
    try:
        await client.create(NAMESPACES, {"metadata": {"name": a.namespace}})
    except status.StatusError as error:
        if error.reason == "Forbidden":
            raise
        if error.reason != "AlreadyExists":
            raise forbidden(a, error.message) from None


def must_exist(a: Attributes, client: Client) -> None:
    """Raises NotFound (404)."""
    if a.namespace and client.get(NAMESPACES, Key("", a.namespace)) is None:
        raise status.not_found("", NAMESPACES.plural, a.namespace)


AUTO_PROVISION = Plugin("NamespaceAutoProvision", On(frozenset({CREATE}), subresources=None), provision)
EXISTS = Plugin("NamespaceExists", On(frozenset({CREATE, UPDATE, DELETE}), subresources=None), validate=must_exist)
