"""NamespaceLifecycle: nothing is created in a namespace that is missing or ends. Follows plugin/namespace/lifecycle."""

from __future__ import annotations

from fakekube.admission.plugin import On, Plugin, forbidden
from fakekube.apis.core.namespaces import RESOURCE as NAMESPACES
from fakekube.machinery import status
from fakekube.machinery.objects import Key
from fakekube.registry.attributes import CREATE, DELETE, UPDATE, Attributes
from fakekube.registry.client import Client

IMMORTAL = frozenset({"default", "kube-system", "kube-public"})
REVIEWS = frozenset({"localsubjectaccessreviews.authorization.k8s.io"})
"""Resources that may be created in a namespace that does not exist."""


def mutate(a: Attributes, client: Client) -> None:
    """Raises Forbidden (403), NotFound (404)."""
    if a.operation == DELETE:
        if a.resource is NAMESPACES and a.name in IMMORTAL:
            raise forbidden(a, "this namespace may not be deleted")
        return
    if not a.resource.namespaced or a.resource.qualified in REVIEWS:
        return
    namespace = client.get(NAMESPACES, Key("", a.namespace))
    if namespace is None:
        raise status.not_found("", "namespaces", a.namespace)
    if a.operation == CREATE and namespace.get("status", {}).get("phase") == "Terminating":
        raise _terminating(a)


def _terminating(a: Attributes) -> status.StatusError:
    error = forbidden(a, f"unable to create new content in namespace {a.namespace} because it is being terminated")
    cause = {
        "reason": "NamespaceTerminating",
        "message": f"namespace {a.namespace} is being terminated",
        "field": "metadata.namespace",
    }
    error.status["details"]["causes"] = [cause]
    return error


PLUGIN = Plugin("NamespaceLifecycle", On(frozenset({CREATE, UPDATE, DELETE}), subresources=None), mutate=mutate)
