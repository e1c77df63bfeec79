"""The token controller: every service account has a token secret, and token secrets have tokens.

Follows tokens_controller.go in pkg/controller/serviceaccount of v1.20. Its queue holds accounts (by their name) and
token secrets (by "SECRET/ACCOUNT/UID", so that the account is known when the secret is gone).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence

from fakekube.apis.core.secrets import RESOURCE as SECRETS
from fakekube.apis.core.serviceaccounts import RESOURCE as SERVICEACCOUNTS
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared.errors import is_terminating, raise_unless
from fakekube.controllers.shared.objects import annotations_of, key, name_of, namespace_of, revised, uid_of
from fakekube.machinery import generate
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry.client import Client, Reader

Issue = Callable[[Object, Object], str]
"""(account, secret) -> a signed token with the legacy claims of both."""

TYPE = "kubernetes.io/service-account-token"
NAME = "kubernetes.io/service-account.name"
UID = "kubernetes.io/service-account.uid"


def is_token(secret: Object) -> bool:
    """Whether the secret is meant to hold a service account's token."""
    return secret.get("type") == TYPE and bool(annotations_of(secret).get(NAME))


def account_of(secret: Object) -> tuple[str, str]:
    """Namespace and name of the account that a token is of; the name is "" if it is none."""
    return namespace_of(secret), annotations_of(secret)[NAME] if is_token(secret) else ""


def belongs_to(secret: Object, account: Object) -> bool:
    """Whether the secret is for this very account; one without a uid is for any of that name."""
    annotations = annotations_of(secret)
    uid = annotations.get(UID)
    return (
        secret.get("type") == TYPE and annotations.get(NAME) == name_of(account) and uid in (None, "", uid_of(account))
    )


def has_referenced_token(account: Object, secrets: Sequence[Object]) -> bool:
    """Whether one of the account's secrets is a token of it."""
    names = {reference.get("name") for reference in account.get("secrets") or ()}
    return any(name_of(secret) in names and belongs_to(secret, account) for secret in secrets)


def missing(data: dict[str, str], root_ca: str) -> set[str]:
    """Which entries of a token secret's data (base64) are to be filled in."""
    wanted = {name for name in ("namespace", "token") if not data.get(name)}
    if root_ca and data.get("ca.crt") != encoded(root_ca):
        wanted.add("ca.crt")
    return wanted


def encoded(text: str) -> str:
    """Base64, as secrets hold it."""
    return base64.b64encode(text.encode()).decode()


class Tokens:
    """Makes token secrets and fills them in."""

    def __init__(self, issue: Issue, root_ca: str) -> None:
        self._issue = issue
        self._root_ca = root_ca

    async def reconcile(self, key_: Key, api: Client) -> None:
        """Bring one account, or one secret, in line."""
        name, *rest = key_.name.split("/")
        if rest:
            await self._reconcile_secret(Key(key_.namespace, name), *rest, api=api)
        else:
            await self._reconcile_account(key_, api)

    async def _reconcile_account(self, name: Key, api: Client) -> None:
        account = api.get(SERVICEACCOUNTS, name)
        tokens = api.by(SECRETS, account_of, (name.namespace, name.name))
        uid = uid_of(account) if account is not None else ""
        for secret in tokens:
            if account is None or annotations_of(secret).get(UID, uid) != uid:
                await _delete(secret, api)
        if account is not None and not has_referenced_token(account, tokens):
            await self._add_token(account, api)

    async def _add_token(self, account: Object, api: Client) -> None:
        secret = self._new_secret(account)
        try:
            made = await api.create(SECRETS, secret)
        except StatusError as error:
            if is_terminating(error):
                return
            raise
        secrets = [*(account.get("secrets") or ()), {"name": name_of(made)}]
        try:
            await api.update(SERVICEACCOUNTS, revised(account, secrets=secrets))
        except StatusError as error:
            await _delete(made, api)
            raise_unless(error, "Conflict", "NotFound")

    def _new_secret(self, account: Object) -> Object:
        metadata = {
            "name": generate.name(f"{name_of(account)}-token-"),
            "namespace": namespace_of(account),
            "annotations": {NAME: name_of(account), UID: uid_of(account)},
        }
        secret: Object = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": TYPE}
        secret["data"] = self._filled({}, account, secret)
        return secret

    def _filled(self, data: dict[str, str], account: Object, secret: Object) -> dict[str, str]:
        wanted, filled = missing(data, self._root_ca), dict(data)
        if "ca.crt" in wanted:
            filled["ca.crt"] = encoded(self._root_ca)
        if "namespace" in wanted:
            filled["namespace"] = encoded(namespace_of(secret))
        if "token" in wanted:
            filled["token"] = encoded(self._issue(account, secret))
        return filled

    async def _reconcile_secret(self, name: Key, account_name: str, uid: str, *, api: Client) -> None:
        account = api.get(SERVICEACCOUNTS, Key(name.namespace, account_name))
        if account is not None and uid and uid_of(account) != uid:
            account = None
        secret = api.get(SECRETS, name)
        if secret is None or not is_token(secret):
            if account is not None and secret is None:
                await _remove_reference(account, name.name, api)
        elif account is None:
            if annotations_of(secret)[NAME] == account_name and annotations_of(secret).get(UID, "") == uid:
                await _delete(secret, api)
        elif belongs_to(secret, account):
            await self._fill_in(secret, account, api)

    async def _fill_in(self, secret: Object, account: Object, api: Client) -> None:
        data = secret.get("data") or {}
        if not missing(data, self._root_ca):
            return
        annotations = {**annotations_of(secret), NAME: name_of(account), UID: uid_of(account)}
        metadata = {**secret["metadata"], "annotations": annotations}
        filled = revised(secret, metadata=metadata, data=self._filled(data, account, secret))
        try:
            await api.update(SECRETS, filled)
        except StatusError as error:
            raise_unless(error, "Conflict", "NotFound")


async def _remove_reference(account: Object, secret: str, api: Client) -> None:
    references = account.get("secrets") or []
    kept = [reference for reference in references if reference.get("name") != secret]
    if len(kept) != len(references):
        await api.update(SERVICEACCOUNTS, revised(account, secrets=kept))


async def _delete(secret: Object, api: Client) -> None:
    try:
        await api.delete(SECRETS, key(secret), uid=uid_of(secret))
    except StatusError as error:
        raise_unless(error, "NotFound", "Conflict")


def secret_keys(secret: Object, _: Reader) -> Iterable[Key]:
    """A token secret, with the account that it names."""
    if not is_token(secret):
        return ()
    annotations = annotations_of(secret)
    return (Key(namespace_of(secret), f"{name_of(secret)}/{annotations[NAME]}/{annotations.get(UID, '')}"),)


def controller(issue: Issue, root_ca: str) -> Controller:
    """The token controller; `root_ca` (PEM) goes into each secret, unless it is ""."""
    tokens = Tokens(issue, root_ca)
    return Controller("tokens-controller", (Watch(SERVICEACCOUNTS), Watch(SECRETS, secret_keys)), tokens.reconcile)
