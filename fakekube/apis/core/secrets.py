"""Secret. Follows pkg/apis/core/validation and pkg/registry/core/secret of v1.20."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

from fakekube.apis import again
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.core.keyed import MAX_SIZE, byte_count, bytes_of, validate_frozen, validate_keys
from fakekube.apis.resource import Column, Resource, Version
from fakekube.machinery import jsontext
from fakekube.machinery.fielderrors import FieldError, Path, invalid, required, too_long
from fakekube.machinery.objects import Object

DATA = Path("data")
UNFILLED = Path("data[%s]")
"""The server forgets to fill in the key, and appends it once more."""
ACCOUNT = "kubernetes.io/service-account.name"
HIDDEN = "<secret contents redacted>"
JSON_OBJECT = "map[string]interface {}"


def default(secret: Object) -> None:
    """Opaque, unless it says what it is."""
    if not secret.get("type"):
        secret["type"] = "Opaque"


def to_storage(secret: Object) -> Object:
    """stringData is only another way to write data."""
    texts = secret.pop("stringData", None)
    if texts:
        encoded = {key: base64.b64encode(text.encode(errors="replace")).decode() for key, text in texts.items()}
        secret["data"] = {**(secret.get("data") or {}), **encoded}
    return secret


def prepare_update(new: Object, old: Object) -> None:
    """The type cannot be emptied."""
    if not new.get("type") and old.get("type"):
        new["type"] = old["type"]


def validate(secret: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new secret."""
    yield from again.created(secret)
    yield from _contents(secret)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update: the type stays, and a frozen one keeps its contents."""
    yield from again.changed(new, old)
    if new.get("type", "") != old.get("type", ""):
        yield invalid(Path("type"), new.get("type", ""), "field is immutable")
    yield from validate_frozen(new, old, ("data",))
    yield from again.judged(new, namespaced=True)
    yield from _contents(new)


def _contents(secret: Object) -> Iterator[FieldError]:
    data = secret.get("data") or {}
    yield from validate_keys(data, DATA)
    if sum(byte_count(value or "") for value in data.values()) > MAX_SIZE:
        yield too_long(DATA, MAX_SIZE)
    if (rule := TYPES.get(secret.get("type", ""))) is not None:
        yield from rule(secret, data)


def _service_account_token(secret: Object, data: Object) -> Iterator[FieldError]:
    if not (secret["metadata"].get("annotations") or {}).get(ACCOUNT):
        yield required(Path("metadata.annotations") @ ACCOUNT)


def _json(key: str) -> Callable[[Object, Object], Iterator[FieldError]]:
    """Secrets of a registry: one entry, a JSON object."""

    def rule(secret: Object, data: Object) -> Iterator[FieldError]:
        if key not in data:
            yield required(DATA @ key)
            return
        try:
            value = jsontext.loads(bytes_of(data[key] or ""))
            if value is not None and not isinstance(value, dict):
                raise ValueError(jsontext.mismatch(value, JSON_OBJECT))
        except ValueError as error:
            yield invalid(DATA @ key, HIDDEN, str(error))

    return rule


def _basic_auth(secret: Object, data: Object) -> Iterator[FieldError]:
    names = ("username", "password")
    if not any(name in data for name in names):
        yield from (required(UNFILLED @ name) for name in names)


def _ssh_auth(secret: Object, data: Object) -> Iterator[FieldError]:
    if not data.get("ssh-privatekey"):
        yield required(UNFILLED @ "ssh-privatekey")


def _tls(secret: Object, data: Object) -> Iterator[FieldError]:
    yield from (required(DATA @ name) for name in ("tls.crt", "tls.key") if name not in data)


TYPES: dict[str, Callable[[Object, Object], Iterator[FieldError]]] = {
    "kubernetes.io/service-account-token": _service_account_token,
    "kubernetes.io/dockercfg": _json(".dockercfg"),
    "kubernetes.io/dockerconfigjson": _json(".dockerconfigjson"),
    "kubernetes.io/basic-auth": _basic_auth,
    "kubernetes.io/ssh-auth": _ssh_auth,
    "kubernetes.io/tls": _tls,
}
"""What secrets of a known type have to hold; others may hold anything."""

RESOURCE = Resource(
    group="",
    plural="secrets",
    kind="Secret",
    versions=(Version("v1", storage=True, defaults=default, to_storage=to_storage),),
    prepare_update=prepare_update,
    validate=validate,
    validate_update=validate_update,
    selectable={"type": lambda secret: secret.get("type", "")},
    columns=(
        NAME,
        Column("Type", "string", ".type"),
        Column("Data", "string", lambda secret, now: len(secret.get("data") or ())),
        AGE,
    ),
)
