"""What controllers ask of certificate requests."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from fakekube.controllers.shared.conditions import conditions_of, status_of
from fakekube.machinery import status
from fakekube.machinery.objects import Object
from fakekube.machinery.status import StatusError
from fakekube.pki import SigningRefused, parse_request

if TYPE_CHECKING:
    from cryptography import x509


def pem_of(csr: Object) -> bytes:
    """spec.request, decoded."""
    return base64.b64decode(csr["spec"]["request"])


def parsed(csr: Object) -> x509.CertificateSigningRequest:
    """spec.request, parsed. Raises StatusError where that cannot be done: the queue comes back to it, in vain."""
    try:
        return parse_request(pem_of(csr))
    except SigningRefused as error:
        raise StatusError(status.failure(500, "InternalError", f"unable to parse csr: {error}")) from None


def is_approved(csr: Object) -> bool:
    """Approved and not denied."""
    conditions = conditions_of(csr)
    return bool(status_of(conditions, "Approved")) and not status_of(conditions, "Denied")


def certificate_of(csr: Object) -> str:
    """status.certificate, base64; "" while there is none."""
    certificate: str = (csr.get("status") or {}).get("certificate") or ""
    return certificate
