"""Builds a whole control plane out of Options: the one place where everything meets.

A lasting shell (certificates, schema, socket) holds a reference to a disposable world (store, caches, queues, clock).
`reset` swaps that reference for a world that begins where the first one stood when it was ready.
"""

from __future__ import annotations

import asyncio
import os
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from aiohttp import web

from fakekube import bootstrap, pki, release
from fakekube.admission import configuration as admission_configuration
from fakekube.admission.chain import Chain
from fakekube.admission.control import DISABLED, ENABLED, Control
from fakekube.admission.plugin import Permission
from fakekube.admission.plugin import Wiring as AdmissionWiring
from fakekube.apis import catalog, schema
from fakekube.apis.apiextensions.customresourcedefinitions import RESOURCE as DEFINITIONS
from fakekube.apis.certificates.certificatesigningrequests import RESOURCE as CSRS
from fakekube.apis.core import secrets, serviceaccounts
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.resource import Resource
from fakekube.authn import chain as authn
from fakekube.authn.tokens import TokenIssuer
from fakekube.authz import chain as authz
from fakekube.authz.attributes import Attributes
from fakekube.controllers import csrsigning
from fakekube.controllers import table as controller_table
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.manager import Manager
from fakekube.endpoints import bindings
from fakekube.endpoints import table as endpoint_table
from fakekube.endpoints.endpoint import Endpoint, Services
from fakekube.machinery import status
from fakekube.machinery.objects import Key, Object, UserInfo
from fakekube.node.nodes import Nodes
from fakekube.options import Options
from fakekube.pki import clustersigning
from fakekube.pki.signingkey import JWKS_PATH
from fakekube.registry.changes import Handler
from fakekube.registry.client import Client
from fakekube.registry.codec import Codec
from fakekube.registry.registry import Registry
from fakekube.registry.scope import Scope
from fakekube.runtime.clock import Clock
from fakekube.sandbox.images import Files, Images
from fakekube.sandbox.runtime import SandboxRuntime
from fakekube.scheduler import scheduling
from fakekube.server import auditing
from fakekube.server.audit.logfile import Rotation
from fakekube.server.handler import handle
from fakekube.server.plane import ControlPlane
from fakekube.server.protocol import Server
from fakekube.server.tls import Context
from fakekube.storage.cache import Cache, Snapshot
from fakekube.storage.memory import Memory

SYSTEM = UserInfo("system:apiserver", groups=("system:masters",))
"""As whom the API server itself writes."""
CONTROLLER_PREFIX = "system:serviceaccount:kube-system:"
SIGNER = f"{CONTROLLER_PREFIX}{csrsigning.NAME}"
SCHEDULER = UserInfo("system:kube-scheduler", groups=("system:authenticated",))


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
        self.client = self.registry.client(SYSTEM, "kube-apiserver")
        self.runtime = SandboxRuntime(self.clock, self.client, shell.reachable)
        authorizer = authz.build(options, self.client, self.registry)
        self.admission_control = self._admission_control(options, authorizer, codec)
        self._admission_spec = admission_spec(options)
        self.admission_control.use(self._admission_spec)
        authenticator = authn.build(options, shell.identities, shell.signing_key, self.client)
        tokens = TokenIssuer(shell.signing_key, options.service_account_issuer)
        version = release.version(options.kubernetes_version)
        self.nodes = Nodes(
            options.nodes,
            self.registry,
            lambda user: self.registry.client(user, "kubelet"),
            self.client,
            self.clock,
            self.runtime,
            Images(shell.image_files, self.client),
            version["gitVersion"],
            partial(self._pod_token, tokens, authenticator.api_audiences),
        )
        services = Services(
            self.registry, authenticator, authorizer, tokens, options.service_cluster_ip_range, self.nodes,
            self.admission_control,
        )  # fmt: skip
        endpoints = dict(endpoint_table.ENDPOINTS)
        self.plane = ControlPlane(
            self.registry,
            services,
            endpoints,
            version,
            shell.address,
            shell.openid,
            auditor=shell.auditor,
            most_under_way={
                "reading": options.max_requests_inflight,
                "writing": options.max_mutating_requests_inflight,
            },
        )
        self.registry.subscribe(DEFINITIONS, follower(self.registry, endpoints))
        names = controller_table.enabled(options.controllers)
        scheduler = [self._scheduler()] if controller_table.SCHEDULER in names else []
        self.controllers = Manager(
            (*controller_table.controllers(self._wiring(shell, options, authorizer), names), *scheduler),
            self.registry,
            self._controller_client,
            self.clock,
        )

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

    def _wiring(self, shell: Cluster, options: Options, authorizer: authz.Chain) -> controller_table.Wiring:
        kinds = self.registry.catalog
        return controller_table.Wiring(
            root_ca=shell.authority_pem,
            issue=lambda account, secret: shell.tokens.of_secret(account, secret["metadata"]["name"]),
            signing=clustersigning.build(options, shell.identities.ca),
            kinds=lambda: [resource for resource in kinds.resources if resource.stored],
            lookup=kinds.lookup,
            may=lambda user, subresource: authorizer.permits(
                Attributes(user, "create", group=CSRS.group, resource=CSRS.plural, subresource=subresource)
            ),
        )

    def _scheduler(self) -> Controller:
        """kube-scheduler runs on the controllers' machinery, under its own name."""
        scheduler = scheduling.Scheduler(self._bind)
        watches = tuple(Watch(*waking) for waking in scheduler.wakings)
        name, listen = scheduling.NAME, scheduler.listen
        return Controller(name, watches, scheduler.reconcile, manager="kube-scheduler", listen=listen)

    async def _bind(self, pod: Key, node: str) -> None:
        scope = Scope(
            PODS,
            PODS.storage_version,
            SCHEDULER,
            namespace=pod.namespace,
            name=pod.name,
            subresource="binding",
            manager="kube-scheduler",
        )
        await bindings.bind(scope, {"metadata": {"name": pod.name}, "target": {"name": node}}, self.registry)

    def _controller_client(self, controller: Controller) -> Client:
        if controller.name == scheduling.NAME:
            return self.registry.client(SCHEDULER, controller.manager, controller.name)
        name = f"{CONTROLLER_PREFIX}{controller.name}"
        groups = ("system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated")
        return self.registry.client(
            UserInfo(name, groups=groups), controller.manager, controller.component or controller.name
        )

    async def begin(self, objects: list[tuple[Resource, Object]]) -> None:
        """Fill an empty store with what every cluster has, and set the controllers going."""
        await self.cache.start()
        for resource, obj in objects:
            await bootstrap.ensure(self.client, resource, obj)
        await self._set_going()

    async def _set_going(self) -> None:
        await self.admission_control.begin(self.registry, SYSTEM, self._admission_spec)
        self.controllers.start()
        await self.nodes.start()

    async def idle(self) -> None:
        """Wait until neither controllers nor nodes have anything to do now."""
        while self.controllers.busy or self.nodes.busy:
            await self.controllers.idle()
            await self.nodes.idle()

    async def resume(self, snapshot: Snapshot) -> None:
        """Begin where the snapshot was taken."""
        await self.cache.adopt(snapshot)
        await self._set_going()

    def _pod_token(
        self, tokens: TokenIssuer, default: Sequence[str], pod: Object, audiences: Sequence[str], seconds: int
    ) -> str:
        """A token for a pod's volume. Raises NotFound (404)."""
        name = pod["spec"].get("serviceAccountName", "default")
        account = self.client.get(serviceaccounts.RESOURCE, Key(pod["metadata"]["namespace"], name))
        if account is None:
            raise status.not_found("", serviceaccounts.RESOURCE.plural, name)
        bound_to = {**pod, "kind": "Pod"}
        return tokens.bound(account, audiences or default, seconds, self.clock.now(), bound_to).token

    async def token_of(self, namespace: str, name: str) -> str:
        """The token of a service account's first secret, once its controllers have made both."""
        while True:
            await self.controllers.idle()
            account = self.client.get(serviceaccounts.RESOURCE, Key(namespace, name)) or {}
            for reference in account.get("secrets", ()):
                secret = self.client.get(secrets.RESOURCE, Key(namespace, reference["name"])) or {}
                if token := secret.get("data", {}).get("token"):
                    return b64decode(token).decode()
            await asyncio.sleep(0.01)

    async def close(self) -> None:
        """Stop everything that runs."""
        await self.nodes.stop()
        await self.runtime.close()
        await self.controllers.stop()
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
        self.world: World
        self._genesis: tuple[Memory, Snapshot] | None = None
        self._server: Server | None = None
        self._socket: asyncio.Server | None = None

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
        """Listen, fill the store, and be ready when this returns. Raises OSError if the port cannot be had."""
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

    async def stop(self) -> None:
        """Stop listening and end everything that runs."""
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

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        return await handle(request, self.world.plane)

    def _first_objects(self, port: int) -> list[tuple[Resource, Object]]:
        front_proxy = self.identities.front_proxy_ca.certificate_pem.decode()
        return list(bootstrap.wanted_objects(self.authority_pem, port, self.options, front_proxy_authority=front_proxy))
