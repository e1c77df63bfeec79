"""Deletes certificate requests that are old. Follows pkg/controller/certificates/cleaner of v1.20.

The real one looks once an hour; this one comes when a request's time is over.
"""

from __future__ import annotations

import base64

from fakekube.apis.certificates.certificatesigningrequests import RESOURCE as CSRS
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared.conditions import conditions_of
from fakekube.controllers.shared.csr import certificate_of
from fakekube.controllers.shared.objects import created, uid_of
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.times import parse_time
from fakekube.registry.client import Client

HOUR = 3600.0
PENDING = 24 * HOUR
DECIDED = HOUR


def expiry(csr: Object) -> float | None:
    """The moment at which the request is to go; None: it stays."""
    conditions = conditions_of(csr)
    if not conditions:
        return created(csr) + PENDING
    moments: list[float] = []
    for condition in conditions:
        issued = condition["type"] == "Approved" and certificate_of(csr)
        if (issued or condition["type"] in ("Denied", "Failed")) and condition.get("lastUpdateTime"):
            moments.append(parse_time(condition["lastUpdateTime"]) + DECIDED)
        if issued:
            moments += not_after(certificate_of(csr))
    return min(moments, default=None)


def not_after(certificate: str) -> list[float]:
    """The end of a certificate's life (base64 of PEM); nothing for what is none."""
    from cryptography import x509

    try:
        return [x509.load_pem_x509_certificate(base64.b64decode(certificate)).not_valid_after_utc.timestamp()]
    except ValueError:
        return []


async def reconcile(name: Key, api: Client) -> float | None:
    """Delete the request if its time is over, else come back then."""
    csr = api.get(CSRS, name)
    moment = None if csr is None else expiry(csr)
    if csr is None or moment is None:
        return None
    remaining = moment - api.clock.now()
    if remaining >= 0:
        return remaining + 1
    await api.delete(CSRS, name, uid=uid_of(csr))
    return None


CONTROLLER = Controller("certificate-controller", (Watch(CSRS),), reconcile)
