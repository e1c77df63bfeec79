"""Asking another server over HTTPS. What goes wrong is told in the words of Go's HTTP client, which people look up."""

from __future__ import annotations

import errno
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import orjson
from msgspec import Struct

from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Object

if TYPE_CHECKING:
    import aiohttp

JSON_HEADERS = {"Content-Type": "application/json", "Accept": "application/json, */*", "Accept-Encoding": "gzip"}
USER_AGENT = "Go-http-client/1.1"
MOST_BYTES = 10 << 20
"""Of an answer."""


class CallFailed(Exception):
    """The other server could not be asked, or its answer makes no sense."""


class Target(Struct, frozen=True):
    """Where the other server listens."""

    shown: str
    """The URL that messages tell."""
    url: str
    """The URL that is connected to."""
    host: str
    """What the Host header says."""
    server_name: str
    """The name that the certificate has to be for."""
    endpoint: tuple[str, int] | None = None
    """Address and port behind a service."""


def target_of(url: str) -> Target:
    """A server whose URL is told in full."""
    parts = urlsplit(url)
    return Target(url, url, parts.netloc, parts.hostname or "")


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
    headers: Mapping[str, str]

    @property
    def type(self) -> str:
        """Content-Type."""
        return self.headers.get("Content-Type", "")


async def post(
    target: Target, document: Object, seconds: float, context: ssl.SSLContext, headers: Mapping[str, str],
    connector: aiohttp.BaseConnector | None = None,
) -> Answer:  # fmt: skip
    """Post JSON, over the network or what `connector` reaches. Raises CallFailed if there is no answer."""
    body = orjson.dumps(document)
    return await _request("Post", target, body, seconds, context, {**JSON_HEADERS, **headers}, connector)


async def get(url: str, seconds: float, context: ssl.SSLContext, headers: Mapping[str, str]) -> Answer:
    """Read a document. Raises CallFailed if there is no answer."""
    return await _request("Get", target_of(url), None, seconds, context, headers)


async def _request(
    method: str,
    target: Target,
    body: bytes | None,
    seconds: float,
    context: ssl.SSLContext,
    headers: Mapping[str, str],
    connector: aiohttp.BaseConnector | None = None,
) -> Answer:
    import aiohttp  # slow to load, and most clusters ask nobody

    timeout = aiohttp.ClientTimeout(total=seconds)
    connector = connector or aiohttp.TCPConnector(ssl=context, force_close=True)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            session.request(
                method.upper(), target.url, data=body, headers={"Host": target.host, **headers},
                server_hostname=target.server_name,
            ) as response,
        ):  # fmt: skip
            return Answer(response.status, await _read(response), response.headers)
    except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
        raise CallFailed(f"{method} {quote(target.shown)}: {_go_text(error)}") from None


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body, as far as anybody wants to read."""
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            break
    return b"".join(parts)


REASONS = {status.value: status.phrase for status in HTTPStatus}
"""Code -> what follows it in the first line of an answer."""


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
