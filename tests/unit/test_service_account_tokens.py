"""Service account tokens: what lets one in, and every way of forging or outliving one."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from concurrent.futures import Future
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from readers import ObjectsReader
from test_authentication import FixedClock

from fakekube.apis.core import pods, secrets, serviceaccounts
from fakekube.authn.request import Identity, Rejected
from fakekube.authn.serviceaccounts import SignatureVerifier, token_authenticators, unverified_issuer
from fakekube.authn.tokens import issue_bound_token, issue_secret_token
from fakekube.machinery.objects import Key, Object, UserInfo
from fakekube.pki import SigningKey

ISSUER = "https://issuer"
API = (ISSUER,)
NOW = 1.7e9
ACCOUNT: Object = {"metadata": {"namespace": "x", "name": "bot", "uid": "u1"}}
POD: Object = {"kind": "Pod", "metadata": {"namespace": "x", "name": "p", "uid": "u2"}}
SECRET: Object = {"kind": "Secret", "metadata": {"namespace": "x", "name": "s", "uid": "u3"}}
GROUPS = ("system:serviceaccounts", "system:serviceaccounts:x")
BOT = UserInfo("system:serviceaccount:x:bot", "u1", GROUPS)
FORGED = "square/go-jose: error in cryptographic primitive"


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey(rsa.generate_private_key(65537, 2048))


class World:
    """A service account with all that tokens may depend on."""

    def __init__(self, key: SigningKey) -> None:
        self.key = key
        self.clock = FixedClock(NOW)
        self.reader = ObjectsReader()
        self.legacy = issue_secret_token(key, ACCOUNT, "token")
        self.reader.put(serviceaccounts.RESOURCE, ACCOUNT)
        self.reader.put(pods.RESOURCE, POD)
        self.reader.put(secrets.RESOURCE, SECRET, self.token_secret())
        future: Future[SigningKey] = Future()
        future.set_result(key)
        self.authenticators = token_authenticators(ISSUER, SignatureVerifier(future), self.reader, self.clock, API)

    def token_secret(self, **metadata: Any) -> Object:
        named = {"namespace": "x", "name": "token", "uid": "u4", **metadata}
        return {"metadata": named, "data": {"token": b64encode(self.legacy.encode()).decode()}}

    def bound(self, **more: Any) -> str:
        settings = {"audiences": API, "seconds": 600, "now": NOW, **more}
        return issue_bound_token(self.key, ISSUER, ACCOUNT, **settings).token

    def ask(self, token: str, audiences: tuple[str, ...] = API) -> Identity | str | None:
        """The first authenticator's answer that is one."""
        for authenticator in self.authenticators:
            try:
                identity = asyncio.run(authenticator.authenticate_token(token, audiences))
            except Rejected as error:
                return str(error)
            if identity is not None:
                return identity
        return None


@pytest.fixture
def world(key: SigningKey) -> World:
    return World(key)


def claims_of(token: str) -> Any:
    payload = token.split(".")[1]
    return json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def encode(part: Any) -> str:
    data = part if isinstance(part, bytes) else json.dumps(part).encode()
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def test_token_of_a_secret(world: World) -> None:
    assert world.ask(world.legacy) == Identity(BOT, "serviceaccount", API)
    assert claims_of(world.legacy) == {
        "iss": "kubernetes/serviceaccount",
        "kubernetes.io/serviceaccount/namespace": "x",
        "kubernetes.io/serviceaccount/secret.name": "token",
        "kubernetes.io/serviceaccount/service-account.name": "bot",
        "kubernetes.io/serviceaccount/service-account.uid": "u1",
        "sub": "system:serviceaccount:x:bot",
    }


def test_bound_token(world: World) -> None:
    token = world.bound(bound_to=POD)
    extra = {"authentication.kubernetes.io/pod-name": ("p",), "authentication.kubernetes.io/pod-uid": ("u2",)}
    assert world.ask(token) == Identity(UserInfo(BOT.name, "u1", GROUPS, extra), "serviceaccount", API)
    assert claims_of(token) == {
        "aud": [ISSUER],
        "exp": NOW + 600,
        "iat": NOW,
        "iss": ISSUER,
        "kubernetes.io": {
            "namespace": "x",
            "pod": {"name": "p", "uid": "u2"},
            "serviceaccount": {"name": "bot", "uid": "u1"},
        },
        "nbf": NOW,
        "sub": "system:serviceaccount:x:bot",
    }


DELETED = {"deletionTimestamp": "2023-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("resource", "obj", "reason"),
    [
        (secrets.RESOURCE, None, "Token has been invalidated"),
        (secrets.RESOURCE, DELETED, "Token has been invalidated"),
        (serviceaccounts.RESOURCE, None, 'serviceaccounts "bot" not found'),
        (serviceaccounts.RESOURCE, DELETED, "ServiceAccount x/bot has been deleted"),
        (serviceaccounts.RESOURCE, {"uid": "u9"}, "ServiceAccount UID (u9) does not match claim (u1)"),
    ],
)
def test_secret_tokens_die(world: World, resource: Any, obj: Object | None, reason: str) -> None:
    assert isinstance(world.ask(world.legacy), Identity)
    name = "token" if resource is secrets.RESOURCE else "bot"
    before = world.reader.get(resource, Key("x", name))
    assert before is not None
    world.reader.remove(resource, Key("x", name))
    if obj is not None:
        world.reader.put(resource, {**before, "metadata": {**before["metadata"], **obj}})
    assert world.ask(world.legacy) == reason


def test_a_secret_token_is_its_secrets_content(world: World) -> None:
    other = issue_secret_token(world.key, ACCOUNT, "s")
    assert world.ask(other) == "Token does not match server's copy"


@pytest.mark.parametrize(
    ("bound_to", "resource", "metadata", "reason"),
    [
        (POD, pods.RESOURCE, None, "Token has been invalidated"),
        (POD, pods.RESOURCE, DELETED, "Token has been invalidated"),
        (POD, pods.RESOURCE, {"uid": "u9"}, "Pod UID (u9) does not match claim (u2)"),
        (SECRET, secrets.RESOURCE, None, "Token has been invalidated"),
        (SECRET, secrets.RESOURCE, {"uid": "u9"}, "Secret UID (u9) does not match claim (u3)"),
        (None, serviceaccounts.RESOURCE, None, 'serviceaccounts "bot" not found'),
        (None, serviceaccounts.RESOURCE, {"uid": "u9"}, "ServiceAccount UID (u9) does not match claim (u1)"),
    ],
)
def test_bound_tokens_die(
    world: World, bound_to: Object | None, resource: Any, metadata: Object | None, reason: str
) -> None:
    token = world.bound(bound_to=bound_to)
    assert isinstance(world.ask(token), Identity)
    before = bound_to or ACCOUNT
    name = before["metadata"]["name"]
    world.reader.remove(resource, Key("x", name))
    if metadata is not None:
        world.reader.put(resource, {"metadata": {**before["metadata"], **metadata}})
    assert world.ask(token) == reason


def test_what_is_being_deleted_counts_for_a_minute(world: World) -> None:
    token = world.bound(bound_to=POD)
    world.reader.put(pods.RESOURCE, {"metadata": {**POD["metadata"], "deletionTimestamp": "2023-11-14T22:13:00Z"}})
    assert isinstance(world.ask(token), Identity)
    world.clock.moment += 60
    assert world.ask(token) == "Token has been invalidated"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, None),
        (659, None),
        (661, "Token has expired."),
        (-59, None),
        (-61, "Token could not be validated."),
    ],
)
def test_times_have_a_leeway(world: World, seconds: int, expected: str | None) -> None:
    token = world.bound()
    world.clock.moment += seconds
    answer = world.ask(token)
    assert isinstance(answer, Identity) if expected is None else answer == expected


@pytest.mark.parametrize(
    ("meant", "asked", "expected"),
    [
        (API, API, API),
        (("a", "b"), ("b", "c"), ("b",)),
        (("a", "b"), ("b", "a"), ("b", "a")),
        (("a", "b"), ("c",), 'token audiences ["a" "b"] is invalid for the target audiences ["c"]'),
        (("vault",), API, f'token audiences ["vault"] is invalid for the target audiences ["{ISSUER}"]'),
    ],
)
def test_audiences(world: World, meant: tuple[str, ...], asked: tuple[str, ...], expected: Any) -> None:
    answer = world.ask(world.bound(audiences=meant), asked)
    assert (answer.audiences if isinstance(answer, Identity) else answer) == expected


def test_secret_tokens_are_for_the_api_alone(world: World) -> None:
    assert world.ask(world.legacy, ("x",)) == (
        f'token audiences ["{ISSUER}"] is invalid for the target audiences ["x"]'
    )


def forged(world: World, kind: str) -> str:
    """A token that says what a good one says, made without the key."""
    good = world.bound()
    header, payload, signature = good.split(".")
    claims = claims_of(good)
    public = world.key.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    stranger = rsa.generate_private_key(65537, 2048)
    if kind == "none":
        return f"{encode({'alg': 'none'})}.{payload}."
    if kind == "None with a signature":
        return f"{encode({'alg': 'None'})}.{payload}.{signature}"
    if kind == "public key as a secret":
        head = encode({"alg": "HS256", "kid": world.key.id})
        mac = hmac.HMAC(public, hashes.SHA256())
        mac.update(f"{head}.{payload}".encode())
        return f"{head}.{payload}.{encode(mac.finalize())}"
    if kind == "another key":
        return jwt.encode(claims, stranger, "RS256", headers={"kid": world.key.id})
    if kind == "a key in the header":
        jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(stranger.public_key()))
        return jwt.encode(claims, stranger, "RS256", headers={"jwk": jwk})
    if kind == "other claims":
        return f"{header}.{encode({**claims, 'sub': 'system:serviceaccount:kube-system:admin'})}.{signature}"
    if kind == "other header":
        return f"{encode({'alg': 'RS256'})}.{payload}.{signature}"
    if kind == "signature of the payload alone":
        made = world.key.private.sign(payload.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{header}.{payload}.{encode(made)}"
    return f"{header}.{payload}."


@pytest.mark.parametrize(
    "kind",
    [
        "none",
        "None with a signature",
        "public key as a secret",
        "another key",
        "a key in the header",
        "other claims",
        "other header",
        "signature of the payload alone",
        "no signature",
    ],
)
def test_forgeries_are_rejected(world: World, kind: str) -> None:
    assert world.ask(forged(world, kind)) == FORGED


def test_a_wrong_key_id_does_not_matter(world: World) -> None:
    token = jwt.encode(claims_of(world.bound()), world.key.private, "RS256", headers={"kid": "other"})
    assert isinstance(world.ask(token), Identity)


@pytest.mark.parametrize("issuer", ["https://other", "", "kubernetes/serviceaccount "])
def test_other_issuers_are_none_of_ours(world: World, issuer: str) -> None:
    assert world.ask(world.key.sign({**claims_of(world.bound()), "iss": issuer})) is None


def test_bound_claims_do_not_pass_as_secret_tokens(world: World) -> None:
    token = world.key.sign({**claims_of(world.bound()), "iss": "kubernetes/serviceaccount"})
    assert world.ask(token) == "namespace claim is missing"


@pytest.mark.parametrize(
    ("claim", "value", "reason"),
    [
        ("sub", "", "sub claim is missing"),
        ("kubernetes.io/serviceaccount/secret.name", "", "secretName claim is missing"),
        ("kubernetes.io/serviceaccount/service-account.uid", "", "serviceAccountUID claim is missing"),
        ("sub", "system:serviceaccount:x:other", "sub claim is invalid"),
        ("sub", "ann", "sub claim is invalid"),
    ],
)
def test_secret_tokens_name_everything(world: World, claim: str, value: str, reason: str) -> None:
    assert world.ask(world.key.sign({**claims_of(world.legacy), claim: value})) == reason


@pytest.mark.parametrize("change", ["{}\n", "{}=", " {}", "{}!", "{}xxx"])
def test_what_is_added_makes_it_no_token(world: World, change: str) -> None:
    assert world.ask(change.format(world.bound())) is None


def test_a_longer_signature_is_a_wrong_one(world: World) -> None:
    assert world.ask(f"{world.bound()}x") == FORGED


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "..", "a.b.c.d", "e30.e30.e30", f"{encode([])}.W10.x"])
def test_what_is_no_jwt(world: World, token: str) -> None:
    assert world.ask(token) is None


@given(st.one_of(st.text(), st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*", fullmatch=True)))
def test_any_text_can_be_parsed(text: str) -> None:
    issuer = unverified_issuer(text)
    assert issuer is None or isinstance(issuer, str)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=3))
def test_strange_issuers_are_none(value: Any) -> None:
    token = f"{encode({'alg': 'RS256'})}.{encode({'iss': value})}.xx"
    assert unverified_issuer(token) == (value if isinstance(value, str) else None)


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256", "PS384", "PS512"])
def test_any_algorithm_of_the_right_key_will_do(world: World, algorithm: str) -> None:
    token = jwt.encode(claims_of(world.bound()), world.key.private, algorithm, headers={"kid": "whatever"})
    assert world.ask(token) == Identity(BOT, "serviceaccount", API)


def signed(world: World, token: str, change: dict[str, Any]) -> str:
    """The token with other claims and a right signature: what only the key's owner makes, by mistake."""
    claims = {**claims_of(token), **change}
    payload = {name: value for name, value in claims.items() if value is not MISSING}
    return jwt.api_jws.PyJWS().encode(json.dumps(payload).encode(), world.key.private, "RS256")


MISSING: Any = object()
STRING = "json: cannot unmarshal {} into Go value of type string"
DATE = "square/go-jose/jwt: expected number value to unmarshal NumericDate"
AUDIENCE = "square/go-jose/jwt: expected string or array value to unmarshal to Audience"
ENDED, EARLY = "Token has expired.", "Token could not be validated."


def private(**change: Any) -> dict[str, Any]:
    return {"kubernetes.io": {"namespace": "x", "serviceaccount": {"name": "bot", "uid": "u1"}, **change}}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"sub": 5}, STRING.format("number")),
        ({"sub": MISSING}, ""),
        ({"jti": ["x"]}, STRING.format("array")),
        ({"jti": None}, ""),
        *[({"aud": value}, AUDIENCE) for value in (5, None, [5], {"a": 1})],
        *[({name: value}, DATE) for name in ("exp", "nbf", "iat") for value in ("x", None, True, [1])],
        *[({"exp": value}, ENDED) for value in (MISSING, 0, -1, NOW - 61, 1e30)],
        *[({"exp": value}, "") for value in (NOW - 60, NOW + 0.5, 1.5e10)],
        *[({"nbf": value}, EARLY) for value in (NOW + 61, NOW + 61.5)],
        *[({"nbf": value}, "") for value in (NOW + 60, MISSING, -1)],
        ({"iat": NOW + 10_000}, ""),
        ({"kubernetes.io": MISSING}, "resource name may not be empty"),
        ({"kubernetes.io": None}, "resource name may not be empty"),
        ({"kubernetes.io": "x"}, "json: cannot unmarshal string into Go value of type serviceaccount.kubernetes"),
        (private(namespace=5), STRING.format("number")),
        (private(namespace="y"), 'serviceaccounts "bot" not found'),
        (private(serviceaccount=None), "resource name may not be empty"),
        (private(serviceaccount=[]), "json: cannot unmarshal array into Go value of type serviceaccount.ref"),
        (private(serviceaccount={"name": "bot"}), "ServiceAccount UID (u1) does not match claim ()"),
        (private(pod={}), "Token has been invalidated"),
        (private(pod=None, secret=None), ""),
        (private(secret=5), "json: cannot unmarshal number into Go value of type serviceaccount.ref"),
        (private(warnafter="x"), DATE),
    ],
)
def test_claims_of_the_wrong_kind(world: World, change: dict[str, Any], why: str) -> None:
    answer = world.ask(signed(world, world.bound(), change))
    assert (answer if isinstance(answer, str) else "") == why


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"sub": 5}, STRING.format("number")),
        ({"exp": "x"}, DATE),
        ({"aud": None}, AUDIENCE),
        ({"kubernetes.io/serviceaccount/namespace": 5}, STRING.format("number")),
        ({"kubernetes.io/serviceaccount/secret.name": None}, "secretName claim is missing"),
    ],
)
def test_legacy_claims_of_the_wrong_kind(world: World, change: dict[str, Any], why: str) -> None:
    assert world.ask(signed(world, world.legacy, change)) == why
