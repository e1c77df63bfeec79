"""What names may be. Each rule gives the texts of what is wrong, as apimachinery's util/validation words them."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
DNS_LABEL = re.compile(_LABEL)
DNS_SUBDOMAIN = re.compile(_SUBDOMAIN)
DNS_1035 = re.compile("[a-z]([-a-z0-9]*[a-z0-9])?")
QUALIFIED = re.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")

LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    f"with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL}')"
)
SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    f"and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_SUBDOMAIN}')"
)
DNS_1035_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')"
)


def dns_subdomain(name: str) -> Iterator[str]:
    """Most kinds: RFC 1123 subdomain of at most 253 bytes."""
    if len(name) > 253:
        yield "must be no more than 253 characters"
    if not DNS_SUBDOMAIN.fullmatch(name):
        yield SUBDOMAIN_TEXT


def dns_label(name: str) -> Iterator[str]:
    """Namespaces: RFC 1123 label of at most 63 bytes."""
    if len(name) > 63:
        yield "must be no more than 63 characters"
    if not DNS_LABEL.fullmatch(name):
        yield LABEL_TEXT


def dns_1035_label(name: str) -> Iterator[str]:
    """Services: RFC 1035 label of at most 63 bytes."""
    if len(name) > 63:
        yield "must be no more than 63 characters"
    if not DNS_1035.fullmatch(name):
        yield DNS_1035_TEXT


def path_segment(name: str) -> Iterator[str]:
    """RBAC kinds: anything that can stand in a path."""
    if name in (".", ".."):
        yield f"may not be '{name}'"
        return
    for part in ("/", "%"):
        if part in name:
            yield f"may not contain '{part}'"
