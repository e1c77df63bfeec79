"""The plugins that fill something in: classes, taints, finalizers, runtime classes."""

from __future__ import annotations

import pytest
from admission_samples import attributes, pod
from readers import ObjectsReader

from fakekube.admission import (
    default_ingress_class,
    default_storage_class,
    runtime_class,
    storage_object_in_use,
    taint_nodes,
    tolerations,
)
from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.persistentvolumeclaims import RESOURCE as CLAIMS
from fakekube.apis.networking.ingressclasses import RESOURCE as INGRESSCLASSES
from fakekube.apis.networking.ingresses import RESOURCE as INGRESSES
from fakekube.apis.node.runtimeclasses import RESOURCE as RUNTIMECLASSES
from fakekube.apis.storage.storageclasses import RESOURCE as STORAGECLASSES
from fakekube.machinery.objects import Object
from fakekube.machinery.status import StatusError

INGRESS_DEFAULT = {"ingressclass.kubernetes.io/is-default-class": "true"}
STORAGE_DEFAULT = {"storageclass.kubernetes.io/is-default-class": "true"}


def claim(annotations: dict[str, str] | None = None, **spec: object) -> Object:
    return {"metadata": {"name": "c", "annotations": annotations or {}}, "spec": spec}


@pytest.mark.parametrize(
    ("subject", "wanted"),
    [
        (claim(), "std"),
        (claim(storageClassName=""), ""),
        (claim(storageClassName="own"), "own"),
        (claim({"volume.beta.kubernetes.io/storage-class": "old"}), None),
    ],
)
def test_storage_class(subject: Object, wanted: str | None) -> None:
    reader = ObjectsReader()
    reader.put(
        STORAGECLASSES, {"metadata": {"name": "std", "annotations": STORAGE_DEFAULT}}, {"metadata": {"name": "x"}}
    )
    default_storage_class.mutate(attributes(subject, CLAIMS), reader)
    assert subject["spec"].get("storageClassName") == wanted


def test_two_default_storage_classes_are_an_error() -> None:
    reader = ObjectsReader()
    reader.put(STORAGECLASSES, *({"metadata": {"name": n, "annotations": STORAGE_DEFAULT}} for n in "ab"))
    with pytest.raises(StatusError, match="2 default StorageClasses were found"):
        default_storage_class.mutate(attributes(claim(), CLAIMS), reader)


def test_ingress_class() -> None:
    reader = ObjectsReader()
    reader.put(INGRESSCLASSES, {"metadata": {"name": "std", "annotations": INGRESS_DEFAULT}})
    subject = {"metadata": {"name": "i"}, "spec": {}}
    default_ingress_class.mutate(attributes(subject, INGRESSES), reader)
    assert subject["spec"] == {"ingressClassName": "std"}
    annotated = {"metadata": {"name": "i", "annotations": {"kubernetes.io/ingress.class": "x"}}, "spec": {}}
    default_ingress_class.mutate(attributes(annotated, INGRESSES), reader)
    assert annotated["spec"] == {}


def test_new_nodes_are_tainted_once() -> None:
    node: Object = {"metadata": {"name": "n"}}
    for _ in range(2):
        taint_nodes.mutate(attributes(node, NODES), ObjectsReader())
        assert node["spec"]["taints"] == [{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}]


def test_finalizers_are_added_once() -> None:
    subject = claim()
    for _ in range(2):
        storage_object_in_use.mutate(attributes(subject, CLAIMS), ObjectsReader())
        assert subject["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]


RUNTIME = {
    "metadata": {"name": "r"},
    "overhead": {"podFixed": {"cpu": "100m"}},
    "scheduling": {"nodeSelector": {"a": "b"}, "tolerations": [{"key": "k", "operator": "Exists"}]},
}


def runtime_reader() -> ObjectsReader:
    reader = ObjectsReader()
    reader.put(RUNTIMECLASSES, RUNTIME)
    return reader


def test_runtime_class_sets_overhead_and_scheduling() -> None:
    subject = pod({}, runtimeClassName="r", nodeSelector={"c": "d"})
    runtime_class.mutate(attributes(subject), runtime_reader())
    spec = subject["spec"]
    assert spec["overhead"] == {"cpu": "100m"}
    assert spec["nodeSelector"] == {"c": "d", "a": "b"}
    assert spec["tolerations"] == [{"key": "k", "operator": "Exists"}]
    runtime_class.validate(attributes(subject), runtime_reader())


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"runtimeClassName": "none"}, 'pod rejected: RuntimeClass "none" not found'),
        ({"runtimeClassName": "r", "overhead": {"cpu": "1"}}, runtime_class.MISMATCH),
        (
            {"runtimeClassName": "r", "nodeSelector": {"a": "x"}},
            "conflict: runtimeClass.scheduling.nodeSelector[a] = b; pod.spec.nodeSelector[a] = x",
        ),
        ({"overhead": {"cpu": "1"}}, runtime_class.UNFOUNDED),
    ],
)
def test_runtime_class_refuses(spec: Object, why: str) -> None:
    subject = attributes(pod({}, **spec))
    act = runtime_class.mutate if "runtimeClassName" in spec else runtime_class.validate
    with pytest.raises(StatusError) as caught:
        act(subject, runtime_reader())
    assert caught.value.message == f'pods "p" is forbidden: {why}'


def test_a_class_is_asked_for_by_a_name() -> None:
    with pytest.raises(StatusError) as caught:
        runtime_class.mutate(attributes(pod({}, runtimeClassName="a/b")), runtime_reader())
    assert (caught.value.code, caught.value.message) == (500, "invalid resource name \"a/b\": [may not contain '/']")


ANY = {"operator": "Exists"}
EQUAL = {"key": "k", "operator": "Equal", "value": "v"}
EXECUTE = {**EQUAL, "effect": "NoExecute"}
FIVE = {**ANY, "effect": "NoExecute", "tolerationSeconds": 5}


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        ([EQUAL], [dict(EQUAL)], [EQUAL]),
        ([EQUAL], [ANY], [ANY]),
        ([{**EQUAL, "effect": "NoExecute"}], [EQUAL], [EQUAL]),
        ([FIVE], [{**EXECUTE, "tolerationSeconds": 3}], [FIVE]),
        ([FIVE], [EXECUTE], [FIVE, EXECUTE]),
        ([{"key": "a", "operator": "Exists"}], [{"key": "b", "operator": "Exists"}],
         [{"key": "a", "operator": "Exists"}, {"key": "b", "operator": "Exists"}]),
    ],
)  # fmt: skip
def test_merged_tolerations(first: list[Object], second: list[Object], wanted: list[Object]) -> None:
    assert tolerations.merge(first, second) == wanted
