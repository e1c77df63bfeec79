"""Verified client certificates: the user is the subject's common name, the groups are its organizations.

Follows apiserver's authentication/request/x509. The TLS handshake takes any certificate; here it is verified, against
whichever authorities there are, and what came out is kept for the certificate's next request.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fakekube.authn.request import Credentials, Identity, Rejected
from fakekube.machinery.objects import UserInfo
from fakekube.runtime.clock import Clock

if TYPE_CHECKING:
    from cryptography import x509
    from OpenSSL import crypto

REMEMBERED = 1_000
CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"
ANY_USAGE = "2.5.29.37.0"
_WEAK_HASHES = frozenset({"md5", "sha1"})


class Subject(NamedTuple):
    """Of a verified certificate."""

    common_name: str
    organizations: tuple[str, ...]


class _Outcome(NamedTuple):
    subject: Subject | None
    fault: str
    begin: float
    end: float
    """Seconds since the epoch between which the whole chain is valid."""


class Verifier:
    """Verifies chains for client authentication by the certificates in some PEM files, and remembers the outcome."""

    def __init__(self, authorities: Iterable[bytes], clock: Clock) -> None:
        self._authorities = tuple(authorities)
        self._clock = clock
        self._store: crypto.X509Store | None = None
        self._known: dict[tuple[bytes, ...], _Outcome] = {}

    def subject(self, chain: tuple[bytes, ...]) -> Subject:
        """The subject of the leaf. Raises Rejected if it does not verify now."""
        outcome = self._known.get(chain)
        if outcome is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            outcome = self._known[chain] = self._verify(chain)
        if outcome.subject is None:
            raise Rejected(f"x509: {outcome.fault}")
        if not outcome.begin <= self._clock.now() <= outcome.end:
            raise Rejected("x509: certificate has expired or is not yet valid")
        return outcome.subject

    def _verify(self, chain: tuple[bytes, ...]) -> _Outcome:
        from cryptography import x509
        from OpenSSL import crypto

        try:
            shown = [x509.load_der_x509_certificate(der) for der in chain]
            verified = self._path(shown)
            if fault := _fault(verified):
                return _Outcome(None, fault, 0, 0)
            begin = max(each.not_valid_before_utc.timestamp() for each in verified)
            end = min(each.not_valid_after_utc.timestamp() for each in verified)
            return _Outcome(_subject(shown[0]), "", begin, end)
        except (ValueError, crypto.Error, crypto.X509StoreContextError) as error:
            return _Outcome(None, str(error), 0, 0)

    def _path(self, shown: Sequence[x509.Certificate]) -> list[x509.Certificate]:
        """The verified path from the leaf to an authority. Raises X509StoreContextError."""
        from OpenSSL import crypto

        leaf, *others = (crypto.X509.from_cryptography(certificate) for certificate in shown)
        context = crypto.X509StoreContext(self._trusted(), leaf, others)
        return [certificate.to_cryptography() for certificate in context.get_verified_chain()]

    def _trusted(self) -> crypto.X509Store:
        from cryptography import x509
        from OpenSSL import crypto

        if self._store is None:
            self._store = crypto.X509Store()
            # Any trusted certificate ends a path, self-signed or not. Validity is checked by our own clock afterwards.
            self._store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN | _NO_CHECK_TIME)
            for pem in self._authorities:
                for certificate in x509.load_pem_x509_certificates(pem):
                    self._store.add_cert(crypto.X509.from_cryptography(certificate))
        return self._store


_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME, which pyOpenSSL has no name for."""


def _fault(path: Sequence[x509.Certificate]) -> str:
    """What Go's verification refuses and OpenSSL's, without a purpose, does not."""
    for certificate in path:
        if not _for_clients(certificate):
            return "certificate specifies an incompatible key usage"
    for certificate in path[:-1]:
        algorithm = certificate.signature_hash_algorithm
        if algorithm is not None and algorithm.name in _WEAK_HASHES:
            return f"cannot verify signature: insecure algorithm {algorithm.name}"
    return ""


def _for_clients(certificate: x509.Certificate) -> bool:
    from cryptography import x509

    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return any(usage.dotted_string in (CLIENT_AUTH, ANY_USAGE) for usage in usages)


def _subject(certificate: x509.Certificate) -> Subject:
    from fakekube.pki.signers import common_name, organizations

    return Subject(common_name(certificate), tuple(organizations(certificate)))


def read_authorities(path: Path) -> bytes:
    """A PEM file of certificates. Raises OSError, ValueError for a file without any."""
    from cryptography import x509

    data = path.read_bytes()
    try:
        found = x509.load_pem_x509_certificates(data)
    except ValueError:
        found = []
    if not found:
        raise ValueError(f"error reading {path}: data does not contain any valid RSA or ECDSA certificates")
    return data


class Certificates:
    """The authenticator."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

    async def authenticate(self, credentials: Credentials) -> Identity | None:
        """Whom the certificate names; nobody without a certificate or a common name. Raises Rejected."""
        if not credentials.peer_certificates:
            return None
        subject = self._verifier.subject(credentials.peer_certificates)
        if not subject.common_name:
            return None
        return Identity(UserInfo(subject.common_name, groups=subject.organizations), "x509")
