"""Bearer tokens: where a request carries one, and asking everyone who may know it.

Follows apiserver's authentication/request/bearertoken and /websocket, and authentication/token/union.
"""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from typing import Protocol

from fakekube.authn.request import Credentials, Identity, Rejected
from fakekube.machinery.headers import values

INVALID_TOKEN = "invalid bearer token"  # noqa: S105 - a message
WEBSOCKET_PREFIX = "base64url.bearer.authorization.k8s.io."
_BASE64URL = re.compile("[A-Za-z0-9_-]+")


class TokenAuthenticator(Protocol):
    """Knows one sort of token."""

    async def authenticate_token(self, token: str, audiences: Sequence[str]) -> Identity | None:
        """Whose it is; None: none of mine. `audiences` are never empty. Raises Rejected."""


class Bearer:
    """The authenticator for tokens in the header Authorization or, of WebSockets, in a sub-protocol."""

    def __init__(self, authenticators: Sequence[TokenAuthenticator], api_audiences: Sequence[str]) -> None:
        self._authenticators = tuple(authenticators)
        self._api_audiences = tuple(api_audiences)

    async def authenticate(self, credentials: Credentials) -> Identity | None:
        """Whose token it is; None without a token. Raises Rejected."""
        token = bearer_token(credentials.headers) or websocket_token(credentials.headers)
        if not token:
            return None
        audiences = credentials.audiences or self._api_audiences
        faults: list[str] = []
        for authenticator in self._authenticators:
            try:
                identity = await authenticator.authenticate_token(token, audiences)
            except Rejected as error:
                faults += error.args
                continue
            if identity is not None:
                return identity
        raise Rejected(INVALID_TOKEN, *faults)  # the real server's own loopback token is never this one


def bearer_token(headers: Mapping[str, str]) -> str:
    """The token of the header Authorization; "" where there is none. Words after it do not count."""
    parts = headers.get("Authorization", "").strip().split(" ", 2)
    return parts[1] if len(parts) > 1 and parts[0].lower() == "bearer" else ""


def websocket_token(headers: Mapping[str, str]) -> str:
    """The token that a browser passes as a sub-protocol of the WebSocket it opens. Raises Rejected for a faulty one."""
    if headers.get("Upgrade", "").lower() != "websocket" or "upgrade" not in headers.get("Connection", "").lower():
        return ""
    offered = [word.strip() for value in values(headers, "Sec-WebSocket-Protocol") for word in value.split(",")]
    tokens = [word.removeprefix(WEBSOCKET_PREFIX) for word in offered if word.startswith(WEBSOCKET_PREFIX)]
    if len(tokens) > 1:
        raise Rejected("multiple base64.bearer.authorization tokens specified")
    if not tokens:
        return ""
    token = _decoded(tokens[0])
    if token and len(offered) == 1:
        raise Rejected("missing additional subprotocol")
    return token


def _decoded(text: str) -> str:
    if text and not _BASE64URL.fullmatch(text):
        raise Rejected("invalid base64.bearer.authorization token encoding")
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except binascii.Error:
        raise Rejected("invalid base64.bearer.authorization token encoding") from None
    except UnicodeDecodeError:
        raise Rejected("invalid base64.bearer.authorization token") from None


class ForApiOnly:
    """Tokens that know no audience are the API server's own: of no use to whoever asks for another audience."""

    def __init__(self, inner: TokenAuthenticator, api_audiences: Sequence[str]) -> None:
        self._inner = inner
        self._api_audiences = tuple(api_audiences)

    async def authenticate_token(self, token: str, audiences: Sequence[str]) -> Identity | None:
        """As the inner one, for the audiences that the API server has in common with those asked for."""
        common = tuple(audience for audience in audiences if audience in self._api_audiences)
        identity = await self._inner.authenticate_token(token, audiences) if common else None
        return identity and Identity(identity.user, identity.authenticator, common)
