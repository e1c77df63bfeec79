"""The keys in certificate requests that Go cannot read."""

from __future__ import annotations

from base64 import b64encode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from fakekube.apis.certificates.requests import Unreadable, parse

P256 = bytes.fromhex("06082a8648ce3d030107")


def request(curve: ec.EllipticCurve) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.sign(ec.generate_private_key(curve), hashes.SHA256()).public_bytes(Encoding.DER)


def field(der: bytes) -> str:
    pem = b"-----BEGIN CERTIFICATE REQUEST-----\n" + b64encode(der) + b"\n-----END CERTIFICATE REQUEST-----\n"
    return b64encode(pem).decode()


@pytest.mark.parametrize("curve", [ec.SECP224R1(), ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_known_curves(curve: ec.EllipticCurve) -> None:
    assert parse(field(request(curve))).is_signature_valid


def test_other_curves() -> None:
    unheard_of = request(ec.SECP256R1()).replace(P256, P256[:-1] + b"\x55")
    for der in (request(ec.SECP256K1()), unheard_of):
        with pytest.raises(Unreadable, match=r"^x509: unsupported elliptic curve$"):
            parse(field(der))


def test_a_point_beside_the_curve() -> None:
    der = bytearray(request(ec.SECP256R1()))
    der[der.index(P256) + 20] ^= 1
    with pytest.raises(Unreadable, match=r"^x509: failed to unmarshal elliptic curve point$"):
        parse(field(bytes(der)))
