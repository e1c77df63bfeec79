"""Writes fakekube/machinery/gotypes.json: the Go types whose values the real server prints into error messages.

Usage: gotypes > types.json && python tools/generate_gotypes.py types.json

`gotypes` is tools/gotypes/main.go, built inside a GOPATH that has Kubernetes v1.20 as k8s.io/kubernetes. It lists all
types of the server's schemes by reflection. Kept are the internal ones (and metav1's), for these are what validation
handles; their fields get the JSON names of the same fields in the versioned types.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

OUT = Path(__file__).parent.parent / "fakekube/machinery/gotypes.json"
VENDOR = "k8s.io/kubernetes/vendor/"
KEPT = (
    "k8s.io/kubernetes/pkg/apis/",
    f"{VENDOR}k8s.io/apimachinery/",
    f"{VENDOR}k8s.io/apiextensions-apiserver/pkg/apis/apiextensions.",
    f"{VENDOR}k8s.io/kube-aggregator/pkg/apis/apiregistration.",
)
LEFT_OUT = ("Options", "WatchEvent", "InternalEvent")
Types = dict[str, dict[str, Any]]


def json_names(types: Types) -> dict[tuple[str, str], str]:
    """JSON names by the names of a struct and of one of its fields, as the versioned types have them."""
    names: dict[tuple[str, str], str] = {}
    for name in sorted(types):
        for field in types[name]["Fields"] or ():
            if field["JSON"]:
                names[types[name]["Str"].partition(".")[2], field["Name"]] = field["JSON"]
    return names


def derived(name: str) -> str:
    """The JSON name of most fields, which is not written down."""
    return name[:1].lower() + name[1:]


def row(struct: str, field: dict[str, Any], names: dict[tuple[str, str], str]) -> list[str]:
    """[NAME, TYPE], and the JSON name if it is not the usual one; "" for an embedded struct."""
    name = field["Name"]
    known = "metadata" if name in ("ObjectMeta", "ListMeta") else field["JSON"] or names.get((struct, name), "")
    shown = known or ("" if field["Embedded"] else derived(name))
    return [name, field["Type"]] if shown == derived(name) else [name, field["Type"], shown]


def main() -> None:
    """Read, compact, write."""
    types: Types = json.loads(Path(sys.argv[1]).read_text())["types"]
    names = json_names(types)
    structs: dict[str, list[list[str]]] = {}
    named: dict[str, str] = {}
    for key, found in types.items():
        kind = any(field["Name"] == "TypeMeta" for field in found["Fields"] or ())
        if not key.startswith(KEPT) or (kind and key.endswith(LEFT_OUT)):
            continue
        text = found["Str"]
        if any(field["Name"] == "Items" for field in found["Fields"] or ()):
            continue  # a list of objects
        if found["Kind"] == "struct":
            structs[text] = [row(text.partition(".")[2], field, names) for field in found["Fields"] or ()]
        else:
            named[text] = {"map": f"map[string]{found['Elem']}", "slice": f"[]{found['Elem']}"}.get(
                found["Kind"], found["Kind"]
            )
    lines = (f'"{name}":{json.dumps(structs[name], separators=(",", ":"))}' for name in sorted(structs))
    shown = json.dumps(dict(sorted(named.items())), separators=(",", ":"))
    OUT.write_text('{"structs":{\n' + ",\n".join(lines) + f'\n}},\n"named":{shown}}}\n')


main()
