"""Builds a whole control plane out of Options: the one place where everything meets.

A lasting shell (certificates, schema, socket) holds a reference to a disposable world (store, caches, queues, clock).
`reset` swaps that reference for a world that begins where the first one stood when it was ready.
"""

from __future__ import annotations

import asyncio
import importlib
import os
from base64 import b64decode
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aiohttp.web_request import BaseRequest
from aiohttp.web_response import StreamResponse

from fakekube import bootstrap, pki, release
from fakekube.admission import configuration as admission_configuration
from fakekube.admission.chain import Chain
from fakekube.admission.control import DISABLED, ENABLED, Control
from fakekube.admission.plugin import Permission
from fakekube.admission.plugin import Wiring as AdmissionWiring
from fakekube.apis import catalog, schema
from fakekube.apis.apiextensions.customresourcedefinitions import RESOURCE as DEFINITIONS
from fakekube.apis.core import secrets, serviceaccounts
from fakekube.apis.resource import Resource
from fakekube.authn import chain as authn
from fakekube.authn.tokens import TokenIssuer
from fakekube.authz import chain as authz
from fakekube.authz.attributes import Attributes
from fakekube.controllers import csrsigning
from fakekube.endpoints import table as endpoint_table
from fakekube.endpoints.endpoint import Endpoint, Services
from fakekube.machinery.objects import Key, Object, UserInfo
from fakekube.machinery.users import API_SERVER, service_account_name
from fakekube.options import Options
from fakekube.pki import clustersigning
from fakekube.pki.signingkey import JWKS_PATH
from fakekube.registry.changes import Handler
from fakekube.registry.codec import Codec
from fakekube.registry.registry import Registry
from fakekube.runtime.clock import Clock
from fakekube.sandbox.images import Files, Images
from fakekube.sandbox.runtime import SandboxRuntime
from fakekube.server import auditing
from fakekube.server.audit.logfile import Rotation
from fakekube.server.handler import handle
from fakekube.server.plane import ControlPlane
from fakekube.server.protocol import Server
from fakekube.server.tls import Context
from fakekube.storage.cache import Cache, Snapshot
from fakekube.storage.memory import Memory

if TYPE_CHECKING:
    from fakekube.actors import Actors

SIGNER = service_account_name(Key("kube-system", csrsigning.NAME))


class World:
    """Everything that a reset throws away."""

    def __init__(self, shell: Cluster, engine: Memory, options: Options) -> None:
        self.clock = Clock()
        self.engine = engine
        self.cache = Cache(engine)
        self.admission = Chain()
        kinds = catalog.builtin(options.kubernetes_version, advertise_simulation=options.advertise_simulation_api)
        codec = Codec(shell.codec.schema)  # a world's own: it learns the types of custom resources
        self.registry = Registry(kinds, self.cache, codec, self.admission, self.clock)
        self.client = self.registry.client(API_SERVER, "kube-apiserver")
        self.runtime = SandboxRuntime(self.clock, self.client, shell.reachable)
        authorizer = authz.build(options, self.client, self.registry)
        self.admission_control = self._admission_control(options, authorizer, codec)
        self._admission_spec = admission_spec(options)
        self.admission_control.use(self._admission_spec)
        authenticator = authn.build(options, shell.identities, shell.signing_key, self.client)
        tokens = TokenIssuer(shell.signing_key, options.service_account_issuer)
        version = release.version(options.kubernetes_version)
        self.services = Services(
            self.registry,
            authenticator,
            authorizer,
            tokens,
            options.service_cluster_ip_range,
            admission=self.admission_control,
        )
        endpoints = dict(endpoint_table.ENDPOINTS)
        self.plane = ControlPlane(
            self.registry,
            self.services,
            endpoints,
            version,
            shell.address,
            shell.openid,
            auditor=shell.auditor,
            most_under_way={
                "reading": options.max_requests_inflight,
                "writing": options.max_mutating_requests_inflight,
            },
            request_timeout=options.request_timeout.total_seconds(),
            min_request_timeout=options.min_request_timeout,
        )
        self.registry.subscribe(DEFINITIONS, follower(self.registry, endpoints))
        self._signing = clustersigning.build(options, shell.identities.ca)
        self._options = options
        self._shell = shell
        self._actors: Actors | None = None

    def _admission_control(self, options: Options, authorizer: authz.Chain, codec: Codec) -> Control:
        async def permits(
            user: UserInfo, verb: str, *, group: str = "", resource: str = "", subresource: str = "",
            namespace: str = "", name: str = "",
        ) -> Permission:  # fmt: skip
            asked = Attributes(user, verb, namespace, group, "*", resource, subresource, name)
            if verb == "sign" and user.name == SIGNER and authorizer.permits(asked):
                return Permission(True, "")  # in modes that do not know our signer, too: its writes ask nobody else
            verdict = await authorizer.decide(asked)
            return Permission(verdict.allowed, verdict.reason)

        wiring = AdmissionWiring(permits, self.registry.catalog, codec, self.runtime)
        configurations = admission_configuration.read(options.admission_control_config_file)
        return Control(self.admission, self.client, wiring, configurations)

    async def begin(self, objects: list[tuple[Resource, Object]]) -> None:
        """Fill an empty store with what every cluster has."""
        await self.cache.start()
        for resource, obj in objects:
            await bootstrap.ensure(self.client, resource, obj)
        await self.admission_control.begin(self.registry, API_SERVER, self._admission_spec)

    async def resume(self, snapshot: Snapshot) -> None:
        """Begin where the snapshot was taken."""
        await self.cache.adopt(snapshot)
        await self.admission_control.begin(self.registry, API_SERVER, self._admission_spec)
        await self.set_going()

    async def set_going(self) -> None:
        """Let those act who act by themselves."""
        from fakekube.actors import Actors  # the API is ready without them: a sixth of what there is to import

        shell = self._shell
        self._actors = Actors(
            self._options,
            self.services,
            shell.tokens,
            self.client,
            self.runtime,
            Images(shell.image_files, self.client),
            shell.authority_pem,
            self._signing,
        )
        self.services.nodes = self._actors.nodes
        await self._actors.start()

    async def idle(self) -> None:
        """Wait until neither controllers nor nodes have anything to do now."""
        if self._actors is not None:
            await self._actors.idle()

    async def token_of(self, namespace: str, name: str) -> str:
        """The token of a service account's first secret, once its controllers have made both."""
        while True:
            await self.idle()
            account = self.client.get(serviceaccounts.RESOURCE, Key(namespace, name)) or {}
            for reference in account.get("secrets", ()):
                secret = self.client.get(secrets.RESOURCE, Key(namespace, reference["name"])) or {}
                if token := secret.get("data", {}).get("token"):
                    return b64decode(token).decode()
            await asyncio.sleep(0.01)

    async def close(self) -> None:
        """Stop everything that runs."""
        if self._actors is not None:
            await self._actors.stop()
        await self.runtime.close()
        self.clock.close()
        await self.cache.close()


def follower(registry: Registry, endpoints: dict[tuple[str, str, str], Endpoint]) -> Handler:
    """Serves what definitions say; what it takes to do so is imported when the first one comes."""
    follow: Handler | None = None

    def handle(old: Object | None, new: Object | None) -> None:
        nonlocal follow
        if follow is None:
            from fakekube.endpoints.customresources import CustomResources

            follow = CustomResources(registry, endpoints).follow
        follow(old, new)

    return handle


def admission_spec(options: Options) -> Object:
    """The AdmissionConfiguration that the options stand for."""
    return {ENABLED: list(options.enable_admission_plugins), DISABLED: list(options.disable_admission_plugins)}


class Cluster:
    """A control plane in this process, on the running event loop."""

    def __init__(self, options: Options) -> None:
        """Make what lasts. Raises OSError for files and ValueError for options that cannot be used."""
        self.options = options
        self.codec = Codec(schema.load(options.kubernetes_version))
        self.signing_key = pki.load_or_make_signing_key(options.cert_dir)
        self.tokens = TokenIssuer(self.signing_key, options.service_account_issuer)
        names = pki.serving_names(options.bind_address, bootstrap.service_address(options.service_cluster_ip_range))
        self.identities = pki.make_identities(names, options.cert_dir)
        self.address = f"{options.bind_address}:{options.secure_port}"
        self.auditor = auditing.build(
            options.audit_log_path,
            options.audit_policy_file,
            options.audit_log_format,
            Rotation(options.audit_log_maxsize, options.audit_log_maxbackup, options.audit_log_maxage),
        )
        self.image_files = Files(self.codec.schema, *filter(None, [options.images]))
        if options.images:
            self.image_files.images  # noqa: B018  what is wrong with the file is to be known now
        if options.controllers != Options().controllers:
            importlib.import_module("fakekube.controllers.table").enabled(options.controllers)  # likewise
        self.world: World
        self._genesis: tuple[Memory, Snapshot] | None = None
        self._server: Server | None = None
        self._socket: asyncio.Server | None = None
        self._setting_going: asyncio.Task[None] | None = None

    def reachable(self) -> tuple[str, int]:
        """Host and port for what runs in pods."""
        host, _, port = self.address.rpartition(":")
        host = host.strip("[]")
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), int(port)  # noqa: S104

    @property
    def url(self) -> str:
        """Where clients reach it."""
        return f"https://{self.address}"

    async def start(self) -> None:
        """Listen, fill the store, and be ready when this returns; then controllers and nodes begin.

        Raises OSError if the port cannot be had.
        """
        self._server = Server(self._answer)
        context = Context.for_server(self.identities.serving.certificate, self.identities.serving.key)
        loop = asyncio.get_running_loop()
        options = self.options
        try:
            self._socket = await loop.create_server(
                self._server, options.bind_address, options.secure_port, ssl=context, start_serving=False
            )
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
            where = f"{options.bind_address}:{options.secure_port}"
            raise OSError(error.errno, f"cannot listen on {where}: {reason}") from None
        host, port = self._socket.sockets[0].getsockname()[:2]
        self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        engine = Memory()
        self.world = World(self, engine, options)
        await self.world.begin(self._first_objects(port))
        await self._socket.start_serving()
        self._setting_going = asyncio.create_task(self._set_going())

    async def _set_going(self) -> None:
        """Requests are answered meanwhile: what is imported in a thread keeps them waiting for a few milliseconds."""
        await asyncio.to_thread(importlib.import_module, "fakekube.actors")
        await self.world.set_going()

    async def stop(self) -> None:
        """Stop listening and end everything that runs."""
        if self._setting_going is not None:
            await self._setting_going
        if self._socket is not None:
            self._socket.close()
        if self._server is not None:
            await self._server.shutdown(0.2)
        await self.world.close()

    async def reset(self, **changes: Any) -> None:
        """A clean cluster: the state in which the controllers first came to rest.

        `changes` are fields of Options for the new world; those of the shell (address, certificates) do not change.
        """
        if self._genesis is None:
            raise RuntimeError("the cluster has not been settled yet")
        engine, snapshot = self._genesis
        old, self.world = self.world, World(self, engine.fork(), replace(self.options, **changes))
        await self.world.resume(snapshot)
        await old.close()

    async def settle(self) -> None:
        """Wait until the controllers rest; the first time, remember that state for `reset`."""
        if self._setting_going is not None:
            await self._setting_going
        await self.world.idle()
        if self._genesis is None:
            engine = self.world.engine
            self._genesis = engine.fork(), self.world.cache.snapshot()

    def kubeconfig(self) -> Object:
        """The admin's kubeconfig document."""
        return pki.kubeconfig(self.url, self.authority_pem.encode(), self.identities.admin)

    @property
    def authority_pem(self) -> str:
        """The certificate that clients verify the server with."""
        return self.identities.ca.certificate_pem.decode()

    def openid(self) -> dict[str, Object]:
        """The documents of the service-account issuer by path."""
        uri = f"https://{self.address}{JWKS_PATH}"
        return {
            "/.well-known/openid-configuration": pki.openid_configuration(self.options.service_account_issuer, uri),
            JWKS_PATH: pki.jwks([self.signing_key.result()]),
        }

    async def _answer(self, request: BaseRequest) -> StreamResponse:
        return await handle(request, self.world.plane)

    def _first_objects(self, port: int) -> list[tuple[Resource, Object]]:
        front_proxy = self.identities.front_proxy_ca.certificate_pem.decode()
        return list(bootstrap.wanted_objects(self.authority_pem, port, self.options, front_proxy_authority=front_proxy))
