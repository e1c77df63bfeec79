"""What controllers ask of certificate requests."""

from __future__ import annotations

import base64

from fakekube.controllers.shared.conditions import conditions_of, status_of
from fakekube.machinery.objects import Object


def pem_of(csr: Object) -> bytes:
    """spec.request, decoded."""
    return base64.b64decode(csr["spec"]["request"])


def is_approved(csr: Object) -> bool:
    """Approved and not denied."""
    conditions = conditions_of(csr)
    return bool(status_of(conditions, "Approved")) and not status_of(conditions, "Denied")


def certificate_of(csr: Object) -> str:
    """status.certificate, base64; "" while there is none."""
    certificate: str = (csr.get("status") or {}).get("certificate") or ""
    return certificate
