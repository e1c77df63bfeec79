"""Certificates, keys and what they are written to."""

from __future__ import annotations

import hashlib
import os
import ssl
import stat
import time
from base64 import b64decode, urlsafe_b64decode
from datetime import timedelta
from pathlib import Path

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from fakekube.pki import (
    Authority,
    SigningRefused,
    jwks,
    kubeconfig,
    load_or_make_signing_key,
    make_identities,
    openid_configuration,
    parse_request,
    serving_names,
)
from fakekube.pki.signers import (
    API_SERVER_CLIENT,
    KUBELET_CLIENT,
    KUBELET_SERVING,
    LEGACY_UNKNOWN,
    approvals,
    common_name,
    organizations,
    refusal,
)
from fakekube.pki.usages import EXTENDED_USAGES, KEY_USAGES

CLIENT = ["digital signature", "key encipherment", "client auth"]
SERVING = ["digital signature", "key encipherment", "server auth"]
VERIFY_X509_STRICT = ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.make("test-ca")


def request(
    common_name: str = "", organizations: tuple[str, ...] = (), sans: tuple[x509.GeneralName, ...] = ()
) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, name) for name in organizations]
    if common_name:
        names.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name))
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names))
    if sans:
        builder = builder.add_extension(x509.SubjectAlternativeName(sans), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def handshake(authority: Authority, chain: Path, name: str) -> None:
    """A TLS handshake in memory, verified as strictly as OpenSSL can. Raises ssl.SSLError."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(chain)
    client_context = ssl.create_default_context(cadata=authority.certificate_pem.decode())
    client_context.verify_flags |= VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    client = client_context.wrap_bio(to_client, to_server, server_hostname=name)
    for _ in range(3):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert client.version() == "TLSv1.3"


@pytest.mark.parametrize("name", [*serving_names("192.0.2.7", "10.96.0.1")])
def test_serving_certificate_passes_strict_verification(tmp_path: Path, name: str) -> None:
    identities = make_identities(serving_names("192.0.2.7", "10.96.0.1"))
    chain = tmp_path / "chain.pem"
    chain.write_bytes(identities.serving.key + identities.serving.certificate)
    handshake(identities.ca, chain, name)


def test_another_name_is_not_served(tmp_path: Path) -> None:
    identities = make_identities(serving_names("127.0.0.1", "10.96.0.1"))
    chain = tmp_path / "chain.pem"
    chain.write_bytes(identities.serving.key + identities.serving.certificate)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(identities.ca, chain, "192.0.2.7")


@pytest.mark.parametrize("address", ["0.0.0.0", "::"])
def test_all_addresses_are_no_name(address: str) -> None:
    assert address not in serving_names(address, "10.96.0.1")


def test_admin_is_master() -> None:
    identities = make_identities(("localhost",))
    subject = x509.load_pem_x509_certificate(identities.admin.certificate).subject
    assert subject.rfc4514_string() == "CN=kubernetes-admin,O=system:masters"


def test_everything_is_made_quickly() -> None:
    make_identities(("localhost",))  # imports
    start = time.perf_counter()
    make_identities(serving_names("127.0.0.1", "10.96.0.1"))
    assert time.perf_counter() - start < 0.25  # 30 ms on a quiet machine


def test_authority_survives_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "pki"
    first = make_identities(("localhost",), folder)
    second = make_identities(("localhost",), folder)
    assert first.ca.certificate_pem == second.ca.certificate_pem
    assert first.front_proxy_ca.certificate_pem == second.front_proxy_ca.certificate_pem
    assert first.ca.certificate_pem != first.front_proxy_ca.certificate_pem
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"ca.key": 0o600, "ca.crt": 0o644, "front-proxy-ca.key": 0o600, "front-proxy-ca.crt": 0o644}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700 or os.name == "nt"


def test_request_keeps_its_subject_and_names(authority: Authority) -> None:
    csr = request(
        "ann", ("long name", "ops", "dev", "ops"), (x509.DNSName("a.example"), x509.RFC822Name("a@example.com"))
    )
    certificate = x509.load_pem_x509_certificate(authority.sign(csr, CLIENT, timedelta(days=1), now=1e9))
    assert organizations(certificate) == ["dev", "ops", "long name"]  # a set in DER's order, as Go makes one
    assert common_name(certificate) == "ann"
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [name.value for name in names] == ["a.example", "a@example.com"]
    lifetime = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert lifetime == timedelta(days=1) or certificate.not_valid_after_utc.timestamp() < 1e9 + 86400
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_certificates_end_with_their_authority() -> None:
    authority = Authority.make("short", days=1, now=1e9)
    certificate = x509.load_pem_x509_certificate(authority.issue("ann", days=10, now=1e9).certificate)
    assert certificate.not_valid_after_utc.timestamp() == 1e9 - 300 + 86400
    with pytest.raises(SigningRefused, match="the signer has expired"):
        authority.issue("ann", now=1e9 + 2 * 86400)


@pytest.mark.parametrize("usage", [*KEY_USAGES, *EXTENDED_USAGES])
def test_every_usage_can_be_signed(authority: Authority, usage: str) -> None:
    certificate = x509.load_pem_x509_certificate(authority.sign(request("ann"), [usage], timedelta(days=1)))
    kinds = {type(extension.value) for extension in certificate.extensions}
    wanted = x509.ExtendedKeyUsage if usage in EXTENDED_USAGES else x509.KeyUsage
    assert wanted in kinds or usage in ("encipher only", "decipher only")


def test_unknown_usages_are_refused(authority: Authority) -> None:
    with pytest.raises(SigningRefused, match=r'^unrecognized usage values: \["a" "b"\]$'):
        authority.sign(request("ann"), ["client auth", "a", "b"], timedelta(days=1))


@pytest.mark.parametrize(
    "data", [b"", b"garbage", b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"]
)
def test_no_request_is_refused(authority: Authority, data: bytes) -> None:
    with pytest.raises(SigningRefused):
        authority.sign(data, CLIENT, timedelta(days=1))


DNS, MAIL = x509.DNSName("n1"), x509.RFC822Name("n@example.com")
IP = x509.IPAddress(__import__("ipaddress").ip_address("10.0.0.1"))
URI = x509.UniformResourceIdentifier("spiffe://n1")
NODE = ("system:node:n1", ("system:nodes",))


@pytest.mark.parametrize(
    ("signer", "subject", "sans", "usages", "reason"),
    [
        (API_SERVER_CLIENT, ("ann", ()), (), CLIENT, ""),
        (API_SERVER_CLIENT, ("ann", ()), (), ["client auth"], ""),
        (API_SERVER_CLIENT, ("ann", ()), (), SERVING, "invalid usage for client certificate: server auth"),
        (API_SERVER_CLIENT, ("ann", ()), (), [], "missing required usage for client certificate: client auth"),
        (KUBELET_CLIENT, NODE, (), CLIENT, ""),
        (KUBELET_CLIENT, NODE, (DNS, MAIL), CLIENT, "DNS subjectAltNames are not allowed"),
        (KUBELET_CLIENT, NODE, (MAIL,), CLIENT, "Email subjectAltNames are not allowed"),
        (KUBELET_CLIENT, NODE, (IP,), CLIENT, "IP subjectAltNames are not allowed"),
        (KUBELET_CLIENT, NODE, (URI,), CLIENT, "URI subjectAltNames are not allowed"),
        (KUBELET_CLIENT, ("ann", ()), (DNS,), CLIENT, "subject organization is not system:nodes"),
        (KUBELET_CLIENT, ("ann", ("system:nodes",)), (), [], "subject common name does not begin with system:node:"),
        (
            KUBELET_CLIENT,
            NODE,
            (),
            ["client auth"],
            "usages did not match [client auth digital signature key encipherment]",
        ),
        (KUBELET_SERVING, NODE, (DNS, IP), SERVING, ""),
        (KUBELET_SERVING, NODE, (), SERVING, "DNS or IP subjectAltName is required"),
        (KUBELET_SERVING, NODE, (DNS, MAIL), SERVING, "Email subjectAltNames are not allowed"),
        (KUBELET_SERVING, NODE, (DNS, URI), SERVING, "URI subjectAltNames are not allowed"),
        (
            KUBELET_SERVING,
            ("ann", ("system:nodes",)),
            (DNS,),
            CLIENT,
            "usages did not match [digital signature key encipherment server auth]",
        ),
        (LEGACY_UNKNOWN, ("ann", ()), (DNS,), ["any"], ""),
    ],
)
def test_signers(
    signer: str,
    subject: tuple[str, tuple[str, ...]],
    sans: tuple[x509.GeneralName, ...],
    usages: list[str],
    reason: str,
) -> None:
    assert refusal(signer, parse_request(request(*subject, sans)), usages) == reason


@pytest.mark.parametrize(
    ("signer", "subject", "user", "expected"),
    [
        (KUBELET_CLIENT, NODE, "system:node:n1", ("selfnodeclient", "nodeclient")),
        (KUBELET_CLIENT, NODE, "system:bootstrap:abcdef", ("nodeclient",)),
        (KUBELET_CLIENT, ("ann", ()), "ann", ()),
        (API_SERVER_CLIENT, NODE, "system:node:n1", ()),
    ],
)
def test_kubelets_may_be_approved_without_a_person(
    signer: str, subject: tuple[str, tuple[str, ...]], user: str, expected: tuple[str, ...]
) -> None:
    assert approvals(signer, parse_request(request(*subject)), CLIENT, user) == expected


def test_kubeconfig_embeds_everything() -> None:
    identities = make_identities(("localhost",))
    document = kubeconfig("https://localhost:1", identities.ca.certificate_pem, identities.admin)
    user, cluster = document["users"][0], document["clusters"][0]
    assert b64decode(user["user"]["client-key-data"]) == identities.admin.key
    assert b64decode(cluster["cluster"]["certificate-authority-data"]) == identities.ca.certificate_pem
    context = document["contexts"][0]
    assert document["current-context"] == context["name"]
    assert context["context"] == {"cluster": cluster["name"], "user": user["name"]}


def test_kubeconfig_of_a_token() -> None:
    assert kubeconfig("https://localhost:1", b"x", "abc")["users"][0]["user"] == {"token": "abc"}


def test_signing_key_is_kept_and_documented(tmp_path: Path) -> None:
    key = load_or_make_signing_key(tmp_path).result(60)
    assert load_or_make_signing_key(tmp_path).result(60).id == key.id
    assert stat.S_IMODE((tmp_path / "sa.key").stat().st_mode) == 0o600
    der = key.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert urlsafe_b64decode(key.id + "=") == hashlib.sha256(der).digest()
    document = jwks([key])["keys"][0]
    assert {name: document[name] for name in ("use", "kty", "alg", "e")} == {
        "use": "sig",
        "kty": "RSA",
        "alg": "RS256",
        "e": "AQAB",
    }
    token = key.sign({"sub": "x", "aud": ["y"]})
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "kid": key.id}
    assert jwt.decode(token, jwt.PyJWK(document).key, algorithms=["RS256"], audience="y") == {"sub": "x", "aud": ["y"]}


def test_a_strange_key_file_is_an_error(tmp_path: Path) -> None:
    Authority.make("x").save(tmp_path, "sa")
    with pytest.raises(ValueError, match="does not hold an RSA key"):
        load_or_make_signing_key(tmp_path).result(60)


def test_openid_configuration() -> None:
    document = openid_configuration("https://issuer", "https://host:1/openid/v1/jwks")
    assert document["issuer"] == "https://issuer"
    assert document["jwks_uri"] == "https://host:1/openid/v1/jwks"
