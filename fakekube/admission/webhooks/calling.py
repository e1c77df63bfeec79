"""Asking a webhook over HTTPS. What goes wrong is told in the words of Go's HTTP client, which people search for."""

from __future__ import annotations

import random
import re
import ssl
from base64 import b64decode
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fakekube.admission.webhooks.hooks import Hook
from fakekube.apis.core.endpoints import RESOURCE as ENDPOINTS
from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Key, Object
from fakekube.registry.client import Reader
from fakekube.runtime import https
from fakekube.runtime.https import CallFailed, Target
from fakekube.runtime.kubeconfigs import Credentials, Users

if TYPE_CHECKING:
    pass

HEADERS = {"User-Agent": "kube-apiserver-admission"}


def target_of(hook: Hook, reader: Reader) -> Target:
    """Find the hook's server. Raises CallFailed for a service that leads nowhere."""
    config = hook.spec.get("clientConfig") or {}
    if (service := config.get("service")) is not None:
        return _service_target(service, hook.timeout, reader)
    parts = urlsplit(config.get("url") or "")
    path = _tail(parts.path, hook.timeout)
    whole = f"{parts.scheme}://{parts.netloc}{path}"
    return Target(whole, whole, parts.netloc, parts.hostname or "")


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
    """Posts reviews with the credentials of a kubeconfig. It keeps nothing but TLS contexts."""

    def __init__(self, users: Users) -> None:
        self._users = users
        self._contexts: dict[tuple[str, Credentials], ssl.SSLContext] = {}

    async def post(self, hook: Hook, target: Target, review: Object) -> bytes:
        """The body of the answer. Raises CallFailed."""
        host, _, port = target.host.rpartition(":") if re.search(r":\d+$", target.host) else (target.host, "", "443")
        user = self._users.of(host, int(port))
        bundle = (hook.spec.get("clientConfig") or {}).get("caBundle") or ""
        return https.checked(
            await https.post(target, review, hook.timeout, self._context(bundle, user), {**HEADERS, **user.headers})
        )

    def _context(self, bundle: str, user: Credentials) -> ssl.SSLContext:
        context = self._contexts.get((bundle, user))
        if context is None:
            context = self._contexts[bundle, user] = https.trusting(b64decode(bundle))
            user.identify(context)
        return context
