"""ID tokens of an OpenID issuer (--oidc-*): which claims are the user and the groups.

Follows apiserver's authenticator/token/oidc.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from fakekube.apis import webhookclients
from fakekube.authn.certificates import read_authorities
from fakekube.authn.idtokens import ALGORITHMS, SECONDS, InvalidToken, Issuer, Rules, untrusted_issuer
from fakekube.authn.request import Identity, Rejected
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Object, UserInfo
from fakekube.machinery.unmarshal import type_error
from fakekube.runtime import https
from fakekube.runtime.clock import Clock
from fakekube.runtime.https import CallFailed

NAME = "oidc"
NO_PREFIX = "-"
_LOG = logging.getLogger("fakekube.authn")
_GO_TYPES = {str: "string", bool: "bool"}


class Settings(Struct, frozen=True):
    """What the flags say."""

    issuer: str
    client_id: str
    username_claim: str = "sub"
    username_prefix: str = ""
    groups_claim: str = ""
    groups_prefix: str = ""
    algorithms: Sequence[str] = ("RS256",)
    required: Mapping[str, str] = field(default_factory=dict)
    authorities: Path | None = None

    def check(self) -> None:
        """Raises ValueError for what makes no sense."""
        scheme = webhookclients.parse(self.issuer).scheme
        if scheme != "https":
            wrong = f"({quote(self.issuer)}) has invalid scheme ({quote(scheme)})"
            raise ValueError(f"'oidc-issuer-url' {wrong}, require 'https'")
        if not self.username_claim:
            raise ValueError("no username claim provided")
        for algorithm in self.algorithms:
            if algorithm not in ALGORITHMS:
                raise ValueError(f"oidc: unsupported signing alg: {quote(algorithm)}")

    @property
    def prefix(self) -> str:
        """What stands before user names: the issuer, if nobody says, unless they are email addresses."""
        if not self.username_prefix and self.username_claim != "email":
            return f"{self.issuer}#"
        return "" if self.username_prefix == NO_PREFIX else self.username_prefix


class OIDC:
    """The authenticator."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Raises ValueError for settings that make no sense or authorities that cannot be read."""
        settings.check()
        self._settings = settings
        self._rules = Rules(
            settings.client_id, settings.algorithms or ("RS256",), clock, _context(settings.authorities)
        )
        self._issuer = Issuer(settings.issuer, self._rules)
        self._others: dict[str, Issuer] = {}

    async def authenticate_token(self, token: str, _: Sequence[str]) -> Identity | None:
        """The user whom a valid ID token is about. Raises Rejected."""
        try:
            if untrusted_issuer(token) != self._issuer.url:
                return None
        except InvalidToken:
            return None
        await self._discover()
        try:
            claims = await self._issuer.verify(token)
        except InvalidToken as error:
            raise Rejected(f"oidc: verify token: {error}") from None
        try:
            claims = await self._expanded(claims)
        except InvalidToken as error:
            raise Rejected(f"oidc: could not expand distributed claims: {error}") from None
        try:
            return Identity(user_of(claims, self._settings), NAME)
        except InvalidToken as error:
            raise Rejected(f"oidc: {error}") from None

    async def _discover(self) -> None:
        try:
            await self._issuer.discover()
        except CallFailed as error:
            _LOG.error("oidc authenticator: initializing plugin: %s", error)
            raise Rejected("oidc: authenticator not initialized") from None

    async def _expanded(self, claims: Object) -> Object:
        """The claims with the groups, if the issuer says that somebody else knows those. Raises InvalidToken."""
        claim = self._settings.groups_claim
        names = claims.get("_claim_names")
        if not claim or claim in claims or not names or claim not in names:
            return claims
        source = claims["_claim_sources"][names[claim]]
        if not (url := source.get("endpoint")):
            return claims
        found = await self._distributed(claim, url, source.get("access_token") or "")
        if claim not in found:
            raise InvalidToken(f"jwt returned by distributed claim endpoint {url} did not contain claim: {claim}")
        return {**claims, claim: found[claim]}

    async def _distributed(self, claim: str, url: str, access_token: str) -> Object:
        """The claims of the token that a claims endpoint gives. Raises InvalidToken."""
        headers = {"Authorization": f"Bearer {access_token}"} if access_token else {}
        try:
            answer = await https.get(url, SECONDS, self._rules.context, headers)
            if not 200 <= answer.code <= 226:
                status = f"{answer.code} {https.REASONS.get(answer.code, '')}"
                raise CallFailed(f"error while getting distributed claim JWT: {status}")
        except CallFailed as error:
            raise InvalidToken(f"while getting distributed claim {quote(claim)}: {error}") from None
        token = answer.body.decode("utf-8", "replace")
        try:
            whose = untrusted_issuer(token)
        except InvalidToken as error:
            about = f"getting untrusted issuer from endpoint {url} failed for claim {quote(claim)}"
            raise InvalidToken(f"{about}: {error}") from None
        return await self._verified_by(whose, token)

    async def _verified_by(self, url: str, token: str) -> Object:
        issuer = self._others.setdefault(url, Issuer(url, self._rules))
        try:
            await issuer.discover()
        except CallFailed as error:
            del self._others[url]
            _LOG.error(
                "oidc authenticator: async token verifier for issuer: %s: init verifier failed: %s", quote(url), error
            )
            raise InvalidToken(
                f"verifying untrusted issuer {url} failed: verifier not initialized for issuer: {quote(url)}"
            ) from None
        try:
            return await issuer.verify(token)
        except InvalidToken as error:
            raise InvalidToken(f"verify distributed claim token: {error}") from None


def user_of(claims: Object, settings: Settings) -> UserInfo:
    """Whom valid claims are about. Raises InvalidToken for claims that are missing or of another type."""
    name = _claim(claims, settings.username_claim, str, f"parse username claims {quote(settings.username_claim)}")
    if settings.username_claim == "email":
        _check_email(claims)
    groups = _groups(claims, settings.groups_claim)
    for claim, wanted in settings.required.items():
        if claim not in claims:
            raise InvalidToken(f"required claim {claim} not present in ID token")
        got = _claim(claims, claim, str, f"parse claim {claim}")
        if got != wanted:
            raise InvalidToken(f"required claim {claim} value does not match. Got = {got}, want = {wanted}")
    return UserInfo(settings.prefix + name, groups=tuple(settings.groups_prefix + group for group in groups))


def _check_email(claims: Object) -> None:
    """An issuer need not say whether it has verified the address."""
    if "email_verified" in claims and not _claim(claims, "email_verified", bool, "parse 'email_verified' claim"):
        raise InvalidToken("email not verified")


def _claim(claims: Object, name: str, type_: type, what: str) -> Any:
    """A claim of a type, whose zero value null stands for."""
    if name not in claims:
        raise InvalidToken(f"{what}: claim not present")
    value = claims[name]
    if value is None:
        return type_()
    if not isinstance(value, type_):
        raise InvalidToken(f"{what}: {type_error(value, _GO_TYPES[type_])}")
    return value


def _groups(claims: Object, claim: str) -> Sequence[str]:
    """A list of them, or one alone."""
    value = claims.get(claim) if claim else None
    if value is None:
        return ()
    if isinstance(value, list) and all(isinstance(each, str | None) for each in value):
        return [each or "" for each in value]
    if not isinstance(value, str):
        raise InvalidToken(f"parse groups claim {quote(claim)}: {type_error(value, 'string')}")
    return [value]


def _context(authorities: Path | None) -> ssl.SSLContext:
    """Raises ValueError."""
    if authorities is None:
        return https.trusting(b"")
    try:
        return https.trusting(read_authorities(authorities))
    except OSError as error:
        why = f"open {authorities}: {(error.strerror or str(error)).lower()}"
        raise ValueError(f"Failed to read the CA file: {why}") from None
    except ValueError as error:
        why = str(error).replace("error reading", "error creating pool from", 1)
        raise ValueError(f"Failed to read the CA file: {why}") from None
