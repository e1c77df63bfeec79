from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.apis.schema import load
from fakekube.machinery.patch import STRATEGIC_MERGE_PATCH, apply, strategic
from fakekube.machinery.status import StatusError

SCHEMA = load()
POD_TEMPLATE = SCHEMA.kind("", "v1", "PodTemplate")
POD_SPEC = SCHEMA.definition("io.k8s.api.core.v1.PodSpec")
METADATA = SCHEMA.definition("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")

SPEC = {
    "containers": [
        {"name": "a", "image": "a:1", "ports": [{"containerPort": 80}, {"containerPort": 81}], "command": ["x", "y"]},
        {"name": "b", "image": "b:1"},
    ],
    "volumes": [{"name": "v", "emptyDir": {}}],
    "nodeSelector": {"k": "v"},
    "tolerations": [{"key": "k"}],
}


def merged(patch: dict[str, Any]) -> Any:
    before = copy.deepcopy((SPEC, patch))
    result = strategic.apply(SPEC, patch, POD_SPEC)
    assert (SPEC, patch) == before
    return result


def containers(*changes: dict[str, Any], order: str = "") -> list[tuple[str, str]]:
    patch: dict[str, Any] = {"containers": list(changes)}
    if order:
        patch["$setElementOrder/containers"] = [{"name": name} for name in order]
    return [(item["name"], item["image"]) for item in merged(patch)["containers"]]


A, B, C = ("a", "a:1"), ("b", "b:1"), ("c", "c:1")


@pytest.mark.parametrize(
    ("changes", "order", "expected"),
    [
        ([{"name": "a", "image": "a:2"}], "", [("a", "a:2"), B]),
        ([{"name": "c", "image": "c:1"}], "", [C, A, B]),
        ([{"name": "a", "$patch": "delete"}], "", [B]),
        ([{"name": "none", "$patch": "delete"}], "", [A, B]),
        ([{"$patch": "replace"}, {"name": "c", "image": "c:1"}], "", [C]),
        ([{"$patch": "replace"}, {"name": "c", "image": "c:1"}, {"name": "a", "$patch": "delete"}], "", [C]),
        ([{"name": "a", "image": "a:2"}], "ba", [B, ("a", "a:2")]),
        ([{"name": "c", "image": "c:1"}], "bca", [B, C, A]),
        ([{"name": "c", "image": "c:1"}], "ac", [A, C, B]),
        ([], "ba", [B, A]),
    ],
)
def test_lists_with_a_merge_key(changes: list[Any], order: str, expected: list[Any]) -> None:
    assert containers(*changes, order=order) == expected


@pytest.mark.parametrize(
    ("patch", "field", "expected"),
    [
        ({"nodeSelector": {"a": "b"}}, "nodeSelector", {"k": "v", "a": "b"}),
        ({"nodeSelector": {"$patch": "replace", "a": "b"}}, "nodeSelector", {"a": "b"}),
        ({"nodeSelector": {"$patch": "delete", "a": "b"}}, "nodeSelector", {}),
        ({"nodeSelector": {"k": None}}, "nodeSelector", {}),
        ({"tolerations": [{"key": "l"}]}, "tolerations", [{"key": "l"}]),
        ({"volumes": [{"name": "v", "$retainKeys": ["name"]}]}, "volumes", [{"name": "v"}]),
        ({"$retainKeys": ["volumes"]}, "volumes", SPEC["volumes"]),
        ({"volumes": None}, "volumes", None),
    ],
)
def test_fields(patch: dict[str, Any], field: str, expected: Any) -> None:
    assert merged(patch).get(field) == expected


def test_fields_of_items() -> None:
    ports = [{"containerPort": 80, "$patch": "delete"}, {"containerPort": 82}]
    first = merged({"containers": [{"name": "a", "command": ["z"], "ports": ports}]})["containers"][0]
    assert (first["command"], first["ports"]) == (["z"], [{"containerPort": 82}, {"containerPort": 81}])


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({"finalizers": ["x", "a"]}, ["x", "a", "b"]),
        ({"finalizers": ["b", "b"]}, ["a", "b"]),
        ({"$deleteFromPrimitiveList/finalizers": ["a", "none"]}, ["b"]),
        ({"$setElementOrder/finalizers": ["b", "a"]}, ["b", "a"]),
        ({"$setElementOrder/finalizers": ["b", "x", "a"], "finalizers": ["x"]}, ["b", "x", "a"]),
    ],
)
def test_lists_of_primitives(patch: dict[str, Any], expected: list[str]) -> None:
    assert strategic.apply({"finalizers": ["a", "b"]}, patch, METADATA)["finalizers"] == expected


ORDER_TEXT = (
    "The order in patch list:\n[map[name:c]]\n doesn't match $setElementOrder list:\n[map[name:a]]\n"  # its line ends
)


@pytest.mark.parametrize(
    ("patch", "code", "message"),
    [
        ({"containers": [{"image": "x"}]}, 500, "map: map[image:x] does not contain declared merge key: name"),
        ({"containers": [{"name": "a", "$patch": "x"}]}, 500, "unknown patch type: x in map: map[$patch:x name:a]"),
        ({"$patch": "x"}, 500, "unknown patch type: x in map: map[$patch:x]"),
        ({"$patch": 7}, 500, "unknown patch type: %!s(int64=7) in map: map[$patch:7]"),
        ({"$patch": None}, 500, "unknown patch type: %!s(<nil>) in map: map[$patch:<nil>]"),
        ({"containers": [{"name": "a", "$patch": "merge"}]}, 500, "merging lists cannot yet be specified in the patch"),
        ({"$setElementOrder/containers": "x"}, 500, "expected a []interface {}, but received a string"),
        (
            {"$setElementOrder/nope": [{"name": "a"}]},
            500,
            'unable to find api field in struct PodSpec for the json field "nope"',
        ),
        ({"$setElementOrder/containers": [{"name": "a"}], "containers": [{"name": "c"}]}, 500, ORDER_TEXT),
        ({"$setElementOrder": []}, 400, "invalid patch format of setElementOrder list"),
        ({"$deleteFromPrimitiveList": []}, 400, "invalid patch format of primitive list"),
        ({"$retainKeys": "x"}, 400, "invalid patch format of retainKeys"),
        ({"$retainKeys": ["volumes"], "restartPolicy": "Never"}, 400, "invalid patch format of retainKeys"),
        (
            {"volumes": ["a", 1.5, None]},
            500,
            "list element types are not identical: [[map[emptyDir:map[] name:v]] [a 1.5 <nil>]]",
        ),
    ],
)
def test_what_no_patch_can_say(patch: dict[str, Any], code: int, message: str) -> None:
    with pytest.raises(StatusError) as caught:
        merged(patch)
    assert (caught.value.code, caught.value.message) == (code, message)


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        ('{"restartPolicy":7}', "cannot convert int64 to v1.RestartPolicy"),
        ('{"nodeName":{"x":"y"}}', "unrecognized type: string"),
        ('{"terminationGracePeriodSeconds":"x"}', "unrecognized type: int64"),
        ('{"terminationGracePeriodSeconds":1.5}', "cannot convert float64 to int64"),
        ('{"containers":{"name":"a"}}', "cannot restore slice from map"),
        ('{"nodeSelector":["x"]}', "cannot restore map from slice"),
        (
            '{"containers":[{"name":"a","resources":{"limits":{"cpu":"x"}}}]}',
            r"quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        ('{"securityContext":true}', "cannot restore struct from: bool"),
    ],
)
def test_what_becomes_no_object(patch: str, message: str) -> None:
    with pytest.raises(StatusError) as caught:
        apply(
            {"template": {"spec": SPEC}},
            f'{{"template":{{"spec":{patch}}}}}'.encode(),
            STRATEGIC_MERGE_PATCH,
            POD_TEMPLATE,
        )
    assert (caught.value.code, caught.value.reason) == (422, "Invalid")
    assert caught.value.message.startswith(' "" is invalid: patch: Invalid value: "map[template:map[spec:map[')
    assert caught.value.message.endswith(f']": {message}')


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "EOF"),
        (b"{", "unexpected EOF"),
        (b"[]", "json: cannot unmarshal array into Go value of type map[string]interface {}"),
        (b"data: {}\n", "invalid character 'd' looking for beginning of value"),
    ],
)
def test_bodies_that_are_no_patch(body: bytes, message: str) -> None:
    with pytest.raises(StatusError) as caught:
        strategic.decode(body)
    assert (caught.value.code, caught.value.message) == (400, message)


def test_what_follows_the_patch_is_not_looked_at() -> None:
    assert strategic.decode(b'{"a":1} x') == {"a": 1}
    assert strategic.decode(b"null") == {}


names = st.sampled_from("abcd")


def by(key: str) -> st.SearchStrategy[list[Any]]:
    return st.lists(names, unique=True, max_size=4).map(lambda keys: [{key: name} for name in keys])


containers_ = st.lists(
    st.fixed_dictionaries(
        {"name": names, "image": st.sampled_from(["1", "2"])},
        optional={
            "command": st.lists(names, max_size=2),
            "ports": st.lists(st.integers(1, 4), unique=True, max_size=3).map(
                lambda ports: [{"containerPort": port} for port in ports]
            ),
        },
    ),
    unique_by=lambda item: item["name"],
    max_size=3,
)
specs = st.fixed_dictionaries(
    {},
    optional={
        "containers": containers_,
        "imagePullSecrets": by("name"),
        "nodeSelector": st.dictionaries(names, names, max_size=2),
        "tolerations": by("key"),
        "restartPolicy": names,
        "volumes": st.lists(
            st.fixed_dictionaries(
                {"name": names},
                optional={"emptyDir": st.just({}), "secret": st.fixed_dictionaries({"secretName": names})},
            ),
            unique_by=lambda item: item["name"],
            max_size=2,
        ),
    },
)


@given(specs, specs)
def test_the_difference_makes_the_new_of_the_old(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert strategic.apply(old, strategic.diff(old, new, POD_SPEC), POD_SPEC) == new


@given(st.lists(names, unique=True), st.lists(names, unique=True))
def test_differences_of_primitive_lists(old: list[str], new: list[str]) -> None:
    patch = strategic.diff({"finalizers": old}, {"finalizers": new}, METADATA)
    assert strategic.apply({"finalizers": old}, patch, METADATA) == {"finalizers": new}


@given(specs)
def test_equal_documents_have_no_difference(spec: dict[str, Any]) -> None:
    assert strategic.diff(spec, copy.deepcopy(spec), POD_SPEC) == {}
