"""Signs approved requests, or says why not. Follows pkg/controller/certificates/signer of v1.20."""

from __future__ import annotations

import base64

from fakekube.apis.certificates.certificatesigningrequests import RESOURCE as CSRS
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared import csr as requests
from fakekube.controllers.shared.conditions import conditions_of, made, status_of
from fakekube.controllers.shared.objects import revised
from fakekube.machinery import status as statuses
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.machinery.times import format_time
from fakekube.pki import SigningRefused, signers
from fakekube.pki.clustersigning import ClusterSigning
from fakekube.registry.client import Client

NAME = "certificate-controller"


def is_ready(csr: Object) -> bool:
    """Whether it is approved, and neither signed nor failed yet."""
    return (
        requests.is_approved(csr)
        and not requests.certificate_of(csr)
        and status_of(conditions_of(csr), "Failed") != "True"
    )


def controller(signing: ClusterSigning) -> Controller:
    """The signers."""

    async def reconcile(name: Key, api: Client) -> None:
        csr = api.get(CSRS, name)
        if csr is None or not signing.signs(csr["spec"].get("signerName", "")) or not is_ready(csr):
            return
        signer, usages, now = csr["spec"]["signerName"], csr["spec"].get("usages") or (), api.clock.now()
        status = {**csr.get("status", {})}
        if trouble := signers.refusal(signer, requests.parsed(csr), usages):
            times = {"lastUpdateTime": format_time(now), "lastTransitionTime": format_time(now)}
            failed = made("Failed", "True", signers.REFUSED_REASON, trouble, **times)
            status["conditions"] = [*conditions_of(csr), failed]
        else:
            status["certificate"] = base64.b64encode(_signed(signing, signer, csr, now)).decode()
        await api.update(CSRS, revised(csr, status=status), "status")

    return Controller(NAME, (Watch(CSRS),), reconcile)


def _signed(signing: ClusterSigning, signer: str, csr: Object, now: float) -> bytes:
    """Raises StatusError for what the authority does not sign: the queue comes back to it."""
    try:
        return signing.sign(signer, requests.pem_of(csr), csr["spec"].get("usages") or (), now)
    except SigningRefused as error:
        raise StatusError(statuses.failure(500, "InternalError", f"error auto signing csr: {error}")) from None
