"""Asking a webhook over HTTPS. What goes wrong is told in the words of Go's HTTP client, which people search for."""

from __future__ import annotations

import errno
import random
import re
import ssl
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import orjson

from fakekube.admission.kubeconfigs import Credentials, Users
from fakekube.admission.plugin import Pods
from fakekube.admission.webhooks.hooks import Hook
from fakekube.admission.webhooks.review import CallFailed
from fakekube.apis.core.endpoints import RESOURCE as ENDPOINTS
from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Key, Object
from fakekube.registry.client import Reader

if TYPE_CHECKING:
    import aiohttp

HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json, */*",
    "Accept-Encoding": "gzip",
    "User-Agent": "kube-apiserver-admission",
}
MOST_BYTES = 10 << 20
"""Of an answer."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a hook listens."""

    shown: str
    """The URL that messages tell."""
    url: str
    """The URL that is connected to."""
    host: str
    """What the Host header says."""
    server_name: str
    """The name that the certificate has to be for."""
    endpoint: tuple[str, int] | None = None
    """Address and port behind a service, which may be a simulated pod's."""


def target_of(hook: Hook, reader: Reader) -> Target:
    """Find the hook's server. Raises CallFailed for a service that leads nowhere."""
    config = hook.spec.get("clientConfig") or {}
    if (service := config.get("service")) is not None:
        return _service_target(service, hook.timeout, reader)
    parts = urlsplit(config.get("url") or "")
    path = _tail(parts.path, hook.timeout)
    whole = f"{parts.scheme}://{parts.netloc}{path}"
    return Target(whole, whole, parts.netloc, parts.hostname or "")


def plain_target(url: str) -> Target:
    """Somebody whose URL is told in full."""
    parts = urlsplit(url)
    return Target(url, url, parts.netloc, parts.hostname or "")


def _tail(path: str, seconds: int) -> str:
    """Path and query; the hook is told how long it has."""
    return f"/{path.strip('/')}?timeout={seconds}s"


def _service_target(service: Object, seconds: int, reader: Reader) -> Target:
    port = service.get("port") or 443
    name = f"{service['name']}.{service['namespace']}.svc"
    path = _tail(service.get("path") or "", seconds)
    shown = f"https://{name}:{port}{path}"
    try:
        address = endpoint_of(Key(service["namespace"], service["name"]), port, reader)
    except LookupError as error:
        raise CallFailed(f"Post {quote(shown)}: {error.args[0]}") from None
    host, behind = address
    whole = f"https://{f'[{host}]' if ':' in host else host}:{behind}{path}"
    return Target(shown, whole, f"{name}:{port}", name, address)


def endpoint_of(key: Key, port: int, reader: Reader) -> tuple[str, int]:
    """Host and port of somebody who answers for a service: what kube-proxy makes of its IP. Raises LookupError."""
    found = reader.get(SERVICES, key)
    if found is None:
        raise LookupError(f"service {quote(key.name)} not found")
    spec = found["spec"]
    if spec.get("type") == "ExternalName":
        return spec.get("externalName", ""), port
    if spec.get("clusterIP") == "None":
        raise LookupError('cannot route to service with ClusterIP "None"')
    own = next((one for one in spec.get("ports") or () if one["port"] == port), None)
    if own is None:
        raise LookupError(f"no service port {port} found for service {quote(key.name)}")
    addresses = _addresses(reader.get(ENDPOINTS, key) or {}, own.get("name", ""))
    if not addresses:
        raise LookupError(f"dial tcp {spec.get('clusterIP', '')}:{port}: connect: connection refused")
    return random.choice(addresses)


def _addresses(endpoints: Object, port_name: str) -> list[tuple[str, int]]:
    return [
        (address["ip"], port["port"])
        for subset in endpoints.get("subsets") or ()
        for port in subset.get("ports") or ()
        for address in subset.get("addresses") or ()
        if port.get("name", "") == port_name
    ]


class Caller:
    """Posts reviews with the credentials of a kubeconfig. It keeps nothing but TLS contexts."""

    def __init__(self, users: Users, pods: Pods | None) -> None:
        self._users = users
        self._pods = pods
        self._contexts: dict[tuple[str, Credentials], ssl.SSLContext] = {}

    async def post(self, hook: Hook, target: Target, review: Object) -> bytes:
        """The body of the answer. Raises CallFailed."""
        host, _, port = target.host.rpartition(":") if re.search(r":\d+$", target.host) else (target.host, "", "443")
        user = self._users.of(host, int(port))
        bundle = (hook.spec.get("clientConfig") or {}).get("caBundle") or ""
        context = self._context(bundle, user)
        return checked(await post(target, review, hook.timeout, context, user.headers, self._pods))

    def _context(self, bundle: str, user: Credentials) -> ssl.SSLContext:
        context = self._contexts.get((bundle, user))
        if context is None:
            context = self._contexts[bundle, user] = trusting(b64decode(bundle))
            user.identify(context)
        return context


def trusting(bundle: bytes) -> ssl.SSLContext:
    """A context that trusts the authorities of a PEM bundle, the system's if it is empty, none if it makes no sense."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not bundle:
        context.load_default_certs()
        return context
    with suppress(ssl.SSLError, ValueError):
        context.load_verify_locations(cadata=bundle.decode("ascii", "replace"))
    return context


class Answer(NamedTuple):
    """What came back over HTTP."""

    code: int
    body: bytes
    type: str
    """Content-Type."""


async def post(
    target: Target, document: Object, seconds: float, context: ssl.SSLContext,
    headers: Mapping[str, str] | None = None, pods: Pods | None = None,
) -> Answer:  # fmt: skip
    """Post JSON. Raises CallFailed if there is no answer."""
    import aiohttp  # slow to load, and most clusters have no webhooks

    timeout = aiohttp.ClientTimeout(total=seconds)
    connector = _connector(target, context, pods)
    own = {**HEADERS, "Host": target.host}
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            session.post(
                target.url, data=orjson.dumps(document), headers={**own, **(headers or {})},
                server_hostname=target.server_name,
            ) as response,
        ):  # fmt: skip
            body = await response.content.read(MOST_BYTES)
            return Answer(response.status, body, response.headers.get("Content-Type", ""))
    except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
        raise CallFailed(f"Post {quote(target.shown)}: {_go_text(error)}") from None


def _connector(target: Target, context: ssl.SSLContext, pods: Pods | None) -> aiohttp.BaseConnector:
    """To a simulated pod if one has the address, else into the network."""
    import aiohttp

    if pods is not None and target.endpoint is not None and pods.has(target.endpoint[0]):
        from fakekube.admission.webhooks.podconnector import PodConnector

        return PodConnector(partial(pods.connect_outside, *target.endpoint), context, target.server_name)
    return aiohttp.TCPConnector(ssl=context, force_close=True)


def checked(answer: Answer) -> bytes:
    """The body of a success. Raises CallFailed with what client-go says about anything else."""
    if 200 <= answer.code <= 206:
        if not answer.body:
            about = f"status code: {answer.code} and content type: {answer.type}"
            raise CallFailed(f"0-length response with {about}")
        return answer.body
    text = answer.body.decode("utf-8", "replace").strip()
    raise CallFailed(_own_words(answer.body) or STATUS_TEXTS.get(answer.code) or _unexpected(answer.code, text))


def _own_words(body: bytes) -> str:
    """The message of a body that is the Status of a failure."""
    try:
        status = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(status, dict) or (status.get("kind") or "Status", status.get("apiVersion") or "v1") != STATUS:
        return ""
    return str(status.get("message") or "") if status.get("status") == "Failure" else ""


STATUS = ("Status", "v1")


STATUS_TEXTS = {
    400: "the server rejected our request for an unknown reason",
    401: "the server has asked for the client to provide credentials",
    404: "the server could not find the requested resource",
    405: "the server does not allow this method on the requested resource",
    406: "the server was unable to respond with a content type that the client supports",
    409: "the server reported a conflict",
    415: "the server was unable to process the request content type",
    422: "the server rejected our request due to an error in our request",
    429: "the server has received too many requests and has asked us to try again later",
    503: "the server is currently unable to handle the request",
    504: "the server was unable to return a response in the time allotted, but may still be processing the request",
}


def _unexpected(code: int, text: str) -> str:
    """Codes that client-go quotes the answer for."""
    if code == 403:
        return text or "unknown"
    if code >= 500:
        return f"an error on the server ({quote(text or 'unknown')}) has prevented the request from succeeding"
    return f"the server responded with the status code {code} but did not return more information"


def _go_text(error: BaseException) -> str:
    """What Go says to such a failure."""
    import aiohttp

    if isinstance(error, TimeoutError):
        return "context deadline exceeded"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _certificate_text(error)
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return _tls_text(str(error.os_error))
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"dial tcp: lookup {error.host}{_asked()}: no such host"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"dial tcp {_address(error)}: connect: {_dial_text(error.os_error)}"
    return "EOF" if isinstance(error, aiohttp.ServerDisconnectedError) else str(error)


def _asked() -> str:
    """ " on SERVER:53": Go tells which name server it has asked."""
    try:
        lines = Path("/etc/resolv.conf").read_text().splitlines()
    except OSError:
        return ""
    servers = [line.split()[1] for line in lines if line.startswith("nameserver ")]
    return f" on {servers[0]}:53" if servers else ""


def _address(error: aiohttp.ClientConnectorError) -> str:
    """Where the connection was tried: of a name that has several addresses the first that is IPv4."""
    tried = re.findall(r"\('([0-9a-f:.]+)', \d+", str(error.os_error)) or [error.host]
    host = next((one for one in tried if ":" not in one), tried[0])
    return f"[{host}]:{error.port}" if ":" in host else f"{host}:{error.port}"


def _dial_text(error: OSError) -> str:
    text = str(error)
    for code, words in DIAL_TEXTS.items():
        if error.errno == code or f"[Errno {code}]" in text:
            return words
    return (error.strerror or text).lower()


DIAL_TEXTS = {
    errno.ECONNREFUSED: "connection refused",
    errno.EHOSTUNREACH: "no route to host",
    errno.ENETUNREACH: "network is unreachable",
}


UNKNOWN_AUTHORITY = "x509: certificate signed by unknown authority"
VERIFY_TEXTS = {
    10: "x509: certificate has expired or is not yet valid",
    9: "x509: certificate has expired or is not yet valid",
    62: "x509: certificate is not valid for any names",
    64: "x509: cannot validate certificate because it doesn't contain any IP SANs",
}
"""By OpenSSL's code of the failed verification."""


def _certificate_text(error: aiohttp.ClientConnectorCertificateError) -> str:
    cause = error.certificate_error
    code = getattr(cause, "verify_code", 0)
    if code == 62:
        return f"x509: certificate is not valid for any names, but wanted to match {error.host}"
    if code == 64:
        return f"x509: cannot validate certificate for {error.host} because it doesn't contain any IP SANs"
    return VERIFY_TEXTS.get(code, UNKNOWN_AUTHORITY)


def _tls_text(text: str) -> str:
    if "WRONG_VERSION_NUMBER" in text or "HTTP_REQUEST" in text or "RECORD_LAYER_FAILURE" in text:
        return "http: server gave HTTP response to HTTPS client"
    return f"remote error: {text}"
