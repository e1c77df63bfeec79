"""The schema data and the types that are read from it."""

from __future__ import annotations

from collections import Counter

import pytest

from fakekube.apis.schema import load
from fakekube.machinery.schema import Form, Schema, Type

META = "io.k8s.apimachinery.pkg.apis.meta.v1"
CORE = "io.k8s.api.core.v1"
CRD = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1"


@pytest.fixture(scope="module")
def schema() -> Schema:
    return load("1.20")


def field_type(schema: Schema, definition: str, *path: str) -> Type:
    found = schema.definition(definition)
    for name in path:
        found = found.fields[name].type
    return found


def test_every_type_of_the_data_can_be_built(schema):
    for name in schema:
        type_ = schema.definition(name)
        assert type_.name == name
        assert list(type_.order) == list(type_.fields)
        for field in type_.fields.values():
            assert isinstance(field.type.form, Form)
            assert field.go
            assert field.always or not field.required, (name, field.name, "required fields have no omitempty")


def test_each_kind_is_one_definition(schema):
    counts = Counter(tuple(gvk) for record in schema.records.values() for gvk in record.get("kinds", ()))
    assert {gvk for gvk, count in counts.items() if count > 1} == set()
    for group, version, kind in counts:
        assert (group, version, kind) in schema.kind(group, version, kind).kinds


def test_unknown_names_raise(schema):
    with pytest.raises(KeyError):
        schema.definition("io.k8s.api.core.v1.Nothing")
    with pytest.raises(KeyError):
        schema.kind("apps", "v1", "Pod")


def test_nothing_is_read_before_it_is_needed():
    calls = []
    schema = Schema(lambda: calls.append(1) or {"definitions": {"a.b.C": {"fields": [["x", "X", "string", 1, ""]]}}})
    assert calls == []
    assert schema.definition("a.b.C").go == "b.C"
    assert schema.definition("a.b.C") is schema.definition("a.b.C")
    assert calls == [1]


def test_a_missing_release_is_said_at_the_first_use():
    schema = load("0.1")
    with pytest.raises(FileNotFoundError):
        schema.definition(f"{CORE}.Pod")


@pytest.mark.parametrize(
    ("definition", "fields"),
    [
        (f"{CORE}.Pod", ["kind", "apiVersion", "metadata", "spec", "status"]),
        (f"{META}.OwnerReference", ["apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"]),
        (f"{META}.ListMeta", ["selfLink", "resourceVersion", "continue", "remainingItemCount"]),
        (f"{CORE}.EnvFromSource", ["prefix", "configMapRef", "secretRef"]),
        (f"{CORE}.ConfigMapKeySelector", ["name", "key", "optional"]),  # the name is inlined
    ],
)
def test_fields_stand_in_the_order_of_the_struct(schema, definition, fields):
    assert list(schema.definition(definition).fields) == fields


@pytest.mark.parametrize(
    ("definition", "field", "zero"),
    [
        (f"{CORE}.Container", "name", ""),
        (f"{CORE}.Container", "resources", {}),
        (f"{CORE}.PodSpec", "containers", None),
        (f"{META}.ObjectMeta", "creationTimestamp", None),
        (f"{CORE}.Pod", "status", {}),
        (f"{CORE}.PodTemplate", "template", {"metadata": {"creationTimestamp": None}, "spec": {"containers": None}}),
        (f"{CORE}.ServicePort", "targetPort", 0),
        (f"{CORE}.ContainerStatus", "restartCount", 0),
        (f"{CORE}.ContainerStatus", "ready", False),
        ("io.k8s.api.apps.v1.DeploymentSpec", "selector", None),
        ("io.k8s.api.apps.v1.ControllerRevision", "data", None),
        ("io.k8s.api.autoscaling.v2beta1.ResourceMetricStatus", "currentAverageValue", "0"),
    ],
)
def test_always_written_fields_and_what_is_written_for_no_value(schema, definition, field, zero):
    found = schema.definition(definition).fields[field]
    assert found.always
    assert found.empty() == zero


@pytest.mark.parametrize(
    ("definition", "field", "pointer", "drops_empty"),
    [
        (f"{CORE}.PodSpec", "hostNetwork", False, True),
        (f"{CORE}.PodSpec", "terminationGracePeriodSeconds", True, False),
        (f"{CORE}.PodSpec", "volumes", False, True),
        (f"{CORE}.PodSpec", "securityContext", True, False),
        (f"{CORE}.Container", "resources", False, False),
        (f"{META}.ObjectMeta", "labels", False, True),
    ],
)
def test_how_go_holds_a_field(schema, definition, field, pointer, drops_empty):
    found = schema.definition(definition).fields[field]
    assert (found.pointer, found.drops_empty) == (pointer, drops_empty)


def test_empty_structs_are_not_shared(schema):
    status = schema.definition(f"{CORE}.Pod").fields["status"]
    assert status.empty() is not status.empty()


@pytest.mark.parametrize(
    ("definition", "path", "list_type", "keys"),
    [
        (f"{CORE}.Container", "ports", "map", ("containerPort", "protocol")),
        (f"{CORE}.PodSpec", "containers", "map", ("name",)),  # by its patch strategy and merge key
        (f"{META}.ObjectMeta", "finalizers", "set", ()),  # by its patch strategy
        (f"{CORE}.PodSpec", "tolerations", "", ()),
        (f"{CORE}.PodSpec", "topologySpreadConstraints", "map", ("topologyKey", "whenUnsatisfiable")),
        ("io.k8s.api.networking.v1.IngressTLS", "hosts", "atomic", ()),
    ],
)
def test_list_types(schema, definition, path, list_type, keys):
    found = field_type(schema, definition, path)
    assert (found.list_type, found.list_keys) == (list_type, keys)


def test_merge_rules(schema):
    volumes = schema.definition(f"{CORE}.PodSpec").fields["volumes"]
    assert (volumes.merge_key, volumes.strategies) == ("name", {"merge", "retainKeys"})
    assert schema.definition(f"{META}.LabelSelector").map_atomic


@pytest.mark.parametrize(
    ("definition", "field", "go"),
    [
        (f"{CORE}.PodSpec", "containers", "[]v1.Container"),
        (f"{CORE}.SecretList", "metadata", "v1.ListMeta"),
        (f"{CORE}.Capabilities", "add", "[]v1.Capability"),
        (f"{CORE}.ResourceRequirements", "limits", "v1.ResourceList"),
        (f"{CORE}.Secret", "data", "map[string][]uint8"),
        (f"{CORE}.Secret", "stringData", "map[string]string"),
        (f"{CORE}.ServicePort", "targetPort", "intstr.IntOrString"),
        ("io.k8s.api.authentication.v1.UserInfo", "extra", "map[string]v1.ExtraValue"),
        (f"{META}.ObjectMeta", "uid", "types.UID"),
    ],
)
def test_types_know_how_go_prints_them(schema, definition, field, go):
    assert field_type(schema, definition, field).go == go


def test_inlined_fields_know_their_struct(schema):
    volume = schema.definition(f"{CORE}.Volume").fields
    assert (volume["name"].go, volume["configMap"].go) == ("Name", "VolumeSource.ConfigMap")


@pytest.mark.parametrize(
    ("definition", "form"),
    [
        (f"{META}.Time", Form.TIME),
        (f"{META}.MicroTime", Form.MICRO_TIME),
        (f"{META}.FieldsV1", Form.ANY),
        ("io.k8s.apimachinery.pkg.api.resource.Quantity", Form.QUANTITY),
        ("io.k8s.apimachinery.pkg.util.intstr.IntOrString", Form.INT_OR_STRING),
        (f"{CRD}.JSON", Form.ANY),
        (f"{CRD}.JSONSchemaPropsOrBool", Form.UNION),
    ],
)
def test_types_that_make_their_own_json(schema, definition, form):
    assert schema.definition(definition).form is form


def test_recursive_types_refer_to_themselves(schema):
    props = schema.definition(f"{CRD}.JSONSchemaProps")
    assert props.fields["properties"].type.element is props
    items = props.fields["items"].type
    assert (items.element, items.alternative.element) == (props, props)


@pytest.mark.parametrize(("field", "bits"), [("containerPort", 32), ("hostPort", 32)])
def test_integers_know_their_size(schema, field, bits):
    assert field_type(schema, f"{CORE}.ContainerPort", field).bits == bits
