"""Reads what the tags of Go structs say: the JSON fields of a type, their order, and which are omitted when empty.

Only facts come out of it (names, order, types, omitempty); nothing of the source text is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

MODULES = "k8s.io"
IMPORT = re.compile(r'^\s*(?:import\s+)?(?:([\w.]+)\s+)?"([\w./-]+)"\s*$')
STRUCT = re.compile(r"^type\s+(\w+)\s+struct\s*\{\s*(\}?)")
NAMED = re.compile(r"^type\s+(\w+)\s+([\w.\[\]*]+)\s*(?://.*)?$")
FIELD = re.compile(r"^\s*(?:(\w+)\s+)?([\w.\[\]*{}]+)\s+`(.*)`")
TAG = re.compile(r'json:"([^"]*)"')
PROTOBUF = re.compile(r'protobuf:"[a-z0-9]+,(\d+),')
BUILTIN = {"string", "bool", "int", "int32", "int64", "float64", "byte", "uint8"}
DURATION = "time.Duration"


@dataclass(frozen=True)
class GoField:
    """One JSON field of a struct, inlined ones expanded."""

    json: str
    go: str
    type: str
    numbers: tuple[int, ...]
    """Of protobuf: the field's, after those of the structs that it is inlined from; empty if there is none."""
    omitempty: bool


Member = tuple[str, str, str, int]
"""Go name, type, JSON tag, number in protobuf."""


@dataclass
class Package:
    """What one folder declares: type name -> its definition and the imports of its file."""

    path: str
    structs: dict[str, list[Member]] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    imports: dict[str, dict[str, str]] = field(default_factory=dict)


def parse(path: str, folder: Path) -> Package:
    """Read the types that the Go files of a folder declare."""
    package = Package(path)
    for file in sorted(folder.glob("*.go")):
        if not file.name.endswith(("_test.go", ".pb.go")) and not file.name.startswith("zz_generated"):
            _parse_file(package, file.read_text().splitlines())
    return package


def _parse_file(package: Package, lines: list[str]) -> None:
    imports: dict[str, str] = {}
    current: list[Member] | None = None
    for line in lines:
        if current is not None:
            current = None if line.startswith("}") else _member(line, current)
        elif found := STRUCT.match(line):
            members = package.structs[found[1]] = []
            package.imports[found[1]] = imports
            current = None if found[2] else members
        elif found := NAMED.match(line):
            package.named[found[1]] = found[2]
            package.imports[found[1]] = imports
        elif found := IMPORT.match(line):
            imports[found[1] or found[2].rsplit("/", 1)[-1]] = found[2]


def _member(line: str, members: list[Member]) -> list[Member]:
    if found := FIELD.match(line):
        tag = TAG.search(found[3])
        number = PROTOBUF.search(found[3])
        members.append((found[1] or "", found[2], tag[1] if tag else "", int(number[1]) if number else 0))
    return members


class Source:
    """The Go types under a folder that holds api, apimachinery and so on."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._packages: dict[str, Package] = {}

    def package(self, path: str) -> Package:
        """The package of an import path below k8s.io."""
        if path not in self._packages:
            self._packages[path] = parse(path, self._root / path.removeprefix(f"{MODULES}/"))
        return self._packages[path]

    def fields(self, path: str, name: str, prefix: str = "", above: tuple[int, ...] | None = ()) -> Iterator[GoField]:
        """The JSON fields of a struct in the order in which Go writes them."""
        package = self.package(path)
        for go, type_, tag, number in package.structs[name]:
            json, _, options = tag.partition(",")
            own = go or type_.lstrip("*").rsplit(".", 1)[-1]
            numbers = (*above, number) if number and above is not None else None
            if not json and "inline" in options.split(","):
                where, inner = self.resolve(package, name, type_.lstrip("*"))
                yield from self.fields(where, inner, f"{prefix}{own}.", numbers)
            elif json and json != "-":
                expression = self.expression(package, name, type_)
                yield GoField(json, prefix + own, expression, numbers or (), "omitempty" in options.split(","))

    def resolve(self, package: Package, within: str, text: str) -> tuple[str, str]:
        """(import path, name) of a type name as the file of the type `within` writes it."""
        alias, _, name = text.rpartition(".")
        return (package.imports[within][alias], name) if alias else (package.path, name)

    def expression(self, package: Package, within: str, text: str) -> str:
        """The type as the schema data writes it: see fakekube.machinery.schema."""
        for prefix in ("*", "[]"):
            if text.startswith(prefix) and text != "[]byte":
                return prefix + self.expression(package, within, text.removeprefix(prefix))
        if text.startswith("map["):
            key, value = text[4:].split("]", 1)
            key, value = (self.expression(package, within, part) for part in (key, value))
            return f"map[{key}]{value}"
        if text in BUILTIN or text == "[]byte":
            return text
        return self._named(*self.resolve(package, within, text))

    def _named(self, path: str, name: str) -> str:
        if f"{path}.{name}" == DURATION:
            return f"{DURATION}(int64)"
        package = self.package(path)
        go = f"{path.rsplit('/', 1)[1]}.{name}"
        if name in package.structs:
            return definition_name(path, name)
        inner = self.expression(package, name, package.named[name])
        return f"{go}({inner})"


def definition_name(path: str, name: str) -> str:
    """k8s.io/api/core/v1, Pod: io.k8s.api.core.v1.Pod."""
    return f"io.k8s.{path.removeprefix(f'{MODULES}/').replace('/', '.')}.{name}"


def import_path(definition: str) -> tuple[str, str]:
    """The reverse of definition_name."""
    package, name = definition.removeprefix("io.k8s.").rsplit(".", 1)
    return f"{MODULES}/{package.replace('.', '/')}", name
