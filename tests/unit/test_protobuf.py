"""Objects in protobuf form are read as the objects that JSON would have brought."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.apis import schema
from fakekube.wire import protobuf
from fakekube.wire.protobuf import ProtobufError
from fakekube.wire.varints import tagged, varint

SCHEMA = schema.load("1.20")


def message(*fields: tuple[int, bytes | str | int]) -> bytes:
    """A message of (number, value) fields."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value % 2**64)
        else:
            out += tagged(number, value.encode() if isinstance(value, str) else value)
    return out


def entry(key: str, value: bytes | str) -> bytes:
    return message((1, key), (2, value))


METADATA = message((1, "web"), (2, ""), (3, "default"), (8, message((1, 86400))), (11, entry("app", "web")))

CASES = [
    ("ConfigMap", message((1, METADATA), (2, entry("a", "b")), (3, entry("c", b"\xff")), (4, 1)),
     {"data": {"a": "b"}, "binaryData": {"c": "/w=="}, "immutable": True}),
    ("Secret", message((1, METADATA), (2, entry("k", b"v")), (3, "Opaque")), {"data": {"k": "dg=="}, "type": "Opaque"}),
    ("Service",
     message((1, METADATA), (2, message((1, message((2, "TCP"), (3, 80), (4, message((1, 1), (3, "http"))))),
                                        (1, message((3, 81), (4, message((1, 0), (2, 9090)))))))),
     {"spec": {"ports": [{"protocol": "TCP", "port": 80, "targetPort": "http"}, {"port": 81, "targetPort": 9090}]}}),
    ("Pod",
     message((1, METADATA), (2, message((1, message((1, "v"), (2, message((6, message((1, "s"), (3, 256))))))),
                                        (14, message((5, 65534), (4, 1), (4, -2)))))),
     {"spec": {"volumes": [{"name": "v", "secret": {"secretName": "s", "defaultMode": 256}}],
               "securityContext": {"supplementalGroups": [1, -2], "fsGroup": 65534}}}),
    ("LimitRange",
     message((1, METADATA), (2, message((1, message((1, "Container"), (2, entry("cpu", message((1, "500m"))))))))),
     {"spec": {"limits": [{"type": "Container", "max": {"cpu": "500m"}}]}}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "data", "expected"), CASES, ids=[case[0] for case in CASES])
def test_messages_are_read_by_their_numbers(kind: str, data: bytes, expected: dict) -> None:
    found = protobuf.decode(data, SCHEMA.kind("", "v1", kind))
    assert found.pop("metadata") == {
        "name": "web", "namespace": "default", "creationTimestamp": "1970-01-02T00:00:00Z", "labels": {"app": "web"},
    }  # fmt: skip
    assert found == expected


def test_a_named_slice_is_a_message_of_its_own() -> None:
    type_ = SCHEMA.kind("authorization.k8s.io", "v1", "SubjectAccessReview")
    extra = entry("scopes", message((1, "a"), (1, "b")))
    found = protobuf.decode(message((2, message((3, "jane"), (5, extra)))), type_)
    assert found["spec"] == {"user": "jane", "extra": {"scopes": ["a", "b"]}}


def test_the_envelope_names_the_kind() -> None:
    body = protobuf.MAGIC + message((1, message((1, "v1"), (2, "Pod"))), (2, b"xyz"))
    assert protobuf.unwrap(body) == ("v1", "Pod", b"xyz")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"{}", protobuf.NO_MAGIC),
        (protobuf.MAGIC + b"\x0a\x05a", "unexpected EOF"),
        (protobuf.MAGIC + b"\x0a", "unexpected EOF"),
        (protobuf.MAGIC + b"\x0b", "proto: illegal wireType 3"),
        (protobuf.MAGIC + b"\x02\x00", "proto: illegal tag 0 (wire type 2)"),
        (protobuf.MAGIC + b"\x08\x01", "proto: wrong wireType"),
        (protobuf.MAGIC + b"\xff" * 12, "proto: integer overflow"),
    ],
)
def test_errors(data: bytes, error: str) -> None:
    with pytest.raises(ProtobufError) as raised:
        protobuf.unwrap(data)
    assert str(raised.value) == error


@given(st.binary(max_size=200), st.sampled_from(["Pod", "Service", "Secret", "Event", "Node", "LimitRange"]))
def test_any_bytes_are_read_or_refused(data: bytes, kind: str) -> None:
    try:
        found = protobuf.decode(data, SCHEMA.kind("", "v1", kind))
    except ProtobufError:
        return
    assert isinstance(found, dict)
