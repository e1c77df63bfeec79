from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.machinery import goformat
from fakekube.machinery.fielderrors import Path, invalid
from fakekube.machinery.goformat import Go, bad_value, typed

ONE = 'resource.Quantity{i:resource.int64Amount{value:1, scale:0}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:"1", Format:"DecimalSI"}'  # noqa: E501


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x", '"x"'),
        ('a"\\\n\x01\x7f\u00e9\u200b\U000e0001', r'"a\"\\\n\x01\x7f' + "\u00e9" + r'\u200b\U000e0001"'),
        (5, "5"),
        (True, "true"),
        (None, '"null"'),
        (1.0, "1"),
        (1.5, "1.5"),
        (1e21, "1e+21"),
        (0.00001, "1e-05"),
        ([], "[]interface {}{}"),
        ({"b": [1, None], "a": "x"}, 'map[string]interface {}{"a":"x", "b":[]interface {}{1, interface {}(nil)}}'),
        (Go(["a"], "[]string"), '[]string{"a"}'),
        (Go(None, "[]string"), "[]string(nil)"),
        (Go({"b": "c", "a": "d"}, "map[string]string"), 'map[string]string{"a":"d", "b":"c"}'),
        (Go("TCP", "core.Protocol"), '"TCP"'),
        (Go("1", "resource.Quantity"), ONE),
        (Go(5, "intstr.IntOrString"), 'intstr.IntOrString{Type:0, IntVal:5, StrVal:""}'),
        (Go("50%", "intstr.IntOrString"), 'intstr.IntOrString{Type:1, IntVal:0, StrVal:"50%"}'),
        (Go({"cpu": "1"}, "core.ResourceList"), f'core.ResourceList{{"cpu":{ONE}}}'),
        (Go(None, "core.ResourceList"), "core.ResourceList(nil)"),
        (Go("2021-01-30T12:00:00Z", "v1.Time"), "2021-01-30 12:00:00 +0000 UTC"),
        (
            Go({"kind": "Role", "name": "r", "apiGroup": "g"}, "rbac.RoleRef"),
            'rbac.RoleRef{APIGroup:"g", Kind:"Role", Name:"r"}',
        ),
        (
            Go({"key": "a", "tolerationSeconds": 5}, "core.Toleration"),
            f'core.Toleration{{Key:"a", Operator:"", Value:"", Effect:"", TolerationSeconds:(*int64)({goformat.ADDRESS})}}',  # noqa: E501
        ),
        (
            Go({"a": "b"}, "runtime.Unknown"),
            'runtime.Unknown{TypeMeta:runtime.TypeMeta{APIVersion:"", Kind:""}, Raw:[]uint8{0x7b, 0x22, 0x61, 0x22, 0x3a, '  # noqa: E501
            '0x22, 0x62, 0x22, 0x7d}, ContentEncoding:"", ContentType:"application/json"}',
        ),
    ],
)
def test_bad_values(value: Any, shown: str) -> None:
    assert bad_value(value) == shown


def test_metadata() -> None:
    assert typed({"name": "x", "labels": {"a": "b"}}, "v1.ObjectMeta") == (
        'v1.ObjectMeta{Name:"x", GenerateName:"", Namespace:"", SelfLink:"", UID:"", ResourceVersion:"", Generation:0, '
        "CreationTimestamp:time.Date(1, time.January, 1, 0, 0, 0, 0, time.UTC), DeletionTimestamp:<nil>, "
        'DeletionGracePeriodSeconds:(*int64)(nil), Labels:map[string]string{"a":"b"}, Annotations:map[string]string(nil), '  # noqa: E501
        'OwnerReferences:[]v1.OwnerReference(nil), Finalizers:[]string(nil), ClusterName:"", '
        "ManagedFields:[]v1.ManagedFieldsEntry(nil)}"
    )


def test_inlined_structs_take_their_fields_from_the_same_object() -> None:
    shown = typed({"name": "v", "emptyDir": {}}, "core.Volume")
    assert shown.startswith(
        'core.Volume{Name:"v", VolumeSource:core.VolumeSource{HostPath:(*core.HostPathVolumeSource)(nil)'
    )
    assert f"EmptyDir:(*core.EmptyDirVolumeSource)({goformat.ADDRESS})" in shown


def test_in_a_field_error() -> None:
    error = invalid(
        Path("spec") / "selector", Go({"matchLabels": {"a": "b"}}, "v1.LabelSelector"), "field is immutable"
    )
    assert str(error) == (
        'spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"a":"b"}, '
        "MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable"
    )


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_keep_their_value(value: float) -> None:
    assert float(goformat.float_text(value)) == value


def test_every_type_prints_when_it_is_empty() -> None:
    types = goformat._types()
    for name in (*types.structs, *types.named):
        assert typed(None, name)
