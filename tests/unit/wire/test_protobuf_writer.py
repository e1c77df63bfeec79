"""Objects written as protobuf are read back as they were."""

from __future__ import annotations

from typing import Any

import pytest

from fakekube.apis import schema
from fakekube.machinery import decoding
from fakekube.machinery.schema import Schema
from fakekube.wire import protobuf, varints
from fakekube.wire import protobuf_writer as writer


@pytest.fixture(scope="module")
def types() -> Schema:
    return schema.load("1.20")


TIME = "2020-01-02T03:04:05Z"
META = {
    "name": "a", "labels": {"b": "2", "a": "1"}, "creationTimestamp": TIME, "generation": 3,
    "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u", "controller": True}],
    "managedFields": [{"manager": "m", "time": TIME, "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {".": {}}}}],
}  # fmt: skip
PORTS = [{"port": 80, "protocol": "TCP", "targetPort": "web"}, {"port": 81, "protocol": "UDP", "targetPort": 8081}]
CONTAINER = {
    "name": "c", "image": "i", "args": ["", "x"], "resources": {"limits": {"cpu": "100m", "memory": "1Gi"}},
    "livenessProbe": {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 10},
}  # fmt: skip
VOLUMES = [
    {"name": "v", "emptyDir": {}},
    {"name": "s", "secret": {"secretName": "t", "items": [{"key": "k", "path": "p"}]}},
]
RULES = {"type": "object", "items": {"type": "string"}, "additionalProperties": True, "maximum": 1.5}
VERSION = {"name": "v1", "schema": {"openAPIV3Schema": RULES}}


@pytest.mark.parametrize(
    ("group", "version", "kind", "value"),
    [
        ("", "v1", "ConfigMap", {"metadata": META, "data": {"k": "v"}, "binaryData": {"z": "AAEC"}}),
        ("", "v1", "Service", {"metadata": META, "spec": {"ports": PORTS, "selector": {"a": "b"}}}),
        ("", "v1", "Pod", {"metadata": META, "spec": {"containers": [CONTAINER], "volumes": VOLUMES, "priority": -5}}),
        ("", "v1", "Event", {"metadata": META, "eventTime": "2020-01-02T03:04:05.000006Z", "count": 2}),
        ("apiextensions.k8s.io", "v1", "CustomResourceDefinition", {"spec": {"versions": [VERSION]}}),
        ("", "v1", "Status", {"metadata": {}, "code": 404, "details": {"causes": [{"field": "x"}]}}),
        ("", "v1", "ConfigMapList", {"metadata": {"resourceVersion": "5"}, "items": [{"metadata": META}]}),
        ("authorization.k8s.io", "v1", "SubjectAccessReview", {"spec": {"user": "u", "extra": {"k": ["a", "b"]}}}),
    ],
)  # fmt: skip
def test_what_is_written_is_read_again(types: Schema, group: str, version: str, kind: str, value: Any) -> None:
    type_ = types.kind(group, version, kind)
    read = protobuf.decode(writer.encode(value, type_), type_)
    assert decoding.convert(read, type_) == decoding.convert(value, type_)


def test_bodies_are_in_an_envelope(types: Schema) -> None:
    raw = writer.encode({"metadata": META}, types.kind("", "v1", "ConfigMap"))
    assert protobuf.unwrap(writer.body("v1", "ConfigMap", raw)) == ("v1", "ConfigMap", raw)


def test_events_are_frames() -> None:
    frame = writer.event("ADDED", b"body")
    assert frame == b"\x00\x00\x00\x0f\x0a\x05ADDED\x12\x06\x0a\x04body"


@pytest.mark.parametrize(("number", "data"), [(0, b"\0"), (300, b"\xac\x02"), (-1, b"\xff" * 9 + b"\x01")])
def test_varints(number: int, data: bytes) -> None:
    assert varints.varint(number) == data
