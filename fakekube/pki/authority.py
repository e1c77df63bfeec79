"""A certificate authority: it issues key pairs of its own and signs other people's requests.

Its own keys are ECDSA P-256, which are made in under a millisecond. Certificates have the extensions that Go's
CreateCertificate gives them, which is what strict verification asks for (OpenSSL 3, Python 3.13), and a subject key
identifier, by which OpenSSL tells the certificate of a user from its authority's where both have one name.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from fakekube.pki import files
from fakekube.pki.usages import extended_usages, key_usage_flags, unknown_usages

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import (
        CertificateIssuerPrivateKeyTypes,
        CertificatePublicKeyTypes,
    )

BACKDATE = timedelta(minutes=5)
"""Certificates are valid from a little before they were made, for clocks that go slow."""


class SigningRefused(ValueError):
    """The request cannot be signed; the text is the signer's."""


class KeyPair(Struct, frozen=True):
    """A certificate and its private key, both PEM."""

    certificate: bytes
    key: bytes


class Authority:
    """A CA with its key. `certificate_pem` is its own certificate."""

    def __init__(self, certificate: x509.Certificate, key: CertificateIssuerPrivateKeyTypes) -> None:
        self._x509 = certificate
        self._key = key
        self.certificate_pem = _pem(certificate)

    @classmethod
    def make(cls, common_name: str, days: int = 3650, now: float | None = None) -> Authority:
        """A new self-signed authority."""
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(common_name)
        start = _moment(now) - BACKDATE
        builder = _builder(name, key.public_key(), start, start + timedelta(days=days)).issuer_name(name)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        flags = key_usage_flags(("digital signature", "key encipherment", "cert sign"))
        builder = builder.add_extension(x509.KeyUsage(**flags), critical=True)
        return cls(_sign(builder, key), key)

    @classmethod
    def read(cls, certificate: bytes, key: bytes) -> Authority:
        """The authority of a PEM certificate and its key. Raises ValueError for what is not a pair of one of each."""
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        found, private = x509.load_pem_x509_certificates(certificate), load_pem_private_key(key, None)
        if len(found) != 1:
            raise ValueError(f"expected 1 certificate, found {len(found)}")
        if found[0].public_key() != private.public_key():
            raise ValueError("private key does not match public key")
        return cls(found[0], private)  # type: ignore[arg-type]  # of a sort that signs, since a certificate has it

    @classmethod
    def load(cls, folder: Path, name: str) -> Authority | None:
        """The authority that `save` left in the folder, or None. Raises ValueError for other files."""
        certificate, key = files.read(folder / f"{name}.crt"), files.read(folder / f"{name}.key")
        return None if certificate is None or key is None else cls.read(certificate, key)

    def save(self, folder: Path, name: str) -> None:
        """Write NAME.crt and NAME.key (0600)."""
        files.write_private(folder / f"{name}.key", private_pem(self._key))
        files.write_private(folder / f"{name}.crt", self.certificate_pem, 0o644)

    def issue(
        self,
        common_name: str,
        organizations: Sequence[str] = (),
        usages: Iterable[str] = ("digital signature", "key encipherment", "client auth"),
        sans: Iterable[str] = (),
        days: float = 365,
        now: float | None = None,
    ) -> KeyPair:
        """A new key and its certificate; `sans` are DNS names and IP addresses."""
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        names = [_general_name(san) for san in dict.fromkeys(sans)]
        extension = x509.SubjectAlternativeName(names) if names else None
        subject = _name(common_name, organizations)
        certificate = self._certify(subject, key.public_key(), extension, usages, timedelta(days=days), now)
        return KeyPair(_pem(certificate), private_pem(key))

    def sign(self, request: bytes, usages: Sequence[str], lifetime: timedelta, now: float | None = None) -> bytes:
        """Sign a PEM request: its subject and alternative names as they are, the usages as given. Gives PEM.

        The certificate ends after the lifetime, or with this authority if that is sooner. Raises SigningRefused in the
        words of kube-controller-manager's signer.
        """
        csr = parse_request(request)
        if not csr.is_signature_valid:
            raise SigningRefused("unable to verify certificate request signature: x509: signature does not match")
        if unknown := unknown_usages(usages):
            quoted = " ".join(f'"{usage}"' for usage in unknown)
            raise SigningRefused(f"unrecognized usage values: [{quoted}]")
        names = go_names(alternative_names(csr) or ())
        return _pem(self._certify(go_name(csr.subject), csr.public_key(), names, usages, lifetime, now))

    def _certify(
        self,
        subject: x509.Name,
        public_key: CertificatePublicKeyTypes,
        sans: x509.SubjectAlternativeName | None,
        usages: Iterable[str],
        lifetime: timedelta,
        now: float | None,
    ) -> x509.Certificate:
        usages = tuple(usages)
        moment = _moment(now)
        start, limit = moment - BACKDATE, self._x509.not_valid_after_utc
        if start >= limit:
            raise SigningRefused(f"the signer has expired: NotAfter={limit:%Y-%m-%d %H:%M:%S} +0000 UTC")
        if moment >= limit:
            raise SigningRefused("refusing to sign a certificate that expired in the past")
        builder = _builder(subject, public_key, start, min(start + lifetime, limit)).issuer_name(self._x509.subject)
        for extension, critical in (*_leaf_extensions(usages), *_identifiers(self._x509, sans, subject)):
            builder = builder.add_extension(extension, critical)
        return _sign(builder, self._key)


def parse_request(request: bytes) -> x509.CertificateSigningRequest:
    """Raises SigningRefused for what is no PEM request."""
    from cryptography import x509

    if b"-----BEGIN CERTIFICATE REQUEST-----" not in request:
        raise SigningRefused("PEM block type must be CERTIFICATE REQUEST")
    try:
        return x509.load_pem_x509_csr(request)
    except (ValueError, TypeError) as error:
        raise SigningRefused(f"unable to parse certificate request: {error}") from None


def alternative_names(request: x509.CertificateSigningRequest) -> x509.SubjectAlternativeName | None:
    """The names that a request asks for besides its subject."""
    from cryptography import x509

    try:
        return request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None
    except ValueError as error:
        raise SigningRefused(f"unable to parse certificate request: {error}") from None


def go_names(names: Iterable[x509.GeneralName]) -> x509.SubjectAlternativeName | None:
    """The names as Go writes those that it has read: four kinds, one after the other; None for none of them."""
    from cryptography import x509

    kinds = (x509.DNSName, x509.RFC822Name, x509.IPAddress, x509.UniformResourceIdentifier)
    known = [name for name in names if isinstance(name, kinds)]
    return x509.SubjectAlternativeName(sorted(known, key=lambda name: kinds.index(type(name)))) if known else None


def private_pem(key: CertificateIssuerPrivateKeyTypes) -> bytes:
    """PKCS #8, not encrypted."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _leaf_extensions(usages: tuple[str, ...]) -> list[tuple[x509.ExtensionType, bool]]:
    from cryptography import x509

    extensions: list[tuple[x509.ExtensionType, bool]] = []
    flags = key_usage_flags(usages)
    if any(flags.values()):
        extensions.append((x509.KeyUsage(**flags), True))
    if extended := extended_usages(usages):
        extensions.append((x509.ExtendedKeyUsage([x509.ObjectIdentifier(oid) for oid in extended]), False))
    extensions.append((x509.BasicConstraints(ca=False, path_length=None), True))
    return extensions


def _identifiers(
    issuer: x509.Certificate, sans: x509.SubjectAlternativeName | None, subject: x509.Name
) -> list[tuple[x509.ExtensionType, bool]]:
    from cryptography import x509

    extensions: list[tuple[x509.ExtensionType, bool]] = []
    with suppress(x509.ExtensionNotFound):
        key_id = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        extensions.append((x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id), False))
    if sans is not None:
        extensions.append((sans, not list(subject)))  # RFC 5280: critical where the subject is empty
    return extensions


def _builder(
    subject: x509.Name, public_key: CertificatePublicKeyTypes, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    from cryptography import x509

    builder = x509.CertificateBuilder().serial_number(x509.random_serial_number()).subject_name(subject)
    builder = builder.public_key(public_key).not_valid_before(start).not_valid_after(end)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)


def _sign(builder: x509.CertificateBuilder, key: CertificateIssuerPrivateKeyTypes) -> x509.Certificate:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    if isinstance(key, ed25519.Ed25519PrivateKey):
        return builder.sign(key, None)
    size = key.curve.key_size if isinstance(key, ec.EllipticCurvePrivateKey) else 256
    return builder.sign(key, hashes.SHA256() if size <= 256 else hashes.SHA384() if size <= 384 else hashes.SHA512())


def _name(common_name: str, organizations: Sequence[str] = ()) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, name) for name in organizations]
    return x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def go_name(name: x509.Name) -> x509.Name:
    """The name as Go writes one that it has read: known attributes only, those of a type together in one set."""
    from cryptography import x509

    parts: list[x509.RelativeDistinguishedName] = []
    for oid in _GO_ORDER:
        attributes = list(dict.fromkeys(name.get_attributes_for_oid(x509.ObjectIdentifier(oid))))
        if oid in _GO_SINGLE:
            attributes = attributes[-1:]
        if attributes:
            parts.append(x509.RelativeDistinguishedName(attributes))
    return x509.Name(parts)


_GO_ORDER = ("2.5.4.6", "2.5.4.10", "2.5.4.11", "2.5.4.7", "2.5.4.8", "2.5.4.9", "2.5.4.17", "2.5.4.3", "2.5.4.5")
"""Country, organization, unit, locality, province, street, postal code, common name, serial number."""
_GO_SINGLE = ("2.5.4.3", "2.5.4.5")


def _general_name(name: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def _moment(now: float | None) -> datetime:
    return datetime.fromtimestamp(time.time() if now is None else now, UTC).replace(microsecond=0)
