"""HTTP to pods and services through the API server. Follows apimachinery's util/proxy and the two ResourceLocations."""

from __future__ import annotations

import random
import re
from ipaddress import ip_address
from posixpath import normpath
from typing import NamedTuple
from urllib.parse import quote, urlsplit, urlunsplit

from msgspec import Struct

from fakekube.apis.core.endpoints import RESOURCE as ENDPOINTS
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.endpoints.connection import BODY_LIMIT, Call, Content, Headers, Reply
from fakekube.endpoints.endpoint import Services
from fakekube.endpoints.podstreams import locate
from fakekube.endpoints.podstreams.locate import unknown
from fakekube.machinery import status
from fakekube.machinery.objects import Key, Object
from fakekube.registry.scope import Scope
from fakekube.sandbox.containers import HttpAnswer, HttpRequest

HOP_BY_HOP = frozenset(
    {
        *("connection", "proxy-connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te"),
        *("trailer", "transfer-encoding", "upgrade"),
    }
)
CORS = frozenset(f"access-control-allow-{name}" for name in ("credentials", "headers", "methods", "origin"))
"""What a pod says about foreign origins is not taken for the API server's own word."""
LINK = re.compile(r"""(?i)(\s(?:href|src|action|formaction|background|cite|data|poster)\s*=\s*)(["'])(/[^"']*)\2""")
"""An attribute of HTML that holds an absolute path."""


class Target(NamedTuple):
    """What a proxy's name says: "NAME", "NAME:PORT" or "SCHEME:NAME:PORT"."""

    scheme: str
    name: str
    port: str


class Location(Struct, frozen=True):
    """Where the traffic goes."""

    scheme: str
    ip: str
    port: str

    @property
    def number(self) -> int:
        """The port, the scheme's where none is given."""
        return int(self.port or (443 if self.scheme == "https" else 80))

    @property
    def host(self) -> str:
        """As in a URL."""
        ip = f"[{self.ip}]" if ":" in self.ip else self.ip
        return f"{ip}:{self.port}" if self.port else ip


def parse_target(text: str) -> Target | None:
    """None for what is no name."""
    parts = text.split(":")
    padded = {1: ["", *parts, ""], 2: ["", *parts], 3: parts}.get(len(parts))
    if padded is None or not padded[1] or padded[0] not in ("", "http", "https"):
        return None
    return Target(*padded)


async def pod(scope: Scope, call: Call, services: Services) -> Reply:
    """To a pod. Raises BadRequest (400), NotFound (404), 500 where nothing answers."""
    target = parse_target(scope.name)
    if target is None:
        raise status.bad_request(f'invalid pod request "{scope.name}"')
    entry = services.registry.store(PODS).collection.get(Key(scope.namespace, target.name))
    if entry is None:
        raise status.not_found("", "pods", target.name)
    ports = [port for container in entry.object["spec"]["containers"] for port in container.get("ports", ())]
    port = target.port or (str(ports[0]["containerPort"]) if ports else "")
    ip = (entry.object.get("status", {}).get("podIPs") or [{}])[0].get("ip", "")
    _check_address(ip)
    if port and not port.isdigit():
        raise unknown(f"error trying to reach service: dial tcp: lookup tcp/{port}: Unknown port")
    return await _through(call, Location(target.scheme or "http", ip, port), entry.object, services)


def _check_address(ip: str) -> None:
    """Raises BadRequest (400)."""
    try:
        address = ip_address(ip)
    except ValueError:
        raise status.bad_request("address not allowed") from None
    if address.is_loopback or address.is_link_local:
        raise status.bad_request("address not allowed")


async def service(scope: Scope, call: Call, services: Services) -> Reply:
    """To a pod behind a service. Raises BadRequest (400), NotFound (404), ServiceUnavailable (503), 500."""
    target = parse_target(scope.name)
    if target is None:
        raise status.bad_request(f'invalid service request "{scope.name}"')
    key = Key(scope.namespace, target.name)
    port_name = _port_name(key, target.port, services) if target.port.isdigit() else target.port
    entry = services.registry.store(ENDPOINTS).collection.get(key)
    if entry is None:
        kind = "endpoints" if services.registry.store(SERVICES).collection.get(key) else "services"
        raise status.not_found("", kind, target.name)
    subsets = entry.object.get("subsets") or []
    if not subsets:
        raise unavailable(f'no endpoints available for service "{target.name}"')
    for found in _candidates(subsets, port_name, scope.namespace, services):
        ip, port, behind = found
        return await _through(call, Location(target.scheme or "http", ip, str(port)), behind, services)
    raise unavailable(f'no endpoints available for service "{scope.name}"')


def _port_name(key: Key, number: str, services: Services) -> str:
    entry = services.registry.store(SERVICES).collection.get(key)
    if entry is None:
        raise status.not_found("", "services", key.name)
    for port in entry.object["spec"].get("ports", ()):
        if port["port"] == int(number):
            name: str = port.get("name", "")
            return name
    raise unavailable(f'no service port {int(number)} found for service "{key.name}"')


def _candidates(
    subsets: list[Object], port_name: str, namespace: str, services: Services
) -> list[tuple[str, int, Object]]:
    """The addresses of pods that have the port, in random order."""
    found = []
    for subset in subsets:
        ports = [port["port"] for port in subset.get("ports", ()) if port.get("name", "") == port_name]
        for address in subset.get("addresses", ()) if ports else ():
            behind = _pod_at(address, namespace, services)
            if behind is not None:
                found.append((address["ip"], ports[0], behind))
    random.shuffle(found)
    return found


def _pod_at(address: Object, namespace: str, services: Services) -> Object | None:
    reference = address.get("targetRef") or {}
    if reference.get("namespace") != namespace:
        return None
    entry = services.registry.store(PODS).collection.get(Key(namespace, reference.get("name", "")))
    if entry is None or address["ip"] not in [one.get("ip") for one in entry.object["status"].get("podIPs", ())]:
        return None
    return entry.object


def unavailable(message: str) -> status.StatusError:
    """503."""
    return status.StatusError(status.failure(503, "ServiceUnavailable", message))


async def _through(call: Call, location: Location, behind: Object, services: Services) -> Reply:
    if not call.subpath:
        query = f"?{call.query_string}" if call.query_string else ""
        return Content(301, [("Location", f"{call.path}/{query}")], foreign=True)
    process = locate.listening(services.nodes, behind, location.number) if services.nodes is not None else None
    body = await call.read_body(BODY_LIMIT)
    if body is None:
        raise status.StatusError(status.failure(413, "RequestEntityTooLarge", "Request entity too large"))
    refused = unknown(
        f"error trying to reach service: dial tcp {location.ip}:{location.number}: connect: connection refused"
    )
    if process is None:
        raise refused
    try:
        answer = await process.http(_request(call, location, body))
    except ConnectionRefusedError:
        raise refused from None
    except ConnectionError:
        raise unknown("error trying to reach service: EOF") from None
    return _answer(call, location, answer)


def _request(call: Call, location: Location, body: bytes) -> HttpRequest:
    path = normpath(call.subpath) if call.subpath != "/" else "/"
    path = path.replace("//", "/") + ("/" if call.subpath.endswith("/") and path != "/" else "")
    target = quote(path, safe="/:@!$&'()*+,;=~") + (f"?{call.query_string}" if call.query_string else "")
    forwarded = ", ".join([*call.header_values("X-Forwarded-For"), call.remote])
    headers = [
        *(pair for pair in call.headers if pair[0].lower() not in HOP_BY_HOP | {"x-forwarded-for", "content-length"}),
        *((("Content-Length", str(len(body))),) if body else ()),
        ("X-Forwarded-For", forwarded),
        ("X-Forwarded-Uri", _prefix(call).rstrip("/") + call.subpath),
        ("X-Forwarded-Host", call.host),
        ("X-Forwarded-Proto", call.scheme),
    ]
    return HttpRequest(location.number, call.method, target, headers, body, location.scheme)


def _prefix(call: Call) -> str:
    """The path up to the subresource."""
    return call.path[: len(call.path) - len(call.subpath)]


def _answer(call: Call, location: Location, answer: HttpAnswer) -> Content:
    body, headers = answer.body, [pair for pair in answer.headers if pair[0].lower() not in HOP_BY_HOP | CORS]
    if any(name.lower() == "location" for name, _ in headers):
        headers = [
            (name, _rewritten(value, call, location) if name.lower() == "location" else value)
            for name, value in headers
        ]
    elif _media_type(headers) == "text/html":
        headers = [pair for pair in headers if pair[0].lower() != "content-length"]
        body = _relinked(body, call, location)
    return Content(answer.status, headers, body, foreign=True)


def _media_type(headers: Headers) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "").partition(";")[0].strip()


def _relinked(body: bytes, call: Call, location: Location) -> bytes:
    text = body.decode("utf-8", "surrogateescape")
    text = LINK.sub(lambda m: f"{m[1]}{m[2]}{_rewritten(m[3], call, location)}{m[2]}", text)
    return text.encode("utf-8", "surrogateescape")


def _rewritten(url: str, call: Call, location: Location) -> str:
    """A URL of the same host goes through the proxy as well; it loses its host, unless that is the API server's."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if (parts.netloc and parts.netloc not in (location.host, call.host)) or not parts.path.startswith("/"):
        return url
    prefix = _prefix(call).rstrip("/")
    path = parts.path if parts.path.startswith(prefix) else prefix + parts.path
    scheme, host = (parts.scheme, parts.netloc) if parts.netloc == call.host else ("", "")
    return urlunsplit((scheme, host, path, parts.query, parts.fragment))
