from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.apis.schema import load
from fakekube.machinery.apply import Compiler, FieldManager
from fakekube.machinery.completion import complete
from fakekube.machinery.objects import Object
from fakekube.machinery.schema import Field, Form, Type
from fakekube.machinery.status import StatusError

SCHEMA = load()
COMPILER = Compiler()
T1, T2, T3 = (f"2020-01-01T00:00:0{second}Z" for second in (1, 2, 3))
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def type_of(api_version: str, kind: str) -> Type:
    group, _, version = api_version.rpartition("/")
    return SCHEMA.kind(group, version, kind)


def manager(api_version: str, kind: str, **options: Any) -> FieldManager:
    return FieldManager(type_of(api_version, kind), api_version, kind, compiler=COMPILER, type_of=type_of, **options)


CONFIG_MAPS = manager("v1", "ConfigMap")
POD_TEMPLATES = manager("v1", "PodTemplate")


def config(data: Any = None, **metadata: Any) -> Object:
    obj: Object = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m", **metadata}}
    return obj if data is None else {**obj, "data": data}


def template(*containers: Any, **spec: Any) -> Object:
    body = {"spec": {"containers": list(containers), **spec}}
    return {"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "t"}, "template": body}


def applied(live: Object | None, obj: Object, name: str = "a", force: bool = False, time: str = T1) -> Object:
    """The object as the server would store it."""
    through = CONFIG_MAPS if obj["kind"] == "ConfigMap" else POD_TEMPLATES
    before = copy.deepcopy((live, obj))
    result = through.apply(live, obj, name, force, time)
    assert (live, obj) == before
    return complete({**result, "metadata": {"uid": "u", **result["metadata"]}}, type_of("v1", obj["kind"]))


def updated(live: Object, name: str, **data: Any) -> Object:
    new = copy.deepcopy(live)
    new["data"] = {key: value for key, value in (live["data"] | data).items() if value is not None}
    return CONFIG_MAPS.update(live, new, name, T2)


def entries(obj: Object) -> dict[str, Any]:
    return {entry["manager"]: entry["fieldsV1"] for entry in obj["metadata"].get("managedFields", ())}


def refused(live: Object | None, obj: Object, name: str = "a", force: bool = False) -> StatusError:
    with pytest.raises(StatusError) as caught:
        applied(live, obj, name, force)
    return caught.value


def test_an_applier_owns_what_it_says() -> None:
    obj = applied(None, config({"a": "1"}, labels={"x": "y"}))
    assert obj["data"] == {"a": "1"}
    assert obj["metadata"]["managedFields"] == [
        {
            "manager": "a",
            "operation": "Apply",
            "apiVersion": "v1",
            "time": T1,
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:data": {"f:a": {}}, "f:metadata": {"f:labels": {"f:x": {}}}},
        }
    ]


def test_applying_the_same_again_changes_nothing() -> None:
    live = applied(None, config({"a": "1"}))
    assert applied(live, config({"a": "1"}), time=T2) == live


def test_what_is_no_longer_applied_goes() -> None:
    live = applied(None, config({"a": "1", "b": "2"}))
    after = applied(live, config({"a": "1"}), time=T2)
    assert after["data"] == {"a": "1"}
    assert after["metadata"]["managedFields"][0]["time"] == T2


def test_what_another_applies_too_stays() -> None:
    live = applied(applied(None, config({"a": "1", "b": "2"})), config({"b": "2"}), "b")
    after = applied(live, config({"a": "1"}))
    assert after["data"] == {"a": "1", "b": "2"}
    assert entries(after) == {"a": {"f:data": {"f:a": {}}}, "b": {"f:data": {"f:b": {}}}}


def test_what_was_updated_since_stays() -> None:
    live = updated(applied(None, config({"a": "1", "b": "2"})), "u", b="3")
    after = applied(live, config({"a": "1"}))
    assert after["data"] == {"a": "1", "b": "3"}


def test_a_conflict() -> None:
    error = refused(applied(None, config({"a": "1"})), config({"a": "2"}), "b")
    assert error.status == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'Apply failed with 1 conflict: conflict with "a": .data.a',
        "reason": "Conflict",
        "details": {"causes": [{"reason": "FieldManagerConflict", "message": 'conflict with "a"', "field": ".data.a"}]},
        "code": 409,
    }


def test_many_conflicts() -> None:
    live = updated(applied(None, config({"a": "1", "b": "1", "c": "1"})), "u", b="2")
    assert refused(live, config({"a": "9", "b": "9", "c": "9"}), "b").message == (
        'Apply failed with 3 conflicts: conflicts with "a":\n- .data.a\n- .data.c\n'
        'conflicts with "u" using v1:\n- .data.b'
    )


def test_force_takes_over() -> None:
    live = applied(None, config({"a": "1", "b": "1"}))
    after = applied(live, config({"a": "2"}), "b", force=True)
    assert after["data"] == {"a": "2", "b": "1"}
    assert entries(after) == {"a": {"f:data": {"f:b": {}}}, "b": {"f:data": {"f:a": {}}}}


def test_the_first_apply_meets_what_nobody_owned() -> None:
    live = complete(config({"a": "1", "b": "1"}, uid="u"), type_of("v1", "ConfigMap"))
    assert refused(live, config({"a": "2"})).message == (
        'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a'
    )
    after = applied(live, config({"a": "1"}))
    assert entries(after) == {
        "a": {"f:data": {"f:a": {}}},
        "before-first-apply": {"f:data": {".": {}, "f:a": {}, "f:b": {}}},
    }


def test_lists_merge_by_their_keys() -> None:
    first = template(
        {"name": "a", "image": "1", "args": ["x"]}, {"name": "b", "image": "1"}, tolerations=[{"key": "k"}]
    )
    live = applied(None, first)
    after = applied(live, template({"name": "c", "image": "1"}, {"name": "a", "env": [{"name": "E"}]}), "b")
    spec = after["template"]["spec"]
    assert [item["name"] for item in spec["containers"]] == ["a", "b", "c"]
    assert spec["containers"][0]["env"] == [{"name": "E"}]
    assert spec["tolerations"] == [{"key": "k"}]
    owned = entries(after)["b"]["f:template"]["f:spec"]["f:containers"]
    assert owned['k:{"name":"c"}'] == {".": {}, "f:image": {}, "f:name": {}}


def test_an_atomic_list_is_one_field() -> None:
    live = applied(None, template({"name": "a", "args": ["x"]}))
    assert refused(live, template({"name": "a", "args": ["x", "y"]}), "b").message.endswith(
        'conflict with "a": .template.spec.containers[name="a"].args'
    )


def test_items_go_with_their_last_owner() -> None:
    live = applied(None, template({"name": "a", "image": "1"}, {"name": "b", "image": "1"}))
    live = applied(live, template({"name": "b", "image": "1"}), "b")
    after = applied(live, template({"name": "c", "image": "1"}))
    assert [item["name"] for item in after["template"]["spec"]["containers"]] == ["b", "c"]


WRONG_VERSION = "Incorrect version specified in apply patch. Specified patch version:"
NUMBER = "expected numeric (int or float), got *value.valueUnstructured"


@pytest.mark.parametrize(
    ("obj", "code", "message"),
    [
        ({"apiVersion": "v2"}, 400, f"{WRONG_VERSION} v2, expected: v1"),
        ({}, 400, f"{WRONG_VERSION} , expected: v1"),
        (config(managedFields=[]), 400, "metadata.managedFields must be nil"),
        ({"apiVersion": "v1"}, 500, "failed to create typed patch object: no corresponding type for /v1, Kind="),
        (
            {"apiVersion": "v1", "kind": "No"},
            500,
            "failed to create typed patch object: no corresponding type for /v1, Kind=No",
        ),
        (config({"a": 1}), 500, "{}.data.a: expected string, got &value.valueUnstructured{{Value:1}}"),
        (
            config({"a": {"b": [None, "c"]}}),
            500,
            '{}.data.a: expected string, got &value.valueUnstructured{{Value:map[string]interface {{}}{{"b":'
            '[]interface {{}}{{interface {{}}(nil), "c"}}}}}}',
        ),
        (config("x"), 500, "{}.data: expected map, got &{{x}}"),
        ({**config(), "immutable": "true"}, 500, "{}.immutable: expected boolean, got &{{true}}"),
        ({**config(), "nope": 1}, 500, "{}.nope: field not declared in schema"),
        (config(None, generation="x"), 500, "{}.metadata.generation: " + NUMBER),
        (config(None, finalizers=["a", "a"]), 500, '{}.metadata.finalizers: duplicate entries for key [="a"]'),
        (
            config(None, ownerReferences=[{"uid": "u"}, {"uid": "u"}]),
            500,
            '{}.metadata.ownerReferences: duplicate entries for key [uid="u"]',
        ),
        (
            config({"a": 1, "b": 2}),
            500,
            "{}errors:\n  .data.a: expected string, got &value.valueUnstructured{{Value:1}}\n"
            "  .data.b: expected string, got &value.valueUnstructured{{Value:2}}",
        ),
    ],
)
def test_what_is_no_configuration(obj: Object, code: int, message: str) -> None:
    with pytest.raises(StatusError) as caught:
        CONFIG_MAPS.apply(None, obj, "a", False, T1)
    expected = message.format("failed to create typed patch object: ") if code == 500 else message
    assert (caught.value.code, caught.value.message) == (code, expected)


def test_what_fits_the_schema_but_not_go() -> None:
    error = refused(None, {**config(), "binaryData": {"a": "!"}})
    assert (error.code, error.message) == (
        500,
        "failed to convert new object to proper version: unable to convert unstructured object to /v1, Kind=ConfigMap: "
        "error decoding from json: illegal base64 data at input byte 0",
    )


def test_keys_that_are_left_out() -> None:
    ports = [{"containerPort": 80}]
    live = applied(None, template({"name": "a", "ports": ports}))
    owned = entries(live)["a"]["f:template"]["f:spec"]["f:containers"]['k:{"name":"a"}']["f:ports"]
    assert list(owned) == ['k:{"containerPort":80,"protocol":"TCP"}']
    services = manager("v1", "Service")
    obj = {"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 80}]}}
    with pytest.raises(StatusError, match=r"omits key field \"protocol\" \(and doesn't have default value\)$"):
        services.apply(None, obj, "a", False, T1)


def client_side(data: dict[str, str], annotation: str | None = None) -> Object:
    last = annotation if annotation is not None else json.dumps(config(data))
    obj = complete(config(data, uid="u", annotations={LAST_APPLIED: last}), type_of("v1", "ConfigMap"))
    return CONFIG_MAPS.update(None, obj, "kubectl-client-side-apply", T1)


def test_client_side_apply_hands_over_to_kubectl() -> None:
    live = client_side({"a": "1", "b": "1"})
    after = applied(live, config({"a": "2", "b": "1"}), "kubectl")
    assert after["data"] == {"a": "2", "b": "1"}
    assert after["metadata"]["annotations"][LAST_APPLIED] == (
        '{"apiVersion":"v1","data":{"a":"2","b":"1"},"kind":"ConfigMap","metadata":{"name":"m"}}\n'
    )
    assert refused(live, config({"a": "2"}), "other").code == 409


@pytest.mark.parametrize(
    "annotation", ["", "nonsense", "[]", '{"apiVersion":"v2","kind":"ConfigMap","data":{"a":"1"}}', "{}"]
)
def test_nothing_is_handed_over_without_a_readable_annotation(annotation: str) -> None:
    assert refused(client_side({"a": "1"}, annotation), config({"a": "2"}), "kubectl").code == 409


def test_only_what_was_applied_last_is_handed_over() -> None:
    live = client_side({"a": "1", "b": "1"}, json.dumps(config({"a": "1", "b": "0"})))
    assert refused(live, config({"a": "2", "b": "2"}), "kubectl").message.endswith("using v1: .data.b")


def in_version(obj: Object, version: str) -> Object:
    """Both versions of PriorityClass have the same fields."""
    return complete({**obj, "apiVersion": version}, type_of(version, "PriorityClass"))


def test_managers_of_other_versions() -> None:
    old, new = (
        manager(f"scheduling.k8s.io/{version}", "PriorityClass", convert=in_version) for version in ("v1beta1", "v1")
    )
    obj = {"kind": "PriorityClass", "metadata": {"name": "p"}, "value": 1}
    live = old.apply(None, {**obj, "apiVersion": "scheduling.k8s.io/v1beta1", "description": "d"}, "a", False, T1)
    live = in_version(live, "scheduling.k8s.io/v1")
    config = {**obj, "apiVersion": "scheduling.k8s.io/v1", "value": 2}
    with pytest.raises(StatusError, match=r'conflict with "a": .value$'):
        new.apply(live, config, "b", False, T2)
    after = new.apply(live, {**config, "value": 1}, "a", False, T2)
    assert "description" not in after
    assert [entry["apiVersion"] for entry in after["metadata"]["managedFields"]] == ["scheduling.k8s.io/v1"]


STRING = Type(Form.STRING)


def custom(**fields: Type) -> FieldManager:
    """Of a custom resource with these fields in its spec."""
    spec, root = Type(Form.OBJECT), Type(Form.OBJECT)
    spec.set_fields({name: Field(name, type_) for name, type_ in fields.items()})
    meta = SCHEMA.definition("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
    names = {"apiVersion": STRING, "kind": STRING, "metadata": meta, "spec": spec}
    root.set_fields({name: Field(name, type_) for name, type_ in names.items()})
    return FieldManager(root, "x.io/v1", "X")


def test_custom_resources() -> None:
    item = Type(Form.OBJECT)
    item.set_fields({"id": Field("id", STRING), "value": Field("value", STRING)})
    things = custom(
        open=Type(Form.OBJECT, preserve_unknown=True),
        items=Type(Form.LIST, element=item, list_type="map", list_keys=("id",)),
        whole=Type(Form.MAP, element=STRING, map_atomic=True),
        names=Type(Form.LIST, element=STRING, list_type="set"),
    )
    spec = {
        "open": {"a": {"b": [1]}, "c": None},
        "items": [{"id": "2", "value": "x"}],
        "whole": {"k": "v"},
        "names": ["n"],
    }
    obj = {"apiVersion": "x.io/v1", "kind": "X", "metadata": {"name": "x"}, "spec": spec}
    assert entries(things.apply(None, obj, "a", False, T1))["a"]["f:spec"] == {
        "f:items": {'k:{"id":"2"}': {".": {}, "f:id": {}, "f:value": {}}},
        "f:names": {'v:"n"': {}},
        "f:open": {"f:a": {}, "f:c": {}},
        "f:whole": {},
    }
    created = things.update(None, obj, "u", T1)
    assert entries(created)["u"]["f:spec"]["f:open"] == {".": {}, "f:a": {}, "f:c": {}}


def test_custom_resources_without_schema() -> None:
    things = FieldManager(Type(Form.OBJECT, preserve_unknown=True), "x.io/v1", "X", deduced=True)
    obj = {"apiVersion": "x.io/v1", "kind": "X", "metadata": {"name": "x", "finalizers": ["f"]}, "spec": {"a": [1]}}
    assert entries(things.apply(None, obj, "a", False, T1))["a"] == {
        "f:metadata": {"f:finalizers": {}},
        "f:spec": {".": {}, "f:a": {}},
    }


data = st.dictionaries(st.sampled_from("abcd"), st.sampled_from("12"), max_size=4)
names = st.sampled_from(["a", "b", "c"])


@given(st.lists(st.tuples(names, data), min_size=1, max_size=5))
def test_laws_of_apply(steps: list[tuple[str, dict[str, str]]]) -> None:
    """With force: the last one has its will, the same again changes nothing, what one alone owned goes."""
    live: Object | None = None
    for name, wanted in steps:
        before = entries(live) if live else {}
        live = applied(live, config(wanted), name, force=True)
        assert wanted.items() <= (live.get("data") or {}).items()
        assert applied(live, config(wanted), name, force=True, time=T3) == live
        others = {key for other, fields in before.items() if other != name for key in fields.get("f:data", ())}
        mine = before.get(name, {}).get("f:data", {}).keys()
        kept = {f"f:{key}" for key in live.get("data") or {}}
        assert not (mine - others - {f"f:{key}" for key in wanted}) & kept


containers = st.lists(
    st.fixed_dictionaries(
        {"name": names},
        optional={
            "image": names,
            "args": st.lists(names, min_size=1, max_size=2),
            "env": st.lists(names, unique=True, min_size=1, max_size=2).map(
                lambda keys: [{"name": key} for key in keys]
            ),
        },
    ),
    unique_by=lambda item: item["name"],
    min_size=1,  # no empty lists: they are not there any more once they are stored
    max_size=3,
)


@given(st.lists(st.tuples(names, containers), min_size=1, max_size=4))
def test_laws_of_apply_for_lists(steps: list[tuple[str, Any]]) -> None:
    live: Object | None = None
    for name, wanted in steps:
        live = applied(live, template(*wanted, restartPolicy="Never"), name, force=True)
        found = {item["name"]: item for item in live["template"]["spec"]["containers"] or ()}
        for item in wanted:
            lists = {key: item[key] for key in ("image", "args") if item.get(key)}
            assert lists.items() <= found[item["name"]].items()
        assert applied(live, template(*wanted, restartPolicy="Never"), name, force=True, time=T3) == live


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text("ab\u2028<", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "labels", "spec", "containers", "ports", "env", "x"]), inner, max_size=3
        )
    ),
    max_leaves=10,
)


@given(json_values, json_values, st.sampled_from(["a", "kubectl"]), st.booleans())
def test_any_configuration_is_applied_or_refused(metadata: Any, body: Any, name: str, force: bool) -> None:
    obj = {"apiVersion": "v1", "kind": "PodTemplate", "metadata": metadata, "template": body}
    live = applied(None, template({"name": "a", "env": [{"name": "E"}]}))
    try:
        POD_TEMPLATES.apply(live, obj, name, force, T2)
    except StatusError as error:
        assert error.code in (400, 409, 500)  # noqa: PT017


@given(json_values, json_values)
def test_any_json_of_a_custom_resource_is_tracked(old: Any, new: Any) -> None:
    things = FieldManager(Type(Form.OBJECT, preserve_unknown=True), "x.io/v1", "X", deduced=True)
    obj = {"apiVersion": "x.io/v1", "kind": "X", "metadata": {"name": "x"}}
    live = things.update(None, {**obj, "spec": old}, "a", T1)
    after = things.update(live, {**live, "spec": new}, "b", T2)
    again = things.update(after, copy.deepcopy(after), "c", T3)
    assert set(entries(after)) <= {"a", "b"}
    assert times_of(again) == times_of(after)


def times_of(obj: Object) -> list[str]:
    return [entry["time"] for entry in obj["metadata"].get("managedFields", ())]
