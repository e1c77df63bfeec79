from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakekube.apis.schema import load
from fakekube.machinery import decoding
from fakekube.machinery.decoding import DecodeError, Kind, Unrecognized
from fakekube.machinery.jsonvalues import go_number
from fakekube.machinery.openapi_schema import custom_resource
from fakekube.machinery.schema import Schema, Type


@cache
def schema() -> Schema:
    return load()


def type_of(kind: str, version: str = "v1", group: str = "") -> Type:
    return schema().kind(group, version, kind)


def read(kind: Type, raw: bytes) -> Any:
    return decoding.convert(decoding.decode_json(raw), kind, raw)


def error(kind: Type, raw: bytes) -> str:
    with pytest.raises(DecodeError) as raised:
        read(kind, raw)
    return str(raised.value)


# Documents


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "unexpected end of JSON input"),
        (b"{", "unexpected end of JSON input"),
        (b"nonsense", "invalid character 'o' in literal null (expecting 'u')"),
        (b"tru", "invalid character ' ' in literal true (expecting 'e')"),
        (b"{'a':1}", r"invalid character '\'' looking for beginning of object key string"),
        (b'{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        (b'{"a" 1}', "invalid character '1' after object key"),
        (b'{"a":1 "b":2}', "invalid character '\"' after object key:value pair"),
        (b"[1 2]", "invalid character '2' after array element"),
        (b"{} x", "invalid character 'x' after top-level value"),
        (b'{"a":"\\x"}', "invalid character 'x' in string escape code"),
        (b'{"a":"\t"}', r"invalid character '\t' in string literal"),
        (b'{"a":"\\u12g4"}', r"invalid character 'g' in \u hexadecimal character escape"),
        (b"[01]", "invalid character '1' after array element"),
        (b"[1.]", "invalid character ']' after decimal point in numeric literal"),
        (b"[1e]", "invalid character ']' in exponent of numeric literal"),
        (b"---\na: b", "invalid character '-' in numeric literal"),
        (b"NaN", "invalid character 'N' looking for beginning of value"),
        (b"\xef\xbb\xbf{}", "invalid character '\u00ef' looking for beginning of value"),
        (b"[" * 20000 + b"]" * 20000, "invalid character '[' exceeded max depth"),
        (b"[" * 500 + b"]" * 500, "invalid character '[' exceeded max depth"),
    ],
)
def test_json_errors(data: bytes, message: str) -> None:
    with pytest.raises(Unrecognized) as raised:
        decoding.decode_json(data)
    assert str(raised.value) == f"couldn't get version/kind; json parse error: {message}"


@pytest.mark.parametrize(
    ("data", "document"),
    [
        (b'{"a":"\xff\xe2\x82"}', {"a": "\ufffd\ufffd\ufffd"}),
        (b'{"a":"\\ud800x\\ud83d\\ude00\\\\ud800"}', {"a": "\ufffdx\U0001f600\\ud800"}),
        (b'{"a":123456789012345678901}', {"a": 1.2345678901234568e20}),
        (b'{"a":"\\"","b":"\\\\"}', {"a": '"', "b": "\\"}),
        (b"null", None),
    ],
)
def test_odd_json(data: bytes, document: Any) -> None:
    assert decoding.decode_json(data) == document


@given(st.binary(max_size=60))
def test_any_bytes_as_json(data: bytes) -> None:
    try:
        decoding.decode_json(data)
    except Unrecognized as refused:
        assert "json parse error" in str(refused)  # noqa: PT017


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def whole(text: str) -> int | float:
    """Numbers beyond 64 bits are floats."""
    return int(text) if -(2**63) <= int(text) < 2**64 else float(text)


@given(VALUES)
def test_json_means_what_python_says(value: Any) -> None:
    text = json.dumps(value).encode()
    try:
        document = decoding.decode_json(text)
    except Unrecognized:
        assert b"Infinity" in text
    else:
        assert orjson.dumps(document) == orjson.dumps(json.loads(text, parse_int=whole))


@pytest.mark.parametrize(
    ("data", "document"),
    [
        (b"a: 1\nb: [x, 'y', \"\\u00e9\"]\n", {"a": 1, "b": ["x", "y", "\u00e9"]}),
        (b"a: yes\nb: n\nc: On\nd: ~\ne: 'no'\n", {"a": True, "b": False, "c": True, "d": None, "e": "no"}),
        (b"[0x1F, 010, 0o17, 0b11, 1_000, 1e3, .5, 1.50, +5]", [31, 8, 15, 3, 1000, 1000, 0.5, 1.5, 5]),
        (b"[2021-01-01, 2021-01-01T00:00:00Z, 1e400]", ["2021-01-01", "2021-01-01T00:00:00Z", "1e400"]),
        (b"1: a\n1.5: b\ntrue: c\n1e6: d\n", {"1": "a", "1.5": "b", "true": "c", "1e+06": "d"}),
        (b"a: &x {b: c}\nd: *x\ne: {<<: *x, f: g}\n", {"a": {"b": "c"}, "d": {"b": "c"}, "e": {"b": "c", "f": "g"}}),
        (b"a: 1\na: 2\n", {"a": 2}),
        (b"---\na: b\n---\nc: d\n", {"a": "b"}),
        (b"a: !!str 5\nb: !!int '7'\nc: !!binary aGk=\nd: !!float 5\n", {"a": "5", "b": 7, "c": "hi", "d": 5}),
        (b"", None),
        (b"# nothing\n", None),
        (b"\xef\xbb\xbfa: b\n", {"a": "b"}),
    ],
)
def test_yaml(data: bytes, document: Any) -> None:
    assert decoding.decode_yaml(data) == document


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a: {b: c\n", "yaml: line 1: did not find expected ',' or '}'"),
        (b"a:\n\tb: c\n", "yaml: line 2: found character that cannot start any token"),
        (b"%YAML 1.2\n---\na: b\n", "yaml: found incompatible YAML document"),
        (b"a: b: c\n", "yaml: mapping values are not allowed in this context"),
        (b"a: *nope\n", "yaml: unknown anchor 'nope' referenced"),
        (b"a: &x [*x]\n", "yaml: anchor 'x' value contains itself"),
        (
            b"{{ .Values.x }}: 1\n",
            'yaml: invalid map key: map[interface {}]interface {}{".Values.x":interface {}(nil)}',
        ),
        (b"<<: x\n", "yaml: map merge requires map or sequence of maps as the value"),
        (b"~: x\n", 'Unsupported map key of type: %!s(<nil>), key: <nil>, value: "x"'),
        (b"a: .nan\n", "json: unsupported value: NaN"),
        (b"a: !!bool x\n", "yaml: cannot decode !!str `x` as a !!bool"),
        (b"a: \x01\n", "yaml: control characters are not allowed"),
        (b"[" * 30000, "yaml: exceeded maximum nesting depth"),
    ],
)
def test_yaml_errors(data: bytes, message: str) -> None:
    with pytest.raises(Unrecognized) as raised:
        decoding.decode_yaml(data)
    assert str(raised.value) == message


def test_alias_bombs_are_defused() -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 12)]
    with pytest.raises(Unrecognized, match="document contains excessive aliasing"):
        decoding.decode_yaml(f"l0: &l0 [x, x, x, x, x, x, x, x, x]\n{''.join(levels)}".encode())


@given(st.text(alphabet="ab:-[]{}#&*!|>'\"%@`,? \n\t01.~<", max_size=25))
def test_any_text_as_yaml(text: str) -> None:
    try:
        document = decoding.decode_yaml(text.encode())
    except Unrecognized as refused:
        assert str(refused)  # noqa: PT017
    else:
        orjson.dumps(document)


# Kinds

CONFIG_MAP = Kind("", "v1", "ConfigMap")
META = r'struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }'


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({}, CONFIG_MAP),
        (None, CONFIG_MAP),
        ({"apiVersion": "apps/v1"}, Kind("apps", "v1", "ConfigMap")),
        ({"KIND": "Pod", "apiVersion": None}, Kind("", "v1", "Pod")),
        ({"apiVersion": "apps/", "kind": "X"}, Kind("apps", "", "X")),
        ({"apiVersion": "/"}, CONFIG_MAP),
    ],
)
def test_identify(document: Any, kind: Kind) -> None:
    assert decoding.identify(document, CONFIG_MAP) == kind


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)"),
        (b"[]", f"couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type {META} (5b5d)"),  # noqa: E501
        (
            b'{"apiVersion": 1, "kind": "ConfigMap"}',
            "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .apiVersion "  # noqa: E501
            'of type string ({"apiVersion": 1, "kind": "Con ...)',
        ),
        (b'{"apiVersion":"a/b/c"}', 'unexpected GroupVersion string: a/b/c ({"apiVersion":"a/b/c"})'),
    ],
)  # fmt: skip
def test_unrecognized(raw: bytes, message: str) -> None:
    with pytest.raises(Unrecognized) as raised:
        decoding.identify(decoding.decode_json(raw), CONFIG_MAP)
    refusal = decoding.refusal(str(raised.value), None, "ConfigMap", raw)
    assert refusal == f"the object provided is unrecognized (must be of type ConfigMap): {message}"


def test_refusals() -> None:
    found = Kind("", "v2", "ConfigMap")
    assert decoding.refusal(decoding.not_registered(found), found, "ConfigMap", b"") == (
        'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" '  # noqa: E501
        'in scheme "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"'
    )
    assert decoding.version_mismatch(Kind("extensions", "v1beta1", "Deployment"), Kind("apps", "v1", "Deployment")) == (
        "the API version in the data (extensions/v1beta1) does not match the expected API version (apps/v1)"
    )


# Values


def test_objects_come_in_the_types_order_and_complete() -> None:
    raw = b'{"metadata":{"labels":{"b":"2","a":"1"},"name":"x","nope":1},"apiVersion":"v1","kind":"ConfigMap","data":null}'  # noqa: E501
    assert json.dumps(read(type_of("ConfigMap"), raw)) == json.dumps({
        "kind": "ConfigMap",
        "apiVersion": "v1",
        "metadata": {"name": "x", "creationTimestamp": None, "labels": {"a": "1", "b": "2"}},
    })  # fmt: skip


def test_values_are_written_anew() -> None:
    raw = b"""{"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":0.5,"memory":1000,"x":1.500}},
        "command":["a",null],"livenessProbe":{"httpGet":{"port":80}}}],"hostNetwork":false},
        "metadata":{"deletionTimestamp":"2021-01-01T01:00:00.5+01:00"}}"""
    pod = read(type_of("Pod"), raw)
    container = pod["spec"]["containers"][0]
    assert container["resources"]["limits"] == {"cpu": "500m", "memory": "1k", "x": "1.500"}
    assert container["command"] == ["a", ""]
    assert pod["metadata"]["deletionTimestamp"] == "2021-01-01T00:00:00Z"
    assert "hostNetwork" not in pod["spec"]
    secret = read(type_of("Secret"), b'{"data":{"a":"QQ==\\n","b":[72,105],"c":null}}')
    assert secret["data"] == {"a": "QQ==", "b": "SGk=", "c": None}


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (5.0, 5), (1.5, 1.5), (-3.0, -3), (1e15, 10**15), (2.0**53, 9007199254740992), (2.0**63, 9223372036854776000),
        (1.2345678901234567e19, 12345678901234567000), (1e20, 1e20), (1e300, 1e300),
        (-(2.0**63), -9.223372036854776e18),
    ],
)  # fmt: skip
def test_numbers_with_a_fraction_are_written_as_go_does(number: float, written: float) -> None:
    assert (type(go_number(number)), go_number(number)) == (type(written), written)


def test_names_are_quoted_as_go_does() -> None:
    found = decoding.Kind("", "\x00", "Pod")
    assert decoding.refusal("x", found, "Pod", b"") == 'Pod in version "\\x00" cannot be handled as a Pod: x'
    assert decoding.not_registered(found, "s") == 'no kind "Pod" is registered for version "\\x00" in scheme "s"'


def test_keys_that_come_twice_are_merged_as_go_does() -> None:
    raw = b'{"metadata":{"name":"a","labels":{"x":"1","y":"2"}},"metadata":{"name":"b","labels":{"x":"3"}}}'
    assert read(type_of("ConfigMap"), raw)["metadata"] == {
        "name": "b",
        "creationTimestamp": None,
        "labels": {"x": "3", "y": "2"},
    }


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (b'{"metadata":{"name":[],"name":"a"}}', "v1.ConfigMap.ObjectMeta: v1.ObjectMeta.Name: ReadString"),
        (b'{"metadata":[],"metadata":{"name":"a"}}', "v1.ConfigMap.ObjectMeta: readObjectStart"),
        (b'{"data":true,"data":{"a":"b"}}', "v1.ConfigMap.Data: ReadMapCB"),
        (b'{"data":{"a":1,"a":"b"}}', "v1.ConfigMap.Data: ReadString"),
        (b'{"data":{"a":1},"data":{"a":"b"}}', "v1.ConfigMap.Data: Data: ReadString"),
    ],
)
def test_what_a_later_key_replaces_has_to_fit(raw: bytes, where: str) -> None:
    with pytest.raises(DecodeError, match=f"^{re.escape(where)}: expect"):
        read(type_of("ConfigMap"), raw)


def test_nothing_of_the_document_is_shared() -> None:
    document = {"data": {"a": "b"}, "metadata": {"finalizers": ["x"]}}
    obj = decoding.convert(document, type_of("ConfigMap"))
    obj["data"]["c"] = "d"
    obj["metadata"]["finalizers"].append("y")
    assert document == {"data": {"a": "b"}, "metadata": {"finalizers": ["x"]}}


ERRORS = [
    ("ConfigMap", '{"metadata":{"name":1}}',
     'v1.ConfigMap.ObjectMeta: v1.ObjectMeta.Name: ReadString: expects " or n, but found 1, error found in #10 byte of '
     '...|:{"name":1}}|..., bigger context ...|{"metadata":{"name":1}}|...'),
    ("ConfigMap", '{"metadata":[]}',
     "v1.ConfigMap.ObjectMeta: readObjectStart: expect { or n, but found [, error found in #10 byte of "
     '...|etadata":[]}|..., bigger context ...|{"metadata":[]}|...'),
    ("ConfigMap", '{"data":["x"]}',
     'v1.ConfigMap.Data: ReadMapCB: expect { or n, but found [, error found in #9 byte of ...|{"data":["x"]}|..., '
     'bigger context ...|{"data":["x"]}|...'),
    ("ConfigMap", '{"metadata":{"finalizers":"x"}}',
     'v1.ConfigMap.ObjectMeta: v1.ObjectMeta.Finalizers: []string: decode slice: expect [ or n, but found ", error found '  # noqa: E501
     'in #10 byte of ...|alizers":"x"}}|..., bigger context ...|{"metadata":{"finalizers":"x"}}|...'),
    ("ConfigMap", '{"binaryData":{"a":"!!!"}}',
     "v1.ConfigMap.BinaryData: decode base64: illegal base64 data at input byte 0, error found in #10 byte of "
     '...|{"a":"!!!"}}|..., bigger context ...|{"binaryData":{"a":"!!!"}}|...'),
    ("ConfigMap", '{"binaryData":{"a":1}}',
     'v1.ConfigMap.BinaryData: base64Codec: invalid input, error found in #10 byte of ...|ata":{"a":1}}|..., bigger '
     'context ...|{"binaryData":{"a":1}}|...'),
    ("ConfigMap", '{"immutable":"true"}',
     'v1.ConfigMap.Immutable: ReadBool: expect t or f, but found ", error found in #10 byte of ...|mutable":"true"}|..., '  # noqa: E501
     'bigger context ...|{"immutable":"true"}|...'),
    ("ConfigMap", '{"metadata":{"generation":"1"}}',
     "v1.ConfigMap.ObjectMeta: v1.ObjectMeta.Generation: readUint64: unexpected character: \ufffd, error found in #10 "
     'byte of ...|eration":"1"}}|..., bigger context ...|{"metadata":{"generation":"1"}}|...'),
    ("ConfigMap", '{"metadata":{"generation":1.5}}',
     "v1.ConfigMap.ObjectMeta: v1.ObjectMeta.Generation: assertInteger: can not decode float as int, error found in #10 "  # noqa: E501
     'byte of ...|eration":1.5}}|..., bigger context ...|{"metadata":{"generation":1.5}}|...'),
    ("Pod", '{"spec":{"containers":[{"ports":[{"containerPort":99999999999}]}]}}',
     "v1.Pod.Spec: v1.PodSpec.Containers: []v1.Container: v1.Container.Ports: []v1.ContainerPort: v1.ContainerPort."
     'ContainerPort: readUint32: overflow, error found in #10 byte of ...|":99999999999}]}]}}|..., bigger context '
     '...|{"containers":[{"ports":[{"containerPort":99999999999}]}]}}|...'),
    ("Pod", '{"spec":{"containers":[{"livenessProbe":{"httpGet":{"port":true}}}]}}',
     "v1.Pod.Spec: v1.PodSpec.Containers: []v1.Container: v1.Container.LivenessProbe: v1.Probe.Handler: HTTPGet: "
     "v1.HTTPGetAction.Port: unmarshalerDecoder: json: cannot unmarshal bool into Go value of type int32, error found in "  # noqa: E501
     '#10 byte of ...|port":true}}}]}}|..., bigger context '
     '...|tainers":[{"livenessProbe":{"httpGet":{"port":true}}}]}}|...'),
    # after an error the reader names whatever else it meets
    ("Pod", '{"spec":{"containers":[{"env":[{"value":1}],"image":"i","ports":[{}]}]}}',
     "v1.Pod.Spec: v1.PodSpec.Containers: []v1.Container: v1.Container.Ports: []v1.ContainerPort: Image: Env: "
     '[]v1.EnvVar: v1.EnvVar.Value: ReadString: expects " or n, but found 1, error found in #10 byte of '
     '...|{"value":1}],"image"|..., bigger context ...|{"spec":{"containers":[{"env":[{"value":1}],"image":"i","ports":'
     "[{}]}]}}|..."),
    ("Pod", '{"nope":{"a":[1e400]}}',
     'v1.Pod.readNumberAsString: invalid number, error found in #10 byte of ...|"a":[1e400]}}|..., bigger context '
     '...|{"nope":{"a":[1e400]}}|...'),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "raw", "message"), ERRORS)
def test_type_errors(kind: str, raw: str, message: str) -> None:
    assert error(type_of(kind), raw.encode()) == message


def test_errors_after_yaml_quote_sorted_json() -> None:
    document = decoding.decode_yaml(b"metadata:\n  name: 1\ndata: {a: b}\n")
    with pytest.raises(DecodeError) as raised:
        decoding.convert(document, type_of("ConfigMap"))
    assert str(raised.value).endswith('bigger context ...|{"data":{"a":"b"},"metadata":{"name":1}}|...')


def test_unions() -> None:
    crd = type_of("CustomResourceDefinition", "v1", "apiextensions.k8s.io")
    raw = b'{"spec":{"versions":[{"schema":{"openAPIV3Schema":{"additionalProperties":%s}}}]}}'
    schema_of = lambda obj: obj["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["additionalProperties"]  # noqa: E731
    assert schema_of(read(crd, raw % b"true")) is True
    assert schema_of(read(crd, raw % b'{"type":"string","x":1}')) == {"type": "string"}
    assert "unmarshalerDecoder: boolean or JSON schema expected" in error(crd, raw % b"1")
    message = "json: cannot unmarshal number into Go struct field JSONSchemaProps.type of type string"
    assert message in error(crd, raw % b'{"type":1}')


DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**65) | st.floats(allow_nan=False) | st.sampled_from(["", "x", "1"]),  # noqa: E501
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(
        st.sampled_from(["metadata", "spec", "name", "labels", "containers", "ports", "image", "resources", "limits", "env"]),  # noqa: E501
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(["metadata", "spec", "status", "kind"]), DOCUMENTS))
def test_any_document_is_converted_or_refused(document: Any) -> None:
    raw = json.dumps(document).encode()
    pod = type_of("Pod")
    try:
        obj = read(pod, raw)
    except DecodeError as refused:
        assert str(refused)  # noqa: PT017
    else:
        assert orjson.dumps(decoding.convert(obj, pod)) == orjson.dumps(obj)


# Custom resources

STRUCTURAL = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "size": {"type": "integer"},
                "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                "pod": {"type": "object", "x-kubernetes-embedded-resource": True},
            },
        }
    },
}


def widget() -> Type:
    return custom_resource(STRUCTURAL, schema().definition("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"))


def test_custom_resources_are_pruned() -> None:
    raw = (
        b'{"spec":{"size":"x","nope":1,"free":{"b":1,"a":null}},"metadata":{"name":"w","nope":1},"kind":"Widget","z":1}'
    )
    assert json.dumps(read(widget(), raw)) == json.dumps(
        {"kind": "Widget", "metadata": {"name": "w"}, "spec": {"free": {"a": None, "b": 1}, "size": "x"}}
    )


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            b'{"metadata":{"name":"x", "labels":{"a":1}}}',
            'v1.ObjectMeta.Name: Labels: ReadString: expects " or n, but found 1, error found in #10 byte of '
            '...|ls":{"a":1},"name":"|..., bigger context ...|{"labels":{"a":1},"name":"x"}|...',
        ),
        (b'{"spec":{"pod":{"kind":5}}}', "spec.pod.kind: Invalid value: 5: must be a string"),
        (
            b'{"spec":{"pod":{"metadata":{"labels":{"x":1}}}}}',
            'spec.pod.metadata: Invalid value: map[string]interface {}{"labels":map[string]interface {}{"x":1}}: '
            'v1.ObjectMeta.Labels: ReadString: expects " or n, but found 1, error found in #10 byte of '
            '...|ls":{"x":1}}|..., bigger context ...|{"labels":{"x":1}}|...',
        ),
    ],
)
def test_metadata_of_custom_resources(raw: bytes, message: str) -> None:
    assert error(widget(), raw) == message


def test_custom_resources_say_their_kind() -> None:
    for raw, message in (
        (
            b'{"metadata": {"name": "x"}}',
            '{"metadata": {"name": "x"}}\', error found in #10 byte of ...|me": "x"}}|...',
        ),
        (b"null", "null', error found in #4 byte of ...|null|..."),
    ):
        with pytest.raises(DecodeError) as raised:
            decoding.check_custom(decoding.decode_json(raw), raw)
        assert str(raised.value).startswith(f"unmarshalerDecoder: Object 'Kind' is missing in '{message}")
    decoding.check_custom({"kind": "Widget"}, b'{"kind": "Widget"}')


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a: [", "error converting YAML to JSON: yaml: line 1: did not find expected node content"),
        (
            b"[1]",
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type "
            "map[string]interface {}",
        ),
    ],
)
def test_bodies_of_apply(data: bytes, message: str) -> None:
    with pytest.raises(DecodeError) as raised:
        decoding.decode_apply(data)
    assert str(raised.value) == f"error decoding YAML: {message}"
    assert decoding.decode_apply(b"a: b") == {"a": "b"}
