"""Asking a webhook over HTTPS. What goes wrong is told in the words of Go's HTTP client, which people search for."""

from __future__ import annotations

import random
import ssl
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import orjson

from fakekube.admission.webhooks.hooks import Hook
from fakekube.admission.webhooks.review import CallFailed
from fakekube.apis.core.endpoints import RESOURCE as ENDPOINTS
from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Key, Object
from fakekube.registry.client import Reader

if TYPE_CHECKING:
    import aiohttp

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
    return Target(shown, f"https://{address}{path}", f"{name}:{port}", name)


def endpoint_of(key: Key, port: int, reader: Reader) -> str:
    """HOST:PORT of somebody who answers for a service: what kube-proxy makes of its IP. Raises LookupError."""
    found = reader.get(SERVICES, key)
    if found is None:
        raise LookupError(f"service {quote(key.name)} not found")
    spec = found["spec"]
    if spec.get("type") == "ExternalName":
        return f"{spec.get('externalName', '')}:{port}"
    if spec.get("clusterIP") == "None":
        raise LookupError('cannot route to service with ClusterIP "None"')
    own = next((one for one in spec.get("ports") or () if one["port"] == port), None)
    if own is None:
        raise LookupError(f"no service port {port} found for service {quote(key.name)}")
    addresses = _addresses(reader.get(ENDPOINTS, key) or {}, own.get("name", ""))
    if not addresses:
        raise LookupError(f"dial tcp {spec.get('clusterIP', '')}:{port}: connect: connection refused")
    return random.choice(addresses)


def _addresses(endpoints: Object, port_name: str) -> list[str]:
    return [
        f"{address['ip']}:{port['port']}"
        for subset in endpoints.get("subsets") or ()
        for port in subset.get("ports") or ()
        for address in subset.get("addresses") or ()
        if port.get("name", "") == port_name
    ]


class Caller:
    """Posts reviews. It keeps nothing but TLS contexts by CA bundle."""

    def __init__(self) -> None:
        self._contexts: dict[str, ssl.SSLContext] = {}

    async def post(self, hook: Hook, target: Target, review: Object) -> bytes:
        """The body of the answer. Raises CallFailed."""
        return checked(await post(target, review, hook.timeout, self._context(hook)))

    def _context(self, hook: Hook) -> ssl.SSLContext:
        bundle = (hook.spec.get("clientConfig") or {}).get("caBundle") or ""
        context = self._contexts.get(bundle)
        if context is None:
            try:
                pem = b64decode(bundle).decode("ascii", "replace") or None
                context = ssl.create_default_context(cadata=pem)
            except (ssl.SSLError, ValueError):
                raise CallFailed("unable to load root certificates: unable to parse bytes as PEM block") from None
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # Go takes what openssl has become too strict for
            self._contexts[bundle] = context
        return context


class Answer(NamedTuple):
    """What came back over HTTP."""

    code: int
    body: bytes
    type: str
    """Content-Type."""


async def post(
    target: Target, document: Object, seconds: float, context: ssl.SSLContext, headers: Mapping[str, str] | None = None
) -> Answer:
    """Post JSON. Raises CallFailed if there is no answer."""
    import aiohttp  # slow to load, and most clusters have no webhooks

    timeout = aiohttp.ClientTimeout(total=seconds)
    connector = aiohttp.TCPConnector(ssl=context, force_close=True)
    own = {"Content-Type": "application/json", "Accept": "application/json, */*", "Host": target.host}
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            session.post(
                target.url, data=orjson.dumps(document), headers={**own, **(headers or {})},
                server_hostname=target.server_name, allow_redirects=False,
            ) as response,
        ):  # fmt: skip
            body = await response.content.read(MOST_BYTES)
            return Answer(response.status, body, response.headers.get("Content-Type", ""))
    except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
        raise CallFailed(f"Post {quote(target.shown)}: {_go_text(error)}") from None


def checked(answer: Answer) -> bytes:
    """The body of a success. Raises CallFailed with what client-go says about anything else."""
    if 200 <= answer.code <= 206:
        if not answer.body:
            about = f"status code: {answer.code} and content type: {answer.type}"
            raise CallFailed(f"0-length response with {about}")
        return answer.body
    text = answer.body.decode("utf-8", "replace").strip()
    raise CallFailed(STATUS_TEXTS.get(answer.code) or _unexpected(answer.code, text))


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
        return f"dial tcp: lookup {error.host}: no such host"
    if isinstance(error, aiohttp.ClientConnectorError):
        address = f"[{error.host}]" if ":" in error.host else error.host
        return f"dial tcp {address}:{error.port}: {_dial_text(error.os_error)}"
    return "EOF" if isinstance(error, aiohttp.ServerDisconnectedError) else str(error)


def _dial_text(error: OSError) -> str:
    import errno

    if error.errno == errno.ECONNREFUSED or isinstance(error, ConnectionRefusedError):
        return "connect: connection refused"
    if error.errno == errno.EHOSTUNREACH:
        return "connect: no route to host"
    if error.errno == errno.ENETUNREACH:
        return "connect: network is unreachable"
    return f"connect: {(error.strerror or str(error)).lower()}"


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
