from __future__ import annotations

import copy
import json
from typing import Any

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.machinery.patch import json_patch
from fakekube.machinery.status import StatusError

DOCUMENT = {"kind": "ConfigMap", "data": {"k": "v", "a": "b"}, "list": ["x", "y"], "empty": None}


def patched(*operations: dict[str, Any]) -> Any:
    return json_patch.apply(DOCUMENT, list(operations))


@pytest.mark.parametrize(
    ("operation", "path", "expected"),
    [
        ({"op": "add", "path": "/data/n", "value": "1"}, "data", {"k": "v", "a": "b", "n": "1"}),
        ({"op": "add", "path": "/data/k", "value": "1"}, "data", {"k": "1", "a": "b"}),
        ({"op": "add", "path": "/data/n"}, "data", {"k": "v", "a": "b", "n": None}),
        ({"op": "add", "path": "/list/-", "value": "z"}, "list", ["x", "y", "z"]),
        ({"op": "add", "path": "/list/2", "value": "z"}, "list", ["x", "y", "z"]),
        ({"op": "add", "path": "/list/-1", "value": "z"}, "list", ["x", "y", "z"]),
        ({"op": "add", "path": "/list/+1", "value": "z"}, "list", ["x", "z", "y"]),
        ({"op": "remove", "path": "/list/-1"}, "list", ["x"]),
        ({"op": "remove", "path": "/data/k"}, "data", {"a": "b"}),
        ({"op": "replace", "path": "/data/none", "value": 1}, "data", {"k": "v", "a": "b", "none": 1}),
        ({"op": "replace", "path": "/list/0", "value": 1}, "list", [1, "y"]),
        ({"op": "move", "from": "/data/k", "path": "/data/m"}, "data", {"m": "v", "a": "b"}),
        ({"op": "copy", "from": "/data/k", "path": "/list/0"}, "list", ["v", "x", "y"]),
        ({"op": "copy", "from": "/data/none", "path": "/data/m"}, "data", {"k": "v", "a": "b", "m": None}),
        ({"op": "add", "path": "anything/data/n", "value": 1}, "data", {"k": "v", "a": "b", "n": 1}),
        ({"op": "add", "path": "/data/x~1y~0z", "value": 1}, "data", {"k": "v", "a": "b", "x/y~z": 1}),
        ({"op": "test", "path": "/data", "value": {"a": "b", "k": "v"}}, "data", DOCUMENT["data"]),
        ({"op": "test", "path": "/none", "value": None}, "data", DOCUMENT["data"]),
        ({"op": "test", "path": "/empty", "value": None}, "data", DOCUMENT["data"]),
    ],
)
def test_what_an_operation_does(operation: dict[str, Any], path: str, expected: Any) -> None:
    assert patched(operation)[path] == expected


@pytest.mark.parametrize(
    "operation",
    [
        None,
        {},
        {"op": 7, "path": "/data/k"},
        {"op": "frobnicate", "path": "/data/k"},
        {"op": "add", "value": "x"},
        {"op": "add", "path": 1},
        {"op": "add", "path": "", "value": "x"},
        {"op": "replace", "path": "", "value": {}},
        {"op": "add", "path": "/none/deep", "value": "x"},
        {"op": "add", "path": "/empty/deep", "value": "x"},
        {"op": "add", "path": "/data/k/deep", "value": "x"},
        {"op": "add", "path": "/list/3", "value": "x"},
        {"op": "add", "path": "/list/-4", "value": "x"},
        {"op": "add", "path": "/list/one", "value": "x"},
        {"op": "replace", "path": "/list/2", "value": "x"},
        {"op": "replace", "path": "/list/-1", "value": "x"},
        {"op": "remove", "path": "/data/none"},
        {"op": "remove", "path": "/list/-3"},
        {"op": "move", "from": "/data", "path": "/data/x"},
        {"op": "move", "from": "/none", "path": "/data/x"},
        {"op": "copy", "path": "/data/x"},
        {"op": "copy", "from": "/list/2", "path": "/data/x"},
        {"op": "test", "path": "/data/k", "value": "wrong"},
        {"op": "test", "path": "/data/k"},
        {"op": "test", "path": "/none"},
        {"op": "test", "path": "/none", "value": "x"},
    ],
)
def test_what_does_not_apply(operation: Any) -> None:
    with pytest.raises(StatusError) as caught:
        patched(operation)
    assert (caught.value.code, caught.value.reason, caught.value.status["details"]) == (422, "Invalid", {})
    assert caught.value.message == "the server rejected our request due to an error in our request"


def test_nothing_is_done_when_one_operation_fails() -> None:
    before = copy.deepcopy(DOCUMENT)
    with pytest.raises(StatusError):
        patched({"op": "add", "path": "/data/x", "value": 1}, {"op": "test", "path": "/data/x", "value": 2})
    assert before == DOCUMENT


def test_true_is_not_one() -> None:
    with pytest.raises(StatusError):
        json_patch.apply({"a": True}, [{"op": "test", "path": "/a", "value": 1}])


def test_copies_do_not_grow_without_end() -> None:
    doubling = [{"op": "copy", "from": "/data", "path": f"/data/{number}"} for number in range(40)]
    with pytest.raises(StatusError):
        json_patch.apply({"data": {"k": "v" * 1000}}, doubling)


def test_documents_do_not_get_too_deep() -> None:
    value: Any = "x"
    for _ in range(150):
        value = {"a": value}
    path = "/data" + "/a" * 140
    with pytest.raises(StatusError):
        json_patch.apply({"data": value}, [{"op": "add", "path": path, "value": value}])


def test_keys_come_sorted_where_an_operation_looked() -> None:
    document = {"kind": "K", "metadata": {"name": "n", "labels": {"z": "1", "b": "2"}}, "data": {"y": "1", "x": "2"}}
    result = json_patch.apply(document, [{"op": "add", "path": "/metadata/labels/a", "value": "0"}])
    assert json.dumps(result) == (
        '{"data": {"y": "1", "x": "2"}, "kind": "K", '
        '"metadata": {"labels": {"a": "0", "b": "2", "z": "1"}, "name": "n"}}'
    )


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b"", 400, "unexpected end of JSON input"),
        (b"[", 400, "unexpected end of JSON input"),
        (b'{"data":{}}', 400, "json: cannot unmarshal object into Go value of type jsonpatch.Patch"),
        (b"7", 400, "json: cannot unmarshal number into Go value of type jsonpatch.Patch"),
        (b'["x"]', 400, "json: cannot unmarshal string into Go value of type jsonpatch.Operation"),
        (b"- op: add\n  path: /data/q\n", 400, "invalid character ' ' in numeric literal"),
        (
            b"[" + b",".join([b"{}"] * 10_001) + b"]",
            413,
            "Request entity is too large: The allowed maximum operations in a JSON patch is 10000, got 10001",
        ),
    ],
)
def test_bodies_that_are_no_patch(body: bytes, code: int, message: str) -> None:
    with pytest.raises(StatusError) as caught:
        json_patch.decode(body)
    assert (caught.value.code, caught.value.message) == (code, message)


@pytest.mark.parametrize(("body", "operations"), [(b"null", []), (b"[null]", [None]), (b" [{}] \n", [{}])])
def test_bodies_that_are_one(body: bytes, operations: list[Any]) -> None:
    assert json_patch.decode(body) == operations


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab~/", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab~/", max_size=2), inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(st.text("ab~/", min_size=1, max_size=2), values, max_size=4)


@given(documents, documents)
def test_agrees_with_the_library_on_its_own_patches(old: dict[str, Any], new: dict[str, Any]) -> None:
    operations = jsonpatch.make_patch(old, new).patch
    assert json_patch.apply(old, operations) == new


@given(st.binary(max_size=40) | values.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_a_patch_or_a_status(body: bytes) -> None:
    try:
        json_patch.apply(DOCUMENT, json_patch.decode(body))
    except StatusError as error:
        assert error.code in (400, 413, 422)  # noqa: PT017


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        (
            {"op": "remove", "path": "/x/y"},
            'remove operation does not apply: doc is missing path: "/x/y": missing value',
        ),
        (
            {"op": "remove", "path": "/x"},
            "error in remove for path: '/x': Unable to remove nonexistent key: x: missing value",
        ),
        ({"op": "add", "path": "x"}, 'add operation does not apply: doc is missing path: "x": missing value'),
        ({"op": "add"}, "add operation failed to decode path: missing value"),
        (
            {"op": "add", "path": "/list/9", "value": 1},
            "error in add for path: '/list/9': Unable to access invalid index: 9: invalid index referenced",
        ),
        (
            {"op": "add", "path": "/list/x", "value": 1},
            "error in add for path: '/list/x': value was not a proper array index: 'x': "
            'strconv.Atoi: parsing "x": invalid syntax',
        ),
        ({"op": "test", "path": "/a", "value": 2}, "testing value /a failed: test failed"),
        ({"op": "jump", "path": "/a"}, "Unexpected kind: jump"),
        (
            {"op": "replace", "path": "/list/9", "value": 1},
            "replace operation does not apply: doc is missing key: /list/9: missing value",
        ),
        (
            {"op": "move", "from": "/a", "path": "/x/y"},
            "move operation does not apply: doc is missing destination path: /x/y: missing value",
        ),
    ],
)  # fmt: skip
def test_why_an_operation_does_not_apply(operation: dict[str, object], why: str) -> None:
    with pytest.raises(json_patch.Failed) as caught:
        json_patch.applied({"a": 1, "list": [1]}, [operation])
    assert str(caught.value) == why
