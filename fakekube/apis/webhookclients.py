"""How a webhook is reached: by a URL or through a service. Follows apiserver's util/webhook and Go's net/url."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from fakekube.machinery.fielderrors import FieldError, Path, invalid, required
from fakekube.machinery.goformat import quote
from fakekube.machinery.names import dns_subdomain, port_number

FORM = "; desired format: https://host[/path]"
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
BAD_HOST = re.compile(r'[ <>"\\^`{}|]')


class Url(Struct, frozen=True):
    """The parts that matter here."""

    scheme: str = ""
    user: str | None = None
    host: str = ""
    query: str = ""
    fragment: str = ""


def parse(text: str) -> Url:
    """The URL. Raises ValueError in Go's words."""
    try:
        return _parse(text)
    except ValueError as error:
        raise ValueError(f"parse {quote(text)}: {error}") from None


def _parse(text: str) -> Url:
    if any(ord(char) < 0x20 or char == "\x7f" for char in text):
        raise ValueError("net/url: invalid control character in URL")
    rest, _, fragment = text.partition("#")
    scheme, rest = _scheme(rest)
    rest, _, query = rest.partition("?")
    user, host = None, ""
    if scheme and not rest.startswith("/"):
        return Url(scheme, None, "", query, fragment)  # mailto:x
    if not scheme and not rest.startswith("/") and ":" in rest.partition("/")[0]:
        raise ValueError("first path segment in URL cannot contain colon")
    if rest.startswith("//") and not rest.startswith("///"):
        authority, _, rest = rest[2:].partition("/")
        user, host = _authority(authority)
    _check_escapes(rest)
    return Url(scheme, user, host, query, fragment)


def _scheme(text: str) -> tuple[str, str]:
    head, colon, rest = text.partition(":")
    if not colon:
        return "", text
    if not head:
        raise ValueError("missing protocol scheme")
    return (head.lower(), rest) if SCHEME.fullmatch(head) else ("", text)


def _authority(text: str) -> tuple[str | None, str]:
    info, at, host = text.rpartition("@")
    _, colon, port = (host[host.rfind("]") :] if host.startswith("[") else host).rpartition(":")
    if colon and not re.fullmatch("[0-9]*", port):
        raise ValueError(f"invalid port {quote(':' + port)} after host")
    if bad := BAD_HOST.search(host):
        raise ValueError(f"invalid character {quote(bad[0])} in host name")
    return (info if at else None), host


def _check_escapes(text: str) -> None:
    for at in (index for index, char in enumerate(text) if char == "%"):
        if not re.fullmatch("%[0-9A-Fa-f]{2}", text[at : at + 3]):
            raise ValueError(f"invalid URL escape {quote(text[at : at + 3])}")


def validate_url(text: str, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with the URL of a webhook: https, a host, and no more than a path."""
    try:
        url = parse(text)
    except ValueError as error:
        yield required(path, f"url must be a valid URL: {error}{FORM}")
        return
    if url.scheme != "https":
        yield invalid(path, url.scheme, f"'https' is the only allowed URL scheme{FORM}")
    if not url.host:
        yield invalid(path, url.host, f"host must be provided{FORM}")
    if url.user is not None:
        yield invalid(path, url.user, "user information is not permitted in the URL")
    if url.fragment:
        yield invalid(path, url.fragment, "fragments are not permitted in the URL")
    if url.query:
        yield invalid(path, url.query, "query parameters are not permitted in the URL")


def validate_service(name: str, namespace: str, route: str | None, port: int, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with the service of a webhook; `route` is the path of its requests."""
    for field, value in (("name", name), ("namespace", namespace)):
        if not value:
            yield required(path / field, f"service {field} is required")
    if wrong := list(port_number(port)):
        yield invalid(path / "port", port, f"port is not valid: {', '.join(wrong)}")
    if route and route != "/":
        yield from _route(route, path / "path")


def _route(route: str, path: Path) -> Iterator[FieldError]:
    if route == "//":
        yield invalid(path, route, "segment[0] may not be empty")
        return
    if not route.startswith("/"):
        yield invalid(path, route, "must start with a '/'")
    for index, step in enumerate(route[1:].removesuffix("/").split("/")):
        if not step:
            yield invalid(path, route, f"segment[{index}] may not be empty")
        else:
            yield from (invalid(path, route, f"segment[{index}]: {wrong}") for wrong in dns_subdomain(step))
