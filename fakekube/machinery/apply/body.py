"""The body of a PATCH of apply-patch+yaml. Follows the applyPatcher of apiserver's endpoints/handlers/patch.go."""

from __future__ import annotations

from fakekube.machinery import decoding, jsontext, status
from fakekube.machinery.objects import Object


def decode(body: bytes) -> Object:
    """The configuration to apply: the first document. Raises StatusError (400)."""
    try:
        document = decoding.decode_yaml(body)
    except decoding.DecodeError as error:
        raise status.bad_request(f"error decoding YAML: error converting YAML to JSON: {error}") from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        text = jsontext.mismatch(document, "map[string]interface {}")
        raise status.bad_request(f"error decoding YAML: error unmarshaling JSON: while decoding JSON: {text}")
    return document
