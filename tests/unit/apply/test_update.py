from __future__ import annotations

import copy
from typing import Any

import pytest

from fakekube.apis.schema import load
from fakekube.machinery.apply import Compiler, FieldManager
from fakekube.machinery.completion import complete
from fakekube.machinery.objects import Object

SCHEMA = load()
COMPILER = Compiler()
T1, T2, T3 = (f"2020-01-01T00:00:0{second}Z" for second in (1, 2, 3))


def manager(api_version: str, kind: str, **options: Any) -> FieldManager:
    group, _, version = api_version.rpartition("/")
    return FieldManager(SCHEMA.kind(group, version, kind), api_version, kind, compiler=COMPILER, **options)


CONFIG_MAPS = manager("v1", "ConfigMap")
PODS = manager("v1", "Pod")


def config_map(data: Any = None, **metadata: Any) -> Object:
    obj = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "m", "uid": "u", **metadata}}
    obj |= {"data": data} if data else {}
    return complete(obj, SCHEMA.kind("", "v1", "ConfigMap"))


def pod(**spec: Any) -> Object:
    obj = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "p", "uid": "u"}, "spec": spec}
    return complete(obj, SCHEMA.kind("", "v1", "Pod"))


def entries(obj: Object) -> dict[str, Any]:
    """What each manager owns."""
    return {entry["manager"]: entry["fieldsV1"] for entry in obj["metadata"].get("managedFields", ())}


def times(obj: Object) -> dict[str, str]:
    return {entry["manager"]: entry["time"] for entry in obj["metadata"].get("managedFields", ())}


def edited(obj: Object, **data: Any) -> Object:
    new = copy.deepcopy(obj)
    new["data"] = {key: value for key, value in ((obj.get("data") or {}) | data).items() if value is not None}
    return new


def test_a_creation_owns_all_that_it_says() -> None:
    new = config_map({"a": "1"}, labels={"x": "y"}, finalizers=["f"], creationTimestamp=T1, resourceVersion="7")
    assert CONFIG_MAPS.update(None, new, "m", T1)["metadata"]["managedFields"] == [
        {
            "manager": "m",
            "operation": "Update",
            "apiVersion": "v1",
            "time": T1,
            "fieldsType": "FieldsV1",
            "fieldsV1": {
                "f:data": {".": {}, "f:a": {}},
                "f:metadata": {"f:finalizers": {".": {}, 'v:"f"': {}}, "f:labels": {".": {}, "f:x": {}}},
            },
        }
    ]


def test_nothing_said_is_nothing_owned() -> None:
    assert "managedFields" not in CONFIG_MAPS.update(None, config_map(), "m", T1)["metadata"]


def test_what_an_empty_object_has_as_well_is_not_owned() -> None:
    container = {"name": "c", "resources": {}, "ports": [{"containerPort": 80, "protocol": "TCP"}], "args": ["x"]}
    fields = entries(PODS.update(None, pod(containers=[container], tolerations=[{"key": "k"}]), "m", T1))["m"]
    ports = {".": {}, 'k:{"containerPort":80,"protocol":"TCP"}': {".": {}, "f:containerPort": {}, "f:protocol": {}}}
    owned = {".": {}, "f:args": {}, "f:name": {}, "f:ports": ports, "f:resources": {}}
    assert fields == {"f:spec": {"f:containers": {'k:{"name":"c"}': owned}, "f:tolerations": {}}}


@pytest.mark.parametrize("name", ["", "unknown"])
def test_an_unnamed_manager(name: str) -> None:
    assert list(entries(CONFIG_MAPS.update(None, config_map({"a": "1"}), name, T1))) == ["unknown"]


def test_a_change_moves_the_field() -> None:
    live = CONFIG_MAPS.update(None, config_map({"a": "1", "b": "2"}), "m", T1)
    new = CONFIG_MAPS.update(live, edited(live, b="3", c="4"), "n", T2)
    assert entries(new) == {"m": {"f:data": {".": {}, "f:a": {}}}, "n": {"f:data": {"f:b": {}, "f:c": {}}}}
    assert times(new) == {"m": T1, "n": T2}


def test_what_goes_is_owned_by_nobody() -> None:
    live = CONFIG_MAPS.update(None, config_map({"a": "1", "b": "2"}), "m", T1)
    new = CONFIG_MAPS.update(live, edited(live, b=None), "n", T2)
    assert entries(new) == {"m": {"f:data": {".": {}, "f:a": {}}}}
    assert times(new) == {"m": T1}


def test_time_moves_only_with_the_set() -> None:
    live = CONFIG_MAPS.update(None, config_map({"a": "1"}), "m", T1)
    changed = CONFIG_MAPS.update(live, edited(live, a="2"), "m", T2)
    assert times(changed) == {"m": T1}
    assert times(CONFIG_MAPS.update(changed, edited(changed, b="2"), "m", T3)) == {"m": T3}


def test_nothing_changed_is_nothing_changed() -> None:
    live = CONFIG_MAPS.update(None, config_map({"a": "1"}), "m", T1)
    assert CONFIG_MAPS.update(live, copy.deepcopy(live), "n", T2) == live


def test_arguments_stay_as_they_are() -> None:
    live = CONFIG_MAPS.update(None, config_map({"a": "1"}), "m", T1)
    new = edited(live, a="2")
    before = copy.deepcopy((live, new))
    CONFIG_MAPS.update(live, new, "n", T2)
    assert (live, new) == before


@pytest.mark.parametrize("sent", [None, "left out", [{"manager": "x", "fieldsType": "FieldsV2"}], [{"manager": "x"}]])
def test_clients_that_know_nothing_lose_nothing(sent: Any) -> None:
    live = CONFIG_MAPS.update(None, config_map({"a": "1"}), "m", T1)
    new = edited(live, b="1")
    if sent == "left out":
        del new["metadata"]["managedFields"]
    else:
        new["metadata"]["managedFields"] = sent
    assert sorted(entries(CONFIG_MAPS.update(live, new, "n", T2))) == ["m", "n"]


@pytest.mark.parametrize("sent", [[], [{}]])
def test_clients_may_reset(sent: Any) -> None:
    live = CONFIG_MAPS.update(None, config_map({"a": "1"}), "m", T1)
    new = edited(live, b="1")
    new["metadata"]["managedFields"] = sent
    reset = CONFIG_MAPS.update(live, new, "n", T2)
    assert entries(reset) == {}
    assert entries(CONFIG_MAPS.update(reset, edited(reset, c="1"), "n", T3)) == {}  # no longer tracked


def test_clients_may_write_entries() -> None:
    live = CONFIG_MAPS.update(None, config_map({"a": "1"}), "m", T1)
    new = copy.deepcopy(live)
    entry = {"manager": "x", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1"}
    gone = {**entry, "manager": "y", "apiVersion": "v9", "fieldsV1": {"f:data": {}}}
    new["metadata"]["managedFields"] = [{**entry, "fieldsV1": {"f:data": {"f:a": {}}}}, gone]
    assert entries(CONFIG_MAPS.update(live, new, "n", T2)) == {"x": {"f:data": {"f:a": {}}}}


def test_a_subresource_looks_at_no_entries() -> None:
    live = CONFIG_MAPS.update(None, config_map({"a": "1"}), "m", T1)
    new = edited(live, a="2")
    new["metadata"]["managedFields"] = []
    through = manager("v1", "ConfigMap", subresource=True)
    assert sorted(entries(through.update(live, new, "n", T2))) == ["m", "n"]


def test_items_that_are_the_same_cannot_be_tracked() -> None:
    twice = pod(containers=[{"name": "c", "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}])
    assert entries(PODS.update(None, twice, "m", T1)) == {}


def test_what_was_owned_whole_is_owned_with_what_comes_into_it() -> None:
    live = PODS.update(None, pod(containers=[{"name": "c"}], securityContext={}), "m", T1)
    assert entries(live)["m"]["f:spec"]["f:securityContext"] == {}
    filled = PODS.update(live, {**live, "spec": {**live["spec"], "securityContext": {"runAsUser": 1}}}, "n", T2)
    after = PODS.update(filled, copy.deepcopy(filled), "o", T3)
    assert entries(after)["m"]["f:spec"]["f:securityContext"] == {".": {}, "f:runAsUser": {}}


def test_old_updaters_are_merged() -> None:
    obj = config_map({"start": "0"})
    live = CONFIG_MAPS.update(None, obj, "m00", "2020-01-01T00:00:00Z")
    for number in range(1, 13):
        live = CONFIG_MAPS.update(
            live, edited(live, **{f"k{number}": "1"}), f"m{number:02}", f"2020-01-01T00:00:{number:02}Z"
        )
    found = entries(live)
    assert len(found) == 10
    assert found["ancient-changes"] == {"f:data": {".": {}, "f:k1": {}, "f:k2": {}, "f:k3": {}, "f:start": {}}}
    assert times(live)["ancient-changes"] == "2020-01-01T00:00:03Z"


def test_entries_are_sorted_by_operation_time_and_name() -> None:
    live = CONFIG_MAPS.update(None, config_map({"a": "1"}), "z", T1)
    live = CONFIG_MAPS.update(live, edited(live, b="1"), "b", T2)
    live = CONFIG_MAPS.update(live, edited(live, c="1"), "a", T2)
    live = CONFIG_MAPS.apply(live, {"apiVersion": "v1", "kind": "ConfigMap", "data": {"d": "1"}}, "y", False, T3)
    assert [entry["manager"] for entry in live["metadata"]["managedFields"]] == ["y", "z", "a", "b"]
