"""Writes the schema data of a release, fakekube/apis/schema/v1.20.json: see fakekube.machinery.schema for its form.

Fields, references and merge rules are those of the OpenAPI definitions in PyPI's kubernetes-validate; their order, what
is omitted when empty and Go's names come from the tags of the Go structs.

    python tools/generate_schema.py [--check] [--release 1.20] SOURCE

SOURCE is the folder of a Kubernetes source tree of that release that holds api, apimachinery, apiextensions-apiserver
and kube-aggregator (staging/src/k8s.io). With --check nothing is written; the exit code is 1 if the file is out of
date.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from go_structs import GoField, Source, import_path

Json = dict[str, Any]
META = "io.k8s.apimachinery.pkg.apis.meta.v1"
FORMS = {
    f"{META}.Time": "time",
    f"{META}.MicroTime": "microtime",
    f"{META}.FieldsV1": "any",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "any",
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "intstr",
}
"""Types that make their JSON themselves."""
CRD_FORMS = {
    "JSON": ("any", ""),
    "JSONSchemaPropsOrArray": ("union", "[]{}JSONSchemaProps"),
    "JSONSchemaPropsOrBool": ("union", "bool"),
    "JSONSchemaPropsOrStringArray": ("union", "[]string"),
}
"""The same of each apiextensions version, with what stands in the place of an object."""
EXTRAS = {
    "x-kubernetes-patch-merge-key": "key",
    "x-kubernetes-patch-strategy": "strategy",
    "x-kubernetes-list-type": "list",
    "x-kubernetes-list-map-keys": "keys",
}


def definitions(release: str) -> Json:
    """The OpenAPI definitions that kubernetes-validate carries of a release."""
    spec = find_spec("kubernetes_validate")
    if spec is None or spec.origin is None:
        raise SystemExit("kubernetes-validate is not installed: pip install fakekube[explain]")
    file = Path(spec.origin).parent / f"kubernetes-json-schema/v{release}.0-local/_definitions.json"
    found: Json = json.loads(file.read_text())["definitions"]
    return found


def record(name: str, definition: Json, source: Source) -> Json:
    """One definition in the form of the data."""
    out: Json = dict(shape(name, definition, source))
    if kinds := definition.get("x-kubernetes-group-version-kind"):
        out["kinds"] = [[gvk["group"], gvk["version"], gvk["kind"]] for gvk in kinds]
    if "x-kubernetes-map-type" in definition:
        out["map"] = definition["x-kubernetes-map-type"]
    if "x-kubernetes-unions" in definition:
        out["unions"] = definition["x-kubernetes-unions"]
    return out


def shape(name: str, definition: Json, source: Source) -> Iterator[tuple[str, Any]]:
    """The form of what makes its own JSON, the fields of the rest."""
    package, _, base = name.rpartition(".")
    if name in FORMS:
        yield "form", FORMS[name]
    elif ".apiextensions." in name and base in CRD_FORMS:
        form, alternative = CRD_FORMS[base]
        yield "form", form
        if form == "union":
            yield "element", f"{package}.JSONSchemaProps"
            yield "alternative", alternative.format(f"{package}.")
    elif properties := definition.get("properties"):
        yield "fields", fields(name, properties, set(definition.get("required", ())), source)


def fields(name: str, properties: Json, required: set[str], source: Source) -> list[list[Any]]:
    """The rows of a struct. Raises ValueError where source and OpenAPI do not know the same fields."""
    members = list(source.fields(*import_path(name)))
    if {member.json for member in members} != set(properties):
        raise ValueError(f"{name}: the source is not of this release: {members} {sorted(properties)}")
    return [row(member, properties[member.json], required) for member in members]


def row(member: GoField, prop: Json, required: set[str]) -> list[Any]:
    """[JSON name, Go name, Go type, number or numbers, flags, extras]."""
    numbers = member.numbers[0] if len(member.numbers) == 1 else list(member.numbers)
    flags = ("o" if member.omitempty else "") + ("r" if member.json in required else "")
    extras = {short: prop[long] for long, short in EXTRAS.items() if long in prop}
    return [member.json, member.go, member.type, numbers, flags, *([extras] if extras else [])]


def render(release: str, source: Source) -> str:
    """The whole file: JSON with one definition a line."""
    found = definitions(release)
    lines = (f'"{name}":{dumps(record(name, found[name], source))}' for name in sorted(found))
    return f'{{"release":"{release}","definitions":{{\n' + ",\n".join(lines) + "\n}}\n"


def dumps(value: Any) -> str:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def main() -> int:
    """Write or check the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="staging/src/k8s.io of a Kubernetes source tree")
    parser.add_argument("--release", default="1.20")
    parser.add_argument("--check", action="store_true", help="write nothing, fail if the file is out of date")
    options = parser.parse_args()
    target = Path(__file__).parent.parent / f"fakekube/apis/schema/v{options.release}.json"
    text = render(options.release, Source(options.source))
    if options.check:
        return 0 if target.exists() and target.read_text() == text else 1
    target.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
