"""resourceVersions as clients send them. Follows apiserver's storage.APIObjectVersioner."""

from __future__ import annotations

from fakekube.machinery import status
from fakekube.machinery.goformat import quote

LIMIT = 2**64


def parse_uint(text: str) -> int:
    """strconv.ParseUint in base 10. Raises ValueError with its text."""
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"strconv.ParseUint: parsing {quote(text)}: invalid syntax")
    if int(text) >= LIMIT:
        raise ValueError(f"strconv.ParseUint: parsing {quote(text)}: value out of range")
    return int(text)


def of_option(text: str) -> int:
    """The resourceVersion of a list, watch or get; "" is 0. Raises a StatusError (500 without a reason)."""
    try:
        return parse_uint(text) if text else 0
    except ValueError as error:
        raise status.unexpected(problem(text, error)) from None


def of_list(text: str) -> int:
    """The same where a list is read from the storage itself. Raises BadRequest (400)."""
    try:
        return parse_uint(text) if text else 0
    except ValueError as error:
        raise status.bad_request(f"invalid resource version: {problem(text, error)}") from None


def problem(text: str, error: ValueError) -> str:
    """How the real server tells of an option that is no number."""
    return f"resourceVersion: Invalid value: {quote(text)}: {error}"


def of_object(metadata: dict[str, object]) -> int:
    """The resourceVersion that an object came with; none is 0. Raises a StatusError (500 without a reason)."""
    text = metadata.get("resourceVersion") or ""
    try:
        return parse_uint(str(text)) if text else 0
    except ValueError as error:
        raise status.unexpected(str(error)) from None
