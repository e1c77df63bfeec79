"""Issuing service account tokens: those that secrets hold, and those that TokenRequests ask for.

Follows pkg/serviceaccount's legacy and bound claims. Functions of a key and objects; nothing here is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import NamedTuple

from fakekube.machinery.objects import Object, key_of
from fakekube.machinery.users import service_account_name
from fakekube.pki.signingkey import SigningKey

LEGACY_ISSUER = "kubernetes/serviceaccount"
LEGACY_CLAIM = "kubernetes.io/serviceaccount/"
BOUND_CLAIM = "kubernetes.io"
BINDINGS: Mapping[str, str] = {"Pod": "pod", "Secret": "secret"}
"""Kind of the object that a token can be bound to -> its claim."""


class BoundToken(NamedTuple):
    """A token and when it expires, in whole seconds since the epoch."""

    token: str
    expires: int


def issue_secret_token(key: SigningKey, account: Object, secret_name: str) -> str:
    """The token of a secret of type service-account-token. It has no end: it dies with the secret or the account."""
    where = key_of(account)
    return key.sign(
        {
            "iss": LEGACY_ISSUER,
            "sub": service_account_name(where),
            f"{LEGACY_CLAIM}namespace": where.namespace,
            f"{LEGACY_CLAIM}secret.name": secret_name,
            f"{LEGACY_CLAIM}service-account.name": where.name,
            f"{LEGACY_CLAIM}service-account.uid": account["metadata"]["uid"],
        }
    )


def issue_bound_token(
    key: SigningKey,
    issuer: str,
    account: Object,
    audiences: Sequence[str],
    seconds: int,
    now: float,
    bound_to: Object | None = None,
    warn_after: int = 0,
) -> BoundToken:
    """A token for some audiences and some time, bound to a Pod or Secret (with its kind) or to the account alone."""
    where, begin = key_of(account), int(now)
    private: Object = {"namespace": where.namespace, "serviceaccount": _reference(account)}
    if bound_to is not None:
        private[BINDINGS[bound_to["kind"]]] = _reference(bound_to)
    if warn_after:
        private["warnafter"] = begin + warn_after
    claims = {
        "iss": issuer,
        "sub": service_account_name(where),
        "aud": list(audiences),
        "iat": begin,
        "nbf": begin,
        "exp": begin + seconds,
        BOUND_CLAIM: {name: private[name] for name in sorted(private)},
    }
    return BoundToken(key.sign(claims), begin + seconds)


def _reference(obj: Object) -> Object:
    return {"name": obj["metadata"]["name"], "uid": obj["metadata"]["uid"]}


class TokenIssuer:
    """Signs tokens of one issuer with a key that may still be in the making: the first call then waits for it."""

    def __init__(self, key: Future[SigningKey], issuer: str) -> None:
        self._key = key
        self._issuer = issuer

    def of_secret(self, account: Object, secret_name: str) -> str:
        """`issue_secret_token`."""
        return issue_secret_token(self._key.result(), account, secret_name)

    def bound(
        self,
        account: Object,
        audiences: Sequence[str],
        seconds: int,
        now: float,
        bound_to: Object | None = None,
        warn_after: int = 0,
    ) -> BoundToken:
        """`issue_bound_token`."""
        key = self._key.result()
        return issue_bound_token(key, self._issuer, account, audiences, seconds, now, bound_to, warn_after)
