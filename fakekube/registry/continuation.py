"""Continue tokens, as the real server writes them.

Base64 of {"v": "meta.k8s.io/v1", "rv": revision, "start": "key\\0"}. Follows decodeContinue of apiserver's etcd3 store.
"""

from __future__ import annotations

import base64
import posixpath
from typing import Any

import orjson

from fakekube.machinery import status, unmarshal
from fakekube.machinery.goformat import quote

VERSION = "meta.k8s.io/v1"
EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)
FIELDS: dict[str, tuple[str, type]] = {"v": ("v", str), "rv": ("rv", int), "start": ("start", str)}
ALPHABET = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def encode(revision: int, start: str) -> str:
    """The text of a token."""
    data = orjson.dumps({"v": VERSION, "rv": revision, "start": start})
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(token: str) -> tuple[int, str]:
    """(revision, start); a negative revision stands for the current one. Raises BadRequest (400)."""
    try:
        return _checked(_fields(_bytes(token)))
    except ValueError as error:
        raise status.bad_request(f"invalid continue token: continue key is not valid: {error}") from None


def expired(token: str, start: str) -> status.StatusError:
    """410: the revision is no longer kept. With a token, another one goes on from there at the current revision."""
    if not token:
        return status.expired("The resourceVersion for the provided list is too old.")
    error = status.expired(EXPIRED)
    error.status["metadata"] = {"continue": encode(-1, start)}
    return error


def _bytes(token: str) -> bytes:
    """As Go's RawURLEncoding reads it. Raises ValueError."""
    data = token.encode()
    kept = data.replace(b"\r", b"").replace(b"\n", b"")
    for index, byte in enumerate(data):
        if byte not in ALPHABET and byte not in b"\r\n":
            raise ValueError(f"illegal base64 data at input byte {index}")
    if len(kept) % 4 == 1:
        raise ValueError(f"illegal base64 data at input byte {len(data) - 1}")
    return base64.urlsafe_b64decode(kept + b"=" * (-len(kept) % 4))


def _fields(data: bytes) -> dict[str, Any]:
    """The token's fields as encoding/json reads them. Raises ValueError."""
    if (problem := unmarshal.syntax_error(data)) is not None:
        raise ValueError(problem)
    document = orjson.loads(data)
    found: dict[str, Any] = {"v": "", "rv": 0, "start": ""}
    if document is None:
        return found
    if not isinstance(document, dict):
        raise ValueError(unmarshal.type_error(document, "etcd3.continueToken"))
    for name, value in document.items():
        field, type_ = FIELDS.get(name.lower(), ("", object))
        if not field or value is None:
            continue
        if type(value) is not type_:
            go = "int64" if type_ is int else "string"
            raise ValueError(unmarshal.type_error(value, go, "continueToken", field))
        found[field] = value
    return found


def _checked(token: dict[str, Any]) -> tuple[int, str]:
    if token["v"] != VERSION:
        raise ValueError(f"server does not recognize this encoded version {quote(token['v'])}")
    if token["rv"] == 0:
        raise ValueError("incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
    start: str = token["start"]
    if not start:
        raise ValueError("encoded start key empty (version meta.k8s.io/v1)")
    rooted = start if start.startswith("/") else f"/{start}"
    if rooted.startswith("//") or posixpath.normpath(rooted) != rooted:
        raise ValueError(start)
    return token["rv"], rooted[1:]
