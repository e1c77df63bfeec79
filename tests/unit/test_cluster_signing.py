"""--cluster-signing-*: which authority signs for which signer, for how long, and which flags go together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from fakekube.options import Options
from fakekube.pki import Authority, SigningRefused
from fakekube.pki.clustersigning import BOTH_SORTS, ClusterSigning, build
from fakekube.pki.signers import API_SERVER_CLIENT, KUBELET_CLIENT, KUBELET_SERVING, LEGACY_UNKNOWN, SIGNERS

NOW = 2e9
OWN = Authority.make("own", now=NOW)


def request() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ann")])
    key = ec.generate_private_key(ec.SECP256R1())
    return (
        x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    )


def signed(signing: ClusterSigning, signer: str = LEGACY_UNKNOWN, now: float = NOW) -> x509.Certificate:
    return x509.load_pem_x509_certificate(signing.sign(signer, request(), ["client auth"], now))


def files(folder: Path, name: str) -> tuple[Path, Path]:
    Authority.make(name, days=30, now=NOW).save(folder, name)
    return folder / f"{name}.crt", folder / f"{name}.key"


def issuer(certificate: x509.Certificate) -> str:
    return certificate.issuer.rfc4514_string()


def test_the_clusters_own_authority_signs_everything() -> None:
    signing = build(Options(), OWN)
    assert {issuer(signed(signing, signer)) for signer in SIGNERS} == {"CN=own"}
    assert not signing.signs("example.com/mine")


def test_one_authority_for_all(tmp_path: Path) -> None:
    certificate, key = files(tmp_path, "other")
    signing = build(Options(cluster_signing_cert_file=certificate, cluster_signing_key_file=key), OWN)
    assert {issuer(signed(signing, signer)) for signer in SIGNERS} == {"CN=other"}


def test_signers_without_files_do_not_sign_beside_one_that_has_some(tmp_path: Path) -> None:
    options = dict(zip(pair("kube_apiserver_client"), files(tmp_path, "clients"), strict=True))
    options |= dict(zip(pair("kubelet_serving"), files(tmp_path, "kubelets"), strict=True))
    signing = build(Options(**options), OWN)
    assert [signer for signer in SIGNERS if signing.signs(signer)] == [API_SERVER_CLIENT, KUBELET_SERVING]
    assert issuer(signed(signing, API_SERVER_CLIENT)) == "CN=clients"
    assert issuer(signed(signing, KUBELET_SERVING)) == "CN=kubelets"


def pair(signer: str = "") -> tuple[str, str]:
    which = f"{signer}_" if signer else ""
    return f"cluster_signing_{which}cert_file", f"cluster_signing_{which}key_file"


HALF = [
    ("kubelet_serving", "cluster-signing-kubelet-serving"),
    ("kubelet_client", "cluster-signing-kube-apiserver-client"),
    ("kube_apiserver_client", "cluster-signing-kube-apiserver"),
    ("legacy_unknown", "cluster-signing-legacy-unknown"),
    ("", "cluster-signing"),
]


@pytest.mark.parametrize(("signer", "called"), HALF)
def test_half_a_pair(signer: str, called: str) -> None:
    certificate, key = pair(signer)
    for given, why in ((certificate, "cannot specify cert without key"), (key, "cannot specify key without cert")):
        assert fault(**{given: Path("x")}) == f'"{called}": {why}'


def fault(**options: Any) -> str:
    with pytest.raises(ValueError, match="c") as caught:
        build(Options(**options), OWN)
    return str(caught.value)


def test_general_and_particular_files_do_not_go_together(tmp_path: Path) -> None:
    both = dict.fromkeys((*pair(), *pair("legacy_unknown")), tmp_path / "x")
    assert fault(**both) == BOTH_SORTS
    del both["cluster_signing_legacy_unknown_key_file"]
    assert fault(**both) == f'["cluster-signing-legacy-unknown": cannot specify cert without key, {BOTH_SORTS}]'


@pytest.mark.parametrize("broken", ["missing", "garbage", "two certificates", "another key"])
def test_files_that_are_no_authority(tmp_path: Path, broken: str) -> None:
    certificate, key = files(tmp_path, "a")
    match broken:
        case "missing":
            certificate.unlink()
        case "garbage":
            key.write_text("x")
        case "two certificates":
            certificate.write_bytes(certificate.read_bytes() * 2)
        case _:
            key = files(tmp_path, "b")[1]
    text = fault(cluster_signing_cert_file=certificate, cluster_signing_key_file=key)
    assert text.startswith(
        f'failed to start {KUBELET_SERVING} certificate controller: error reading CA cert file "{certificate}"'
    )


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP384R1()),
        ed25519.Ed25519PrivateKey.generate(),
    ],
)
def test_authorities_with_other_keys(key: Any) -> None:
    name, start = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "other")]), datetime.fromtimestamp(NOW - 9, UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + timedelta(days=9))
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    authority = Authority.read(builder.sign(key, digest).public_bytes(Encoding.PEM), pem)
    certificate = signed(ClusterSigning({LEGACY_UNKNOWN: authority}, timedelta(days=1)))
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.certificate_pem))


@pytest.mark.parametrize(
    ("lifetime", "days"), [(timedelta(hours=1), 1 / 24), (timedelta(days=30), 30), (timedelta(days=99), 30)]
)
def test_how_long_certificates_last(lifetime: timedelta, days: float) -> None:
    authority = Authority.make("a", days=30, now=NOW)
    certificate = signed(ClusterSigning({LEGACY_UNKNOWN: authority}, lifetime))
    assert certificate.not_valid_before_utc.timestamp() == NOW - 300, "clocks may go slow"
    assert certificate.not_valid_after_utc.timestamp() == NOW - 300 + days * 86400


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (31 * 86400, "the signer has expired: NotAfter="),
        (30 * 86400 - 60, "refusing to sign a certificate that expired in the past"),
    ],
)
def test_an_authority_at_its_end(after: float, why: str) -> None:
    signing = ClusterSigning({KUBELET_CLIENT: Authority.make("a", days=30, now=NOW)}, timedelta(days=1))
    with pytest.raises(SigningRefused, match=why):
        signed(signing, KUBELET_CLIENT, NOW + after)
