"""Who sends a request: certificates, proxies, token files, bootstrap tokens, headers, and the chain of all."""

from __future__ import annotations

import asyncio
from base64 import b64encode, urlsafe_b64encode
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict
from readers import ObjectsReader

from fakekube.apis.core import secrets
from fakekube.authn.bearer import Bearer, ForApiOnly, bearer_token, websocket_token
from fakekube.authn.bootstraptokens import BootstrapTokens
from fakekube.authn.certificates import Certificates, Verifier
from fakekube.authn.chain import Chain
from fakekube.authn.request import Credentials, Identity, Rejected
from fakekube.authn.requestheader import RequestHeader
from fakekube.authn.tokenfile import TokenFile, TokenFileError, read_token_file
from fakekube.machinery.headers import extras, unescape
from fakekube.machinery.objects import Object, UserInfo
from fakekube.machinery.users import authenticated, service_account_of
from fakekube.pki import Authority
from fakekube.runtime.clock import Clock

API = ("https://api",)


class FixedClock(Clock):
    """A clock that a test sets."""

    def __init__(self, moment: float = 1.7e9) -> None:
        super().__init__()
        self.moment = moment

    def now(self) -> float:
        return self.moment


def der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def run(authenticator: Any, *chain: bytes, **headers: str) -> Identity | str | None:
    """The identity, or the reason of the rejection."""
    named = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    try:
        identity: Identity | None = asyncio.run(authenticator.authenticate(Credentials(named, chain)))
    except Rejected as error:
        return "; ".join(error.args)
    return identity


class TestCertificates:
    clock = FixedClock()
    ca = Authority.make("one", now=clock.moment)
    other = Authority.make("two", now=clock.moment)
    stranger = Authority.make("one", now=clock.moment)

    def issue(self, *names: Any, ca: Authority | None = None, **more: Any) -> bytes:
        return der((ca or self.ca).issue(*names, now=self.clock.moment, **more).certificate)

    @pytest.fixture
    def certificates(self) -> Certificates:
        self.clock.moment = 1.7e9
        return Certificates(Verifier([self.ca.certificate_pem, self.other.certificate_pem], self.clock))

    def test_subject_is_the_user(self, certificates: Certificates) -> None:
        found = run(certificates, self.issue("ann", ("dev", "a b")))
        assert found == Identity(UserInfo("ann", groups=("dev", "a b")), "x509")

    def test_any_authority_will_do(self, certificates: Certificates) -> None:
        assert isinstance(run(certificates, self.issue("ann", ca=self.other)), Identity)

    @pytest.mark.parametrize(
        ("usages", "good"),
        [
            (["client auth"], True),
            (["server auth", "client auth"], True),
            (["any"], True),
            (["digital signature"], True),
            (["server auth"], False),
        ],
    )
    def test_usages(self, certificates: Certificates, usages: list[str], good: bool) -> None:
        assert isinstance(run(certificates, self.issue("ann", usages=usages)), Identity) is good

    def test_strangers_are_rejected(self, certificates: Certificates) -> None:
        assert "x509:" in str(run(certificates, self.issue("ann", ca=self.stranger)))

    def test_self_signed_is_rejected(self, certificates: Certificates) -> None:
        assert "x509:" in str(run(certificates, der(self.stranger.certificate_pem)))

    def test_garbage_is_rejected(self, certificates: Certificates) -> None:
        assert "x509:" in str(run(certificates, b"garbage"))

    def test_validity_follows_the_clock(self, certificates: Certificates) -> None:
        chain = self.issue("ann", days=1)
        assert isinstance(run(certificates, chain), Identity)
        self.clock.moment += 2 * 86400
        assert run(certificates, chain) == "x509: certificate has expired or is not yet valid"
        self.clock.moment -= 9 * 86400
        assert run(certificates, chain) == "x509: certificate has expired or is not yet valid"

    def test_no_common_name_is_nobody(self, certificates: Certificates) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "dev")])
        csr = x509.CertificateSigningRequestBuilder().subject_name(names).sign(key, hashes.SHA256())
        pem = self.ca.sign(csr.public_bytes(Encoding.PEM), ["client auth"], timedelta(days=1), now=self.clock.moment)
        assert run(certificates, der(pem)) is None

    def test_no_certificate_is_nobody(self, certificates: Certificates) -> None:
        assert run(certificates) is None

    def intermediate(self, *, ca: bool = True) -> tuple[bytes, bytes]:
        """(leaf, intermediate) of a path to `ca`."""
        root = x509.load_pem_x509_certificate(self.ca.certificate_pem)
        keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
        start = datetime.fromtimestamp(self.clock.moment - 60, UTC)
        made = []
        issuer, signer = root.subject, self.ca._key
        for number, key in enumerate(keys):
            name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ("middle", "leaf")[number])])
            builder = x509.CertificateBuilder(issuer, name, key.public_key(), x509.random_serial_number())
            builder = builder.not_valid_before(start).not_valid_after(start + timedelta(days=1))
            constraints = x509.BasicConstraints(ca=ca and number == 0, path_length=None)
            made.append(builder.add_extension(constraints, critical=True).sign(signer, hashes.SHA256()))  # type: ignore[arg-type]
            issuer, signer = name, key
        return made[1].public_bytes(Encoding.DER), made[0].public_bytes(Encoding.DER)

    def test_intermediates_are_followed(self, certificates: Certificates) -> None:
        leaf, middle = self.intermediate()
        assert run(certificates, leaf, middle) == Identity(UserInfo("leaf"), "x509")
        assert "x509:" in str(run(certificates, leaf))

    def test_a_user_is_no_authority(self, certificates: Certificates) -> None:
        assert "x509:" in str(run(certificates, *self.intermediate(ca=False)))

    def test_front_proxy_names_the_user(self) -> None:
        proxy = RequestHeader(Verifier([self.other.certificate_pem], self.clock), ("proxy",))
        self.clock.moment = 1.7e9
        good = self.issue("proxy", ca=self.other)
        named = {"X_Remote_User": "ann", "X_Remote_Group": "dev", "X_Remote_Extra_Acme.com%2fX": "1"}
        expected = UserInfo("ann", groups=("dev",), extra={"acme.com/x": ("1",)})
        assert run(proxy, good, **named) == Identity(expected, "requestheader")
        assert run(proxy, good) is None
        assert run(proxy, **named) is None
        bad_name = self.issue("mallory", ca=self.other)
        assert run(proxy, bad_name, **named) == "x509: subject with cn=mallory is not in the allowed list"
        assert "x509:" in str(run(proxy, self.issue("proxy"), **named))


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer abc", "abc"),
        ("BEARER abc more words", "abc"),
        ("  Bearer abc  ", "abc"),
        ("Bearer  abc", ""),
        ("Bearer", ""),
        ("Bearer ", ""),
        ("", ""),
        ("Basic YWRtaW46YWRtaW4=", ""),
        ("Token abc", ""),
        ("abc", ""),
        ('Digest username="x"', ""),
    ],
)
def test_authorization_headers(header: str, token: str) -> None:
    assert bearer_token({"Authorization": header}) == token


PREFIX = "base64url.bearer.authorization.k8s.io."
ENCODED = PREFIX + urlsafe_b64encode(b"tok?en>").decode().rstrip("=")


@pytest.mark.parametrize(
    ("protocols", "token"),
    [
        (f"{ENCODED}, v4.channel.k8s.io", "tok?en>"),
        ("v4.channel.k8s.io", ""),
        (f"{PREFIX}, v4", ""),
        (ENCODED, "missing additional subprotocol"),
        (f"{ENCODED},{ENCODED},v4", "multiple base64.bearer.authorization tokens specified"),
        (f"{PREFIX}!!,v4", "invalid base64.bearer.authorization token encoding"),
        (f"{PREFIX}A,v4", "invalid base64.bearer.authorization token encoding"),
        (f"{PREFIX}_w,v4", "invalid base64.bearer.authorization token"),
    ],
)
def test_tokens_of_browsers(protocols: str, token: str) -> None:
    headers = CIMultiDict({"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Protocol": protocols})
    try:
        found = websocket_token(headers)
    except Rejected as error:
        found = error.args[0]
    assert found == token


def test_only_websockets_have_them() -> None:
    assert websocket_token({"Sec-WebSocket-Protocol": f"{ENCODED}, v4"}) == ""


@pytest.mark.parametrize(
    ("text", "users"),
    [
        ("t,ann,1\n", {"t": UserInfo("ann", "1")}),
        ('t,ann,1,"dev,ops"\n', {"t": UserInfo("ann", "1", ("dev", "ops"))}),
        ("t,ann,1,dev,ops\n", {"t": UserInfo("ann", "1", ("dev",))}),
        ('t,ann,1,""\n', {"t": UserInfo("ann", "1", ("",))}),
        (",ann,1\n\nu,bob,2", {"u": UserInfo("bob", "2")}),
        ("t,ann,1\nt,bob,2\n", {"t": UserInfo("bob", "2")}),
        ("", {}),
    ],
)
def test_token_files(tmp_path: Path, text: str, users: dict[str, UserInfo]) -> None:
    path = tmp_path / "tokens.csv"
    path.write_text(text, encoding="utf-8")
    assert read_token_file(path) == users


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"t,ann\n", r"must have at least 3 columns \(token, user name, user uid\), found 2"),
        (b't,"ann"x,1\n', "tokens.csv"),
        (b"t,\xff,1\n", "tokens.csv"),
    ],
)
def test_faulty_token_files(tmp_path: Path, text: bytes, fault: str) -> None:
    path = tmp_path / "tokens.csv"
    path.write_bytes(text)
    with pytest.raises(TokenFileError, match=fault):
        read_token_file(path)


def bootstrap_secret(**values: str | None) -> Object:
    data = {
        "token-id": "abcdef",
        "token-secret": "0123456789abcdef",
        "usage-bootstrap-authentication": "true",
        **{name.replace("_", "-"): value for name, value in values.items()},
    }
    encoded = {name: b64encode(value.encode()).decode() for name, value in data.items() if value is not None}
    metadata = {"namespace": "kube-system", "name": "bootstrap-token-abcdef"}
    return {"metadata": metadata, "type": "bootstrap.kubernetes.io/token", "data": encoded}


TOKEN = "abcdef.0123456789abcdef"
DEFAULT = ("system:bootstrappers",)


@pytest.mark.parametrize(
    ("secret", "token", "groups"),
    [
        (bootstrap_secret(), TOKEN, DEFAULT),
        (bootstrap_secret(expiration="2099-01-01T00:00:00Z"), TOKEN, DEFAULT),
        (
            bootstrap_secret(auth_extra_groups="system:bootstrappers:z,system:bootstrappers:a"),
            TOKEN,
            ("system:bootstrappers", "system:bootstrappers:a", "system:bootstrappers:z"),
        ),
        (bootstrap_secret(auth_extra_groups="system:masters"), TOKEN, None),
        (bootstrap_secret(auth_extra_groups="system:bootstrappers:a,system:masters"), TOKEN, None),
        (bootstrap_secret(), "abcdef.0123456789abcdee", None),
        (bootstrap_secret(), "abcdeg.0123456789abcdef", None),
        (bootstrap_secret(), "abcdef.short", None),
        (bootstrap_secret(token_secret="short"), "abcdef.short", None),
        (bootstrap_secret(token_id="abcdeg"), TOKEN, None),
        (bootstrap_secret(token_id=None), TOKEN, None),
        (bootstrap_secret(usage_bootstrap_authentication="True"), TOKEN, None),
        (bootstrap_secret(usage_bootstrap_authentication=None), TOKEN, None),
        (bootstrap_secret(expiration="2001-01-01T00:00:00Z"), TOKEN, None),
        (bootstrap_secret(expiration="never"), TOKEN, None),
        ({**bootstrap_secret(), "type": "Opaque"}, TOKEN, None),
        ({"metadata": bootstrap_secret()["metadata"], "type": "bootstrap.kubernetes.io/token"}, TOKEN, None),
    ],
)
def test_bootstrap_tokens(secret: Object, token: str, groups: tuple[str, ...] | None) -> None:
    reader = ObjectsReader()
    reader.put(secrets.RESOURCE, secret)
    tokens = BootstrapTokens(reader, FixedClock())
    identity = asyncio.run(tokens.authenticate_token(token, API))
    expected = UserInfo("system:bootstrap:abcdef", groups=groups) if groups else None
    assert (identity and identity.user) == expected


class Fails:
    """Rejects everything for a reason of its own."""

    async def authenticate(self, _: Credentials) -> Identity | None:
        raise Rejected("why")


def chain(*more: Any, anonymous: bool = True) -> Chain:
    users = {"good": UserInfo("ann", groups=("dev",))}
    return Chain([*more, Bearer([ForApiOnly(TokenFile(users), API)], API)], API, anonymous=anonymous)


ANN = Identity(UserInfo("ann", groups=("dev", "system:authenticated")), "tokenfile", API)
NOBODY = Identity(UserInfo("system:anonymous", groups=("system:unauthenticated",)), "anonymous", API)


@pytest.mark.parametrize(
    ("made", "headers", "expected"),
    [
        (chain(), {"Authorization": "Bearer good"}, ANN),
        (chain(), {"Authorization": "Bearer bad"}, "invalid bearer token"),
        (chain(), {}, NOBODY),
        (chain(anonymous=False), {}, None),
        (chain(Fails()), {}, "why"),
        (chain(Fails()), {"Authorization": "Bearer bad"}, "why; invalid bearer token"),
    ],
)
def test_chain(made: Chain, headers: dict[str, str], expected: Any) -> None:
    assert run(made, **headers) == expected


def test_a_good_token_mends_a_bad_certificate() -> None:
    assert isinstance(run(chain(Fails()), Authorization="Bearer good"), Identity)


def test_static_tokens_are_for_the_api_alone() -> None:
    credentials = Credentials({"Authorization": "Bearer good"}, audiences=("other",))
    with pytest.raises(Rejected):
        asyncio.run(chain().authenticate(credentials))
    both = Credentials({"Authorization": "Bearer good"}, audiences=("other", *API))
    identity = asyncio.run(chain().authenticate(both))
    assert identity is not None
    assert identity.audiences == API


@pytest.mark.parametrize(
    ("name", "groups", "expected"),
    [
        ("ann", (), ("system:authenticated",)),
        ("ann", ("dev",), ("dev", "system:authenticated")),
        ("ann", ("system:authenticated",), ("system:authenticated",)),
        ("ann", ("system:unauthenticated",), ("system:unauthenticated",)),
        ("system:anonymous", (), ()),
    ],
)
def test_who_is_known_has_a_group(name: str, groups: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert authenticated(UserInfo(name, groups=groups)).groups == expected


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("system:serviceaccount:n:a.b", ("n", "a.b")),
        ("system:serviceaccount:n", None),
        ("system:serviceaccount:n:a:b", None),
        ("system:serviceaccount::a", None),
        ("system:serviceaccount:N_1:a", None),
        ("system:serviceaccount:n:", None),
        ("serviceaccount:n:a", None),
    ],
)
def test_names_of_service_accounts(name: str, key: tuple[str, str] | None) -> None:
    assert service_account_of(name) == key


@pytest.mark.parametrize(
    ("key", "plain"), [("a%2fb", "a/b"), ("bad%zz", "bad%zz"), ("a%", "a%"), ("%41%4", "%41%4"), ("x", "x")]
)
def test_keys_of_extras(key: str, plain: str) -> None:
    assert unescape(key) == plain


def test_extras_are_gathered() -> None:
    headers = CIMultiDict([("X-Extra-A", "1"), ("x-extra-a", "2"), ("X-Extra-%41", "3"), ("X-Other", "4")])
    assert extras(headers, "X-Extra-") == {"a": ("1", "2"), "A": ("3",)}


@given(st.text())
def test_no_header_breaks_the_parser(text: str) -> None:
    bearer_token({"Authorization": text})
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Protocol": f"{PREFIX}{text}, v4"}
    with suppress(Rejected):
        websocket_token(headers)
