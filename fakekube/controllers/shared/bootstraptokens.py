"""Bootstrap tokens as secrets keep them. Follows cluster-bootstrap's token/util of v1.20."""

from __future__ import annotations

import base64
import binascii

from fakekube.controllers.shared.objects import name_of
from fakekube.machinery.objects import Object
from fakekube.machinery.times import TimeError, parse_time

TYPE = "bootstrap.kubernetes.io/token"
NAMESPACE = "kube-system"
PREFIX = "bootstrap-token-"


def is_token(secret: Object) -> bool:
    """Whether the secret is a bootstrap token."""
    return secret.get("type") == TYPE


def text_of(secret: Object, field: str) -> str:
    """A field of the data, "" where it is missing or no text."""
    try:
        return base64.b64decode((secret.get("data") or {}).get(field, "")).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def remaining(secret: Object, now: float) -> float | None:
    """Seconds until the token ends, below 0 for one that has ended; None: it never does."""
    text = text_of(secret, "expiration")
    if not text:
        return None
    try:
        return parse_time(text) - now
    except TimeError:
        return -1.0


def signing_pair(secret: Object, now: float) -> tuple[str, str] | None:
    """(id, secret) of a token that may sign; None if it may not."""
    token, key = text_of(secret, "token-id"), text_of(secret, "token-secret")
    left = remaining(secret, now)
    if not token or name_of(secret) != f"{PREFIX}{token}" or not key or (left is not None and left < 0):
        return None
    return (token, key) if text_of(secret, "usage-bootstrap-signing") == "true" else None
