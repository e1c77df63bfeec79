"""ID tokens of an OpenID issuer on loopback, over HTTPS in both directions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from fakekube.testing.cluster import User
from tests.api.backends import Answer, Backend

if TYPE_CHECKING:
    from fakekube.testing import Cluster

REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews"
NOW = 1_700_000_000
"""All that a token says of time is relative to the cluster's clock."""


class Issuer:
    """An OpenID issuer with keys by id; `found` is its discovery document, None while it is down."""

    def __init__(self, folder: Path) -> None:
        self.keys: dict[str, Any] = {"one": rsa.generate_private_key(65537, 2048)}
        self.claims_token = ""
        self.up = True
        self.backend = Backend(self._play)
        self.url = self.backend.url
        self.ca = folder / "issuer.pem"
        self.ca.write_bytes(self.backend.authority.certificate_pem)

    def _play(self, path: str, headers: Any, _: Any) -> Answer:
        if not self.up:
            return 503, "down"
        if path == "/.well-known/openid-configuration":
            return 200, {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        if path == "/claims":
            return 200 if headers.get("Authorization") == "Bearer secret" else 403, self.claims_token
        return 200, {"keys": [self._public(name) for name in self.keys]}

    def _public(self, name: str) -> dict[str, Any]:
        key = self.keys[name].public_key()
        algorithm: Any = RSAAlgorithm if isinstance(key, rsa.RSAPublicKey) else ECAlgorithm
        return {**json.loads(algorithm.to_jwk(key)), "kid": name, "use": "sig"}

    def token(self, by: str = "one", algorithm: str = "RS256", kid: str | None = None, **claims: Any) -> str:
        """A token for the client "app"; None takes a claim out."""
        whole = {"iss": self.url, "aud": "app", "sub": "jane", "exp": NOW * 10, **claims}
        said = {name: value for name, value in whole.items() if value is not None}
        return jwt.encode(said, self.keys[by], algorithm, headers={"kid": by if kid is None else kid})

    @property
    def flags(self) -> dict[str, Any]:
        return {"oidc_issuer_url": self.url, "oidc_client_id": "app", "oidc_ca_file": self.ca}


@pytest.fixture(scope="module")
def _issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    made = Issuer(tmp_path_factory.mktemp("issuer"))
    yield made
    made.backend.close()


@pytest.fixture
def issuer(_issuer: Issuer) -> Iterator[Issuer]:
    first = _issuer.keys["one"]
    yield _issuer
    _issuer.keys, _issuer.up = {"one": first}, True
    _issuer.backend.asked.clear()
    _issuer.backend.answer_headers.clear()


def whose(cluster: Cluster, token: str) -> Any:
    """What a TokenReview says: (name, groups), or why the token is worth nothing."""
    body = {"kind": "TokenReview", "apiVersion": "authentication.k8s.io/v1", "spec": {"token": token}}
    status = cluster.admin.request("POST", REVIEWS, body).json()["status"]
    if status.get("authenticated"):
        return status["user"]["username"], status["user"].get("groups")
    return status.get("error", "").removeprefix("[invalid bearer token, ").removesuffix("]")


AUTHENTICATED = "system:authenticated"


def test_a_token_is_its_users(fakekube: Cluster, issuer: Issuer) -> None:
    fakekube.reset(**issuer.flags)
    assert issuer.backend.asked == []
    jane = User(fakekube.url, fakekube.ca, token=issuer.token())
    refused = jane.get("/api/v1/namespaces/default/pods")
    assert refused.status == 403
    assert f'User "{issuer.url}#jane" cannot list resource' in refused.json()["message"]
    assert jane.get("/version").status == 200
    assert [path for path, _ in issuer.backend.asked] == ["/.well-known/openid-configuration", "/keys"]
    assert fakekube.requests[-1].identity.authenticator == "oidc"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("flags", "claims", "found"),
    [
        ({"oidc_username_prefix": "-"}, {}, ("jane", [AUTHENTICATED])),
        ({"oidc_username_prefix": "oidc:"}, {}, ("oidc:jane", [AUTHENTICATED])),
        ({"oidc_username_claim": "email"}, {"email": "j@x"}, ("j@x", [AUTHENTICATED])),
        ({"oidc_username_claim": "email"}, {"email": "j@x", "email_verified": True}, ("j@x", [AUTHENTICATED])),
        ({"oidc_username_claim": "email"}, {"email": "j@x", "email_verified": False}, "oidc: email not verified"),
        (
            {"oidc_username_claim": "email"},
            {"email": "j@x", "email_verified": "true"},
            "oidc: parse 'email_verified' claim: json: cannot unmarshal string into Go value of type bool",
        ),
        ({"oidc_username_claim": "email"}, {}, 'oidc: parse username claims "email": claim not present'),
        (
            {"oidc_username_claim": "n"},
            {"n": 1},
            'oidc: parse username claims "n": json: cannot unmarshal number into Go value of type string',
        ),
        ({"oidc_groups_claim": "groups"}, {"groups": ["a", "b"]}, ("jane", ["a", "b", AUTHENTICATED])),
        ({"oidc_groups_claim": "role", "oidc_groups_prefix": "o:"}, {"role": "a"}, ("jane", ["o:a", AUTHENTICATED])),
        (
            {"oidc_groups_claim": "groups"},
            {"groups": [1]},
            'oidc: parse groups claim "groups": json: cannot unmarshal array into Go value of type string',
        ),
        ({"oidc_required_claim": {"hd": "x"}}, {"hd": "x"}, ("jane", [AUTHENTICATED])),
        ({"oidc_required_claim": {"hd": "x"}}, {}, "oidc: required claim hd not present in ID token"),
        (
            {"oidc_required_claim": {"hd": "x"}},
            {"hd": "y"},
            "oidc: required claim hd value does not match. Got = y, want = x",
        ),
        ({}, {"aud": ["other", "app"]}, ("jane", [AUTHENTICATED])),
        ({}, {"aud": "other"}, 'oidc: verify token: oidc: expected audience "app" got ["other"]'),
        ({}, {"aud": None}, 'oidc: verify token: oidc: expected audience "app" got []'),
        (
            {},
            {"exp": 1_000_000_000},
            "oidc: verify token: oidc: token is expired (Token Expiry: 2001-09-09 01:46:40 +0000 UTC)",
        ),
        (
            {},
            {"exp": None},
            "oidc: verify token: oidc: token is expired (Token Expiry: 0001-01-01 00:00:00 +0000 UTC)",
        ),
        ({}, {"iss": "https://else"}, "invalid bearer token"),
    ],
)
def test_claims(fakekube: Cluster, issuer: Issuer, flags: dict[str, Any], claims: dict[str, Any], found: Any) -> None:
    named = {} if "oidc_username_claim" in flags else {"oidc_username_prefix": "-"}
    if flags.get("oidc_username_claim") == "n":
        named = {"oidc_username_prefix": "-"}
    fakekube.reset(**issuer.flags, **{**named, **flags})
    assert whose(fakekube, issuer.token(**claims)) == found


def test_a_token_from_the_future(fakekube: Cluster, issuer: Issuer) -> None:
    fakekube.reset(**issuer.flags)
    assert "before the nbf (not before) time: 2222-" in whose(fakekube, issuer.token(nbf=7_960_000_000))


@pytest.mark.parametrize(
    ("token", "why"),
    [
        ({"kid": "two"}, "oidc: verify token: failed to verify signature: failed to verify id token signature"),
        (
            {"algorithm": "RS384"},
            'oidc: verify token: oidc: id token signed with unsupported algorithm, expected ["RS256"] got "RS384"',
        ),
    ],
)
def test_signatures(fakekube: Cluster, issuer: Issuer, token: dict[str, Any], why: str) -> None:
    fakekube.reset(**issuer.flags)
    assert whose(fakekube, issuer.token(**token)) == why


def test_a_key_without_a_name_is_looked_for(fakekube: Cluster, issuer: Issuer) -> None:
    issuer.keys["two"] = ec.generate_private_key(ec.SECP256R1())
    fakekube.reset(**issuer.flags, oidc_signing_algs=["ES256", "PS512"], oidc_username_prefix="-")
    assert whose(fakekube, issuer.token("two", "ES256", kid="")) == ("jane", [AUTHENTICATED])
    assert whose(fakekube, issuer.token("one", "PS512", kid="")) == ("jane", [AUTHENTICATED])


def test_keys_are_rotated(fakekube: Cluster, issuer: Issuer) -> None:
    fakekube.reset(**issuer.flags, oidc_username_prefix="-")
    old = issuer.token()
    assert whose(fakekube, old) == ("jane", [AUTHENTICATED])
    issuer.keys = {"two": rsa.generate_private_key(65537, 2048)}
    assert whose(fakekube, old) == ("jane", [AUTHENTICATED]), "known keys hold until another one is asked for"
    assert whose(fakekube, issuer.token("two")) == ("jane", [AUTHENTICATED])
    assert whose(fakekube, old).endswith("failed to verify id token signature")


def test_keys_hold_for_as_long_as_the_issuer_says(fakekube: Cluster, issuer: Issuer) -> None:
    issuer.backend.answer_headers["Cache-Control"] = "public, max-age=3600"
    fakekube.reset(**issuer.flags, oidc_username_prefix="-")
    assert whose(fakekube, issuer.token()) == ("jane", [AUTHENTICATED])
    issuer.keys["two"] = rsa.generate_private_key(65537, 2048)
    assert whose(fakekube, issuer.token("two")).endswith("failed to verify id token signature")
    fakekube.clock.advance(hours=1)
    assert whose(fakekube, issuer.token("two")) == ("jane", [AUTHENTICATED])


def test_an_issuer_may_come_later(fakekube: Cluster, issuer: Issuer) -> None:
    issuer.up = False
    fakekube.reset(**issuer.flags, oidc_username_prefix="-")
    assert whose(fakekube, issuer.token()) == "oidc: authenticator not initialized"
    refused = User(fakekube.url, fakekube.ca, token=issuer.token()).get("/api")
    assert (refused.status, refused.json()["message"]) == (401, "Unauthorized")
    issuer.up = True
    assert whose(fakekube, issuer.token()) == ("jane", [AUTHENTICATED])


def test_other_tokens_are_no_concern_of_the_issuer(fakekube: Cluster, issuer: Issuer) -> None:
    fakekube.reset(**issuer.flags)
    assert fakekube.service_account("default", "default").get("/api").status == 200
    assert whose(fakekube, "some.other.token") == "invalid bearer token"
    assert issuer.backend.asked == []


def test_distributed_groups(fakekube: Cluster, issuer: Issuer) -> None:
    fakekube.reset(**issuer.flags, oidc_username_prefix="-", oidc_groups_claim="groups")
    issuer.claims_token = issuer.token(groups=["far"])
    source = {"endpoint": f"{issuer.url}/claims", "access_token": "secret"}
    claims = {"_claim_names": {"groups": "src"}, "_claim_sources": {"src": source}}
    assert whose(fakekube, issuer.token(**claims)) == ("jane", ["far", AUTHENTICATED])
    source["access_token"] = "wrong"
    assert whose(fakekube, issuer.token(**claims)) == (
        'oidc: could not expand distributed claims: while getting distributed claim "groups": '
        "error while getting distributed claim JWT: 403 Forbidden"
    )
    del claims["_claim_sources"]["src"]
    assert whose(fakekube, issuer.token(**claims)) == "oidc: verify token: oidc: source does not exist"


FLAG_FAULTS = [
    ({"oidc_client_id": ""}, "oidc-issuer-url and oidc-client-id should be specified together"),
    (
        {"oidc_issuer_url": "http://x"},
        "'oidc-issuer-url' (\"http://x\") has invalid scheme (\"http\"), require 'https'",
    ),
    ({"oidc_issuer_url": "https://x y:z"}, 'parse "https://x y:z": invalid port ":z" after host'),
    ({"oidc_username_claim": ""}, "no username claim provided"),
    ({"oidc_signing_algs": ["HS256"]}, 'oidc: unsupported signing alg: "HS256"'),
    ({"oidc_ca_file": Path("/nope")}, "Failed to read the CA file: open /nope: no such file or directory"),
]


@pytest.mark.parametrize(("flags", "why"), FLAG_FAULTS)
def test_flags_that_make_no_sense(fakekube: Cluster, flags: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError) as caught:
        fakekube.reset(**{"oidc_issuer_url": "https://x", "oidc_client_id": "app", **flags})
    assert str(caught.value) == why


def test_an_authority_file_without_any(fakekube: Cluster, tmp_path: Path) -> None:
    (tmp_path / "ca").write_text("nothing")
    with pytest.raises(ValueError) as caught:
        fakekube.reset(oidc_issuer_url="https://x", oidc_client_id="app", oidc_ca_file=tmp_path / "ca")
    why = "data does not contain any valid RSA or ECDSA certificates"
    assert str(caught.value) == f"Failed to read the CA file: error creating pool from {tmp_path}/ca: {why}"
