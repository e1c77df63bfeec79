"""The annotation of client-side apply, which server-side apply by "kubectl" takes over.

Follows fieldmanager's lastappliedmanager.go and lastappliedupdater.go of v1.20.
"""

from __future__ import annotations

from typing import Any

from fakekube.machinery import jsontext
from fakekube.machinery.apply import fieldset
from fakekube.machinery.apply.fieldset import Node
from fakekube.machinery.apply.plans import Plan, Unmanageable
from fakekube.machinery.objects import Object

ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
MANAGER = "kubectl"
"""The one field manager to which it is handed over."""


def _annotations(obj: Any) -> dict[str, Any]:
    metadata = obj.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return annotations if isinstance(annotations, dict) else {}


def owned(live: Object, plan: Plan, version: str) -> Node | None:
    """What client-side apply wrote last and is still so; None if it wrote nothing that can be read."""
    try:
        last = jsontext.loads(_annotations(live).get(ANNOTATION, "").encode())
        if not isinstance(last, dict) or not last.get("kind") or last.get("apiVersion") != version:
            return None
        if next(plan.problems(last), None) is not None:
            return None
        fields = plan.field_set(last) or {}
        changed, removed = plan.compare(last, live)
    except (jsontext.JSONError, Unmanageable):
        return None
    return fieldset.difference(fieldset.difference(fields, changed or {}), removed or {})


def refreshed(obj: Object, applied: Object) -> Object:
    """The object with the annotation, if it has one, saying what was applied now."""
    annotations = _annotations(obj)
    if ANNOTATION not in annotations:
        return obj
    annotations = {**annotations, ANNOTATION: _written(applied)}
    return {**obj, "metadata": {**obj["metadata"], "annotations": annotations}}


def _written(applied: Object) -> str:
    if ANNOTATION in _annotations(applied):
        kept = {key: value for key, value in _annotations(applied).items() if key != ANNOTATION}
        applied = {**applied, "metadata": {**applied["metadata"], "annotations": kept}}
    return jsontext.dumps_sorted(applied) + "\n"
