"""What certificate requests ask for, and what the signers accept. Follows helpers.go in pkg/apis/certificates."""

from __future__ import annotations

import base64
from collections.abc import Collection
from dataclasses import dataclass

from fakekube.controllers.shared.conditions import conditions_of, status_of
from fakekube.machinery.objects import Object

NODES = "system:nodes"
NODE_PREFIX = "system:node:"
CLIENT_USAGES = frozenset({"digital signature", "key encipherment", "client auth"})
SERVING_USAGES = frozenset({"digital signature", "key encipherment", "server auth"})


@dataclass(frozen=True, slots=True)
class Request:
    """The parts of a PKCS#10 request that rules look at."""

    common_name: str
    organizations: tuple[str, ...] = ()
    dns: bool = False
    email: bool = False
    ip: bool = False
    uri: bool = False


def pem_of(csr: Object) -> bytes:
    """spec.request, decoded."""
    return base64.b64decode(csr["spec"]["request"])


def parse(pem: bytes) -> Request:
    """The request in a PEM block. Raises ValueError."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    request = x509.load_pem_x509_csr(pem)
    names = [str(item.value) for item in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    organizations = [str(item.value) for item in request.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    try:
        san = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return Request(names[-1] if names else "", tuple(organizations))
    kinds = {type(entry) for entry in san}
    return Request(
        names[-1] if names else "",
        tuple(organizations),
        x509.DNSName in kinds,
        x509.RFC822Name in kinds,
        x509.IPAddress in kinds,
        x509.UniformResourceIdentifier in kinds,
    )


def kubelet_client_trouble(request: Request, usages: Collection[str]) -> str:
    """Why this is no kubelet's client request; "" if it is one."""
    checks = (
        (request.organizations != (NODES,), "subject organization is not system:nodes"),
        (request.dns, "DNS subjectAltNames are not allowed"),
        (request.email, "Email subjectAltNames are not allowed"),
        (request.ip, "IP subjectAltNames are not allowed"),
        (request.uri, "URI subjectAltNames are not allowed"),
        (not request.common_name.startswith(NODE_PREFIX), "subject common name does not begin with system:node:"),
        (set(usages) != CLIENT_USAGES, f"usages did not match [{' '.join(sorted(CLIENT_USAGES))}]"),
    )
    return next((text for wrong, text in checks if wrong), "")


def kubelet_serving_trouble(request: Request, usages: Collection[str]) -> str:
    """Why this is no kubelet's serving request; "" if it is one."""
    checks = (
        (request.organizations != (NODES,), "subject organization is not system:nodes"),
        (not request.dns and not request.ip, "DNS or IP subjectAltName is required"),
        (request.email, "Email subjectAltNames are not allowed"),
        (request.uri, "URI subjectAltNames are not allowed"),
        (set(usages) != SERVING_USAGES, f"usages did not match [{' '.join(sorted(SERVING_USAGES))}]"),
        (not request.common_name.startswith(NODE_PREFIX), "subject common name does not begin with system:node:"),
    )
    return next((text for wrong, text in checks if wrong), "")


def api_client_trouble(_: Request, usages: Collection[str]) -> str:
    """Why these are no usages of a client of the API server; "" if they are."""
    for usage in usages:
        if usage not in CLIENT_USAGES:
            return f"invalid usage for client certificate: {usage}"
    return "" if "client auth" in usages else "missing required usage for client certificate: client auth"


def is_approved(csr: Object) -> bool:
    """Approved and not denied."""
    conditions = conditions_of(csr)
    return bool(status_of(conditions, "Approved")) and not status_of(conditions, "Denied")


def certificate_of(csr: Object) -> str:
    """status.certificate, base64; "" while there is none."""
    certificate: str = (csr.get("status") or {}).get("certificate") or ""
    return certificate
