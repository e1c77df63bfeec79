"""Writes fakekube/apis/types.py: a TypedDict for each definition, from the schema data.

    python tools/generate_types.py [--check] [--release 1.20]

A type is named after its Go type. Where several have that name, the stable version of the core group, of meta/v1 or
else of the first group keeps it; the others add what tells them apart: another version of that group its version
(HorizontalPodAutoscalerV2beta2), another group its name in front (EventsEvent, EventsEventV1beta1). Alpha versions are
left out. With --check nothing is written; the exit code is 1 if the file is out of date.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from keyword import iskeyword
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from fakekube.apis.schema import load  # noqa: E402
from fakekube.machinery.schema import Field, Form, Schema, Type  # noqa: E402

HEADER = '''"""The shapes of objects, for the type checker. Written by tools/generate_types.py.

Import this under TYPE_CHECKING only. Fields that the API asks clients for are Required; others may be missing.
"""

from __future__ import annotations

from typing import Any, Required, TypedDict
'''
SCALARS = {
    Form.STRING: "str",
    Form.INTEGER: "int",
    Form.NUMBER: "float",
    Form.BOOLEAN: "bool",
    Form.BYTES: "str",
    Form.TIME: "str",
    Form.MICRO_TIME: "str",
    Form.QUANTITY: "str",
    Form.INT_OR_STRING: "int | str",
    Form.ANY: "Any",
}


def rank(definition: str) -> tuple[bool, bool, bool, str]:
    """Sort key of definitions of one name: the first keeps it."""
    group, version, _ = definition.rsplit(".", 2)
    return "beta" in version, group != "io.k8s.api.core", not group.endswith(".meta"), definition


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def names(definitions: list[str]) -> dict[str, str]:
    """Definition -> the name of its TypedDict."""
    found: dict[str, str] = {}
    owners: dict[str, str] = {}
    for definition in sorted(definitions, key=rank):
        group, version, kind = definition.rsplit(".", 2)
        if kind not in owners:
            owners[kind] = group
            found[definition] = kind
        else:
            prefix = "" if owners[kind] == group else capital(group.rpartition(".")[2])
            suffix = "" if prefix and version == "v1" else capital(version)
            found[definition] = f"{prefix}{kind}{suffix}"
    if len(set(found.values())) != len(found):
        raise ValueError("two definitions got the same name")
    return found


class Writer:
    """Writes the TypedDicts of a schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        objects = [name for name in schema if "alpha" not in name and self._is_struct(schema.definition(name))]
        self._names = names(objects)

    def _is_struct(self, type_: Type) -> bool:
        return type_.form is Form.OBJECT

    def file(self) -> str:
        """The whole module."""
        by_name = sorted(self._names, key=lambda definition: self._names[definition])
        return HEADER + "".join(f"\n\n{self._struct(definition)}" for definition in by_name)

    def _struct(self, definition: str) -> str:
        name, fields = self._names[definition], self._schema.definition(definition).fields.values()
        if any(iskeyword(field.name) or not field.name.isidentifier() for field in fields):
            return "".join(self._functional(name, definition, list(fields)))
        lines = (f"    {field.name}: {self._annotation(field)}\n" for field in fields)
        body = f'    """{definition}."""\n' + "".join(("\n", *lines) if fields else ())
        return f"class {name}(TypedDict, total=False):\n{body}"

    def _functional(self, name: str, definition: str, fields: list[Field]) -> Iterator[str]:
        """For field names that cannot be written otherwise."""
        yield f'{name} = TypedDict(\n    "{name}",\n    {{\n'
        for field in fields:
            yield f'        "{field.name}": "{self._annotation(field)}",\n'
        yield f'    }},\n    total=False,\n)\n"""{definition}."""\n'

    def _annotation(self, field: Field) -> str:
        text = self._type(field.type)
        return f"Required[{text}]" if field.required else text

    def _type(self, type_: Type) -> str:
        if type_.form in SCALARS:
            return SCALARS[type_.form]
        if type_.form is Form.OBJECT:
            return self._names[type_.name]
        element = self._type(type_.element) if type_.element else "Any"
        if type_.form is Form.LIST:
            return f"list[{element}]"
        if type_.form is Form.MAP:
            return f"dict[str, {element}]"
        return f"{element} | {self._type(type_.alternative)}" if type_.alternative else element


def main() -> int:
    """Write or check the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", default="1.20")
    parser.add_argument("--check", action="store_true", help="write nothing, fail if the file is out of date")
    options = parser.parse_args()
    target, text = ROOT / "fakekube/apis/types.py", Writer(load(options.release)).file()
    if options.check:
        return 0 if target.exists() and target.read_text() == text else 1
    target.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
