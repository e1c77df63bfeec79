"""A control plane on a thread of its own, for tests that are synchronous or have an event loop of their own."""

from __future__ import annotations

import asyncio
import json
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from http.client import HTTPSConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlsplit

import yaml
from msgspec import Struct

from fakekube import cluster as core
from fakekube import pki
from fakekube.machinery.objects import Object
from fakekube.options import Options
from fakekube.pki import KeyPair, requesting
from fakekube.server.context import Decision

T = TypeVar("T")
PATIENCE = 10.0
"""Seconds that `wait_for` waits if nobody says."""


class Response(Struct, frozen=True):
    """An answer as a client got it."""

    status: int
    headers: Mapping[str, str]
    text: str

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)


class User:
    """Requests as one user: with a certificate, a token, or nothing."""

    def __init__(self, url: str, ca: bytes, pair: KeyPair | None = None, token: str = "") -> None:
        self._url = url
        self._token = token
        self._context = ssl.create_default_context(cadata=ca.decode())
        if pair is not None:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "client.pem"
                pki.write_private(path, pair.certificate + b"\n" + pair.key)
                self._context.load_cert_chain(path)

    def request(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Response:
        """Send a request; a body that is no text is sent as JSON. Answers of any status come back."""
        with self.talking() as request:
            return request(method, path, body, headers)

    @contextmanager
    def talking(self) -> Iterator[Callable[..., Response]]:
        """`request` over one connection."""
        with self.connected() as connection:
            yield partial(self._exchange, connection)

    def connected(self) -> closing[HTTPSConnection]:
        """A connection with the user's certificate, but without the token; for requests that are out of the usual."""
        return closing(HTTPSConnection(urlsplit(self._url).netloc, timeout=60, context=self._context))

    def _exchange(
        self,
        connection: HTTPSConnection,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        data = body.encode() if isinstance(body, str) else body
        if body is not None and not isinstance(body, str | bytes):
            data = json.dumps(body).encode()
        sent = {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
        if self._token:
            sent.setdefault("Authorization", f"Bearer {self._token}")
        connection.request(method, path, data, sent)
        answer = connection.getresponse()
        return Response(answer.status, dict(answer.headers), answer.read().decode())

    def get(self, path: str, **headers: str) -> Response:
        """A GET."""
        return self.request("GET", path, headers=headers)


class Clock:
    """Moves a cluster's time: what is due happens at once, and has happened when `advance` returns."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def advance(self, **duration: float) -> None:
        """Go forward by a duration, such as `minutes=5`: the arguments are timedelta's."""
        self._cluster._run(self._cluster._advance(timedelta(**duration).total_seconds()))


class Faults:
    """What requests are to meet; objects of the kind Fault. A reset takes them away."""

    PATH = "/apis/sim.fakekube.dev/v1alpha1/faults"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def add(self, **spec: Any) -> str:
        """Let requests meet a fault from now on; gives its name. Raises AssertionError with the refusal.

        The arguments are the fields of a Fault's spec, such as `verbs=["create"], resources=["pods"], code=503`.
        """
        body = {"metadata": {"generateName": "fault-"}, "spec": spec}
        answer = self._cluster.admin.request("POST", self.PATH, body)
        if answer.status != 201:
            raise AssertionError(answer.json().get("message", answer.text))
        name: str = answer.json()["metadata"]["name"]
        return name

    def clear(self) -> None:
        """Let them meet none any more."""
        self._cluster.admin.request("DELETE", self.PATH)


class Cluster:
    """A running control plane. `with Cluster() as cluster:` or `start` and `stop`."""

    def __init__(self, **options: Any) -> None:
        """`options` are fields of `fakekube.options.Options`; the port is a free one unless it is given."""
        self._options = Options(**{"secure_port": 0, **options})
        self._folder = tempfile.TemporaryDirectory(prefix="fakekube-")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fakekube", daemon=True)
        self._core: core.Cluster

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it; returns when it answers and its controllers rest."""
        self._thread.start()
        self._run(self._start())
        self.kubeconfig.write_text(yaml.safe_dump(self._core.kubeconfig(), sort_keys=False))
        self.kubeconfig.chmod(0o600)
        self.admin = User(self.url, self.ca, self._core.identities.admin)
        """The cluster's administrator."""
        self.anonymous = User(self.url, self.ca)
        """Someone without credentials."""

    def stop(self) -> None:
        """End it and remove its files."""
        self._run(self._core.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._folder.cleanup()

    def reset(self, **options: Any) -> None:
        """Begin anew with a clean cluster, under the same address and certificates.

        `options` are those that a new world takes on: admission plugins, authorization modes, nodes.
        """
        self._run(self._core.reset(**options))

    @property
    def url(self) -> str:
        """https://127.0.0.1:PORT."""
        return self._core.url

    @property
    def ca(self) -> bytes:
        """PEM of the authority that signed the serving certificate."""
        return self._core.identities.ca.certificate_pem

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig file."""
        return Path(self._folder.name) / "kubeconfig"

    @property
    def clock(self) -> Clock:
        """The cluster's time, which a test can move."""
        return Clock(self)

    async def _advance(self, seconds: float) -> None:
        self._core.world.clock.advance(seconds)
        await self._core.settle()

    @property
    def faults(self) -> Faults:
        """What requests are to meet: errors, delays, broken connections."""
        return Faults(self)

    @property
    def requests(self) -> list[Decision]:
        """The decision records of the requests since the last reset."""
        return list(self._core.world.plane.decisions.values())

    def apply(self, manifest: str | Object | Iterable[Object]) -> list[Object]:
        """Server-side apply YAML documents or objects, by force. Raises AssertionError with the refusal."""
        objects = _documents(manifest)
        return [self._apply(obj) for obj in objects]

    def wait_for(self, condition: Callable[[], T], timeout: float = PATIENCE) -> T:
        """Call it until it gives something true, and give that. Raises TimeoutError."""
        deadline = time.monotonic() + timeout
        while True:
            if found := condition():
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {timeout} s: {condition}")
            time.sleep(0.005)

    def settle(self) -> None:
        """Wait until the controllers rest."""
        self._run(self._core.settle())

    def user(self, name: str, groups: Iterable[str] = ()) -> User:
        """Someone with a client certificate of that name and those groups, which the certificates API has signed.

        Raises AssertionError with the refusal, such as that of the group system:masters.
        """
        with self.admin.talking() as request:
            pair = requesting.obtain(lambda *asked: _accepted(request, *asked), name, tuple(groups))
        return User(self.url, self.ca, pair)

    def service_account_token(self, namespace: str, name: str) -> str:
        """The token of a service account's first secret."""
        return self._run(self._token(namespace, name))

    def service_account(self, namespace: str, name: str) -> User:
        """Requests with that token."""
        return User(self.url, self.ca, token=self.service_account_token(namespace, name))

    def client_config(self) -> Any:
        """A Configuration of the official Python client, for the administrator."""
        from kubernetes import client, config

        made = client.Configuration()
        config.load_kube_config(str(self.kubeconfig), client_configuration=made)  # type: ignore[no-untyped-call]
        return made

    def check(self) -> None:
        """Raise AssertionError if any request was answered 500 by a fault of the server's own."""
        broken = [decision for decision in self.requests if decision.fault]
        if broken:
            shown = "\n".join(f"{decision.method} {decision.uri}: {decision.fault}" for decision in broken)
            raise AssertionError(f"requests met a fault of fakekube:\n{shown}")

    async def _start(self) -> None:
        self._core = core.Cluster(self._options)
        await self._core.start()
        await self._core.settle()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _apply(self, obj: Object) -> Object:
        found = self._core.world.registry.catalog.lookup(obj["apiVersion"], obj["kind"])
        if found is None:
            raise AssertionError(f"no resource is served as {obj['apiVersion']} {obj['kind']}")
        root = f"/apis/{obj['apiVersion']}" if "/" in obj["apiVersion"] else f"/api/{obj['apiVersion']}"
        namespace = obj["metadata"].get("namespace", "default")
        place = f"/namespaces/{namespace}" if found.namespaced else ""
        path = f"{root}{place}/{found.plural}/{quote(obj['metadata']['name'])}?fieldManager=fakekube-testing&force=true"
        return _accepted(self.admin.request, "PATCH", path, obj, {"Content-Type": "application/apply-patch+yaml"})

    async def _token(self, namespace: str, name: str) -> str:
        return await self._core.world.token_of(namespace, name)


def _accepted(request: Callable[..., Response], method: str, path: str, *more: Any) -> Object:
    """The object that answers. Raises AssertionError with the refusal."""
    answer = request(method, path, *more)
    if answer.status >= 300:
        raise AssertionError(f"{method} {path}: {answer.json().get('message', answer.text)}")
    found: Object = answer.json()
    return found


def _documents(manifest: str | Object | Iterable[Object]) -> list[Object]:
    if isinstance(manifest, str):
        return [document for document in yaml.safe_load_all(manifest) if document]
    return [manifest] if isinstance(manifest, dict) else list(manifest)
