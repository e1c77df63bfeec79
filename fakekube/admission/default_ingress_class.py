"""DefaultIngressClass: an ingress without a class gets the default one. Follows plugin/pkg/admission/defaultingressclass."""  # noqa: E501

from __future__ import annotations

from fakekube.admission.plugin import On, Plugin, forbidden
from fakekube.apis.networking.ingressclasses import RESOURCE as INGRESSCLASSES
from fakekube.machinery import status
from fakekube.machinery.objects import Object
from fakekube.registry.attributes import CREATE, Attributes
from fakekube.registry.client import Client

CLASS = "kubernetes.io/ingress.class"
DEFAULT = "ingressclass.kubernetes.io/is-default-class"


def mutate(a: Attributes, client: Client) -> None:
    """Set the class. Raises Forbidden (403) if several are the default."""
    assert a.object is not None
    spec = a.object.setdefault("spec", {})
    if spec.get("ingressClassName") is not None or CLASS in a.object["metadata"].get("annotations", {}):
        return
    defaults = client.list(INGRESSCLASSES, matches=_is_default)
    if len(defaults) > 1:
        problem = status.internal_error(f"{len(defaults)} default IngressClasses were found, only 1 allowed")
        raise forbidden(a, problem.message)
    if defaults:
        spec["ingressClassName"] = defaults[0]["metadata"]["name"]


def _is_default(ingress_class: Object) -> bool:
    return (ingress_class["metadata"].get("annotations") or {}).get(DEFAULT) == "true"


PLUGIN = Plugin("DefaultIngressClass", On(frozenset({CREATE}), frozenset({"ingresses.networking.k8s.io"})), mutate)
