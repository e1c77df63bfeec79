"""The generators of data and types."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakekube.apis.schema import load

ROOT = Path(__file__).parents[2]

APPLES = """
package v1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"time"
)

type Colour string
type Weights map[Colour]int64

// Apple is a fruit.
type Apple struct {
	metav1.TypeMeta `json:",inline"`
	// Its metadata.
	metav1.ObjectMeta `json:"metadata,omitempty" protobuf:"bytes,1,opt,name=metadata"`

	Colour *Colour `json:"colour" protobuf:"bytes,2,opt,name=colour"` // red
	Seeds []*Seed `json:"seeds,omitempty"`
	Weights Weights `json:"weights"`
	Age time.Duration `json:"age"`
	Raw []byte `json:"raw,omitempty"`
	Stem `json:",inline"`
	secret string `json:"-"`
}

type Stem struct {
	Length int32 `json:"length"`
}

type Seed struct{}
"""
META = """
package v1

type TypeMeta struct {
	Kind string `json:"kind,omitempty"`
}

type ObjectMeta struct {
	Name string `json:"name,omitempty"`
}
"""


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))


@pytest.fixture
def source(tools: None, tmp_path: Path):
    from go_structs import Source

    for path, text in {"api/fruit/v1": APPLES, "apimachinery/pkg/apis/meta/v1": META}.items():
        (tmp_path / path).mkdir(parents=True)
        (tmp_path / path / "types.go").write_text(text)
        (tmp_path / path / "types_test.go").write_text("type Apple struct {}")
    return Source(tmp_path)


OWN = "dev.fakekube."
"""What definitions of our own begin with."""


def test_fields_of_go_structs(source):
    fields = source.fields("k8s.io/api/fruit/v1", "Apple")
    assert [(field.json, field.go, field.type, field.omitempty) for field in fields] == [
        ("kind", "TypeMeta.Kind", "string", True),
        ("metadata", "ObjectMeta", "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", True),
        ("colour", "Colour", "*v1.Colour(string)", False),
        ("seeds", "Seeds", "[]*io.k8s.api.fruit.v1.Seed", True),
        ("weights", "Weights", "v1.Weights(map[v1.Colour(string)]int64)", False),
        ("age", "Age", "time.Duration(int64)", False),
        ("raw", "Raw", "[]byte", True),
        ("length", "Stem.Length", "int32", False),
    ]


def test_names_of_definitions_lead_to_their_source_and_back(tools):
    from go_structs import definition_name, import_path

    for name in load():
        if name.startswith(OWN):
            continue
        assert definition_name(*import_path(name)) == name


def test_a_source_of_another_release_is_refused(source):
    from generate_schema import fields

    with pytest.raises(ValueError, match="not of this release"):
        fields("io.k8s.api.fruit.v1.Apple", {"kind": {}, "peel": {}}, set(), source)


def test_the_data_is_what_the_package_says(tools):
    """All but the order of fields and Go's names can be checked without a source tree."""
    pytest.importorskip("kubernetes_validate")
    from generate_schema import EXTRAS, definitions

    records = load("1.20").records
    found = definitions("1.20")
    assert set(found) == {name for name in records if not name.startswith(OWN)}
    for name, definition in found.items():
        rows = {row[0]: row for row in records[name].get("fields", ())}
        if "form" not in records[name]:
            assert set(rows) == set(definition.get("properties", {}))
        for field, row in rows.items():
            extras = {EXTRAS[key]: value for key, value in definition["properties"][field].items() if key in EXTRAS}
            assert (row[5] if len(row) > 5 else {}) == extras


def test_types_are_up_to_date(tools):
    from generate_types import Writer

    text = (ROOT / "fakekube/apis/types.py").read_text()
    assert Writer(load("1.20")).file() == text, "run tools/generate_types.py"


@pytest.mark.parametrize(
    ("definition", "name"),
    [
        ("io.k8s.api.core.v1.Event", "Event"),
        ("io.k8s.api.events.v1.Event", "EventsEvent"),
        ("io.k8s.api.events.v1beta1.Event", "EventsEventV1beta1"),
        ("io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler", "HorizontalPodAutoscaler"),
        ("io.k8s.api.autoscaling.v2beta2.HorizontalPodAutoscaler", "HorizontalPodAutoscalerV2beta2"),
        ("io.k8s.api.batch.v1beta1.CronJob", "CronJob"),
        ("io.k8s.api.extensions.v1beta1.Ingress", "ExtensionsIngressV1beta1"),
    ],
)
def test_names_of_types(tools, definition, name):
    from generate_types import names

    assert names([found for found in load() if "alpha" not in found])[definition] == name


def test_two_types_never_get_one_name(tools):
    from generate_types import names

    with pytest.raises(ValueError, match="same name"):
        names(["io.k8s.api.a.v1.X", "io.k8s.api.b.v1.X", "io.k8s.other.b.v1.X"])


def test_nothing_imports_the_types_at_run_time():
    for file in (ROOT / "fakekube").rglob("*.py"):
        for line in file.read_text().splitlines():
            imports = line.startswith(
                ("from fakekube.apis.types", "import fakekube.apis.types", "from fakekube.apis import types")
            )
            assert not imports, f"{file}: only under TYPE_CHECKING"
