"""What the real server answers to a patch that it cannot apply. Follows apiserver's endpoints/handlers/patch.go."""

from __future__ import annotations

from typing import Any

import orjson

from fakekube.machinery import fielderrors, status
from fakekube.machinery.status import StatusError

_HTML = ((b"<", b"\\u003c"), (b">", b"\\u003e"), (b"&", b"\\u0026"))


def unreasonable(message: str) -> StatusError:
    """500 without a reason: an error that the real server did not think about."""
    return StatusError(status.failure(500, "", message))


def unprocessable() -> StatusError:
    """422: the patch is well formed and does not apply. The real server keeps the cause to itself."""
    message = "the server rejected our request due to an error in our request"
    return StatusError(status.failure(422, "Invalid", message, {}))


def too_large(message: str) -> StatusError:
    """413: more than the server is willing to work on."""
    return StatusError(status.failure(413, "RequestEntityTooLarge", f"Request entity is too large: {message}"))


def rejected(shown: str, why: str) -> StatusError:
    """422: the patched object is none of its kind. `shown` is the document or the patch, `why` the decoder's text."""
    error = fielderrors.invalid(fielderrors.Path("patch"), shown, why)
    return status.invalid("", "", "", [error])


def document_text(value: Any) -> str:
    """A patched document as the real server shows it to its decoder: compact, as Go writes JSON."""
    data = orjson.dumps(value)
    for char, escape in _HTML:
        data = data.replace(char, escape)
    return data.decode()
