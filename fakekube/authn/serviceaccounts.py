"""Service account tokens, checked against the objects that they stand for. Follows pkg/serviceaccount.

Signatures are verified once for each token; whether its secret, account and pod still live is looked up every time.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

import orjson

from fakekube.apis.core import pods, secrets, serviceaccounts
from fakekube.apis.resource import Resource
from fakekube.authn import claims
from fakekube.authn.request import Identity, Rejected
from fakekube.authn.tokens import BOUND_CLAIM, LEGACY_ISSUER
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.times import parse_time
from fakekube.machinery.users import POD_NAME, POD_UID, service_account_of, service_account_user
from fakekube.pki.signingkey import SigningKey
from fakekube.registry.client import Reader
from fakekube.runtime.clock import Clock

BAD_SIGNATURE = "square/go-jose: error in cryptographic primitive"
INVALIDATED = "Token has been invalidated"
LEEWAY = 60
"""Seconds by which clocks may differ, and for which what is being deleted still counts."""
REMEMBERED = 10_000
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")


class Parsed(NamedTuple):
    """A token: who claims to have issued it, and its claims if the signature is right."""

    issuer: str
    claims: Object | None


class SignatureVerifier:
    """Parses compact JWTs and verifies them by the signing key, with any algorithm that an RSA key can have."""

    def __init__(self, key: Future[SigningKey]) -> None:
        self._key = key
        self._known: dict[str, Parsed | None] = {}

    async def parse(self, token: str) -> Parsed | None:
        """The token's issuer and claims, or None for what is no JWT."""
        if token in self._known:
            return self._known[token]
        issuer = unverified_issuer(token)
        parsed = None if issuer is None else Parsed(issuer, await self._verified(token))
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[token] = parsed
        return parsed

    async def _verified(self, token: str) -> Object | None:
        import jwt

        key = self._key.result() if self._key.done() else await asyncio.wrap_future(self._key)
        try:
            decoded: Object = jwt.decode(token, key.public, algorithms=ALGORITHMS, options=_SIGNATURE_ONLY)
        except jwt.InvalidTokenError:
            return None
        return decoded


_SIGNATURE_ONLY: Any = {
    "verify_signature": True,
    **{f"verify_{claim}": False for claim in ("aud", "exp", "nbf", "iat", "iss", "sub", "jti")},
}
"""Times are checked by our own clock, audiences by what the request is for."""


def unverified_issuer(token: str) -> str | None:
    """What the token says about its issuer; None for what is no compact JWT with such a claim."""
    if not _COMPACT.fullmatch(token):
        return None
    header, payload, signature = token.split(".")
    if not isinstance(_json(header), dict) or len(signature) % 4 == 1:
        return None
    said = _json(payload)
    issuer = said.get("iss", "") if isinstance(said, dict) else None
    return issuer if isinstance(issuer, str) else None


def _json(part: str) -> Any:
    try:
        return orjson.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return None


class _Tokens:
    """What both kinds of token have in common: issuer, signature, audience, then whether what they mean lives."""

    name = "serviceaccount"
    private: Mapping[str, claims.Convert]
    """The claims that are of this kind alone."""

    def __init__(
        self, issuer: str, verifier: SignatureVerifier, reader: Reader, clock: Clock, api_audiences: Sequence[str]
    ) -> None:
        self._issuer = issuer
        self._verifier = verifier
        self._reader = reader
        self._clock = clock
        self._api_audiences = tuple(api_audiences)

    async def authenticate_token(self, token: str, audiences: Sequence[str]) -> Identity | None:
        """The service account. Raises Rejected."""
        parsed = await self._verifier.parse(token)
        if parsed is None or parsed.issuer != self._issuer:
            return None
        if parsed.claims is None:
            raise Rejected(BAD_SIGNATURE)
        read = claims.read(parsed.claims, claims.COMMON, self.private)
        common = self._common(read, audiences)
        found = self.identify(token, read)
        return Identity(found.user, found.authenticator, common)

    def identify(self, token: str, read: Object) -> Identity:
        """The account that verified claims mean, now. Raises Rejected."""
        raise NotImplementedError

    def _common(self, read: Object, audiences: Sequence[str]) -> tuple[str, ...]:
        meant = read.get("aud") or self._api_audiences
        common = tuple(audience for audience in audiences if audience in meant)
        if not common:
            raise Rejected(f"token audiences {_quoted(meant)} is invalid for the target audiences {_quoted(audiences)}")
        return common

    def _account(self, key: Key, uid: str, dead_before: float) -> None:
        if not key.name:
            raise Rejected("resource name may not be empty")
        account = self._reader.get(serviceaccounts.RESOURCE, key)
        if account is None:
            raise Rejected(f"serviceaccounts {quote(key.name)} not found")
        if _dead(account, dead_before):
            raise Rejected(f"ServiceAccount {key} has been deleted")
        _same_uid("ServiceAccount", account, uid)


class LegacyTokens(_Tokens):
    """Tokens that live in secrets, of which each has to be its secret's very content."""

    private = claims.LEGACY

    def identify(self, token: str, read: Object) -> Identity:
        """Follows the legacy validator with lookup. Raises Rejected."""
        key, uid, secret_name = self._named(read)
        secret = self._reader.get(secrets.RESOURCE, Key(key.namespace, secret_name))
        if secret is None or "deletionTimestamp" in secret["metadata"]:
            raise Rejected(INVALIDATED)
        if b64decode((secret.get("data") or {}).get("token") or "") != token.encode():
            raise Rejected("Token does not match server's copy")
        self._account(key, uid, float("inf"))
        return Identity(service_account_user(key, uid), self.name)

    def _named(self, read: Object) -> tuple[Key, str, str]:
        if not read.get("sub"):
            raise Rejected("sub claim is missing")
        values = [read.get(claim, "") for claim in claims.LEGACY]
        for value, text in zip(values, _CALLED, strict=True):
            if not value:
                raise Rejected(f"{text} claim is missing")
        namespace, secret_name, name, uid = values
        if service_account_of(read["sub"]) != Key(namespace, name):
            raise Rejected("sub claim is invalid")
        return Key(namespace, name), uid, secret_name


_CALLED = ("namespace", "secretName", "serviceAccountName", "serviceAccountUID")
"""What the messages call the legacy claims."""


class BoundTokens(_Tokens):
    """Tokens of TokenRequests, which end at their time or with the pod or secret that they are bound to."""

    private = claims.BOUND

    def identify(self, token: str, read: Object) -> Identity:
        """Follows the bound validator. Raises Rejected."""
        now = self._clock.now()
        _check_times(read, now)
        private = read.get(BOUND_CLAIM, {})
        namespace, account = private.get("namespace", ""), private.get("serviceaccount", {})
        key, uid = Key(namespace, account.get("name", "")), account.get("uid", "")
        self._account(key, uid, now - LEEWAY)
        extra: dict[str, tuple[str, ...]] = {}
        if (secret := private.get("secret")) is not None:
            self._binding("Secret", secrets.RESOURCE, namespace, secret, now)
        if (pod := private.get("pod")) is not None:
            self._binding("Pod", pods.RESOURCE, namespace, pod, now)
            extra = {POD_NAME: (pod["name"],), POD_UID: (pod["uid"],)}
        return Identity(service_account_user(key, uid, extra), self.name)

    def _binding(self, kind: str, resource: Resource, namespace: str, reference: Object, now: float) -> None:
        bound = self._reader.get(resource, Key(namespace, reference.get("name", "")))
        if bound is None or _dead(bound, now - LEEWAY):
            raise Rejected(INVALIDATED)
        _same_uid(kind, bound, reference.get("uid", ""))


def _check_times(read: Object, now: float) -> None:
    """When a token was issued is nobody's concern; one without an end has had it."""
    if now - LEEWAY > read.get("exp", 0):
        raise Rejected("Token has expired.")
    if now + LEEWAY < read.get("nbf", 0):
        raise Rejected("Token could not be validated.")


def _dead(obj: Object, before: float) -> bool:
    deleted = obj["metadata"].get("deletionTimestamp")
    return deleted is not None and parse_time(deleted) < before


def _same_uid(kind: str, obj: Object, claimed: str) -> None:
    uid = obj["metadata"]["uid"]
    if uid != claimed:
        raise Rejected(f"{kind} UID ({uid}) does not match claim ({claimed})")


def _quoted(values: Sequence[str]) -> str:
    return f"[{' '.join(quote(value) for value in values)}]"


def token_authenticators(
    issuer: str, verifier: SignatureVerifier, reader: Reader, clock: Clock, api_audiences: Sequence[str]
) -> tuple[LegacyTokens, BoundTokens]:
    """Both kinds, in the order in which the real server asks them."""
    return (
        LegacyTokens(LEGACY_ISSUER, verifier, reader, clock, api_audiences),
        BoundTokens(issuer, verifier, reader, clock, api_audiences),
    )
