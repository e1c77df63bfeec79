"""Approves the requests of kubelets for client certificates. Follows pkg/controller/certificates/approver of v1.20."""

from __future__ import annotations

from collections.abc import Callable

from fakekube.apis.certificates.certificatesigningrequests import RESOURCE as CSRS
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared import csr as requests
from fakekube.controllers.shared.conditions import conditions_of, made, status_of
from fakekube.controllers.shared.objects import revised
from fakekube.machinery.objects import Key, Object, UserInfo
from fakekube.machinery.times import format_time
from fakekube.pki import signers
from fakekube.registry.client import Client

May = Callable[[UserInfo, str], bool]
"""(user, subresource): whether the user may create that subresource of certificatesigningrequests."""


def requester(spec: Object) -> UserInfo:
    """Who made the request."""
    extra = {name: tuple(values) for name, values in (spec.get("extra") or {}).items()}
    return UserInfo(spec.get("username", ""), spec.get("uid", ""), tuple(spec.get("groups") or ()), extra)


def is_open(csr: Object) -> bool:
    """Whether nobody has decided yet."""
    conditions = conditions_of(csr)
    decided = status_of(conditions, "Approved") or status_of(conditions, "Denied")
    return not requests.certificate_of(csr) and not decided


def controller(may: May) -> Controller:
    """The approver, which asks `may` in place of a SubjectAccessReview."""

    async def reconcile(name: Key, api: Client) -> None:
        csr = api.get(CSRS, name)
        if csr is None or not is_open(csr) or csr["spec"].get("signerName") != signers.KUBELET_CLIENT:
            return
        spec, user = csr["spec"], requester(csr["spec"])
        request = requests.parsed(csr)
        for subresource in signers.approvals(spec["signerName"], request, spec.get("usages") or (), user.name):
            if may(user, subresource):
                await _approve(csr, signers.APPROVAL_MESSAGES[subresource], api)
                return

    return Controller("certificate-controller", (Watch(CSRS),), reconcile)


async def _approve(csr: Object, message: str, api: Client) -> None:
    now = format_time(api.clock.now())
    condition = made("Approved", "True", signers.APPROVAL_REASON, message, lastUpdateTime=now, lastTransitionTime=now)
    status = {**csr.get("status", {}), "conditions": [*conditions_of(csr), condition]}
    await api.update(CSRS, revised(csr, status=status), "approval")
