"""Which certificate signing requests the built-in signers sign. Follows controller/certificates/signer and approver.

Pure: functions of the parsed request, its usages and its signer. They give the reason for a refusal, or "".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from fakekube.pki.authority import alternative_names

if TYPE_CHECKING:
    from cryptography import x509

API_SERVER_CLIENT = "kubernetes.io/kube-apiserver-client"
KUBELET_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet"
KUBELET_SERVING = "kubernetes.io/kubelet-serving"
LEGACY_UNKNOWN = "kubernetes.io/legacy-unknown"

REFUSED_REASON = "SignerValidationFailure"
"""Reason of the condition Failed that a refused, approved request gets; its message is the reason for the refusal."""

NODE_USER_PREFIX = "system:node:"
_CLIENT_USAGES = frozenset({"digital signature", "key encipherment", "client auth"})
_SERVING_USAGES = frozenset({"digital signature", "key encipherment", "server auth"})

Rule = Callable[["x509.CertificateSigningRequest", Iterable[str]], str]


def _client(_: x509.CertificateSigningRequest, usages: Iterable[str]) -> str:
    usages = list(usages)
    for usage in usages:
        if usage not in _CLIENT_USAGES:
            return f"invalid usage for client certificate: {usage}"
    return "" if "client auth" in usages else "missing required usage for client certificate: client auth"


def _kubelet_client(request: x509.CertificateSigningRequest, usages: Iterable[str]) -> str:
    return next(_kubelet_client_faults(request, usages), "")


def _kubelet_client_faults(request: x509.CertificateSigningRequest, usages: Iterable[str]) -> Iterator[str]:
    if organizations(request) != ["system:nodes"]:
        yield _NOT_NODES
    kinds = san_kinds(request)
    yield from (f"{kind} subjectAltNames are not allowed" for kind in ("DNS", "Email", "IP", "URI") if kind in kinds)
    if not common_name(request).startswith(NODE_USER_PREFIX):
        yield _NOT_A_NODE
    if set(usages) != _CLIENT_USAGES:
        yield _usages_differ(_CLIENT_USAGES)


def _kubelet_serving(request: x509.CertificateSigningRequest, usages: Iterable[str]) -> str:
    return next(_kubelet_serving_faults(request, usages), "")


def _kubelet_serving_faults(request: x509.CertificateSigningRequest, usages: Iterable[str]) -> Iterator[str]:
    if organizations(request) != ["system:nodes"]:
        yield _NOT_NODES
    kinds = san_kinds(request)
    if not kinds & {"DNS", "IP"}:
        yield "DNS or IP subjectAltName is required"
    yield from (f"{kind} subjectAltNames are not allowed" for kind in ("Email", "URI") if kind in kinds)
    if set(usages) != _SERVING_USAGES:
        yield _usages_differ(_SERVING_USAGES)
    if not common_name(request).startswith(NODE_USER_PREFIX):
        yield _NOT_A_NODE


_NOT_NODES = "subject organization is not system:nodes"
_NOT_A_NODE = "subject common name does not begin with system:node:"


def _usages_differ(wanted: frozenset[str]) -> str:
    return f"usages did not match [{' '.join(sorted(wanted))}]"


SIGNERS: dict[str, Rule] = {
    API_SERVER_CLIENT: _client,
    KUBELET_CLIENT: _kubelet_client,
    KUBELET_SERVING: _kubelet_serving,
    LEGACY_UNKNOWN: lambda _request, _usages: "",
}
"""The signers that sign by themselves once a request is approved. Other names are other people's."""


def refusal(signer: str, request: x509.CertificateSigningRequest, usages: Iterable[str]) -> str:
    """Why that signer does not sign the request; "" if it does. Raises KeyError for a signer that is not built in."""
    return SIGNERS[signer](request, usages)


def approvals(signer: str, request: x509.CertificateSigningRequest, usages: Iterable[str], user: str) -> Sequence[str]:
    """The subresources of certificatesigningrequests of which any lets the request be approved without a person.

    Only kubelets' client certificates are: `user`, who sent the request, needs the verb create on the subresource.
    """
    if signer != KUBELET_CLIENT or refusal(signer, request, usages):
        return ()
    return ("selfnodeclient", "nodeclient") if user == common_name(request) else ("nodeclient",)


APPROVAL_REASON = "AutoApproved"
APPROVAL_MESSAGES = {
    "selfnodeclient": "Auto approving self kubelet client certificate after SubjectAccessReview.",
    "nodeclient": "Auto approving kubelet client certificate after SubjectAccessReview.",
}
"""Subresource -> message of the condition Approved."""


def common_name(request: x509.CertificateSigningRequest | x509.Certificate) -> str:
    """The subject's last common name, as Go reads it."""
    from cryptography.x509.oid import NameOID

    names = request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[-1].value) if names else ""


def organizations(request: x509.CertificateSigningRequest | x509.Certificate) -> list[str]:
    """The subject's organizations, in order."""
    from cryptography.x509.oid import NameOID

    return [str(name.value) for name in request.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]


def san_kinds(request: x509.CertificateSigningRequest) -> set[str]:
    """Which of DNS, Email, IP and URI are among the alternative names."""
    from cryptography import x509

    kinds: dict[type, str] = {
        x509.DNSName: "DNS",
        x509.RFC822Name: "Email",
        x509.IPAddress: "IP",
        x509.UniformResourceIdentifier: "URI",
    }
    return {kinds[type(name)] for name in alternative_names(request) or () if type(name) in kinds}
