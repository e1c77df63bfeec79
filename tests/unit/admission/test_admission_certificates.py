from __future__ import annotations

import base64
import inspect
from contextlib import nullcontext

import pytest
from admission_samples import attributes
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from readers import ObjectsReader

from fakekube.admission import certificates
from fakekube.admission.plugin import Permission, Plugin
from fakekube.apis.certificates.certificatesigningrequests import RESOURCE as CSRS
from fakekube.machinery.objects import Object, UserInfo
from fakekube.machinery.status import StatusError


class Wiring:
    def __init__(self, *allowed: tuple[str, str]) -> None:
        self.allowed = allowed

    async def permits(self, user: UserInfo, verb: str, *, name: str = "", **_: str) -> Permission:
        return Permission((verb, name) in self.allowed)


def csr(**status: object) -> Object:
    return {"metadata": {"name": "c"}, "spec": {"signerName": "example.com/a"}, "status": status}


async def refusal(plugin: Plugin, new: Object, subresource: str) -> str:
    subject = attributes(new, CSRS, "UPDATE", csr(), subresource=subresource, namespace="")
    assert plugin.on.handles(subject)
    assert plugin.validate is not None
    try:
        waiting = plugin.validate(subject, ObjectsReader())
        assert inspect.isawaitable(waiting)
        await waiting
    except StatusError as error:
        return error.message
    return ""


@pytest.mark.parametrize(
    ("allowed", "passes"),
    [((), False), ((("approve", "example.com/a"),), True), ((("approve", "example.com/*"),), True),
     ((("sign", "example.com/*"),), False), ((("approve", "other.com/*"),), False)],
)  # fmt: skip
async def test_approval_needs_the_signer(allowed: tuple[tuple[str, str], ...], passes: bool) -> None:
    why = await refusal(certificates.approval(Wiring(*allowed), None), csr(), "approval")
    text = 'certificatesigningrequests.certificates.k8s.io "c" is forbidden: '
    assert why == ("" if passes else f'{text}user not permitted to approve requests with signerName "example.com/a"')


async def test_signing_needs_the_signer_only_for_what_is_issued() -> None:
    plugin = certificates.signing(Wiring(), None)
    assert await refusal(plugin, csr(), "status") == ""
    assert "not permitted to sign" in await refusal(plugin, csr(certificate="x"), "status")
    assert "not permitted to sign" in await refusal(plugin, csr(conditions=[{"type": "Failed"}]), "status")


def request_of(organization: str) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return base64.b64encode(request.public_bytes(serialization.Encoding.PEM)).decode()


@pytest.mark.parametrize(
    ("signer", "organization", "passes"),
    [
        ("kubernetes.io/kube-apiserver-client", "system:masters", False),
        ("kubernetes.io/kube-apiserver-client", "dev", True),
        ("example.com/a", "system:masters", True),
    ],
)
def test_nobody_gets_into_the_privileged_group(signer: str, organization: str, passes: bool) -> None:
    subject = {"metadata": {"name": "c"}, "spec": {"signerName": signer, "request": request_of(organization)}}
    validate = certificates.SUBJECT_RESTRICTION.validate
    assert validate is not None
    why = "is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed"
    with nullcontext() if passes else pytest.raises(StatusError, match=why):
        validate(attributes(subject, CSRS, namespace=""), ObjectsReader())
