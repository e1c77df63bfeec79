"""Bearer tokens that somebody else knows: TokenReviews posted to --authentication-token-webhook-config-file.

Follows apiserver's plugin/pkg/authenticator/token/webhook, and its token cache.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fakekube.authn.request import Identity, Rejected
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Object, UserInfo
from fakekube.runtime.clock import Clock
from fakekube.runtime.expiring import Expiring
from fakekube.runtime.https import CallFailed
from fakekube.runtime.webhooks import Backend

NAME = "webhook"
GROUP, KIND = "authentication.k8s.io", "TokenReview"
VERSIONS = ("v1", "v1beta1")
REMEMBERED = 32_768
_LOG = logging.getLogger("fakekube.authn")


class Webhook:
    """The authenticator. Answers are remembered for `ttl` seconds, whether the token is right or unknown."""

    def __init__(
        self, kubeconfig: Path, version: str, clock: Clock, api_audiences: Sequence[str], ttl: float = 120
    ) -> None:
        """Raises ValueError for what cannot be used."""
        if version not in VERSIONS:
            known = ", ".join(quote(name) for name in VERSIONS)
            text = f"unsupported authentication webhook version {quote(version)}, supported versions are {known}"
            raise ValueError(text)
        self._backend = Backend(kubeconfig)
        self._version = version
        self._clock = clock
        self._api_audiences = tuple(api_audiences)
        self._ttl = ttl
        self._known: Expiring[tuple[str, tuple[str, ...]], tuple[Identity | None]] = Expiring(REMEMBERED)

    async def authenticate_token(self, token: str, audiences: Sequence[str]) -> Identity | None:
        """Whose it is. Raises Rejected if the backend finds fault with it or cannot be asked."""
        name, now = (token, tuple(audiences)), self._clock.now()
        known = self._known.get(name, now)
        if known is not None:
            return known[0]
        identity = await self._ask(token, audiences)
        self._known.put(name, (identity,), now + self._ttl)
        return identity

    async def _ask(self, token: str, audiences: Sequence[str]) -> Identity | None:
        review = {
            "kind": KIND,
            "apiVersion": f"{GROUP}/{self._version}",
            "metadata": {"creationTimestamp": None},
            "spec": {"token": token, "audiences": list(audiences)},
            "status": {"user": {}},
        }
        try:
            status = await self._backend.status(review, VERSIONS)
        except CallFailed as error:
            _LOG.error("Failed to make webhook authenticator request: %s", error)
            raise Rejected(str(error)) from None
        meant = status.get("audiences") or self._api_audiences
        common = tuple(audience for audience in audiences if audience in meant)
        if not common:
            return None
        if not status.get("authenticated"):
            if fault := status.get("error"):
                raise Rejected(str(fault))
            return None
        return Identity(_user(status.get("user") or {}), NAME, common)


def _user(user: Object) -> UserInfo:
    extra: Mapping[str, Any] = user.get("extra") or {}
    return UserInfo(
        user.get("username") or "",
        user.get("uid") or "",
        tuple(user.get("groups") or ()),
        {key: tuple(values or ()) for key, values in extra.items()},
    )
