"""Writes fakekube/controllers/shared/podtemplate.json: the Go structs of a pod template, whose print makes its hash.

Usage: python tools/generate_podtemplate.py kubernetes/staging/src/k8s.io

    {"structs": {"v1.PodSpec": [[GO NAME, GO TYPE, JSON NAME], ...], ...}, "named": {"v1.Protocol": "string", ...}}

where the JSON name "" says that the struct is inlined. Only facts are kept: names, order and types.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from go_structs import BUILTIN, Package, Source

OUT = Path(__file__).parent.parent / "fakekube/controllers/shared/podtemplate.json"
CORE = "k8s.io/api/core/v1"
ROOT = "PodTemplateSpec"
SPECIAL = {"resource.Quantity", "v1.Time", "v1.ManagedFieldsEntry", "intstr.IntOrString"}
"""Types that the printer knows by itself, or whose values a template never has."""


class Collected:
    """Types found so far."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.structs: dict[str, list[list[str]]] = {}
        self.named: dict[str, str] = {}

    def take(self, path: str, name: str) -> str:
        """The type as Go's reflection names it."""
        shown = f"{path.rsplit('/', 1)[-1]}.{name}"
        package = self._source.package(path)
        if shown in SPECIAL or shown in self.structs or shown in self.named:
            return shown
        if name not in package.structs:
            self.named[shown] = ""
            self.named[shown] = self._expression(package, name, package.named[name])
            return shown
        fields = self.structs[shown] = []
        for go, type_, tag, _ in package.structs[name]:
            own = go or type_.lstrip("*").rsplit(".", 1)[-1]
            fields.append([own, self._expression(package, name, type_), tag.partition(",")[0]])
        return shown

    def _expression(self, package: Package, within: str, text: str) -> str:
        for prefix in ("*", "[]"):
            if text.startswith(prefix):
                return prefix + self._expression(package, within, text.removeprefix(prefix))
        if text.startswith("map["):
            key, value = text[4:].split("]", 1)
            return f"map[{self._expression(package, within, key)}]{self._expression(package, within, value)}"
        return text if text in BUILTIN else self.take(*self._source.resolve(package, within, text))


def main(root: Path) -> None:
    """Write the file."""
    found = Collected(Source(root))
    found.take(CORE, ROOT)
    data = {"structs": dict(sorted(found.structs.items())), "named": dict(sorted(found.named.items()))}
    OUT.write_text(json.dumps(data, separators=(",", ":")).replace('],"v1.', '],\n"v1.') + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
