"""Discovery documents in kube-apiserver's protobuf form, without a protobuf runtime.

The body is the four bytes "k8s\\0" and a runtime.Unknown that wraps the document. Field numbers are those of
apimachinery's generated.proto.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

MAGIC = b"k8s\x00"
Encode = Callable[[Any], bytes]


def varint(number: int) -> bytes:
    """Base-128, the low bits first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def delimited(number: int, data: bytes) -> bytes:
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def _text(value: str) -> bytes:
    return value.encode()


def _verbs(value: list[str]) -> bytes:
    return b"".join(delimited(1, verb.encode()) for verb in value)


def _message(kind: str) -> Encode:
    return lambda value: message(value, MESSAGES[kind])


Field = tuple[int, Encode | None]
"""Number and how the value is encoded; None for a boolean."""
MESSAGES: Mapping[str, Mapping[str, Field]] = {
    "APIVersions": {"versions": (1, _text), "serverAddressByClientCIDRs": (2, _message("ServerAddress"))},
    "ServerAddress": {"clientCIDR": (1, _text), "serverAddress": (2, _text)},
    "APIGroupList": {"groups": (1, _message("APIGroup"))},
    "APIGroup": {
        "name": (1, _text),
        "versions": (2, _message("GroupVersion")),
        "preferredVersion": (3, _message("GroupVersion")),
    },
    "GroupVersion": {"groupVersion": (1, _text), "version": (2, _text)},
    "APIResourceList": {"groupVersion": (1, _text), "resources": (2, _message("APIResource"))},
    "APIResource": {
        "name": (1, _text),
        "namespaced": (2, None),
        "kind": (3, _text),
        "verbs": (4, _verbs),
        "shortNames": (5, _text),
        "singularName": (6, _text),
        "categories": (7, _text),
        "group": (8, _text),
        "version": (9, _text),
        "storageVersionHash": (10, _text),
    },
}


def message(value: Mapping[str, Any], fields: Mapping[str, Field]) -> bytes:
    """One message; unknown fields are left out."""
    return b"".join(part for name, field in fields.items() if name in value for part in _field(value[name], field))


def _field(value: Any, field: Field) -> Iterator[bytes]:
    number, encode = field
    if encode is None:
        yield varint(number << 3) + varint(int(value))
    elif isinstance(value, list) and encode is not _verbs:
        for item in value:
            yield delimited(number, encode(item))
    else:
        yield delimited(number, encode(value))


def document(value: Mapping[str, Any]) -> bytes:
    """The body for a discovery document. Raises KeyError for another kind."""
    kind = value["kind"]
    typed = delimited(1, value.get("apiVersion", "v1").encode()) + delimited(2, kind.encode())
    raw = message(value, MESSAGES[kind])
    unknown = delimited(1, typed) + delimited(2, raw) + delimited(3, b"") + delimited(4, b"")
    return MAGIC + unknown
