"""Pod templates: whether two are the same, and their hash."""

from __future__ import annotations

from fakekube.controllers.shared.goprint import template_text
from fakekube.machinery import generate
from fakekube.machinery.objects import Object

HASH_LABEL = "pod-template-hash"


def template_hash(template: Object, collisions: int | None = None) -> str:
    """The real server's hash of a template: FNV-1a of what Go prints, and of how many collisions there were."""
    suffix = b"" if collisions is None else collisions.to_bytes(8, "little")
    return generate.safe_encode(str(generate.fnv32a(template_text(template).encode() + suffix)))


def same_template(one: Object, other: Object) -> bool:
    """Whether two templates make the same pods; the label of the hash does not count."""
    return _essence(one) == _essence(other)


def _essence(template: Object) -> Object:
    metadata = {name: value for name, value in (template.get("metadata") or {}).items() if value}
    labels = {name: value for name, value in metadata.pop("labels", {}).items() if name != HASH_LABEL}
    return {"metadata": {**metadata, "labels": labels}, "spec": template.get("spec")}
