"""The patches of the API: JSON patch, merge patch and strategic merge patch, each a module with `decode` and `apply`.

Server-side apply, the fourth, is a package of its own: machinery/apply.
"""

from __future__ import annotations

from fakekube.machinery import status
from fakekube.machinery.objects import Object
from fakekube.machinery.patch import errors, json_patch, merge_patch, restore, strategic
from fakekube.machinery.schema import Type
from fakekube.machinery.status import StatusError

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"

BUILT_IN_TYPES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH, APPLY_PATCH)
"""What the 415 of a built-in kind lists, in its order."""
CUSTOM_TYPES = (JSON_PATCH, MERGE_PATCH, APPLY_PATCH)
"""The same of a custom resource."""


def apply(document: Object, body: bytes, content_type: str, type_: Type) -> Object:
    """The document, in the version of the request, as the body of a PATCH changes it.

    The result is still to be decoded; `refused` words what its decoder says. Raises StatusError.
    """
    if content_type == JSON_PATCH:
        return json_patch.apply(document, json_patch.decode(body))
    if content_type == MERGE_PATCH:
        return merge_patch.apply(document, merge_patch.decode(body))
    if content_type == STRATEGIC_MERGE_PATCH:
        patch = strategic.decode(body)
        patched = strategic.merge(document, patch, type_)
        restore.check(patched, type_, patch)
        return patched
    raise status.unsupported_media_type(BUILT_IN_TYPES)


def refused(patched: Object, why: str) -> StatusError:
    """422: the decoder's word about a document that a JSON patch or a merge patch made."""
    return errors.rejected(text_of(patched), why)


def text_of(patched: Object) -> str:
    """The document as the decoder reads it."""
    return errors.document_text(patched)
