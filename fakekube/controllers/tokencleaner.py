"""The token cleaner: deletes bootstrap tokens when they have ended. Follows pkg/controller/bootstrap of v1.20."""

from __future__ import annotations

from collections.abc import Iterable

from fakekube.apis.core.secrets import RESOURCE as SECRETS
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared import bootstraptokens
from fakekube.controllers.shared.errors import raise_unless
from fakekube.controllers.shared.objects import key, namespace_of, uid_of
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry.client import Client, Reader


async def reconcile(name: Key, api: Client) -> float | None:
    """Delete the token, or come back when its time is over."""
    secret = api.get(SECRETS, name)
    left = bootstraptokens.remaining(secret, api.clock.now()) if secret is not None else None
    if secret is None or left is None or not bootstraptokens.is_token(secret):
        return None
    if left > 0:
        return left
    try:
        await api.delete(SECRETS, name, uid=uid_of(secret))
    except StatusError as error:
        raise_unless(error, "NotFound", "Conflict")
    return None


def of_token(secret: Object, _: Reader) -> Iterable[Key]:
    """Secrets that are tokens."""
    mine = namespace_of(secret) == bootstraptokens.NAMESPACE and bootstraptokens.is_token(secret)
    return (key(secret),) if mine else ()


CONTROLLER = Controller("token-cleaner", (Watch(SECRETS, of_token),), reconcile)
