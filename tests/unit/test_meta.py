"""What is wrong with metadata."""

from __future__ import annotations

from typing import Any

import pytest

from fakekube.apis.meta import (
    ordered,
    validate_object_meta,
    validate_object_meta_update,
    validate_standard_finalizers,
)
from fakekube.machinery.names import LABEL_TEXT, QUALIFIED_TEXT, SUBDOMAIN_TEXT, dns_subdomain

STORED = {
    "name": "a",
    "namespace": "n",
    "uid": "u",
    "resourceVersion": "1",
    "creationTimestamp": "2020-01-01T00:00:00Z",
}


@pytest.mark.parametrize(
    ("metadata", "namespaced", "expected"),
    [
        ({"name": "a", "namespace": "n"}, True, []),
        ({}, False, ["metadata.name: Required value: name or generateName is required"]),
        ({"name": "A"}, False, [f'metadata.name: Invalid value: "A": {SUBDOMAIN_TEXT}']),
        ({"name": "a", "generateName": "ok-"}, False, []),
        (
            {"name": "a", "generateName": "AB-"},
            False,
            [f'metadata.generateName: Invalid value: "AB-": {SUBDOMAIN_TEXT}'],
        ),
        ({"name": "a"}, True, ["metadata.namespace: Required value"]),
        ({"name": "a", "namespace": "N"}, True, [f'metadata.namespace: Invalid value: "N": {LABEL_TEXT}']),
        ({"name": "a", "namespace": "n"}, False, ["metadata.namespace: Forbidden: not allowed on this type"]),
        (
            {"name": "a", "labels": {"a b": "c"}, "annotations": {"A B": "c"}},
            False,
            [
                f'metadata.labels: Invalid value: "a b": name part {QUALIFIED_TEXT}',
                f'metadata.annotations: Invalid value: "A B": name part {QUALIFIED_TEXT}',
            ],
        ),
    ],
)
def test_a_new_object(metadata: dict[str, Any], namespaced: bool, expected: list[str]) -> None:
    assert [str(error) for error in validate_object_meta(metadata, namespaced, dns_subdomain)] == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"name": "b"}, ['metadata.name: Invalid value: "b": field is immutable']),
        ({"resourceVersion": ""}, ['metadata.resourceVersion: Invalid value: "": must be specified for an update']),
        (
            {"deletionTimestamp": "2030-01-01T00:00:00Z"},
            ["metadata.deletionTimestamp: Invalid value: 2030-01-01 00:00:00 +0000 UTC: field is immutable"],
        ),
        (
            {"deletionGracePeriodSeconds": 5},
            ["metadata.deletionGracePeriodSeconds: Invalid value: 5: field is immutable"],
        ),
    ],
)
def test_an_update(changes: dict[str, Any], expected: list[str]) -> None:
    assert [str(error) for error in validate_object_meta_update({**STORED, **changes}, STORED)] == expected


def test_what_is_being_deleted_gets_no_finalizers() -> None:
    old = {**STORED, "deletionTimestamp": "2030-01-01T00:00:00Z"}
    (error,) = validate_object_meta_update({**old, "finalizers": ["a/b"]}, old)
    assert str(error.path) == "metadata.finalizers"


def test_finalizers_have_a_domain_or_a_meaning() -> None:
    found = validate_standard_finalizers({"finalizers": ["orphan", "a/b", "mine"]})
    assert [str(error) for error in found] == [
        'metadata.finalizers[2]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully '
        "qualified"
    ]


def test_order_and_emptiness() -> None:
    metadata = {"labels": {"a": "b"}, "annotations": {}, "name": "n", "uid": "", "finalizers": []}
    assert list(ordered(metadata).items()) == [("name", "n"), ("labels", {"a": "b"})]
