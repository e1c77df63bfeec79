"""Names of images: docker.io/library/nginx:1.19@sha256:… Follows the grammar of docker's distribution/reference."""

from __future__ import annotations

import re
from typing import NamedTuple

COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|[-]*)[a-z0-9]+)*"
DOMAIN = (
    r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*"
)
NAME = rf"(?:{DOMAIN}(?::[0-9]+)?/)?{COMPONENT}(?:/{COMPONENT})*"
DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
REFERENCE = re.compile(rf"({NAME})(?::([\w][\w.-]{{0,127}}))?(?:@({DIGEST}))?", re.ASCII)
IDENTIFIER = re.compile("[a-f0-9]{64}")
DEFAULT_DOMAIN, OFFICIAL, DEFAULT_TAG = "docker.io", "library/", "latest"
LONGEST_NAME = 255


class InvalidReference(ValueError):
    """Not the name of an image; the text is what docker's parser says."""


class Reference(NamedTuple):
    """The parts of a name, with what it leaves out filled in."""

    domain: str
    path: str
    tag: str
    digest: str
    tagged: bool
    """Whether the name says which tag or digest."""

    @property
    def name(self) -> str:
        """Without tag and digest: docker.io/library/nginx."""
        return f"{self.domain}/{self.path}"


def parse(image: str) -> Reference:
    """The parts of a name. Raises InvalidReference."""
    if IDENTIFIER.fullmatch(image):
        raise InvalidReference(f"invalid repository name ({image}), cannot specify 64-byte hexadecimal strings")
    domain, rest = _split(image)
    remote = rest.partition(":")[0]
    if remote.lower() != remote:
        raise InvalidReference("invalid reference format: repository name must be lowercase")
    match = REFERENCE.fullmatch(f"{domain}/{rest}")
    if match is None:
        raise InvalidReference("invalid reference format")
    if len(match[1]) > LONGEST_NAME:
        raise InvalidReference(f"repository name must not be more than {LONGEST_NAME} characters")
    tag, digest = match[2] or "", match[3] or ""
    return Reference(domain, match[1].partition("/")[2], tag or DEFAULT_TAG, digest, bool(tag or digest))


def _split(image: str) -> tuple[str, str]:
    first, slash, rest = image.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        domain, rest = DEFAULT_DOMAIN, image
    else:
        domain = first
    if domain == "index.docker.io":
        domain = DEFAULT_DOMAIN
    if domain == DEFAULT_DOMAIN and "/" not in rest:
        rest = OFFICIAL + rest
    return domain, rest
