"""Client certificates that nobody should trust: the handshake passes, as on a real server, and the answer is 401."""

from __future__ import annotations

import datetime
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakekube.testing.cluster import User

if TYPE_CHECKING:
    from fakekube.testing import Cluster

NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)
UNAUTHORIZED = {
    "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": "Unauthorized",
    "reason": "Unauthorized", "code": 401,
}  # fmt: skip


class Pair:
    """What User wants of a key pair: PEMs."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self.certificate = certificate.public_bytes(Encoding.PEM)
        self.key = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def certificate(
    names: list[tuple[x509.ObjectIdentifier, str]],
    begin: datetime.datetime = NOW - DAY,
    end: datetime.datetime = NOW + DAY,
    usage: x509.ObjectIdentifier | None = None,
    issuer: str = "",
) -> Pair:
    """A certificate that its own key has signed, whatever issuer it names."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(oid, value) for oid, value in names])
    by = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]) if issuer else subject
    builder = x509.CertificateBuilder(by, subject, key.public_key(), x509.random_serial_number(), begin, end)
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return Pair(builder.sign(key, hashes.SHA256()), key)


ADMIN = [(NameOID.ORGANIZATION_NAME, "system:masters"), (NameOID.COMMON_NAME, "admin")]


@pytest.mark.parametrize(
    "pair",
    [
        certificate(ADMIN),
        certificate(ADMIN, issuer="kubernetes"),
        certificate(ADMIN, NOW - 2 * DAY, NOW - DAY),
        certificate(ADMIN, NOW + DAY, NOW + 2 * DAY),
        certificate(ADMIN, usage=ExtendedKeyUsageOID.SERVER_AUTH),
        certificate([]),
        certificate([(NameOID.COMMON_NAME, "é" * 20)]),
    ],
    ids=["self-signed", "another's name", "expired", "not yet valid", "for servers", "nameless", "no ASCII"],
)
def test_it_is_worth_nothing(fakekube: Cluster, pair: Pair) -> None:
    answer = User(fakekube.url, fakekube.ca, pair).get("/api/v1/pods")  # type: ignore[arg-type]
    assert (answer.status, answer.json()) == (401, UNAUTHORIZED)
    fakekube.check()


def test_a_certificate_of_the_cluster_expires(fakekube: Cluster) -> None:
    jane = fakekube.user("jane")
    assert jane.get("/api/v1/pods").status == 403
    fakekube.clock.advance(days=3_660)
    assert jane.get("/api/v1/pods").json() == UNAUTHORIZED


def test_a_user_may_be_called_as_the_authority_is(fakekube: Cluster) -> None:
    assert fakekube.user("kubernetes").get("/api/v1/pods").status == 403


texts = st.text(min_size=1, max_size=30).filter(lambda text: "\x00" not in text)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from([NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.EMAIL_ADDRESS]), texts))
)
def test_any_subject_is_refused(fakekube: Cluster, names: list[tuple[x509.ObjectIdentifier, str]]) -> None:
    try:
        pair = certificate(names)
    except ValueError:  # no such name can be written
        return
    assert User(fakekube.url, fakekube.ca, pair).get("/version").status == 401  # type: ignore[arg-type]
    fakekube.check()


@pytest.mark.parametrize("name", ["client.pem"])
def test_keys_do_not_stay_behind(fakekube: Cluster, name: str) -> None:
    fakekube.user("jane")
    assert not list(Path(tempfile.gettempdir()).glob(f"*/{name}"))
