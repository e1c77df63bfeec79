"""JSON merge patch, RFC 7396, as evanphx/json-patch applies it for kube-apiserver v1.20.

Keys come out in the order in which that library writes them: sorted wherever it looked into an object, as they were
elsewhere. Clients see the order when the result is refused.
"""

from __future__ import annotations

from typing import Any

from fakekube.machinery import jsontext, jsonvalues
from fakekube.machinery.objects import Object
from fakekube.machinery.patch import errors

NO_OBJECT = (
    "couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type "
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
)


def decode(body: bytes) -> Any:
    """The patch of a request's body: an object or a list. Raises StatusError (500, as the real server does)."""
    try:
        patch = jsontext.loads(body)
    except jsontext.JSONError:
        patch = None
    if not isinstance(patch, (dict, list)):
        raise errors.unreasonable("Invalid JSON Patch")
    return patch


def apply(document: Object, patch: Any) -> Object:
    """The document with the patch merged into it. Raises StatusError (422) for a patch that is a list."""
    if not isinstance(patch, dict):
        raise errors.rejected(errors.document_text(_pruned(patch)), NO_OBJECT)
    return _merge(document, patch)


def diff(old: Object, new: Object) -> Object:
    """The patch that makes `new` of `old`, as far as one can: no merge patch can set a value to null."""
    changes = {key: _change(old[key], value) if key in old else value for key, value in new.items()}
    changes = {k: v for k, v in changes.items() if not (k in old and _unchanged(old[k], new[k], v))}
    return changes | {key: None for key in old if key not in new}


def _change(old: Any, new: Any) -> Any:
    return diff(old, new) if isinstance(old, dict) and isinstance(new, dict) else new


def _unchanged(old: Any, new: Any, change: Any) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return not change
    return jsonvalues.equal(old, new)


def _merge(document: Object, patch: Object) -> Object:
    merged = dict(document)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge_value(merged.get(key), value)
    return dict(sorted(merged.items()))


def _merge_value(current: Any, value: Any) -> Any:
    if not isinstance(current, dict):
        return _pruned(value)
    return _merge(current, value) if isinstance(value, dict) else value


def _pruned(value: Any) -> Any:
    """A value that takes the place of another: without the nulls in it, also those in lists."""
    if isinstance(value, dict):
        return {key: _pruned(item) for key, item in sorted(value.items()) if item is not None}
    if isinstance(value, list):
        return [_pruned(item) for item in value if item is not None]
    return value
