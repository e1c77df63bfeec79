"""ID tokens of one OpenID issuer: its discovery document, its keys, and what makes a token valid.

Follows go-oidc of v1.20's vendor folder. Nothing is fetched before a token needs it; keys that a token does not fit are
fetched again, unless the issuer has said for how long they hold.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from msgspec import Struct

from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Object
from fakekube.machinery.unmarshal import type_error
from fakekube.runtime import https
from fakekube.runtime.clock import Clock
from fakekube.runtime.https import CallFailed

if TYPE_CHECKING:
    from jwt import PyJWK

ALGORITHMS = frozenset(f"{family}{bits}" for family in ("RS", "ES", "PS") for bits in (256, 384, 512))
SECONDS = 30.0
"""For which an answer of the issuer is awaited."""
NOT_BEFORE_LEEWAY = 60
FRESH = 30
"""Seconds that keys must still hold for an unknown one not to be looked up."""
USER_AGENT = {"User-Agent": https.USER_AGENT}
SIGNATURE = "failed to verify signature: failed to verify id token signature"
GOOGLE = "accounts.google.com"
"""An issuer that leaves out its scheme."""
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)")


class InvalidToken(Exception):
    """The token is not one that the issuer vouches for now; the text says why."""


class Rules(Struct, frozen=True):
    """What holds for tokens of every issuer that is asked."""

    client_id: str
    algorithms: Sequence[str]
    clock: Clock
    context: ssl.SSLContext


class Issuer:
    """Who issues tokens."""

    def __init__(self, url: str, rules: Rules) -> None:
        self.url = url
        self._rules = rules
        self._keys: RemoteKeys | None = None
        self._discovering = asyncio.Lock()

    async def discover(self) -> None:
        """Read the discovery document, if that has not been done. Raises CallFailed."""
        async with self._discovering:
            if self._keys is None:
                address = f"{self.url.removesuffix('/')}/.well-known/openid-configuration"
                document = await _read(address, self._rules.context, "provider discovery object")
                if (found := document.get("issuer", "")) != self.url:
                    expected = f"expected {quote(self.url)} got {quote(str(found))}"
                    raise CallFailed(f"oidc: issuer did not match the issuer returned by provider, {expected}")
                self._keys = RemoteKeys(str(document.get("jwks_uri", "")), self._rules)

    async def verify(self, token: str) -> Object:
        """The claims of a valid token. Raises InvalidToken; the discovery must be done."""
        assert self._keys is not None
        header, claims = _parsed(token)
        self._check(claims)
        algorithm = str(header.get("alg", ""))
        if algorithm not in self._rules.algorithms:
            expected = f"expected {_quoted(self._rules.algorithms)} got {quote(algorithm)}"
            raise InvalidToken(f"oidc: id token signed with unsupported algorithm, {expected}")
        await self._keys.verify(token, algorithm, str(header.get("kid", "")))
        return claims

    def _check(self, claims: Object) -> None:
        issuer, audience = claims.get("iss") or "", audience_of(claims)
        if issuer != self.url and not (issuer == GOOGLE and self.url == f"https://{GOOGLE}"):
            expected = f"expected {quote(self.url)} got {quote(issuer)}"
            raise InvalidToken(f"oidc: id token issued by a different provider, {expected}")
        if self._rules.client_id not in audience:
            raise InvalidToken(f"oidc: expected audience {quote(self._rules.client_id)} got {_quoted(audience)}")
        now = self._rules.clock.now()
        if (expiry := claims.get("exp")) is None or int(expiry) < now:
            raise InvalidToken(f"oidc: token is expired (Token Expiry: {_go_time(expiry)})")
        begin = claims.get("nbf")
        if begin is not None and now + NOT_BEFORE_LEEWAY < int(begin):
            shown = f"current time {_go_time(now)} before the nbf (not before) time: {_go_time(begin)}"
            raise InvalidToken(f"oidc: {shown}")


class RemoteKeys:
    """The keys at the issuer's jwks_uri."""

    def __init__(self, url: str, rules: Rules) -> None:
        self._url = url
        self._rules = rules
        self._keys: Sequence[PyJWK] = ()
        self._until = 0.0
        self._fetching = asyncio.Lock()

    async def verify(self, token: str, algorithm: str, key_id: str) -> None:
        """Find the key that has signed the token. Raises InvalidToken."""
        if fits(token, algorithm, key_id, self._keys):
            return
        async with self._fetching:
            if fits(token, algorithm, key_id, self._keys):  # somebody else has fetched it
                return
            if self._rules.clock.now() + FRESH <= self._until:
                raise InvalidToken(SIGNATURE)
            await self._fetch()
        if not fits(token, algorithm, key_id, self._keys):
            raise InvalidToken(SIGNATURE)

    async def _fetch(self) -> None:
        now = self._rules.clock.now()
        try:
            answer = await https.get(self._url, SECONDS, self._rules.context, USER_AGENT)
        except CallFailed as error:
            raise InvalidToken(f"failed to verify signature: fetching keys oidc: get keys failed {error}") from None
        try:
            self._keys = keys_of(decoded(answer, "keys"))
        except CallFailed as error:
            raise InvalidToken(f"failed to verify signature: fetching keys {error}") from None
        self._until = now + fresh_for(answer.headers)


def fits(token: str, algorithm: str, key_id: str, keys: Iterable[PyJWK]) -> bool:
    """Whether one of the keys has signed the token; one that names a key is tried with keys of that name alone."""
    import jwt

    for key in keys:
        if key_id in ("", key.key_id or ""):
            try:
                jwt.api_jws.decode(token, key.key, algorithms=[algorithm])
            except (jwt.PyJWTError, TypeError, ValueError):
                continue
            return True
    return False


def keys_of(document: Object) -> list[PyJWK]:
    """The public keys of a JWKS document. Raises CallFailed for one that makes no sense."""
    import jwt

    found: list[PyJWK] = []
    for key in document.get("keys") or ():
        if isinstance(key, dict) and key.get("kty") == "oct":
            continue  # a secret: no algorithm that is allowed has any use for it
        try:
            found.append(jwt.PyJWK({**key, "alg": key.get("alg") or _some_algorithm(key)}))
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            raise CallFailed(f"oidc: failed to decode keys: {error} {orjson.dumps(document).decode()}") from None
    return found


def _some_algorithm(key: Mapping[str, Any]) -> str:
    """PyJWK wants to know one; the token's own is what counts in the end."""
    curves = {"P-384": "ES384", "P-521": "ES512"}
    return curves.get(str(key.get("crv")), "ES256") if key.get("kty") == "EC" else "RS256"


def fresh_for(headers: Mapping[str, str]) -> float:
    """Seconds for which an answer holds, as it says in Cache-Control."""
    words = [word.strip().lower().partition("=") for word in headers.get("Cache-Control", "").split(",")]
    said = {name: value.strip('"') for name, _, value in words}
    if {"no-store", "no-cache", "private"} & set(said):
        return 0.0
    age = said.get("s-maxage") or said.get("max-age") or ""
    return float(age) if age.isdecimal() else 0.0


async def _read(url: str, context: ssl.SSLContext, what: str) -> Object:
    """A JSON document. Raises CallFailed."""
    return decoded(await https.get(url, SECONDS, context, USER_AGENT), what)


def decoded(answer: https.Answer, what: str) -> Object:
    """The JSON object of a 200. Raises CallFailed."""
    text = answer.body.decode("utf-8", "replace")
    if answer.code != 200:
        status = f"{answer.code} {https.REASONS.get(answer.code, '')}".strip()
        raise CallFailed(f"oidc: get keys failed: {status} {text}" if what == "keys" else f"{status}: {text}")
    try:
        document = orjson.loads(answer.body)
        if isinstance(document, dict):
            return document
        why = type_error(document, "oidc.providerJSON")
    except orjson.JSONDecodeError as error:
        why = str(error)
    media = answer.type.partition(";")[0].strip()
    about = "got Content-Type = application/json, but could not unmarshal as JSON"
    if media != "application/json":
        about = f"expected Content-Type = application/json, got {quote(answer.type)}"
    raise CallFailed(f"oidc: failed to decode {what}: {about}: {why}")


def untrusted_issuer(token: str) -> str:
    """What the token says about its issuer, whoever has signed it. Raises InvalidToken for what is no token."""
    parts = token.split(".")
    if len(parts) != 3:
        raise InvalidToken("malformed token")
    claims = _json(parts[1])
    issuer = claims.get("iss") or "" if isinstance(claims, dict) else None
    if not isinstance(issuer, str):
        raise InvalidToken("while unmarshaling token: it has no issuer")
    return f"https://{GOOGLE}" if issuer == GOOGLE else issuer


def audience_of(claims: Object) -> list[str]:
    """Whom the token is for."""
    audience = claims.get("aud") or []
    return [audience] if isinstance(audience, str) else audience


def _parsed(token: str) -> tuple[Object, Object]:
    """Header and claims. Raises InvalidToken."""
    match = _COMPACT.fullmatch(token)
    header = match and _json(match[1])
    if match is None or not isinstance(header, dict) or len(match[3]) % 4 == 1:
        raise InvalidToken("oidc: malformed jwt: square/go-jose: compact JWS format must have three parts")
    claims = _json(match[2])
    if not isinstance(claims, dict):
        raise InvalidToken("oidc: failed to unmarshal claims: it is no object")
    if fault := next(_faults(claims), None):
        raise InvalidToken(f"oidc: failed to unmarshal claims: {fault}")
    sources = claims.get("_claim_sources") or {}
    for source in (claims.get("_claim_names") or {}).values():
        if not source or source not in sources:
            missing = "source does not exist" if source else "failed to obtain source from claim name"
            raise InvalidToken(f"oidc: {missing}")
    return header, claims


def _faults(claims: Object) -> Iterator[str]:
    """Claims of another type than they must have."""
    for name, (go, check) in _TYPES.items():
        value = claims.get(name)
        if value is not None and not check(value):
            yield type_error(value, go, "idToken", name)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_texts(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(each, str) for each in value))


def _map_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


def _map_maps(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, dict) for each in value.values())


_TYPES = {
    **dict.fromkeys(("iss", "sub", "nonce", "at_hash"), ("string", _is_text)),
    **dict.fromkeys(("exp", "iat", "nbf"), ("json.Number", _is_number)),
    "aud": ("[]string", _are_texts),
    "_claim_names": ("map[string]string", _map_texts),
    "_claim_sources": ("map[string]oidc.claimSource", _map_maps),
}
"""Claim -> the Go type that it must fit, and whether a value does."""


def _json(part: str) -> Any:
    try:
        return orjson.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return None


def _quoted(values: Iterable[str]) -> str:
    return f"[{' '.join(quote(value) for value in values)}]"


def _go_time(seconds: float | None) -> str:
    if seconds is None:
        return "0001-01-01 00:00:00 +0000 UTC"
    try:
        return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%d %H:%M:%S} +0000 UTC"
    except (OverflowError, ValueError, OSError):
        return str(seconds)
