"""What can be read out of a certificate request, and of a certificate. Follows pkg/apis/certificates of v1.20."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import TYPE_CHECKING

from fakekube.apis.certificates import pem

if TYPE_CHECKING:
    from cryptography import x509

LEGACY_UNKNOWN = "kubernetes.io/legacy-unknown"
KUBELET_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet"
KUBELET_SERVING = "kubernetes.io/kubelet-serving"
ELLIPTIC_CURVE = bytes.fromhex("06072a8648ce3d0201")
"""The object identifier of such keys, as it stands before one."""
CURVES = frozenset({"secp224r1", "secp256r1", "secp384r1", "secp521r1"})
GUESSED = (KUBELET_CLIENT, KUBELET_SERVING)


class Unreadable(ValueError):
    """The text is no request or certificate; says why in the real server's words."""


def decoded(text: str | None) -> bytes:
    """The bytes of a base64 field."""
    try:
        return base64.b64decode(text or "")
    except binascii.Error:
        return b""


def parse(text: str | None) -> x509.CertificateSigningRequest:
    """The request in a base64 field. Raises Unreadable."""
    from cryptography import x509

    block = next(pem.blocks(decoded(text)), None)
    if block is None or block.type != "CERTIFICATE REQUEST":
        raise Unreadable("PEM block type must be CERTIFICATE REQUEST")
    try:
        request = x509.load_der_x509_csr(block.data)
    except ValueError:
        raise Unreadable(pem.der_error(block.data, "certificateRequest")) from None
    if ELLIPTIC_CURVE in block.data:
        _check_curve(request)
    return request


def _check_curve(request: x509.CertificateSigningRequest) -> None:
    """Go reads the key along with the request, and knows the curves of NIST only. Raises Unreadable."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

    try:
        key = request.public_key()
        known = isinstance(key, EllipticCurvePublicKey) and key.curve.name in CURVES
    except UnsupportedAlgorithm:
        known = False
    except ValueError:
        raise Unreadable("x509: failed to unmarshal elliptic curve point") from None
    if not known:
        raise Unreadable("x509: unsupported elliptic curve")


def check_signature(request: x509.CertificateSigningRequest) -> None:
    """Raises Unreadable if the request was not signed with its own key."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        if request.is_signature_valid:
            return
        key = type(request.public_key()).__name__
    except (ValueError, UnsupportedAlgorithm):
        raise Unreadable("x509: cannot verify signature: algorithm unimplemented") from None
    if "RSA" in key:
        raise Unreadable("crypto/rsa: verification error")
    raise Unreadable(f"x509: {'Ed25519' if 'Ed25519' in key else 'ECDSA'} verification failure")


def guess_signer(text: str | None, usages: Iterable[str]) -> str:
    """The signer that v1beta1 fills in: a kubelet's if the request is one, else the legacy one."""
    from fakekube.pki import signers

    usages = list(usages)
    try:
        request = parse(text)
        return next((name for name in GUESSED if not signers.refusal(name, request, usages)), LEGACY_UNKNOWN)
    except ValueError:
        return LEGACY_UNKNOWN


def check_certificate(data: bytes) -> None:
    """Raises Unreadable unless the bytes are nothing or PEM of certificates alone."""
    from cryptography import x509

    if not data:
        return
    found = list(pem.blocks(data))
    for block in found:
        if block.type != "CERTIFICATE":
            raise Unreadable(f'only CERTIFICATE PEM blocks are allowed, found "{block.type}"')
        if block.headers:
            raise Unreadable("no PEM block headers are permitted")
        if not block.data:
            raise Unreadable("found CERTIFICATE PEM block containing 0 certificates")
        try:
            x509.load_der_x509_certificate(block.data)
        except ValueError:
            raise Unreadable(pem.der_error(block.data, "certificate")) from None
    if not found:
        raise Unreadable("must contain at least one CERTIFICATE PEM block")
