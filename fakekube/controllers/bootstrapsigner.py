"""The bootstrap signer: signs kube-public/cluster-info with each token that may. Follows pkg/controller/bootstrap."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable

from fakekube.apis.core.configmaps import RESOURCE as CONFIGMAPS
from fakekube.apis.core.secrets import RESOURCE as SECRETS
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.shared import bootstraptokens
from fakekube.controllers.shared.errors import raise_unless
from fakekube.controllers.shared.objects import key, namespace_of, revised
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry.client import Client, Reader

CLUSTER_INFO = Key("kube-public", "cluster-info")
CONTENT = "kubeconfig"
SIGNATURE = "jws-kubeconfig-"


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signature(content: str, token: str, secret: str) -> str:
    """A JWS (HS256) without its payload: header..signature."""
    header = _encode(json.dumps({"alg": "HS256", "kid": token}, separators=(",", ":")).encode())
    signed = f"{header}.{_encode(content.encode())}".encode()
    return f"{header}..{_encode(hmac.digest(secret.encode(), signed, hashlib.sha256))}"


def plan(data: dict[str, str], tokens: dict[str, str]) -> dict[str, str]:
    """The data of the config map with the signatures of these tokens (id -> secret) and no others."""
    kept = {name: text for name, text in data.items() if not name.startswith(SIGNATURE)}
    signed = {f"{SIGNATURE}{token}": signature(data[CONTENT], token, secret) for token, secret in tokens.items()}
    return {**kept, **signed}


async def reconcile(_: Key, api: Client) -> None:
    """Write the signatures where they differ."""
    info = api.get(CONFIGMAPS, CLUSTER_INFO)
    if info is None or CONTENT not in (info.get("data") or {}):
        return
    secrets = api.list(SECRETS, bootstraptokens.NAMESPACE, bootstraptokens.is_token)
    pairs = (bootstraptokens.signing_pair(secret, api.clock.now()) for secret in secrets)
    data = plan(info["data"], dict(pair for pair in pairs if pair is not None))
    if data == info["data"]:
        return
    try:
        await api.update(CONFIGMAPS, revised(info, data=data))
    except StatusError as error:
        raise_unless(error, "NotFound")


def of_config_map(config_map: Object, _: Reader) -> Iterable[Key]:
    """Only one config map is signed."""
    return (CLUSTER_INFO,) if key(config_map) == CLUSTER_INFO else ()


def of_secret(secret: Object, _: Reader) -> Iterable[Key]:
    """Each token has its signature there."""
    mine = namespace_of(secret) == bootstraptokens.NAMESPACE and bootstraptokens.is_token(secret)
    return (CLUSTER_INFO,) if mine else ()


CONTROLLER = Controller("bootstrap-signer", (Watch(CONFIGMAPS, of_config_map), Watch(SECRETS, of_secret)), reconcile)
