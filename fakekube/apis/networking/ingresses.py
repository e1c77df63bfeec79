"""Ingress. Follows pkg/apis/networking and pkg/registry/networking/ingress of v1.20."""

from __future__ import annotations

from fakekube.apis.columns import AGE, NAME
from fakekube.apis.deprecation import deprecated
from fakekube.apis.loadbalancers import addresses
from fakekube.apis.networking.backends import from_v1, to_v1
from fakekube.apis.networking.ingressvalidation import update_validator, validate_status, validator
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.machinery.objects import Object

GROUP = "networking.k8s.io"
SHOWN_HOSTS = 3


def default_v1(ingress: Object) -> None:
    """v1 wants everything said."""
    if ingress.get("spec") is None:
        ingress["spec"] = {}


def default_v1beta1(ingress: Object) -> None:
    """Paths are matched as the implementation likes."""
    default_v1(ingress)
    for rule in ingress["spec"].get("rules") or ():
        for path in (rule.get("http") or {}).get("paths") or ():
            if path.get("pathType") is None:
                path["pathType"] = "ImplementationSpecific"


def beta(group: str, since: str) -> Version:
    """v1beta1 of networking.k8s.io or of extensions."""
    return Version(
        "v1beta1",
        until="1.22",
        defaults=default_v1beta1,
        to_storage=to_v1,
        from_storage=from_v1,
        deprecated=deprecated(f"{group}/v1beta1", "Ingress", since, "1.22", f"{GROUP}/v1"),
        validate=validator(beta=True),
        validate_update=update_validator(beta=True),
    )


def _class(ingress: Object, _: float) -> str:
    name = ingress["spec"].get("ingressClassName")
    return "<none>" if name is None else name


def _hosts(ingress: Object, _: float) -> str:
    rules = ingress["spec"].get("rules") or ()
    named = [index for index, rule in enumerate(rules) if rule.get("host")]
    if not named:
        return "*"
    shown = ",".join(rules[index]["host"] for index in named[:SHOWN_HOSTS])
    cut = len(named) >= SHOWN_HOSTS and named[SHOWN_HOSTS - 1] < len(rules) - 1
    return f"{shown} + {len(rules) - SHOWN_HOSTS} more..." if cut else shown


def _address(ingress: Object, _: float) -> str:
    return addresses(ingress.get("status") or {})


def _ports(ingress: Object, _: float) -> str:
    return "80, 443" if ingress["spec"].get("tls") else "80"


RESOURCE = Resource(
    group=GROUP,
    plural="ingresses",
    kind="Ingress",
    versions=(Version("v1", storage=True, since="1.19", defaults=default_v1), beta(GROUP, "1.19")),
    persisted="v1beta1",
    invalid_group="extensions",
    short_names=("ing",),
    subresources=(Subresource("status", validate_update=validate_status),),
    validate=validator(beta=False),
    validate_update=update_validator(beta=False),
    generation=True,
    columns=(
        NAME,
        Column("Class", "string", _class),
        Column("Hosts", "string", _hosts),
        Column("Address", "string", _address),
        Column("Ports", "string", _ports),
        AGE,
    ),
)
