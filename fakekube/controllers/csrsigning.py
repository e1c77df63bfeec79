"""Signs approved requests, or says why not. Follows pkg/controller/certificates/signer of v1.20."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence

from fakekube.apis.certificates.certificatesigningrequests import RESOURCE as CSRS
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared import csr as requests
from fakekube.controllers.shared.conditions import conditions_of, made, status_of
from fakekube.controllers.shared.objects import revised
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.times import format_time
from fakekube.pki import signers
from fakekube.registry.client import Client

Sign = Callable[[bytes, Sequence[str]], str]
"""(request in PEM, usages) -> certificate in PEM. Raises ValueError for usages that there are not."""


def is_ready(csr: Object) -> bool:
    """Whether it is approved, for one of our signers, and neither signed nor failed yet."""
    return (
        csr["spec"].get("signerName") in signers.SIGNERS
        and requests.is_approved(csr)
        and not requests.certificate_of(csr)
        and status_of(conditions_of(csr), "Failed") != "True"
    )


def controller(sign: Sign) -> Controller:
    """The signers, all with one CA."""

    async def reconcile(name: Key, api: Client) -> None:
        csr = api.get(CSRS, name)
        if csr is None or not is_ready(csr):
            return
        pem, usages = requests.pem_of(csr), csr["spec"].get("usages") or ()
        trouble = signers.refusal(csr["spec"]["signerName"], requests.parsed(csr), usages)
        status = {**csr.get("status", {})}
        if trouble:
            now = format_time(api.clock.now())
            times = {"lastUpdateTime": now, "lastTransitionTime": now}
            failed = made("Failed", "True", signers.REFUSED_REASON, trouble, **times)
            status["conditions"] = [*conditions_of(csr), failed]
        else:
            status["certificate"] = base64.b64encode(sign(pem, usages).encode()).decode()
        await api.update(CSRS, revised(csr, status=status), "status")

    return Controller("certificate-controller", (Watch(CSRS),), reconcile)
