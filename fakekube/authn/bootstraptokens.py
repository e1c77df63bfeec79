"""Bootstrap tokens: secrets in kube-system with which new nodes first join. Follows authenticator/token/bootstrap."""

from __future__ import annotations

import hmac
import re
from base64 import b64decode
from collections.abc import Sequence

from fakekube.apis.core import secrets
from fakekube.authn.request import Identity
from fakekube.machinery.objects import Key, Object, UserInfo
from fakekube.machinery.times import parse_time
from fakekube.registry.client import Reader
from fakekube.runtime.clock import Clock

NAMESPACE = "kube-system"
NAME_PREFIX = "bootstrap-token-"
TYPE = "bootstrap.kubernetes.io/token"
USER_PREFIX = "system:bootstrap:"
GROUP = "system:bootstrappers"
_TOKEN = re.compile(r"([a-z0-9]{6})\.([a-z0-9]{16})")
_EXTRA_GROUP = re.compile(r"system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]")


class BootstrapTokens:
    """The authenticator. Whatever is wrong with a secret, its token is simply unknown."""

    def __init__(self, reader: Reader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock

    async def authenticate_token(self, token: str, _: Sequence[str]) -> Identity | None:
        """The user system:bootstrap:ID of a live secret."""
        parts = _TOKEN.fullmatch(token)
        if parts is None:
            return None
        secret = self._reader.get(secrets.RESOURCE, Key(NAMESPACE, NAME_PREFIX + parts[1]))
        if secret is None or not self._usable(secret, parts[1], parts[2]):
            return None
        groups = bootstrap_groups(text(secret, "auth-extra-groups"))
        user = groups and UserInfo(USER_PREFIX + parts[1], groups=groups)
        return Identity(user, "bootstrap") if user else None

    def _usable(self, secret: Object, token_id: str, token_secret: str) -> bool:
        return (
            "deletionTimestamp" not in secret["metadata"]
            and secret.get("type") == TYPE
            and hmac.compare_digest(text(secret, "token-secret").encode(), token_secret.encode())
            and text(secret, "token-id") == token_id
            and not has_expired(secret, self._clock.now())
            and text(secret, "usage-bootstrap-authentication") == "true"
        )


def has_expired(secret: Object, now: float) -> bool:
    """Whether its time is over; an expiration that cannot be read counts as over."""
    expiration = text(secret, "expiration")
    if not expiration:
        return False
    try:
        return now >= parse_time(expiration)
    except ValueError:
        return True


def bootstrap_groups(extra: str) -> tuple[str, ...]:
    """The groups of a token whose secret lists those, sorted; () if one of them is not allowed."""
    added = extra.split(",") if extra else []
    if not all(_EXTRA_GROUP.fullmatch(group) for group in added):
        return ()
    return tuple(sorted({GROUP, *added}))


def text(secret: Object, key: str) -> str:
    """A value of the secret's data, decoded; "" if it is missing."""
    return b64decode((secret.get("data") or {}).get(key) or "").decode(errors="replace")
