"""CertificateApproval, CertificateSigning, CertificateSubjectRestriction: who may let whom have a certificate.

Follows plugin/pkg/admission/certificates.
"""

from __future__ import annotations

from fakekube.admission.plugin import On, Permits, Plugin, Wiring, forbidden
from fakekube.apis.certificates import requests
from fakekube.apis.certificates.certificatesigningrequests import RESOURCE as CSRS
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Object, UserInfo
from fakekube.registry.attributes import CREATE, UPDATE, Attributes
from fakekube.registry.client import Client

CLIENT_SIGNER = "kubernetes.io/kube-apiserver-client"
MASTERS = "system:masters"
HANDLED = frozenset({CSRS.qualified})


async def permitted(permits: Permits, user: UserInfo, verb: str, signer: str) -> bool:
    """Whether the user may do that on the signer, by its name or by "DOMAIN/*"."""
    for name in (signer, f"{signer.partition('/')[0]}/*"):
        if await permits(user, verb, group=CSRS.group, resource="signers", name=name):
            return True
    return False


def approval(wiring: Wiring, _: Object | None) -> Plugin:
    """Only those who may `approve` for a signer change the approval of its requests."""

    async def validate(a: Attributes, __: Client) -> None:
        signer = _signer(a.old_object)
        if not await permitted(wiring.permits, a.user, "approve", signer):
            raise forbidden(a, f"user not permitted to approve requests with signerName {quote(signer)}")

    return Plugin("CertificateApproval", On(frozenset({UPDATE}), HANDLED, frozenset({"approval"})), validate=validate)


def signing(wiring: Wiring, _: Object | None) -> Plugin:
    """Only those who may `sign` for a signer put a certificate or conditions into its requests."""

    async def validate(a: Attributes, __: Client) -> None:
        if _issued(a.object) == _issued(a.old_object):
            return
        signer = _signer(a.old_object)
        if not await permitted(wiring.permits, a.user, "sign", signer):
            raise forbidden(a, f"user not permitted to sign requests with signerName {quote(signer)}")

    return Plugin("CertificateSigning", On(frozenset({UPDATE}), HANDLED, frozenset({"status"})), validate=validate)


def _signer(csr: Object | None) -> str:
    name: str = (csr or {}).get("spec", {}).get("signerName", "")
    return name


def _issued(csr: Object | None) -> tuple[object, object]:
    status = (csr or {}).get("status") or {}
    return status.get("certificate") or "", status.get("conditions") or []


def _restrict(a: Attributes, _: Client) -> None:
    """Nobody becomes a member of the privileged group by a certificate of the API server's own clients."""
    assert a.object is not None
    spec = a.object["spec"]
    if spec.get("signerName") != CLIENT_SIGNER:
        return
    if MASTERS in _organizations(a, spec.get("request") or ""):
        raise forbidden(a, f"use of {CLIENT_SIGNER} signer with {MASTERS} group is not allowed")


def _organizations(a: Attributes, request: str) -> list[object]:
    from cryptography.x509.oid import NameOID  # slow to load

    try:
        subject = requests.parse(request).subject
    except ValueError as error:
        raise forbidden(a, f"failed to parse CSR: {error}") from None
    return [attribute.value for attribute in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]


SUBJECT_RESTRICTION = Plugin("CertificateSubjectRestriction", On(frozenset({CREATE}), HANDLED), validate=_restrict)
